"""Pulling a path over nodes taut: the shortest line along it that stays on the water."""

from typing import Final

import numpy as np
from scipy.sparse.csgraph import dijkstra

from vesseltrack.core.geodesy import Floats, lengths, m_of_chord
from vesseltrack.core.runs import Ints
from vesseltrack.routing.graph import LEAST_EDGE_M, rows_matrix
from vesseltrack.routing.water import Water

_HOPS: Final = (2, 4, 8, 16, 32, 64, 128, 256)  # how many points a leg may skip at the first pass
_N_CORNERS: Final = 4  # of the land, tried around each bend at the second pass
_WINDOW: Final = 24  # how many of the points around bends a leg may skip then


def taut(water: Water, path: Floats) -> tuple[float, Floats]:
    """Return the length of a path pulled taut [m], and its bends.

    Parameters
    ----------
    water : Water
        What the line must stay on; the legs of the path itself are taken as they are.
    path : (n, 3)
        Unit vectors of the points of a path, two at least.

    Returns
    -------
    length_m : float
        Of the line [m].
    line : (m, 3)
        Unit vectors of its bends, both ends included.
    """
    length_m, bend = _first_pass(water, path)
    if bend.size == 2:  # noqa: PLR2004 - straight
        return length_m, path[bend]
    return _second_pass(water, path, bend)


def legs_m(points: Floats, start: Ints, end: Ints) -> Floats:
    """Return the lengths of legs between points [m]."""
    return m_of_chord(lengths(points[start] - points[end]))


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


def _second_pass(water: Water, path: Floats, bend: Ints) -> tuple[float, Floats]:
    """Try every leg between the points around the bends, corners of the land among them."""
    around = np.arange(-1, 2)
    some = np.unique(np.clip(bend[:, None] + around, 0, len(path) - 1))
    corner, corner_at = _corners(water, path[bend], bend)
    points, at = np.concatenate([path[some], corner]), np.concatenate([some, corner_at])
    order = np.argsort(at, kind="stable")
    points, at = points[order], at[order]
    start, end = np.triu_indices(at.size, 1)
    near = end - start <= _WINDOW
    start, end = start[near], end[near]
    seen = water.sees(points[start], points[end])
    # The legs of the path and of the line are known to stay on the water.
    line, own = np.searchsorted(at, bend), np.searchsorted(at, some)
    after = np.flatnonzero(np.diff(some) == 1)
    start = np.concatenate([start[seen], line[:-1], own[after]])
    end = np.concatenate([end[seen], line[1:], own[after + 1]])
    length_m, way = _shortest(at.size, start, end, legs_m(points, start, end))
    return length_m, points[way]


def _corners(water: Water, line: Floats, bend: Ints) -> tuple[Floats, Floats]:
    """Return the corners of the land by which a line may be shorter, and after which of its bends.

    The place is the number of the bend and a fraction.
    """
    nth, corner = water.corners(line[1:-1])
    from_m = m_of_chord(lengths(corner - line[nth]))
    to_m = m_of_chord(lengths(corner - line[nth + 2]))
    order = np.lexsort((from_m + to_m, nth))
    rank = np.arange(nth.size) - np.searchsorted(nth, nth)
    order = order[rank < _N_CORNERS]
    frac = from_m[order] / (from_m[order] + to_m[order] + 1.0)
    return corner[order], bend[1:-1][nth[order]] + frac


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
