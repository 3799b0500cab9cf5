"""Where the land is: on land or not, how far to the shore, and legs that cross land.

The land is Natural Earth 1:10 million as shipped in `data/land-10m.json`, its coordinates rounded
to 0.0036 degree of longitude and 0.0017 degree of latitude. Whatever lies inside a coast line is
land: lakes and rivers too, but for the Caspian Sea, which Natural Earth leaves out of the land.
"""

import functools
import importlib.resources
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from vesseltrack.core.geodesy import (
    Floats,
    chord_of_m,
    great_circle_m,
    lat_lon_of_xyz,
    lon_difference_deg,
    m_of_chord,
    nearest_on_arc_m,
    unit_xyz,
    wrap_lon_deg,
)
from vesseltrack.core.near import UNMARKED, Nearest
from vesseltrack.core.runs import Bools, Ints, block_of_row, offsets_of_sorted, ranges

Ring = npt.NDArray[np.float64]  # (n, 2) longitude, latitude; closed; never jumps at the date line
Polygons = npt.NDArray[np.object_]

_LAND_FILE: Final = "land-10m.json"
_BEYOND_DATE_LINE_DEG: Final = 10.0  # legs are cut shorter than this wherever there is land
_ARC_M: Final = 1_000.0  # coast lines are cut into arcs of at most this length
_CLOSE_M: Final = 12_500.0  # beyond, an arc away from the nearest end gains less than 10 m
_N_FIRST_ENDS: Final = 8
_COAST_NOISE_M: Final = 50.0  # by which arcs, and lines straight in degrees, may miss each other
_SEA, _LAND = 1, 2  # marks of cells
# Cut at this, a leg drawn straight in degrees stays within 30 m of its great circle up to 75
# degrees of latitude, a fraction of what the coast itself is rounded to.
_PIECE_M: Final = 20_000.0
# Bound the memory of geometry objects: half round the globe a leg has a thousand pieces.
_CHUNK_POINTS: Final = 1 << 17
_CHUNK_LEGS: Final = 1 << 10
_TILE_DEG: Final = 0.1  # points of so large a tile are looked up together
_MANY_TILES: Final = 10_000  # more than there are round the globe
# The index of a prepared polygon is completed by its first uses, which GEOS does not guard: two
# threads at once crash the interpreter.
_ONE_AT_A_TIME: Final = threading.Lock()


def is_land(lat: npt.ArrayLike, lon: npt.ArrayLike) -> Bools:
    """Return whether points lie on land or on its edge.

    Parameters
    ----------
    lat, lon : (n,)
        Points [deg]; longitudes in any range.

    Returns
    -------
    is_land : (n,)
        False where a coordinate is NaN. About 1 us a point.
    """
    return _chunked(_is_land, np.bool_, _CHUNK_POINTS, lat, lon)


def shore_distance_m(lat: npt.ArrayLike, lon: npt.ArrayLike) -> Floats:
    """Return the great-circle distance to the nearest land.

    Exact to 10 m for the shipped coast, which is itself some hundred metres off the real one.

    Parameters
    ----------
    lat, lon : (n,)
        Points [deg]; longitudes in any range.

    Returns
    -------
    distance_m : (n,)
        0 on land [m]; NaN where a coordinate is NaN. A few us a point.
    """
    return _chunked(_shore_distance_m, np.float64, _CHUNK_POINTS, lat, lon)


def inland_distance_m(lat: npt.ArrayLike, lon: npt.ArrayLike) -> Floats:
    """Return the great-circle distance from points on land to the nearest shore.

    Parameters
    ----------
    lat, lon : (n,)
        Points [deg]; longitudes in any range.

    Returns
    -------
    distance_m : (n,)
        0 at sea, and where a coordinate is NaN [m]. As exact as `shore_distance_m`.
    """
    return _chunked(_inland_distance_m, np.float64, _CHUNK_POINTS, lat, lon)


