"""Routes with a region in finer detail: an invented archipelago in the place of Bornholm.

The shipped coast has one island; the invented one is parted by a channel 600 m wide, with a bend
and a skerry in it.
"""

import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import shapely

from archives import ROOT
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.paths import densify

BOX = "14.4,54.8,15.5,55.5"
CANAL_BOX = "9.4,54.1,9.8,54.5"
M_PER_DEG = 111_195.0
CHANNEL = [(14.6, 55.12), (14.9, 55.09), (15.3, 55.16)]
HALF_WIDTH_M = 300.0
SKERRY = (15.1, 55.125)
WEST, EAST, FAR = (55.12, 14.55), (55.16, 15.35), (55.2, 17.0)
ELBE, KIEL_FJORD = (53.98, 8.5), (54.5, 10.3)
TOLERANCE_M = 100.0  # of the finer mask

PROGRAM = """
import json, sys
from vesseltrack.routing import distance_field, shortest_route
asked = json.load(sys.stdin)
routes = [shortest_route(a, b, **options) for a, b, options in asked["routes"]]
field = distance_field(asked["destination"])
json.dump({
    "distance_km": [1.852 * route.distance_nm for route in routes],
    "lines": [[route.lat.tolist(), route.lon.tolist()] for route in routes],
    "passages": [route.passages for route in routes],
    "remaining_km": [(1.852 * field.remaining_nm(*zip(*p))).tolist() for p in asked["points"]],
}, sys.stdout)
"""


def around(lon, lat, points):
    """A line of offsets in metres from a point, as longitude and latitude."""
    east = M_PER_DEG * np.cos(np.radians(lat))
    return [(lon + x / east, lat + y / M_PER_DEG) for x, y in points]


@pytest.fixture(scope="module")
def land():
    """The invented land: an island but for the channel, and a skerry in its middle."""
    lon, lat = np.array(CHANNEL).T
    scale = np.cos(np.radians(55.12))
    flat = shapely.linestrings(np.stack([lon * scale, lat], axis=1))
    channel = shapely.buffer(flat, HALF_WIDTH_M / M_PER_DEG, cap_style="flat", join_style="mitre")
    channel = shapely.transform(channel, lambda at: at / [scale, 1.0])
    island = shapely.box(14.65, 54.95, 15.25, 55.3)
    skerry = shapely.polygons(
        around(*SKERRY, [(-90, -60), (90, -60), (90, 60), (-90, 60), (-90, -60)])
    )
    return shapely.union(shapely.difference(island, channel), skerry)


def made(box, polygons, folder):
    """Write a region of polygons as `make sea` does."""
    source = folder / "land.geojson"
    source.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {},
                        "geometry": json.loads(shapely.to_geojson(part)),
                    }
                    for part in shapely.get_parts(polygons)
                ],
            }
        ),
        encoding="utf-8",
    )
    script = ROOT / "fixtures" / "make" / "sea_region.py"
    return subprocess.run(
        [sys.executable, script, box, source, folder], capture_output=True, text=True, check=False
    )


