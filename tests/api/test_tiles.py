import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely

from vesseltrack_api.app import create_app
from vesseltrack_api.settings import ApiSettings
from vesseltrack_api.tiles.grid import EXTENT, MAX_ZOOM


def tile(api, layer, z, x, y):
    response = api.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    layers = mapbox_vector_tile.decode(response.content, default_options={"y_coord_down": True})
    return layers[layer]["features"] if layers else []


def lat_lon(xy, z, x, y):
    """Tile coordinates back to degrees, by the inverse Gudermannian."""
    xy = np.asarray(xy, dtype=float)
    world = (xy / EXTENT + [x, y]) / 2**z
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * world[:, 1]))))
    return lat, world[:, 0] * 360 - 180


def address(lat, lon, z):
    x = (lon + 180) / 360 * 2**z
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**z
    return int(x), int(y)


def test_tracks_come_as_stretches_of_one_speed(api):
    features = [
        f for f in tile(api, "tracks", 5, *address(54.5, 6, 5)) if f["properties"]["mmsi"] == 111
    ]
    speeds = sorted(f["properties"]["sog_kn"] for f in features)
    assert speeds == pytest.approx([6.0, 12.0], abs=0.1)
    assert {f["properties"]["name"] for f in features} == {"O'NEIL"}
    assert {f["properties"]["segment_id"] for f in features} == {"s-111-0"}


@pytest.mark.parametrize("z", [3, 6, 9, MAX_ZOOM])
def test_tracks_lie_where_the_fixes_lie(api, courses, z):
    """No vertex of a tile is farther from the real course than the tile can show."""
    lat, lon, _ = courses[111]
    course = shapely.LineString(np.stack([lon, lat], axis=1))
    x, y = address(54.5, 6.0, z)
    features = [f for f in tile(api, "tracks", z, x, y) if f["properties"]["mmsi"] == 111]
    assert features
    for feature in features:
        at_lat, at_lon = lat_lon(feature["geometry"]["coordinates"], z, x, y)
        away_deg = shapely.distance(course, shapely.points(at_lon, at_lat)).max()
        # Half a cell of simplification, half a unit of rounding, and the course's own chord:
        # between fixes the tile is straight in Mercator, the course in degrees.
        assert away_deg < 360 / 2**z / 1024 + 1e-4


def test_stretches_of_a_track_join(api):
    lines = [
        f["geometry"]["coordinates"]
        for f in tile(api, "tracks", 5, *address(54.5, 6, 5))
        if f["properties"]["mmsi"] == 111
    ]
    ends = [tuple(line[0]) for line in lines], [tuple(line[-1]) for line in lines]
    assert len(set(ends[0]) & set(ends[1])) == len(lines) - 1


def test_what_stays_in_place_is_no_line(api):
    drawn = {f["properties"]["mmsi"] for f in tile(api, "tracks", 0, 0, 0)}
    assert drawn == {111, 222, 555}


def test_speed_that_nobody_sent_is_left_out(api):
    features = [
        f for f in tile(api, "tracks", 4, *address(31, -42, 4)) if f["properties"]["mmsi"] == 555
    ]
    assert {f["properties"]["segment_id"] for f in features} == {"s-555-0", "s-555-4"}
    assert all("sog_kn" not in f["properties"] for f in features)
    assert all("name" not in f["properties"] for f in features)


def test_a_track_over_the_date_line_shows_on_both_sides(api):
    z = 6
    _, y = address(-17, 0, z)
    east = [f for f in tile(api, "tracks", z, 63, y) if f["properties"]["mmsi"] == 222]
    west = [f for f in tile(api, "tracks", z, 0, y) if f["properties"]["mmsi"] == 222]
    for features, x in ((east, 63), (west, 0)):
        (feature,) = features
        at_lat, at_lon = lat_lon(feature["geometry"]["coordinates"], z, x, y)
        # It crosses the line, into the margin of the tile and no farther.
        assert at_lon.min() < -180 < at_lon.max() or at_lon.min() < 180 < at_lon.max()
        assert np.ptp(at_lon) < 1.5
        np.testing.assert_allclose(at_lat, -17, atol=0.01)


