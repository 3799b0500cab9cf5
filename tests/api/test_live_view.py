"""What the service answers of a feed while it goes on: positions, leads, events, the clock."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from alert_tables import T0, numbered, told
from event_streams import MANY, reading, served
from live_shown import REPLAYING, latest, leads
from vesseltrack.schema import LEADS, LiveState
from vesseltrack.store import Store


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store", create=True)


@pytest.fixture
def live(store):
    with served(store.path, max_live_vessels=50) as client:
        yield client


def test_without_a_feed_there_is_nothing_to_see(live):
    for name in ("vessels", "leads", "events"):
        answer = live.get(f"/live/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/geo+json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["features"] == []
        assert answer.json()["clock"] is None


def test_vessels_are_points_where_they_were_last(store, live):
    hostile = "<SCRIPT>\u2028"
    rows = latest({"mmsi": 1, "name": hostile, "sog_kn": 7.4}, {"mmsi": 2, "sog_kn": float("nan")})
    store.show_live(replace(REPLAYING, n_vessels=2), rows)
    text = live.get("/live/vessels").text
    document = json.loads(text, parse_constant=pytest.fail)
    first, second = document["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [5.25, 54.5]}
    assert first["properties"]["name"] == hostile
    assert first["properties"]["sog_kn"] == 7.4
    assert first["properties"]["timestamp"] == "2021-01-01T02:00:00Z"
    assert second["properties"]["sog_kn"] is None
    assert document["clock"]["at"] == "2021-01-01T02:00:00Z"
    assert document["clock"]["speed"] == 600
    assert document["numberMatched"] == document["numberReturned"] == 2


@pytest.mark.parametrize(
    ("bbox", "wanted"),
    [
        ("-180,-90,180,90", [1, 2, 3, 4]),
        ("170,-10,-170,10", [1, 2]),
        ("-10,40,10,60", [3]),
        ("5.25,54.5,5.25,54.5", [3]),
        ("10,-90,20,90", []),
    ],
)
def test_a_box_may_cross_the_date_line(store, live, bbox, wanted):
    places = {1: (0, 179.9), 2: (0, -179.9), 3: (54.5, 5.25), 4: (-89, 0)}
    rows = ({"mmsi": m, "lat": lat, "lon": lon} for m, (lat, lon) in places.items())
    store.show_live(REPLAYING, latest(*rows))
    found = live.get("/live/vessels", params={"bbox": bbox}).json()
    assert [feature["id"] for feature in found["features"]] == wanted


def test_of_too_many_vessels_the_same_ones_are_shown_at_every_look(store, live):
    all_of = [{"mmsi": 219_000_000 + i, "lat": i / 10} for i in range(400)]
    store.show_live(REPLAYING, latest(*all_of))
    first = live.get("/live/vessels").json()
    assert (first["numberMatched"], first["numberReturned"]) == (400, 50)
    moved = [{**row, "lat": row["lat"] + 1} for row in all_of]
    store.show_live(REPLAYING, latest(*moved))
    again = live.get("/live/vessels").json()
    ids = [feature["id"] for feature in first["features"]]
    assert [feature["id"] for feature in again["features"]] == ids
    # From all of the fleet, not from one end of it.
    assert max(ids) - min(ids) > 300
    assert len(live.get("/live/vessels?limit=400").json()["features"]) == 400


def test_leads_come_by_rank_and_as_the_collection_has_them(store, live):
    store.show_live(REPLAYING, leads=leads({"mmsi": 7, "name": "B"}, {"mmsi": 5}, {"mmsi": 6}))
    found = live.get("/live/leads?limit=2").json()
    assert [feature["properties"]["mmsi"] for feature in found["features"]] == [7, 5]
    assert found["numberMatched"] == 3
    assert found["features"][0]["properties"].keys() == set(LEADS.names)
    assert found["features"][0]["properties"]["reasons"][0]["event_id"] == "e-7"


def test_events_are_as_they_were_told_last_and_the_stream_goes_on_from_there(store, live):
    store.append_alerts(
        told({"event_id": "a"}, {"event_id": "b"}, {"event_id": "c"}), max_bytes=MANY
    )
    store.append_alerts(
        told(
            {"event_id": "a", "revision": 2, "status": "final", "is_open": False},
            {"event_id": "b", "revision": 2, "status": "withdrawn"},
        ),
        max_bytes=MANY,
    )
    found = live.get("/live/events").json()
    standing = [(f["id"], f["properties"]["status"]) for f in found["features"]]
    assert standing == [("a", "final"), ("c", "open")]
    assert found["sequence"] == 5
    with reading(live, params={"after": found["sequence"]}) as reader:
        store.append_alerts(told({"event_id": "b", "revision": 3}), max_bytes=MANY)
        (event,) = reader.events(1)
    assert json.loads(event["data"])["event_id"] == "b"
    again = live.get("/live/events").json()
    assert [feature["id"] for feature in again["features"]] == ["b", "a", "c"]


def test_events_ahead_of_the_time_that_is_shown_or_long_past_are_left_out(store, live):
    store.show_live(REPLAYING)
    store.append_alerts(
        told(
            {"event_id": "now"},
            {"event_id": "ahead", "start": T0 + timedelta(hours=3)},
            {"event_id": "past", "start": T0 - timedelta(days=3), "end": T0 - timedelta(hours=47)},
        ),
        max_bytes=MANY,
    )
    assert [f["id"] for f in live.get("/live/events").json()["features"]] == ["now"]


def test_a_store_that_was_made_anew_has_other_events(store, live):
    store.append_alerts(numbered(1, 3), max_bytes=MANY)
    assert len(live.get("/live/events").json()["features"]) == 3
    for path in (store.path / "alerts").iterdir():
        path.unlink()
    Store.open(store.path).append_alerts(numbered(9, 1), max_bytes=MANY)
    assert [f["id"] for f in live.get("/live/events").json()["features"]] == ["e-9"]


def test_the_clock_is_told_at_once_and_when_it_moves_without_a_number(store, live):
    store.append_alerts(numbered(1, 1), max_bytes=MANY)
    store.show_live(REPLAYING)
    with reading(live, headers={"Last-Event-ID": "1"}) as reader:
        (first,) = reader.events(1)
        assert first["event"] == "clock"
        assert "id" not in first
        assert json.loads(first["data"])["state"] == "playing"
        store.show_live(replace(REPLAYING, state=LiveState.PAUSED, at=None, speed=None))
        (second,) = reader.events(1)
    said = json.loads(second["data"])
    assert (said["state"], said["at"], said["speed"]) == ("paused", None, None)
    assert said["age_s"] >= 0


@pytest.mark.parametrize(
    "query",
    ["vessels?bbox=1,2,3", "vessels?limit=0", "leads?limit=x", "events?bbox=1,2,3,4", "leads?x=1"],
)
def test_wrong_parameters_are_named(live, query):
    answer = live.get(f"/live/{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
