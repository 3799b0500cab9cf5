from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.slack import close_tracks, slack


def plane_track(*corners):
    """Way sailed and straight way left of a track in the plane, a point a mile."""
    points = [np.array(corners[0], dtype=float)[None]]
    for a, b in pairwise(corners):
        n = round(float(np.hypot(*np.subtract(b, a))))
        points.append(np.array(a) + np.arange(1, n + 1)[:, None] / n * np.subtract(b, a))
    xy = np.concatenate(points)
    travelled = np.append(0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    return travelled, np.hypot(*(xy - xy[-1]).T)


def test_slack_of_the_straight_way_is_zero():
    travelled, remaining = plane_track((0, 0), (300, 400))
    assert slack(travelled, remaining, np.array([0, travelled.size])) == pytest.approx(0, abs=1e-9)


def test_slack_of_a_dog_leg_is_its_extra_miles_where_they_were_sailed():
    # Straight on, then over two sides of the square, then straight on again.
    travelled, remaining = plane_track(
        (0, 0), (100, 0), (100, 100), (200, 100), (200, 0), (300, 0)
    )
    extra = slack(travelled, remaining, np.array([0, travelled.size]))
    assert extra[-1] == pytest.approx(travelled[-1] - 300)
    assert extra[:101] == pytest.approx(0, abs=1e-9)
    assert np.all(np.diff(extra) >= -1e-9)
    assert extra[-100:] == pytest.approx(extra[-1])


def test_each_track_is_measured_from_its_own_start():
    one, other = plane_track((0, 0), (30, 40)), plane_track((0, 0), (30, 0), (30, 40))
    travelled, remaining = (np.concatenate(column) for column in zip(one, other, strict=True))
    offsets = np.array([0, one[0].size, one[0].size + other[0].size])
    extra = slack(travelled + 7, remaining, offsets)
    assert extra[offsets[1:] - 1] == pytest.approx([0, 20], abs=1e-9)
    assert extra[offsets[:-1]] == pytest.approx(0)


def test_unknown_distances_stay_unknown():
    offsets = np.array([0, 3])
    extra = slack(np.array([0.0, 1, 2]), np.array([2.0, np.nan, 0]), offsets)
    assert np.isnan(extra).tolist() == [False, True, False]
    assert slack(np.zeros(0), np.zeros(0), np.array([0])).size == 0
    assert close_tracks(np.zeros(0), np.zeros(0), np.array([0])).size == 0


tracks = st.lists(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0, 500)), min_size=1, max_size=12),
    min_size=1,
    max_size=4,
)


@given(tracks)
def test_closure_is_the_least_over_the_track_itself(rows):
    travelled = np.concatenate([np.cumsum([step for step, _ in track]) for track in rows])
    remaining = np.array([left for track in rows for _, left in track])
    offsets = np.cumsum([0, *map(len, rows)])
    closed = close_tracks(travelled, remaining, offsets)
    for start, stop in pairwise(offsets):
        s, d = travelled[start:stop], remaining[start:stop]
        brute = (np.abs(s[:, None] - s) + d).min(axis=1)
        assert closed[start:stop] == pytest.approx(brute, abs=1e-6)
        alone = close_tracks(s, d, np.array([0, stop - start]))
        assert np.array_equal(alone, closed[start:stop])
    assert np.all(closed <= remaining)


@given(tracks)
def test_closed_slack_never_decreases(rows):
    travelled = np.concatenate([np.cumsum([step for step, _ in track]) for track in rows])
    remaining = np.array([left for track in rows for _, left in track])
    offsets = np.cumsum([0, *map(len, rows)])
    extra = slack(travelled, close_tracks(travelled, remaining, offsets), offsets)
    for start, stop in pairwise(offsets):
        assert np.all(np.diff(extra[start:stop]) >= -1e-6)
