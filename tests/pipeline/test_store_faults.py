"""Killed anywhere, out of disk, or read meanwhile: the store comes out the same."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vesseltrack.errors import StoreFullError
from vesseltrack.store import Store

# What a user's run does to a store; running it again is what a user does after a crash.
JOB = """
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from vesseltrack.schema import PORTS, RECEIVED, REJECTS, SOURCES, STATICS, TIMESTAMP
from vesseltrack.store import Store


def times(values):
    return pa.array(values, pa.int64()).cast(TIMESTAMP)


def batch(source_id, n):
    rng = np.random.default_rng(10 * source_id + n)
    size = 200
    at_us = 1_609_459_200_000_000 + rng.integers(0, 2_880, size) * 60_000_000
    lines = np.arange(size * n, size * (n + 1))
    received = RECEIVED.of({
        "mmsi": rng.integers(219_000_000, 219_000_004, size), "timestamp": times(at_us),
        "lat_e6": rng.integers(50, 53, size) * 1_000_000, "lon_e6": np.full(size, 5_000_000),
        "msg_type": np.ones(size, int), "quality": np.zeros(size, int),
        "source_id": np.full(size, source_id), "line": lines,
    })
    statics = STATICS.of({
        "mmsi": [219_000_000] * 9, "timestamp": times(at_us[:9]),
        "name": rng.choice(["A", "B"], 9).tolist(), "msg_type": [5] * 9,
        "source_id": [source_id] * 9, "line": lines[:9],
    })
    rejects = REJECTS.of({
        "source_id": [source_id], "line": [n], "reason": ["checksum"], "raw": ["!AIVDM"],
    })
    return received, statics, rejects


def source_row(source_id):
    counts = ("lines", "used", "messages", "positions", "duplicates", "vessels", "size_bytes")
    return SOURCES.of({
        "source_id": [source_id], "name": ["a"], "format": ["nmea"], "content_hash": ["0"],
        "rejected": ["{}"], "ignored": ["{}"], "status": ["complete"],
        **{name: [1] for name in counts},
    })


def job(path):
    store = Store.open(Path(path), create=True)
    with store.writing():
        for source_id in (1, 2):
            if store.source(source_id) is None:
                for n in range(2):
                    store.land(source_id, n, *batch(source_id, n))
                store.finish_source(source_row(source_id))
            store.fold_days()
        store.replace_all({"ports": PORTS.of({
            "port_id": ["A"], "name": ["A"], "is_large": [True], "lat": [1.0], "lon": [2.0],
            "source": ["x"],
        })})
    return store
"""

# Forks a child a run, so that the libraries are loaded once; none of them may have threads yet.
KILLER = (
    JOB
    + """
import json, os, random, signal

WATCHED = {"open", "os.mkdir", "os.rename", "os.remove", "os.utime", "os.scandir", "os.listdir"}


def steps_of_a_child(path, kill_at):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        seen = [0]

        def hook(event, arguments):
            if event in WATCHED and arguments and str(path) in str(arguments[0]):
                seen[0] += 1
                if seen[0] == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        store = job(path)
        found = {"steps": seen[0], "version": store.version(), "rows": store.tables(),
                 "findings": [str(f) for f in store.verify()]}
        os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 65536)
    os.close(reader)
    status = os.waitpid(child, 0)[1]
    assert said or os.WIFSIGNALED(status), status
    return json.loads(said) if said else None


