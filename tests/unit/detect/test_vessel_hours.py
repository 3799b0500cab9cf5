"""Vessel-hours, runs and silences held against counting them one by one, however they are cut."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.records import joined
from vesseltrack.detect.vessel_hours import CurrentHour, Standing

SILENT_H = 3
FIXES = ("key", "hour", "cell")
TOLD = ("hour", "cell", "key", "run_h")

# By vessel: hours passed since the fix before, and the cell of each fix.
fleet = st.dictionaries(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 3)), min_size=1, max_size=12),
    min_size=1,
)


def heard_hours(steps):
    """Return hour and cell of each fix of a vessel."""
    hour = 0
    for passed_h, cell in steps:
        hour += passed_h
        yield hour, cell


def counted(ships, frontier_hour):
    """Return vessel-hours, silences and returns before a frontier, as sorted rows of TOLD."""
    heard, begun, returned = set(), [], []
    for key, steps in ships.items():
        fixes = [fix for fix in heard_hours(steps) if fix[0] < frontier_hour]
        hours = sorted({hour for hour, _ in fixes})
        run_h = {}
        for hour in hours:
            run_h[hour] = run_h.get(hour - 1, 0) + 1
        heard |= {(hour, cell, key, run_h[hour]) for hour, cell in fixes}
        last_cell = dict(fixes)
        for hour, back in zip(hours, [*hours, None][1:], strict=True):
            if (frontier_hour if back is None else back) - hour > SILENT_H:
                begun.append((hour, last_cell[hour], key, run_h[hour]))
                if back is not None:
                    returned.append((back, last_cell[hour], key, run_h[hour]))
    return sorted(heard), sorted(begun), sorted(returned)


def rows_of(columns):
    return sorted(zip(*(columns[name].tolist() for name in TOLD), strict=True))


@given(fleet, st.lists(st.integers(0, 60), max_size=6))
def test_they_are_those_counted_one_by_one_however_the_fixes_are_cut(ships, cuts):
    rows = sorted(
        (hour, key, n, cell)
        for key, steps in ships.items()
        for n, (hour, cell) in enumerate(heard_hours(steps))
    )
    frontiers = [*sorted(cuts), 100]
    current, standing = CurrentHour(), Standing(SILENT_H)
    told = [{}, {}, {}]
    since = -1
    for frontier in frontiers:
        # All fixes up to the frontier's hour: those in it are not over.
        new = sorted(
            (key, hour, n, cell) for hour, key, n, cell in rows if since < hour <= frontier
        )
        since = frontier
        table = np.array([(key, hour, cell) for key, hour, _, cell in new], dtype=np.int64)
        fixes = {name: table.reshape(-1, 3)[:, place] for place, name in enumerate(FIXES)}
        pushed = standing.push(current.push(fixes, frontier), frontier)
        told = [joined(before, now) for before, now in zip(told, pushed, strict=True)]
        assert tuple(map(rows_of, told)) == counted(ships, frontier)
    n_hours = max(sum(step[0] for step in steps) for steps in ships.values())
    assert standing.rows["hour"].max() == n_hours
