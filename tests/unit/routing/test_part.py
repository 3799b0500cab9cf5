"""What is looked up in a part of the sea graph, or before it, is what the whole of it says."""

import gc
import weakref

import numpy as np
import pytest

from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.errors import RouteError
from vesseltrack.routing import closed_to, field, graph, shortest_route, shortest_routes
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.part import part_around
from vesseltrack.routing.places import inland_m, places_of, seated

ROOTS = [(56.2, 11.5), (57.9, 10.6), (-36.9, 178.4)]  # beside each other, and at the date line
FAR_M = 25_000.0


@pytest.mark.parametrize(
    ("draught_m", "reach_m", "n_least"),
    [(None, 400_000.0, 1_000), (9.0, 400_000.0, 1_000), (None, 60_000.0, 50)],
)
def test_a_tree_grown_in_a_part_is_that_of_the_whole_graph(
    draught_m, reach_m, n_least, monkeypatch
):
    with open_sea(closed_to(draught_m=draught_m)) as sea:
        for lat, lon in ROOTS:
            place = unit_xyz(lat, lon)
            _, nearest = sea.tree.query(place)
            grown = field._grown(sea, place, int(nearest), reach_m)
            with monkeypatch.context() as patch:
                patch.setattr(field, "WIDEST_M", 0.0)
                whole = field._grown(sea, place, int(nearest), reach_m)
            np.testing.assert_array_equal(grown.distance_m, whole.distance_m)
            np.testing.assert_array_equal(grown.toward, whole.toward)
            assert np.isfinite(grown.distance_m).sum() >= n_least


def test_a_part_is_used_again_for_what_lies_in_it_and_with_other_passages_closed():
    place = unit_xyz(*ROOTS[0])
    with open_sea(closed_to()) as sea:
        first = part_around(sea, place, 400_000.0)
        assert part_around(sea, unit_xyz(*ROOTS[1]), 400_000.0) is first
        gated = np.isinf(first.edges.data).sum()
    with open_sea(closed_to(draught_m=14.0)) as sea:
        other = part_around(sea, place, 400_000.0)
        assert other.node is first.node
        assert np.isinf(other.edges.data).sum() > gated
        assert part_around(sea, unit_xyz(*ROOTS[2]), 400_000.0).node is not first.node


def test_how_far_inland_a_point_lies_is_what_its_seat_would_be():
    rng = np.random.default_rng(7)
    points = np.stack([rng.uniform(47, 60, 60), rng.uniform(5, 30, 60)], axis=1)
    n_far = 0
    with open_sea(closed_to()) as sea:
        for lat, lon in points:
            columns = np.array([lat]), np.array([lon])
            seat, _ = seated(sea, places_of(sea, *columns), *columns)
            found_m = inland_m(sea, (lat, lon), FAR_M)
            assert found_m == (seat.snap_m[0] if seat.snap_m[0] > FAR_M else 0.0)
            n_far += found_m > 0
    assert 10 < n_far < 60


def test_points_that_are_kept_do_not_hold_on_to_a_sea(monkeypatch):
    monkeypatch.setattr(field, "_N_SEATS", 3)
    with open_sea(closed_to(avoid=["kiel"])) as sea:
        gone = weakref.ref(sea)
        for east in range(5):
            shortest_route((57.0, 11.0 + east / 10), (56.0, 16.0), avoid=["kiel"])
        assert len(field._SEATS[sea]) == 3
    del sea
    graph._open_sea.cache_clear()
    gc.collect()

    assert gone() is None


def test_an_error_that_is_given_back_holds_no_caller():
    inland = np.full(60, 48.2), np.full(60, 16.4)

    class Held:
        pass

    def ask(n):
        held = Held()
        routes = shortest_routes(inland[0][:n], inland[1][:n], inland[0][:n] + 8, inland[1][:n])
        assert all(isinstance(route, RouteError) for route in routes)
        return weakref.ref(held)

    gc.collect()
    gc.disable()
    try:
        assert ask(1)() is None  # asked one by one, and in the field of the common end
        assert ask(60)() is None
    finally:
        gc.enable()
