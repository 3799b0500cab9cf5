"""How a destination hangs in the network: the nodes that lead to it, and by which legs."""

from dataclasses import dataclass

import numpy as np

from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.runs import Ints
from vesseltrack.routing.ends import Ends, bends_near, nearest_on_edges
from vesseltrack.routing.network import NO_NODE, Network
from vesseltrack.routing.sight import in_sight

N_BEND_EDGES = 8  # edges near a bend whose ends are looked for


@dataclass(frozen=True, eq=False)
class Join:
    """The last legs to a destination, one row a node.

    Parameters
    ----------
    lat, lon : float
        Where they end on the water [deg].
    snap_m : float
        How far the destination is from there [m].
    node : (n,)
        Where each leg begins, ascending.
    leg_m : (n,)
        Its length to the place on the water [m].
    bend_lat, bend_lon : (n,)
        Where it turns; the place on the water again where it does not [deg].
    """

    lat: float
    lon: float
    snap_m: float
    node: Ints
    leg_m: Floats
    bend_lat: Floats
    bend_lon: Floats


def join_of(
    network: Network,
    point: tuple[float, float],
    end: Ends,
    bends: tuple[Floats, Floats],
    closed: frozenset[str],
) -> Join:
    """Return the legs to a destination: from nodes in sight, also round a bend, or along an edge.

    Parameters
    ----------
    network : Network
        What it hangs in.
    point : (lat, lon)
        The destination [deg].
    end : Ends
        Where it takes to the water, one row.
    bends : (lat, lon)
        Places in sight of that one [deg].
    closed : frozenset of str
        Ids of the passages that no leg may take.
    """
    if not end.is_open[0]:
        return _along_edge(network, end)
    node, bend_lat, bend_lon = nodes_in_reach(network, end, bends, closed)
    if node.size == 0:  # nothing in sight: the nearest edge, whatever lies between
        lat, lon = (np.array([value]) for value in point)
        return _along_edge(network, nearest_on_edges(network, lat, lon))
    leg_m = great_circle_m(end.lat, end.lon, bend_lat, bend_lon) + great_circle_m(
        bend_lat, bend_lon, network.lat[node], network.lon[node]
    )
    best = np.lexsort((leg_m, node))
    best = best[np.append(True, np.diff(node[best]) > 0)]
    place = float(end.lat[0]), float(end.lon[0])
    legs = node[best], leg_m[best], bend_lat[best], bend_lon[best]
    return Join(*place, float(end.snap_m[0]), *legs)


def bends_in_sight(end: Ends, closed: frozenset[str]) -> tuple[Floats, Floats]:
    """Return places around an open place on the water that it sees [deg]; none for any other."""
    lat, lon = (bends.ravel() for bends in bends_near(end.lat, end.lon))
    seen = in_sight(end.lat, end.lon, lat, lon, closed) & end.is_open[0]
    return lat[seen], lon[seen]


def nodes_in_reach(
    network: Network, end: Ends, bends: tuple[Floats, Floats], closed: frozenset[str]
) -> tuple[Ints, Floats, Floats]:
    """Return nodes from which a place on the water is reached, and where each way turns.

    The place is that of the one row of `end`; it stands for the bend of nodes in plain sight.
    """
    nodes = np.unique(end.nodes[end.nodes != NO_NODE])
    seen = in_sight(end.lat, end.lon, network.lat[nodes], network.lon[nodes], closed)
    straight = nodes[seen]
    beyond = network.near_nodes(*bends, N_BEND_EDGES)
    nth_bend = np.repeat(np.arange(beyond.shape[0]), beyond.shape[1])
    node, nth_bend = np.unique(np.stack([beyond.ravel(), nth_bend]), axis=1)
    lat, lon = (column[nth_bend] for column in bends)
    seen = in_sight(lat, lon, network.lat[node], network.lon[node], closed)
    return (
        np.concatenate([straight, node[seen]]),
        np.concatenate([np.full(straight.size, end.lat[0]), lat[seen]]),
        np.concatenate([np.full(straight.size, end.lon[0]), lon[seen]]),
    )


def _along_edge(network: Network, end: Ends) -> Join:
    node = np.unique(end.nodes[end.nodes != NO_NODE])
    leg_m = great_circle_m(end.lat, end.lon, network.lat[node], network.lon[node])
    lat, lon = float(end.lat[0]), float(end.lon[0])
    here = np.full(node.size, lat), np.full(node.size, lon)
    return Join(lat, lon, float(end.snap_m[0]), node, leg_m, *here)
