"""The best first legs from any point towards a destination whose node distances are known."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.routing.ends import Ends, bends_near, ends_of, nearest_on_edges
from vesseltrack.routing.join import N_BEND_EDGES
from vesseltrack.routing.network import NO_NODE, Network
from vesseltrack.routing.sight import in_sight

NEIGHBOUR: Final = -2  # both ends in one harbour: from point to point
# A way in sight that is longer by more than this than the least conceivable one is worth the
# search for a better one round a bend.
_WORTH_M: Final = 200.0
_WORTH_FRAC: Final = 0.002
_SHELTER_M: Final = 400_000.0  # what hides a node nearer than this may be got round by one bend
_BENDS_MATTER_M: Final = 100_000.0  # nearer than this, bends around the destination are tried


@dataclass(frozen=True, eq=False)
class Target:
    """A destination, and how far from it every place is that a leg may lead to.

    Those places are the nodes of the network and, after them, the destination's own place on the
    water and the places around it that it sees.

    Parameters
    ----------
    point : (lat, lon)
        The destination itself [deg].
    end : Ends
        Where it joins the water, one row.
    closed : frozenset of str
        Ids of the passages that no leg may take.
    lat, lon : (n_nodes + 1 + n_bends,)
        The places [deg].
    remaining_m : (n_nodes + 1 + n_bends,)
        From each to the destination, infinite where no way leads there [m].
    """

    network: Network
    point: tuple[float, float]
    end: Ends
    closed: frozenset[str]
    lat: Floats
    lon: Floats
    remaining_m: Floats

    @property
    def place(self) -> int:
        """The number of the destination's own place on the water; its bends come after it."""
        return self.network.lat.size


@dataclass(frozen=True, eq=False)
class Ways:
    """The best way from each of some points, one row a point.

    Parameters
    ----------
    remaining_m : (n,)
        Its whole length from the point [m]; infinite where there is none.
    snap_m : (n,)
        How far the point is from the water that the way starts on [m].
    lat, lon : (n,)
        That place on the water [deg].
    bend_lat, bend_lon : (n,)
        Where the way turns before its first place; the start again where it does not [deg].
    first : (n,)
        The place of the target sailed to first, or `NEIGHBOUR`.
    """

    remaining_m: Floats
    snap_m: Floats
    lat: Floats
    lon: Floats
    bend_lat: Floats
    bend_lon: Floats
    first: Ints

    @classmethod
    def unknown(cls, ends: Ends) -> "Ways":
        """Return ways that are yet to be found."""
        n = ends.lat.size
        places = (ends.lat.copy(), ends.lon.copy(), ends.lat.copy(), ends.lon.copy())
        return cls(np.full(n, np.inf), ends.snap_m.copy(), *places, np.full(n, NO_NODE))


def best_ways(target: Target, lat: Floats, lon: Floats) -> Ways:
    """Return the best way from each point; points without NaN, at any distance from the water."""
    ends = ends_of(target.network, lat, lon)
    ways = Ways.unknown(ends)
    on_edge, at_sea = np.flatnonzero(~ends.is_open), np.flatnonzero(ends.is_open)
    _go_by_edge(target, ends, ways, on_edge)
    _go_in_sight(target, ends, ways, at_sea)
    _go_round_bends(target, ends, ways, at_sea[_is_sheltered(target, ends, ways, at_sea)])
    # What sees no node even from there takes the nearest edge unseen.
    lost = at_sea[np.isinf(ways.remaining_m[at_sea])]
    _go_by_edge(target, nearest_on_edges(target.network, lat, lon), ways, lost)
    _go_to_neighbour(target, lat, lon, ways)
    return ways


def _is_sheltered(target: Target, ends: Ends, ways: Ways, rows: Ints) -> Bools:
    """Return which points might have a shorter way, if only they saw all nodes around them."""
    leg_m, onward_m = _through_m(target, ends, rows, ends.nodes[rows])
    near_m = np.where(leg_m < _SHELTER_M, leg_m + onward_m, np.inf).min(axis=1)
    near_m += ends.snap_m[rows]
    worth_m = np.maximum(_WORTH_M, _WORTH_FRAC * near_m)
    return np.asarray(ways.remaining_m[rows] > near_m + worth_m)


def _go_in_sight(target: Target, ends: Ends, ways: Ways, rows: Ints) -> None:
    """Settle the points that see a place of the target, each by the best that it sees."""
    places = np.concatenate([ends.nodes[rows], _around_target(target, ends, rows)], axis=1)
    through_m = np.add(*_through_m(target, ends, rows, places))
    order = np.argsort(through_m, axis=1, kind="stable")
    places = np.take_along_axis(places, order, axis=1)
    through_m = np.take_along_axis(through_m, order, axis=1)
    # The ends of neighbouring edges are often one node, which is tested once.
    is_new = np.ones(places.shape, dtype=bool)
    is_new[:, 1:] = places[:, 1:] != places[:, :-1]
    pending = np.ones(rows.size, dtype=bool)
    for nth in range(places.shape[1]):
        pending &= np.isfinite(through_m[:, nth])
        if not pending.any():
            break
        i = np.flatnonzero(pending & is_new[:, nth])
        i = i[_sees(target, ends, rows[i], places[i, nth])]
        ways.remaining_m[rows[i]] = through_m[i, nth] + ends.snap_m[rows[i]]
        ways.first[rows[i]] = places[i, nth]
        pending[i] = False