def answers(asked, **environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(asked),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def across():
    """Points some 100 m apart on lines over the border of the box."""
    return [
        [(lat, 14.4 + step) for step in np.arange(-0.02, 0.02, 0.0015)] for lat in (54.9, 55.3)
    ] + [[(55.5 + step, 15.0) for step in np.arange(-0.01, 0.01, 0.001)]]


@pytest.fixture(scope="module")
def told(land, across, tmp_path_factory):
    """What routes and fields say without and with the region."""
    folder = tmp_path_factory.mktemp("regions")
    done = made(BOX, land, folder)
    assert done.returncode == 0, done.stderr
    done = made(CANAL_BOX, shapely.box(9.3, 54.0, 9.9, 54.6), folder)
    assert done.returncode == 0, done.stderr
    asked = {
        "routes": [
            [WEST, EAST, {}],
            [WEST, FAR, {}],
            [(36.0, 23.5), (41.0, 29.0), {}],
            [ELBE, KIEL_FJORD, {}],
            [ELBE, KIEL_FJORD, {"avoid": ["kiel"]}],
        ],
        "destination": EAST,
        "points": across,
    }
    environment = dict(os.environ)
    environment.pop("VESSELTRACK_REGIONS", None)
    plain = answers(asked, **environment)
    environment["VESSELTRACK_REGIONS"] = str(folder)
    environment["VESSELTRACK_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    return plain, answers(asked, **environment)


def shortest_km(land, start, end):
    """The shortest way over a visibility graph of the corners of the land."""
    corners = shapely.get_coordinates(land)[:, ::-1]
    points = np.concatenate([[start, end], np.unique(corners, axis=0)])
    first, second = np.triu_indices(len(points), 1)
    legs = shapely.linestrings(np.stack([points[first, ::-1], points[second, ::-1]], axis=1))
    within = shapely.relate_pattern(land, legs, "T********")  # passes through the inside
    length_km = great_circle_m(*points[first].T, *points[second].T) / 1_000
    distance = np.full(len(points), np.inf)
    distance[0] = 0.0
    for _ in range(len(points)):  # Bellman and Ford
        for a, b in ((first, second), (second, first)):
            np.minimum.at(distance, b[~within], (distance[a] + length_km)[~within])
    return distance[1]


def test_a_channel_that_the_globe_has_closed_is_open(told, land):
    plain, finer = told
    assert plain["distance_km"][0] > 60
    least_km = shortest_km(land, WEST, EAST)
    assert finer["distance_km"][0] == pytest.approx(least_km, rel=0.005)
    line = np.stack(densify(*finer["lines"][0], 50.0)[::-1], axis=1)
    assert shapely.distance(shapely.linestrings([SKERRY, SKERRY]), shapely.points(line)).min() < (
        0.01
    )


def test_the_way_is_shorter_beyond_the_box_too(told):
    plain, finer = told
    assert finer["distance_km"][1] < plain["distance_km"][1]


def test_no_point_lies_farther_inland_than_a_pixel(told, land):
    _, finer = told
    shore = shapely.boundary(land)
    for lines in finer["lines"][:2]:
        lat, lon = densify(*lines, 20.0)
        inland = shapely.contains_xy(land, lon, lat)
        depth_deg = shapely.distance(shore, shapely.points(lon[inland], lat[inland]))
        assert (depth_deg * M_PER_DEG < TOLERANCE_M).all()


def test_far_from_the_box_nothing_changes(told):
    plain, finer = told
    assert finer["distance_km"][2] == pytest.approx(plain["distance_km"][2], rel=1e-9)


def test_distances_are_continuous_over_the_border(told, across):
    _, finer = told
    for points, remaining_km in zip(across, finer["remaining_km"], strict=True):
        assert np.isfinite(remaining_km).all()
        for (a, b), (before, after) in zip(
            itertools.pairwise(points), itertools.pairwise(remaining_km), strict=True
        ):
            step_km = float(great_circle_m(*a, *b)) / 1_000
            assert abs(after - before) < step_km + 0.05


def test_a_canal_in_a_region_can_be_closed(told):
    plain, finer = told
    assert finer["passages"][3] == ["kiel"]
    assert finer["distance_km"][3] == pytest.approx(plain["distance_km"][3], rel=0.01)
    assert finer["passages"][4] == plain["passages"][4]
    assert "kiel" not in finer["passages"][4]
    assert finer["distance_km"][4] == pytest.approx(plain["distance_km"][4], rel=0.005)


@pytest.mark.parametrize(
    ("box", "polygon", "reason"),
    [
        ("1,2,3", None, "REGION must be W,S,E,N"),
        ("0,0,80,80", None, "at most 104 square degrees"),
        ("-40,30,-39.9,30.1", shapely.box(-41, 29, -38, 31), "no water of the region"),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path, box, polygon, reason):
    done = made(box, shapely.box(0, 0, 1, 1) if polygon is None else polygon, tmp_path)
    assert done.returncode != 0
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
