"""Fixes packed, found again and thinned: nothing that is needed is lost."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect_tables import DAY, HOUR, T0, fixes, slice_of, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.core.records import Rows, take
from vesseltrack.detect import make_detector
from vesseltrack.detect.packed_fixes import PackedFixes
from vesseltrack.detect.recent_fixes import RecentFixes

SECOND = 1_000_000
MINUTE = 60 * SECOND


def random_fixes(rng: np.random.Generator, n: int, start_us: int, passed_us: int) -> Rows:
    """Fixes of some vessels by vessel and time, with holes in their numbers and new segments."""
    key = np.sort(rng.integers(1, 6, n)).astype(np.int64) << 32
    t_us = start_us + rng.choice(passed_us, n, replace=False)
    exact = rng.random() < 0.5
    lat = rng.uniform(-90, 90, n)
    return {
        "key": key,
        "t_us": t_us[np.lexsort((t_us, key))],
        "lat": np.rint(lat * 1e6) / 1e6 if exact else lat,
        "lon": np.rint(rng.uniform(-180, 180, n) * 1e6) / 1e6,
        "segment": rng.integers(0, 2, n),
        "nth": np.arange(n) + np.cumsum(rng.random(n) < 0.2),
        "sog_kn": np.where(rng.random(n) < 0.2, np.nan, rng.uniform(0, 30, n)).astype(np.float32),
        "port_m": rng.uniform(0, 1e6, n).astype(np.float32).astype(np.float64),
    }


def same(one: Rows, other: Rows) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(column, other[name], equal_nan=column.dtype.kind == "f")
        for name, column in one.items()
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 60))
def test_packed_fixes_are_the_same_to_the_bit(seed, n):
    rng = np.random.default_rng(seed)
    span_us = int(rng.choice([HOUR, 30 * DAY]))
    rows = random_fixes(rng, n, T0, span_us)
    packed = PackedFixes.of(rows)
    assert same(packed.all(), rows)
    keys = np.unique(rng.integers(1, 8, 3)).astype(np.int64) << 32
    of_keys = take(rows, np.isin(rows["key"], keys))
    assert same(packed.of_keys(keys), of_keys)
    first_us, is_heard = packed.first_times(keys)
    for key, t_us, heard in zip(keys, first_us, is_heard, strict=True):
        own = rows["t_us"][rows["key"] == key]
        assert heard == bool(own.size)
        assert not heard or t_us == own.min()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n_parts=st.integers(1, 40), since_s=st.integers(0, 4000))
def test_fixes_of_vessels_since_a_time_are_all_from_the_last_before_it(seed, n_parts, since_s):
    rng = np.random.default_rng(seed)
    held, parts = RecentFixes(), []
    for number in range(n_parts):
        parts.append(random_fixes(rng, int(rng.integers(1, 20)), T0 + number * 100 * SECOND,
                                  100 * SECOND))  # fmt: skip
        held.add(parts[-1])
    again = RecentFixes()
    again.rows = dict(held.rows)
    keys = np.arange(1, 5, dtype=np.int64) << 32
    since_us = T0 + since_s * SECOND
    for one in (held, again):
        found = one.of(keys, since_us)
        for key in keys:
            t_us = np.concatenate([part["t_us"][part["key"] == key] for part in parts])
            seen_us = found["t_us"][found["key"] == key] if found else t_us[:0]
            before = t_us[t_us <= since_us]
            wanted = t_us[t_us >= (before.max() if before.size else T0)]
            assert np.array_equal(seen_us[seen_us.size - wanted.size :], wanted)


def test_state_shares_its_columns():
    rng = np.random.default_rng(1)
    held = RecentFixes()
    held.add(random_fixes(rng, 50, T0, HOUR))
    one, other = held.rows, held.rows
    assert all(one[name] is other[name] for name in one if ".rows." in name)


def steady(vessel, minutes, *, every_s, lat, lon=4.0):
    t_us = T0 + np.arange(0, minutes * 60, every_s) * SECOND + vessel % 7 * SECOND
    return track(vessel, t_us.astype(np.int64), lat, lon, sog_kn=1.0)


def fed(tracks, piece_s, presets=("handover",)):
    """The events of tracks told so many seconds at a time, and the most fixes carried."""
    table = fixes(*tracks)
    t_us = table["timestamp"].cast("int64").to_numpy()
    detector, events, most = make_detector("encounter", DetectConfig(), presets), [], 0
    edges = np.arange(t_us[0], t_us[-1] + piece_s * SECOND, piece_s * SECOND)
    for start_us, stop_us in itertools.pairwise(edges):
        first, stop = np.searchsorted(t_us, [start_us, stop_us])
        batch = slice_of(table.slice(first, stop - first), vessels())
        events += detector.push(batch, int(stop_us)).to_pylist()
        held = detector._close._fixes
        most = max(most, sum(part.n for part in held._parts))
    return [*events, *detector.flush().to_pylist()], most


def test_of_vessels_alone_at_sea_the_last_minutes_suffice():
    crowd = [steady(211000001 + n, 16, every_s=5, lat=40 + n) for n in range(12)]
    _, most = fed(crowd, 3)
    a_minute = 12 * 12
    assert most < 3 * a_minute


@pytest.mark.parametrize("start", ["beside her", "at a distance", "coming up"])
def test_who_was_silent_for_minutes_has_been_beside_a_vessel_that_never_was(start):
    """Silent for eight minutes, in which, as is known then, she was beside another."""
    beside = steady(211000001, 36, every_s=4, lat=50.0)
    other = steady(211000002, 36, every_s=4, lat=50.0005)
    minutes = (other["timestamp"] - T0) / MINUTE
    if start == "at a distance":
        other["lat"][minutes < 11] += 0.15
    elif start == "coming up":
        other["lat"] += np.maximum(10.58 - minutes, 0.0) * 0.006
    other["lat"][minutes > 24] += 0.3
    silent = (minutes > 10.55) & (minutes < 18.5)
    other = {name: column[~silent] for name, column in other.items()}
    far = steady(211000003, 36, every_s=4, lat=40.0)
    whole, _ = fed([beside, other, far], 7200)
    assert len(whole) == 1
    assert 0.09 < whole[0]["duration_h"] < 0.41
    cut, most = fed([beside, other, far], 3)
    assert strip(cut) == strip(whole)
    assert most < 3 * 15 * 12


def strip(events):
    return [{name: event[name] for name in event if name != "status"} for event in events]


def test_a_leap_tells_nothing_of_what_lies_between():
    """Two fixes 200 km and five minutes apart: no vessel was ever between them."""
    lat = np.repeat([50.0, 51.8], 2)
    leaping = track(211000001, T0 + np.array([0, 60, 360, 420]) * SECOND, lat, 4.0)
    way = 50.0 + 1.8 * np.arange(300) / 300
    beside = track(211000002, T0 + (60 + np.arange(300)) * SECOND, way, 4.0)
    assert fed([leaping, beside], 7200)[0] == []
