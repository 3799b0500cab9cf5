"""Archives replayed into a store in event time, through the live engine, paced by a clock.

The archives are first read into a store of their own within the store's folder: from there any
number of them, of any format, come merged by time, a stretch in memory, and from any moment on.
"""

import datetime as dt
import math
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.config import Config
from vesseltrack.config.settings import section
from vesseltrack.engine.alerting import Alerting, Engine, Show, Showing, show_nobody
from vesseltrack.engine.event_time import MAX_PART_US, Stretch, in_event_time
from vesseltrack.engine.ingesting import (
    AS_FOUND,
    ArchivePath,
    IngestOutcome,
    Reading,
    ingest_paths,
)
from vesseltrack.engine.live_view import LiveView
from vesseltrack.engine.progress import Progress, silent
from vesseltrack.schema import LiveState
from vesseltrack.store import Store
from vesseltrack.units import US_PER_S

FOLDER: Final = "replaying"
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_STEP_S: Final = 0.1  # of the clock, between two looks at what is due
_MAX_STEP_ROWS: Final = 20_000  # pushed at a time, so that a stop is heard soon
_MAX_STEP_US: Final = 3600 * US_PER_S  # of event time, so that alerts come in their order


@dataclass(frozen=True)
class Play:
    """How archives are replayed.

    Attributes
    ----------
    speed : float
        Seconds of event time in a second of the clock; infinity does not wait.
    since, until : datetime or None
        First and last instant that is played.
    config : Config
        Limits and settings.
    progress : Progress
        Told the rows read and played.
    show : callable
        Is given the EVENTS that were told to the alert feed, and names by MMSI.
    now_s : callable
        The clock [s].
    """

    speed: float = math.inf
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    config: Config = section(Config)
    progress: Progress = silent
    show: Show = show_nobody
    now_s: Callable[[], float] = field(default=time.monotonic)


