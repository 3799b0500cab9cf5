"""Who may write a store: this process, its threads by turns, or a child that it lends its lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vesseltrack.store.lock import WriterLock

_LOCK: Final = "writer.lock"


class WriterSide:
    """The part of a store that keeps writers apart."""

    def __init__(self, path: Path) -> None:
        self._lock = WriterLock(path / _LOCK)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock; what is written meanwhile needs no lock of its own.

        Raises
        ------
        StoreBusyError
            If another process is writing; names it.
        """
        with self._lock.hold():
            yield

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Keep other processes from writing; threads of this one still take turns, step by step.

        Raises
        ------
        StoreBusyError
            If another process is writing; names it.
        """
        with self._lock.keep():
            yield

    @contextmanager
    def borrowed(self, descriptor: int) -> Iterator[None]:
        """Write as a child of who has `reserved` the store.

        Parameters
        ----------
        descriptor : int
            What the parent's `lend_lock` returned, inherited.

        Raises
        ------
        StoreBusyError
            If another process is writing; names it.
        """
        with self._lock.borrow(descriptor):
            yield

    def lend_lock(self) -> int:
        """Let a child write in place of this process, which has `reserved` the store.

        Returns
        -------
        descriptor : int
            For the child to inherit. Until `take_back_lock` writing here raises StoreBusyError.
        """
        return self._lock.lend()

    def take_back_lock(self) -> None:
        """Write again, the child that had the lock having ended."""
        self._lock.take_back()
