import numpy as np
import pytest

from vesseltrack.core.resample import Legs, on_grid

STEP = 600_000_000


def legs(*rows):
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    times = [column.astype(np.int64) for column in columns[:2]]
    return Legs(*times, *(column.astype(float) for column in columns[2:]))


def test_between_fixes_as_numpy_interpolates():
    found = on_grid(legs((100_000_000, 3_700_000_000, 10.0, 20.0, 11.0, 22.0)), STEP)
    assert (found.t_us // STEP).tolist() == [1, 2, 3, 4, 5, 6]
    times = found.t_us / 1e6
    assert found.lat == pytest.approx(np.interp(times, [100, 3700], [10, 11]))
    assert found.lon == pytest.approx(np.interp(times, [100, 3700], [20, 22]))
    assert found.density == pytest.approx(np.full(6, 1 / 6))


def test_a_grid_time_belongs_to_the_leg_that_ends_on_it():
    found = on_grid(legs((0, STEP, 1, 1, 2, 2), (STEP, STEP + 1, 2, 2, 3, 3)), STEP)
    assert found.leg.tolist() == [0]
    assert (found.lat[0], found.density[0]) == (2.0, 1.0)


def test_the_short_way_across_the_date_line():
    found = on_grid(legs((0, 2 * STEP, 0, 179.9, 0, -179.7)), STEP)
    assert found.lon == pytest.approx([-179.9, -179.7])


def test_legs_without_length_and_no_legs_have_no_samples():
    assert on_grid(legs((STEP, STEP, 1, 1, 1, 1)), STEP).t_us.size == 0
    empty = np.zeros(0)
    none = Legs(empty.astype(np.int64), empty.astype(np.int64), empty, empty, empty, empty)
    assert on_grid(none, STEP).lat.size == 0
