"""Against distances printed in NGA Pub. 151, which follow fairways and keep offshore."""

import csv

import numpy as np
import pytest

from archives import ROOT
from vesseltrack import sea
from vesseltrack.core.geodesy import chord_of_m, great_circle_m, unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.routing import shortest_route
from vesseltrack.routing.shipped import read
from vesseltrack.units import m_to_nm


@pytest.fixture(scope="module")
def port_pairs():
    with (ROOT / "fixtures/routes/port_distances.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def port_routes(port_pairs):
    return [
        shortest_route(
            (float(row["from_lat"]), float(row["from_lon"])),
            (float(row["to_lat"]), float(row["to_lon"])),
        )
        for row in port_pairs
    ]


def test_near_the_published_distances(port_pairs, port_routes):
    published_nm = np.array([float(row["published_nm"]) for row in port_pairs])
    error = np.array([route.distance_nm for route in port_routes]) / published_nm - 1
    kind = np.array([row["class"] for row in port_pairs])
    assert error.size > 150
    assert np.median(np.abs(error[kind == "ocean"])) < 0.012
    assert np.percentile(np.abs(error[kind == "ocean"]), 95) < 0.06
    assert np.median(np.abs(error[kind == "regional"])) < 0.035
    assert np.median(np.abs(error)) < 0.02
    assert np.mean(error > 0.05) < 0.01  # one in 100 pairs is printed oddly


def test_never_below_the_great_circle(port_pairs, port_routes):
    for row, route in zip(port_pairs, port_routes, strict=True):
        ends = [float(row[name]) for name in ("from_lat", "from_lon", "to_lat", "to_lon")]
        assert route.distance_nm >= m_to_nm(great_circle_m(*ends)) * (1 - 1e-9)


def test_routes_keep_to_the_water(port_routes):
    (chain,) = read("chain")
    n_inland = n_points = 0
    for route in port_routes[::3]:
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
