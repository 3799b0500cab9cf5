import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio.raw
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack import sea
from vesseltrack.core.geodesy import unit_xyz, wrap_lon_deg
from vesseltrack.units import EARTH_RADIUS_M

SPHERE = pyproj.Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)
LAND_FILE = Path(sea.__file__).parent / "data" / "land-10m.json"

LAND = {
    "South Pole": (-90.0, 0.0),
    "South Pole on another meridian": (-90.0, 123.0),
    "Antarctica": (-75.0, 0.0),
    "Antarctica at the date line": (-84.5, 180.0),
    "Wrangel Island at the date line": (71.2, 180.0),
    "Wrangel Island west of it": (71.1, -178.5),
    "Chukotka east of the date line": (66.5, 179.5),
    "Chukotka at it": (66.5, -180.0),
    "Chukotka west of it": (66.5, -179.5),
    "Taveuni, Fiji, at the date line": (-16.85, 180.0),
    "Suva, Fiji": (-18.0, 178.2),
    "Paris": (48.86, 2.35),
    "Lake Superior": (47.7, -87.5),
}
SEA = {
    "North Pole": (90.0, 0.0),
    "Norwegian Sea, north of Wrangel's south": (71.2, 0.0),
    "Denmark Strait, on the rows of Chukotka": (66.0, -30.0),
    "Atlantic, on the rows of Fiji": (-16.85, 0.0),
    "Pacific beside Taveuni": (-16.85, 179.5),
    "Ross Ice Shelf": (-80.0, 180.0),
    "Dover Strait": (51.0, 1.5),
    "Kattegat": (57.0, 11.3),
    "Caspian Sea": (42.0, 51.0),
    "Null Island": (0.0, 0.0),
}

lats = st.floats(-90, 90)
lons = st.floats(-180, 180)


@pytest.fixture(scope="module")
def land_of_gdal() -> np.ndarray:
    """The shipped land as GDAL reads it, without what it tears apart at the date line."""
    _, _, geometry, _ = pyogrio.raw.read(LAND_FILE)
    polygons = shapely.get_parts(shapely.from_wkb(geometry))
    west, _, east, _ = shapely.bounds(polygons).T
    kept = polygons[(east - west < 180) | ((west == -180) & (shapely.area(polygons) > 1000))]
    shapely.prepare(kept)
    return kept


def is_painted_by_gdal(lat, lon):
    """Where polygons torn at the date line paint whole rows, GDAL's reading says nothing."""
    rows = ((64, 69.1), (70.7, 71.7), (-17.1, -16), (-90, -60))
    torn = np.any([(lat > south) & (lat < north) for south, north in rows], axis=0)
    return torn | (np.abs(wrap_lon_deg(lon)) > 170)


def near_coast(n_points, spread_deg, seed):
    """Points scattered about vertices of the coast."""
    rng = np.random.default_rng(seed)
    vertices = shapely.get_coordinates(sea.land_polygons())
    lon, lat = vertices[rng.integers(0, len(vertices), n_points)].T
    lat = np.clip(lat + rng.normal(0, spread_deg, n_points), -90, 90)
    return lat, wrap_lon_deg(lon + rng.normal(0, spread_deg, n_points))


@pytest.mark.parametrize("place", LAND)
def test_land_is_land(place):
    lat, lon = LAND[place]
    assert sea.is_land(lat, lon)
    assert sea.shore_distance_m(lat, lon) == 0


@pytest.mark.parametrize("place", SEA)
def test_sea_is_sea(place):
    lat, lon = SEA[place]
    assert not sea.is_land(lat, lon)
    assert sea.shore_distance_m(lat, lon) > 0


def test_land_is_where_gdal_reads_it(land_of_gdal):
    lat, lon = near_coast(20_000, 0.01, seed=1)
    told = ~is_painted_by_gdal(lat, lon)
    lat, lon = lat[told], lon[told]
    point, polygon = shapely.STRtree(land_of_gdal).query(shapely.points(lon, lat))
    expected = np.zeros(lat.size, dtype=bool)
    hit = shapely.intersects_xy(land_of_gdal[polygon], lon[point], lat[point])
    expected[point[hit]] = True
    assert 0.3 < expected.mean() < 0.7
    np.testing.assert_array_equal(sea.is_land(lat, lon), expected)


