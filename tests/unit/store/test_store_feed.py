"""The alert feed: followed while it is written, cut off, rotated, damaged."""

import errno
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from alert_tables import numbered, told
from vesseltrack.errors import SchemaError, StoreBusyError, StoreFullError
from vesseltrack.schema import ALERTS, EVENTS
from vesseltrack.store import Store
from vesseltrack.store import feed as feed_module

MANY = 1 << 30


def told_by(store, after=0, limit=None):
    return store.alerts(after, limit)["event_id"].to_pylist()


def numbers(store, after=0, limit=None):
    return store.alerts(after, limit)["sequence"].to_pylist()


def segments(store):
    return sorted((store.path / "alerts").iterdir())


def test_without_a_feed_there_are_no_alerts_and_nothing_is_made(ais_store):
    assert ais_store.alerts().schema == ALERTS.arrow
    assert ais_store.last_alert() == 0
    assert not (ais_store.path / "alerts").exists()


def test_alerts_come_back_as_they_were_told_with_rising_numbers(ais_store):
    hostile = "\x1b[2J \u202e \u2028 \ud7ff \n\r 漢字 \\ud800"
    events = told(
        {"event_id": "a", "explanation": hostile, "measures": '{"x": "\\ud800"}'},
        {"event_id": "b", "other_mmsi": 7, "other_vessel_id": "7", "confidence": 0.1 + 0.2},
    )
    before = time.time()
    assert ais_store.append_alerts(events, max_bytes=MANY) == 2
    assert ais_store.append_alerts(events, max_bytes=MANY) == 4
    assert ais_store.append_alerts(EVENTS.empty(), max_bytes=MANY) == 4
    found = Store.open(ais_store.path).alerts()
    assert found.schema == ALERTS.arrow
    assert found["sequence"].to_pylist() == [1, 2, 3, 4]
    assert found.slice(0, 2).select(EVENTS.names).equals(events)
    assert before - 1 < found["appended"][0].as_py().timestamp() < time.time() + 1


def test_a_follower_is_given_what_is_new_and_no_more_than_it_asks_for(ais_store):
    reader = Store.open(ais_store.path)
    ais_store.append_alerts(numbered(1, 10), max_bytes=MANY)
    assert numbers(reader, 0, 4) == [1, 2, 3, 4]
    assert numbers(reader, 4, 4) == [5, 6, 7, 8]
    assert numbers(reader, 10) == []
    ais_store.append_alerts(numbered(11, 2), max_bytes=MANY)
    assert numbers(reader, 10) == [11, 12]
    assert numbers(reader, 3, 2) == [4, 5]
    assert numbers(reader, 99) == []
    assert reader.last_alert() == 12


def test_what_is_no_event_is_refused_and_leaves_nothing(ais_store):
    with pytest.raises(SchemaError):
        ais_store.append_alerts(numbered(1, 1).drop_columns(["kind"]), max_bytes=MANY)
    assert ais_store.last_alert() == 0


def test_only_one_process_appends_and_tables_may_be_written_meanwhile(ais_store):
    other = Store.open(ais_store.path)
    with other.writing():
        ais_store.append_alerts(numbered(1, 1), max_bytes=MANY)
    with ais_store._feed._lock.hold(), pytest.raises(StoreBusyError, match=f"{os.getpid()}"):
        other.append_alerts(numbered(1, 1), max_bytes=MANY)


def test_the_feed_is_bounded_and_its_numbers_go_on(ais_store):
    max_bytes = 40_000
    reader = Store.open(ais_store.path)
    followed = []
    for n in range(60):
        ais_store.append_alerts(numbered(5 * n, 5), max_bytes=max_bytes)
        followed += numbers(reader, followed[-1] if followed else 0)
        assert sum(path.stat().st_size for path in segments(ais_store)) < 1.3 * max_bytes
    assert followed == list(range(1, 301))
    kept = numbers(ais_store)
    assert kept == list(range(kept[0], 301))
    assert 20 < len(kept) < 200
    assert numbers(reader, 5) == kept  # what is gone is passed over
    assert ais_store.verify() == []


@pytest.mark.parametrize("n_cut", [1, 2, 100])
def test_a_torn_end_is_passed_over_and_repaired_by_the_next_writer(ais_store, n_cut):
    ais_store.append_alerts(numbered(1, 3), max_bytes=MANY)
    (path,) = segments(ais_store)
    path.write_bytes(path.read_bytes()[:-n_cut])
    assert numbers(Store.open(ais_store.path)) == [1, 2]
    assert ais_store.verify() == []
    again = Store.open(ais_store.path)
    assert again.append_alerts(numbered(7, 1), max_bytes=MANY) == 3
    assert told_by(again) == ["e-1", "e-2", "e-7"]
    assert ais_store.append_alerts(numbered(8, 1), max_bytes=MANY) == 4  # written by another


