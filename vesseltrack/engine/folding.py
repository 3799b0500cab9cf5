"""Days sorted beside other work, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vesseltrack import errors
from vesseltrack.errors import StoreError
from vesseltrack.store import Store
from vesseltrack.store.sort_days import REFUSED, SORTED

_CHILD: Final = ("-m", "vesseltrack.store.sort_days")
_NICE: Final = 10  # a tenth of the time of what tells of alerts, where both want the core
_MAX_KILLED: Final = 3  # times in a row, by somebody else


@dataclass(frozen=True)
class Ended:
    """How the sorting of days ended.

    Attributes
    ----------
    took_s : float
        How long it took [s].
    is_done : bool
        Whether days are sorted; otherwise the next time does that.
    """

    took_s: float
    is_done: bool


class BackgroundFold:
    """Folds a store in a child process, one time after the other.

    While the child is there the lock is lent to it, and nothing else can be written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._child: subprocess.Popen[bytes] | None = None
        self._begun_s = 0.0
        self._is_stopped = False
        self._n_killed = 0

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

    @property
    def is_running(self) -> bool:
        """Whether a fold is under way."""
        return self._child is not None and self._child.poll() is None

    def begin(self, *, is_urgent: bool = False) -> None:
        """Begin a fold; by who keeps the lock of the store.

        Parameters
        ----------
        is_urgent : bool
            Whether it is as important as what is done beside it.

        Raises
        ------
        StoreError
            If no process can be started.
        """
        self._is_stopped, self._begun_s = False, time.monotonic()
        lock = self._store.lend_lock()
        arguments = [self._store.path, lock, 0 if is_urgent else _NICE]
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", *_CHILD, *map(str, arguments)],
                stdin=subprocess.PIPE,  # closed by our death, which ends it
                stdout=subprocess.PIPE,
                pass_fds=[lock],
                process_group=0,  # Ctrl-C means us
                env={**os.environ, "PYTHONPATH": _own_path()},
            )
        except OSError as error:
            self._store.take_back_lock()
            msg = f"no process can be started to sort days of {self._store.path}: {error}"
            raise StoreError(msg) from error

    def wait(self) -> Ended | None:
        """Wait for a fold under way; return, once, how it ended, None without one.

        Raises
        ------
        StoreError
            What the fold raised; also if it was killed some times in a row, and not by us.
        """
        if self._child is None:
            return None
        code, said = self._reaped(self._child)
        took_s = time.monotonic() - self._begun_s
        if code == SORTED:
            self._n_killed = 0
            return Ended(took_s, is_done=True)
        if code == REFUSED:
            name, text = json.loads(said)
            raise getattr(errors, name)(text)
        if code > 0:
            msg = f"days of {self._store.path} were not sorted: the process for it failed ({code})"
            raise StoreError(msg)
        self._n_killed += not self._is_stopped
        if self._n_killed >= _MAX_KILLED:
            name = signal.Signals(-code).name
            msg = (
                f"days of {self._store.path} were not sorted: the process for it was killed "
                f"{_MAX_KILLED} times in a row ({name}); is there memory enough?"
            )
            raise StoreError(msg)
        return Ended(took_s, is_done=False)

    def stop(self) -> None:
        """Have a fold under way end at once, wherever it is; also from a signal's handler."""
        if self._child is not None:
            self._is_stopped = True
            self._child.kill()

    def give_up(self) -> None:
        """End a fold under way, and wait for that: then what it held can be written."""
        self.stop()
        if self._child is not None:
            self._reaped(self._child)

    def _reaped(self, child: subprocess.Popen[bytes]) -> tuple[int, bytes]:
        """Wait for a child; return what it ended with, and said."""
        with child:  # its words fit in the pipe
            code = child.wait()
            said = child.stdout.read() if child.stdout else b""
        self._child = None
        self._store.take_back_lock()
        return code, said


def _own_path() -> str:
    """Return where a child finds this very package, and then what this process finds."""
    here = str(Path(errors.__file__).parent.parent)
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