def crosses_land(
    lat1: npt.ArrayLike, lon1: npt.ArrayLike, lat2: npt.ArrayLike, lon2: npt.ArrayLike
) -> Bools:
    """Return whether great-circle legs touch land anywhere, their ends included.

    A leg from a berth that the shipped coast has on land therefore crosses land.

    Parameters
    ----------
    lat1, lon1, lat2, lon2 : (n,)
        Ends of the legs [deg]; longitudes in any range, not antipodes of each other.

    Returns
    -------
    crosses_land : (n,)
        False where a coordinate is NaN. About 1 ms for 10,000 km.
    """
    return _chunked(_crosses_land, np.bool_, _CHUNK_LEGS, lat1, lon1, lat2, lon2)


@functools.cache
def land_polygons() -> Polygons:
    """Return the land as shapely polygons in degrees, longitude first; not to be changed.

    None is cut at the date line: polygons reach beyond 180 degrees, and what lies within 10
    degrees of it is given a second time on the other side.
    """
    return _polygons(_shipped_rings())


def _chunked(
    kernel: Callable[..., npt.NDArray[Any]],
    kind: type[Any],
    n_rows: int,
    *coordinates: npt.ArrayLike,
) -> npt.NDArray[Any]:
    """Apply a kernel to the finite rows, some at a time; the others give NaN or False."""
    arrays = np.broadcast_arrays(*(np.asarray(c, dtype=np.float64) for c in coordinates))
    flat = [array.ravel() for array in arrays]
    rows = np.flatnonzero(np.all(np.isfinite(flat), axis=0))
    result = np.full(flat[0].size, np.nan if kind is np.float64 else False, dtype=kind)
    for first in range(0, rows.size, n_rows):
        chunk = rows[first : first + n_rows]
        with _ONE_AT_A_TIME:
            result[chunk] = kernel(*(column[chunk] for column in flat))
    return result.reshape(arrays[0].shape)


def _is_land(lat: Floats, lon: Floats) -> Bools:
    polygons, lon = land_polygons(), wrap_lon_deg(lon)
    point, polygon = _in_bounds(lat, lon)
    # Points of one polygon in a row: its own index stays in the processor's cache.
    order = np.argsort(polygon, kind="stable")
    point, polygon = point[order], polygon[order]
    hit = shapely.intersects_xy(polygons[polygon], lon[point], lat[point])
    result = np.zeros(lat.size, dtype=np.bool_)
    result[point[hit]] = True
    return result


