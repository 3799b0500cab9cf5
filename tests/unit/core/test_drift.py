"""What ships show of the water, against the same asked of a fine grid of velocities."""

import numpy as np
import pytest

from vesseltrack.core.drift import Errors, Sets, Water, known_drift

WATER = Water(variance=0.35, tide_frac=0.4, memory_h=20.0, range_km=80.0)
ERRORS = Errors(kept=0.7, fresh=0.2)
ALL = 1e9  # nobody is left out


def covariance(lag_h, apart_km):
    """Of the velocity at two times and places, written down once more."""
    scaled = np.sqrt(3) * apart_km / 80.0
    tide = np.cos(2 * np.pi * lag_h / 12.4206012)
    return (
        0.35 * (0.6 * np.exp(-np.abs(lag_h) / 20.0) + 0.4 * tide) * (1 + scaled) * np.exp(-scaled)
    )


def some_sets(seed, n=12):
    rng = np.random.default_rng(seed)
    return Sets(
        rng.integers(0, 5, n),
        rng.uniform(-10, 9, n),
        *rng.uniform(-40, 40, (2, n)),
        rng.uniform(0, 360, n),
        rng.normal(0, 0.8, n),
    )


def by_a_grid(sets, delay_h):
    """The drift as the sum of velocities every three minutes, all of them normal together."""
    grid_h = np.arange(0.025, delay_h, 0.05)
    apart = np.hypot(sets.east_km[:, None] - sets.east_km, sets.north_km[:, None] - sets.north_km)
    heading = np.radians(sets.heading_deg)
    seen = covariance(sets.t_h[:, None] - sets.t_h, apart)
    seen = seen * np.cos(heading[:, None] - heading)
    seen += 0.7**2 * (sets.ship[:, None] == sets.ship) + 0.2**2 * np.eye(sets.ship.size)
    with_grid = covariance(
        sets.t_h[:, None] - grid_h, np.hypot(sets.east_km, sets.north_km)[:, None]
    )
    mean, shown = [], []
    for part in (np.cos(heading), -np.sin(heading)):
        of_path = part * with_grid.sum(axis=1) * 0.05
        mean.append(of_path @ np.linalg.solve(seen, sets.across_km_h))
        shown.append(of_path)
    shown = np.array(shown)
    before = covariance(grid_h[:, None] - grid_h, 0.0).sum() * 0.05**2
    return np.array(mean), np.eye(2) * before - shown @ np.linalg.solve(seen, shown.T)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("delay_h", [1.0, 6.0])
def test_a_drift_is_that_of_all_velocities_on_the_way(seed, delay_h):
    sets = some_sets(seed)
    drift = known_drift(sets, delay_h, WATER, ERRORS, ALL)
    mean, spread = by_a_grid(sets, delay_h)
    assert drift.mean_km == pytest.approx(mean, abs=2e-3 * delay_h)
    assert drift.covariance_km2 == pytest.approx(spread, abs=2e-3 * delay_h**2)
    assert drift.n_ships == np.unique(sets.ship).size


def test_without_ships_nothing_is_known_but_the_spread():
    nobody = some_sets(0, 0)
    drift = known_drift(nobody, 3.0, WATER, ERRORS, 3.5)
    _, spread = by_a_grid(nobody, 3.0)
    assert drift.n_ships == 0
    assert drift.mean_km.tolist() == [0.0, 0.0]
    assert drift.covariance_km2 == pytest.approx(spread, rel=1e-3)


def test_ships_in_one_current_tell_it():
    """Forty ships on all courses in a current of 0.8 km/h to the east."""
    n = 40
    heading_deg = np.linspace(0, 350, n)
    east = 0.8 * np.cos(np.radians(heading_deg))
    hours = np.linspace(-1.0, 3.0, n)
    sets = Sets(np.arange(n), hours, np.zeros(n), np.zeros(n), heading_deg, east)
    drift = known_drift(sets, 3.0, WATER, ERRORS, 3.5)
    assert drift.mean_km == pytest.approx([2.4, 0.0], abs=0.35)
    spread_km = np.sqrt(np.diag(drift.covariance_km2))
    assert (spread_km < 0.6).all()  # against 1.6 without them


def test_a_ship_with_a_wrong_heading_is_left_out():
    sets = some_sets(3, 30)
    sets = Sets(np.arange(30), *(getattr(sets, name) for name in list(vars(sets))[1:]))
    wrong = sets.across_km_h.copy()
    wrong[7] += 9.0
    asked = Sets(*(getattr(sets, name) for name in list(vars(sets))[:-1]), wrong)
    without = known_drift(sets.only(np.arange(30) != 7), 3.0, WATER, ERRORS, 3.5)
    told = known_drift(asked, 3.0, WATER, ERRORS, 3.5)
    assert told.n_ships == 29
    assert told.mean_km == pytest.approx(without.mean_km)
