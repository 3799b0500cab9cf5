"""The waters of a made-up day: ports, roads, fishing grounds and shortest ways between them."""

import functools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pyarrow.compute as pc

from vesseltrack import routing, sea, tracks
from vesseltrack.core.geodesy import great_circle_m

SEEN = {"lat": (53.3, 59.5), "lon": (6.5, 16.0)}  # where reports are heard
HUB = (57.9, 10.9)  # at sea off Skagen: a port that no ship reaches from there is left out
MAX_SNAP_KM = 2.0  # a quay farther from the water has no place on the map
MAX_INLAND_NM = 4.0  # nor has one whose way leads so far through what the coast line has as land
LARGE = 6  # times as often as a small one a large port is called at
N_WAYS = {"merchant": 240, "ferry": 20, "fishing": 60, "pleasure": 80}
LENGTHS_NM = {
    "merchant": (40.0, 600.0),
    "ferry": (3.0, 70.0),
    "fishing": (8.0, 80.0),
    "pleasure": (3.0, 35.0),
}
N_GROUNDS, GROUND_FREE_M = 25, 9_000.0  # from the shore
N_ROADS, ROAD_NM, ROAD_FREE_M = 40, (2.0, 6.0), 800.0  # from quays, from the shore
ROOM_NM = 0.3  # lanes are no farther from the line, and there only if it is water on both sides
STEP_NM = 0.5
N_BESIDE = 7  # points that a lane takes to come and go
M_PER_NM = 1852.0


