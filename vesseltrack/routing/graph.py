"""The sea graph in memory, and what is left of it with some passages closed."""

import functools
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.runs import Bools, Ints, ranges
from vesseltrack.routing.cache import arrays_folder, mapped
from vesseltrack.routing.coarse import open_patches
from vesseltrack.routing.nodes import loose_tree
from vesseltrack.routing.passages import passages
from vesseltrack.routing.regional import with_regions
from vesseltrack.routing.water import Water

LEAST_EDGE_M: Final = 1e-6  # to a sparse matrix an edge of no length is no edge
_LOADING = threading.Lock()


@dataclass(frozen=True, eq=False)
class OpenSea:
    """The graph with a set of passages closed.

    Parameters
    ----------
    closed : frozenset of str
        Their ids.
    water : Water
        The mask in which their gates are land.
    points : (n, 3)
        Unit vectors of the nodes.
    tree : cKDTree
        Of the points.
    edges : csr_matrix
        Lengths of the edges [m], infinite through a closed gate.
    patch, order, offsets : (n,), (n,), (n_patches + 1,)
        The patch of each node, and the nodes of each patch.
    coarse : csr_matrix
        Distances between open neighbouring patches [m].
    """

    closed: frozenset[str]
    water: Water
    points: Floats
    tree: cKDTree
    edges: csr_matrix
    patch: npt.NDArray[np.int32]
    order: npt.NDArray[np.int32]
    offsets: Ints
    coarse: csr_matrix


def open_sea(closed: frozenset[str]) -> OpenSea:
    """Return the sea with passages closed, ready within half a second at the first call."""
    with _LOADING:  # lru_cache alone would let two threads load at once
        return _open_sea(closed)


@functools.lru_cache(maxsize=1)
def _whole() -> tuple[Path, dict[str, npt.NDArray[Any]], cKDTree]:
    place = arrays_folder()
    names = ["points", "indptr", "indices", "gated_edge", "gated_through", "patch", "order"]
    names += [
        "offsets",
        "centre",
        "coarse_start",
        "coarse_end",
        "coarse_through",
        "coarse",
        "fine",
    ]
    names += ["gate_row", "gate_column", "gate_offsets"]
    arrays = {name: mapped(place, name) for name in names}
    return place, arrays, loose_tree(arrays["points"])


@functools.lru_cache(maxsize=8)
def _open_sea(closed: frozenset[str]) -> OpenSea:
    place, whole, tree = _whole()
    shut = np.array([nth for nth, p in enumerate(passages()) if p.id in closed], dtype=np.int64)
    bits = int(np.bitwise_or.reduce(1 << shut)) if shut.size else 0
    length_m = mapped(place, "length_m", private=True)
    length_m[whole["gated_edge"][_shut(whole["gated_through"], bits)]] = np.inf
    mask = mapped(place, "mask", private=True)
    pixel = ranges(whole["gate_offsets"][shut], whole["gate_offsets"][shut + 1])
    row, column = whole["gate_row"][pixel], whole["gate_column"][pixel]
    keep = ~(np.uint8(128) >> (column & 7).astype(np.uint8))
    np.bitwise_and.at(mask, (row, column >> 3), keep)
    is_open = ~_shut(whole["coarse_through"], bits)
    ends = whole["coarse_start"][is_open], whole["coarse_end"][is_open]
    return OpenSea(
        closed=closed,
        water=with_regions(Water(mask, whole["coarse"], whole["fine"]), closed),
        points=whole["points"],
        tree=tree,
        edges=rows_matrix(length_m, whole["indices"], whole["indptr"]),
        patch=whole["patch"],
        order=whole["order"],
        offsets=whole["offsets"],
        coarse=open_patches(whole["centre"], *ends),
    )


def rows_matrix(
    data: Floats, indices: npt.NDArray[np.int32], indptr: npt.NDArray[np.int32]
) -> csr_matrix:
    """Return a square sparse matrix of compressed rows without copies or checks."""
    n = indptr.size - 1
    matrix = csr_matrix((n, n))
    matrix.data, matrix.indices, matrix.indptr = data, indices, indptr
    return matrix


def _shut(through: Ints, bits: int) -> Bools:
    return np.asarray((through & bits) != 0)
