"""Archives replayed into a store: paced by a clock, steered, and in the end what a run leaves."""

import gzip
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow.compute as pc
import pytest

from alert_tables import told
from archives import GFW_ARCHIVE, SOLENT_ARCHIVE
from vesseltrack import engine
from vesseltrack.config import Config
from vesseltrack.schema import EVENTS
from vesseltrack.store import Filter, Store

DERIVED = ("vessels", "segments", "port_calls", "voyages", "ports", "events", "leads")


class Watching:
    """An engine that finds nothing and remembers what it was shown, and when."""

    def __init__(self, found=()):
        self.watermark_us = None
        self.shown = []
        self.clock_s = []
        self._found = found

    def push(self, received, _statics, _now_us=None):
        self.shown += received["timestamp"].to_pylist()
        self.clock_s += [time.monotonic()] * received.num_rows
        return EVENTS.empty()

    def finish(self):
        return told(*self._found) if self._found else EVENTS.empty()

    def state(self):
        return {"none": np.zeros(0)}

    def restore(self, _state):
        raise AssertionError


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Some hours of an archive in two files that overlap in time, and another of the same days."""
    folder = tmp_path_factory.mktemp("parts")
    lines = gzip.decompress(GFW_ARCHIVE.read_bytes()).splitlines(keepends=True)[:4_000]
    single = [line for line in lines if b"!AIVDM,1,1," in line]
    double = [line for line in lines if b"!AIVDM,1,1," not in line]
    paths = [folder / name for name in ("even.nmea", "odd.nmea")]
    paths[0].write_bytes(b"".join(single[::2] + double))
    paths[1].write_bytes(b"".join(single[1::2]))
    return paths


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store", create=True)


def replaying(store, paths, watching=None, **play):
    engines = [watching or Watching()]
    return engine.Replay(store, paths, lambda: engines[0], play=engine.Play(**play))


def positions(store):
    return store.select("positions").drop_columns(["source_id", "line"])


@pytest.mark.slow
def test_a_whole_replay_leaves_the_store_of_a_run(parts, tmp_path):
    run, replayed = (Store.open(tmp_path / n, create=True) for n in ("run", "replayed"))
    engine.run(run, parts)
    replaying(replayed, parts).run()
    engine.analyse(replayed)
    assert positions(replayed).equals(positions(run))
    for name in ("statics", *DERIVED):
        found, wanted = (s.select(name, Filter()) for s in (replayed, run))
        known = [c for c in wanted.column_names if c not in ("source_id", "line")]
        assert found.select(known).equals(wanted.select(known)), name
    assert replayed.verify() == []
    assert not (replayed.path / "replaying").exists()


def test_archives_come_merged_by_time_each_row_once(store, parts):
    watching = Watching()
    replaying(store, parts, watching).run()
    assert watching.shown == sorted(watching.shown)
    assert len(watching.shown) == store.tables()["positions"]


def test_event_time_is_paced_by_the_clock(store, parts):
    watching = Watching()
    replaying(store, parts, watching, speed=100_000.0).run()
    took_s = watching.clock_s[-1] - watching.clock_s[0]
    lasted_s = (watching.shown[-1] - watching.shown[0]).total_seconds()
    assert took_s == pytest.approx(lasted_s / 100_000, rel=0.3)


def test_a_part_is_played_and_only_that_is_stored(store, parts):
    watching = Watching()
    replaying(store, parts, watching).run()
    middle = watching.shown[len(watching.shown) // 2]
    span = {"since": middle - timedelta(hours=1), "until": middle}
    part, shown = Store.open(store.path.parent / "part", create=True), Watching()
    replaying(part, parts, shown, **span).run()
    wanted = [when for when in watching.shown if span["since"] <= when <= span["until"]]
    stored = part.select("positions")["timestamp"].to_pylist()
    assert sorted(stored) == wanted
    # The engine was shown what was before, so that it knows what is under way.
    assert shown.shown[-len(wanted) :] == wanted
    assert shown.shown[0] == watching.shown[0]


def steered(store, parts, steer, speed=50_000.0):
    watching = Watching()
    player = replaying(store, parts, watching, speed=speed)
    thread = threading.Thread(target=player.run)
    thread.start()
    while player.at is None or len(watching.shown) < 100:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        steer(player, watching)
    finally:
        player.stop()
        thread.join(60)
    assert not thread.is_alive()
    return player, watching


def test_it_shows_how_far_it_is_while_it_plays_and_in_the_end(store, parts):
    seen = []

    class Looking(Watching):
        def push(self, received, statics, now_us=None):
            seen.append(store.live_status())
            return super().push(received, statics, now_us)

    watching = Looking()
    often = replace(Config(), live=replace(Config().live, show_s=0.01))
    replaying(store, parts, watching, speed=200_000.0, config=often).run()
    assert {status.state for status in seen} == {"playing"}
    moments = [status.at for status in seen if status.at is not None]
    assert len(set(moments)) > 3
    assert moments == sorted(moments)
    assert min(watching.shown) <= moments[0]
    assert moments[-1] <= store.live_status().until
    ended = store.live_status()
    assert (ended.source, ended.state, ended.speed) == ("replay", "ended", 200_000)
    assert ended.since <= min(watching.shown)
    assert ended.until >= max(watching.shown)  # a report of a ship may be the last word
    positions = store.select("positions")
    of_vessels = positions.filter(pc.equal(pc.bit_wise_and(positions["quality"], 32), 0))
    last = of_vessels.group_by("mmsi").aggregate([("timestamp", "max")]).to_pylist()
    newest = max(watching.shown)
    wanted = {
        row["mmsi"]: row["timestamp_max"]
        for row in last
        if newest - row["timestamp_max"] <= timedelta(hours=6)
    }
    shown = store.live_latest()
    pairs = zip(shown["mmsi"].to_pylist(), shown["timestamp"].to_pylist(), strict=True)
    assert dict(pairs) == wanted


def test_stopped_it_keeps_what_was_played(store, parts):
    player, watching = steered(store, parts, lambda player, _: player.stop())
    assert player.is_stopped
    stored = store.select("positions")["timestamp"].to_pylist()
    assert sorted(stored) == watching.shown
    assert max(stored) <= player.at  # a static report may have been the last
    engine.analyse(store)
    assert store.tables()["segments"] > 0


def test_paused_event_time_stands_still_and_then_goes_on(store, parts):
    def steer(player, watching):
        player.pause()
        time.sleep(0.3)
        at, n = player.at, len(watching.shown)
        time.sleep(0.5)
        assert (player.at, len(watching.shown)) == (at, n)
        player.resume()
        until_s = time.monotonic() + 30
        while player.at == at:
            assert time.monotonic() < until_s
            time.sleep(0.01)
        assert player.at - at < timedelta(seconds=50_000 * 0.4)
        player.stop()

    steered(store, parts, steer)


def test_it_goes_on_from_a_moment_ahead_or_back(store, parts):
    """With another engine, which is shown what was before; what is passed over is not stored."""

    def steer(player, watching):
        first = watching.shown[0]
        for moment in (first + timedelta(hours=8), first + timedelta(hours=2)):
            player.seek(moment)
            until_s = time.monotonic() + 30
            while not moment < player.at < moment + timedelta(hours=2):
                assert time.monotonic() < until_s
                time.sleep(0.01)
        player.stop()

    _, watching = steered(store, parts, steer, speed=2_000.0)
    stored = set(store.select("positions")["timestamp"].to_pylist())
    first = min(watching.shown)
    assert stored < set(watching.shown)
    assert [t for t in stored if timedelta(hours=5) < t - first < timedelta(hours=8)] == []
    assert any(t - first > timedelta(hours=8) for t in stored)


def test_however_often_it_is_replayed_the_end_of_the_data_is_told_once(store, parts):
    for _ in range(2):
        replaying(store, parts, Watching([{"event_id": "a"}])).run()
    assert store.alerts()["event_id"].to_pylist() == ["a"]


@pytest.mark.slow
def test_the_command_tells_serves_and_ends_with_ctrl_c(tmp_path):
    settings = tmp_path / "quick.toml"
    settings.write_text("[live]\ncommit_s = 0.2\n")
    command = [sys.executable, "-m", "vesseltrack", "replay", str(SOLENT_ARCHIVE), "--speed", "20"]
    options = ["--store", str(tmp_path / "s"), "--serve", "--port", "8791", "--kind", "loitering"]
    options += ["--config", str(settings)]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        said = process.stdout.readline()
        assert said == "Map: http://127.0.0.1:8791/map   API: http://127.0.0.1:8791/\n"
        until_s = time.monotonic() + 60
        while Store.open(tmp_path / "s").tables()["positions"] < 100:
            assert time.monotonic() < until_s
            time.sleep(0.1)
        with urllib.request.urlopen("http://127.0.0.1:8791/readyz", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        said, problems = process.communicate(timeout=60)
    assert process.returncode == 0, problems
    assert problems == ""
    assert "Ranked leads" in said
    store = Store.open(tmp_path / "s")
    assert 100 <= store.tables()["positions"] < 18_000
    assert store.tables()["vessels"] > 0


def test_what_belongs_to_a_store_is_refused_with_another_program(vesseltrack):
    done = vesseltrack("replay", SOLENT_ARCHIVE, "--to", "-", "--serve")
    assert done.returncode == 2
    assert "not with --to" in done.stderr