def test_distances_are_those_of_shapely_on_a_projection(land_of_gdal):
    # On the azimuthal equidistant projection about a point, distances from it are true.
    lat, lon = near_coast(400, 0.2, seed=2)
    told = ~is_painted_by_gdal(lat, lon) & ~sea.is_land(lat, lon) & (np.abs(lat) < 80)
    lat, lon = lat[told][:80], lon[told][:80]
    # Lines, since some polygons touch themselves where rounding closed a bay.
    coast = shapely.STRtree(shapely.boundary(land_of_gdal))
    expected_m = [projected_distance_m(coast, *place) for place in zip(lat, lon, strict=True)]
    found_m = sea.shore_distance_m(lat, lon)
    assert np.ptp(expected_m) > 10_000
    np.testing.assert_allclose(found_m, expected_m, rtol=0, atol=10)


def projected_distance_m(coast, lat, lon, reach_deg=0.9):
    project = pyproj.Proj(proj="aeqd", lat_0=lat, lon_0=lon, R=EARTH_RADIUS_M)
    wide_deg = reach_deg / np.cos(np.radians(lat))
    box = (lon - wide_deg, lat - reach_deg, lon + wide_deg, lat + reach_deg)
    around = shapely.clip_by_rect(coast.geometries[coast.query(shapely.box(*box))], *box)
    around = shapely.segmentize(around[~shapely.is_empty(around)], 0.01)
    flat = shapely.transform(around, lambda places: np.stack(project(*places.T), axis=1))
    return np.min(shapely.distance(flat, shapely.Point(0, 0)))


def test_distances_far_offshore_are_the_least_of_all_coast_points(land_of_gdal):
    rng = np.random.default_rng(3)
    lat = np.concatenate([[90, 85, -60, -17, 0, 52, -45], rng.uniform(-60, 75, 30)])
    lon = np.concatenate([[0, -90, 180, 176, -180, -179.9, 179.99], rng.uniform(-180, 180, 30)])
    expected_m = brute_force_m(land_of_gdal, lat, lon)
    far = ~sea.is_land(lat, lon) & (expected_m > 20_000)
    assert far.sum() > 20
    # Coast points at most 2.3 km apart: seen from 20 km, none is 40 m farther than its line.
    found_m = sea.shore_distance_m(lat[far], lon[far])
    assert np.all(found_m < expected_m[far] + 0.1)
    np.testing.assert_allclose(found_m, expected_m[far], rtol=0, atol=40)


def brute_force_m(land_of_gdal, lat, lon):
    # Islands at the date line are torn but their points stand; so all of the file's points.
    _, _, geometry, _ = pyogrio.raw.read(LAND_FILE)
    torn = shapely.get_parts(shapely.from_wkb(geometry))
    whole = shapely.segmentize(shapely.boundary(land_of_gdal), 0.02)
    vertices = np.concatenate([shapely.get_coordinates(whole), shapely.get_coordinates(torn)])
    points = unit_xyz(vertices[:, 1], vertices[:, 0])
    cosines = np.array([np.max(points @ place) for place in unit_xyz(lat, lon)])
    return EARTH_RADIUS_M * np.arccos(np.minimum(1, cosines))


def test_the_loneliest_place_is_as_far_from_land_as_published():
    # Point Nemo: 48 52.6 S 123 23.6 W, 2,688 km from Ducie, Motu Nui and Maher Island (Lukatela
    # 1992). The shipped coast is generalised; the distances there are on the ellipsoid.
    distance_m = sea.shore_distance_m(-(48 + 52.6 / 60), -(123 + 23.6 / 60))
    assert distance_m == pytest.approx(2_688_000, rel=0.005)


@given(lats, st.integers(-180 << 16, 180 << 16), st.integers(-2, 2))
@settings(deadline=None, max_examples=40)
def test_whole_turns_of_longitude_change_nothing(lat, lon_2_16, turns):
    lon = lon_2_16 / (1 << 16)  # a binary fraction: adding a turn rounds nothing
    turned = lon + 360 * turns
    assert sea.is_land(lat, lon) == sea.is_land(lat, turned)
    assert sea.shore_distance_m(lat, lon) == sea.shore_distance_m(lat, turned)


