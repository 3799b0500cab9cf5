import dataclasses

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from vesseltrack import sea
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.routing import additions, passages
from vesseltrack.routing.build import drawn_network, network


@pytest.fixture(scope="module")
def sea_network():
    return network()


@pytest.fixture(scope="module")
def drawn():
    return drawn_network(additions.approaches())


def test_the_shipped_legs_fit_the_network(drawn):
    # Otherwise every start would take some seconds: run fixtures/make/sea_ways.py again.
    assert int(additions._shipped()["nodes_crc"]) == additions.nodes_crc(drawn)


def test_shipped_legs_cross_no_land_and_no_passage(sea_network, drawn):
    start, end = additions.sights(drawn)[:, ::40]
    lat, lon = sea_network.lat, sea_network.lon
    assert not sea.crosses_land(lat[start], lon[start], lat[end], lon[end]).any()
    first = drawn.start.size
    assert not any(through[first:].any() for through in sea_network.gates.values())


def test_legs_for_another_network_are_worked_out_anew(drawn):
    known = additions.sights(drawn)
    # The waters around Britain alone: numbered otherwise, so the shipped legs do not fit.
    kept = (np.abs(drawn.lat - 54) < 6) & (np.abs(drawn.lon) < 6)
    number = np.cumsum(kept) - 1
    edges = kept[drawn.start] & kept[drawn.end]
    few = type(drawn).of_edges(
        drawn.lat[kept], drawn.lon[kept], number[drawn.start[edges]], number[drawn.end[edges]]
    )
    found = {tuple(pair) for pair in additions.sights(few).T.tolist()}
    inside = kept[known].all(axis=0)
    shipped = {tuple(pair) for pair in number[known[:, inside]].T.tolist()}
    # With fewer nodes around, each is offered farther ones too.
    assert len(shipped) > 1_000
    assert len(shipped - found) < 0.05 * len(shipped)


def test_all_waters_hang_together(sea_network):
    assert connected_components(sea_network.graph(frozenset()), directed=False)[0] == 1


def test_closing_both_arctic_passages_parts_the_oceans_there(sea_network):
    everything = frozenset(p.id for p in passages())
    count, part = connected_components(sea_network.graph(everything), directed=False)
    assert count > 1
    near = [
        int(great_circle_m(lat, lon, sea_network.lat, sea_network.lon).argmin())
        for lat, lon in ((36.0, -10.0), (0.0, 80.0), (34.0, 28.0), (43.0, 34.0), (58.0, 20.0))
    ]
    atlantic, indian, mediterranean, black_sea, baltic = part[near]
    # Round the Cape and through the Great Belt one always comes; through the narrows not.
    assert atlantic == indian == mediterranean == baltic
    assert black_sea != atlantic


def test_every_passage_has_edges_through_it(sea_network):
    assert all(through.any() for through in sea_network.gates.values())


def test_lengths_are_great_circles(sea_network):
    lat, lon = sea_network.lat, sea_network.lon
    start, end = sea_network.start, sea_network.end
    assert np.all(sea_network.length_m > 0)
    assert sea_network.length_m == pytest.approx(
        great_circle_m(lat[start], lon[start], lat[end], lon[end])
    )


def test_nodes_around_stand_in_every_direction_of_open_water(sea_network):
    nodes = sea_network.nodes_around(np.array([30.0]), np.array([-45.0]), 4)[0]
    north, east = sea_network.lat[nodes] - 30, sea_network.lon[nodes] + 45
    quarters = {(y > 0, x > 0) for y, x in zip(north[nodes >= 0], east[nodes >= 0], strict=True)}
    assert len(quarters) == 4


def test_a_network_is_its_own_key(sea_network):
    copy = dataclasses.replace(sea_network)
    assert copy != sea_network
    assert copy.graph(frozenset()).nnz == sea_network.graph(frozenset()).nnz
