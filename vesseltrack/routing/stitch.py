"""The graph with regions stitched in: their nodes for those that the globe has in their boxes."""

from typing import Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from vesseltrack import hexgrid
from vesseltrack.core.geodesy import Floats, chord_of_m, lat_lon_of_xyz
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.routing import nodes
from vesseltrack.routing.gates import LONGEST_EDGE_M
from vesseltrack.routing.regional import may_touch
from vesseltrack.routing.regions import FINEST, Region
from vesseltrack.routing.shipped import Halves
from vesseltrack.routing.water import Water
from vesseltrack.units import EARTH_RADIUS_M

_CHAIN_REACH_M: Final = 2_000.0  # from a node in a canal out to others


def stitched(halves: Halves, region: Region, water: Water) -> Halves:
    """Return a graph with the nodes of a region for those in its box.

    Parameters
    ----------
    halves : Halves
        The graph without it.
    region : Region
        The region.
    water : Water
        With this region, and all that the graph has already.

    Returns
    -------
    halves : Halves
        The nodes of the region come last. What is then cut off from the largest part is left
        out, and so are edges that the finer coast has closed.
    """
    outside = ~region.box.holds(*lat_lon_of_xyz(halves.points))
    kept = _only(halves, outside)
    touched = may_touch(kept.points[kept.first], kept.points[kept.second], region.box)
    seen = ~touched
    seen[touched] = water.sees(kept.points[kept.first[touched]], kept.points[kept.second[touched]])
    own = np.concatenate([nodes.points_of(region.cells), region.chain])
    of_chain = hexgrid.cells_of(*lat_lon_of_xyz(region.chain), nodes.FINEST)
    cell = np.concatenate([kept.cell, region.cells, of_chain])
    points = np.concatenate([kept.points, own])
    n = len(kept.points)
    pairs = np.concatenate(
        [n + _pairs_within(region), n + _pairs_of_chain(own, region), _pairs_across(kept, own)]
    )
    in_sight = water.sees(points[pairs[:, 0]], points[pairs[:, 1]])
    first, second = pairs[in_sight].astype(np.int32).T
    whole = Halves(
        points,
        cell,
        np.concatenate([kept.first[seen], first]),
        np.concatenate([kept.second[seen], second]),
    )
    return _only(whole, _largest_part(whole))


def _only(halves: Halves, keep: Bools) -> Halves:
    """Return the graph of some of the nodes."""
    number = (np.cumsum(keep) - 1).astype(np.int32)
    edge = keep[halves.first] & keep[halves.second]
    return Halves(
        halves.points[keep],
        halves.cell[keep],
        number[halves.first[edge]],
        number[halves.second[edge]],
    )


def _largest_part(halves: Halves) -> Bools:
    n = len(halves.points)
    ones = np.ones(halves.first.size, dtype=np.bool_)
    joined = coo_matrix((ones, (halves.first, halves.second)), shape=(n, n))
    _, label = connected_components(joined, directed=False)
    return np.asarray(label == np.argmax(np.bincount(label)))


def _edges_near(kept: Halves, region: Region) -> Ints:
    """Return the edges that may pass through the box of a region though they end outside."""
    centre, reach = region.box.cap
    chord = float(chord_of_m(reach * EARTH_RADIUS_M + LONGEST_EDGE_M))
    around = np.linalg.norm(kept.points - centre, axis=1) <= chord
    edge = np.flatnonzero(around[kept.first] & around[kept.second])
    start, end = kept.points[kept.first[edge]], kept.points[kept.second[edge]]
    return edge[may_touch(start, end, region.box)]


def _pairs_within(region: Region) -> Ints:
    """Return pairs of neighbours among the cells of a region."""
    points, resolution = nodes.points_of(region.cells), hexgrid.resolutions(region.cells)
    reach = chord_of_m(nodes.reach_m(np.arange(nodes.COARSEST, FINEST + 1)))
    codes = nodes.candidate_pairs(points, resolution, reach)
    return np.stack(np.divmod(codes, max(1, region.cells.size)), axis=1)


def _pairs_of_chain(own: Floats, region: Region) -> Ints:
    """Return pairs of nodes along passages with all that are near."""
    n = region.cells.size
    pairs = _near(region.chain, own, np.full(len(region.chain), _CHAIN_REACH_M))
    pairs[:, 0] += n
    return pairs[pairs[:, 1] < pairs[:, 0]]


def _pairs_across(kept: Halves, own: Floats) -> Ints:
    """Return pairs of a node outside and one in the box, as far apart as those outside are.

    Coarse nodes reach far into the box: its fine ones alone would not reach out to them.
    """
    if len(own) == 0:
        return np.zeros((0, 2), dtype=np.int64)
    reach_m = nodes.reach_m(hexgrid.resolutions(kept.cell))
    near = np.flatnonzero(_within_reach(kept.points, own, reach_m))
    pairs = _near(kept.points[near], own, reach_m[near])
    return np.stack([near[pairs[:, 0]], len(kept.points) + pairs[:, 1]], axis=1)


def _within_reach(points: Floats, own: Floats, reach_m: Floats) -> Bools:
    """Return which points may have one of a region's nodes in reach."""
    middle = own.mean(axis=0)
    radius = np.linalg.norm(own - middle, axis=1).max()
    return np.asarray(np.linalg.norm(points - middle, axis=1) <= radius + chord_of_m(reach_m))


def _near(points: Floats, others: Floats, reach_m: Floats) -> Ints:
    """Return pairs of a point and another within its reach, shape (n, 2)."""
    found = nodes.loose_tree(others).query_ball_point(points, chord_of_m(reach_m))
    n_found = np.array([len(some) for some in found], dtype=np.int64)
    first = np.repeat(np.arange(len(points)), n_found)
    return np.stack([first, np.fromiter((i for some in found for i in some), np.int64)], axis=1)
