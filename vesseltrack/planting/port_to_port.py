"""Ports between which a voyage is planted, and ways between them that are longer than need be."""

from collections.abc import Collection
from typing import Final

import numpy as np

from vesseltrack import routing, tracks
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.errors import RouteError
from vesseltrack.planting.host import Host
from vesseltrack.units import m_to_nm

_NEAR_NM: Final = 400.0  # of the traffic
_SHORT_NM: Final = 300.0  # below 200 nm only what is longer by more than a fifth is a detour
_HALVINGS: Final = 8
_NEAR_ENOUGH: Final = 0.1  # of the share by which a detour is to be longer: it may be more


def locode_at(place: tuple[float, float]) -> str | None:
    """Return the code of the listed port at a place; None if it has none."""
    ports = tracks.listed_ports()
    is_there = (ports["lat"].to_numpy() == place[0]) & (ports["lon"].to_numpy() == place[1])
    locode: str | None = ports["locode"][int(np.flatnonzero(is_there)[0])].as_py()
    return locode


def two_ports(
    host: Host, rng: np.random.Generator
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return two listed ports near some traffic of an archive, by their latitude and longitude."""
    ports = tracks.listed_ports()
    lat, lon = ports["lat"].to_numpy(), ports["lon"].to_numpy()
    row = int(rng.integers(host.lat.size))
    away_nm = m_to_nm(great_circle_m(host.lat[row], host.lon[row], lat, lon))
    near = np.flatnonzero(away_nm < _NEAR_NM)
    if near.size < 2:  # noqa: PLR2004 - a voyage has two ends
        near = np.argsort(away_nm)[:10]
    one, other = rng.choice(near, 2, replace=False)
    return (float(lat[one]), float(lon[one])), (float(lat[other]), float(lon[other]))


def roundabout(
    start: tuple[float, float],
    end: tuple[float, float],
    share: float,
    most_nm: float,
    length_m: float,
    rng: np.random.Generator,
) -> tuple[routing.Route, routing.Route] | None:
    """Return routes to and from a place that make a voyage longer by a share; None if none do.

    For a ship of some length, and longer than the shortest way through the passages that they
    take: to leave out Suez, or the Strait of Magellan, is another way and no detour.
    """
    try:
        direct = routing.shortest_route(start, end, length_m=length_m)
    except RouteError:
        return None
    if not _SHORT_NM <= direct.distance_nm <= most_nm / (1 + share):
        return None
    middle = int(np.searchsorted(np.linspace(0, 1, direct.lat.size), 0.5))
    lat, lon = float(direct.lat[middle]), float(direct.lon[middle])
    angle, low_deg, high_deg = float(rng.uniform(0, 2 * np.pi)), 0.0, direct.distance_nm / 60
    for _ in range(_HALVINGS):
        off_deg = (low_deg + high_deg) / 2
        via_lat = lat + off_deg * np.cos(angle)
        via_lon = lon + off_deg * np.sin(angle) / np.cos(np.radians(np.clip(via_lat, -80, 80)))
        via = (float(via_lat), float((via_lon + 180) % 360 - 180))
        try:
            parts = (
                routing.shortest_route(start, via, length_m=length_m),
                routing.shortest_route(via, end, length_m=length_m),
            )
            taken = {name for part in parts for name in part.passages}
            shortest_nm = _through_nm(direct, taken, length_m)
        except RouteError:
            return None
        longer = sum(part.distance_nm for part in parts) / shortest_nm - 1
        if 0 <= longer - share <= _NEAR_ENOUGH * share:
            return parts
        low_deg, high_deg = (off_deg, high_deg) if longer < share else (low_deg, off_deg)
    return None


def _through_nm(direct: routing.Route, taken: Collection[str], length_m: float) -> float:
    """Return the least distance between the ends of a route through no other passages [nm]."""
    route, avoid = direct, set[str]()
    while not_taken := set(route.passages) - set(taken):
        avoid |= not_taken
        ends = [(float(direct.lat[row]), float(direct.lon[row])) for row in (0, -1)]
        route = routing.shortest_route(*ends, avoid=sorted(avoid), length_m=length_m)
    return route.distance_nm
