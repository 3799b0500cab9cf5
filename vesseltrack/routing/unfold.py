"""What the cache of the sea graph holds, array by array."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from vesseltrack.routing import shipped
from vesseltrack.routing.coarse import patches
from vesseltrack.routing.gates import gate_pixels, gated_edges
from vesseltrack.routing.passages import passages
from vesseltrack.routing.regional import RegionalWater
from vesseltrack.routing.regions import regions
from vesseltrack.routing.stitch import stitched

RASTERS = ("mask", "coarse", "fine")


def unfolded() -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield the arrays; large ones one at a time, to spare memory.

    Yields
    ------
    name, array : str, ndarray
        What the cache holds under this name.
    """
    edges = shipped.both_ways(_graph())
    gated_edge, through = gated_edges(passages(), edges.points, edges.indptr, edges.indices)
    yield "points", edges.points
    yield "indptr", edges.indptr
    yield "indices", edges.indices
    yield "length_m", edges.length_m
    yield "gated_edge", gated_edge
    yield "gated_through", through
    yield from patches(edges, gated_edge, through).items()
    del edges
    pixels = [gate_pixels([passage]) for passage in passages()]
    yield "gate_row", np.concatenate([row for row, _ in pixels])
    yield "gate_column", np.concatenate([column for _, column in pixels])
    yield "gate_offsets", np.cumsum([0, *(row.size for row, _ in pixels)])
    for name in RASTERS:
        yield name, shipped.read(name)[0]


def _graph() -> shipped.Halves:
    """Return the shipped graph with the user's regions stitched in."""
    graph, finer, done = shipped.halves(), regions(), []
    if not finer:
        return graph
    mask, coarse, fine = shipped.read(*RASTERS)
    for region in finer:
        done.append((region.box, region.water))
        water = RegionalWater(mask, coarse, fine, regions=tuple(done))
        graph = stitched(graph, region, water)
    return graph
