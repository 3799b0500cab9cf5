"""The nearest of many points against all distances, however often it is asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from vesseltrack.core import near
from vesseltrack.core.geodesy import unit_xyz, wrap_lon_deg
from vesseltrack.core.near import UNMARKED, Nearest


def places(rng, n, lat, lon, spread_deg):
    return (
        np.clip(lat + rng.uniform(-spread_deg, spread_deg, n), -90, 90),
        wrap_lon_deg(lon + rng.uniform(-spread_deg, spread_deg, n)),
    )


def least_chords(points, asked):
    return np.linalg.norm(points[None] - asked[:, None], axis=2).min(axis=1)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([(50.0, 4.0), (0.0, 180.0), (-0.005, -179.999), (89.99, 10.0), (-90.0, 0.0)]),
    st.sampled_from([0.02, 0.5, 30.0]),
    st.integers(1, 60),
)
def test_it_is_the_nearest_however_often_it_is_asked(seed, where, spread_deg, n_points):
    rng = np.random.default_rng(seed)
    points = unit_xyz(*places(rng, n_points, *where, spread_deg))
    points = np.concatenate((points, points[:3]))  # some stand at one place
    one = Nearest(points, cKDTree(points), all_within_m=2_000.0, hardly_m=500.0)
    lat, lon = places(rng, 40, *where, 0.03)
    for _ in range(3):
        xyz = unit_xyz(lat, lon)
        found = one.of(lat, lon, xyz)
        chords = one.chord(xyz, found.nearest)
        assert chords == pytest.approx(least_chords(points, xyz), abs=1e-15)
        assert chords == pytest.approx(one.chord(xyz, one.searched(xyz)), abs=1e-15)
        if abs(where[0]) < 60:  # at a pole all places are one, but for the last bit
            assert one.searched(xyz).tolist() == found.nearest.tolist()
        lat, lon = (np.append(column, column[:5]) for column in (lat, lon))


def test_near_a_cell_all_points_hardly_farther_are_given():
    rng = np.random.default_rng(1)
    points = unit_xyz(*places(rng, 3_000, 50.0, 4.0, 0.05))
    one = Nearest(points, cKDTree(points), all_within_m=10_000.0, hardly_m=300.0)
    lat, lon = places(rng, 200, 50.0, 4.0, 0.05)
    xyz = unit_xyz(lat, lon)
    one.of(lat, lon, xyz)
    found = one.of(lat, lon, xyz)
    known = np.unique(found.place)
    assert known.size > 150
    for place in known:
        away = np.linalg.norm(points - xyz[place], axis=1)
        hardly = away.min() + 300.0 / 6_371_000
        given = found.point[found.place == place]
        assert set(np.flatnonzero(away <= hardly)) <= set(given)


def test_cells_are_marked_once_they_are_known():
    points = unit_xyz(np.array([50.0]), np.array([4.0]))
    one = Nearest(points, cKDTree(points), mark=lambda lat, *_: np.where(lat > 51, 7, 8))
    lat, lon = np.array([50.5, 51.5]), np.array([4.0, 4.0])
    marks = [one.of(lat, lon, unit_xyz(lat, lon)).mark.tolist() for _ in range(2)]
    assert marks == [[UNMARKED, UNMARKED], [8, 7]]


def test_cells_not_asked_about_lately_are_forgotten(monkeypatch):
    monkeypatch.setattr(near, "_MAX_CELLS", 50)
    rng = np.random.default_rng(2)
    points = unit_xyz(*places(rng, 100, 50.0, 4.0, 2.0))
    one = Nearest(points, cKDTree(points))
    for _ in range(40):
        lat, lon = places(rng, 20, 50.0, 4.0, 2.0)
        for _ in range(2):
            xyz = unit_xyz(lat, lon)
            chords = one.chord(xyz, one.of(lat, lon, xyz).nearest)
            assert chords == pytest.approx(least_chords(points, xyz))
    assert one._lately.code.size + one._before.code.size <= 2 * (50 + 20) + 20
