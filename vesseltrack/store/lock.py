"""The writer's lock: one process writes, readers never wait."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vesseltrack.errors import StoreBusyError
from vesseltrack.store.disk import as_store_error

_ORPHAN_S: Final = 5.0  # for the child of a killed writer, which ends as soon as it is noticed
_LOOK_S: Final = 0.02


class WriterLock:
    """A lock on a file that holds the writer's process id; the kernel frees it at its death.

    It may be lent to a child, which holds it as well, and beyond the death of its parent: so no
    other writes while either lives.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = threading.RLock()  # threads of one process take turns
        self._depth = 0
        self._is_kept = False
        self._is_lent = False
        self._descriptor = -1

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Keep other processes out, while the threads of this one hold the lock by turns.

        Raises
        ------
        StoreBusyError, StoreFullError
            As `hold`.
        """
        with self._kept(self._acquire()):
            yield

    @contextmanager
    def borrow(self, descriptor: int) -> Iterator[None]:
        """Hold what a parent lent, as `keep` does.

        Parameters
        ----------
        descriptor : int
            Inherited, as `lend` gave it.

        Raises
        ------
        StoreBusyError
            If it does not hold the lock.
        """
        with self._kept(descriptor):
            self._lock(descriptor)
            yield

    def lend(self) -> int:
        """Return what a child must inherit to write; until `take_back` this process cannot.

        Only while the lock is kept.
        """
        with self._held:
            assert self._is_kept
            self._is_lent = True
            return self._descriptor

    def take_back(self) -> None:
        """Write again: the child has ended."""
        self._is_lent = False

    @contextmanager
    def _kept(self, descriptor: int) -> Iterator[None]:
        self._descriptor, self._is_kept = descriptor, True
        try:
            yield
        finally:
            with self._held:
                self._is_kept = False
                os.close(descriptor)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock; what already holds it may hold it again.

        Raises
        ------
        StoreBusyError
            If another process, a child, or another `Store` in this one, is writing.
        StoreFullError
            If the disk has no room for the process id.
        """
        with self._held:
            if self._is_lent:
                msg = f"a child of this process is writing to {self._path.parent}"
                raise StoreBusyError(msg)
            if self._depth or self._is_kept:
                yield
                return
            descriptor = self._acquire()
            self._depth = 1
            try:
                yield
            finally:
                self._depth = 0
                os.close(descriptor)

    def _acquire(self) -> int:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                self._take(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
        except OSError as error:
            raise as_store_error(error, self._path.parent, 0) from error
        return descriptor

    def _take(self, descriptor: int) -> None:
        until_s = time.monotonic() + _ORPHAN_S
        while True:
            try:
                self._lock(descriptor)
                break
            except StoreBusyError:
                holder = _holder(descriptor)
                if _is_alive(holder) or time.monotonic() > until_s:
                    raise
                time.sleep(_LOOK_S)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(descriptor)
            named = f"process {holder}" if holder else "another process"
            msg = f"{named} is writing to {self._path.parent}; try again when it has ended"
            raise StoreBusyError(msg) from error


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()


def _is_alive(holder: str) -> bool:
    """Return whether a process may be there: only one that surely is not has left orphans."""
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OverflowError, OSError):
        return True
    return True
