"""What is told on of static reports gives the changes that all of them would give."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.ingest.tabular.changes import StaticChanges

S = 1_000_000
reports = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(1, 3)), min_size=1, max_size=40
)


def changes(rows):
    """Reports that differ from the one before of the same vessel, and the next that says the same.

    In time order; reports of one instant are taken in the order of what they say, equal ones once.
    """
    found, last, times = [], {}, {}
    for mmsi, second, content in sorted(set(rows)):
        times[mmsi] = times.get(mmsi, 0) + 1 if last.get(mmsi) == content else 1
        last[mmsi] = content
        if times[mmsi] <= 2:
            found.append((mmsi, second, content))
    return found


def told(rows, cuts, max_disorder_s=5.0):
    selector = StaticChanges(max_disorder_s=max_disorder_s, max_vessels=1000)
    found = []
    for start, stop in itertools.pairwise([0, *sorted(cuts), len(rows)]):
        block = rows[start:stop]
        mmsi, second, content = np.array(block, np.int64).reshape(-1, 3).T
        selected = selector.select(mmsi, second * S, content)
        found += [row for row, is_told in zip(block, selected.tolist(), strict=True) if is_told]
    return found


@given(reports)
def test_rows_of_one_block_in_any_order_give_every_change(rows):
    assert changes(told(rows, [])) == changes(rows)


@given(st.data(), reports)
def test_rows_in_time_order_give_every_change_wherever_they_are_cut(data, rows):
    # One report an instant and vessel: what ties across a cut is not known before.
    of_instant = {(mmsi, second): (mmsi, second, content) for mmsi, second, content in rows}
    rows = sorted(of_instant.values(), key=lambda row: row[1])
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=5))
    assert changes(told(rows, cuts)) == changes(rows)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40)), max_size=40),
    st.integers(0, 41),
    st.lists(st.integers(0, 40), max_size=5),
    st.floats(0.5, 50),
)
def test_a_change_is_found_in_rows_of_any_order_wherever_they_are_cut(
    places, changed_at, cuts, max_disorder_s
):
    rows = [(mmsi, second, 1 if second < changed_at else 2) for mmsi, second in places]
    cuts = [min(cut, len(rows)) for cut in cuts]
    assert changes(told(rows, cuts, max_disorder_s)) == changes(rows)


def test_a_vessel_that_says_several_things_out_of_order_has_every_report_told_on():
    rows = [(1, 0, 7), (1, 200, 8), (1, 100, 7), (1, 300, 8), (1, 301, 8), (1, 302, 8)]
    assert told(rows, range(1, 6)) == rows


def test_a_vessel_that_says_one_thing_out_of_order_is_told_on_at_the_earliest_two_times():
    rows = [(1, 200, 7), (1, 100, 7), (1, 300, 7), (1, 150, 7), (1, 50, 7), (1, 120, 7)]
    assert told(rows, range(1, 6)) == [rows[0], rows[1], rows[3], rows[4]]


def test_reports_that_do_not_change_are_told_twice():
    rows = [(mmsi, second, 7) for second in range(100) for mmsi in (1, 2)]
    assert told(rows, [50, 51, 120]) == rows[:4]
    assert told(rows, range(1, 200)) == rows[:4]


def test_a_report_that_comes_twice_at_one_time_does_not_confirm_itself():
    rows = [(1, 0, 7), (1, 0, 7), (1, 9, 7), (1, 9, 7), (1, 12, 7)]
    assert set(told(rows, [])) == set(told(rows, [1, 3])) == {(1, 0, 7), (1, 9, 7)}


def test_a_late_report_that_denies_the_latest_lets_the_next_count():
    rows = [(1, 10, 7), (1, 20, 7), (1, 25, 7), (1, 15, 8), (1, 30, 7)]
    assert told(rows, [3, 4], max_disorder_s=60) == [rows[0], rows[1], rows[3], rows[4]]
    same = [(1, 10, 7), (1, 20, 7), (1, 15, 7), (1, 30, 7)]
    assert changes(told(same, [2, 3], max_disorder_s=60)) == [(1, 10, 7), (1, 15, 7)]


def test_beyond_the_limit_all_vessels_are_forgotten():
    selector = StaticChanges(max_disorder_s=60, max_vessels=1)
    one = np.array([1, 2], np.int64), np.array([1, 1], np.int64), np.array([7, 7], np.int64)
    assert selector.select(*one).tolist() == [True, True]
    assert selector.select(*one).tolist() == [True, True]
