import itertools
import math

import numpy as np
import pytest

from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.core.sailed import MM_PER_NM, Sleeve, sail, sailed_by_track_mm
from vesseltrack.units import EARTH_RADIUS_M, METRES_PER_NM

ONE_DEGREE_NM = math.radians(1) * EARTH_RADIUS_M / METRES_PER_NM


def sailed_nm(lat, lon, tolerance_m=500.0):
    xyz = unit_xyz(lat, lon)
    tolerance = np.full(len(xyz), tolerance_m)
    return sailed_by_track_mm(xyz, tolerance, np.array([0, len(xyz)]))[0] / MM_PER_NM


def test_the_way_along_a_meridian_is_its_arc():
    assert sailed_nm(np.linspace(10, 13, 200), np.full(200, 4.0)) == pytest.approx(
        3 * ONE_DEGREE_NM, abs=1e-6
    )


def test_jitter_at_anchor_sails_nothing_but_the_last_offset():
    rng = np.random.default_rng(0)
    lat, lon = 55 + rng.normal(0, 5e-4, 5_000), 4 + rng.normal(0, 8e-4, 5_000)
    plain_m = np.hypot(np.diff(lat), np.diff(lon) * math.cos(math.radians(55))) * 111_195

    assert plain_m.sum() / METRES_PER_NM > 150
    assert sailed_nm(lat, lon) < 0.3


def test_noise_on_a_straight_way_adds_less_than_one_percent():
    rng = np.random.default_rng(1)
    lat = np.linspace(50, 52, 4_000)
    noisy = sailed_nm(lat + rng.normal(0, 3e-4, 4_000), 3 + rng.normal(0, 5e-4, 4_000))

    assert noisy == pytest.approx(2 * ONE_DEGREE_NM, rel=0.01)


def test_a_way_out_and_back_counts_twice():
    lat = np.concatenate((np.linspace(0, 1, 60), np.linspace(1, 0, 60)))

    assert sailed_nm(lat, np.zeros(120)) == pytest.approx(2 * ONE_DEGREE_NM, rel=0.002)


def test_a_right_angle_makes_a_vertex():
    lat = np.concatenate((np.linspace(0, 1, 100), np.ones(100)))
    lon = np.concatenate((np.zeros(100), np.linspace(0, 1, 100)))
    expected_nm = ONE_DEGREE_NM * (1 + math.cos(math.radians(1)))

    assert sailed_nm(lat, lon) == pytest.approx(expected_nm, rel=0.002)


def test_the_date_line_is_no_wall():
    lon = np.linspace(178, 182, 100)
    wrapped = (lon + 180) % 360 - 180

    assert sailed_nm(np.zeros(100), wrapped) == pytest.approx(4 * ONE_DEGREE_NM, abs=1e-6)


def test_a_way_over_the_pole_is_its_arc():
    lat = np.concatenate((np.linspace(88, 90, 50), np.linspace(89.9, 88, 50)))
    lon = np.concatenate((np.zeros(50), np.full(50, 180.0)))

    assert sailed_nm(lat, lon) == pytest.approx(4 * ONE_DEGREE_NM, rel=1e-3)


def test_tracks_of_one_fix_or_none_have_sailed_nothing():
    xyz = unit_xyz([10.0], [20.0])

    assert sailed_by_track_mm(xyz, np.array([500.0]), np.array([0, 0, 1, 1])).tolist() == [0, 0, 0]


def scalar_sleeve_mm(lat, lon, tolerance_m):
    """The rule of the module's text, fix by fix, with the trigonometry of the sphere."""

    def polar(a, b):
        dlon = math.radians(b[1] - a[1])
        phi1, phi2 = math.radians(a[0]), math.radians(b[0])
        h = math.sin((phi2 - phi1) / 2) ** 2
        h += math.cos(phi1) * math.cos(phi2) * math.sin(dlon / 2) ** 2
        east = math.sin(dlon) * math.cos(phi2)
        north = math.cos(phi1) * math.sin(phi2)
        north -= math.sin(phi1) * math.cos(phi2) * math.cos(dlon)
        return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1, h))), math.atan2(east, north)

    total = 0.0
    anchor = last = far = (lat[0], lon[0])
    far_m, cone = 0.0, None
    for fix in zip(lat, lon, strict=True):
        while True:
            distance, direction = polar(anchor, fix)
            if distance <= tolerance_m and far_m <= tolerance_m:
                break
            off = (
                0.0 if cone is None else (direction - cone[0] + math.pi) % (2 * math.pi) - math.pi
            )
            if distance < far_m - tolerance_m:
                vertex = far
            elif cone is not None and not cone[1] <= off <= cone[2]:
                vertex = last
            else:
                break
            total += polar(anchor, vertex)[0]
            anchor = last = far = vertex
            far_m, cone = 0.0, None
        if distance > tolerance_m:
            half = math.asin(tolerance_m / distance)
            if cone is None:
                cone = (direction, -half, half)
            else:
                cone = (cone[0], max(cone[1], off - half), min(cone[2], off + half))
        last = fix
        if distance > far_m:
            far, far_m = fix, distance
    return (total + polar(anchor, last)[0]) * 1_000


@pytest.mark.parametrize("seed", range(12))
def test_many_tracks_at_once_equal_the_rule_taken_fix_by_fix(seed):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 250, 12)
    turn = np.cumsum(rng.normal(0, 0.4, lengths.sum()))
    step_deg = rng.gamma(1.0, 0.004, lengths.sum())
    lat = 50 + np.cumsum(step_deg * np.cos(turn))
    lon = np.cumsum(step_deg * np.sin(turn))
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    got = sailed_by_track_mm(unit_xyz(lat, lon), np.full(lat.size, 500.0), offsets)
    expected = [
        scalar_sleeve_mm(lat[a:b], lon[a:b], 500.0) for a, b in itertools.pairwise(offsets)
    ]

    # Each vertex is rounded to a millimetre.
    np.testing.assert_allclose(got, expected, atol=150)


def test_the_way_up_to_each_fix_never_exceeds_the_plain_sum():
    rng = np.random.default_rng(3)
    lat, lon = np.cumsum(rng.normal(0, 0.01, 300)), np.cumsum(rng.normal(0, 0.01, 300))
    xyz = unit_xyz(lat, lon)
    sailed = sail(Sleeve.fresh(1), xyz, np.full(300, 500.0), np.array([0, 300]))
    steps = np.linalg.norm(np.diff(xyz, axis=0, prepend=xyz[:1]), axis=1)
    plain_mm = np.cumsum(2 * EARTH_RADIUS_M * np.arcsin(steps / 2)) * 1_000

    assert (sailed <= plain_mm + 300).all()
