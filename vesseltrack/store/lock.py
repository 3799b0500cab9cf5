"""The writer's lock: one process writes, readers never wait."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vesseltrack.errors import StoreBusyError
from vesseltrack.store.disk import as_store_error


class WriterLock:
    """A lock on a file that holds the writer's process id; the kernel frees it at its death."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = threading.RLock()  # threads of one process take turns
        self._depth = 0
        self._is_kept = False

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Keep other processes out, while the threads of this one hold the lock by turns.

        Raises
        ------
        StoreBusyError, StoreFullError
            As `hold`.
        """
        descriptor = self._acquire()
        self._is_kept = True
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
            If another process, or another `Store` in this one, is writing.
        StoreFullError
            If the disk has no room for the process id.
        """
        with self._held:
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
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            named = f"process {holder}" if holder else "another process"
            msg = f"{named} is writing to {self._path.parent}; try again when it has ended"
            raise StoreBusyError(msg) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
