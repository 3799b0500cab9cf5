"""The sea as a graph of nodes and edges, some of which pass through gates that can be closed."""

import functools
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from vesseltrack.core.geodesy import Floats, bearing_deg, great_circle_m, unit_xyz
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.routing.passages import passages

NO_NODE: Final = -1
# Of the nearest nodes, the nearest few of each sector are offered: where nodes lie close along a
# coast, the nearest of all would be neighbours in a row.
_N_NEAREST: Final = 400
_N_SECTORS: Final = 16
_N_PER_SECTOR: Final = 2
_SAMPLE_STEP_M: Final = 50_000.0  # how densely edges are known to the neighbour search


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes, edges, and the neighbour search over them.

    Parameters
    ----------
    lat, lon : (n_nodes,)
        Nodes [deg].
    start, end : (n_edges,)
        Node numbers of each edge; an edge goes both ways.
    length_m : (n_edges,)
        Great-circle lengths [m].
    gates : dict of str to (n_edges,) bool
        For each passage id, which edges pass through it.
    node_tree : cKDTree
        Unit vectors of the nodes.
    edge_tree : cKDTree
        Unit vectors of points along the edges, at most 50 km apart.
    edge_of_sample : (n_samples,)
        The edge that each point of `edge_tree` lies on.
    """

    lat: Floats
    lon: Floats
    start: Ints
    end: Ints
    length_m: Floats
    gates: dict[str, Bools]
    node_tree: cKDTree
    edge_tree: cKDTree
    edge_of_sample: Ints

    @classmethod
    def of_edges(cls, lat: Floats, lon: Floats, start: Ints, end: Ints) -> "Network":
        """Return the network of the given nodes and edges."""
        points = unit_xyz(lat, lon)
        length_m = great_circle_m(lat[start], lon[start], lat[end], lon[end])
        samples, edge_of_sample = _along_edges(points[start], points[end], length_m)
        gates = {p.id: p.crossed_by(points[start], points[end]) for p in passages()}
        trees = cKDTree(points), cKDTree(samples)
        return cls(lat, lon, start, end, length_m, gates, *trees, edge_of_sample)

    def with_edges(self, start: Ints, end: Ints) -> "Network":
        """Return this network with more edges, which the neighbour search does not know of."""
        points = unit_xyz(self.lat, self.lon)
        length_m = great_circle_m(self.lat[start], self.lon[start], self.lat[end], self.lon[end])
        return replace(
            self,
            start=np.concatenate([self.start, start]),
            end=np.concatenate([self.end, end]),
            length_m=np.concatenate([self.length_m, length_m]),
            gates={
                p.id: np.append(self.gates[p.id], p.crossed_by(points[start], points[end]))
                for p in passages()
            },
        )

    def near_edges(self, lat: Floats, lon: Floats, n_edges: int) -> Ints:
        """Return edges near points, nearest first, shape (n, n_edges); one may stand twice."""
        _, sample = self.edge_tree.query(unit_xyz(lat, lon), k=n_edges)
        return np.asarray(self.edge_of_sample[sample.reshape(lat.size, n_edges)])

    def near_nodes(self, lat: Floats, lon: Floats, n_edges: int) -> Ints:
        """Return the ends of edges near points, shape (n, 2 n_edges); a node may stand twice."""
        edges = self.near_edges(lat, lon, n_edges)
        return np.concatenate([self.start[edges], self.end[edges]], axis=1)

    def nodes_around(self, lat: Floats, lon: Floats, n_edges: int) -> Ints:
        """Return nodes that points may sail to: near ones, and some in every direction.

        Parameters
        ----------
        lat, lon : (n,)
            Points [deg].
        n_edges : int
            Edges near each point whose ends are among them.

        Returns
        -------
        nodes : (n, k)
            Node numbers, `NO_NODE` where a direction has none; one may stand twice in a row.
        """
        ends = self.near_nodes(lat, lon, n_edges)
        _, near = self.node_tree.query(unit_xyz(lat, lon), k=_N_NEAREST)
        bearings = bearing_deg(lat[:, None], lon[:, None], self.lat[near], self.lon[near])
        sector = bearings // (360.0 / _N_SECTORS)
        row, around = np.arange(lat.size), [ends]
        for direction in range(_N_SECTORS):
            rank = np.cumsum(sector == direction, axis=1) * (sector == direction)
            for nth in range(1, _N_PER_SECTOR + 1):
                hit = rank == nth
                first = near[row, hit.argmax(axis=1)]
                around.append(np.where(hit.any(axis=1), first, NO_NODE)[:, None])
        return np.concatenate(around, axis=1)

    @functools.lru_cache(maxsize=32)  # noqa: B019 - there is one network, which is never let go
    def graph(self, closed: frozenset[str]) -> csr_matrix:
        """Return the lengths of the edges outside closed passages as a sparse matrix [m]."""
        is_open = np.ones(self.start.size, dtype=bool)
        for identifier in closed:
            is_open &= ~self.gates[identifier]
        start, end = self.start[is_open], self.end[is_open]
        places = np.concatenate([start, end]), np.concatenate([end, start])
        lengths = np.tile(self.length_m[is_open], 2)
        return csr_matrix((lengths, places), shape=(self.lat.size, self.lat.size))


def _along_edges(start: Floats, end: Floats, length_m: Floats) -> tuple[Floats, Ints]:
    """Return points along edges, their ends included, and the edge of each."""
    n_steps = np.maximum(1, np.ceil(length_m / _SAMPLE_STEP_M)).astype(np.int64)
    edge = np.repeat(np.arange(start.shape[0]), n_steps + 1)
    first = np.cumsum(n_steps + 1) - (n_steps + 1)
    along = (np.arange(edge.size) - first[edge]) / n_steps[edge]
    # On the chord: uneven steps on the longest edges, which a neighbour search does not mind.
    points = start[edge] + along[:, None] * (end[edge] - start[edge])
    return points / np.linalg.norm(points, axis=1, keepdims=True), edge
