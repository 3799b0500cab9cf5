import itertools

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

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
    near = held.pairs(-NEVER, NEVER)
    assert (near.distance_m <= max_m).all()
    ends = [side.get("number", bins[:0]) for side in (near.first, near.second)]
    pairs = [tuple(sorted(pair)) for pair in zip(*ends, strict=True)]
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


@pytest.mark.parametrize(
    ("max_m", "spread"), [(20.0, 2.0), (150.0, 3.0), (500.0, 5.0), (40_000.0, 4.0), (3e6, 1.0)]
)
def test_pairs_are_those_of_a_tree_wherever_and_however_far(max_m, spread):
    """Around random places and the worst of them: poles, date line, borders of bands."""
    rng = np.random.default_rng(5)
    near_deg = np.degrees(max_m / EARTH_RADIUS_M)
    centres = np.vstack(
        [
            np.column_stack(
                (np.degrees(np.arcsin(rng.uniform(-1, 1, 60))), rng.uniform(-180, 180, 60))
            ),
            [[90, 0], [-90, 0], [0, 180], [0, -180], [66, 180], [-90 + 8 * near_deg, 12]],
        ]
    )
    who = rng.integers(0, len(centres), 3000)
    off = rng.normal(0, spread * near_deg, (2, who.size))
    lat = np.clip(centres[who, 0] + off[0], -90, 90)
    lon = centres[who, 1] + off[1] / np.maximum(np.cos(np.radians(lat)), 1e-2)
    lon = (lon + 180) % 360 - 180
    bins = rng.integers(-1, 2, who.size)
    chord = 2 * np.sin(min(max_m / EARTH_RADIUS_M, np.pi) / 2)
    phi, theta = np.radians(lat), np.radians(lon)
    xyz = np.column_stack((np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)))
    pairs = cKDTree(xyz).query_pairs(chord)
    wanted = {pair for pair in pairs if bins[pair[0]] == bins[pair[1]]}
    assert found(bins, lat, lon, max_m) == wanted
    assert found(bins, lat, lon, max_m, n_parts=40) == wanted
    assert len(wanted) > 500


def test_bins_that_are_forgotten_are_gone_and_the_others_stay():
    held = OpenBins(500.0)
    for number in range(20):
        lat = np.full(3, 50.0)
        columns = {"lat": lat, "lon": lat, "number": number + np.zeros(3)}
        held.add(columns, np.array([0, number, 19]))
        held.forget(number // 2)
    assert np.unique(held.rows["number"]).size > 5
    near = held.pairs(19, 20)
    assert near.n == 21 * 20 / 2
    assert held.pairs(0, 9).n == 0


def test_what_is_taken_up_again_has_no_pairs_of_forgotten_bins():
    """Their points stay until they are many, but are no part of what is saved."""
    held, again = OpenBins(500.0), OpenBins(500.0)
    bins = np.arange(10).repeat(2)
    held.add({"lat": np.zeros(20), "lon": np.zeros(20), "number": bins}, bins)
    held.forget(3)
    assert np.unique(held.rows["number"]).tolist() == list(range(3, 10))
    again.add(held.rows, held.rows["number"])
    assert again.pairs(-NEVER, NEVER).bin_number.tolist() == list(range(3, 10))


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
