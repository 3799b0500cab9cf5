"""What is in sight, against the bits of the mask looked at densely; no leg sways another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.passages import closed_to

LEAP_M = 250.0  # what lies between two looks may be land
ROUNDED_DEG = 1e-4  # 11 m: more than single precision comes to
STEP_M = 20.0


def legs(n, seed=7):
    """Ends of legs of up to 60 km between islands, and of one in ten of up to 1,500 km."""
    rng = np.random.default_rng(seed)
    box = rng.integers(3, size=n)
    south, west = np.array([36.0, 58.0, -52.0])[box], np.array([23.0, 18.0, -76.0])[box]
    lat, lon = south + rng.uniform(0, 3, n), west + rng.uniform(0, 4, n)
    far = np.where(rng.uniform(size=n) < 0.1, 10.0, 0.4)
    return lat, lon, lat + far * rng.uniform(-1, 1, n), lon + far * rng.uniform(-1, 1, n)


def vectors(ends):
    return unit_xyz(*ends[:2]), unit_xyz(*ends[2:])


@pytest.fixture(scope="module")
def many():
    ends = legs(6_000)
    with open_sea(closed_to()) as sea:
        return ends, sea.water.sees(*vectors(ends))


def longest_dry_m(water, lat, lon):
    """The longest run of samples on land."""
    on_land = ~water.is_water(lat, lon)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], on_land, [0]])))
    return STEP_M * np.max(np.diff(ends)[::2], initial=0)


def test_no_leg_in_sight_crosses_more_land_than_lies_between_two_looks(many):
    ends, seen = many
    legs_seen = np.flatnonzero(seen)[:1_000]
    assert legs_seen.size == 1_000
    with open_sea(closed_to()) as sea:
        for start in range(2):
            assert sea.water.is_water(ends[2 * start][seen], ends[2 * start + 1][seen]).all()
        for lat1, lon1, lat2, lon2 in np.transpose(ends)[legs_seen]:
            line = densify([lat1, lat2], [lon1, lon2], STEP_M)
            assert longest_dry_m(sea.water, *line) <= LEAP_M + 2 * STEP_M


def test_every_leg_wholly_on_water_is_in_sight(many):
    ends, seen = many
    hidden = np.flatnonzero(~seen)[:1_000]
    assert hidden.size == 1_000
    with open_sea(closed_to()) as sea:
        for lat1, lon1, lat2, lon2 in np.transpose(ends)[hidden]:
            lat, lon = densify([lat1, lat2], [lon1, lon2], STEP_M)
            north, east = ROUNDED_DEG * np.array([[0, 1, 1, -1, -1], [0, 1, -1, 1, -1]])
            around = lat[:, None] + north, lon[:, None] + east / np.cos(np.radians(lat))[:, None]
            assert not sea.water.is_water(*around).all()


def test_the_way_back_is_seen_as_the_way_there(many):
    ends, seen = many
    assert 0.1 < seen.mean() < 0.9
    start, end = vectors(ends)
    with open_sea(closed_to()) as sea:
        np.testing.assert_array_equal(sea.water.sees(end, start), seen)
        alone = [sea.water.sees(start[[i]], end[[i]])[0] for i in range(500)]
        assert sea.water.sees(start[:0], end[:0]).shape == (0,)
    np.testing.assert_array_equal(alone, seen[:500])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6_000))
def test_a_leg_is_in_sight_whatever_is_asked_with_it(many, seed, n):
    ends, seen = many
    rng = np.random.default_rng(seed)
    some, turned = rng.choice(seen.size, n), rng.integers(2, size=(n, 1)) > 0
    start, end = (xyz[some] for xyz in vectors(ends))
    with open_sea(closed_to()) as sea:
        found = sea.water.sees(np.where(turned, end, start), np.where(turned, start, end))
    np.testing.assert_array_equal(found, seen[some])


def test_points_see_themselves_unless_on_land():
    ends = legs(2_000)
    xyz = unit_xyz(*ends[:2])
    with open_sea(closed_to()) as sea:
        seen, wet = sea.water.sees(xyz, xyz), sea.water.is_water(*ends[:2])
    assert 0.1 < wet.mean() < 0.9
    assert np.mean(seen != wet) < 0.002  # single precision at the border of a pixel