class Replay:
    """One replay; `run` plays, other threads and handlers of signals may steer it meanwhile."""

    def __init__(
        self,
        store: Store,
        paths: Sequence[ArchivePath],
        make_engine: Callable[[], Engine],
        *,
        play: Play,
        reading: Reading = AS_FOUND,
    ) -> None:
        """Name what is replayed into which store; nothing is read yet.

        Parameters
        ----------
        store : Store
            Where positions and alerts go.
        paths : sequence of Path or "-"
            Archives of any readable format.
        make_engine : callable
            Makes a live engine; another one for every `seek`.
        play : Play
            How.
        reading : Reading
            How the archives are to be read.
        """
        self._store = store
        self._paths = paths
        self._make_engine = make_engine
        self._play = play
        self._reading = reading
        self._is_stopped = False
        self._is_paused = False
        self._sought: dt.datetime | None = None
        self._changed = threading.Event()  # wakes who waits for the clock
        self._at: dt.datetime | None = None
        self._pace = _Pace(play.speed, play.now_s)
        self._step_us = min(play.speed * _STEP_S * US_PER_S, MAX_PART_US)
        self._view = LiveView(store, play.config, "replay", play.now_s)
        self._n_obeyed = 0
        self._asked_stamp = 0

    @property
    def at(self) -> dt.datetime | None:
        """How far it has come in event time; None before it has begun."""
        return self._at

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped before its end."""
        return self._is_stopped

    def say(self, state: LiveState) -> None:
        """Tell those who follow the replay what is done with the store now."""
        self._view.say(state)

    def pause(self) -> None:
        """Hold event time until `resume`."""
        self._is_paused = True
        self._changed.set()

    def resume(self) -> None:
        """Let event time go on."""
        self._is_paused = False
        self._changed.set()

    def seek(self, moment: dt.datetime) -> None:
        """Go on from another moment, forward or back, with what the engine must know of before."""
        self._sought = moment
        self._changed.set()

    def stop(self) -> None:
        """Have `run` return; what was played stays."""
        self._is_stopped = True
        self._changed.set()

    def run(self, outcome: IngestOutcome | None = None) -> IngestOutcome:
        """Play to the end, or until stopped.

        A whole replay leaves in the store what reading the archives leaves, one of a part or a
        stopped one what was played. Nothing is analysed.

        Parameters
        ----------
        outcome : IngestOutcome, optional
            Filled while archives are read.

        Returns
        -------
        outcome : IngestOutcome
            A report for each source.

        Raises
        ------
        StoreError
            If another process is writing to the store, or it is full or damaged.
        """
        outcome = IngestOutcome() if outcome is None else outcome
        with self._store.writing():
            self.say(LiveState.READING)
            with self._staged(outcome) as staged:
                self._note_span(staged)
                self._play_all(staged)
            is_whole = self._play.since is None and self._play.until is None
            if is_whole and not self._is_stopped:
                ingest_paths(self._store, self._paths, reading=self._reading)
            self._store.fold_days()
            self.say(LiveState.ENDED)
        return outcome

    def _note_span(self, staged: Store) -> None:
        """Tell from when to when the archives go, or what part of it was asked for."""
        times = staged.select("sources", columns=["first_time", "last_time"])
        plays = {
            "speed": None if math.isinf(self._play.speed) else self._play.speed,
            "since": self._play.since or pc.min(times["first_time"]).as_py(),
            "until": self._play.until or pc.max(times["last_time"]).as_py(),
        }
        self._view.say(LiveState.PLAYING, **plays)

    @contextmanager
    def _staged(self, outcome: IngestOutcome) -> Iterator[Store]:
        """Read the archives into a store of their own."""
        folder = self._store.path / FOLDER
        shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
        try:
            staged = Store.open(folder, create=True)
            reading, progress = self._reading, self._play.progress
            ingest_paths(staged, self._paths, reading=reading, progress=progress, outcome=outcome)
            yield staged
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _play_all(self, staged: Store) -> None:
        landing = _Landing(self._store, self._play)
        begin = self._play.since
        while True:
            self._sought = None
            alerting = self._began(staged, begin)
            if self._play_from(staged, begin, alerting, landing):
                break
            begin = self._sought
        landing.commit()
        if not self._is_stopped:
            alerting.finish()

    def _began(self, staged: Store, begin: dt.datetime | None) -> Alerting:
        """Return an engine that knows what was before a moment."""
        config = self._play.config
        self._view.forget_places()
        showing = Showing(self._play.show, self._play.now_s, self._view)
        alerting = Alerting(self._store, self._make_engine(), config, showing)
        alerting.begin()
        if begin is not None:
            since = begin - dt.timedelta(hours=config.live.memory_h)
            alerting.warm_up(self._stretches(staged, since, begin - dt.timedelta(microseconds=1)))
        return alerting

    def _play_from(
        self, staged: Store, begin: dt.datetime | None, alerting: Alerting, landing: "_Landing"
    ) -> bool:
        """Play from a moment; return whether to the end, or stopped, and not sought elsewhere."""
        self._pace.begin()
        for stretch in self._stretches(staged, begin, self._play.until):
            for part in stretch.parts(self._step_us):
                if not self._wait_for(part.end_us):
                    return self._is_stopped
                alerting.push(part.received, part.statics)
                landing.add(part.received, part.statics)
                self._at = _EPOCH + dt.timedelta(microseconds=part.end_us)
                self._view.say_if_due(LiveState.PLAYING, part.end_us, self._pace.behind_s)
        return True

    def _wait_for(self, event_us: int) -> bool:
        """Wait until a moment has come; return False when stopped or sought elsewhere."""
        while not self._is_stopped and self._sought is None:
            self._changed.clear()
            self._obey()
            if self._is_paused:
                self._pace.hold()
                self._view.say_if_due(LiveState.PAUSED, self._pace.last_us, None)
                self._changed.wait(_STEP_S)
                continue
            wait_s = self._pace.wait_s(event_us)
            if wait_s <= 0:
                return True
            self._view.say_if_due(LiveState.PLAYING, self._pace.last_us, 0.0)
            self._changed.wait(min(wait_s, _STEP_S))
        return False

    def _obey(self) -> None:
        """Do what was asked for beside the store, by the service for example."""
        stamp = self._store.replay_requests_stamp()
        if stamp == self._asked_stamp:
            return
        self._asked_stamp = stamp
        for request in self._store.replay_requests():
            if request.begun != self._view.status.begun or request.number <= self._n_obeyed:
                continue
            self._n_obeyed = request.number
            if request.is_paused is not None:
                self._is_paused = request.is_paused
            if request.at is not None:
                self._sought = request.at
            self._is_stopped |= request.is_stopped

    def _stretches(
        self, staged: Store, since: dt.datetime | None, until: dt.datetime | None
    ) -> Iterator[Stretch]:
        max_rows = self._play.config.live.catch_up_rows
        return in_event_time(staged, since, until, max_rows=max_rows)


class _Pace:
    """Event time by the clock."""

    def __init__(self, speed: float, now_s: Callable[[], float]) -> None:
        self._speed = speed
        self._now_s = now_s
        self._begun: tuple[int, float] | None = None  # event time [us], clock [s]
        self._last_us: int | None = None
        self._behind_s: float | None = None

    @property
    def last_us(self) -> int | None:
        """Event time by the clock when it was last looked at [us]."""
        return self._last_us

    @property
    def behind_s(self) -> float | None:
        """How late the moment that came last was waited for [s]; None without a pace."""
        return self._behind_s

    def begin(self) -> None:
        """Let the next moment be now."""
        self._begun = None

    def hold(self) -> None:
        """Let the clock go by."""
        if self._begun is not None and self._last_us is not None:
            self._begun = self._last_us, self._now_s()

    def wait_s(self, event_us: int) -> float:
        """Return how long it is until a moment; 0 or less when it has come."""
        if math.isinf(self._speed):
            return 0.0
        now_s = self._now_s()
        if self._begun is None:
            self._begun = event_us, now_s
        first_us, begun_s = self._begun
        self._last_us = first_us + int((now_s - begun_s) * self._speed * US_PER_S)
        wait_s = (event_us - self._last_us) / US_PER_S / self._speed
        self._behind_s = max(0.0, -wait_s)
        return wait_s


class _Landing:
    """Stores what is played, now and then, so that readers see it."""

    def __init__(self, store: Store, play: Play) -> None:
        self._store = store
        self._live = play.config.live
        self._now_s = play.now_s
        self._tables: list[tuple[pa.Table, pa.Table]] = []
        self._n_waiting = 0
        now_s = self._now_s()
        self._commit_due_s, self._fold_due_s = now_s + self._live.commit_s, now_s

    def add(self, received: pa.Table, statics: pa.Table) -> None:
        """Take rows, and store them with those before when it is time."""
        self._tables.append((received, statics))
        self._n_waiting += received.num_rows + statics.num_rows
        now_s = self._now_s()
        if now_s >= self._commit_due_s or self._n_waiting >= self._live.commit_rows:
            self.commit()
        if now_s >= self._fold_due_s:
            self.commit()
            self._store.fold_days()
            spent_s = self._now_s() - now_s
            pause_s = max(self._live.commit_s, spent_s / self._live.fold_frac - spent_s)
            self._fold_due_s = self._now_s() + pause_s

    def commit(self) -> None:
        """Store what waits."""
        if self._n_waiting:
            received, statics = (
                pa.concat_tables(tables) for tables in zip(*self._tables, strict=True)
            )
            self._store.land_live(received, statics)
        self._tables, self._n_waiting = [], 0
        self._commit_due_s = self._now_s() + self._live.commit_s
