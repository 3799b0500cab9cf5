"""What a feed shows of itself: held against sorting all that was ever received."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alert_tables import T0, told
from vesseltrack.config import Config
from vesseltrack.engine.live_view import LiveView
from vesseltrack.leads import rank_leads
from vesseltrack.schema import RECEIVED, STATICS, VESSELS, LiveState, Quality
from vesseltrack.store import Store


class Hand:
    """A clock that a test sets."""

    s = 0.0

    def __call__(self):
        return self.s


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store", create=True)


@pytest.fixture
def view(store, hand):
    return LiveView(store, Config(), "listen", hand)


def received(mmsi, seconds, lat, quality=0):
    n = len(mmsi)
    return RECEIVED.of(
        {
            "mmsi": mmsi,
            "timestamp": [T0 + timedelta(seconds=int(s)) for s in seconds],
            "lat_e6": (np.asarray(lat) * 1e6).round().astype(np.int32),
            "lon_e6": [0] * n,
            "msg_type": [1] * n,
            "quality": np.broadcast_to(quality, n),
            "source_id": [1] * n,
            "line": list(range(n)),
        }
    )


def named(mmsi, name):
    row = {"mmsi": [mmsi], "timestamp": [T0], "name": [name], "msg_type": [5]}
    return STATICS.of({**row, "source_id": [1], "line": [1]})


def test_each_vessel_is_where_she_was_last_however_late_rows_come(view, store):
    rng = np.random.default_rng(7)
    mmsi = rng.integers(1, 40, 2_000)
    seconds = rng.permutation(2_000)
    lat = rng.uniform(-80, 80, 2_000)
    for part in np.array_split(np.arange(2_000), 37):
        view.see(received(mmsi[part], seconds[part], lat[part]), STATICS.empty())
    view.say(LiveState.LISTENING)
    shown = store.live_latest()
    wanted = {m: max(zip(seconds[mmsi == m], lat[mmsi == m], strict=True)) for m in set(mmsi)}
    assert shown["mmsi"].to_pylist() == sorted(wanted)
    assert shown["timestamp"].to_pylist() == [
        T0 + timedelta(seconds=int(wanted[m][0])) for m in sorted(wanted)
    ]
    assert shown["lat"].to_pylist() == pytest.approx([wanted[m][1] for m in sorted(wanted)])
    assert store.live_status().n_vessels == len(wanted)


def test_what_is_no_vessel_or_has_no_time_to_believe_is_not_shown(view, store):
    quality = [0, Quality.NOT_A_VESSEL, Quality.TIME_QUARANTINED, Quality.NO_TIME]
    view.see(received([1, 2, 3, 4], [0, 0, 0, 0], [1, 1, 1, 1], quality), STATICS.empty())
    view.say(LiveState.LISTENING)
    assert store.live_latest()["mmsi"].to_pylist() == [1]


def test_who_is_silent_for_hours_is_left_out_and_names_are_as_sent(view, store):
    view.see(received([1, 2], [0, 6 * 3600 + 1], [1, 2]), named(2, "<B>"))
    view.say(LiveState.LISTENING)
    assert store.live_latest().select(["mmsi", "name"]).to_pylist() == [{"mmsi": 2, "name": "<B>"}]


def test_it_is_shown_once_a_second_and_at_once_when_the_state_changes(view, store, hand):
    view.say_if_due(LiveState.LISTENING, 1, 0.0)
    first = store.live_status()
    assert first.at == datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    hand.s = 0.9
    view.say_if_due(LiveState.LISTENING, 2, 0.0)
    assert store.live_status() == first
    view.say_if_due(LiveState.PAUSED, 3, None)
    assert store.live_status().state is LiveState.PAUSED
    hand.s = 2.0
    view.say_if_due(LiveState.PAUSED, 4, 1.26)
    assert (store.live_status().at.microsecond, store.live_status().behind_s) == (4, 1.3)


def test_leads_are_those_of_the_alerts_that_stand(view, store, hand):
    events = told(
        {"event_id": "a", "confidence": 0.9, "vessel_id": "1", "mmsi": 1},
        {"event_id": "b", "confidence": 0.4, "vessel_id": "2", "mmsi": 2},
        {"event_id": "gone", "vessel_id": "3", "mmsi": 3, "status": "withdrawn"},
        {"event_id": "ahead", "vessel_id": "4", "mmsi": 4, "start": T0 + timedelta(hours=3)},
        {"event_id": "past", "vessel_id": "5", "mmsi": 5, "end": T0 - timedelta(hours=47)},
    )
    view.learn(events.to_pylist())
    view.see(received([2], [0], [1]), named(2, "BELLA"))
    at = T0 + timedelta(hours=2)
    view.say(LiveState.LISTENING, at=at)
    shown = store.live_leads()
    wanted = rank_leads(events.slice(0, 2), VESSELS.empty(), config=Config().leads)
    known = ["vessel_id", "rank", "score", "reasons", "sentence"]
    assert shown.select(known).equals(wanted.select(known))
    assert shown["name"].to_pylist() == [None, "BELLA"]
    n_leads = store.live_status().n_leads

    hand.s = 60.0
    view.say(LiveState.LISTENING, at=at)
    assert store.live_status().n_leads == n_leads  # nothing was told: nothing is ranked
    (bella,) = events.slice(1, 1).to_pylist()
    view.learn([{**bella, "status": "withdrawn", "revision": 2}])
    hand.s = 120.0
    view.say(LiveState.LISTENING, at=at)
    assert store.live_leads()["vessel_id"].to_pylist() == ["1"]


def test_a_replay_that_goes_back_forgets_where_vessels_will_be(view, store):
    view.see(received([1], [500], [1]), STATICS.empty())
    view.forget_places()
    view.see(received([1], [100], [2]), STATICS.empty())
    view.say(LiveState.PLAYING)
    assert store.live_latest()["timestamp"].to_pylist() == [T0 + timedelta(seconds=100)]


def test_settings_say_how_often(store, hand):
    live = replace(Config().live, show_s=5.0)
    view = LiveView(store, replace(Config(), live=live), "listen", hand)
    view.say_if_due(LiveState.LISTENING, None, None)
    first = store.live_status()
    hand.s = 4.9
    view.say_if_due(LiveState.LISTENING, 1, None)
    assert store.live_status() == first
