import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.shape import centre_and_spread, halfway, metres_from, point_at, turns
from vesseltrack.units import EARTH_RADIUS_M

SPHERE = Geodesic(EARTH_RADIUS_M, 0.0)


def stay(east, north):
    """Centre, spread and turns of a path, as a detector sums them from its first point."""
    east, north = (np.rint(np.asarray(way) - way[0]).astype(np.int64) for way in (east, north))
    swept = east[:-1] * north[1:] - east[1:] * north[:-1]
    n = np.array([east.size])
    sums = (way.sum(keepdims=True) for way in (east, north, east**2 + north**2))
    centre_east, centre_north, spread_m = centre_and_spread(n, *sums)
    return (
        centre_east[0],
        centre_north[0],
        spread_m[0],
        turns(swept.sum(keepdims=True), spread_m)[0],
    )


@pytest.mark.parametrize("rounds", [1, 2, 7])
def test_rounds_of_a_circle(rounds):
    angle = np.linspace(0, 2 * np.pi * rounds, 200 * rounds + 1)
    east, north, spread_m, turned = stay(5000 * np.cos(angle), 5000 * np.sin(angle))
    assert (east, north) == pytest.approx((-5000, 0), abs=30)
    assert spread_m == pytest.approx(5000, rel=0.01)
    assert turned == pytest.approx(rounds, rel=0.01)


def test_a_straight_drift_turns_nowhere():
    way = np.linspace(0, 10_000, 50)
    _, _, spread_m, turned = stay(way, 2 * way)
    # The spread of points evenly along a line is its length over the root of 12.
    assert spread_m == pytest.approx(10_000 * np.sqrt(5) / np.sqrt(12), rel=0.05)
    assert turned == pytest.approx(0, abs=1e-3)


def test_position_noise_on_one_spot_is_neither_spread_nor_turns():
    rng = np.random.default_rng(1)
    _, _, spread_m, turned = stay(rng.normal(0, 10, 500), rng.normal(0, 10, 500))
    assert spread_m < 20
    assert turned < 12
    assert stay(np.zeros(9), np.zeros(9))[2:] == (0.0, 0.0)


@given(
    lat=st.floats(-70, 70),
    lon=st.floats(-180, 179.9),
    azimuth=st.floats(0, 360),
    distance_m=st.floats(0, 50_000),
)
def test_offsets_agree_with_the_sphere(lat, lon, azimuth, distance_m):
    there = SPHERE.Direct(lat, lon, azimuth, distance_m)
    east, north = metres_from(
        *(np.array([way]) for way in (lat, lon, there["lat2"], there["lon2"]))
    )
    assert np.hypot(east, north)[0] == pytest.approx(distance_m, rel=0.02, abs=1)


@given(
    lat=st.floats(-80, 80),
    lon=st.floats(-180, 179.99),
    east=st.integers(-5000, 5000),
    north=st.integers(-5000, 5000),
)
def test_a_point_at_an_offset_has_that_offset(lat, lon, east, north):
    lat0, lon0 = np.array([lat]), np.array([lon])
    point = point_at(lat0, lon0, np.array([float(east)]), np.array([float(north)]))
    assert -180 <= point[1][0] < 180
    assert [way[0] for way in metres_from(lat0, lon0, *point)] == [east, north]


def test_half_way_across_the_date_line():
    lat, lon = halfway(10.0, 179.99, 10.02, -179.99)
    assert lat == pytest.approx(10.01, abs=1e-5)
    assert abs(lon) == pytest.approx(180.0, abs=1e-5)


def test_a_stay_that_leaves_its_place_by_far_is_held_at_a_limit():
    zero = np.zeros(1)
    east, north = metres_from(zero, zero, np.array([-60.0]), np.array([90.0]))
    assert (east[0], north[0]) == (1_000_000, -1_000_000)
