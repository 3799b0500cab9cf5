import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.ordering import content_order, nth_of_tie

rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), max_size=40)


@given(rows=rows)
def test_rows_are_sorted_by_keys_and_then_by_content(rows):
    a, b, c = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    order = content_order((a, b), (c,))

    assert [rows[i] for i in order] == sorted(rows)


@given(rows=rows)
def test_places_among_ties_count_from_zero(rows):
    rows = sorted(rows)
    a, b = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(2))
    expected = [sum(earlier[:2] == row[:2] for earlier in rows[:i]) for i, row in enumerate(rows)]

    assert nth_of_tie((a, b)).tolist() == expected


def test_unknown_numbers_come_last():
    content = np.array([np.nan, 2.0, 1.0])

    assert content_order((np.zeros(3),), (content,)).tolist() == [2, 1, 0]
