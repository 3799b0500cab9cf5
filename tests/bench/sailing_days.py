"""A made-up day of vessels that sail where vessels do, by a seed.

Merchant ships and ferries go from port to port along the shortest ways by sea, in a lane of their
own, slowly near quays; fishing vessels go out to a ground and tow to and fro there; pleasure craft
make short trips by day; others lie moored or swing at anchor. Each reports as its class, speed and
status ask for (ITU-R M.1371-5), and of all reports so many are heard as rows are wanted.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from csv_days import DAY_S, N_VESSELS
from vesseltrack import routing, sea, tracks
from vesseltrack.core.geodesy import great_circle_m

SEEN = ((53.3, 59.5), (6.5, 16.0))  # where ports are chosen, latitudes and longitudes
HUB = (57.9, 10.9)  # at sea off Skagen: a port that no ship reaches from there is not chosen
MAX_SNAP_KM = 2.0  # a quay farther from the water has no place on the map
MAX_INLAND_NM = 6.0  # nor has one whose way leads so far through what the coast line has as land
SHARES = {  # of the vessels; the rest lie at quays
    "merchant": 0.24,
    "ferry": 0.03,
    "fishing": 0.08,
    "pleasure": 0.12,
    "anchored": 0.05,
    "fixed": 0.055,
}
N_WAYS = {"merchant": 260, "ferry": 20, "fishing": 60, "pleasure": 80}
LENGTHS_NM = {  # of ways
    "merchant": (40.0, 600.0),
    "ferry": (3.0, 70.0),
    "fishing": (8.0, 60.0),
    "pleasure": (3.0, 35.0),
}
PACES_KN = {"merchant": (9, 17), "ferry": (14, 22), "fishing": (7, 10), "pleasure": (4.5, 7.5)}
STAYS_H = {"merchant": (5.0, 30.0), "ferry": (0.3, 1.2), "pleasure": (2.0, 20.0)}
STEP_NM = 0.5  # between points of a way
SLOW_NM, SLOW_KN = 1.5, 6.0  # near quays
LANE_NM = 0.15  # vessels keep so far apart from the line, as a rule
TAPER_NM = 3.0  # a lane begins and ends at the quay
TOW_KN = 3.4
TOW_NM = 3.0  # from the middle of a ground
FREE_M = 9_000.0  # how far a ground lies from the shore
SWING_M = 60.0
M_PER_NM = 1852.0
ROUGHLY_DEG_PER_NM = 1 / 60
BEYOND_S = 4 * DAY_S  # between the times of one vessel and the next, when all stand in one line


@dataclass(frozen=True)
class Way:
    """Points some half mile apart along a shortest route, and how far along each is."""

    lat: np.ndarray
    lon: np.ndarray
    along_nm: np.ndarray
    bound: str  # the port at its end

    def back(self, bound):
        """Return the same the other way."""
        return Way(self.lat[::-1], self.lon[::-1], self.along_nm[-1] - self.along_nm[::-1], bound)


@dataclass(frozen=True)
class Legs:
    """What one vessel did: places by time, straight between them."""

    t_s: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    bound: list[tuple[float, str]]  # since when it names which port


@dataclass(frozen=True)
class Course:
    """What all vessels did, one behind the other, and what they are."""

    role: np.ndarray  # of each vessel
    is_class_b: np.ndarray
    vessel: np.ndarray  # of each place
    t_s: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    bound: list[list[tuple[float, str]]]


def ports_at_sea():
    """Return latitudes, longitudes and names of ports that ships reach through open water."""
    listed = tracks.listed_ports()
    inside = [
        pc.and_(pc.greater(listed[name], low), pc.less(listed[name], high))
        for name, (low, high) in zip(("lat", "lon"), SEEN, strict=True)
    ]
    listed = listed.filter(pc.and_(*inside))
    lat, lon = listed["lat"].to_numpy(), listed["lon"].to_numpy()
    found = routing.shortest_routes(np.full(lat.size, HUB[0]), np.full(lat.size, HUB[1]), lat, lon)
    names = listed["name"].to_pylist()
    good = [row for row, route in enumerate(found) if is_open(route)]
    return lat[good], lon[good], [names[row] for row in good]


def is_open(route):
    """Return whether a route was found, to a quay at the water, hardly over land."""
    if not isinstance(route, routing.Route) or route.snap_km[1] > MAX_SNAP_KM:
        return False
    way = way_along(route, "")
    return np.count_nonzero(sea.is_land(way.lat, way.lon)) * STEP_NM <= MAX_INLAND_NM


def way_along(route, bound):
    """Return a route as points at equal steps."""
    leg_m = great_circle_m(route.lat[:-1], route.lon[:-1], route.lat[1:], route.lon[1:])
    at_nm = np.concatenate(([0.0], np.cumsum(leg_m))) / M_PER_NM
    along_nm = np.linspace(0, at_nm[-1], max(2, round(at_nm[-1] / STEP_NM)))
    lat, lon = (np.interp(along_nm, at_nm, places) for places in (route.lat, route.lon))
    return Way(lat, lon, along_nm, bound)


def ways_between(starts, ends, names, lengths_nm, n, rng):
    """Return some ways from starts to ends, of lengths within bounds; `names` are of the ends."""
    ways = []
    while len(ways) < n:
        one, other = rng.integers(len(starts[0]), size=n), rng.integers(len(ends[0]), size=n)
        found = routing.shortest_routes(
            starts[0][one], starts[1][one], ends[0][other], ends[1][other]
        )
        for route, name in zip(found, other.tolist(), strict=True):
            if isinstance(route, routing.Route) and (
                lengths_nm[0] <= route.distance_nm <= lengths_nm[1]
            ):
                ways.append((way_along(route, names[name]), int(one[len(ways) % n])))
    return ways[:n]