def test_a_full_disk_leaves_a_feed_that_goes_on(ais_store, monkeypatch):
    ais_store.append_alerts(numbered(1, 1), max_bytes=MANY)
    size = segments(ais_store)[0].stat().st_size
    write = os.write

    def full(descriptor, data):
        if len(data) > 2 * size:
            return write(descriptor, data[: size + size // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(feed_module.os, "write", full)
    with pytest.raises(StoreFullError, match="disk full"):
        ais_store.append_alerts(numbered(2, 3), max_bytes=MANY)
    monkeypatch.undo()
    assert told_by(Store.open(ais_store.path)) == ["e-1", "e-2"]
    assert ais_store.append_alerts(numbered(9, 1), max_bytes=MANY) == 3
    assert told_by(ais_store) == ["e-1", "e-2", "e-9"]
    assert ais_store.verify() == []


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from alert_tables import numbered
from vesseltrack.store import Store
store = Store.open(Path(sys.argv[1]))
n = store.last_alert()
numbered(1, 1)
print("ready", flush=True)
while True:
    n = store.append_alerts(numbered(n + 1, 1 + n % 7), max_bytes=1_500_000)
"""


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_doubled_or_out_of_place(ais_store):
    """Event n is told as alert n, by whichever writer, to whoever follows."""
    rng = random.Random(5)  # noqa: S311 - moments
    reader = Store.open(ais_store.path)
    last = 0
    for _ in range(4):
        command = [sys.executable, "-c", WRITER, str(ais_store.path), "tests"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            writer.stdout.readline()
            until_s = time.monotonic() + rng.uniform(0.2, 0.6)
            while time.monotonic() < until_s:
                last = followed(reader, last)
            writer.send_signal(signal.SIGKILL)
        last = followed(reader, last)
        assert reader.verify() == []
    assert last > 100


def followed(reader, last):
    rows = reader.alerts(last, 500).to_pylist()
    for row in rows:
        assert row["sequence"] == last + 1
        last += 1
        assert row["event_id"] == f"e-{last}"
    return last


def flipped(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("at", [3, 30, 300])
def test_damage_is_passed_over_found_and_set_aside(ais_store, at):
    ais_store.append_alerts(numbered(1, 5), max_bytes=MANY)
    (path,) = segments(ais_store)
    second = path.read_bytes().index(b"\n") + 1
    flipped(path, second + at)
    assert numbers(Store.open(ais_store.path)) == [1, 3, 4, 5]
    (finding,) = ais_store.verify()
    assert (finding.table, finding.file) == ("alerts", f"alerts/{path.name}")
    assert "has 1 lines that are not what was written" in finding.problem
    (done,) = ais_store.verify(repair=True)
    assert "3 alerts behind the damage kept" in done.remedy
    assert ais_store.verify() == []
    assert numbers(ais_store) == [3, 4, 5]
    assert Store.open(ais_store.path).append_alerts(numbered(6, 1), max_bytes=MANY) == 6
    assert len(list((ais_store.path / "damaged").rglob(path.name))) == 1


def test_a_number_is_not_given_again_where_the_last_alert_is_damaged(ais_store):
    ais_store.append_alerts(numbered(1, 3), max_bytes=MANY)
    (path,) = segments(ais_store)
    flipped(path, path.stat().st_size - 5)
    assert Store.open(ais_store.path).append_alerts(numbered(4, 1), max_bytes=MANY) == 4
    ais_store.verify(repair=True)
    assert numbers(ais_store) == [4]


def test_a_lost_segment_is_found_and_numbers_go_on_behind_it(ais_store):
    for n in range(40):
        ais_store.append_alerts(numbered(5 * n, 5), max_bytes=100_000)
    paths = segments(ais_store)
    paths[2].unlink()
    paths[-1].write_bytes(paths[-1].read_bytes() + b"cut")
    (finding,) = ais_store.verify()
    assert finding.problem.endswith("was to follow")
    ais_store.verify(repair=True)
    assert ais_store.verify() == []
    kept = numbers(ais_store)
    assert kept == list(range(int(paths[3].stem), 201))
