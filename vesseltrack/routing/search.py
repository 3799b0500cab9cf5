"""One shortest way between two places: a corridor over the coarse sea, then the fine graph."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from vesseltrack.core.geodesy import Floats, lengths, m_of_chord
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.routing.graph import LEAST_EDGE_M, OpenSea, rows_matrix
from vesseltrack.routing.part import edges_within
from vesseltrack.routing.places import Places
from vesseltrack.routing.taut import taut

# A patch is in the corridor if the way through it is at most this much longer than the shortest: a
# share of it and a length, and on short ways the least. Middles of patches lie some 120 km apart,
# so that by them one side of an island may look that much longer than the other.
_CORRIDOR_FRAC: Final = 0.02
_CORRIDOR_M: Final = 100_000.0
_LEAST_CORRIDOR_M: Final = 150_000.0
_FIRST_LIMIT: Final = (1.3, 500_000.0)  # of the coarse search, by the great circle [m]
_LIMIT_GROWTH: Final = 1.8
_LAST_LIMIT_M: Final = 60_000_000.0
# A second path is looked for among at most so many nodes: where more could shorten the line, the
# way is long, and the other side of an island little of it.
_MOST_BESIDE: Final = 1_000
_BESIDE_FRAC: Final = 0.05  # how much longer the edges on and beside the first path are then


@dataclass(frozen=True, eq=False)
class _Strip:
    """Some nodes of the graph, and the edges among them and from the start, which comes last."""

    node: Ints
    indices: npt.NDArray[np.int32]
    indptr: npt.NDArray[np.int32]
    length_m: Floats

    def path(self, last: Ints, last_m: Floats) -> Ints | None:
        """Return the shortest way from the start; None if there is none.

        Parameters
        ----------
        last, last_m : (k,)
            Numbers of the nodes that lead to the end, and how far each is from it [m].

        Returns
        -------
        path : (n,)
            Numbers of nodes, the start left out.
        """
        root = self.node.size
        distance_m, before = dijkstra(
            rows_matrix(self.length_m, self.indices, self.indptr),
            indices=root,
            return_predecessors=True,
        )
        nearest = int(np.argmin(distance_m[last] + last_m))
        if not np.isfinite(distance_m[last[nearest]]):
            return None
        passed = [int(last[nearest])]
        while (node := int(before[passed[-1]])) != root:
            passed.append(node)
        return np.array(passed[::-1])


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
    strip, last = _strip(sea, np.union1d(patch, around), from_node, from_m, to_node)
    path = strip.path(last, to_m)
    if path is None:
        return None
    line = _pulled(sea, places, strip, path)
    beside = _beside(sea, places, strip, path, last, line[0])
    if beside is None:
        return line
    narrower, last = beside
    other = narrower.path(last, to_m)
    if other is None or np.array_equal(narrower.node[other], strip.node[path]):
        return line
    return min(line, _pulled(sea, places, narrower, other), key=lambda found: found[0])


def _pulled(sea: OpenSea, places: Places, strip: _Strip, path: Ints) -> tuple[float, Floats]:
    """Return a path over nodes pulled taut, between the places."""
    start, end = places.xyz
    nodes = sea.points[strip.node[path]]
    return taut(sea.water, np.concatenate([start[None], nodes, end[None]]))


def _beside(
    sea: OpenSea, places: Places, strip: _Strip, path: Ints, last: Ints, length_m: float
) -> tuple[_Strip, Ints] | None:
    """Return where a line shorter than one known may lead, the edges along its path made longer.

    The zigzag of the nodes is up to 3 % longer than a straight line, more on one side of an island
    than on the other. None where too many nodes lie there. Also the new numbers of the last nodes.
    """
    to_start, to_end = (
        m_of_chord(lengths(sea.points[strip.node] - place)) for place in places.xyz
    )
    inside = to_start + to_end < length_m
    if np.count_nonzero(inside) > _MOST_BESIDE:
        return None
    inside[path] = inside[last] = True
    own = np.flatnonzero(inside)
    root = strip.node.size
    number = np.full(root + 1, -1, dtype=np.int32)
    number[own], number[root] = np.arange(own.size), own.size
    rows = np.append(own, root)
    edge = ranges(strip.indptr[rows].astype(np.int64), strip.indptr[rows + 1].astype(np.int64))
    source = np.repeat(rows, strip.indptr[rows + 1] - strip.indptr[rows])
    target = strip.indices[edge]
    within = number[target] >= 0
    source, target, edge = source[within], target[within], edge[within]
    near = np.zeros(root + 1, dtype=np.bool_)
    near[path] = True
    near[target[near[source]]] = True
    longer = near[source] & near[target]
    per_row = np.bincount(number[source], minlength=rows.size)
    narrower = _Strip(
        strip.node[own],
        number[target],
        np.concatenate([[0], np.cumsum(per_row)]).astype(np.int32),
        strip.length_m[edge] * np.where(longer, 1 + _BESIDE_FRAC, 1.0),
    )
    return narrower, number[last].astype(np.int64)


def _corridor(sea: OpenSea, places: Places, start: int, end: int) -> Ints | None:
    """Return the patches that a shortest way may pass; None if the ends are not joined."""
    straight_m = float(m_of_chord(np.linalg.norm(places.xyz[1] - places.xyz[0])))
    limit_m = _FIRST_LIMIT[0] * straight_m + _FIRST_LIMIT[1]
    while True:
        distance_m = dijkstra(sea.coarse, indices=[start, end], limit=limit_m)
        shortest_m = distance_m[0, end]
        most_m = shortest_m + max(_CORRIDOR_FRAC * shortest_m + _CORRIDOR_M, _LEAST_CORRIDOR_M)
        if most_m <= limit_m:
            return np.flatnonzero(distance_m.sum(axis=0) <= most_m)
        if limit_m > _LAST_LIMIT_M:
            return None
        limit_m = max(limit_m * _LIMIT_GROWTH, most_m if np.isfinite(most_m) else 0.0)


def _strip(
    sea: OpenSea, patch: Ints, from_node: Ints, from_m: Floats, to_node: Ints
) -> tuple[_Strip, Ints]:
    """Return the part of the graph within patches, and its numbers of the nodes at the end."""
    node = sea.order[ranges(sea.offsets[patch], sea.offsets[patch + 1])].astype(np.int64)
    (edge, other, per_node), (from_number, last) = edges_within(sea, node, from_node, to_node)
    per_row = np.append(per_node, from_node.size)
    strip = _Strip(
        node,
        np.concatenate([other, from_number]),
        np.concatenate([[0], np.cumsum(per_row)]).astype(np.int32),
        np.concatenate([sea.edges.data[edge], np.maximum(from_m, LEAST_EDGE_M)]),
    )
    return strip, last.astype(np.int64)
