"""Where a point takes to the water: its own place at sea, or the nearest that ships reach."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import (
    Floats,
    great_circle_m,
    lat_lon_of_xyz,
    nearest_on_arc_m,
    unit_xyz,
)
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.routing.network import NO_NODE, Network
from vesseltrack.sea import is_land
from vesseltrack.units import EARTH_RADIUS_M

N_EDGES: Final = 24  # edges near a point whose ends it may sail to
_N_BEARINGS: Final = 24
# Rings in which a point on land looks for water: fine where harbours are, coarse farther out.
_RINGS_M: Final = np.concatenate(
    [np.arange(250, 3_000, 250), np.arange(3_000, 10_000, 1_000), np.arange(10_000, 30_001, 2_500)]
).astype(float)
# Bays and skerries open up within these distances; finer would only cost time.
_BEND_RINGS_M: Final = (1_500.0, 4_000.0, 10_000.0, 25_000.0)


@dataclass(frozen=True, eq=False)
class Ends:
    """Where points join the water, one row a point.

    Parameters
    ----------
    lat, lon : (n,)
        The place on the water [deg].
    snap_m : (n,)
        How far that is from the point given [m].
    is_open : (n,)
        Whether the place is open sea, from which legs go wherever they are clear; else it lies on
        an edge of the network (in a river, a canal) and only that edge leads on.
    nodes : (n, k)
        Nodes that may be reached from there, `NO_NODE` where a row has fewer.
    """

    lat: Floats
    lon: Floats
    snap_m: Floats
    is_open: Bools
    nodes: Ints

    def row(self, i: int) -> "Ends":
        """Return one of the rows."""
        nth = slice(i, i + 1)
        return Ends(
            self.lat[nth], self.lon[nth], self.snap_m[nth], self.is_open[nth], self.nodes[nth]
        )


def ends_of(network: Network, lat: Floats, lon: Floats) -> Ends:
    """Return where points join the water, however far that is.

    Parameters
    ----------
    network : Network
        What they join.
    lat, lon : (n,)
        Points without NaN [deg].
    """
    on_edge = nearest_on_edges(network, lat, lon)
    at_sea = ~is_land(lat, lon)
    place_lat = np.where(at_sea, lat, on_edge.lat)
    place_lon = np.where(at_sea, lon, on_edge.lon)
    snap_m = np.where(at_sea, 0.0, on_edge.snap_m)
    # A river or canal of the network that is nearer than the sea is what the vessel lies in.
    for ring_m in _RINGS_M:
        rows = np.flatnonzero(~at_sea & (ring_m < snap_m))
        if rows.size == 0:
            continue
        found_lat, found_lon, found = _water_on_ring(lat[rows], lon[rows], ring_m)
        rows, found_lat, found_lon = rows[found], found_lat[found], found_lon[found]
        place_lat[rows], place_lon[rows], snap_m[rows] = found_lat, found_lon, ring_m
        at_sea[rows] = True
    nodes = network.nodes_around(place_lat, place_lon, N_EDGES)
    nodes[~at_sea] = NO_NODE
    nodes[~at_sea, :2] = on_edge.nodes[~at_sea]
    return Ends(place_lat, place_lon, snap_m, at_sea, nodes)


def bends_near(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Return places around points at which a way out of shelter may bend, shape (n, m) [deg].

    Some lie on land or out of sight; that is for the caller to test.
    """
    rings = [_ring(lat, lon, radius_m) for radius_m in _BEND_RINGS_M]
    around_lat, around_lon = (np.concatenate(axis, axis=1) for axis in zip(*rings, strict=True))
    return around_lat, around_lon


def nearest_on_edges(network: Network, lat: Floats, lon: Floats) -> Ends:
    """Return the nearest places on edges of the network, whatever lies between."""
    edges = network.near_edges(lat, lon, N_EDGES)
    points = unit_xyz(lat, lon)[:, None, :]
    start = unit_xyz(network.lat[network.start[edges]], network.lon[network.start[edges]])
    end = unit_xyz(network.lat[network.end[edges]], network.lon[network.end[edges]])
    distance_m, along = nearest_on_arc_m(points, start, end)
    row, best = np.arange(lat.size), np.argmin(distance_m, axis=1)
    start, end, along = start[row, best], end[row, best], along[row, best, None]
    place_lat, place_lon = lat_lon_of_xyz(start + along * (end - start))
    edge = edges[row, best]
    nodes = np.stack([network.start[edge], network.end[edge]], axis=1)
    snap_m = great_circle_m(lat, lon, place_lat, place_lon)
    return Ends(place_lat, place_lon, snap_m, np.zeros(lat.size, dtype=bool), nodes)


def _water_on_ring(lat: Floats, lon: Floats, radius_m: float) -> tuple[Floats, Floats, Bools]:
    """Return for each point a place at sea at a distance from it, and whether there is one."""
    around_lat, around_lon = _ring(lat, lon, radius_m)
    wet = ~is_land(around_lat.ravel(), around_lon.ravel()).reshape(around_lat.shape)
    row, first = np.arange(lat.size), np.argmax(wet, axis=1)
    return around_lat[row, first], around_lon[row, first], wet[row, first]


def _ring(lat: Floats, lon: Floats, radius_m: float) -> tuple[Floats, Floats]:
    """Return points around points at one distance, shape (n, n_bearings) [deg]."""
    phi, lam = np.radians(lat)[:, None], np.radians(lon)[:, None]
    bearing = np.arange(_N_BEARINGS) * (2 * np.pi / _N_BEARINGS)
    arc = radius_m / EARTH_RADIUS_M
    sin_phi = np.sin(phi) * np.cos(arc) + np.cos(phi) * np.sin(arc) * np.cos(bearing)
    east = np.sin(bearing) * np.sin(arc) * np.cos(phi)
    around_lam = lam + np.arctan2(east, np.cos(arc) - np.sin(phi) * sin_phi)
    return np.degrees(np.arcsin(sin_phi)), np.degrees(around_lam)
