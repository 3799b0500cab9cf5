import numpy as np
import pytest

from vesseltrack.core.resample import on_grid

STEP = 600_000_000


def sampled(*rows):
    """Fixes as time, latitude and longitude, each of one vessel's next to the one before."""
    t_us, lat, lon = (np.array(column) for column in zip(*rows, strict=True))
    is_leg = np.arange(t_us.size) > 0
    return on_grid(t_us.astype(np.int64), lat.astype(float), lon.astype(float), is_leg, STEP)


def test_between_fixes_as_numpy_interpolates():
    found = sampled((100_000_000, 10.0, 20.0), (3_700_000_000, 11.0, 22.0))
    assert (found.t_us // STEP).tolist() == [1, 2, 3, 4, 5, 6]
    times = found.t_us / 1e6
    assert found.lat == pytest.approx(np.interp(times, [100, 3700], [10, 11]))
    assert found.lon == pytest.approx(np.interp(times, [100, 3700], [20, 22]))
    assert found.density == pytest.approx(np.full(6, 1 / 6))


def test_a_grid_time_belongs_to_the_leg_that_ends_on_it():
    found = sampled((0, 1, 1), (STEP, 2, 2), (STEP + 1, 3, 3))
    assert found.end.tolist() == [1]
    assert (found.lat[0], found.density[0]) == (2.0, 1.0)


def test_the_short_way_across_the_date_line():
    found = sampled((0, 0, 179.9), (2 * STEP, 0, -179.7))
    assert found.lon == pytest.approx([-179.9, -179.7])


def test_legs_without_length_and_no_legs_have_no_samples():
    assert sampled((STEP, 1, 1), (STEP, 1, 1)).t_us.size == 0
    assert sampled((STEP, 1, 1)).t_us.size == 0
    nothing = np.zeros(0)
    none = on_grid(nothing.astype(np.int64), nothing, nothing, nothing.astype(bool), STEP)
    assert none.lat.size == 0
