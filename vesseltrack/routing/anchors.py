"""From a tree over nodes to straight lines: where each node near some points sails to directly.

A Dijkstra tree measures along edges, in zigzags. Here every node near the points asked about gets
an *anchor*: a farther point of the way that it sees and from which the rest is known. Each step
below only ever lowers a distance, and every value is the length of a way that can be sailed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from vesseltrack.core.geodesy import Floats, chord_of_m, lengths, m_of_chord
from vesseltrack.core.runs import Bools, Ints, ranges
from vesseltrack.routing.graph import LEAST_EDGE_M, OpenSea
from vesseltrack.routing.places import Places
from vesseltrack.routing.taut import legs_m

N_NEAR: Final = 7  # nodes around a point whose anchors it may use
_DOUBLINGS: Final = 9  # hops along the tree are tried up to 2 to this
_BENDS_IN_FULL: Final = 500  # so many bends are all tried with each other
_BEND_WINDOW: Final = 300  # of more, those so many ranks apart
_SWEEPS: Final = 4
_LEAST_GAIN_M: Final = 5.0  # less is not worth a line of sight
_ROUNDS: Final = 6  # candidates tried from a point before it takes its nearest node
_CORNERS_WITHIN_M: Final = 10_000.0  # of the root; farther off, nodes do
_ROWS_AT_ONCE: Final = 50_000
_ROOT: Final = 0


@dataclass(frozen=True, eq=False)
class Tree:
    """All shortest ways over the graph to one place.

    Parameters
    ----------
    root : (3,)
        Unit vector of the place.
    distance_m : (n,) float32
        Of each node [m]; infinite without a way.
    toward : (n,) int32
        The next node on the way; negative at the last.
    """

    root: Floats
    distance_m: npt.NDArray[np.float32]
    toward: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Anchors:
    """Points of the ways to one place, the place itself first.

    Parameters
    ----------
    node : (k - 1,)
        The nodes that the other points are, ascending; `row` holds the place of each below.
    row : (k - 1,)
    xyz : (k, 3)
        Unit vectors.
    remaining_m : (k,)
        How far each is from the root [m].
    toward : (k,)
        The point that each sails to.
    """

    node: Ints
    row: Ints
    xyz: Floats
    remaining_m: Floats
    toward: Ints

    def remaining(self, sea: OpenSea, places: Places) -> tuple[Floats, Ints]:
        """Return how far remains from places, and the point each sails to.

        Parameters
        ----------
        sea : OpenSea
            What the anchors were made with.
        places : Places
            Among the nodes that they were made for.

        Returns
        -------
        remaining_m : (n,)
            Infinite without a way [m].
        first : (n,)
            Row numbers.
        """
        n = len(places.xyz)
        remaining_m, first = np.empty(n), np.empty(n, dtype=np.int64)
        for start in range(0, n, _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            near = self._rows_of(places.node[some])
            remaining_m[some], first[some] = self._best(sea, places.xyz[some], near)
        return remaining_m, first

    def line(self, first: int) -> Floats:
        """Return the points of the way from a row to the root as unit vectors."""
        rows = [first]
        while rows[-1] != _ROOT:
            rows.append(int(self.toward[rows[-1]]))
        return self.xyz[rows]

    def _rows_of(self, node: Ints) -> Ints:
        """Return the rows of nodes; the nearest with a way stands in for those without."""
        at = np.minimum(np.searchsorted(self.node, node), max(0, self.node.size - 1))
        known = self.node[at] == node if self.node.size else np.zeros(node.shape, dtype=np.bool_)
        row = np.where(known, self.row[at] if self.node.size else _ROOT, -1)
        nth, nearest = np.arange(len(row)), np.argmax(known, axis=1)
        return np.where(known, row, row[nth, nearest][:, None])

    def _best(self, sea: OpenSea, xyz: Floats, near: Ints) -> tuple[Floats, Ints]:
        candidate = np.concatenate([self.toward[near], near], axis=1)
        apart = xyz[:, None, :] - self.xyz[candidate]
        leg_m = m_of_chord(np.sqrt(np.einsum("ijk,ijk->ij", apart, apart)))
        through_m = self.remaining_m[candidate] + leg_m
        through_m[near[:, 0] < 0] = np.inf
        # Nothing in sight: by the nearest node, which is never too short.
        first = near[:, 0].copy()
        remaining_m = through_m[:, near.shape[1]].copy()
        rows = np.flatnonzero(np.isfinite(remaining_m))
        for _ in range(_ROUNDS):
            best = np.argmin(through_m[rows], axis=1)
            chosen = candidate[rows, best]
            value_m = through_m[rows, best]
            seen = sea.water.sees(xyz[rows], self.xyz[chosen])
            first[rows[seen]], remaining_m[rows[seen]] = chosen[seen], value_m[seen]
            rows, chosen = rows[~seen], chosen[~seen]
            if rows.size == 0:
                break
            tried = candidate[rows] == chosen[:, None]
            through_m[rows] = np.where(tried, np.inf, through_m[rows])
        return remaining_m, first


def anchors_of(sea: OpenSea, tree: Tree, near: Ints) -> Anchors:
    """Return the anchors of nodes.

    Parameters
    ----------
    sea : OpenSea
        What the tree was grown in.
    tree : Tree
        The ways to the root.
    near : (n,)
        Nodes near the points that will be asked about, ascending.
    """
    near = near[np.isfinite(tree.distance_m[near])]
    node = _with_ancestors(tree, near)
    node = node[np.argsort(tree.distance_m[node], kind="stable")]
    ascending = np.argsort(node, kind="stable")
    known, row = node[ascending], ascending + 1
    next_node = tree.toward[node]
    after = _ROOT * np.ones(node.size + 1, dtype=np.int64)
    on_tree = next_node >= 0
    after[1:][on_tree] = row[np.searchsorted(known, next_node[on_tree])]
    xyz = np.concatenate([tree.root[None], sea.points[node]])
    start, end = _legs_along_tree(sea, xyz, after)
    xyz, *legs = _corners_of_root(sea, xyz)
    start, end = np.concatenate([start, legs[0]]), np.concatenate([end, legs[1]])
    remaining_m, toward = _from_root(xyz, start, end)
    asked = row[np.searchsorted(known, near)]
    more = _legs_between_bends(sea, xyz, remaining_m, toward, asked)
    start, end = np.concatenate([start, more[0]]), np.concatenate([end, more[1]])
    remaining_m, toward = _from_root(xyz, start, end)
    anchors = Anchors(known, row, xyz, remaining_m, toward)
    _sweep(sea, anchors, near)
    return anchors


def _with_ancestors(tree: Tree, near: Ints) -> Ints:
    """Return nodes with all that lie on their ways to the root."""
    seen = np.zeros(tree.toward.size, dtype=np.bool_)
    seen[near] = True
    front = near
    while front.size:
        front = tree.toward[front].astype(np.int64)
        front = np.unique(front[front >= 0])
        front = front[~seen[front]]
        seen[front] = True
    return np.flatnonzero(seen)


def _legs_along_tree(sea: OpenSea, xyz: Floats, after: Ints) -> tuple[Ints, Ints]:
    """Return the legs from each point to the next on its way, and to those farther in sight."""
    hops, jumps = [after], []
    for _ in range(_DOUBLINGS - 1):
        hops.append(hops[-1][hops[-1]])
    for nth in range(1, _DOUBLINGS):
        jumps.append(hops[nth])
        jumps.append(hops[nth - 1][hops[nth]])  # one and a half times as far
    n = after.size
    # Jumps grow longer from row to row until they end at the root, where they repeat.
    row, start = np.nonzero(np.diff(np.stack([after, *jumps]), axis=0))
    end = np.stack(jumps)[row, start]
    seen = sea.water.sees(xyz[start], xyz[end])
    own = np.arange(1, n)
    return np.concatenate([own, start[seen]]), np.concatenate([after[1:], end[seen]])


def _corners_of_root(sea: OpenSea, xyz: Floats) -> tuple[Floats, Ints, Ints]:
    """Return points with the corners of the land around the root, and the legs by those.

    Between the islands off a port there are few nodes to bend at.
    """
    n = len(xyz)
    near = lengths(xyz - xyz[_ROOT]) < chord_of_m(_CORNERS_WITHIN_M)
    corner = np.unique(sea.water.corners(xyz[near])[1], axis=0)
    rows = np.concatenate([np.flatnonzero(near), np.arange(n, n + len(corner))])
    xyz = np.concatenate([xyz, corner])
    start, end = np.repeat(rows, len(corner)), np.tile(np.arange(n, n + len(corner)), rows.size)
    start, end = np.concatenate([start, end]), np.concatenate([end, start])
    useful = (start != _ROOT) & ((end == _ROOT) | (end >= n)) & (start != end)
    start, end = start[useful], end[useful]
    seen = sea.water.sees(xyz[start], xyz[end])
    return xyz, start[seen], end[seen]


def _legs_between_bends(
    sea: OpenSea, xyz: Floats, remaining_m: Floats, toward: Ints, row: Ints
) -> tuple[Ints, Ints]:
    """Return legs between bends of the ways from rows that shorten any of them."""
    bend = _passed(toward, row)
    bend = bend[np.argsort(remaining_m[bend], kind="stable")]
    window = bend.size if bend.size <= _BENDS_IN_FULL else _BEND_WINDOW
    nth = np.arange(bend.size)
    n_after = np.minimum(window, bend.size - 1 - nth)
    start, end = np.repeat(nth, n_after), ranges(nth + 1, nth + 1 + n_after)
    nearer, farther = bend[start], bend[end]  # the root is nearer to the first
    gains = _gains(xyz, remaining_m, farther, nearer)
    nearer, farther = nearer[gains], farther[gains]
    seen = sea.water.sees(xyz[farther], xyz[nearer])
    return farther[seen], nearer[seen]


def _passed(toward: Ints, row: Ints) -> Ints:
    """Return the points that lie on the ways from rows to the root."""
    passed = np.zeros(toward.size, dtype=np.bool_)
    front = np.unique(toward[row])
    while front.size:
        passed[front] = True
        front = np.unique(toward[front])
        front = front[~passed[front]]
    return np.flatnonzero(passed)


def _gains(xyz: Floats, remaining_m: Floats, start: Ints, end: Ints) -> Bools:
    """Return which legs would shorten the way from where they start."""
    through_m = remaining_m[end] + legs_m(xyz, start, end)
    return np.asarray(through_m < remaining_m[start] - _LEAST_GAIN_M)


def _from_root(xyz: Floats, start: Ints, end: Ints) -> tuple[Floats, Ints]:
    """Return how far each point is from the root over legs, and the point it sails to."""
    n = len(xyz)
    # One leg may be listed twice, and a sparse matrix would add the two up.
    code = np.unique(end * n + start)
    end, start = code // n, code % n
    leg_m = np.maximum(legs_m(xyz, start, end), LEAST_EDGE_M)
    backwards = csr_matrix((leg_m, (end, start)), shape=(n, n))
    remaining_m, toward = dijkstra(backwards, indices=_ROOT, return_predecessors=True)
    return remaining_m, np.maximum(toward, _ROOT).astype(np.int64)


def _sweep(sea: OpenSea, anchors: Anchors, near: Ints) -> None:
    """Let each node try the anchors of its neighbours, in place, some times over."""
    indptr = sea.edges.indptr
    edge = ranges(indptr[near].astype(np.int64), indptr[near + 1].astype(np.int64))
    source = np.repeat(near, indptr[near + 1] - indptr[near])
    other = sea.edges.indices[edge].astype(np.int64)
    inside = np.isfinite(sea.edges.data[edge])
    inside &= np.isin(other, anchors.node, assume_unique=False)
    row = anchors.row[np.searchsorted(anchors.node, source[inside])]
    beside = anchors.row[np.searchsorted(anchors.node, other[inside])]
    xyz, remaining_m, toward = anchors.xyz, anchors.remaining_m, anchors.toward
    for _ in range(_SWEEPS):
        anchor = toward[beside]
        gains = _gains(xyz, remaining_m, row, anchor)
        start, anchor = np.unique(np.stack([row[gains], anchor[gains]]), axis=1)
        seen = sea.water.sees(xyz[start], xyz[anchor])
        start, anchor = start[seen], anchor[seen]
        if start.size == 0:
            return
        through_m = remaining_m[anchor] + legs_m(xyz, start, anchor)
        order = np.lexsort((through_m, start))
        order = order[np.append(True, np.diff(start[order]) > 0)]
        remaining_m[start[order]] = through_m[order]
        toward[start[order]] = anchor[order]
