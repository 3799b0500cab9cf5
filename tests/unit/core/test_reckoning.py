"""Turns between two fixes, held against ways sailed on the sphere by another library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from vesseltrack.core.reckoning import Steps, reckoned_turns

SPHERE = Geod(a=6_371_008.8, b=6_371_008.8)
MISS, LOG = 0.05, 0.15
courses = st.floats(0, 360)


def sailed(lat, lon, course, turn, first_m, second_m, **changes):
    """Return the step of a vessel that sails on, turns, and sails on; and where it turned."""
    by_lon, by_lat, back = SPHERE.fwd(lon, lat, course, first_m)
    after = back + 180.0 + turn
    end_lon, end_lat, arrived = SPHERE.fwd(by_lon, by_lat, after, second_m)
    step = {
        "start_lat": lat,
        "start_lon": lon,
        "end_lat": end_lat,
        "end_lon": end_lon,
        "start_cog_deg": course % 360,
        "end_cog_deg": (arrived + 180.0) % 360,
        "logged_m": first_m + second_m,
        **changes,
    }
    return Steps(**{name: np.array([value]) for name, value in step.items()}), (by_lat, by_lon)


@given(
    st.floats(-65, 65),
    st.floats(-180, 180),
    courses,
    st.floats(30, 180),
    st.floats(2_000, 30_000),
    st.floats(2_000, 30_000),
)
def test_a_turn_is_found_where_it_was_and_the_way_is_that_sailed(lat, lon, course, turn, x_m, y_m):
    steps, (by_lat, by_lon) = sailed(lat, lon, course, turn, x_m, y_m)
    turns = reckoned_turns(steps, MISS, LOG)
    assert turns.way_m[0] == pytest.approx(x_m + y_m, rel=0.03)
    off_m = SPHERE.inv(by_lon, by_lat, turns.lon[0], turns.lat[0])[2]
    assert off_m <= 0.05 * (x_m + y_m)


def test_out_and_back_is_as_far_as_the_log_says():
    steps, _ = sailed(57.0, 20.0, 90.0, 180.0, 15_000, 12_000)
    assert reckoned_turns(steps, MISS, LOG).way_m[0] == pytest.approx(27_000, rel=0.01)


def test_courses_that_cross_tell_the_way_though_the_log_is_off():
    steps, _ = sailed(57.0, 20.0, 90.0, 90.0, 15_000, 12_000, logged_m=32_000.0)
    assert reckoned_turns(steps, MISS, LOG).way_m[0] == pytest.approx(27_000, rel=0.05)


@pytest.mark.parametrize(
    "changes",
    [
        {"logged_m": 60_000.0},  # far more than any turn there explains: a stop, or a call
        {"logged_m": 12_000.0},
        {"logged_m": 0.0},
        {"logged_m": np.nan},
        {"start_cog_deg": np.nan},
        {"end_cog_deg": np.nan},
        {"start_cog_deg": 270.0},  # away from where it came to
    ],
)
def test_what_fits_no_turn_gives_none(changes):
    steps, _ = sailed(57.0, 20.0, 90.0, 60.0, 15_000, 12_000, **changes)
    turns = reckoned_turns(steps, MISS, LOG)
    assert np.isnan([turns.lat[0], turns.lon[0], turns.way_m[0]]).all()


@given(courses, st.floats(2_000, 40_000))
def test_a_straight_way_is_no_longer(course, way_m):
    steps, _ = sailed(40.0, 179.9, course, 0.0, way_m / 2, way_m / 2)
    turns = reckoned_turns(steps, MISS, LOG)
    assert np.isnan(turns.way_m[0]) or turns.way_m[0] == pytest.approx(way_m, rel=0.002)


def test_none_at_all():
    none = np.zeros(0)
    assert reckoned_turns(Steps(*[none] * 7), MISS, LOG).way_m.size == 0
