"""Nodes that no way leads far from are told, without a look at the whole sea."""

import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from vesseltrack.routing import closed_to, distance_field, field, shortest_route
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.ponds import found_ponds, ponds_at

ROTTERDAM = (51.95, 4.05)
MUNICH = (48.15, 11.6)  # nearer to the Adriatic than to the North Sea, and far from both
OFF_AARHUS = (56.16, 10.4)


@pytest.fixture
def chain():
    """Four nodes 100 km apart in a row, and three 1 km apart behind a closed gate."""
    with open_sea(frozenset()) as sea:
        pass
    start = np.array([0, 1, 2, 3, 4, 5])
    leg_m = np.array([1e5, 1e5, 1e5, np.inf, 1e3, 1e3])
    ends = np.concatenate([start, start + 1]), np.concatenate([start + 1, start])
    edges = csr_matrix((np.tile(leg_m, 2), ends), shape=(7, 7))
    return dataclasses.replace(sea, edges=edges)


def test_a_pond_is_found_whole_by_any_of_its_nodes(chain):
    assert ponds_at(chain, np.array([5])).tolist() == [4, 5, 6]
    assert found_ponds(chain).tolist() == [4, 5, 6]


def test_a_row_of_nodes_that_leads_on_is_no_pond(chain):
    assert ponds_at(chain, np.array([0])).size == 0


def test_what_is_joined_by_the_graph_is_never_in_a_pond():
    with open_sea(closed_to()) as sea:
        is_open = np.isfinite(sea.edges.data)
        row = np.repeat(np.arange(len(sea.points)), np.diff(sea.edges.indptr))[is_open]
        ends = row, sea.edges.indices[is_open]
        joined = csr_matrix((sea.edges.data[is_open], ends), shape=sea.edges.shape)
        label = connected_components(joined, directed=False)[1]
        size = np.bincount(label)
        small = np.flatnonzero(size[label] < 100)  # by the graph's own parts
        assert small.size
        assert np.isin(small, ponds_at(sea, small)).all()
        assert (size[label[found_ponds(sea)]] < 100).all()


def test_a_point_far_inland_does_not_let_the_tree_grow_round_the_globe(monkeypatch):
    def refuse(*_):
        pytest.fail("the whole sea was grown")

    monkeypatch.setattr(field, "kept", refuse)
    remaining_nm = distance_field(ROTTERDAM, draught_m=7.3).roughly_nm(
        *zip(MUNICH, OFF_AARHUS, strict=True)
    )
    expected_nm = shortest_route(OFF_AARHUS, ROTTERDAM, draught_m=7.3).distance_nm
    assert np.isnan(remaining_nm[0])
    assert remaining_nm[1] == pytest.approx(expected_nm, rel=0.04)
