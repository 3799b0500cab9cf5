"""Trees that reach a part of the sea, without the nodes they do not reach, for who asks again.

A tree of full length takes 10 MB, a packed one a tenth of it or less: of those as many are kept as
an archive has ports, while shard after shard asks for the same.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import Floats
from vesseltrack.routing.anchors import Tree

Name = tuple[tuple[float, float], frozenset[str]]  # the destination, and the passages closed

_N_TREES: Final = 128
_NO_NEXT: Final = -9999  # as scipy writes it


@dataclass(frozen=True, eq=False)
class PackedTree:
    """The nodes that a tree reaches.

    Parameters
    ----------
    reach_m : float
        How far it was grown [m].
    n_nodes : int
        How many nodes the graph has.
    root : (3,)
        Unit vector of the place.
    node : (n,) int32
        Those reached, ascending.
    distance_m, toward : (n,)
        As in `Tree`.
    """

    reach_m: float
    n_nodes: int
    root: Floats
    node: npt.NDArray[np.int32]
    distance_m: npt.NDArray[np.float32]
    toward: npt.NDArray[np.int32]

    @classmethod
    def of(cls, tree: Tree, reach_m: float) -> "PackedTree":
        """Return a tree that was grown so far."""
        node = np.flatnonzero(np.isfinite(tree.distance_m))
        distance_m, toward = tree.distance_m[node], tree.toward[node]
        n_nodes = tree.distance_m.size
        return cls(reach_m, n_nodes, tree.root, node.astype(np.int32), distance_m, toward)

    def tree(self) -> Tree:
        """Return the tree as it was grown."""
        distance_m = np.full(self.n_nodes, np.inf, np.float32)
        toward = np.full(self.n_nodes, _NO_NEXT, np.int32)
        distance_m[self.node], toward[self.node] = self.distance_m, self.toward
        return Tree(self.root, distance_m, toward)


class Shelf:
    """The packed trees asked for last, by name."""

    def __init__(self) -> None:
        self._trees: dict[Name, PackedTree] = {}

    def take(self, name: Name) -> PackedTree | None:
        """Return a tree if it is there."""
        tree = self._trees.pop(name, None)
        if tree is not None:
            self._trees[name] = tree  # behind the others: it was asked for last
        return tree

    def put(self, name: Name, tree: PackedTree) -> None:
        """Keep a tree, in place of the one that was not asked for longest."""
        self._trees.pop(name, None)
        for oldest in list(self._trees)[: max(0, len(self._trees) + 1 - _N_TREES)]:
            self._trees.pop(oldest, None)
        self._trees[name] = tree

    def clear(self) -> None:
        """Keep none."""
        self._trees.clear()
