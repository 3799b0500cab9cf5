"""The stream of alerts, over a real server and read as a browser reads it."""

import json
import threading
import time

import pytest

from alert_tables import numbered, told
from event_streams import MANY, SERVERS, reading, served
from vesseltrack.store import Store


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store", create=True)


@pytest.fixture
def live(store):
    with served(store.path, heartbeat_s=0.3, max_live_clients=4) as client:
        yield client


def test_alerts_are_told_as_they_come_each_with_its_number(store, live):
    with reading(live) as reader:
        store.append_alerts(numbered(1, 2), max_bytes=MANY)
        first, second = reader.events(2)
        assert (first["event"], first["id"], second["id"]) == ("alert", "1", "2")
        row = json.loads(first["data"])
        assert (row["sequence"], row["event_id"], row["kind"]) == (1, "e-1", "loitering")
        assert row["start"] == "2021-01-01T00:00:00Z"
        assert row["measures"] == {}
        assert isinstance(row["cell"], str)
        store.append_alerts(numbered(3, 1), max_bytes=MANY)
        assert reader.numbers(1) == [3]


def test_who_comes_again_is_told_what_it_missed(store, live):
    store.append_alerts(numbered(1, 5), max_bytes=MANY)
    for options in ({"headers": {"Last-Event-ID": "3"}}, {"params": {"after": 3}}):
        with reading(live, **options) as reader:
            assert reader.numbers(2) == [4, 5]
    with reading(live, params={"after": 0}, headers={"Last-Event-ID": "4"}) as reader:
        assert reader.numbers(1) == [5]
    with reading(live, params={"recent": 2}) as reader:
        assert reader.numbers(2) == [4, 5]


@pytest.mark.parametrize("seen", ["99", "-1", "x", "1" * 40, "²"])
def test_a_number_that_was_never_told_here_does_no_harm(store, live, seen):
    store.append_alerts(numbered(1, 2), max_bytes=MANY)
    with reading(live, headers={"Last-Event-ID": seen.encode()}) as reader:
        store.append_alerts(numbered(3, 1), max_bytes=MANY)
        assert reader.numbers(1) == ([1] if seen == "99" else [3])


def test_foreign_text_stays_in_its_field_and_unknown_is_null(store, live):
    hostile = 'x\n\nid: 7\ndata: y\r\u2028\u2029\x00"</script>\u202e'
    rows = (
        {"event_id": "a", "explanation": hostile, "measures": '{"v": NaN, "t": "\\ud800"}'},
        {"event_id": "b", "confidence": float("inf")},
    )
    store.append_alerts(told(*rows), max_bytes=MANY)
    with reading(live, params={"after": 0}) as reader:
        first, second = (event for event in reader.events(2))
    row = json.loads(first["data"], parse_constant=pytest.fail)
    assert row["explanation"] == hostile
    assert row["measures"] == {"v": None, "t": "?"}
    assert json.loads(second["data"], parse_constant=pytest.fail)["confidence"] is None
    assert (first["id"], second["id"]) == ("1", "2")


def test_heartbeats_tell_that_it_is_there(live):
    with reading(live) as reader:
        while reader.comments < 3:
            reader.comments += next(reader._lines).startswith(":")


def test_several_clients_each_get_all_and_one_too_many_is_refused(store, live):
    with (
        reading(live) as a,
        reading(live) as b,
        reading(live) as c,
        reading(live) as d,
    ):
        refused = live.get("/live")
        assert refused.status_code == 503
        assert "all 4 places" in refused.json()["detail"]
        store.append_alerts(numbered(1, 250), max_bytes=MANY)
        for reader in (a, b, c, d):
            assert reader.numbers(250) == list(range(1, 251))
    until_s = time.monotonic() + 10
    while live.head("/live").status_code == 503:
        assert time.monotonic() < until_s  # places are free again


def test_one_that_reads_nothing_holds_up_nobody_and_is_let_go(store):
    with (
        served(store.path, max_live_clients=2, max_stall_s=0.5) as client,
        reading(client),
        reading(client) as reader,
    ):
        long = told(*({"event_id": f"e-{i}", "explanation": "x" * 20_000} for i in range(200)))
        for n in range(3):
            store.append_alerts(long, max_bytes=MANY)
            assert reader.numbers(200)[-1] == 200 * (n + 1)
        until_s = time.monotonic() + 20
        while client.head("/live").status_code == 503:
            assert time.monotonic() < until_s
            time.sleep(0.05)


def test_the_server_ends_at_once_with_clients_that_follow(store):
    with served(store.path) as client, reading(client) as reader:
        store.append_alerts(numbered(1, 1), max_bytes=MANY)
        assert reader.numbers(1) == [1]
        begun_s = time.monotonic()
        ending = threading.Thread(target=lambda: list(reader._lines))
        ending.start()
        end(client)
        ending.join(10)
        assert not ending.is_alive()
        assert time.monotonic() - begun_s < 4


def end(_client):
    (server,) = SERVERS
    server.should_exit = True


def test_without_a_store_it_is_503_and_wrong_parameters_are_400(tmp_path, live):
    with served(tmp_path / "none") as client:
        assert client.get("/live").status_code == 503
    for query in ("after=-1", "after=x", "recent=1001", "what=1", "f=json", "after=1&after=2"):
        answer = live.get(f"/live?{query}")
        assert answer.status_code == 400, query
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_look_at_the_head_ends(live):
    answer = live.head("/live")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
