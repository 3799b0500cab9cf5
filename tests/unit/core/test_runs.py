from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core import runs

masks = st.lists(st.booleans(), max_size=30)


@st.composite
def blocked_masks(draw):
    """A mask cut into blocks, some of which may be empty."""
    blocks = draw(st.lists(st.lists(st.booleans(), max_size=8), max_size=8))
    mask = np.array([value for block in blocks for value in block], dtype=np.bool_)
    return blocks, mask, np.cumsum([0, *map(len, blocks)])


@given(st.lists(st.integers(0, 5), max_size=40))
def test_blocks_of_sorted_keys_are_those_of_groupby(values):
    keys = np.array(sorted(values), dtype=np.int64)
    offsets = runs.offsets_of_sorted(keys)
    expected = [len(list(group)) for _, group in groupby(keys.tolist())]
    assert np.diff(offsets).tolist() == expected
    assert (offsets[0], offsets[-1]) == (0, keys.size)


def test_keys_need_only_be_grouped():
    assert runs.offsets_of_sorted(np.array(["b", "b", "a"])).tolist() == [0, 2, 3]


@given(blocked_masks())
def test_runs_of_true_stay_in_their_block(case):
    blocks, mask, offsets = case
    expected = []
    for first, block in zip(offsets, blocks, strict=False):
        at = int(first)
        for value, group in groupby(block):
            length = len(list(group))
            if value:
                expected.append((at, at + length))
            at += length
    start, stop = runs.true_runs(mask, offsets)
    assert list(zip(start.tolist(), stop.tolist(), strict=True)) == expected
    assert start.dtype == stop.dtype == np.int64


@given(blocked_masks())
def test_each_row_knows_its_block(case):
    blocks, _, offsets = case
    expected = [number for number, block in enumerate(blocks) for _ in block]
    assert runs.block_of_row(offsets).tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=12))
def test_ranges_are_pythons_own(pairs):
    start = np.array([first for first, _ in pairs], dtype=np.int64)
    stop = np.array([first + length for first, length in pairs], dtype=np.int64)
    expected = [row for first, length in pairs for row in range(first, first + length)]
    found = runs.ranges(start, stop)
    assert found.tolist() == expected
    assert found.dtype == np.int64
