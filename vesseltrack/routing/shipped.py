"""The shipped sea graph, unfolded: points and edges from ids and bits.

`fixtures/make/sea_graph.py` writes what is read here.
"""

import zlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix

from vesseltrack import hexgrid
from vesseltrack.core.geodesy import Floats, lat_lon_of_xyz, m_of_chord
from vesseltrack.errors import RouteError
from vesseltrack.routing import nodes

FILE: Final = files("vesseltrack") / "data" / "sea.npz"
_EDGES_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True, eq=False)
class Halves:
    """A graph as a list of edges, each once.

    Parameters
    ----------
    points : (n, 3)
        Unit vectors of the nodes.
    cell : (n,)
        Cells that the nodes lie in.
    first, second : (m,)
        The nodes that each edge joins.
    """

    points: Floats
    cell: hexgrid.Cells
    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Edges:
    """A graph in compressed rows; every edge stands in the row of either end.

    Parameters
    ----------
    points : (n, 3)
        Unit vectors of the nodes.
    cell : (n,)
        Cells that the nodes lie in, of any resolution from 4 on.
    indptr, indices : (n + 1,), (m,)
        Row limits and the other end of each edge.
    length_m : (m,)
        Great-circle lengths [m].
    """

    points: Floats
    cell: hexgrid.Cells
    indptr: npt.NDArray[np.int32]
    indices: npt.NDArray[np.int32]
    length_m: Floats


def fingerprint() -> str:
    """Return what tells this graph from any other."""
    return f"{zlib.crc32(FILE.read_bytes()):08x}"


def read(*names: str) -> list[npt.NDArray[Any]]:
    """Return arrays of the shipped file by name."""
    with FILE.open("rb") as file, np.load(file) as arrays:
        return [arrays[name] for name in names]


def halves() -> Halves:
    """Return the graph.

    Raises
    ------
    RouteError
        If the pairs of neighbours do not come out as when the bits were written.
    """
    planes, reach, n_pairs, sees, chain, chain_edges = read(
        "cells", "reach", "n_pairs", "sees", "chain", "chain_edges"
    )
    cells = nodes.unpacked(planes)
    points = nodes.points_of(cells)
    codes = nodes.candidate_pairs(points, hexgrid.resolutions(cells), reach)
    if [codes.size, zlib.crc32(codes.tobytes())] != n_pairs.tolist():
        msg = "the sea graph of this package does not unfold here; please report it"
        raise RouteError(msg)
    codes = codes[np.unpackbits(sees, count=codes.size).view(np.bool_)]
    points = np.concatenate([points, chain])
    of_chain = hexgrid.cells_of(*lat_lon_of_xyz(chain), nodes.FINEST)
    cell = np.concatenate([cells, of_chain])
    first = np.concatenate([(codes // cells.size).astype(np.int32), chain_edges[:, 0]])
    second = np.concatenate([(codes % cells.size).astype(np.int32), chain_edges[:, 1]])
    return Halves(points, cell, first, second)


def both_ways(graph: Halves) -> Edges:
    """Return a graph in compressed rows."""
    points, first, second = graph.points, graph.first, graph.second
    length_m = np.empty(first.size)
    for i in range(0, first.size, _EDGES_AT_ONCE):
        some = slice(i, i + _EDGES_AT_ONCE)
        step = points[first[some]] - points[second[some]]
        length_m[some] = m_of_chord(np.sqrt(np.einsum("ij,ij->i", step, step)))
    n = len(points)
    half = coo_matrix((length_m, (first, second)), shape=(n, n)).tocsr()
    whole = half + half.T
    return Edges(points, graph.cell, whole.indptr, whole.indices, whole.data)
