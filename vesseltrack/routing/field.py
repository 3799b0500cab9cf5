"""How far remains by sea from anywhere to one destination."""

import functools
import threading
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from vesseltrack.config.routing import RoutingConfig
from vesseltrack.core.geodesy import (
    Floats,
    great_circle_m,
    lat_lon_of_xyz,
    lengths,
    m_of_chord,
    unit_xyz,
    wrap_lon_deg,
)
from vesseltrack.core.runs import Ints
from vesseltrack.errors import RouteError
from vesseltrack.routing.anchors import N_NEAR, Anchors, Tree, anchors_of
from vesseltrack.routing.graph import OpenSea, open_sea
from vesseltrack.routing.graph import forget as forget_graph
from vesseltrack.routing.kept import kept
from vesseltrack.routing.lines import Line, place
from vesseltrack.routing.packed import PackedTree, Shelf
from vesseltrack.routing.part import WIDEST_M, part_around
from vesseltrack.routing.part import forget as forget_part
from vesseltrack.routing.places import Places, inland_m, places_of, seated, together
from vesseltrack.routing.ponds import POND_M, found_ponds, ponds_at
from vesseltrack.routing.search import shortest_line
from vesseltrack.units import m_to_nm

_POLE_DEG: Final = 90.0
_REPEAT_M: Final = 1.0  # points nearer than this to the one before are the same
# How far a tree is grown at first: this many times as far as the points asked about lie, and more.
_FIRST_REACH: Final = (1.5, POND_M)
_REACH_GROWTH: Final = 2.0
_LAST_REACH_M: Final = 2_500_000.0  # beyond a sea and those beside it the whole one is grown
_N_ROUGH: Final = 4  # nodes around a point: the nearest alone may lie behind it
_N_ANCHORS: Final = 4  # sets of points that one field keeps its anchors for
_N_SEATS: Final = 512  # points of a sea kept with the nodes around them, half a kilobyte each
_SHELF: Final = Shelf()
_SEATING: Final = threading.Lock()
_Seat: TypeAlias = tuple[Places, tuple[Ints, Floats]]
# By the sea, and gone with it: a cache that held on to 55 of them took 0.4 GiB.
_SEATS: Final[WeakKeyDictionary[OpenSea, dict[tuple[float, float], _Seat]]] = WeakKeyDictionary()


