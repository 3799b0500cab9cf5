import itertools

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.neighbours import OpenBins
from vesseltrack.units import EARTH_RADIUS_M

NEVER = np.iinfo(np.int64).max
SPHERE = Geodesic(EARTH_RADIUS_M, 0.0)


def brute_force(bins, lat, lon, max_m):
    def distance(i, j):
        return SPHERE.Inverse(lat[i], lon[i], lat[j], lon[j])["s12"]

    pairs = itertools.combinations(range(len(bins)), 2)
    return {(i, j) for i, j in pairs if bins[i] == bins[j] and distance(i, j) <= max_m}


def found(bins, lat, lon, max_m, n_parts=1):
    """Pairs of points that come in so many parts, by their numbers."""
    bins, held = np.asarray(bins, dtype=np.int64), OpenBins(max_m)
    columns = {
        "lat": np.asarray(lat, float),
        "lon": np.asarray(lon, float),
        "number": np.arange(bins.size),
    }
    for part in np.array_split(np.arange(bins.size), n_parts):
        held.add({name: column[part] for name, column in columns.items()}, bins[part])
    rows, first, second, distance_m = held.pairs(0, NEVER)
    assert (distance_m <= max_m).all()
    numbers = rows.get("number", bins)
    pairs = [tuple(sorted(pair)) for pair in zip(numbers[first], numbers[second], strict=True)]
    assert len(set(pairs)) == len(pairs)
    return set(pairs)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(50.0, 10.0), (0.0, 179.999), (89.999, 0.0), (-89.9999, 77.0), (0.0, 0.0)],
    ids=["plain", "date line", "north pole", "south pole", "null island"],
)
def test_no_pair_is_missed_at_any_border(lat, lon):
    rng = np.random.default_rng(3)
    lats = np.clip(lat + rng.normal(0, 0.004, 60), -90, 90)
    lons = (lon + rng.normal(0, 0.004, 60) / max(np.cos(np.radians(lat)), 1e-3) + 180) % 360 - 180
    bins = rng.integers(0, 3, 60)
    assert found(bins, lats, lons, 500.0) == brute_force(bins, lats, lons, 500.0)
    assert found(bins, lats, lons, 500.0)
    for n_parts in (2, 30, 60):
        assert found(bins, lats, lons, 500.0, n_parts) == found(bins, lats, lons, 500.0)


@given(st.integers(0, 5), st.integers(0, 10**7))
def test_points_of_different_bins_are_no_pair_however_far_the_bins_lie_apart(n_apart, shift):
    bins = np.array([shift, shift + n_apart, shift + 200_000])
    pairs = found(bins, [1.0] * 3, [2.0] * 3, 10.0)
    assert pairs == ({(0, 1)} if n_apart == 0 else set())


def test_the_distance_is_inclusive():
    lat = np.degrees(500.0 / EARTH_RADIUS_M)
    for limit_m, n_pairs in ((500.001, 1), (499.999, 0)):
        assert len(found([0, 0], [0.0, lat], [0.0, 0.0], limit_m)) == n_pairs


def test_no_points_make_no_pairs():
    assert found([], [], [], 500.0) == set()
