import numpy as np
import pytest

from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.core.kinematics import (
    Reach,
    SpeedDoubt,
    cell_diagonal_m,
    denied_speeds,
    impossible_steps,
    reach_m,
    step_m,
)

REACH = Reach(burst_kn=50, sustained_kn=30, burst_h=1, clock_slack_s=0, min_m=500)


@pytest.mark.parametrize(
    ("hours", "expected_nm"),
    [(0.0, 0), (0.5, 25), (1.0, 50), (3.0, 110)],
)
def test_reach_is_a_burst_and_then_a_sustained_speed(hours, expected_nm):
    assert reach_m(hours * 3600, 0.0, REACH) == pytest.approx(500 + expected_nm * 1852)
    assert REACH.of_one_m(hours * 3600, 0.0) == pytest.approx(500 + expected_nm * 1852)


def test_the_larger_of_rounding_and_noise_is_allowed():
    assert reach_m(0.0, [100.0, 900.0], REACH).tolist() == [500.0, 900.0]


@pytest.mark.parametrize(
    ("lat_e6", "lon_e6", "expected_m"),
    [
        (0, 0, 1_572.5),  # the coarsest grid that holds a fix; at the equator 0.01 degree squared
        (60_010_000, 5_020_000, 1_243.0),
        (60_001_000, 5_002_000, 124.3),
        (9_020_000, 99_908_333, 260.5),  # message 27: 1/600 degree
        (51_879_170, 4_408_910, 0.0),
    ],
)
def test_the_digits_of_a_fix_show_its_rounding(lat_e6, lon_e6, expected_m):
    assert cell_diagonal_m(np.array([lat_e6]), np.array([lon_e6]))[0] == pytest.approx(
        expected_m, rel=2e-3, abs=1e-9
    )


def test_steps_that_no_vessel_makes_are_told_and_first_fixes_never():
    t_us = np.array([0, 600, 1_200, 1_200, 1_800]) * 1_000_000
    lat = np.array([0.0, 0.1, 2.0, 50.0, 50.1])  # 6 nm, 114 nm; another vessel; 6 nm
    first = np.array([True, False, False, True, False])
    jumps = impossible_steps(t_us, unit_xyz(lat, np.zeros(5)), np.zeros(5), first, REACH)

    assert jumps.tolist() == [False, False, True, False, False]


def test_nothing_comes_of_nothing():
    none = np.zeros(0)

    assert impossible_steps(none, np.zeros((0, 3)), none, none.astype(bool), REACH).size == 0
    assert step_m(np.zeros((0, 3))).size == 0


DOUBT = SpeedDoubt(margin_kn=10, max_dt_s=600, noise_m=30)


def denied(sog_kn, lat, step_s=60):
    n = len(sog_kn)
    first = np.arange(n) == 0
    t_us = np.arange(n) * step_s * 1_000_000
    return denied_speeds(
        np.array(sog_kn, dtype=float), t_us, np.array(lat), np.zeros(n), first, DOUBT
    ).tolist()


def test_a_great_speed_of_a_vessel_at_anchor_is_denied():
    assert denied([0, 102.2, 0], [55.0, 55.0, 55.0]) == [False, True, False]


def test_no_speed_of_a_vessel_under_way_is_denied():
    # 0.005 degree a minute is 18 kn.
    assert denied([18, 0, 18], [0.0, 0.005, 0.010]) == [False, True, False]


def test_a_true_speed_an_unknown_one_and_one_between_long_steps_stand():
    assert not any(denied([18, 18, 18], [0.0, 0.005, 0.010]))
    assert not any(denied([0, np.nan, 0], [0.0, 0.0, 0.0]))
    assert not any(denied([0, 102.2, 0], [0.0, 0.0, 0.0], step_s=601))


def test_one_neighbour_alone_denies_nothing():
    assert not any(denied([0, 102.2], [0.0, 0.0]))
