"""Days sorted beside other work of the process."""

import os
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from vesseltrack.store import Store

_NICE: Final = 10  # a tenth of the time of what tells of alerts, where both want the core


class _GivenUpError(Exception):
    """Ends a fold, which may be ended anywhere."""


class BackgroundFold:
    """Folds a store in a thread of its own, one time after the other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, "fold")
        self._running: Future[float] | None = None
        self._is_given_up = False

    def __enter__(self) -> Self:
        """Have it end when the work beside it does."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give up what is under way."""
        self.give_up()
        self._thread.shutdown()

    @property
    def is_running(self) -> bool:
        """Whether a fold is under way."""
        return self._running is not None and not self._running.done()

    def begin(self) -> None:
        """Begin a fold."""
        self._running = self._thread.submit(self._fold)

    def ended(self) -> float | None:
        """Return, once, how long the last fold took [s], None if it was given up.

        Raises what it raised.
        """
        if self._running is None or not self._running.done():
            return None
        running, self._running = self._running, None
        try:
            return running.result()
        except _GivenUpError:
            return None

    def join(self) -> None:
        """Wait for a fold under way; what it did not finish the next one does."""
        if self._running is not None:
            self._running.exception()
            self._running = None

    def give_up(self) -> None:
        """Have a fold end within seconds, and begin no other; from a signal's handler as well."""
        self._is_given_up = True

    def _fold(self) -> float:
        begun_s = time.monotonic()
        if sys.platform == "linux":  # where each thread has a priority: alerts come before days
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        self._store.fold_days(self._look_up)
        return time.monotonic() - begun_s

    def _look_up(self) -> None:
        if self._is_given_up:
            raise _GivenUpError
