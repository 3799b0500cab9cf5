"""Pulling a path over nodes taut: the shortest line along it that stays on the water."""

from typing import Final

import numpy as np
from scipy.sparse.csgraph import dijkstra

from vesseltrack.core.geodesy import Floats, m_of_chord
from vesseltrack.core.runs import Ints
from vesseltrack.routing.graph import LEAST_EDGE_M, rows_matrix
from vesseltrack.routing.water import Water

_HOPS: Final = (2, 4, 8, 16, 32, 64, 128, 256)  # how many points a leg may skip at the first pass
_WIDE: Final = 40  # bends, beyond which fewer points around each are tried
_WINDOW: Final = 40  # how many of the points around bends a leg may skip at the second pass


def taut(water: Water, path: Floats) -> tuple[float, Ints]:
    """Return the length of the line pulled taut [m], and the points of the path it bends at.

    Parameters
    ----------
    water : Water
        What the line must stay on; the legs of the path itself are taken as they are.
    path : (n, 3)
        Unit vectors of the points of a path, two at least.

    Returns
    -------
    length_m : float
    bend : (m,)
        Row numbers of the path, from its first to its last.
    """
    length_m, bend = _first_pass(water, path)
    return _second_pass(water, path, bend) if bend.size > 2 else (length_m, bend)  # noqa: PLR2004


def legs_m(points: Floats, start: Ints, end: Ints) -> Floats:
    """Return the lengths of legs between points [m]."""
    return m_of_chord(np.linalg.norm(points[start] - points[end], axis=1))


def _first_pass(water: Water, path: Floats) -> tuple[float, Ints]:
    """Skip powers of two of the points."""
    n = len(path)
    hops = [hop for hop in _HOPS if hop < n - 1]
    start = np.concatenate([np.arange(n - hop) for hop in hops] + [np.zeros(1, dtype=np.int64)])
    end = np.concatenate([np.arange(hop, n) for hop in hops] + [np.full(1, n - 1)])
    sees = water.sees(path[start], path[end])
    own = np.arange(n - 1)
    start, end = np.concatenate([own, start[sees]]), np.concatenate([own + 1, end[sees]])
    return _shortest(n, start, end, legs_m(path, start, end))


def _second_pass(water: Water, path: Floats, bend: Ints) -> tuple[float, Ints]:
    """Try every leg between the points around the bends."""
    around = np.arange(-2, 3) if bend.size < _WIDE else np.arange(-1, 2)
    some = np.unique(np.clip(bend[:, None] + around, 0, len(path) - 1))
    start, end = np.triu_indices(some.size, 1)
    near = end - start <= _WINDOW
    start, end = start[near], end[near]
    own = some[end] - some[start] == 1
    sees = own.copy()
    sees[~own] = water.sees(path[some[start[~own]]], path[some[end[~own]]])
    at = np.searchsorted(some, bend)
    start, end = np.concatenate([start[sees], at[:-1]]), np.concatenate([end[sees], at[1:]])
    points = path[some]
    length_m, line = _shortest(some.size, start, end, legs_m(points, start, end))
    return length_m, some[line]


def _shortest(n: int, start: Ints, end: Ints, leg_m: Floats) -> tuple[float, Ints]:
    """Return the shortest way from the first to the last of n points over forward legs."""
    order = np.argsort(start, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=n))]).astype(np.int32)
    graph = rows_matrix(
        np.maximum(leg_m[order], LEAST_EDGE_M), end[order].astype(np.int32), indptr
    )
    distance_m, before = dijkstra(graph, indices=0, return_predecessors=True)
    line = [n - 1]
    while line[-1] != 0:
        line.append(int(before[line[-1]]))
    return float(distance_m[n - 1]), np.array(line[::-1])