def test_nothing_reaches_beyond_the_margin(api):
    for z in range(0, MAX_ZOOM + 1, 2):
        for feature in tile(api, "tracks", z, *address(54.5, 6, z)):
            coordinates = np.array(feature["geometry"]["coordinates"])
            assert coordinates.min() >= -65
            assert coordinates.max() <= EXTENT + 65
            assert (np.diff(coordinates, axis=0) != 0).any(axis=1).all()


def test_events_are_points_with_their_story(api):
    x, y = address(54.5, 6.0, 6)
    features = tile(api, "events", 6, x, y)
    found = {f["properties"]["event_id"]: f for f in features}
    assert "e-24" not in found  # withdrawn
    event = found["e-12"]["properties"]
    assert event == {
        "event_id": "e-12",
        "kind": "loitering",
        "vessel_id": "111",
        "mmsi": 111,
        "name": "O'NEIL",
        "confidence": pytest.approx(0.5),
        "start": "2021-01-01T12:00:00Z",
    }
    at_lat, at_lon = lat_lon([found["e-12"]["geometry"]["coordinates"]], 6, x, y)
    assert (at_lat[0], at_lon[0]) == pytest.approx((54.5, 6.0), abs=0.001)


def test_ports_beside_the_date_line_show_from_the_other_side(api):
    assert [f["properties"]["port_id"] for f in tile(api, "ports", 0, 0, 0)] == [
        "DKEBJ",
        "FJSUV",
        "FJSUV",
    ]


def test_a_crowded_tile_keeps_the_most_important(planted_store, serve):

    with serve(create_app(planted_store.path, ApiSettings(max_tile_features=1))) as client:
        (event,) = tile(client, "events", 0, 0, 0)
        (track,) = tile(client, "tracks", 0, 0, 0)
        (port,) = tile(client, "ports", 0, 0, 0)
    assert event["properties"]["event_id"] == "e-23"
    assert track["properties"]["mmsi"] == 555
    assert port["properties"]["port_id"] == "DKEBJ"


def test_a_store_too_large_for_the_layer_draws_its_newest_tracks(planted_store, serve):

    with serve(create_app(planted_store.path, ApiSettings(max_layer_fixes=4))) as client:
        drawn = {f["properties"]["segment_id"] for f in tile(client, "tracks", 0, 0, 0)}
        described = client.get("/tiles/tracks/tilejson.json").json()["description"]
    assert drawn == {"s-555-4"}
    assert described == "the newest 1 of 6 tracks"


def test_gdal_reads_the_tiles(api, tmp_path):
    for layer, n in (("tracks", 6), ("events", 24)):
        path = tmp_path / f"{layer}.mvt"
        path.write_bytes(api.get(f"/tiles/{layer}/0/0/0.mvt").content)
        frame = pyogrio.read_dataframe(path, layer=layer)
        assert len(frame) >= 3 if layer == "tracks" else len(frame) == n
        assert frame.geometry.is_valid.all()


@pytest.mark.parametrize("layer", ["tracks", "events", "ports"])
def test_tilejson_says_where_and_what(api, layer):
    document = api.get(f"/tiles/{layer}/tilejson.json").json()
    assert document["tilejson"] == "3.0.0"
    assert (document["minzoom"], document["maxzoom"]) == (0, MAX_ZOOM)
    (template,) = document["tiles"]
    (described,) = document["vector_layers"]
    url = template.replace("{z}", "0").replace("{x}", "0").replace("{y}", "0")
    layers = mapbox_vector_tile.decode(api.get(url).content)
    sent = {name for f in layers[described["id"]]["features"] for name in f["properties"]}
    assert sent == described["fields"].keys()


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/tiles/tracks/2/4/0.mvt", "x"),
        ("/tiles/tracks/2/0/4.mvt", "y"),
        ("/tiles/tracks/15/0/0.mvt", "z"),
        ("/tiles/tracks/-1/0/0.mvt", "z"),
        ("/tiles/tracks/a/0/0.mvt", "z"),
        (f"/tiles/tracks/1/{10**21}/0.mvt", "x"),
    ],
)
def test_outside_the_grid_is_a_problem(api, path, parameter):
    response = api.get(path)
    assert response.status_code == 400
    assert response.json()["parameter"] == parameter


def test_an_unknown_layer_is_a_problem_that_lists_those_there_are(api):
    response = api.get("/tiles/whales/0/0/0.mvt")
    assert response.status_code == 404
    assert response.json()["detail"] == "no layer 'whales'; there are tracks, events, ports"
