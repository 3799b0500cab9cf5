"""Days sorted by a child: what it says, how it is ended, and what is left when it is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vesseltrack.engine.folding import BackgroundFold, Ended
from vesseltrack.errors import StoreBusyError, StoreDamagedError, StoreError
from vesseltrack.schema import RECEIVED, REJECTS, STATICS, TIMESTAMP
from vesseltrack.store import Store

N = 500
ENDLESS = """
import os, sys, time
from pathlib import Path
from vesseltrack.store import Store, sort_days
def fold_days(store, *, may_part):
    (store.path / "begun").write_text(f"{os.getpid()} {os.nice(0)}")
    time.sleep(600)
Store.fold_days = fold_days
os._exit(sort_days.main())
"""
LISTENER = f"""
import sys, time
from pathlib import Path
from vesseltrack.engine import folding
from vesseltrack.store import Store
folding._CHILD = ("-c", {ENDLESS!r})
store = Store.open(Path(sys.argv[1]))
with store.reserved(), folding.BackgroundFold(store) as fold:
    fold.begin()
    time.sleep(600)
"""


@pytest.fixture
def store(tmp_path):
    """A store in which something has landed."""
    numbers = list(range(N))
    received = RECEIVED.of(
        {
            "mmsi": [219_000_000 + k % 7 for k in numbers],
            "timestamp": [1_609_459_200_000_000 + k * 10**6 for k in numbers],
            "lat_e6": numbers,
            "lon_e6": numbers,
            "msg_type": [1] * N,
            "quality": [0] * N,
            "source_id": [1] * N,
            "line": numbers,
        }
    )
    assert received["timestamp"].type == TIMESTAMP
    made = Store.open(tmp_path, create=True)
    made.land(1, 0, received, STATICS.empty(), REJECTS.empty())
    return made


def begun(path):
    """Wait for the endless child; return its process and how nice it is."""
    while not (text := path / "begun").exists() or not text.read_text():
        time.sleep(0.01)
    pid, nice = map(int, text.read_text().split())
    return pid, nice


def is_gone(pid):
    for _ in range(1000):
        try:
            os.kill(pid, 0)
            stat = Path(f"/proc/{pid}/stat")
            if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True  # its new parent has not looked yet
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_days_are_sorted_by_a_child_and_the_store_sees_them(store):
    with store.reserved(), BackgroundFold(store) as fold:
        assert fold.wait() is None
        assert store.has_landed
        fold.begin()
        with pytest.raises(StoreBusyError, match="a child of this process"):
            store.fold_days()
        ended = fold.wait()
        assert isinstance(ended, Ended)
        assert ended.is_done
        assert fold.wait() is None
        assert not store.has_landed
        assert store.tables()["positions"] == N
        assert store.fold_days() == []


def test_what_the_child_refuses_is_raised_here(store):
    (landed,) = (store.path / "landing").glob("*.parquet")
    landed.write_bytes(landed.read_bytes()[:-1] + b"?")
    with store.reserved(), BackgroundFold(store) as fold:
        fold.begin()
        with pytest.raises(StoreDamagedError, match=r"is damaged; 'vesseltrack verify --repair'"):
            fold.wait()
        with pytest.raises(StoreDamagedError):
            store.fold_days()


def test_a_child_that_fails_otherwise_is_an_error_that_names_its_code(store, monkeypatch):
    monkeypatch.setattr("vesseltrack.engine.folding._CHILD", ("-c", "raise SystemExit(9)"))
    with store.reserved(), BackgroundFold(store) as fold:
        fold.begin()
        with pytest.raises(StoreError, match=r"the process for it failed \(9\)"):
            fold.wait()


@pytest.mark.parametrize(("is_urgent", "nice"), [(False, 10), (True, 0)])
def test_a_child_is_nice_and_is_ended_at_once(store, monkeypatch, is_urgent, nice):
    monkeypatch.setattr("vesseltrack.engine.folding._CHILD", ("-c", ENDLESS))
    with store.reserved(), BackgroundFold(store) as fold:
        fold.begin(is_urgent=is_urgent)
        pid, found = begun(store.path)
        assert found == min(os.nice(0) + nice, 19)
        assert fold.is_running
        fold.stop()
        ended = fold.wait()
        assert ended is not None
        assert not ended.is_done
        assert is_gone(pid)
        assert store.has_landed
        store.fold_days()
        assert store.tables()["positions"] == N


def test_a_child_that_others_kill_is_tried_again_and_then_said(store, monkeypatch):
    kill = "import os; os.kill(os.getpid(), 9)"
    monkeypatch.setattr("vesseltrack.engine.folding._CHILD", ("-c", kill))
    with store.reserved(), BackgroundFold(store) as fold:
        for _ in range(2):
            fold.begin()
            ended = fold.wait()
            assert ended is not None
            assert not ended.is_done
        fold.begin()
        with pytest.raises(StoreError, match=r"killed 3 times in a row \(SIGKILL\)"):
            fold.wait()


def test_the_end_of_the_work_beside_it_ends_the_child(store, monkeypatch):
    monkeypatch.setattr("vesseltrack.engine.folding._CHILD", ("-c", ENDLESS))
    with store.reserved(), BackgroundFold(store) as fold:
        fold.begin()
        pid, _ = begun(store.path)
    assert is_gone(pid)
    assert store.fold_days() != []


@pytest.mark.slow
def test_a_killed_listener_takes_the_child_along_and_the_next_writes_at_once(store):
    command = [sys.executable, "-c", LISTENER, str(store.path)]
    with subprocess.Popen(command) as listener:
        pid, _ = begun(store.path)
        listener.send_signal(signal.SIGKILL)
        listener.wait()
        assert store.fold_days() != []  # waits for the child to be gone
        assert is_gone(pid)
    assert store.tables()["positions"] == N


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_all_rows_for_the_next(store):
    with store.reserved(), BackgroundFold(store) as fold:
        for tenths in range(4, 9):
            fold.begin()
            time.sleep(tenths / 10)
            fold.stop()
            fold.wait()
            assert store.tables()["positions"] in (0, N)
        store.fold_days()
    assert store.tables()["positions"] == N
    assert store.verify() == []
