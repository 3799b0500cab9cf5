"""Sets of the water by place and time, against going through all of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.detect.shown_sets import ShownSets

REACH_M = 150_000.0


def sets(rng, n, first_us):
    """Return sets in time order, some about the date line."""
    lon = rng.uniform(-2.0, 2.0, n) + np.where(rng.random(n) < 0.5, 180.0, 0.0)
    return {
        "key": rng.integers(1, 50, n),
        "t_us": first_us + np.sort(rng.integers(0, 1000, n)),
        "lat": rng.uniform(50.0, 60.0, n),
        "lon": np.where(lon > 180.0, lon - 360.0, lon),
    }


def within(rows, lat, lon, span_us):
    """Return what lies within reach and span, in one order."""
    m = great_circle_m(rows["lat"], rows["lon"], lat, lon)
    kept = (m <= REACH_M) & (rows["t_us"] >= span_us[0]) & (rows["t_us"] <= span_us[1])
    return sorted(zip(*(rows[name][kept].tolist() for name in sorted(rows)), strict=True))


@given(seed=st.integers(0, 2**32 - 1), n_batches=st.integers(1, 150), is_restored=st.booleans())
def test_those_about_a_place_are_all_of_them(seed, n_batches, is_restored):
    rng = np.random.default_rng(seed)
    batches = [sets(rng, int(rng.integers(0, 30)), 1000 * number) for number in range(n_batches)]
    batches.append(sets(rng, 1, 1000 * n_batches))
    held = ShownSets(REACH_M)
    for batch in batches:
        held.add(batch)
    if is_restored:
        saved, held = held.rows, ShownSets(REACH_M)
        held.rows = saved
    every = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    for lat, lon in ((55.0, 179.5), (52.0, 0.0), (10.0, 0.0)):
        span_us = (int(rng.integers(0, 1000 * n_batches)), 1000 * n_batches)
        found = held.about(lat, lon, span_us)
        assert within(found, lat, lon, span_us) == within(every, lat, lon, span_us)
        assert found["t_us"].size == 0 or found["t_us"].min() >= span_us[0]


def test_forgetting_keeps_what_is_late_enough_and_a_saved_state_as_it_was():
    rng = np.random.default_rng(7)
    held = ShownSets(REACH_M)
    for number in range(100):
        held.add(sets(rng, 20, 1000 * number))
    saved = {name: column.copy() for name, column in held.rows.items()}
    shared = held.rows
    for number in range(100, 200):
        held.add(sets(rng, 20, 1000 * number))
    held.forget(150_000)
    kept = np.concatenate([c for n, c in held.rows.items() if n.endswith(".t_us")])
    assert np.count_nonzero(kept >= 150_000) == 50 * 20
    assert all(np.array_equal(shared[name], column) for name, column in saved.items())
    held.forget(10**9)
    assert held.is_empty
