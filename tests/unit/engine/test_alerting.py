"""Alerts told once, by whichever process: with an engine that finds what the test says."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alert_tables import told
from vesseltrack.config import Config
from vesseltrack.config.live import LiveConfig
from vesseltrack.engine.alerting import Alerting, Showing
from vesseltrack.errors import ConfigError
from vesseltrack.schema import EVENTS, RECEIVED, STATICS
from vesseltrack.store import Store

T0 = datetime(2021, 1, 1, tzinfo=UTC)
FINAL = {"status": "final", "is_open": False}


class Scripted:
    """An engine that returns what it is told to, and keeps what it was shown."""

    def __init__(self, *found, view=(), watermark_us=None, refuses=False):
        self.watermark_us = watermark_us
        self.shown = []
        self.restored = None
        self._found = list(found)
        self._view = view
        self._refuses = refuses

    def push(self, received, _statics, _now_us=None):
        self.shown += received["timestamp"].to_pylist()
        rows = self._found.pop(0) if self._found else ()
        return told(*rows) if rows else EVENTS.empty()

    def finish(self):
        return told(*self._view) if self._view else EVENTS.empty()

    def state(self):
        return {"mark": np.arange(3)}

    def restore(self, state):
        if self._refuses:
            msg = "of other settings"
            raise ConfigError(msg)
        self.restored = state


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path, create=True)


def received(*hours):
    n = len(hours)
    return RECEIVED.of(
        {
            "mmsi": [219_000_001] * n,
            "timestamp": [T0 + timedelta(hours=hour) for hour in hours],
            "lat_e6": [54_000_000] * n,
            "lon_e6": [5_000_000] * n,
            "msg_type": [1] * n,
            "quality": [0] * n,
            "source_id": [1] * n,
            "line": list(range(n)),
        }
    )


def named(name):
    return STATICS.of(
        {
            "mmsi": [219_000_001],
            "timestamp": [T0],
            "name": [name],
            "msg_type": [5],
            "source_id": [1],
            "line": [1],
        }
    )


def alerting(store, engine, show=lambda *_: None, **live):
    clock = iter(range(10_000))
    showing = Showing(show, lambda: float(next(clock)))
    return Alerting(store, engine, Config(live=LiveConfig(**live)), showing)


def feed(store):
    return [
        (row["event_id"], row["status"], row["revision"]) for row in store.alerts().to_pylist()
    ]


def stored(store, *hours):
    store.land_live(received(*hours), STATICS.empty())
    store.fold_days()


def test_what_is_found_is_in_the_feed_and_shown_with_names(store):
    shown = []
    one = alerting(store, Scripted([{"event_id": "a"}], []), lambda *said: shown.append(said))
    one.push(received(0), named("ANNA"))
    one.push(received(1), STATICS.empty())
    assert feed(store) == [("a", "open", 1)]
    ((events, names),) = shown
    assert events["event_id"].to_pylist() == ["a"]
    assert names == {219_000_001: "ANNA"}


def test_a_restart_shows_what_is_stored_beyond_the_state_and_tells_only_what_is_new(store):
    first = alerting(store, Scripted([{"event_id": "old"}, {"event_id": "ended"}]))
    first.push(received(1), STATICS.empty())
    first.save()
    store.append_alerts(told({"event_id": "same"}), max_bytes=1 << 20)
    stored(store, 1, 2, 30)
    engine = Scripted(
        [{"event_id": "same"}, {"event_id": "new"}],
        [{"event_id": "ended", **FINAL}],
        watermark_us=int((T0 + timedelta(hours=1)).timestamp() * 1e6),
    )
    assert alerting(store, engine).go_on(lambda: True)
    np.testing.assert_array_equal(engine.restored["mark"], np.arange(3))
    assert engine.shown == [T0 + timedelta(hours=2), T0 + timedelta(hours=30)]
    assert feed(store)[3:] == [("new", "open", 1), ("ended", "final", 2)]


def test_only_the_last_that_is_found_on_the_way_is_told(store):
    stored(store, 1, 30)
    engine = Scripted([{"event_id": "a"}], [{"event_id": "a", **FINAL, "revision": 2}])
    alerting(store, engine).go_on(lambda: True)
    assert feed(store) == [("a", "final", 2)]


def test_events_of_positions_that_were_never_committed_are_withdrawn(store):
    alerting(store, Scripted([{"event_id": "known"}])).push(received(1), STATICS.empty())
    alerting(store, Scripted()).save()
    store.append_alerts(
        told(
            {"event_id": "lost"},
            {"event_id": "in sight"},
            {"event_id": "known", "duration_h": 2.0, "revision": 2},
            {"event_id": "done", **FINAL},
        ),
        max_bytes=1 << 20,
    )
    engine = Scripted(view=[{"event_id": "in sight"}])
    alerting(store, engine).go_on(lambda: True)
    assert feed(store)[5:] == [("lost", "withdrawn", 2)]
    again = alerting(store, Scripted(view=[{"event_id": "in sight"}]))
    again.go_on(lambda: True)
    assert len(feed(store)) == 6  # once


def test_a_state_of_other_settings_is_passed_over_for_the_memory_of_the_store(store):
    alerting(store, Scripted()).save()
    stored(store, -100, 1, 2)
    engine = Scripted(refuses=True)
    alerting(store, engine, memory_h=48.0).go_on(lambda: True)
    assert engine.shown == [T0 + timedelta(hours=1), T0 + timedelta(hours=2)]


def test_ended_while_it_catches_up_nothing_is_told(store):
    stored(store, 1)
    engine = Scripted([{"event_id": "a"}])
    assert not alerting(store, engine).go_on(lambda: False)
    assert feed(store) == []


def test_the_state_is_saved_now_and_then(store):
    one = alerting(store, Scripted(), state_s=4.0)
    one.save_if_due()
    one.save_if_due()
    assert store.engine_state() is None
    until_s = time.monotonic() + 10
    while store.engine_state() is None:
        one.save_if_due()
        assert time.monotonic() < until_s
        time.sleep(0.01)
    one.save()


def test_another_pass_over_the_same_tells_nothing_again(store):
    found = [[{"event_id": "a"}], [{"event_id": "a", **FINAL, "revision": 2}]]
    for _ in range(2):
        one = alerting(store, Scripted(*found))
        one.begin()
        for _ in found:
            one.push(received(1), STATICS.empty())
    assert feed(store) == [("a", "open", 1), ("a", "final", 2)]