class DistanceField:
    """Shortest distances by sea to one destination, ready for any number of points.

    Made by `vesseltrack.routing.distance_field`. What it says of a point depends on the point and
    on the others asked about with it, by less than 0.3 %: nodes near all of them help each.
    """

    def __init__(
        self, destination: tuple[float, float], closed: frozenset[str], config: RoutingConfig
    ) -> None:
        self.destination = (destination[0], float(wrap_lon_deg(destination[1])))
        self.closed = closed
        self._config = config
        with open_sea(closed) as sea:
            lat, lon = np.array([self.destination]).T
            end, ((node, node_m),) = seated(sea, places_of(sea, lat, lon), lat, lon)
            self._root = end.xyz[0], int(node[np.argmin(node_m)])
            self._snap_m = float(end.snap_m[0])
            _check_snap(self.destination, self._snap_m, config)
        packed = _SHELF.take((self.destination, closed))
        if packed is None:  # not grown at all before it is asked for
            self._reach_m = 0.0
            self._tree = Tree(self._root[0], np.zeros(0, np.float32), np.zeros(0, np.int32))
        else:
            self._reach_m, self._tree = packed.reach_m, packed.tree()
        self._anchors: dict[bytes, Anchors] = {}  # by the nodes, the last ones asked for

    def remaining_nm(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> Floats:
        """Return the shortest distance by sea from points to the destination.

        Parameters
        ----------
        lat, lon : (n,)
            Points [deg], longitudes in any range.

        Returns
        -------
        remaining_nm : (n,)
            From the point itself, the way to the water included [nm]. NaN where the point is NaN
            or off the globe, lies farther from the water than `max_snap_km`, or has no open way;
            empty for empty input. Some 4 us a point, and 0.1 to 2 s for a set of new points.
        """
        columns = np.atleast_1d(np.asarray(lat, dtype=float), np.asarray(lon, dtype=float))
        lat, lon = np.broadcast_arrays(*columns)
        remaining_m = np.full(lat.shape, np.nan)
        known = np.flatnonzero(np.isfinite(lon) & (np.abs(lat) <= _POLE_DEG))
        if known.size:
            places, _, _, found_m = self._ways(lat[known], wrap_lon_deg(lon[known]))
            given = (places.snap_m <= self._config.max_snap_km * 1_000) & np.isfinite(found_m)
            remaining_m[known[given]] = found_m[given]
        return m_to_nm(remaining_m)

    def remaining_along_nm(
        self,
        lat: npt.ArrayLike,
        lon: npt.ArrayLike,
        step_km: float = 10.0,
        offsets: npt.ArrayLike | None = None,
    ) -> Floats:
        """Return what `remaining_nm` does along tracks, several times as fast.

        Worked out at fixes some `step_km` of way apart, and in between by the way sailed: right
        to 0.2 km at 99 of 100 fixes of a vessel that keeps to the sea.

        Parameters
        ----------
        lat, lon : (n,)
            Fixes in the order sailed, without NaN [deg].
        step_km : float
            How far apart to work it out [km].
        offsets : (n_tracks + 1,) or None
            Track i is rows ``offsets[i]:offsets[i + 1]``; one track where None.

        Returns
        -------
        remaining_nm : (n,)
            As for `remaining_nm`; NaN between fixes of which either has none [nm].
        """
        lat, lon = np.asarray(lat, dtype=float), np.asarray(lon, dtype=float)
        if lat.size == 0:
            return np.zeros(0)
        first = np.array([0]) if offsets is None else np.asarray(offsets)[:-1]
        sailed_m, rows = _fixes_apart(lat, lon, first[first < lat.size], step_km * 1_000)
        remaining_nm = self.remaining_nm(lat[rows], lon[rows])
        return np.asarray(np.interp(sailed_m, sailed_m[rows], remaining_nm))

    def roughly_nm(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> Floats:
        """Return about what `remaining_nm` does, at a hundredth of its cost for a few points.

        By the least way over the nodes around each point: 1 to 3 % too far, by the grid's own
        corners. What it says of a point depends on no other point asked about with it.

        Parameters
        ----------
        lat, lon : (n,)
            Points without NaN [deg].

        Returns
        -------
        remaining_nm : (n,)
            NaN where the point lies farther from the water than `max_snap_km`, or has no open
            way; empty for empty input [nm].
        """
        lat, lon = np.asarray(lat, dtype=float), wrap_lon_deg(np.asarray(lon, dtype=float))
        remaining_m = np.full(lat.size, np.nan)
        if lat.size == 0:
            return remaining_m
        with open_sea(self.closed) as sea:
            places = places_of(sea, lat, lon, _N_ROUGH)
            # A point far inland has no distance, but may lie nearest to some other sea, for which
            # the tree would be grown round the globe.
            near = np.flatnonzero(places.snap_m <= self._config.max_snap_km * 1_000)
            node, node_m = places.node[near], places.node_m[near]
            self._reach(sea, np.unique(node[:, 0]))
            water_m = self._over_nodes_m(node, node_m)
            # Up to where the tree goes no node that it left out is nearer than those in it.
            beyond = water_m > self._reach_m
            if beyond.any():
                self._reach(sea, np.unique(node[beyond]))
                water_m = self._over_nodes_m(node, node_m)
        found_m = water_m + places.snap_m[near] + self._snap_m
        remaining_m[near] = np.where(np.isfinite(found_m), found_m, np.nan)
        return m_to_nm(remaining_m)

    def lines_from(self, lat: Floats, lon: Floats) -> list[Line | RouteError]:
        """Return the shortest ways from points as lines, or why there is none.

        Parameters
        ----------
        lat, lon : (n,)
            Points without NaN [deg], longitudes in [-180, 180).
        """
        places, anchors, first, found_m = self._ways(lat, lon)
        lines: list[Line | RouteError] = []
        for row in range(lat.size):
            point = (float(lat[row]), float(lon[row]))
            snap_m = float(places.snap_m[row])
            try:
                _check_snap(point, snap_m, self._config)
                if not np.isfinite(found_m[row]):
                    raise no_way(point, self.destination, self.closed)
            except RouteError as error:
                lines.append(error.with_traceback(None))  # which holds this list
                continue
            middle = np.concatenate([places.xyz[row, None], anchors.line(int(first[row]))])
            if first[row] < 0:
                middle = middle[:0]
            lines.append(
                Line(
                    float(found_m[row]),
                    *_drawn(point, middle, self.destination),
                    (snap_m, self._snap_m),
                )
            )
        return lines

    def _ways(self, lat: Floats, lon: Floats) -> tuple[Places, Anchors, Ints, Floats]:
        """Return places, the anchors around them, the one each sails to, and how far remains."""
        with open_sea(self.closed) as sea:
            places = places_of(sea, lat, lon, N_NEAR)
            near = np.unique(places.node)
            self._reach(sea, near)
            anchors = self._anchors_of(sea, near)
            water_m, first = anchors.remaining(sea, places)
        found_m = water_m + places.snap_m + self._snap_m
        # Nearer to the destination than both are to the water: the same harbour.
        straight_m = great_circle_m(lat, lon, *self.destination)
        is_neighbour = straight_m <= places.snap_m + self._snap_m
        found_m[is_neighbour], first[is_neighbour] = straight_m[is_neighbour], -1
        return places, anchors, first, found_m

    def _reach(self, sea: OpenSea, near: Ints) -> None:
        """Let the tree reach some nodes, if a way does.

        As far as it goes a small tree is the whole one, and grown in a fraction of the time. What
        it leaves out may have no way at all: from a pond, or else it takes the whole one to tell.
        """
        near = self._not_in(near, found_ponds(sea))
        if near.size == 0 or self._reaches(near):
            return
        factor, more_m = _FIRST_REACH
        apart = lengths(sea.points[near] - self._root[0])
        reach_m = factor * float(m_of_chord(apart).max()) + more_m
        reach_m = max(reach_m, self._reach_m * _REACH_GROWTH)
        while not self._reaches(near) and self._reach_m < _LAST_REACH_M:
            self._reach_m = min(reach_m, _LAST_REACH_M)
            self._tree = _grown(sea, *self._root, self._reach_m)
            reach_m *= _REACH_GROWTH
            near = self._not_in(near, found_ponds(sea))
        if not self._reaches(near):
            missed = near[np.isinf(self._tree.distance_m[near])]
            near = self._not_in(near, ponds_at(sea, missed))
        if self._reaches(near):
            packed = PackedTree.of(self._tree, self._reach_m)
            _SHELF.put((self.destination, self.closed), packed)
        else:
            name = f"{self.destination} {sorted(self.closed)}"
            grow = functools.partial(_grown, sea, *self._root, np.inf)
            self._tree = kept(name, grow, self._config.field_cache_mb)
            self._reach_m = np.inf

    def _not_in(self, near: Ints, ponds: Ints) -> Ints:
        """Return nodes without those of ponds that the tree, once grown, does not reach."""
        if self._reach_m == 0.0 or ponds.size == 0:
            return near
        return near[~np.isin(near, ponds) | np.isfinite(self._tree.distance_m[near])]

    def _over_nodes_m(self, node: Ints, node_m: Floats) -> Floats:
        """Return the least way over the nodes around each place [m]."""
        over_m = self._tree.distance_m[node].astype(np.float64) + node_m
        return np.asarray(over_m.min(axis=1))

    def _reaches(self, near: Ints) -> bool:
        if self._reach_m == 0.0:
            return False
        is_whole = np.isinf(self._reach_m)
        return bool(is_whole or np.isfinite(self._tree.distance_m[near]).all())

    def _anchors_of(self, sea: OpenSea, near: Ints) -> Anchors:
        # No `lru_cache` of a method: in a circle with itself a field waits for the collector,
        # and a thousand of them are kept meanwhile.
        name = near.tobytes()
        anchors = self._anchors.pop(name, None) or anchors_of(sea, self._tree, near)
        for oldest in list(self._anchors)[: 1 - _N_ANCHORS]:
            self._anchors.pop(oldest, None)
        self._anchors[name] = anchors
        return anchors


def _fixes_apart(lat: Floats, lon: Floats, first: Ints, step_m: float) -> tuple[Floats, Ints]:
    """Return the way sailed, and rows some way apart: the ends of tracks and long legs among them.

    Between tracks the way grows by a metre, so that none is taken for the other's.
    """
    step = np.diff(unit_xyz(lat, lon), axis=0)
    leg_m = m_of_chord(np.sqrt(np.einsum("ij,ij->i", step, step)))  # a third of norm's time
    begins = first[first > 0]
    leg_m[begins - 1] = 1.0
    sailed_m = np.concatenate([[0.0], np.cumsum(leg_m)])
    at = np.append(True, np.diff(np.floor(sailed_m / step_m)) > 0)
    # Also where a long leg begins: the way in between is not known to be sailed straight.
    at[:-1] |= leg_m > step_m
    at[-1] = at[begins] = at[begins - 1] = True
    return sailed_m, np.flatnonzero(at)


def line_between(
    start: tuple[float, float],
    end: tuple[float, float],
    closed: frozenset[str],
    config: RoutingConfig,
) -> Line:
    """Return the shortest way between two points, without a field: some milliseconds.

    Raises
    ------
    RouteError
        If a point is too far from the water, or no open way joins them.
    """
    if start > end:  # worked out one way only, so that the way back is the same
        return line_between(end, start, closed, config).reversed()
    with open_sea(closed) as sea:
        for point in (start, end):  # a vessel over land is a mistake that is soon told
            _check_snap(point, inland_m(sea, point, config.max_snap_km * 1_000), config)
        seats = [_seat(sea, point) for point in (start, end)]
        places, nodes = together([place for place, _ in seats]), [node for _, node in seats]
        snap_m = (float(places.snap_m[0]), float(places.snap_m[1]))
        for point, off_m in zip((start, end), snap_m, strict=True):
            _check_snap(point, off_m, config)
        straight_m = float(great_circle_m(*start, *end))
        if straight_m <= sum(snap_m):
            return Line(straight_m, *_drawn(start, places.xyz[:0], end), (0.0, 0.0))
        found = shortest_line(sea, places, nodes)
    if found is None:
        raise no_way(start, end, closed)
    length_m, middle = found
    return Line(length_m + sum(snap_m), *_drawn(start, middle, end), snap_m)


def forget_seas() -> None:
    """Let go of trees, of where points join the water, and of the graph."""
    with _SEATING:
        _SHELF.clear()
        _SEATS.clear()
    forget_part()
    forget_graph()


def _seat(sea: OpenSea, point: tuple[float, float]) -> _Seat:
    """Return where one point joins the water, and the nodes it leads to: voyages share ends."""
    with _SEATING:
        known = _SEATS.setdefault(sea, {})
        seat = known.pop(point, None)
    if seat is None:
        lat, lon = np.array([point], dtype=float).T
        places, (nodes,) = seated(sea, places_of(sea, lat, lon), lat, lon)
        seat = places, nodes
    with _SEATING:
        if len(known) >= _N_SEATS:
            known.pop(next(iter(known)))
        known[point] = seat  # behind the others: it was asked for last
    return seat


def no_way(
    start: tuple[float, float], end: tuple[float, float], closed: frozenset[str]
) -> RouteError:
    """Return the error that says that two points are not joined, and what is closed."""
    shut = f" with {', '.join(sorted(closed))} closed" if closed else ""
    return RouteError(f"no way by sea between {place(*start)} and {place(*end)}{shut}")


def _grown(sea: OpenSea, root: Floats, nearest: int, reach_m: float) -> Tree:
    if reach_m > WIDEST_M:
        distance_m, toward = dijkstra(
            sea.edges, indices=nearest, return_predecessors=True, limit=reach_m
        )
        return Tree(root, distance_m.astype(np.float32), toward)
    part = part_around(sea, sea.points[nearest], reach_m)
    distance_m, toward = dijkstra(
        part.edges,
        indices=int(np.searchsorted(part.node, nearest)),
        return_predecessors=True,
        limit=reach_m,
    )
    reached = np.flatnonzero(np.isfinite(distance_m))
    after = toward[reached]
    packed = PackedTree(
        reach_m,
        len(sea.points),
        root,
        part.node[reached].astype(np.int32),
        distance_m[reached].astype(np.float32),
        np.where(after < 0, after, part.node[np.maximum(after, 0)]).astype(np.int32),
    )
    return packed.tree()


def _check_snap(point: tuple[float, float], snap_m: float, config: RoutingConfig) -> None:
    if snap_m > config.max_snap_km * 1_000:
        msg = (
            f"point {place(*point)} lies {snap_m / 1_000:.0f} km from water that ships reach; "
            f"the limit is {config.max_snap_km:g} km"
        )
        raise RouteError(msg)


def _drawn(
    start: tuple[float, float], middle: Floats, end: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return a line from start to end; points that repeat the one before are left out."""
    middle_lat, middle_lon = lat_lon_of_xyz(middle)
    lat = np.concatenate([[start[0]], middle_lat, [end[0]]])
    lon = wrap_lon_deg(np.concatenate([[start[1]], middle_lon, [end[1]]]))
    apart = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) > _REPEAT_M
    keep = np.concatenate([[True], apart[:-1], [True]])
    return lat[keep], lon[keep]