def _around_target(target: Target, ends: Ends, rows: Ints) -> Ints:
    """Return the target's own places for each row, `NO_NODE` where they do not matter."""
    own = np.arange(target.place, target.lat.size)
    if not target.end.is_open[0]:
        return np.zeros((rows.size, 0), dtype=np.int64)
    straight_m = great_circle_m(ends.lat[rows], ends.lon[rows], target.end.lat, target.end.lon)
    matters = (own == target.place) | (straight_m[:, None] < _BENDS_MATTER_M)
    return np.where(matters, own, NO_NODE)


def _go_round_bends(target: Target, ends: Ends, ways: Ways, rows: Ints) -> None:
    """Better the ways of sheltered points by those that turn once before their first place."""
    if rows.size == 0:
        return
    bend_lat, bend_lon = bends_near(ends.lat[rows], ends.lon[rows])
    row = np.repeat(rows, bend_lat.shape[1])
    lat, lon = bend_lat.ravel(), bend_lon.ravel()
    clear = in_sight(ends.lat[row], ends.lon[row], lat, lon, target.closed)
    row, lat, lon = row[clear], lat[clear], lon[clear]
    nodes = target.network.near_nodes(lat, lon, N_BEND_EDGES)
    bends = Ends(lat, lon, np.zeros(row.size), np.ones(row.size, dtype=bool), nodes)
    onward = Ways.unknown(bends)
    _go_in_sight(target, bends, onward, np.arange(row.size))
    first_m = great_circle_m(ends.lat[row], ends.lon[row], lat, lon)
    whole_m = ends.snap_m[row] + first_m + onward.remaining_m
    # The shortest of each row, where it betters the way known.
    order = np.lexsort((whole_m, row))
    is_best = np.ones(order.size, dtype=bool)
    is_best[1:] = row[order][1:] != row[order][:-1]
    best = order[is_best]
    best = best[whole_m[best] < ways.remaining_m[row[best]]]
    ways.remaining_m[row[best]], ways.first[row[best]] = whole_m[best], onward.first[best]
    ways.bend_lat[row[best]], ways.bend_lon[row[best]] = lat[best], lon[best]


def _go_by_edge(target: Target, ends: Ends, ways: Ways, rows: Ints) -> None:
    """Settle points on an edge of the network: by the better of its two ends, unseen.

    A destination on the same edge is gone to straight.
    """
    nodes = ends.nodes[rows, :2]
    shares_edge = ~target.end.is_open[0] & (nodes == target.end.nodes[0, :2]).all(axis=1)
    place = np.where(shares_edge, target.place, NO_NODE)
    places = np.concatenate([nodes, place[:, None]], axis=1)
    through_m = np.add(*_through_m(target, ends, rows, places))
    best = np.argmin(through_m, axis=1)
    nth = np.arange(rows.size)
    ways.remaining_m[rows] = through_m[nth, best] + ends.snap_m[rows]
    ways.snap_m[rows], ways.first[rows] = ends.snap_m[rows], places[nth, best]
    ways.lat[rows], ways.lon[rows] = ends.lat[rows], ends.lon[rows]
    ways.bend_lat[rows], ways.bend_lon[rows] = ends.lat[rows], ends.lon[rows]


def _go_to_neighbour(target: Target, lat: Floats, lon: Floats, ways: Ways) -> None:
    """Settle points nearer to the destination than both are to the water: one harbour."""
    straight_m = great_circle_m(lat, lon, *target.point)
    rows = straight_m <= ways.snap_m + target.end.snap_m
    ways.remaining_m[rows], ways.first[rows] = straight_m[rows], NEIGHBOUR


def _sees(target: Target, ends: Ends, rows: Ints, places: Ints) -> Bools:
    lat, lon = target.lat[places], target.lon[places]
    return in_sight(ends.lat[rows], ends.lon[rows], lat, lon, target.closed)


def _through_m(target: Target, ends: Ends, rows: Ints, places: Ints) -> tuple[Floats, Floats]:
    """Return the legs to places of the target, and the ways on from there [m], shape (n, k)."""
    lat, lon = ends.lat[rows, None], ends.lon[rows, None]
    leg_m = great_circle_m(lat, lon, target.lat[places], target.lon[places])
    return leg_m, np.where(places == NO_NODE, np.inf, target.remaining_m[places])
