import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.geodesy import great_circle_m, unit_xyz
from vesseltrack.core.paths import (
    arcs_cross,
    densify,
    distance_to_path_m,
    max_cross_track_m,
    path_length_m,
    split_at_antimeridian,
)
from vesseltrack.units import EARTH_RADIUS_M

SPHERE = pyproj.Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)
LAT = st.floats(-80, 80)
LON = st.floats(-180, 179.999)


def test_a_line_is_as_long_as_its_arcs():
    lon, lat = [4.0, -30.0, -74.0], [52.0, 50.0, 40.5]
    assert path_length_m(lat, lon) == pytest.approx(SPHERE.line_length(lon, lat), rel=1e-12)
    assert path_length_m([52.0], [4.0]) == 0
    assert path_length_m([], []) == 0


def test_denser_points_lie_on_the_great_circle():
    lat, lon = densify([52.0, 40.5], [4.0, -74.0], 500_000)
    n_inner = lat.size - 2
    expected = SPHERE.npts(4.0, 52.0, -74.0, 40.5, n_inner)
    assert np.allclose(np.stack([lon, lat], 1)[1:-1], expected, atol=1e-9)
    assert great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).max() <= 500_000


def test_a_line_dense_enough_stays_as_it_is():
    lat, lon = densify([50.0, 50.1, 50.1], [359.0, 359.1, 359.1], 1_000_000)
    assert np.array_equal(lat, [50.0, 50.1, 50.1])
    assert np.allclose(lon, [-1.0, -0.9, -0.9])
    assert densify([50.0], [4.0], 1_000)[0].tolist() == [50.0]
    assert densify([], [], 1_000)[0].size == 0


@given(LAT, LON, LAT, LON)
def test_densifying_keeps_the_length(lat1, lon1, lat2, lon2):
    whole_m = path_length_m([lat1, lat2], [lon1, lon2])
    if whole_m < 19_900_000:  # opposite points of the globe have no one way
        dense = densify([lat1, lat2], [lon1, lon2], 300_000)
        assert path_length_m(*dense) == pytest.approx(whole_m, rel=1e-7, abs=0.01)


def test_a_line_across_the_date_line_is_cut_on_it():
    pieces = split_at_antimeridian([35.0, 45.0, 48.0], [140.0, 190.0, 235.0])
    (lat1, lon1), (lat2, lon2) = pieces
    assert lon1.tolist() == [140.0, 180.0]
    assert lon2.tolist() == [-180.0, -170.0, -125.0]
    # The great circle's own latitude on the meridian, from a fine sampling by another library.
    on_way = np.array(SPHERE.npts(140.0, 35.0, -170.0, 45.0, 100_000))
    expected = on_way[np.abs(np.abs(on_way[:, 0]) - 180).argmin(), 1]
    assert lat1[-1] == lat2[0] == pytest.approx(expected, abs=1e-3)


def test_a_line_is_cut_at_every_crossing():
    pieces = split_at_antimeridian([0.0, 1.0, 2.0], [179.0, -179.0, 179.0])
    assert [lon.tolist() for _, lon in pieces] == [
        [179.0, 180.0],
        [-180.0, -179.0, -180.0],
        [180.0, 179.0],
    ]


def test_a_line_that_only_touches_the_date_line_stays_whole():
    assert len(split_at_antimeridian([0.0, 0.0], [170.0, 180.0])) == 1
    assert len(split_at_antimeridian([0.0, 0.0], [-170.0, -180.0])) == 1
    assert split_at_antimeridian([], []) == []


