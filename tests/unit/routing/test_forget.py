"""What is kept for the next route can be let go of, and changes no route."""

import gc

from vesseltrack import routing
from vesseltrack.routing import field, graph

SKAGEN, MALMO = (57.9, 10.9), (55.62, 12.85)


def test_routes_are_the_same_after_everything_was_forgotten():
    before = [routing.shortest_route(SKAGEN, MALMO, avoid=avoid) for avoid in ((), ("sound",))]
    far = routing.distance_field(MALMO, avoid=("sound",)).remaining_nm([57.9], [10.9])
    routing.forget()
    # The passage that was shut last must be shut again in a graph that has none shut.
    after = [routing.shortest_route(SKAGEN, MALMO, avoid=avoid) for avoid in (("sound",), ())]
    assert [one.distance_nm for one in before] == [one.distance_nm for one in after[::-1]]
    assert far == routing.distance_field(MALMO, avoid=("sound",)).remaining_nm([57.9], [10.9])


def test_nothing_is_held_on_to():
    routing.distance_field(MALMO).remaining_nm([57.9], [10.9])
    routing.forget()
    gc.collect()
    assert graph._whole.cache_info().currsize == 0
    assert not field._SEATS
    assert field._SHELF.take((MALMO, routing.closed_to())) is None


def test_a_sea_in_use_stays():
    with graph.open_sea(routing.closed_to()) as sea:
        routing.forget()
        assert graph._whole.cache_info().currsize == 1
        with graph.open_sea(routing.closed_to()) as again:
            assert again is sea
