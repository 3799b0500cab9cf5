"""Ponds: nodes joined to a few others only, behind closed gates or where the mask has lone pixels.

A tree that misses one would be grown over the whole sea for it, and still not reach it.
"""

import threading
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from scipy.sparse.csgraph import dijkstra

from vesseltrack.core.runs import Ints, ranges
from vesseltrack.routing.graph import OpenSea

POND_M: Final = 300_000.0  # no two nodes of a pond lie farther apart; every tree is grown as far

_LOCK: Final = threading.Lock()
_FOUND: Final[WeakKeyDictionary[OpenSea, Ints]] = WeakKeyDictionary()


def found_ponds(sea: OpenSea) -> Ints:
    """Return the nodes of all ponds found so far, ascending."""
    return _FOUND.get(sea, np.zeros(0, dtype=np.int64))


def ponds_at(sea: OpenSea, node: Ints) -> Ints:
    """Return the nodes of all ponds found so far, those that hold some nodes among them.

    Parameters
    ----------
    sea : OpenSea
        The water and its graph.
    node : (n,)
        Where to look; not behind the first of them that lies in no pond. 8 ms a pond.
    """
    while (unknown := np.setdiff1d(node, found_ponds(sea))).size:
        pond = _pond_of(sea, int(unknown[0]))
        if pond is None:
            break
        with _LOCK:
            _FOUND[sea] = np.union1d(found_ponds(sea), pond)
    return found_ponds(sea)


def _pond_of(sea: OpenSea, node: int) -> Ints | None:
    """Return all nodes that are joined to one, or None where they lead on beyond a pond."""
    within = np.flatnonzero(np.isfinite(dijkstra(sea.edges, indices=node, limit=POND_M / 2)))
    first, stop = (sea.edges.indptr[within + k].astype(np.int64) for k in (0, 1))
    edge = ranges(first, stop)
    leads_to = sea.edges.indices[edge[np.isfinite(sea.edges.data[edge])]]
    return within if np.isin(leads_to, within).all() else None
