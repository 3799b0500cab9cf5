import numpy as np
import pyproj
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vesseltrack.core import geodesy
from vesseltrack.units import EARTH_RADIUS_M

SPHERE = pyproj.Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)
HALF_ROUND_M = np.pi * EARTH_RADIUS_M

lats = st.floats(-90, 90)
lons = st.floats(-720, 720)
lats_off_poles = st.floats(-89.9, 89.9)


@settings(deadline=None)
@given(lats, lons, lats, lons)
def test_distances_are_those_of_proj_on_the_sphere(lat1, lon1, lat2, lon2):
    _, _, expected_m = SPHERE.inv(lon1, lat1, lon2, lat2)
    found_m = geodesy.great_circle_m(lat1, lon1, lat2, lon2)
    # The haversine of near antipodes keeps half its digits: 0.3 m of 20,000 km.
    assert found_m == pytest.approx(expected_m, rel=1e-9, abs=0.3 if expected_m > 1.9e7 else 1e-6)


@settings(deadline=None)
@given(lats_off_poles, st.floats(-180, 180), lats_off_poles, st.floats(-180, 180))
def test_distances_are_within_0_6_percent_of_the_ellipsoid(lat1, lon1, lat2, lon2):
    # geographiclib on WGS 84; the bound is the one that the docstring promises.
    expected_m = Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2)["s12"]
    found_m = geodesy.great_circle_m(lat1, lon1, lat2, lon2)
    assert found_m == pytest.approx(expected_m, rel=0.006, abs=1e-6)


@settings(deadline=None)
@given(lats_off_poles, lons, lats_off_poles, lons)
def test_bearings_are_those_of_proj_on_the_sphere(lat1, lon1, lat2, lon2):
    azimuth, _, distance_m = SPHERE.inv(lon1, lat1, lon2, lat2)
    # From a point to itself or to its antipode every way is the shortest.
    assume(1 < distance_m < HALF_ROUND_M - 1)
    found = geodesy.bearing_deg(lat1, lon1, lat2, lon2)
    assert 0 <= found < 360
    # A metre away, the sixteenth digit of a place is a ten-thousandth of a degree of bearing.
    assert geodesy.angle_between_deg(found, azimuth) == pytest.approx(0, abs=1e-3)


@settings(deadline=None)
@given(lons, st.integers(-3, 3))
def test_longitudes_wrap_by_whole_turns(lon, turns):
    wrapped = geodesy.wrap_lon_deg(lon + 360 * turns)
    assert -180 <= wrapped < 180
    assert np.cos(np.radians(wrapped - lon)) == pytest.approx(1)


@settings(deadline=None)
@given(lons, lons)
def test_the_way_east_leads_there_and_is_the_shorter_one(lon1, lon2):
    way = geodesy.lon_difference_deg(lon1, lon2)
    assert -180 <= way < 180
    assert np.cos(np.radians(lon1 + way - lon2)) == pytest.approx(1)


def test_a_trifle_west_of_the_edge_stays_inside():
    # The remainder of a tiny negative angle rounds up to 360 itself.
    assert geodesy.wrap_lon_deg(np.nextafter(-180.0, -181.0)) < 180
    assert geodesy.bearing_deg(0.0, 0.0, 14.0, 180.0) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(350, 10, 20), (10, 350, 20), (0, 180, 180), (90, 90, 0)]
)
def test_the_angle_between_directions_has_no_side(one, other, expected):
    assert geodesy.angle_between_deg(one, other) == expected


@settings(deadline=None)
@given(lats, lons)
def test_unit_vectors_have_length_one_and_lead_back(lat, lon):
    xyz = geodesy.unit_xyz(lat, lon)
    assert np.linalg.norm(xyz) == pytest.approx(1)
    back_lat, back_lon = geodesy.lat_lon_of_xyz(7.0 * xyz)
    assert geodesy.great_circle_m(lat, lon, back_lat, back_lon) == pytest.approx(0, abs=1e-6)


@settings(deadline=None)
@given(lats, lons, lats, lons)
def test_the_chord_of_two_points_spans_their_distance(lat1, lon1, lat2, lon2):
    distance_m = geodesy.great_circle_m(lat1, lon1, lat2, lon2)
    chord = np.linalg.norm(geodesy.unit_xyz(lat1, lon1) - geodesy.unit_xyz(lat2, lon2))
    assert geodesy.chord_of_m(distance_m) == pytest.approx(chord, abs=1e-12)
    assert geodesy.m_of_chord(chord) == pytest.approx(
        distance_m, rel=1e-9, abs=0.3 if distance_m > 1.9e7 else 1e-6
    )