@given(lats, lons, lats, lons)
@settings(deadline=None, max_examples=40)
def test_distance_to_shore_changes_no_faster_than_the_place(lat1, lon1, lat2, lon2):
    near_m, far_m = sea.shore_distance_m([lat1, lat2], [lon1, lon2])
    _, _, apart_m = SPHERE.inv(lon1, lat1, lon2, lat2)
    assert abs(near_m - far_m) <= apart_m + 20


def test_distance_is_nothing_on_land_and_only_there():
    lat, lon = near_coast(5_000, 0.05, seed=4)
    np.testing.assert_array_equal(sea.shore_distance_m(lat, lon) == 0, sea.is_land(lat, lon))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param((51.05, 1.45), (50.99, 1.75), False, id="Dover Strait"),
        pytest.param((50.0, -10.0), (50.0, 10.0), True, id="over Cornwall and France"),
        pytest.param((56.0, 7.5), (56.0, 11.5), True, id="over Jutland"),
        pytest.param((-16.85, 179.5), (-16.85, -179.5), True, id="over Taveuni"),
        pytest.param((-16.85, 179.5), (-16.85, 180.5), True, id="the same, counted on"),
        pytest.param((-30.0, 179.0), (-30.0, -179.0), False, id="open sea at the date line"),
        pytest.param((-30.0, -179.0), (-30.0, 179.0), False, id="the same, back"),
        pytest.param((35.0, 141.5), (37.0, -123.5), False, id="across the Pacific"),
        pytest.param((84.5, -20.0), (84.5, 160.0), False, id="over the North Pole"),
        pytest.param((-60.0, 0.0), (-60.0, 180.0), True, id="over the South Pole"),
        # The parallel stays at sea; the great circle, 4 degrees farther north, runs into Iceland.
        pytest.param((63.0, -35.0), (63.0, -3.0), True, id="a great circle, not a parallel"),
        pytest.param((51.0, 1.5), (51.0, 1.5), False, id="a stop at sea"),
        pytest.param((48.86, 2.35), (48.86, 2.35), True, id="a stop on land"),
        pytest.param((51.0, 1.5), (48.86, 2.35), True, id="into land"),
        pytest.param((np.nan, 1.5), (48.86, 2.35), False, id="unknown"),
    ],
)
def test_legs_cross_land_or_not(start, end, expected):
    assert sea.crosses_land(*start, *end) == expected
    assert sea.crosses_land(*end, *start) == expected


def test_the_parallel_beside_the_great_circle_stays_at_sea():
    lon = np.linspace(-35.0, -3.0, 200)
    assert not sea.is_land(np.full(200, 63.0), lon).any()


@given(st.integers(0, 2**32 - 1), st.floats(0, 360), st.floats(0, 2e6))
@settings(deadline=None, max_examples=60)
def test_a_leg_crosses_land_where_its_points_do(seed, azimuth, length_m):
    (lat,), (lon,) = near_coast(1, 1.0, seed)
    end_lon, end_lat, _ = SPHERE.fwd(lon, lat, azimuth, length_m)
    n_points = 2 + int(length_m / 500)
    along_m = np.linspace(0, length_m, n_points)
    ones = np.ones(n_points)
    way_lon, way_lat, _ = SPHERE.fwd(lon * ones, lat * ones, azimuth * ones, along_m)
    shore_m = sea.shore_distance_m(way_lat, way_lon)
    # A leg is drawn up to 30 m beside its great circle below 75 degrees.
    if sea.crosses_land(lat, lon, end_lat, end_lon):
        half_spacing_m = 250
        assert shore_m.min() < half_spacing_m + 60
    elif np.abs(way_lat).max() < 75:
        assert inland_m(way_lat, way_lon) < 60


def inland_m(lat, lon):
    """How far points on land lie behind the coast at most; 0 where all are at sea."""
    on_land = sea.is_land(lat, lon)
    points = unit_xyz(lat[on_land], lon[on_land])
    return np.max(sea._coast().distance_m(points), initial=0.0)


def test_unknown_is_no_land_and_no_distance():
    lat, lon = np.array([np.nan, 51.0, np.inf]), np.array([1.5, np.nan, 1.5])
    assert not sea.is_land(lat, lon).any()
    assert np.isnan(sea.shore_distance_m(lat, lon)).all()
    assert not sea.crosses_land(lat, lon, 0.0, 0.0).any()


def test_nothing_gives_nothing():
    none = np.zeros(0)
    assert sea.is_land(none, none).dtype == np.bool_
    assert sea.is_land(none, none).size == sea.shore_distance_m(none, none).size == 0
    assert sea.crosses_land(none, none, none, none).size == 0


