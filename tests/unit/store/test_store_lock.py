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