def _in_bounds(lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
    """Return the pairs of a point and a polygon that may hold it: within the polygon's bounds.

    The index is asked about tiles: to make an object of every point takes longer than the rest.
    """
    south, west = np.floor(lat / _TILE_DEG), np.floor(lon / _TILE_DEG)
    code = (south * _MANY_TILES + west).astype(np.int64)
    order = np.argsort(code, kind="stable")
    offsets = offsets_of_sorted(code[order])
    first = order[offsets[:-1]]
    south, west = south[first] * _TILE_DEG, west[first] * _TILE_DEG
    tiles = shapely.box(west, south, west + _TILE_DEG, south + _TILE_DEG)
    tile, polygon = _land_index().query(tiles)
    point = order[ranges(offsets[tile], offsets[tile + 1])]
    polygon = np.repeat(polygon, np.diff(offsets)[tile])
    min_lon, min_lat, max_lon, max_lat = _land_bounds()[:, polygon]
    at_lat, at_lon = lat[point], lon[point]
    inside = (at_lat >= min_lat) & (at_lat <= max_lat) & (at_lon >= min_lon) & (at_lon <= max_lon)
    return point[inside], polygon[inside]


def _shore_distance_m(lat: Floats, lon: Floats) -> Floats:
    distance_m, lon = np.zeros(lat.size), wrap_lon_deg(lon)
    coast, xyz = _coast(), unit_xyz(lat, lon)
    found = coast.cells.of(lat, lon, xyz)
    unknown = np.flatnonzero(found.mark == UNMARKED)
    is_land = found.mark == _LAND
    is_land[unknown] = _is_land(lat[unknown], lon[unknown])
    at_sea = ~is_land
    pairs = np.flatnonzero(at_sea[found.place])
    number = np.cumsum(at_sea) - 1
    distance_m[at_sea] = coast.distance_beside_m(
        xyz[at_sea], found.nearest[at_sea], number[found.place[pairs]], found.point[pairs]
    )
    return distance_m


def _inland_distance_m(lat: Floats, lon: Floats) -> Floats:
    distance_m, lon = np.zeros(lat.size), wrap_lon_deg(lon)
    on_land = np.flatnonzero(_is_land(lat, lon))
    distance_m[on_land] = _coast().distance_m(unit_xyz(lat[on_land], lon[on_land]))
    return distance_m


def _crosses_land(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Bools:
    crosses = _is_land(lat1, lon1) | _is_land(lat2, lon2)
    open_legs = np.flatnonzero(~crosses)
    leg, ends = _pieces(lat1[open_legs], lon1[open_legs], lat2[open_legs], lon2[open_legs])
    lines = shapely.linestrings(ends)
    line, polygon = _land_index().query(lines)
    hit = shapely.intersects(land_polygons()[polygon], lines[line])
    crosses[open_legs[leg[line[hit]]]] = True
    return crosses


def _pieces(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> tuple[Ints, Floats]:
    """Cut great-circle legs into pieces that are straight in degrees.

    Returns
    -------
    leg : (n_pieces,)
        The leg of each piece.
    ends : (n_pieces, 2, 2)
        Longitude and latitude of both ends; the first in [-180, 180), the second beside it.
    """
    start, end = unit_xyz(lat1, lon1), unit_xyz(lat2, lon2)
    length_m = great_circle_m(lat1, lon1, lat2, lon2)
    n_pieces = np.maximum(1, np.ceil(length_m / _PIECE_M)).astype(np.int64)
    offsets = np.concatenate(([0], np.cumsum(n_pieces)))
    leg = block_of_row(offsets)
    nth = np.arange(leg.size) - offsets[leg]
    angle = 2 * np.arcsin(np.linalg.norm(end - start, axis=1) / 2)

    def places(number: Ints) -> tuple[Floats, Floats]:
        frac = number / n_pieces[leg]
        along = (
            np.sin((1 - frac) * angle[leg])[:, None] * start[leg]
            + np.sin(frac * angle[leg])[:, None] * end[leg]
        )
        lat, lon = lat_lon_of_xyz(along)
        is_first, is_last = number == 0, number == n_pieces[leg]
        return (
            np.select([is_first, is_last], [lat1[leg], lat2[leg]], lat),
            np.select([is_first, is_last], [lon1[leg], lon2[leg]], lon),
        )

    (from_lat, from_lon), (to_lat, to_lon) = places(nth), places(nth + 1)
    from_lon = wrap_lon_deg(from_lon)
    to_lon = from_lon + lon_difference_deg(from_lon, to_lon)
    ends = np.stack([from_lon, from_lat, to_lon, to_lat], axis=1).reshape(-1, 2, 2)
    return leg, ends


@dataclass(frozen=True)
class _Coast:
    """The coast as short arcs: each starts at a vertex, `previous` is the arc that ends there."""

    start: Floats
    end: Floats
    previous: Ints
    vertices: cKDTree
    cells: Nearest

    def distance_m(self, points: Floats) -> Floats:
        """Return great-circle distances from unit vectors (n, 3) to the nearest arc."""
        none = np.zeros(0, dtype=np.int64)
        return self.distance_beside_m(points, self.cells.searched(points), none, none)

    def distance_beside_m(
        self, points: Floats, nearest: Ints, place: Ints, vertex: Ints
    ) -> Floats:
        """Return great-circle distances from places to the nearest arc.

        Parameters
        ----------
        points : (n, 3)
            Places as unit vectors.
        nearest : (n,)
            The nearest vertex of each.
        place, vertex : (m,)
            Vertices of which no others are as near to places, by place; all or none of a place.
        """
        distance_m = self._to_arcs_at(nearest, points)
        is_close = distance_m < _CLOSE_M
        pairs = np.flatnonzero(is_close[place])
        at = place[pairs]
        chord = self.cells.chord(points[at], vertex[pairs])
        is_near = chord <= _reach(distance_m)[at]
        found_m = self._to_arcs_at(vertex[pairs[is_near]], points[at[is_near]])
        is_close[place] = False
        unsure = np.flatnonzero(is_close)
        first_m = distance_m.copy()
        np.minimum.at(distance_m, at[is_near], found_m)
        n_ends = _N_FIRST_ENDS
        while unsure.size:
            chord, found = self.vertices.query(points[unsure], k=n_ends)
            reach = _reach(first_m[unsure])
            row, column = np.nonzero(chord <= reach[:, None])
            of_point = unsure[row]
            found_m = self._to_arcs_at(found[row, column], points[of_point])
            np.minimum.at(distance_m, of_point, found_m)
            unsure = unsure[chord[:, -1] <= reach]
            n_ends *= 4
        return distance_m

    def _to_arcs_at(self, vertex: Ints, points: Floats) -> Floats:
        """Return the distance from each point to the nearer of the two arcs at a vertex."""
        before = self.previous[vertex]
        after_m, _ = nearest_on_arc_m(points, self.start[vertex], self.end[vertex])
        before_m, _ = nearest_on_arc_m(points, self.start[before], self.end[before])
        return np.minimum(after_m, before_m)


def _reach(distance_m: Floats) -> Floats:
    """Return how near an end of a nearer arc must be than those at a distance [chord].

    The foot of the perpendicular is at most half an arc away from one of its ends. Arcs may be a
    trifle longer where meridians meet.
    """
    return chord_of_m(np.hypot(distance_m, 0.51 * _ARC_M))


def _marked(lat: Floats, lon: Floats, reach: Floats) -> Ints:
    """Return which cells are all sea or all land: those that no coast comes near."""
    lon = wrap_lon_deg(lon)
    away_m = _coast().distance_m(unit_xyz(lat, lon))
    kind = np.where(_is_land(lat, lon), _LAND, _SEA)
    return np.where(away_m > m_of_chord(reach) + _COAST_NOISE_M, kind, UNMARKED)


@functools.cache
def _land_bounds() -> Floats:
    """Return west, south, east and north of each polygon, shape (4, n)."""
    return np.ascontiguousarray(shapely.bounds(land_polygons()).T)


@functools.cache
def _land_index() -> shapely.STRtree:
    shapely.prepare(land_polygons())
    return shapely.STRtree(land_polygons())


@functools.cache
def _coast() -> _Coast:
    rings = [ring for polygon in _shipped_rings() for ring in polygon]
    n_edges = np.array([len(ring) - 1 for ring in rings])
    first = np.concatenate([ring[:-1] for ring in rings])
    step = np.concatenate([np.diff(ring, axis=0) for ring in rings])
    last = first + step
    length_m = great_circle_m(first[:, 1], first[:, 0], last[:, 1], last[:, 0])
    n_arcs = np.maximum(1, np.ceil(length_m / _ARC_M)).astype(np.int64)
    offsets = np.concatenate(([0], np.cumsum(n_arcs)))
    edge = block_of_row(offsets)
    frac = (np.arange(edge.size) - offsets[edge]) / n_arcs[edge]
    lon, lat = (first[edge] + frac[:, None] * step[edge]).T
    start = unit_xyz(lat, lon)
    ring_starts = offsets[np.concatenate(([0], np.cumsum(n_edges)))]
    following = np.arange(1, edge.size + 1)
    following[ring_starts[1:] - 1] = ring_starts[:-1]
    previous = np.empty_like(following)
    previous[following] = np.arange(edge.size)
    # Unbalanced and loose: four times as fast far offshore as the default, and built in half.
    vertices = cKDTree(start, balanced_tree=False, compact_nodes=False)
    cells = Nearest(
        start,
        vertices,
        all_within_m=_CLOSE_M + _ARC_M,
        hardly_m=0.52 * _ARC_M,
        mark=_marked,
    )
    return _Coast(start, start[following], previous, vertices, cells)


def _polygons(land: list[list[Ring]]) -> Polygons:
    """Return the polygons of the land, with copies that reach in from beyond the date line."""
    polygons = []
    for shell, *holes in land:
        polygon = shapely.polygons(_closed_round_pole(shell), holes or None)
        west, _, east, _ = polygon.bounds
        for shift in (-360.0, 0.0, 360.0):
            edge = 180.0 + _BEYOND_DATE_LINE_DEG
            if west + shift <= edge and east + shift >= -edge:
                polygons.append(shapely.transform(polygon, _eastward(shift)))
    return np.array(polygons, dtype=np.object_)


def _eastward(shift: float) -> Callable[[Ring], Ring]:
    return lambda places: places + np.array([shift, 0.0])


def _closed_round_pole(ring: Ring) -> Ring:
    """Return the ring, led over the pole when it runs once round the globe, as Antarctica does."""
    (west, _), (east, lat) = ring[0], ring[-1]
    if abs(east - west) < 180.0:  # noqa: PLR2004 - a whole turn or none
        return ring
    pole = np.copysign(90.0, lat)
    return np.concatenate([ring, [(east, pole), (west, pole)], ring[:1]])


@functools.cache
def _shipped_rings() -> list[list[Ring]]:
    content = (importlib.resources.files("vesseltrack") / "data" / _LAND_FILE).read_bytes()
    return _rings(json.loads(content))


def _rings(topology: dict[str, Any]) -> list[list[Ring]]:
    """Return each polygon of a TopoJSON land as its rings, the shell first, holes beside it."""
    arcs = _arcs(topology)
    land = []
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            shell, *holes = (_ring(arcs, numbers) for numbers in polygon)
            land.append([shell, *(_beside(hole, shell) for hole in holes)])
    return land


def _arcs(topology: dict[str, Any]) -> list[Ring]:
    """Return the arcs in degrees: they are stored as steps on a grid."""
    n_points = [len(arc) for arc in topology["arcs"]]
    steps = np.array(
        [number for arc in topology["arcs"] for step in arc for number in step], dtype=np.int64
    ).reshape(-1, 2)
    places = np.cumsum(steps, axis=0)
    firsts = np.concatenate(([0], np.cumsum(n_points)[:-1]))
    places -= np.repeat(places[firsts] - steps[firsts], n_points, axis=0)
    transform = topology["transform"]
    degrees = places * np.array(transform["scale"]) + np.array(transform["translate"])
    return np.split(degrees, np.cumsum(n_points)[:-1])


def _ring(arcs: list[Ring], numbers: list[int]) -> Ring:
    """Join arcs to a ring; ~i is arc i backwards, and each starts where the last one ended."""
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in numbers]
    places = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
    lon, lat = places.T
    unwrapped = lon[0] + np.concatenate(([0.0], np.cumsum(lon_difference_deg(lon[:-1], lon[1:]))))
    return np.stack([unwrapped, lat], axis=1)


def _beside(hole: Ring, shell: Ring) -> Ring:
    """Return a hole on the turn of longitude on which its shell lies."""
    turns = np.floor((np.min(hole[:, 0]) - np.min(shell[:, 0])) / 360.0)
    return np.asarray(hole - np.array([turns * 360.0, 0.0]))
