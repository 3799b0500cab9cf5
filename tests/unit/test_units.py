import numpy as np
import pytest

from vesseltrack import units


def test_the_nautical_mile_is_1852_metres_and_a_knot_one_an_hour():
    assert units.nm_to_m(1.0) == 1852.0
    assert units.m_to_nm(1852.0) == 1.0
    # 1 kn = 1852 / 3600 m/s (BIPM, The International System of Units, table 8 of the 8th edition)
    assert units.kn_to_mps(1.0) == pytest.approx(0.514444, abs=5e-7)


def test_speeds_and_lengths_go_there_and_back():
    values = np.array([0.0, 0.1, 12.5, 102.2, np.nan])
    np.testing.assert_allclose(units.mps_to_kn(units.kn_to_mps(values)), values)
    np.testing.assert_allclose(units.m_to_nm(units.nm_to_m(values)), values)


def test_hours_are_whole_microseconds():
    assert units.h_to_us(0.5) == 1_800_000_000
    assert units.us_to_h(float(units.US_PER_DAY)) == 24.0
