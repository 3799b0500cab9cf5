"""The sea graph in memory, and what is left of it with some passages closed."""

import contextlib
import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.runs import Bools, Ints, ranges
from vesseltrack.routing.cache import arrays_folder, mapped
from vesseltrack.routing.coarse import open_patches, patches_apart_m
from vesseltrack.routing.nodes import loose_tree
from vesseltrack.routing.passages import passages
from vesseltrack.routing.regional import with_regions
from vesseltrack.routing.water import Water

LEAST_EDGE_M: Final = 1e-6  # to a sparse matrix an edge of no length is no edge


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


@dataclass(frozen=True, eq=False)
class _Whole:
    """What every set of closed passages shares: one set of arrays, shut and opened in turn.

    Parameters
    ----------
    arrays : dict
        By name, as the cache holds them; length_m and mask may be written to. And coarse_m (m,):
        the lengths of the edges between patches.
    tree : cKDTree
        Of the nodes.
    gated_m : (k,)
        Lengths of the gated edges with all gates open [m].
    gate_bytes : (m,) uint8
        The bytes of the mask that hold the gates' pixels, with all gates open.
    """

    arrays: dict[str, npt.NDArray[Any]]
    tree: cKDTree
    gated_m: Floats
    gate_bytes: npt.NDArray[np.uint8]

    def shut(self, closed: frozenset[str]) -> None:
        """Close passages, and open all others."""
        own, pixel = self.arrays, _gate_pixels(self.arrays, closed)
        is_shut = _shut(own["gated_through"], _bits(closed))
        own["length_m"][own["gated_edge"]] = np.where(is_shut, np.inf, self.gated_m)
        row, column = own["gate_row"], own["gate_column"]
        own["mask"][row, column >> 3] = self.gate_bytes
        keep = ~(np.uint8(128) >> (column[pixel] & 7).astype(np.uint8))
        np.bitwise_and.at(own["mask"], (row[pixel], column[pixel] >> 3), keep)


class _Turns:
    """Whose set of closed passages the shared arrays show; others wait until they are let go."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._closed: frozenset[str] | None = None
        self._n_users = 0

    def take(self, closed: frozenset[str]) -> OpenSea:
        """Wait for one's turn and return the sea."""
        with self._changed:
            self._changed.wait_for(lambda: self._n_users == 0 or self._closed == closed)
            sea = _open_sea(closed)
            if self._closed != closed:
                _whole().shut(closed)
                self._closed = closed
            self._n_users += 1
            return sea

    def leave(self) -> None:
        """Let the arrays go."""
        with self._changed:
            self._n_users -= 1
            self._changed.notify_all()

    def forget(self) -> None:
        """Let go of the graph and of all seas made of it, unless one is in use."""
        with self._changed:
            if not self._n_users:
                _open_sea.cache_clear()
                _whole.cache_clear()
                self._closed = None  # the next graph has nothing shut yet


_TURNS: Final = _Turns()


@contextlib.contextmanager
def open_sea(closed: frozenset[str]) -> Iterator[OpenSea]:
    """Give the sea with passages closed, ready within half a second at the first call.

    All such seas are one in memory, so threads that close other passages wait meanwhile; those
    that close the same ones do not.

    Parameters
    ----------
    closed : frozenset of str
        Ids of passages.

    Yields
    ------
    OpenSea
        Not to be used afterwards.
    """
    sea = _TURNS.take(closed)
    try:
        yield sea
    finally:
        _TURNS.leave()


def forget() -> None:
    """Let go of what `open_sea` made ready; the next call makes it anew."""
    _TURNS.forget()


@functools.lru_cache(maxsize=1)
def _whole() -> _Whole:
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
    arrays |= {name: mapped(place, name, private=True) for name in ("length_m", "mask")}
    ends = arrays["coarse_start"], arrays["coarse_end"]
    arrays["coarse_m"] = patches_apart_m(arrays["centre"], *ends)
    return _Whole(
        arrays,
        loose_tree(arrays["points"]),
        arrays["length_m"][arrays["gated_edge"]],
        arrays["mask"][arrays["gate_row"], arrays["gate_column"] >> 3],
    )


@functools.lru_cache(maxsize=8)
def _open_sea(closed: frozenset[str]) -> OpenSea:
    whole = _whole().arrays
    is_open = ~_shut(whole["coarse_through"], _bits(closed))
    edges = (whole[name][is_open] for name in ("coarse_start", "coarse_end", "coarse_m"))
    return OpenSea(
        closed=closed,
        water=with_regions(Water(whole["mask"], whole["coarse"], whole["fine"]), closed),
        points=whole["points"],
        tree=_whole().tree,
        edges=rows_matrix(whole["length_m"], whole["indices"], whole["indptr"]),
        patch=whole["patch"],
        order=whole["order"],
        offsets=whole["offsets"],
        coarse=open_patches(len(whole["centre"]), *edges),
    )


def rows_matrix(
    data: Floats, indices: npt.NDArray[np.int32], indptr: npt.NDArray[np.int32]
) -> csr_matrix:
    """Return a square sparse matrix of compressed rows without copies or checks."""
    n = indptr.size - 1
    matrix = csr_matrix((n, n))
    matrix.data, matrix.indices, matrix.indptr = data, indices, indptr
    return matrix


def _numbers(closed: frozenset[str]) -> Ints:
    numbers = [nth for nth, passage in enumerate(passages()) if passage.id in closed]
    return np.array(numbers, dtype=np.int64)


def _bits(closed: frozenset[str]) -> int:
    return int(np.bitwise_or.reduce(1 << _numbers(closed), initial=0))


def _gate_pixels(arrays: dict[str, npt.NDArray[Any]], closed: frozenset[str]) -> Ints:
    """Return which of the gates' pixels belong to passages."""
    offsets, shut = arrays["gate_offsets"], _numbers(closed)
    return ranges(offsets[shut], offsets[shut + 1])


def _shut(through: Ints, bits: int) -> Bools:
    return np.asarray((through & bits) != 0)
