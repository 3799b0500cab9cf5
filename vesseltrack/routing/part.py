"""A part of the sea graph: within it a tree is grown without an entry for each node there is."""

import threading
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from vesseltrack.core.geodesy import Floats, m_of_chord
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.routing.graph import OpenSea, rows_matrix
from vesseltrack.units import EARTH_RADIUS_M

WIDEST_M: Final = 1_500_000.0  # of a wider part the whole graph takes no longer
_ROOM_M: Final = 600_000.0  # that a part has on all sides: fields lie beside each other
_NO_NUMBER: Final = -1
_OF_THREAD: Final = threading.local()
Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Part:
    """All nodes within some way of a place, and the edges among them.

    Parameters
    ----------
    sea : OpenSea
        What it is a part of.
    centre : (3,)
        Unit vector of the place.
    reach_m : float
        How far it goes, straight [m].
    node : (n,)
        Its nodes, ascending.
    edge : (m,)
        The places of its edges in the whole graph.
    edges : csr_matrix
        Their lengths, between the numbers that the nodes have here [m].
    """

    sea: OpenSea
    centre: Floats
    reach_m: float
    node: Ints
    edge: Ints
    edges: csr_matrix

    def holds(self, place: Floats, reach_m: float) -> bool:
        """Return whether all that lies so near to a place is in it."""
        return float(m_of_chord(np.linalg.norm(place - self.centre))) + reach_m <= self.reach_m

    def of(self, sea: OpenSea) -> "Part":
        """Return the same part of the graph with other passages closed."""
        if sea is self.sea:
            return self
        edges = rows_matrix(sea.edges.data[self.edge], self.edges.indices, self.edges.indptr)
        return Part(sea, self.centre, self.reach_m, self.node, self.edge, edges)


def part_around(sea: OpenSea, place: Floats, reach_m: float) -> Part:
    """Return a part of the graph with all that lies near a place: the thread's last, or a new one.

    Parameters
    ----------
    sea : OpenSea
        The graph.
    place : (3,)
        Unit vector.
    reach_m : float
        Straight; so no way of this length leads out of it [m].
    """
    last: Part | None = getattr(_OF_THREAD, "part", None)
    if last is not None and last.sea.points is sea.points and last.holds(place, reach_m):
        part = last.of(sea)
    else:
        part = _cut(sea, place, reach_m + _ROOM_M)
    _OF_THREAD.part = part
    return part


def forget() -> None:
    """Let go of what the calling thread keeps for its next query."""
    vars(_OF_THREAD).clear()


def _cut(sea: OpenSea, place: Floats, reach_m: float) -> Part:
    node = np.flatnonzero(sea.points @ place >= np.cos(reach_m / EARTH_RADIUS_M))
    (edge, other, per_node), _ = edges_within(sea, node)
    starts = np.concatenate([[0], np.cumsum(per_node)]).astype(np.int32)
    edge = edge.astype(np.int32)
    return Part(sea, place, reach_m, node, edge, rows_matrix(sea.edges.data[edge], other, starts))


def edges_within(
    sea: OpenSea, node: Ints, *asked: Ints
) -> tuple[tuple[Ints, Rows, Ints], list[Rows]]:
    """Return the edges among some nodes, by the numbers that those have among each other.

    Parameters
    ----------
    sea : OpenSea
        The graph.
    node : (n,)
        Each once; a node's number is its place here.
    *asked : (k,)
        Nodes whose numbers are wanted.

    Returns
    -------
    edge, other, per_node : (m,), (m,), (n,)
        The places of the edges in the whole graph, row after row; the numbers of the nodes that
        they lead to; how many begin at each node.
    numbers : list of (k,)
        Of the nodes asked for, one array each.
    """
    indptr = sea.edges.indptr
    edge = ranges(indptr[node].astype(np.int64), indptr[node + 1].astype(np.int64))
    number = _unnumbered(len(sea.points))
    try:
        number[node] = np.arange(node.size, dtype=np.int32)
        other = number[sea.edges.indices[edge]]
        numbers = [number[nodes] for nodes in asked]
    finally:
        number[node] = _NO_NUMBER
    within = other >= 0
    row = np.repeat(np.arange(node.size), indptr[node + 1] - indptr[node])[within]
    return (edge[within], other[within], np.bincount(row, minlength=node.size)), numbers


def _unnumbered(n: int) -> npt.NDArray[np.int32]:
    """Return the calling thread's array for the numbers of n nodes, none of which has one.

    A new one for each query would take a tenth of its time. Whoever sets numbers takes them back.
    """
    kept: npt.NDArray[np.int32] | None = getattr(_OF_THREAD, "numbers", None)
    if kept is None or kept.size != n:
        kept = _OF_THREAD.numbers = np.full(n, _NO_NUMBER, dtype=np.int32)
    return kept
