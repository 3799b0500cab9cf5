from itertools import groupby, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core import runs


@given(st.lists(st.integers(0, 5), max_size=40))
def test_blocks_of_sorted_keys_are_those_of_groupby(values):
    keys = np.array(sorted(values), dtype=np.int64)
    offsets = runs.offsets_of_sorted(keys)
    expected = [len(list(group)) for _, group in groupby(keys.tolist())]
    assert np.diff(offsets).tolist() == expected
    assert (offsets[0], offsets[-1]) == (0, keys.size)


def test_keys_need_only_be_grouped():
    assert runs.offsets_of_sorted(np.array(["b", "b", "a"])).tolist() == [0, 2, 3]


@given(st.lists(st.integers(0, 8), max_size=8))
def test_each_row_knows_its_block(lengths):
    offsets = np.cumsum([0, *lengths])
    expected = [number for number, length in enumerate(lengths) for _ in range(length)]
    assert runs.block_of_row(offsets).tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=12))
def test_ranges_are_pythons_own(pairs):
    start = np.array([first for first, _ in pairs], dtype=np.int64)
    stop = np.array([first + length for first, length in pairs], dtype=np.int64)
    expected = [row for first, length in pairs for row in range(first, first + length)]
    found = runs.ranges(start, stop)
    assert found.tolist() == expected
    assert found.dtype == np.int64


@given(
    st.lists(st.lists(st.integers(-5, 5), max_size=9).map(sorted), max_size=6), st.integers(-6, 6)
)
def test_first_not_below_is_what_a_search_of_each_range_finds(blocks, limit):
    values = np.array([value for block in blocks for value in block], dtype=np.int64)
    offsets = np.cumsum([0, *map(len, blocks)])
    wanted = [
        start + np.searchsorted(values[start:stop], limit) for start, stop in pairwise(offsets)
    ]
    np.testing.assert_array_equal(
        runs.first_not_below(values, offsets[:-1], offsets[1:], limit), wanted
    )
