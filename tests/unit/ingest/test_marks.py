"""Marks found by bits, against a list of all marks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.ingest.marks import NOWHERE, all_set, nth_set

SURELY_LOOKED_AT = 480  # places behind a start


def marks_of(n_places, share, seed):
    return np.random.default_rng(seed).random(n_places) < share


@given(
    n_places=st.integers(0, 3000),
    share=st.sampled_from([0.0, 0.005, 0.02, 0.1, 0.5, 1.0]),
    seed=st.integers(0, 1000),
)
def test_all_marks_are_found(n_places, share, seed):
    marks = marks_of(n_places, share, seed)
    assert all_set(marks).tolist() == np.flatnonzero(marks).tolist()


@given(
    n_places=st.integers(0, 3000),
    share=st.sampled_from([0.0, 0.005, 0.02, 0.1, 0.5, 1.0]),
    n=st.integers(1, 100),
    seed=st.integers(0, 1000),
)
def test_the_nth_mark_is_found_or_lies_far(n_places, share, n, seed):
    marks = marks_of(n_places, share, seed)
    starts = np.random.default_rng(seed).integers(0, n_places, 60, endpoint=True)
    all_marks = np.flatnonzero(marks)
    for start, place in zip(starts.tolist(), nth_set(marks, starts, n).tolist(), strict=True):
        behind = all_marks[all_marks >= start]
        expected = int(behind[n - 1]) if behind.size >= n else NOWHERE
        assert place == expected or (place == NOWHERE and expected - start > SURELY_LOOKED_AT)


@pytest.mark.parametrize("before", range(130))
def test_a_mark_in_any_bit_of_any_word(before):
    marks = np.zeros(300, np.bool_)
    marks[[before, before + 100]] = True
    assert all_set(marks).tolist() == [before, before + 100]
    assert nth_set(marks, np.array([0, before]), 2).tolist() == [before + 100] * 2
