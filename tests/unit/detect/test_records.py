import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.records import Merge, is_change, joined, merged, n_rows, row_at, take

HOW = {
    "first": Merge.FIRST,
    "last": Merge.LAST,
    "sum": Merge.SUM,
    "low": Merge.MIN,
    "high": Merge.MAX,
}


def records(values):
    column = np.array(values, dtype=np.int64)
    return {name: column.copy() for name in HOW}


def test_each_column_is_merged_in_its_own_way():
    found = merged(records([3, 1, 2, 7, 5]), np.array([0, 3]), HOW)
    assert {name: column.tolist() for name, column in found.items()} == {
        "first": [3, 7],
        "last": [2, 5],
        "sum": [6, 12],
        "low": [1, 5],
        "high": [3, 7],
    }


def test_no_rows_merge_to_no_records():
    found = merged(records([]), np.zeros(0, dtype=np.int64), HOW)
    assert all(column.size == 0 for column in found.values())


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2), st.data())
def test_merging_in_two_steps_is_merging_in_one(values, data):
    cut = data.draw(st.integers(1, len(values) - 1))
    start = np.array([0])
    parts = [merged(records(part), start, HOW) for part in (values[:cut], values[cut:])]
    twice = merged(joined(*parts), start, HOW)
    once = merged(records(values), start, HOW)
    assert {n: c.tolist() for n, c in twice.items()} == {n: c.tolist() for n, c in once.items()}


def test_rows_without_columns_are_no_rows():
    rows = {"a": np.array([1, 2])}
    assert n_rows({}) == 0
    assert joined({}, rows)["a"].tolist() == joined(rows, {})["a"].tolist() == [1, 2]
    assert joined({}, {}) == {}


def test_taking_rows():
    rows = {"a": np.array([1, 2, 3]), "b": np.array([0.5, 1.5, 2.5])}
    assert take(rows, np.array([2, 0]))["b"].tolist() == [2.5, 0.5]
    assert row_at(rows, 1) == {"a": 2, "b": 1.5}
    assert type(row_at(rows, 1)["a"]) is int


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(([],), []), (([1, 1, 2],), [True, False, True]), (([1, 1], [5, 6]), [True, True])],
)
def test_a_change_in_any_key_is_one(keys, expected):
    assert is_change(*(np.array(key, dtype=np.int64) for key in keys)).tolist() == expected