folder, seed, n_chains, n_kills = Path(sys.argv[1]), *map(int, sys.argv[2:])
random.seed(seed)
sound = steps_of_a_child(folder / "sound", None)
outcomes, killed = [], 0
for chain in range(n_chains):
    path = folder / str(chain)
    for already in range(n_kills):  # the later runs have less left to do
        outcome = steps_of_a_child(path, random.randint(1, sound["steps"] // (1 + already)))
        killed += outcome is None
    outcomes.append(steps_of_a_child(path, None))
print(json.dumps({"sound": sound, "outcomes": outcomes, "killed": killed}))
"""
)


def without_steps(outcome: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in outcome.items() if name != "steps"}


@pytest.mark.slow
def test_killed_between_any_two_steps_and_run_again_it_is_the_same_store(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLER, str(tmp_path), "7", "5", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["sound"]["rows"]["positions"] > 300
    assert found["sound"]["findings"] == []
    assert found["killed"] >= 20
    for outcome in found["outcomes"]:
        assert without_steps(outcome) == without_steps(found["sound"])


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_it_is_the_same_store(tmp_path: Path) -> None:
    """Also inside the library that writes the log."""
    script = JOB + "\nprint('ready', flush=True)\njob(sys.argv[1])\nprint('done', flush=True)\n"
    stores = {}
    for name, moments_s in (("sound", []), ("killed", [0.05, 0.15, 0.1])):
        for moment_s in [*moments_s, None]:
            command = [sys.executable, "-c", script, str(tmp_path / name)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
                assert run.stdout is not None
                assert run.stdout.readline() == "ready\n"
                if moment_s is not None:
                    time.sleep(moment_s)
                    run.kill()
                run.wait()
                assert moment_s is not None or run.stdout.readline() == "done\n"
        stores[name] = Store.open(tmp_path / name)
    assert stores["killed"].version() == stores["sound"].version()
    assert stores["killed"].verify() == []


REPLACER = """
import sys
from pathlib import Path
from vesseltrack.schema import PORTS
from vesseltrack.store import Store
store = Store.open(Path(sys.argv[1]))
for i in range(10_000):
    n = 50 + i % 7
    store.replace("ports", PORTS.of({
        "port_id": [f"{p:03}" for p in range(n)], "name": [str(i)] * n, "is_large": [True] * n,
        "lat": [float(i)] * n, "lon": [0.0] * n, "source": ["x"] * n}))
    print(i, flush=True)
"""


@pytest.mark.slow
def test_a_reader_sees_a_whole_table_old_or_new_while_a_writer_works_and_dies(
    tmp_path: Path,
) -> None:
    reader = Store.open(tmp_path, create=True)
    command = [sys.executable, "-c", REPLACER, str(tmp_path)]
    seen = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "0\n"
        until_s = time.monotonic() + 1.5
        while time.monotonic() < until_s:
            rows = reader.select("ports")
            (name,) = set(rows["name"].to_pylist())
            assert rows.num_rows == 50 + int(name) % 7
            seen.append(int(name))
        writer.kill()
        acknowledged = [int(line) for line in writer.stdout.read().split()]
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert int(reader.select("ports")["name"][0].as_py()) >= max(acknowledged, default=0)
    assert reader.verify() == []


def run_the_job(path: Path) -> Store:
    names: dict[str, object] = {}
    exec(JOB, names)  # noqa: S102 - our own text, above
    job = names["job"]
    assert callable(job)
    store = job(path)
    assert isinstance(store, Store)
    return store


@pytest.mark.parametrize("n", [1, 3, 8, 17, 28, 36])
def test_when_the_nth_write_fails_for_want_of_room_running_again_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    n_syncs = [0]
    sync: Callable[[int], None] = os.fsync

    def failing_sync(descriptor: int) -> None:
        n_syncs[0] += 1
        if n_syncs[0] == n:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    Store.open(tmp_path / "full", create=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing_sync)
        with pytest.raises(
            StoreFullError, match=r"^disk full, \d+ rows committed, run again to r"
        ):
            run_the_job(tmp_path / "full")
    assert Store.open(tmp_path / "full").tables()["ports"] == 0  # readers are unharmed
    resumed = run_the_job(tmp_path / "full")
    assert resumed.version() == run_the_job(tmp_path / "sound").version()
    assert resumed.verify() == []


ON_A_SMALL_DISK = (
    JOB
    + """
import subprocess
from vesseltrack.errors import StoreFullError

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=150k", "tmpfs", str(disk)], check=True)
try:
    job(disk / "store")
except StoreFullError as error:
    print(error)
reader = Store.open(disk / "store")
print(sum(reader.tables().values()) >= 0, reader.select("positions").num_rows >= 0)
subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
store = job(disk / "store")
print(store.version(), store.verify())
"""
)


@pytest.mark.slow
def test_on_a_full_disk_the_run_ends_with_one_line_and_can_be_resumed(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    namespace = [unshare or "unshare", "--user", "--map-root-user", "--mount"]
    if unshare is None or subprocess.run([*namespace, "true"], check=False).returncode:
        pytest.skip("a small disk needs 'unshare --user --mount' (util-linux, user namespaces)")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [*namespace, sys.executable, "-c", ON_A_SMALL_DISK, str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    full, readers, resumed = done.stdout.splitlines()
    assert full.startswith("disk full, ")
    assert full.endswith(" rows committed, run again to resume")
    assert readers == "True True"
    assert resumed == f"{run_the_job(tmp_path / 'sound').version()} []"
