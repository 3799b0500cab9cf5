"""Rows of many keys against a dictionary of lists."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.several import Several

ROWS = st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 99), max_size=4), max_size=6)


def columns(by_key):
    pairs = [(key, value) for key in sorted(by_key) for value in by_key[key]]
    return {
        "key": np.array([key for key, _ in pairs], dtype=np.int64),
        "value": np.array([value for _, value in pairs], dtype=np.int64),
    }


def lists(rows):
    found = {}
    for key, value in zip(rows["key"].tolist(), rows["value"].tolist(), strict=True):
        found.setdefault(key, []).append(value)
    return found


@given(st.lists(ROWS, min_size=1, max_size=6), st.integers(0, 99))
def test_what_is_put_is_found_and_nothing_else_changes(steps, least):
    held, expected = Several(), {}
    for step in steps:
        keys = np.array(sorted(step), dtype=np.int64)
        held.put(keys, columns(step))
        expected = {**expected, **step}
        asked = held.of(keys)
        assert lists(asked) == {key: rows for key, rows in step.items() if rows}
        assert held.rows["key"].tolist() == sorted(held.rows["key"].tolist())
    held.keep(held.shared["value"] >= least)
    kept = {key: [one for one in rows if one >= least] for key, rows in expected.items()}
    assert lists(held.rows) == {key: rows for key, rows in kept.items() if rows}


def test_what_was_given_out_changes_no_more():
    held = Several()
    held.rows = columns({1: [1], 2: [2, 3]})
    before = held.rows
    held.put(np.array([2]), columns({2: [8, 9]}))
    assert lists(before) == {1: [1], 2: [2, 3]}
    assert lists(held.rows) == {1: [1], 2: [8, 9]}


def test_nothing_is_held_at_first():
    assert Several().of(np.array([1])) == {}
    assert Several().rows == {}
