"""Narrow water leads somewhere: no route begins or ends across land that it does not tell of."""

import numpy as np
import pytest

from vesseltrack import sea, shortest_route
from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.grid import PIXEL_M, centre_of, pixel_of
from vesseltrack.routing.passages import closed_to

# Behind a bend or a mouth narrower than the cells, and open water not far away.
BEHIND = {
    "Murmansk": ((68.975, 33.05), (69.6, 33.8), 50),
    "Santos": ((-23.95, -46.31), (-24.2, -46.3), 30),
    "Yangon": ((16.77, 96.17), (16.0, 96.4), 60),
    "Norrkoping": ((58.62, 16.25), (58.5, 17.3), 45),
}


@pytest.mark.parametrize(("port", "outside", "most_nm"), BEHIND.values(), ids=BEHIND)
def test_ports_behind_narrows_are_reached_by_water(port, outside, most_nm):
    route = shortest_route(port, outside)
    assert route.snap_km[0] < 2
    assert route.distance_nm < most_nm
    first = 1 if route.snap_km[0] > 0 else 0
    lat, lon = densify(route.lat[first:], route.lon[first:], 500.0)
    on_land = sea.is_land(lat, lon)
    assert sea.shore_distance_m(lat[on_land], lon[on_land]).max(initial=0) < 1_000


@pytest.mark.parametrize("box", [(58, 5, 63, 8), (-54, -76, -44, -72), (35, 22, 41, 28)])
def test_a_node_is_seen_from_all_water(box):
    south, west, north, east = box
    rng = np.random.default_rng(2)
    lat, lon = rng.uniform(south, north, 6_000), rng.uniform(west, east, 6_000)
    lat, lon = centre_of(*pixel_of(lat, lon))
    near_land = sea.shore_distance_m(lat, lon) < 3 * PIXEL_M
    with open_sea(closed_to()) as at_sea:
        near_land &= at_sea.water.is_water(lat, lon)
        xyz = unit_xyz(lat[near_land], lon[near_land])
        _, node = at_sea.tree.query(xyz, k=12)
        seen = [at_sea.water.sees(xyz, at_sea.points[node[:, nth]]) for nth in range(12)]
    assert len(xyz) > 300
    # Nodes were laid by looks 400 m apart, which leap over a corner of land here and there.
    assert np.any(seen, axis=0).mean() > 0.995


def test_water_cut_off_is_told_by_its_distance():
    lagoon, outside = (55.2, 21.05), (55.3, 20.5)  # Curonian: its mouth is closed in the coast
    route = shortest_route(lagoon, outside)
    assert route.snap_km[0] > 1
    lat, lon = densify(route.lat[1:], route.lon[1:], 500.0)
    assert sea.is_land(lat, lon).sum() <= 1  # the middle of a pixel at the shore
