"""Alerts end to end: told while it listens, once, whenever it is ended and begun again."""

import gzip
import random
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest

from archives import GFW_ARCHIVE
from vesseltrack.store import Store

LISTEN = "tcp-listen://127.0.0.1:0"
KINDS = ("loitering", "drifting", "identity_change")
SETTINGS = """
[live]
commit_s = 0.2
fold_s = 0.5
fold_frac = 1.0
state_s = 0.4
look_s = 600.0
told_s = 7200.0
"""


@pytest.fixture(scope="module")
def feed_of_three_days():
    """The first days of an archive in order of time, as a feed is."""
    lines = gzip.decompress(GFW_ARCHIVE.read_bytes()).splitlines(keepends=True)
    told = [(int(re.search(rb"c:(\d+)", line)[1]), line) for line in lines if b"c:" in line]
    first_s = min(when for when, _ in told)
    return [
        line for when, line in sorted(told, key=lambda one: one[0]) if when < first_s + 259_200
    ]


@contextmanager
def listening(store, *options):
    command = [sys.executable, "-m", "vesseltrack", "listen", LISTEN, "--store", str(store)]
    with subprocess.Popen(
        [*command, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = process.stdout.readline()
            assert said.startswith("Listening: tcp-listen://127.0.0.1:"), process.stderr.read()
            yield process, int(said.split("127.0.0.1:")[1].split()[0])
        finally:
            process.kill()


def ended(process):
    begun_s = time.monotonic()
    process.send_signal(signal.SIGTERM)
    said, problems = process.communicate(timeout=30)
    assert time.monotonic() - begun_s < 10
    assert process.returncode == 0, problems
    return said


def send(port, lines, until_s=None):
    """Send all lines, or as many as there is time for; wait until they have been received."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=60) as sender:
        for start in range(0, len(lines), 100):
            if until_s is not None and time.monotonic() > until_s:
                return
            sender.sendall(b"".join(lines[start : start + 100]))
            time.sleep(0.01)
        sender.shutdown(socket.SHUT_WR)
        sender.recv(1)


def last_revisions(store):
    """What the feed says of each event in the end; none is doubled."""
    found = {}
    told = store.alerts().drop_columns(["appended"])
    for row in told.to_pylist():
        before = found.get(row["event_id"])
        assert before is None or row["revision"] > before["revision"]
        assert before is None or before["status"] != "final"
        found[row["event_id"]] = row
    kept = {key: row for key, row in found.items() if row["status"] != "withdrawn"}
    return {
        key: {name: row[name] for name in row if name not in ("sequence", "revision")}
        for key, row in kept.items()
        if row["status"] == "final"
    }, kept.keys()


def options_of(folder):
    settings = folder / "quick.toml"
    settings.write_text(SETTINGS)
    return ["--config", settings, *(word for kind in KINDS for word in ("--kind", kind))]


@pytest.fixture(scope="module")
def undisturbed(feed_of_three_days, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    with listening(folder / "store", *options_of(folder)) as (process, port):
        send(port, feed_of_three_days)
        said = ended(process)
    return last_revisions(Store.open(folder / "store")), said


@pytest.mark.slow
def test_alerts_are_in_the_feed_and_on_the_terminal(undisturbed):
    (finals, known), said = undisturbed
    assert {"loitering", "drifting"} <= {row["kind"] for row in finals.values()}
    lines = [line for line in said.splitlines() if re.match(r"20\d\d-\d\d-\d\d ", line)]
    assert len(lines) >= len(finals)
    assert len(known) >= len(finals)
    (line,) = [line for line in lines if " final drifting " in line][:1]
    assert re.match(r"2021-01-0\d \d\d:\d\d:\d\d final drifting \d{9}.* Apparent drift", line)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_ended_at_any_moment_and_begun_again_no_alert_is_lost_or_doubled(
    undisturbed, feed_of_three_days, tmp_path, number
):
    """The sender sends all again: what the killed one had not stored is nowhere else."""
    rng = random.Random(int(number))  # noqa: S311 - moments
    path = tmp_path / "store"
    for _ in range(2 if number == signal.SIGKILL else 1):
        with listening(path, *options_of(tmp_path)) as (process, port):
            send(port, feed_of_three_days, time.monotonic() + rng.uniform(0.5, 2.5))
            if number == signal.SIGTERM:
                ended(process)
            else:
                time.sleep(rng.uniform(0, 0.3))
                process.kill()
                process.wait()
    with listening(path, *options_of(tmp_path)) as (process, port):
        send(port, feed_of_three_days)
        ended(process)
    store = Store.open(path)
    assert store.verify() == []
    assert last_revisions(store) == undisturbed[0]


def test_without_detection_there_is_no_feed(feed_of_three_days, tmp_path):
    path = tmp_path / "store"
    with listening(path, "--no-detect") as (process, port):
        send(port, feed_of_three_days[:2_000])
        ended(process)
    store = Store.open(path)
    assert store.last_alert() == 0
    assert not (path / "alerts").exists()
    assert store.engine_state() is None


def test_a_wrong_kind_is_told_at_once(vesseltrack):
    done = vesseltrack("listen", LISTEN, "--kind", "flying")
    assert done.returncode == 1
    assert "flying" in done.stderr
    assert "Traceback" not in done.stderr
