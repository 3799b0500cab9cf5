"""A coarse sea of some 70,000 patches, on which the corridor of a route is found in a millisecond.

A patch is what of an H3 cell of resolution 3 hangs together without leaving the cell or passing a
gate, so a spit of land or a gate parts a cell in two and the coarse sea joins what the fine does.
"""

from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from vesseltrack import hexgrid
from vesseltrack.core.geodesy import Floats, m_of_chord
from vesseltrack.core.runs import Ints
from vesseltrack.routing.shipped import Edges

_RESOLUTION: Final = 3


def patches(edges: Edges, gated_edge: Ints, through: Ints) -> dict[str, Ints | Floats]:
    """Return the coarse sea as flat arrays.

    Parameters
    ----------
    edges : Edges
        The fine graph.
    gated_edge, through : (k,)
        As returned by `gates.gated_edges`.

    Returns
    -------
    arrays : dict
        By name. patch (n,): the patch of each node. order (n,), offsets (n_patches + 1,): the
        nodes of each patch. centre (n_patches, 3): unit vectors. coarse_start, coarse_end,
        coarse_through (m,): edges between patches, ascending by their ends, and the gates each
        passes.
    """
    n = len(edges.points)
    source = np.repeat(np.arange(n, dtype=np.int32), np.diff(edges.indptr))
    parent = hexgrid.parents(edges.cell, _RESOLUTION)
    within = parent[source] == parent[edges.indices]
    within[gated_edge] = False
    joined = csr_matrix(
        (np.ones(within.sum(), bool), (source[within], edges.indices[within])), (n, n)
    )
    n_patches, patch = connected_components(joined, directed=False)
    size = np.bincount(patch, minlength=n_patches)
    centre = np.stack(
        [np.bincount(patch, edges.points[:, axis], n_patches) for axis in range(3)], axis=1
    )
    is_free = np.ones(source.size, dtype=bool)
    is_free[gated_edge] = False
    free = is_free & ~within
    start, end = _between(patch[source[free]], patch[edges.indices[free]], n_patches)
    ends = [
        np.stack([patch[source[gated_edge]], patch[edges.indices[gated_edge]], through]),
        np.stack([start, end, np.zeros(start.size, dtype=np.int64)]),
    ]
    coarse = np.unique(np.concatenate(ends, axis=1), axis=1)
    coarse = coarse[:, coarse[0] != coarse[1]]
    return {
        "patch": patch.astype(np.int32),
        "order": np.argsort(patch, kind="stable").astype(np.int32),
        "offsets": np.concatenate([[0], np.cumsum(size)]),
        "centre": centre / np.linalg.norm(centre, axis=1, keepdims=True),
        "coarse_start": coarse[0],
        "coarse_end": coarse[1],
        "coarse_through": coarse[2],
    }


def open_patches(n: int, start: Ints, end: Ints, length_m: Floats) -> csr_matrix:
    """Return the distances between neighbouring patches as a sparse matrix [m].

    Parameters
    ----------
    n : int
        How many patches there are.
    start, end, length_m : (m,)
        The open edges between them, ascending; one may stand several times.
    """
    new = np.append(True, (np.diff(start) != 0) | (np.diff(end) != 0))[: start.size]
    n_of_start = np.bincount(start[new], minlength=n)
    indptr = np.concatenate([[0], np.cumsum(n_of_start)]).astype(np.int32)
    return csr_matrix((length_m[new], end[new].astype(np.int32), indptr), shape=(n, n))


def patches_apart_m(centre: Floats, start: Ints, end: Ints) -> Floats:
    """Return how far patches are from each other, by their centres as unit vectors [m]."""
    return m_of_chord(np.linalg.norm(centre[start] - centre[end], axis=1))


def _between(start: Ints, end: Ints, n: int) -> tuple[Ints, Ints]:
    """Return pairs of patches, each once."""
    code = np.unique(start.astype(np.int64) * n + end)
    return code // n, code % n
