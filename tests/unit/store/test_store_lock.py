import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vesseltrack.errors import StoreBusyError, StoreFullError
from vesseltrack.schema import PORTS
from vesseltrack.store import Store

HOLD = """
import sys, time
from pathlib import Path
from vesseltrack.store import Store
with Store.open(Path(sys.argv[1])).writing():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_store_on_the_folder_is_refused_with_the_writers_process_id(
    ais_store: Store,
) -> None:
    other = Store.open(ais_store.path)
    with (
        ais_store.writing(),
        pytest.raises(StoreBusyError, match=rf"process {os.getpid()} is writing to "),
        other.writing(),
    ):
        pass
    with other.writing():
        pass


def test_who_holds_the_lock_may_write_and_hold_it_again(ais_store: Store) -> None:
    with ais_store.writing():
        with ais_store.writing():
            ais_store.replace("ports", PORTS.empty())
        with pytest.raises(StoreBusyError), Store.open(ais_store.path).writing():
            pass


def test_a_lock_that_finds_no_room_says_so_and_is_not_held(
    ais_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        for hold in (ais_store.writing, ais_store.reserved):
            with pytest.raises(StoreFullError, match=r"^disk full, 0 rows committed"), hold():
                pass
    with Store.open(ais_store.path).writing():
        pass


BORROW = """
import sys, time
from pathlib import Path
from vesseltrack.store import Store
with Store.open(Path(sys.argv[1])).borrowed(int(sys.argv[2])):
    print("borrowed", flush=True)
    sys.stdin.read()
"""

LEND = f"""
import subprocess, sys
from pathlib import Path
from vesseltrack.store import Store
store = Store.open(Path(sys.argv[1]))
with store.reserved():
    lock = str(store.lend_lock())
    command = [sys.executable, "-c", {BORROW!r}, sys.argv[1], lock]
    subprocess.Popen(command, pass_fds=[int(lock)]).wait()
"""


def test_while_the_lock_is_lent_this_process_does_not_write(ais_store: Store) -> None:
    with ais_store.reserved():
        ais_store.lend_lock()
        with pytest.raises(StoreBusyError, match="a child of this process is writing"):
            ais_store.replace("ports", PORTS.empty())
        ais_store.take_back_lock()
        ais_store.replace("ports", PORTS.empty())


def test_a_descriptor_that_does_not_hold_the_lock_is_no_loan(ais_store: Store) -> None:
    descriptor = os.open(ais_store.path / "writer.lock", os.O_RDWR | os.O_CREAT)
    with (
        ais_store.writing(),
        pytest.raises(StoreBusyError, match=f"process {os.getpid()} is writing"),
        Store.open(ais_store.path).borrowed(descriptor),
    ):
        pass


@pytest.mark.slow
def test_a_child_that_was_lent_the_lock_holds_it_beyond_the_death_of_its_parent(
    ais_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who comes then waits for it a little: it ends as soon as it notices."""
    command = [sys.executable, "-c", LEND, str(ais_store.path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert parent.stdout.readline() == "borrowed\n"
        parent.kill()
        parent.wait()
        with monkeypatch.context() as patched:
            patched.setattr("vesseltrack.store.lock._ORPHAN_S", 0.1)
            with pytest.raises(StoreBusyError, match=f"process {parent.pid} is writing"):
                ais_store.replace("ports", PORTS.empty())
        closing = threading.Timer(0.2, parent.stdin.close)
        closing.start()
        ais_store.replace("ports", PORTS.empty())
        closing.join()


@pytest.mark.slow
def test_another_process_is_named_and_its_death_frees_the_lock(ais_store: Store) -> None:
    command = [sys.executable, "-c", HOLD, str(ais_store.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreBusyError, match=rf"process {holder.pid} is writing"):
            ais_store.replace("ports", PORTS.empty())
        assert ais_store.tables()["ports"] == 0  # readers do not wait
        holder.kill()
    ais_store.replace("ports", PORTS.empty())


def test_threads_of_one_store_take_turns(ais_store: Store) -> None:
    inside: list[int] = []
    most: list[int] = []

    def write() -> None:
        with ais_store.writing():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_the_lock_file_holds_the_process_id(ais_store: Store) -> None:
    with ais_store.writing():
        assert Path(ais_store.path, "writer.lock").read_text() == f"{os.getpid()}\n"
