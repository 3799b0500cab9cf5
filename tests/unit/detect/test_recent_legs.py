"""Reports kept in parts: the same legs as if all were kept, and no more than that takes."""

import numpy as np
import pytest

from detect_tables import T0, key, slice_of, track, vessels
from detect_tables import fixes as table_of
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.records import joined, take
from vesseltrack.detect import make_detector
from vesseltrack.detect.pickup_odds import pickup_density
from vesseltrack.detect.pickup_reach import LEAST_TERM, least_intensity, reach_km
from vesseltrack.detect.recent_legs import NO_LEG, RecentReports, legs_of

MINUTE = 60_000_000
RULE = DropPickupDefault()


def reports(rng, first_us):
    """Reports of a few vessels within a minute, by vessel."""
    keys = np.flatnonzero(rng.random(9) < 0.6) + 1
    n = keys.size
    return {
        "key": keys,
        "t_us": first_us + rng.integers(0, MINUTE, n),
        "lat": rng.normal(0, 1, n),
        "lon": rng.normal(0, 1, n),
        "fix": rng.integers(0, 1000, n),
        "port_m": rng.integers(0, 9000, n).astype(np.float64),
        "anchorage_m": rng.integers(0, 9000, n).astype(np.float64),
        "path_mm": np.where(rng.random(n) < 0.1, NO_LEG, rng.integers(0, 10**12, n)),
    }


@pytest.mark.parametrize("seed", range(5))
def test_what_is_needed_is_kept_and_nothing_else(seed):
    rng = np.random.default_rng(seed)
    kept, everything = RecentReports(), {}
    needed_us = np.full(10, T0)
    for minute in range(120):
        new = reports(rng, T0 + minute * MINUTE)
        kept.add(new)
        everything = joined(everything, new)
        needed_us = np.maximum(needed_us, T0 + rng.integers(-30, minute + 1, 10) * MINUTE)
        if minute % 30 == 11:  # a restart
            again = RecentReports()
            again.rows = kept.rows
            kept = again
        if kept.is_full:
            kept.forget(lambda keys, needed_us=needed_us: needed_us[keys])
            is_needed = everything["t_us"] >= needed_us[everything["key"]]
            everything = take(everything, is_needed)
            found = kept.of(np.arange(1, 10))
            expected = take(everything, np.lexsort((everything["t_us"], everything["key"])))
            for name, column in expected.items():
                np.testing.assert_array_equal(found[name], column)


def test_what_a_state_holds_is_shared_and_never_written_to():
    rng = np.random.default_rng(1)
    kept = RecentReports()
    for minute in range(8):
        kept.add(reports(rng, T0 + minute * MINUTE))
    state = kept.rows
    before = {name: column.copy() for name, column in state.items()}
    assert all(state[name] is column for name, column in kept.rows.items())
    for minute in range(8, 60):
        kept.add(reports(rng, T0 + minute * MINUTE))
        if kept.is_full:
            kept.forget(lambda keys: np.full(keys.size, T0 + 30 * MINUTE))
    for name, column in before.items():
        np.testing.assert_array_equal(state[name], column)


def test_a_leg_leads_from_each_report_to_the_next_unless_none_does():
    path_mm = np.array([70, 71, NO_LEG, 73, 74, 75])
    rows = {
        "key": np.array([1, 1, 1, 1, 2, 2]),
        "t_us": np.array([10, 20, 30, 40, 15, 25]),
        "lat": np.arange(6.0),
        "lon": -np.arange(6.0),
        "fix": np.arange(6) * 3,
        "port_m": np.array([5.0, 3.0, 9.0, 9.0, 1.0, 2.0]),
        "anchorage_m": np.full(6, 7.0),
        "path_mm": path_mm,
    }
    legs, is_new = legs_of(rows, np.array([False, False, False, True, False, True]))
    assert legs["key"].tolist() == [1, 1, 2]
    assert legs["start_us"].tolist() == [10, 30, 15]
    assert legs["end_us"].tolist() == [20, 40, 25]
    assert legs["start_lat"].tolist() == [0.0, 2.0, 4.0]
    assert legs["end_fix"].tolist() == [3, 9, 15]
    assert legs["path_mm"].tolist() == [71, 73, 75]
    assert legs["port_m"].tolist() == [3.0, 9.0, 1.0]
    assert is_new.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("deg_per_min", "most"),
    [(0.0, 30), (0.003, 80)],  # at rest, and on passage at 11 kn
    ids=["at rest", "on passage"],
)
def test_a_vessel_is_kept_no_longer_than_a_passage(deg_per_min, most):
    n = 6 * 60
    t_us = T0 + np.arange(n) * MINUTE
    fleet = table_of(
        *(track(211000001 + i, t_us, 50 + np.arange(n) * deg_per_min, 4.0 + i) for i in range(4))
    )
    detector = make_detector("drop_pickup", DetectConfig())
    for minute in range(n):
        piece = fleet.slice(minute * 4, 4)
        detector.push(slice_of(piece, vessels()), int(t_us[minute]) + 1)
    keys = [column for name, column in detector.state().items() if is_key_of_part(name)]
    held = np.concatenate(keys)
    assert 2 <= np.count_nonzero(held == key(211000001)) <= most
    assert len(keys) <= 24


def is_key_of_part(name):
    return name.startswith("legs.") and name.endswith(".key")


def test_beyond_the_reach_no_visit_counts():
    far_km = reach_km(RULE)
    delay_h = np.linspace(0, RULE.max_delay_h, 20_000)
    most = RULE.prior_pickup * RULE.marked_factor / least_intensity(RULE)
    for km in (far_km, 1.3 * far_km, 4 * far_km):
        density = pickup_density(np.full(delay_h.size, km), delay_h, RULE)
        assert (most * density < LEAST_TERM).all()
    near = pickup_density(np.full(delay_h.size, far_km / 2), delay_h, RULE)
    assert (most * near >= LEAST_TERM).any()


def test_of_an_archive_that_comes_at_once_no_more_is_kept():
    n, n_vessels = 1500, 100
    t_us = T0 + np.arange(n) * MINUTE
    fleet = table_of(*(track(211000001 + i, t_us, 50.0, i / 10) for i in range(n_vessels)))
    detector = make_detector("drop_pickup", DetectConfig())
    detector.push(slice_of(fleet, vessels()), int(t_us[-1]))
    keys = [column for name, column in detector.state().items() if is_key_of_part(name)]
    assert sum(column.size for column in keys) <= 3 * n_vessels
