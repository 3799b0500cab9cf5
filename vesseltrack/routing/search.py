"""One shortest way between two places: a corridor over the coarse sea, then the fine graph."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from vesseltrack.core.geodesy import Floats, m_of_chord
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.routing.graph import LEAST_EDGE_M, OpenSea, rows_matrix
from vesseltrack.routing.places import Places
from vesseltrack.routing.taut import taut

# A patch is in the corridor if the way through it is at most this much longer than the shortest.
_CORRIDOR_FRAC: Final = 0.02
_CORRIDOR_M: Final = 100_000.0
_FIRST_LIMIT: Final = (1.3, 500_000.0)  # of the coarse search, by the great circle [m]
_LIMIT_GROWTH: Final = 1.8
_LAST_LIMIT_M: Final = 60_000_000.0


@dataclass(frozen=True, eq=False)
class _Strip:
    """The nodes of a corridor, and the edges among them and from the start, which comes last."""

    node: Ints
    number: npt.NDArray[np.int32]
    indices: npt.NDArray[np.int32]
    indptr: npt.NDArray[np.int32]
    length_m: Floats


def shortest_line(
    sea: OpenSea, places: Places, nodes: list[tuple[Ints, Floats]]
) -> tuple[float, Floats] | None:
    """Return the shortest way between two places.

    Parameters
    ----------
    sea : OpenSea
        The water and its graph.
    places : Places
        Two rows: start and end.
    nodes : list of (node, node_m)
        Which nodes each of them leads to, and how far those are [m].

    Returns
    -------
    length_m : float
        Between the places [m].
    line : (n, 3)
        Unit vectors of its vertices, both places included. None if there is no way.
    """
    start, end = places.xyz
    if sea.water.sees(start[None], end[None])[0]:
        return float(m_of_chord(np.linalg.norm(end - start))), places.xyz
    (from_node, from_m), (to_node, to_m) = nodes
    around = np.unique(sea.patch[np.concatenate([from_node, to_node])])
    patch = _corridor(sea, places, sea.patch[from_node[0]], sea.patch[to_node[0]])
    if patch is None:
        return None
    strip = _strip(sea, np.union1d(patch, around), from_node, from_m)
    distance_m, before = dijkstra(
        rows_matrix(strip.length_m, strip.indices, strip.indptr),
        indices=strip.node.size,
        return_predecessors=True,
    )
    last = strip.number[to_node]
    nearest = int(np.argmin(distance_m[last] + to_m))
    if not np.isfinite(distance_m[last[nearest]]):
        return None
    passed = [int(last[nearest])]
    while (node := int(before[passed[-1]])) != strip.node.size:
        passed.append(node)
    path = np.concatenate([start[None], sea.points[strip.node[passed[::-1]]], end[None]])
    return taut(sea.water, path)


def _corridor(sea: OpenSea, places: Places, start: int, end: int) -> Ints | None:
    """Return the patches that a shortest way may pass; None if the ends are not joined."""
    straight_m = float(m_of_chord(np.linalg.norm(places.xyz[1] - places.xyz[0])))
    limit_m = _FIRST_LIMIT[0] * straight_m + _FIRST_LIMIT[1]
    while True:
        distance_m = dijkstra(sea.coarse, indices=[start, end], limit=limit_m)
        most_m = distance_m[0, end] * (1 + _CORRIDOR_FRAC) + _CORRIDOR_M
        if most_m <= limit_m:
            return np.flatnonzero(distance_m.sum(axis=0) <= most_m)
        if limit_m > _LAST_LIMIT_M:
            return None
        limit_m = max(limit_m * _LIMIT_GROWTH, most_m if np.isfinite(most_m) else 0.0)


def _strip(sea: OpenSea, patch: Ints, from_node: Ints, from_m: Floats) -> _Strip:
    """Return the part of the graph within patches."""
    node = sea.order[ranges(sea.offsets[patch], sea.offsets[patch + 1])].astype(np.int64)
    number = np.full(len(sea.points), -1, dtype=np.int32)
    number[node] = np.arange(node.size, dtype=np.int32)
    indptr = sea.edges.indptr
    edge = ranges(indptr[node].astype(np.int64), indptr[node + 1].astype(np.int64))
    other = number[sea.edges.indices[edge]]
    within = other >= 0
    row = np.repeat(np.arange(node.size), indptr[node + 1] - indptr[node])[within]
    per_row = np.append(np.bincount(row, minlength=node.size), from_node.size)
    return _Strip(
        node,
        number,
        np.concatenate([other[within], number[from_node]]),
        np.concatenate([[0], np.cumsum(per_row)]).astype(np.int32),
        np.concatenate([sea.edges.data[edge[within]], np.maximum(from_m, LEAST_EDGE_M)]),
    )
