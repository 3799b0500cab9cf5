"""One thread that stops queries past their limit: a timer of its own costs more than a query."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_LOOK_EVERY_S: Final = 0.5  # [s] how late a query may be stopped; nothing is looked at when idle


class Watch:
    """What is running now, and until when it may."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._is_needed = threading.Event()
        self._running: dict[object, tuple[float, Callable[[], None]]] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, stop: Callable[[], None], limit_s: float) -> Iterator[None]:
        """Call `stop` from another thread if what is inside takes longer than the limit [s]."""
        key = object()
        with self._changing:
            self._running[key] = (time.monotonic() + limit_s, stop)
            self._start()
            self._is_needed.set()
        try:
            yield
        finally:
            with self._changing:
                del self._running[key]

    def _start(self) -> None:
        # A forked child has the object and not the thread.
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._look, name="query-limit", daemon=True)
            self._thread.start()

    def _look(self) -> None:
        while self._is_needed.wait():
            self._stop_overdue()
            time.sleep(_LOOK_EVERY_S)

    def _stop_overdue(self) -> None:
        # Under the lock, so that nothing is stopped that has just ended.
        with self._changing:
            if not self._running:
                self._is_needed.clear()
            for until_s, stop in self._running.values():
                if time.monotonic() > until_s:
                    stop()


WATCH: Final = Watch()
