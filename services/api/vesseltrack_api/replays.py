"""Replays that the service starts: each a process of its own, ended when the service ends."""

import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vesseltrack.schema import LiveStatus
from vesseltrack.store import Store
from vesseltrack_api.errors import ConflictError

_START_S: Final = 30.0  # to import, and to say that it has begun
_LOOK_S: Final = 0.05
_MAX_SAID: Final = 300  # characters of why one did not start


@dataclass(frozen=True)
class Wanted:
    """A replay as it is asked for.

    Attributes
    ----------
    archives : tuple of str
        Names of files in the folder of archives.
    speed : float or None
        Times real time; None for as fast as it can.
    since, until : str
        First and last instant, empty for all.
    """

    archives: tuple[str, ...]
    speed: float | None
    since: str
    until: str


class Replays:
    """Starts replays of archives of one folder into one store, one at a time."""

    def __init__(self, store: Path, folder: Path | None) -> None:
        self._store = store
        self._folder = folder
        self._lock = threading.Lock()
        self._running: subprocess.Popen[str] | None = None

    @property
    def archives(self) -> list[str]:
        """What may be replayed: names of files, in order; none without a folder."""
        if self._folder is None or not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if path.is_file())

    def start(self, wanted: Wanted) -> LiveStatus:
        """Start a replay, and return what it says of itself once it has begun.

        Raises
        ------
        ConflictError
            If one is under way, or it ended at once; says why.
        """
        assert self._folder is not None
        options = ["--speed", "max" if wanted.speed is None else repr(wanted.speed)]
        for name, value in (("--from", wanted.since), ("--until", wanted.until)):
            options += [name, value] if value else []
        paths = [str(self._folder / name) for name in wanted.archives]
        command = [sys.executable, "-m", "vesseltrack", "replay", *paths, *options]
        with self._lock:
            if self._running is not None and self._running.poll() is None:
                msg = "a replay is under way; stop it first"
                raise ConflictError(msg)
            self._running = subprocess.Popen(  # noqa: S603 - names of the folder, checked numbers
                [*command, "--store", str(self._store)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            return self._begun(self._running)

    def close(self) -> None:
        """Have the replay that was started here end; what it played is stored."""
        running = self._running
        if running is not None and running.poll() is None:
            running.terminate()

    def _begun(self, process: "subprocess.Popen[str]") -> LiveStatus:
        until_s = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < until_s:
            status = Store(self._store).live_status()
            if status is not None and status.process == process.pid:
                threading.Thread(target=process.communicate, daemon=True).start()
                return status
            time.sleep(_LOOK_S)
        process.terminate()
        _, problem = process.communicate()
        lines = problem.strip().splitlines() or ["it did not begin"]
        # Its words may name paths of the server, which are no business of a client.
        said = lines[-1].replace(str(self._store), "the store").replace(str(self._folder), "")
        msg = f"the replay did not start: {said[:_MAX_SAID]}"
        raise ConflictError(msg)
