"""The gates of passages in the grid and in the graph: what closing one takes away."""

import json
import zlib
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import Floats, chord_of_m, unit_xyz
from vesseltrack.core.paths import arcs_cross
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.routing.grid import GLOBE, Grid
from vesseltrack.routing.passages import Line, Passage

Rows = npt.NDArray[np.int32]

_HALF_WIDTH_PIXELS = 0.75  # no step from pixel to pixel passes over a gate
LONGEST_EDGE_M = 97_000.0  # twice the spacing of the coarsest nodes


def gate_pixels(passages: Iterable[Passage], grid: Grid = GLOBE) -> tuple[Ints, Ints]:
    """Return row and column of the pixels of the gates of passages."""
    wide_m = _HALF_WIDTH_PIXELS * grid.pixel_m
    bands = [grid.band(*line_of(gate), wide_m) for passage in passages for gate in passage.gates]
    rows, columns = zip(*bands, strict=True) if bands else ((), ())
    empty = np.zeros(0, dtype=np.int64)
    return np.concatenate([empty, *rows]), np.concatenate([empty, *columns])


def gated_edges(
    passages: Iterable[Passage], points: Floats, indptr: Rows, indices: Rows
) -> tuple[Ints, Ints]:
    """Return which edges of a graph pass through gates.

    Parameters
    ----------
    passages : iterable of Passage
        At most 62, each known by its place.
    points : (n, 3)
        Unit vectors of the nodes.
    indptr, indices : (n + 1,), (m,)
        The graph in compressed rows.

    Returns
    -------
    edge : (k,)
        Numbers of the edges that pass through at least one, ascending.
    through : (k,)
        Bit i is set if the edge passes through passage i.
    """
    through = np.zeros(indices.size, dtype=np.int64)
    for nth, passage in enumerate(passages):
        for gate in passage.gates:
            ends = unit_xyz(*line_of(gate))
            for start, end in pairwise(ends):
                node = _beside(points, start, end)
                first, stop = indptr[node].astype(np.int64), indptr[node + 1].astype(np.int64)
                edge, source = ranges(first, stop), np.repeat(node, stop - first)
                crossed = arcs_cross(points[source], points[indices[edge]], start[None], end[None])
                through[edge[crossed]] |= 1 << nth
    edge = np.flatnonzero(through)
    return edge, through[edge]


def line_of(points: Line) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of a line [deg]."""
    lat, lon = np.array(points, dtype=float).T
    return lat, lon


def table_crc(passages: Iterable[Passage]) -> int:
    """Return a checksum of the lines and gates of passages, which the shipped graph rests on."""
    shapes = [[p.id, p.kind, p.line, p.gates] for p in passages]
    return zlib.crc32(json.dumps(shapes).encode())


def _beside(points: Floats, start: Floats, end: Floats) -> Ints:
    """Return the nodes near enough to an arc for an edge of theirs to cross it."""
    normal = np.cross(start, end)
    normal /= np.linalg.norm(normal)
    reach = float(chord_of_m(LONGEST_EDGE_M))
    middle = (start + end) / np.linalg.norm(start + end)
    radius = np.linalg.norm(start - end) / 2 + reach
    near = np.abs(points @ normal) < reach
    rows = np.flatnonzero(near)
    return np.asarray(rows[np.linalg.norm(points[rows] - middle, axis=1) < radius * 1.01])
