"""Among islands, the shorter side of one is taken more often than by a single path."""

import numpy as np
import pytest

from vesseltrack import shortest_route
from vesseltrack.routing import search
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.grid import centre_of, pixel_of
from vesseltrack.routing.passages import closed_to


@pytest.fixture(scope="module")
def ends():
    """Places at sea all over the Aegean."""
    rng = np.random.default_rng(4)
    lat, lon = centre_of(*pixel_of(rng.uniform(35.5, 39.5, 400), rng.uniform(23.5, 26.5, 400)))
    with open_sea(closed_to()) as sea:
        wet = sea.water.is_water(lat, lon)
    return np.stack([lat[wet], lon[wet]], axis=1)[:160].reshape(-1, 2, 2)


def lengths_nm(ends):
    pairs = [(tuple(a), tuple(b)) for a, b in ends.tolist()]
    return np.array([shortest_route(a, b, avoid=["corinth"]).distance_nm for a, b in pairs])


def test_a_second_path_shortens_some_routes_and_lengthens_none(ends, monkeypatch):
    with_second = lengths_nm(ends)
    monkeypatch.setattr(search, "_MOST_BESIDE", -1)
    with_one = lengths_nm(ends)
    assert np.all(with_second <= with_one)
    assert np.max(with_one / with_second) > 1.005


# A point on the optimum over the same mask, as the visibility graph of the bench finds it.
@pytest.mark.parametrize(
    ("start", "end", "by"),
    [
        ((38.638, 26.562), (37.646, 24.271), (38.587, 25.846)),  # north of Chios
        ((39.579, 25.037), (37.421, 25.596), (39.554, 25.054)),  # east of Agios Efstratios
    ],
)
def test_the_shorter_side_of_an_island_is_looked_at(start, end, by):
    by_point = shortest_route(start, end, via=[by], avoid=["corinth"])
    route = shortest_route(start, end, avoid=["corinth"])
    assert route.distance_nm <= by_point.distance_nm * 1.002