@dataclass(frozen=True)
class Way:
    """Points some half mile apart along a shortest route.

    `room_frac` says how much of a lane there is room for.
    """

    lat: np.ndarray
    lon: np.ndarray
    along_nm: np.ndarray
    room_frac: np.ndarray
    origin: str
    bound: str
    TOW_NM: ClassVar[float] = 6.0  # how long a tow is: no farther than half of it from a ground

    @classmethod
    def along(cls, route, origin, bound):
        """Return a route as points at equal steps."""
        leg_m = great_circle_m(route.lat[:-1], route.lon[:-1], route.lat[1:], route.lon[1:])
        at_nm = np.concatenate(([0.0], np.cumsum(leg_m))) / M_PER_NM
        along_nm = np.linspace(0, at_nm[-1], max(3, round(at_nm[-1] / STEP_NM)))
        lat, lon = (np.interp(along_nm, at_nm, places) for places in (route.lat, route.lon))
        way = cls(lat, lon, along_nm, np.ones(along_nm.size), origin, bound)
        is_wet = np.ones(along_nm.size, dtype=bool)
        for lane_nm in (-ROOM_NM, -ROOM_NM / 2, ROOM_NM / 2, ROOM_NM):
            is_wet &= ~sea.is_land(*way.beside(lane_nm))
        is_wet[:N_BESIDE] = is_wet[-N_BESIDE:] = False
        beside = np.lib.stride_tricks.sliding_window_view(
            np.pad(is_wet, N_BESIDE // 2, mode="edge"), N_BESIDE
        )
        smooth = np.pad(beside.all(axis=1).astype(float), N_BESIDE // 2, mode="edge")
        room_frac = np.convolve(smooth, np.full(N_BESIDE, 1 / N_BESIDE), mode="valid")
        return replace(way, room_frac=room_frac)

    def beside(self, lane_nm):
        """Return latitudes and longitudes of a lane to starboard [nm], where there is room."""
        squeeze = np.cos(np.radians(self.lat))
        course = np.arctan2(np.gradient(self.lon) * squeeze, np.gradient(self.lat))
        off_deg = np.clip(lane_nm, -ROOM_NM, ROOM_NM) * self.room_frac / 60
        lat = self.lat - off_deg * np.sin(course)
        return lat, self.lon + off_deg * np.cos(course) / squeeze

    def back(self):
        """Return the same the other way."""
        along_nm = self.along_nm[-1] - self.along_nm[::-1]
        points = (self.lat[::-1], self.lon[::-1], along_nm, self.room_frac[::-1])
        return Way(*points, self.bound, self.origin)

    @property
    def inland_nm(self):
        """How much of it the coast line has as land."""
        return np.count_nonzero(sea.is_land(self.lat, self.lon)) * STEP_NM


@dataclass(frozen=True)
class Waters:
    """Where vessels of each role may go."""

    ports: np.ndarray  # (n, 2) latitudes and longitudes
    weight: np.ndarray
    roads: np.ndarray
    ways: Mapping[str, list[Way]]
    ways_from: Mapping[str, Mapping[str, list[Way]]]

    @classmethod
    @functools.cache
    def drawn(cls):
        """Return waters with ways between ports that ships reach, the same for all days."""
        rng = np.random.default_rng(0)
        ports, names, weight = ports_at_sea()
        grounds = at_sea(N_GROUNDS, GROUND_FREE_M, rng)
        ways = {}
        for role, n in N_WAYS.items():
            to_grounds = role == "fishing"
            ends = (grounds, ["FISHING"] * len(grounds)) if to_grounds else (ports, names)
            chosen = rng.choice(len(ports), 3 * n, p=weight if role == "merchant" else None)
            found = between((ports, names), ends, chosen, LENGTHS_NM[role], rng)[:n]
            ways[role] = found if to_grounds else found + [way.back() for way in found]
        ways_from = {role: defaultdict(list) for role in ways}
        for role, found in ways.items():
            for way in found:
                ways_from[role][way.origin].append(way)
        return cls(ports, weight, roads_of(ways["merchant"], rng), ways, ways_from)

    def any_port(self, rng):
        """Return the place of a port, a large one more often than a small one."""
        return self.ports[rng.choice(len(self.ports), p=self.weight)]

    def any_road(self, rng):
        """Return a place to anchor."""
        return self.roads[rng.integers(len(self.roads))] + rng.normal(0, 0.003, 2)

    def any_way(self, role, rng):
        """Return a way for a role."""
        return self.ways[role][rng.integers(len(self.ways[role]))]

    def next_way(self, role, way, rng):
        """Return the way that follows: merchant ships go on, the others go back."""
        if role != "merchant":
            return way.back()
        on = self.ways_from[role][way.bound]
        return on[rng.integers(len(on))]


def ports_at_sea():
    """Return places, names and weights of the ports that a way through open water leads to."""
    listed = tracks.listed_ports()
    for name, (low, high) in SEEN.items():
        inside = pc.and_(pc.greater(listed[name], low), pc.less(listed[name], high))
        listed = listed.filter(inside)
    lat, lon = listed["lat"].to_numpy(), listed["lon"].to_numpy()
    found = routing.shortest_routes(np.full(lat.size, HUB[0]), np.full(lat.size, HUB[1]), lat, lon)
    rows = [row for row, route in enumerate(found) if is_open(route)]
    weight = np.where(listed["is_large"].to_numpy()[rows], LARGE, 1.0)
    names = listed["name"].to_pylist()
    places = np.column_stack((lat, lon))[rows]
    return places, [names[row] for row in rows], weight / weight.sum()


def is_open(route):
    """Return whether there is a route, to a quay by the water, hardly over land."""
    if not isinstance(route, routing.Route) or route.snap_km[1] > MAX_SNAP_KM:
        return False
    return Way.along(route, "", "").inland_nm <= MAX_INLAND_NM


def between(starts, ends, chosen, lengths_nm, rng):
    """Return ways from chosen starts to ends drawn for each, of lengths within bounds."""
    (places, names), (other_places, other_names) = starts, ends
    one, other = [], []
    for start in chosen.tolist():
        apart_nm = great_circle_m(*places[start], *other_places.T) / M_PER_NM
        near = np.flatnonzero((apart_nm > lengths_nm[0] / 2) & (apart_nm < lengths_nm[1]))
        if near.size:
            one.append(start)
            other.append(rng.choice(near))
    found = routing.shortest_routes(*places[one].T, *other_places[other].T)
    return [
        Way.along(route, names[start], other_names[end])
        for route, start, end in zip(found, one, other, strict=True)
        if isinstance(route, routing.Route) and lengths_nm[0] <= route.distance_nm <= lengths_nm[1]
    ]


def at_sea(n, free_m, rng):
    """Return places at sea, so far from any shore."""
    lat, lon = (rng.uniform(*SEEN[name], 50 * n) for name in ("lat", "lon"))
    return np.column_stack((lat, lon))[sea.shore_distance_m(lat, lon) >= free_m][:n]


def roads_of(ways, rng):
    """Return places to anchor on the ways of merchant ships, some miles from their quays."""
    places = []
    for nth in rng.permutation(len(ways)):
        way = ways[nth]
        at = np.searchsorted(way.along_nm, rng.uniform(*ROAD_NM))
        place = way.lat[at], way.lon[at]
        if sea.shore_distance_m(*place) >= ROAD_FREE_M:
            places.append(place)
        if len(places) == N_ROADS:
            break
    return np.array(places)
