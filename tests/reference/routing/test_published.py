"""Route lengths against distances printed in NGA Pub. 151 (`fixtures/routes/README.md`)."""

import csv
from pathlib import Path

import numpy as np
import pytest
import searoute

from vesseltrack import sea
from vesseltrack.core.geodesy import chord_of_m, great_circle_m, unit_xyz
from vesseltrack.core.paths import densify, path_length_m
from vesseltrack.routing import Route, shortest_route, shortest_routes
from vesseltrack.routing.shipped import read
from vesseltrack.units import METRES_PER_NM

SAMPLE = Path(__file__).parents[3] / "fixtures" / "routes" / "pub151_sample.csv"


@pytest.fixture(scope="module")
def published():
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns(rows):
    names = ("from_lat", "from_lon", "to_lat", "to_lon", "published_nm")
    return [np.array([float(row[name]) for row in rows]) for name in names]


@pytest.fixture(scope="module")
def usual(published):
    """Ends, printed distances and ours, of the pairs without a named passage."""
    *ends, printed_nm = columns([row for row in published if not row["via"]])
    routes = shortest_routes(*ends)
    ours_nm = [r.distance_nm if isinstance(r, Route) else np.nan for r in routes]
    return np.array(ends), printed_nm, np.array(ours_nm)


def test_almost_every_port_is_reached(usual):
    _, printed_nm, ours_nm = usual
    assert printed_nm.size > 100
    assert np.isnan(ours_nm).mean() < 0.02


def test_lengths_are_near_the_printed_ones(usual):
    _, printed_nm, ours_nm = usual
    error = (ours_nm / printed_nm - 1)[~np.isnan(ours_nm)]
    ocean = error[printed_nm[~np.isnan(ours_nm)] >= 800]
    assert np.median(np.abs(error)) < 0.02
    assert np.median(np.abs(ocean)) < 0.012
    assert np.percentile(np.abs(ocean), 95) < 0.06
    # Printed ways keep offshore: only one much longer than printed is surely an error of ours.
    assert np.mean(error > 0.05) < 0.01


def test_pairs_across_the_date_line_are_no_worse(usual):
    ends, printed_nm, ours_nm = usual
    across = np.abs(ends[1] - ends[3]) > 180
    assert across.sum() >= 15
    assert np.median(np.abs(ours_nm / printed_nm - 1)[across]) < 0.01


def test_no_route_is_shorter_than_the_great_circle(usual):
    ends, _, ours_nm = usual
    straight_nm = great_circle_m(*ends) / METRES_PER_NM
    known = ~np.isnan(ours_nm)
    assert np.all(ours_nm[known] >= straight_nm[known] * (1 - 1e-9))


def test_routes_are_better_than_those_of_the_package_inside(usual):
    ends, printed_nm, ours_nm = usual
    bare_nm = []
    for lat1, lon1, lat2, lon2 in ends.T:
        line = searoute.searoute([lon1, lat1], [lon2, lat2], append_orig_dest=True)
        lon, lat = np.array(line["geometry"]["coordinates"]).T
        bare_nm.append(path_length_m(lat, lon) / METRES_PER_NM)
    known = ~np.isnan(ours_nm)
    ours, bare = ((nm / printed_nm - 1)[known] for nm in (ours_nm, np.array(bare_nm)))
    assert np.median(np.abs(ours)) < np.median(np.abs(bare)) / 2
    assert np.mean(ours > 0.05) < np.mean(bare > 0.05) / 20


@pytest.mark.parametrize(("identifier", "bar"), [("corinth", 0.02), ("sound", 0.03)])
def test_ways_through_a_passage_are_near_the_printed_ones(published, identifier, bar):
    rows = [row for row in published if row["via"] == identifier]
    assert len(rows) >= 5
    errors = []
    for lat1, lon1, lat2, lon2, printed_nm in zip(*columns(rows), strict=True):
        route = shortest_route((lat1, lon1), (lat2, lon2), via=(identifier,))
        assert identifier in route.passages
        errors.append(route.distance_nm / printed_nm - 1)
    assert np.median(np.abs(errors)) < bar


def test_routes_keep_to_the_water(published):
    (chain,) = read("chain")
    n_inland = n_points = 0
    for ends in np.array(columns(published[::3]))[:4].T:
        route = shortest_route(tuple(ends[:2]), tuple(ends[2:]))
        lat, lon = densify(route.lat[2:-2], route.lon[2:-2], 2_000.0)
        points = unit_xyz(lat, lon)
        on_land = sea.is_land(lat, lon)
        carved = np.linalg.norm(points[on_land][:, None] - chain, axis=2).min(axis=1, initial=9)
        off = np.flatnonzero(on_land)[carved > chord_of_m(3_000.0)]
        for north, east in ((0.009, 0), (-0.009, 0), (0, 0.009), (0, -0.009)):
            beside = lon[off] + east / np.cos(np.radians(lat[off]))
            off = off[sea.is_land(lat[off] + north, beside)]
        n_inland += off.size
        n_points += lat.size
    assert n_points > 30_000
    assert n_inland <= n_points * 1e-4
