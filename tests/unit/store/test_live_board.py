"""What a feed shows beside the tables of its store, and what a reader makes of damage."""

from datetime import UTC, datetime, timedelta

import pytest

from vesseltrack.errors import SchemaError
from vesseltrack.schema import LATEST, LEADS, LiveState, LiveStatus
from vesseltrack.store import Store

NOW = datetime(2021, 1, 8, 12, tzinfo=UTC)
STATUS = LiveStatus(
    "replay",
    LiveState.PLAYING,
    begun=NOW,
    written=NOW + timedelta(microseconds=5),
    at=NOW,
    since=NOW - timedelta(days=1),
    until=NOW + timedelta(days=1),
    speed=60.0,
    behind_s=0.5,
    n_vessels=2,
    n_latest=3,
    n_leads=4,
)


def latest():
    return LATEST.of(
        {
            "mmsi": [1, 2],
            "name": ["<B>\u2028", None],
            "timestamp": [NOW, NOW],
            "lat": [1.0, -1.0],
            "lon": [179.5, -180.0],
            "sog_kn": [1.5, float("nan")],
        }
    )


def test_nothing_was_shown_before_it_was(ais_store):
    assert ais_store.live_status() is None
    assert ais_store.live_stamp() == 0
    assert ais_store.live_latest().equals(LATEST.empty())
    assert ais_store.live_leads().equals(LEADS.empty())


def test_others_see_what_was_shown(ais_store):
    ais_store.show_live(STATUS, latest(), LEADS.empty())
    reader = Store.open(ais_store.path)
    assert reader.live_status() == STATUS
    assert reader.live_latest().equals(latest())
    stamp = reader.live_stamp()
    ended = LiveStatus("listen", LiveState.ENDED, NOW, NOW)
    ais_store.show_live(ended)
    assert reader.live_stamp() != stamp
    assert reader.live_status() == ended
    assert reader.live_latest().equals(latest())  # what was not given stays
    assert reader.verify() == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"state": "dancing"}', b"\xff\x00"])
def test_what_cannot_be_read_was_never_shown(ais_store, damage):
    ais_store.show_live(STATUS, latest(), LEADS.empty())
    for path in (ais_store.path / "live").iterdir():
        path.write_bytes(damage)
    assert ais_store.live_status() is None
    assert ais_store.live_latest().num_rows == 0
    assert ais_store.live_leads().num_rows == 0


def test_a_table_of_another_schema_is_refused(ais_store):
    with pytest.raises(SchemaError, match="latest"):
        ais_store.show_live(STATUS, latest().drop_columns(["name"]))


def test_what_a_replay_is_asked_for_comes_in_order_and_to_that_replay(ais_store):
    ais_store.show_live(STATUS)
    ais_store.ask_replay(NOW, is_paused=True)
    ais_store.ask_replay(NOW, at=NOW + timedelta(hours=1))
    asked = Store.open(ais_store.path).replay_requests()
    assert [(one.number, one.is_paused, one.at) for one in asked] == [
        (1, True, None),
        (2, None, NOW + timedelta(hours=1)),
    ]
    later = NOW + timedelta(seconds=1)
    ais_store.ask_replay(later, is_stopped=True)
    assert [(one.number, one.begun) for one in ais_store.replay_requests()] == [(1, later)]
    for _ in range(100):
        ais_store.ask_replay(later, is_paused=False)
    assert [one.number for one in ais_store.replay_requests()] == list(range(70, 102))