def nearest_by_sampling(point, ends, n_points=4001):
    """The least distance to places along the geodesic that proj draws between the ends."""
    (lat1, lon1), (lat2, lon2) = ends
    azimuth, _, length_m = SPHERE.inv(lon1, lat1, lon2, lat2)
    along_m = np.linspace(0, length_m, n_points)
    ones = np.ones(n_points)
    lon, lat, _ = SPHERE.fwd(lon1 * ones, lat1 * ones, azimuth * ones, along_m)
    _, _, distance_m = SPHERE.inv(point[1] * ones, point[0] * ones, lon, lat)
    return np.min(distance_m), length_m / (n_points - 1)


@settings(deadline=None)
@given(lats, lons, lats, lons, st.floats(0, 360), st.floats(0, 1.9e7))
def test_the_nearest_point_of_an_arc_is_the_nearest_of_its_points(
    lat, lon, lat1, lon1, azimuth, length_m
):
    lon2, lat2, _ = SPHERE.fwd(lon1, lat1, azimuth, length_m)
    expected_m, spacing_m = nearest_by_sampling((lat, lon), ((lat1, lon1), (lat2, lon2)))
    xyz = (geodesy.unit_xyz(*place) for place in ((lat, lon), (lat1, lon1), (lat2, lon2)))
    found_m, along_frac = geodesy.nearest_on_arc_m(*xyz)
    # Of two points at most half a spacing apart the sampled one is the farther, up to rounding.
    assert expected_m - spacing_m / 2 - 0.3 <= found_m <= expected_m + 0.3
    assert 0 <= along_frac <= 1


@settings(deadline=None)
@given(lats_off_poles, lons, st.floats(0, 360), st.floats(1, 1e7), st.floats(0, 1))
def test_a_point_on_an_arc_is_found_where_it_lies(lat1, lon1, azimuth, length_m, frac):
    lon2, lat2, _ = SPHERE.fwd(lon1, lat1, azimuth, length_m)
    lon, lat, _ = SPHERE.fwd(lon1, lat1, azimuth, frac * length_m)
    point, start, end = (
        geodesy.unit_xyz(*place) for place in ((lat, lon), (lat1, lon1), (lat2, lon2))
    )
    distance_m, along_frac = geodesy.nearest_on_arc_m(point, start, end)
    assert distance_m == pytest.approx(0, abs=1e-6)
    found = geodesy.lat_lon_of_xyz(start + along_frac * (end - start))
    assert geodesy.great_circle_m(lat, lon, *found) == pytest.approx(0, abs=1e-6)


def test_an_arc_without_length_is_its_own_start():
    here, there = geodesy.unit_xyz([10.0], [20.0]), geodesy.unit_xyz([10.0], [21.0])
    distance_m, along_frac = geodesy.nearest_on_arc_m(there, here, here)
    assert distance_m == pytest.approx(SPHERE.inv(20.0, 10.0, 21.0, 10.0)[2])
    assert along_frac == 0


def test_arcs_and_points_broadcast():
    points = geodesy.unit_xyz([1.0, 2.0], [0.0, 0.0])[:, None, :]
    start, end = geodesy.unit_xyz([0.0] * 3, [-1.0] * 3), geodesy.unit_xyz([0.0] * 3, [1.0] * 3)
    distance_m, along_frac = geodesy.nearest_on_arc_m(points, start[None], end[None])
    degree_m = HALF_ROUND_M / 180
    np.testing.assert_allclose(distance_m, [[degree_m] * 3, [2 * degree_m] * 3])
    np.testing.assert_allclose(along_frac, 0.5)


def test_unknown_gives_unknown_and_nothing_gives_nothing():
    nan, none = np.array([np.nan]), np.zeros(0)
    for kernel in (geodesy.great_circle_m, geodesy.bearing_deg):
        for place in range(4):
            arguments = [np.array([1.0])] * 4
            arguments[place] = nan
            assert np.isnan(kernel(*arguments)).all()
        assert kernel(none, none, none, none).size == 0
    for kernel in (geodesy.wrap_lon_deg, geodesy.chord_of_m, geodesy.m_of_chord):
        assert np.isnan(kernel(nan)).all()
        assert kernel(none).size == 0
    assert np.isnan(geodesy.lon_difference_deg(nan, 0.0)).all()
    assert np.isnan(geodesy.angle_between_deg(nan, 0.0)).all()
    points = geodesy.unit_xyz([1.0], [2.0])
    for place in range(3):
        arguments = [points] * 3
        arguments[place] = np.full((1, 3), np.nan)
        assert np.isnan(geodesy.nearest_on_arc_m(*arguments)[0]).all()


def test_lengths_are_those_of_numpy_to_the_last_digit():
    vectors = np.random.default_rng(2).normal(size=(1_000, 3))

    np.testing.assert_array_equal(geodesy.lengths(vectors), np.linalg.norm(vectors, axis=1))
    assert geodesy.lengths(np.zeros((0, 3))).size == 0
