import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.geodesy import unit_xyz
from vesseltrack.core.sailed import Sleeve, sail

N_FIXES = 120
seeds = st.integers(0, 2**32 - 1)
cuts = st.lists(st.integers(0, N_FIXES), max_size=8).map(sorted)


def wandering(seed):
    rng = np.random.default_rng(seed)
    turn = np.cumsum(rng.normal(0, rng.uniform(0.05, 1.5), N_FIXES))
    step_deg = rng.gamma(1.0, rng.choice([1e-4, 3e-3, 5e-2]), N_FIXES)
    lat = rng.uniform(-80, 80) + np.cumsum(step_deg * np.cos(turn)) * 0.1
    lon = rng.uniform(-180, 180) + np.cumsum(step_deg * np.sin(turn))
    return lat, lon, rng.choice([500.0, 500.0, 1_500.0], N_FIXES)


@given(seed=seeds, cuts=cuts)
def test_any_cutting_gives_the_same_millimetres(seed, cuts):
    lat, lon, tolerance = wandering(seed)
    xyz = unit_xyz(lat, lon)
    whole = sail(Sleeve.fresh(1), xyz, tolerance, np.array([0, N_FIXES]))

    sleeve = Sleeve.fresh(1)
    parts = []
    for start, stop in zip([0, *cuts], [*cuts, N_FIXES], strict=True):
        sleeve = sleeve.copy()  # as from a snapshot
        offsets = np.array([0, stop - start])
        parts.append(sail(sleeve, xyz[start:stop], tolerance[start:stop], offsets))

    np.testing.assert_array_equal(np.concatenate(parts), whole)


@given(seed=seeds, others=st.integers(1, 5))
def test_tracks_sailed_together_do_not_touch_each_other(seed, others):
    lat, lon, tolerance = wandering(seed)
    alone = sail(Sleeve.fresh(1), unit_xyz(lat, lon), tolerance, np.array([0, N_FIXES]))

    more = [wandering(seed + 1 + k) for k in range(others)]
    lats, lons, tolerances = (
        np.concatenate(column) for column in zip((lat, lon, tolerance), *more, strict=True)
    )
    offsets = np.arange(others + 2) * N_FIXES
    together = sail(Sleeve.fresh(others + 1), unit_xyz(lats, lons), tolerances, offsets)

    np.testing.assert_array_equal(together[:N_FIXES], alone)
