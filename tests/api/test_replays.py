"""Replays: watched, steered and started over HTTP, and refused to whoever may not."""

import time
from datetime import timedelta

import pytest

from alert_tables import T0
from archives import DMA_ARCHIVE
from event_streams import served
from live_shown import REPLAYING
from vesseltrack.schema import LiveState, LiveStatus
from vesseltrack.store import Store

ONE = "20210101T000000000000"  # when the planted one began


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store", create=True)


@pytest.fixture
def watched(store):
    with served(store.path) as client:
        yield client


@pytest.fixture
def steered(store):
    with served(store.path, steer_replays=True) as client:
        yield client


def test_the_replay_that_feeds_the_store_can_be_watched(store, watched):
    assert watched.get("/replays").json() == {"replays": [], "can_steer": False, "archives": []}
    store.show_live(REPLAYING)
    (found,) = watched.get("/replays").json()["replays"]
    assert found["id"] == ONE
    assert watched.get(f"/replays/{ONE}").json()["at"] == "2021-01-01T02:00:00Z"
    assert watched.get("/replays/other").status_code == 404
    store.show_live(LiveStatus("listen", LiveState.LISTENING, T0, T0))
    assert watched.get("/replays").json()["replays"] == []


def test_it_is_steered_by_requests_that_it_finds_beside_the_store(store, steered):
    store.show_live(REPLAYING)
    one = f"/replays/{ONE}"
    assert steered.patch(one, json={"is_paused": True}).status_code == 202
    assert steered.patch(one, json={"at": "2021-01-01T03:00:00Z"}).status_code == 202
    assert steered.delete(one).status_code == 202
    asked = [(r.is_paused, r.at, r.is_stopped) for r in store.replay_requests()]
    assert asked == [
        (True, None, False),
        (None, T0 + timedelta(hours=3), False),
        (None, None, True),
    ]
    store.show_live(LiveStatus("replay", LiveState.ENDED, T0, T0))
    assert steered.delete(one).status_code == 409


def test_who_may_not_steer_is_refused(store, watched, steered):
    store.show_live(REPLAYING)
    one = f"/replays/{ONE}"
    assert watched.patch(one, json={"is_paused": True}).status_code == 403
    assert watched.delete(one).status_code == 403
    assert watched.post("/replays", json={"archives": ["a"]}).status_code == 403
    foreign = {"Origin": "http://elsewhere.example"}
    assert steered.patch(one, json={"is_paused": True}, headers=foreign).status_code == 403
    assert steered.delete(one, headers=foreign).status_code == 403
    asked_before = {**foreign, "Access-Control-Request-Method": "PATCH"}
    assert steered.options(one, headers=asked_before).status_code == 400
    assert store.replay_requests() == []


@pytest.mark.parametrize(
    "body",
    [
        {"is_paused": 1},
        {"at": "noon"},
        {"at": "2020-12-31T23:59:59Z"},
        {"at": "2021-01-02T00:00:00Z"},
        {"speed": 2},
        [],
        {"at": "x" * 20_000},
    ],
)
def test_what_makes_no_sense_is_refused(store, steered, body):
    store.show_live(REPLAYING)
    answer = steered.patch(f"/replays/{ONE}", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert store.replay_requests() == []


def test_only_json_that_says_it_is_json_is_read(store, steered):
    store.show_live(REPLAYING)
    one = f"/replays/{ONE}"
    assert steered.patch(one, content=b'{"is_paused": true}').status_code == 400
    headers = {"Content-Type": "application/json"}
    assert steered.patch(one, content=b"{", headers=headers).status_code == 400


@pytest.mark.slow
def test_a_replay_is_started_as_a_process_held_moved_and_ended(tmp_path, store):
    folder = tmp_path / "archives"
    folder.mkdir()
    (folder / DMA_ARCHIVE.name).write_bytes(DMA_ARCHIVE.read_bytes())
    (folder / "none.csv").write_bytes(b"nothing\n")
    with served(store.path, replay_archives=folder) as client:
        assert client.get("/replays").json()["archives"] == [DMA_ARCHIVE.name, "none.csv"]
        for names in ([], ["../x"], "x", [DMA_ARCHIVE.name, 1]):
            assert client.post("/replays", json={"archives": names}).status_code == 400

        wanted = {"archives": [DMA_ARCHIVE.name], "speed": 600, "until": "2021-01-08T12:00:00Z"}
        answer = client.post("/replays", json=wanted)
        assert answer.status_code == 201, answer.text
        one = answer.headers["location"]
        assert client.post("/replays", json=wanted).status_code == 409

        said = until(client, one, lambda said: said["at"] is not None)
        assert (said["state"], said["speed"]) == ("playing", 600)
        client.patch(one, json={"is_paused": True})
        until(client, one, lambda said: said["state"] == "paused")
        client.patch(one, json={"at": "2021-01-08T06:00:00Z", "is_paused": False})
        said = until(client, one, lambda said: said["at"] >= "2021-01-08T06:00:00Z")
        assert said["at"] < "2021-01-08T12:00:00Z"
        client.delete(one)
        until(client, one, lambda said: said["state"] == "ended" and store.tables()["segments"])
    assert store.tables()["positions"] > 0


def until(client, one, holds):
    until_s = time.monotonic() + 60
    while not holds(said := client.get(one).json()):
        assert time.monotonic() < until_s, said
        time.sleep(0.05)
    return said
