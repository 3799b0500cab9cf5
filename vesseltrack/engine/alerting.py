"""What a live engine finds, told once: to the alert feed and to whoever shows it.

An alert is on disk before the positions it rests on are committed, or it would wait for them. A
process that is killed has therefore told of positions that nobody has any more; who goes on holds
the feed against what the engine finds in the stored ones.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config import Config
from vesseltrack.engine.alerts import OPEN
from vesseltrack.engine.event_time import MAX_PART_US, Part, Stretch, in_event_time
from vesseltrack.engine.live_view import LiveView
from vesseltrack.engine.news import News, Row
from vesseltrack.engine.saving import StateSaver
from vesseltrack.errors import ConfigError
from vesseltrack.schema import EVENTS
from vesseltrack.store import Store

State = dict[str, npt.NDArray[Any]]
Events = dict[str, Row]  # by their identifier
Wanted = Callable[[], bool]
Show = Callable[[pa.Table, Mapping[int, str]], None]

_MANY: Final = 5_000  # alerts in memory at a time
_MAX_NAMES: Final = 200_000  # of vessels; all that send have some 150,000
_SEQUENCE: Final = "feed.sequence"
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK: Final = dt.timedelta(microseconds=1)


class Engine(Protocol):
    """What finds events in positions as they come."""

    @property
    def watermark_us(self) -> int | None:
        """Nothing older is still taken [us]; None before the first row."""

    def push(self, received: pa.Table, statics: pa.Table, now_us: int | None = None) -> pa.Table:
        """Take RECEIVED and STATICS; return EVENTS that are new or have changed."""

    def finish(self) -> pa.Table:
        """Return what has changed if the data ended here; a view."""

    def state(self) -> State:
        """Return all that is unfinished."""

    def restore(self, state: State) -> None:
        """Take up a state; a ConfigError if it is one of other settings."""


def show_nobody(events: pa.Table, names: Mapping[int, str]) -> None:
    """Show what is told to nobody."""


@dataclass(frozen=True)
class Showing:
    """Who is told.

    Attributes
    ----------
    show : callable
        Given the EVENTS that were appended to the feed, and the names of vessels by MMSI.
    now_s : callable
        The clock [s].
    view : LiveView, optional
        Given all that is told, and all rows.
    """

    show: Show = field(default=show_nobody)
    now_s: Callable[[], float] = time.monotonic
    view: LiveView | None = None


class Alerting:
    """A live engine and the feed of a store, by the one process that writes both."""

    def __init__(self, store: Store, engine: Engine, config: Config, showing: Showing) -> None:
        """Nothing is read or told yet."""
        self._store = store
        self._engine = engine
        self._live = config.live
        self._showing = showing
        self._news = News()
        self._names: dict[int, str] = {}
        self._saver = StateSaver(store)
        self._save_due_s = showing.now_s() + self._live.state_s

    @property
    def watermark_us(self) -> int | None:
        """How far the engine has come in event time [us]; None before anything has passed."""
        return self._engine.watermark_us

    def begin(self) -> None:
        """Take up what the feed has told; for an engine that begins anew."""
        for rows in self._told():
            self._learn(rows, is_past=True)

    def go_on(self, is_wanted: Wanted) -> bool:
        """Restore the engine, and show it what the store holds beyond its state.

        Parameters
        ----------
        is_wanted : callable
            Asked now and then whether to go on.

        Returns
        -------
        is_done : bool
            Whether the engine has caught up; otherwise its state must not be saved.
        """
        in_doubt = self._told_since(self._restored())
        found: Events = {}
        for part in _parts(self._stored()):
            if not is_wanted():
                return False
            found |= self._shown(part)
        self._append(self._news.of(found.values()))
        in_sight = _by_id(self._engine.finish()) | found
        gone = [row for row in in_doubt if row["event_id"] not in in_sight]
        self._append([self._news.withdrawn(row) for row in gone])
        return True

    def warm_up(self, stretches: Iterable[Stretch]) -> None:
        """Show the engine what was before; tell of what goes on at the end of it alone."""
        found: Events = {}
        for part in _parts(stretches):
            found |= self._shown(part)
        self._append(self._news.of(row for row in found.values() if row["status"] == OPEN))

    def push(self, received: pa.Table, statics: pa.Table, now_us: int | None = None) -> None:
        """Show the engine rows as they were read, and tell what it finds; the clock is [us]."""
        self._note(received, statics)
        self._tell(self._engine.push(received, statics, now_us))

    def finish(self) -> None:
        """Tell what there is if the data ended here."""
        self._tell(self._engine.finish())

    def save_if_due(self) -> None:
        """Save the state now and then, beside other work; only when what was pushed is committed.

        Raises what the last time raised.
        """
        if self._saver.is_free() and self._showing.now_s() >= self._save_due_s:
            sequence = self._store.last_alert()
            self._saver.begin(lambda: self._state(sequence))
            self._save_due_s = self._showing.now_s() + self._live.state_s

    def save(self) -> None:
        """Save the state; only when all that was pushed is committed."""
        self._saver.stop()  # what it saves is of before
        self._store.save_engine_state(self._state(self._store.last_alert()))

    def _state(self, sequence: int) -> State:
        return {**self._engine.state(), _SEQUENCE: np.array([sequence])}

    def _shown(self, part: Part) -> Events:
        self._note(part.received, part.statics)
        return _by_id(self._engine.push(part.received, part.statics))

    def _note(self, received: pa.Table, statics: pa.Table) -> None:
        if self._showing.view is not None:
            self._showing.view.see(received, statics)
        named = statics.filter(statics["name"].is_valid())
        self._names.update(zip(*(named[n].to_pylist() for n in ("mmsi", "name")), strict=True))
        if len(self._names) > _MAX_NAMES:
            self._names = {}  # they are said again

    def _tell(self, events: pa.Table) -> None:
        if events.num_rows:
            self._append(self._news.of(events.to_pylist()))

    def _append(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            events = pa.Table.from_pylist(rows, EVENTS.arrow)
            self._store.append_alerts(events, max_bytes=self._live.feed_bytes)
            self._learn(rows)
            self._showing.show(events, self._names)

    def _learn(self, rows: list[Row], *, is_past: bool = False) -> None:
        self._news.learn(rows, is_past=is_past)
        if self._showing.view is not None:
            self._showing.view.learn(rows)

    def _restored(self) -> int:
        """Restore the engine; return the number of the last alert that its state knows."""
        state = self._store.engine_state()
        if state is None or _SEQUENCE not in state:
            return 0
        sequence = int(state.pop(_SEQUENCE)[0])
        try:
            self._engine.restore(state)
        except ConfigError:
            return 0  # of other settings: it warms up
        return sequence

    def _stored(self) -> Iterable[Stretch]:
        """Yield what the engine has not seen: beyond its watermark, or of its whole memory."""
        watermark_us = self._engine.watermark_us
        if watermark_us is not None:
            since = _EPOCH + dt.timedelta(microseconds=watermark_us) + _TICK
        else:
            last = max(self._store.days(), default=_EPOCH.date())
            begin = dt.datetime.combine(last, dt.time(), dt.UTC)
            since = begin - dt.timedelta(hours=self._live.memory_h)
        return in_event_time(self._store, since, None, max_rows=self._live.catch_up_rows)

    def _told_since(self, sequence: int) -> list[Row]:
        """Take up what the feed has told; return the open events that a state does not know.

        Parameters
        ----------
        sequence : int
            Of the last alert that it knows.
        """
        known: set[str] = set()
        since: Events = {}
        for rows in self._told():
            self._learn(rows, is_past=True)
            for row in rows:
                if row["sequence"] <= sequence:
                    known.add(row["event_id"])
                elif row["event_id"] not in known:
                    since[row["event_id"]] = row
        return [row for row in since.values() if row["status"] == OPEN]

    def _told(self) -> Iterable[list[dict[str, Any]]]:
        """Yield the alerts of the feed, some at a time."""
        after = 0
        while (alerts := self._store.alerts(after, _MANY)).num_rows:
            rows = alerts.to_pylist()
            yield rows
            after = rows[-1]["sequence"]


def _parts(stretches: Iterable[Stretch]) -> Iterator[Part]:
    for stretch in stretches:
        yield from stretch.parts(MAX_PART_US)


def _by_id(events: pa.Table) -> Events:
    return {row["event_id"]: row for row in events.to_pylist()}
