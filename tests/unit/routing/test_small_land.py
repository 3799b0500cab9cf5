"""Land that Natural Earth leaves out: taken where it is, never so that open water is parted."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage as ndi

from vesseltrack import sea, shortest_route
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.passages import closed_to

MAKE = Path(__file__).parents[3] / "fixtures" / "make"

# By charts and gazetteers; none is land of Natural Earth 1:10 million.
ISLANDS = {
    "Makronisos": (37.70, 24.12),
    "Saltholm": (55.64, 12.77),
    "Capo Spartivento": (37.925, 16.06),
}
# Narrow water beside much of it, and what is sailed through there [nm].
OPEN_WAYS = {
    "Bergen by Vatlestraumen": ((60.4, 5.25), (60.14, 5.1), 20),
    "Bergen by Hjeltefjorden": ((60.4, 5.25), (60.75, 4.75), 32),
    "Stockholm to sea": ((59.33, 18.15), (59.3, 19.5), 55),
    "Turku to sea": ((60.43, 22.1), (59.7, 21.0), 75),
    "Fredericia to the Kattegat": ((55.565, 9.76), (56.2, 11.2), 70),
    "Hiroshima to Kobe": ((34.35, 132.45), (34.67, 135.2), 175),
}


@pytest.fixture
def maker(monkeypatch):
    monkeypatch.syspath_prepend(MAKE)
    return importlib.import_module("small_land")


@pytest.mark.parametrize("place", ISLANDS.values(), ids=ISLANDS)
def test_islands_that_the_coast_lacks_are_land(place):
    lat, lon = np.array([place]).T
    assert not sea.is_land(lat, lon)[0]
    with open_sea(closed_to()) as at_sea:
        assert not at_sea.water.is_water(lat, lon)[0]


@pytest.mark.parametrize(("start", "end", "most_nm"), OPEN_WAYS.values(), ids=OPEN_WAYS)
def test_ways_through_narrow_water_stay_open(start, end, most_nm):
    assert shortest_route(start, end).distance_nm < most_nm


def n_parts(water, maker):
    label, _ = ndi.label(maker._wide_in(water, 0.0), np.ones((3, 3)))
    return np.count_nonzero(np.bincount(label.ravel())[1:] >= maker.SMALLEST_PART)


def test_land_across_a_sound_is_given_back_where_it_is_thinnest(maker):
    water = np.ones((30, 30), dtype=bool)
    taken = np.zeros_like(water)
    taken[14:20] = True
    taken[16:20, 20] = False  # two pixels thin
    assert n_parts(water & ~taken, maker) == 2
    gaps = maker.parting(water, taken, 0.0)
    assert n_parts(water & ~(taken & ~gaps), maker) == 1
    assert np.count_nonzero(gaps) < np.count_nonzero(taken) / 3
    assert gaps[15, 20]


def test_islands_and_capes_part_nothing(maker):
    water = np.ones((30, 30), dtype=bool)
    water[:4] = False
    taken = np.zeros_like(water)
    taken[4:12, 10:14] = True
    taken[18:24, 15:25] = True
    assert not maker.parting(water, taken, 0.0).any()


def test_waters_that_were_never_joined_stay_apart(maker):
    water = np.ones((30, 30), dtype=bool)
    water[15] = False
    taken = np.zeros_like(water)
    taken[13:15] = True
    assert not maker.parting(water, taken, 0.0).any()