def test_shapes_are_kept_and_broadcast():
    lat, lon = np.array([[51.0], [48.86]]), np.array([[1.5, -10.0, 2.35]])
    expected = [[False, False, True], [True, False, True]]
    np.testing.assert_array_equal(sea.is_land(lat, lon), expected)
    assert sea.shore_distance_m(lat, lon).shape == (2, 3)
    assert sea.crosses_land(lat, lon, 51.0, 1.5).shape == (2, 3)


def test_cutting_the_rows_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    lat, lon = near_coast(1_000, 0.1, seed=5)
    legs = (lat[:500], lon[:500], lat[500:], lon[500:])
    whole = (sea.is_land(lat, lon), sea.shore_distance_m(lat, lon), sea.crosses_land(*legs))
    monkeypatch.setattr(sea, "_CHUNK_POINTS", 77)
    monkeypatch.setattr(sea, "_CHUNK_LEGS", 77)
    cut = (sea.is_land(lat, lon), sea.shore_distance_m(lat, lon), sea.crosses_land(*legs))
    for one, other in zip(whole, cut, strict=True):
        np.testing.assert_array_equal(one, other)


def test_land_is_given_on_both_sides_of_the_date_line():
    west, _, east, _ = shapely.bounds(sea.land_polygons()).T
    is_astride_east, is_astride_west = (west < 180) & (east > 180), (west < -180) & (east > -180)
    assert is_astride_east.sum() == is_astride_west.sum() > 0
    np.testing.assert_allclose(west[is_astride_east], west[is_astride_west] + 360)


def test_rings_join_arcs_forwards_and_backwards_and_keep_holes_beside_their_shell():
    # A square astride the date line with a hole, drawn with three arcs on a grid of one degree.
    topology = {
        "transform": {"scale": [1, 1], "translate": [-180, -90]},
        "objects": {"land": {"geometries": [{"arcs": [[[0, ~1], [2]]]}]}},
        "arcs": [
            [[355, 90], [0, 10], [-350, 0]],  # 175 E 0 N, 175 E 10 N, 175 W 10 N
            [[355, 90], [-350, 0], [0, 10]],  # 175 E 0 N, 175 W 0 N, 175 W 10 N
            [[2, 92], [1, 0], [0, 1], [-1, -1]],  # 178 W 2 N, 177 W 2 N, 177 W 3 N
        ],
    }
    polygons = sea._polygons(sea._rings(topology))
    square = shapely.box(175, 0, 185, 10)
    hole = shapely.Polygon([(182, 2), (183, 2), (183, 3)])
    expected = [shapely.transform(square - hole, lambda c: c - [360, 0]), square - hole]
    assert len(polygons) == 2
    for found, wanted in zip(polygons, expected, strict=True):
        assert shapely.equals(found, wanted)


def test_threads_may_ask_at_once():
    # In a fresh process, where the shore's index is not complete yet: unguarded, this crashes.
    code = """
import threading, numpy as np
from vesseltrack.sea import crosses_land, is_land
rng = np.random.default_rng(1)
lat, lon = rng.uniform(50, 60, 4000), rng.uniform(0, 20, 4000)
ends = lat[:99], lon[:99], lat[1:100], lon[1:100]
work = [lambda: is_land(lat, lon), lambda: crosses_land(*ends)]
threads = [threading.Thread(target=work[n % 2]) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print("alive")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout == "alive\n", done.stderr


@pytest.mark.parametrize("where", ["coast", "globe"])
def test_the_distance_to_the_shore_is_the_same_however_often_it_is_asked(where):
    """What is known of cells in the end, against a search for each place alone."""
    rng = np.random.default_rng(3)
    if where == "coast":
        lat, lon = rng.uniform(53, 56, 3_000), rng.uniform(7, 14, 3_000)
    else:
        lat, lon = np.degrees(np.arcsin(rng.uniform(-1, 1, 500))), rng.uniform(-180, 180, 500)
    lon = wrap_lon_deg(lon)  # twice is as once, to the last bit
    expected = sea._coast().distance_m(unit_xyz(lat, lon))
    expected[sea.is_land(lat, lon)] = 0.0
    for _ in range(6):
        assert np.array_equal(sea.shore_distance_m(lat, lon), expected)
