"""Archives played to other programs: their raw sentences, with their original timing."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vesseltrack.engine.ingesting import AS_FOUND, ArchivePath, Reading
from vesseltrack.engine.progress import Progress, silent
from vesseltrack.errors import SourceError
from vesseltrack.ingest.live import Outlet
from vesseltrack.ingest.playing import NEVER_SAID, Unit, in_time
from vesseltrack.units import US_PER_S

_BLOCK_BYTES: Final = 1 << 16  # all archives are open at once
_MAX_AT_ONCE_LINES: Final = 1000  # sent together where nothing waits


@dataclass(frozen=True)
class Pace:
    """How fast an archive is played.

    Attributes
    ----------
    speed : float
        Seconds of the archive in a second of the clock; infinity does not wait.
    now_s, sleep : callable
        The clock, and how to wait [s].
    """

    speed: float = 1.0
    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def play_paths(
    paths: Sequence[ArchivePath],
    outlet: Outlet,
    *,
    pace: Pace,
    reading: Reading = AS_FOUND,
    progress: Progress = silent,
) -> int:
    """Send the lines of NMEA archives, merged by their times; return how many.

    Parameters
    ----------
    paths : sequence of Path or "-"
        Archives.
    outlet : Outlet
        Where the lines go; the parts of a message are handed over together.
    pace : Pace
        How fast.
    reading : Reading
        How the archives are to be read.
    progress : Progress
        Told the lines sent.

    Raises
    ------
    SourceError
        If an archive cannot be used, holds no sentences, or is cut short (which is told in the
        end); if its lines carry no times and the pace needs them; if nobody takes the lines.
    """
    in_small_blocks = replace(reading.settings, block_bytes=_BLOCK_BYTES)
    reading = replace(reading, settings=in_small_blocks)
    sources = [source for path in paths for source in reading.sources(path)]
    n_lines = Player(outlet, pace, progress).play(in_time(sources))
    cut = [f"{s.name}: {s.report.error}" for s in sources if s.report.status != "complete"]
    if cut:
        raise SourceError("; ".join(cut))
    return n_lines


class Player:
    """Sends units of lines when their time has come."""

    def __init__(self, outlet: Outlet, pace: Pace, progress: Progress) -> None:
        """Start the clock with the first line that has a time."""
        self._outlet = outlet
        self._pace = pace
        self._progress = progress
        self._waiting: list[list[bytes]] = []
        self._n_waiting = 0
        self._n_sent = 0
        self._begun: tuple[int, float] | None = None  # time of the archive [us], of the clock [s]

    def play(self, units: Iterable[Unit]) -> int:
        """Send all; return how many lines those are."""
        for unit in units:
            if self._waiting and self._pause_s(unit) > 0:
                self._send()
            if (pause_s := self._pause_s(unit)) > 0:
                self._pace.sleep(pause_s)
            self._waiting.append(unit.lines)
            self._n_waiting += len(unit.lines)
            if self._n_waiting >= _MAX_AT_ONCE_LINES:
                self._check_times(unit)
                self._send()
        if self._waiting:
            self._check_times(unit)
            self._send()
        return self._n_sent

    def _pause_s(self, unit: Unit) -> float:
        """Return how long to wait before a unit [s]; below zero when its time has passed."""
        if unit.time_us == NEVER_SAID or math.isinf(self._pace.speed):
            return 0.0
        now_s = self._pace.now_s()
        if self._begun is None:
            self._begun = unit.time_us, now_s
        first_us, begun_s = self._begun
        return begun_s + (unit.time_us - first_us) / US_PER_S / self._pace.speed - now_s

    def _check_times(self, newest: Unit) -> None:
        if newest.time_us == NEVER_SAID and math.isfinite(self._pace.speed):
            msg = (
                "the lines carry no times, so that there is no timing to play; "
                "--speed max sends them at once"
            )
            raise SourceError(msg)

    def _send(self) -> None:
        self._outlet.send(self._waiting)
        self._n_sent += self._n_waiting
        self._waiting, self._n_waiting = [], 0
        self._progress("playing", self._n_sent, None)