@given(st.lists(st.tuples(st.floats(-60, 60), st.floats(-600, 600)), min_size=2, max_size=8))
def test_pieces_stay_on_one_side_and_keep_the_length(points):
    lat, lon = np.array(points).T
    pieces = split_at_antimeridian(lat, lon)
    for _, piece_lon in pieces:
        assert np.abs(piece_lon).max() <= 180
        assert np.abs(np.diff(piece_lon)).max(initial=0) <= 180
    whole = sum(path_length_m(*piece) for piece in pieces)
    assert whole == pytest.approx(path_length_m(lat, lon), rel=1e-6, abs=0.5)


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=4, max_size=4), LON)
def test_small_arcs_cross_as_lines_do_in_the_plane(points, shift_deg):
    a, b, c, d = points
    first, second = shapely.LineString([a, b]), shapely.LineString([c, d])
    # Near the equator a degree is a degree; touching ends may fall either way.
    meeting = shapely.intersection(first, second)
    ends = shapely.MultiPoint(points)
    if meeting.is_empty:
        if first.distance(second) < 1e-3:
            return
    elif min(p.distance(meeting) for p in ends.geoms) < 1e-2 or meeting.geom_type != "Point":
        return
    xyz = [unit_xyz(lat, lon + shift_deg) for lon, lat in points]
    assert bool(arcs_cross(*xyz)) is not meeting.is_empty


def test_arcs_on_the_far_side_of_the_globe_do_not_cross():
    a, b = unit_xyz(0, -10), unit_xyz(0, 10)
    c, d = unit_xyz(-10, 180), unit_xyz(10, 180)
    assert not arcs_cross(a, b, c, d)
    assert arcs_cross(a, b, unit_xyz(-10, 0), unit_xyz(10, 0))


def test_distance_from_a_long_arc_is_exact():
    # On a meridian arc of 80 degrees: a point 3 degrees of longitude off the equator crossing.
    distance_m = distance_to_path_m([0.0, 60.0, 20.0], [3.0, 0.0, 0.0], [-40.0, 40.0], [0.0, 0.0])
    degree_m = EARTH_RADIUS_M * np.pi / 180
    assert distance_m == pytest.approx([3 * degree_m, 20 * degree_m, 0.0], abs=0.1)


@given(LAT, LON, LAT, LON, LAT, LON)
def test_distance_to_a_line_is_that_of_its_nearest_sample(lat1, lon1, lat2, lon2, lat, lon):
    if path_length_m([lat1, lat2], [lon1, lon2]) > 19_000_000:
        return
    dense = densify([lat1, lat2], [lon1, lon2], 20_000)
    nearest_m = great_circle_m(lat, lon, *dense).min()
    distance_m = distance_to_path_m([lat], [lon], [lat1, lat2], [lon1, lon2])[0]
    assert distance_m <= nearest_m + 1
    assert distance_m >= nearest_m - 10_001


def test_cross_track_of_odd_input():
    line = [50.0, 51.0], [0.0, 0.0]
    assert np.isnan(distance_to_path_m([np.nan], [0.0], *line)[0])
    assert distance_to_path_m([], [], *line).size == 0
    assert np.isnan(max_cross_track_m([np.nan], [0.0], *line))
    known_m = great_circle_m(50.0, 1.0, 50.0, 0.0)
    assert max_cross_track_m([np.nan, 50.0], [0.0, 1.0], *line) == pytest.approx(known_m, rel=1e-3)
    assert distance_to_path_m([50.0], [1.0], [50.0], [0.0])[0] == pytest.approx(known_m)
    with pytest.raises(ValueError, match="at least one point"):
        distance_to_path_m([50.0], [1.0], [], [])


def test_distance_does_not_depend_on_how_many_points_are_asked(monkeypatch):
    rng = np.random.default_rng(1)
    lat, lon = rng.uniform(-60, 60, 50), rng.uniform(-180, 180, 50)
    path = rng.uniform(-60, 60, 9), rng.uniform(-180, 180, 9)
    at_once = distance_to_path_m(lat, lon, *path)
    monkeypatch.setattr("vesseltrack.core.paths._ARCS_AT_ONCE", 20)
    assert np.array_equal(distance_to_path_m(lat, lon, *path), at_once)
