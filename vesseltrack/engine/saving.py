"""The live engine's state saved by a child: a copy of this process that nothing waits for.

To bring the state of a fleet into arrays takes a second, and twice its memory while it is written.
A forked child sees all as it stands at that moment, and what this process changes meanwhile it
alone has twice.
"""

import gc
import os
import signal
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy.typing as npt

from vesseltrack.errors import StoreError, StoreFullError
from vesseltrack.store import Store

State = Mapping[str, npt.NDArray[Any]]

_SAVED, _FULL, _FAILED = range(3)  # what the child ends with
_STANDARD: Final = 3  # descriptors that stay open
_MAX_FILES: Final = 1 << 20
_NICE: Final = 5  # of two that want the core the one that tells of alerts gets most
_HUNG_S: Final = 120.0


class StateSaver:
    """Saves states in a child process, one at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._child: int | None = None
        self._begun_s = 0.0

    def is_free(self) -> bool:
        """Return whether no child is at work.

        One that takes minutes is ended: it waits for what another thread held when it was made.

        Raises
        ------
        StoreError
            If the last one could not save; the state before stays.
        """
        if time.monotonic() - self._begun_s > _HUNG_S:
            self.stop()
        if self._child is None:
            return True
        ended, status = os.waitpid(self._child, os.WNOHANG)
        if not ended:
            return False
        self._child = None
        code = os.waitstatus_to_exitcode(status)
        if code == _FULL:
            msg = "disk full, the state of the live engine is that of before"
            raise StoreFullError(msg)
        if code == _FAILED:
            msg = f"the state of the live engine cannot be written to {self._store.path}"
            raise StoreError(msg)
        return True

    def stop(self) -> None:
        """End a child at work; the state before stays."""
        if self._child is not None:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
            self._child = None

    def begin(self, state: Callable[[], State]) -> None:
        """Save a state as it is now, once `is_free`.

        Parameters
        ----------
        state : callable
            Gives it; called in the child, or here where there can be none.
        """
        with warnings.catch_warnings():
            # Beside threads a child may find a lock that nobody frees: see `is_free`.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                child = os.fork()
            except OSError:  # no room for another process
                self._store.save_engine_state(dict(state()))
                return
        if child == 0:
            self._save_and_exit(state)
        self._child, self._begun_s = child, time.monotonic()

    def _save_and_exit(self, state: Callable[[], State]) -> None:
        """Save, in the child; nothing of the parent's is closed, flushed or cleaned up by it."""
        code = _FAILED
        try:
            for number in (signal.SIGTERM, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C means the parent
            # Locks and ports are the parent's: should it be killed, the next one needs them.
            os.closerange(_STANDARD, _MAX_FILES)
            gc.disable()
            os.nice(_NICE)
            self._store.save_engine_state(dict(state()))
            code = _SAVED
        except StoreFullError:
            code = _FULL
        finally:
            os._exit(code)
