"""Live feeds into the store: received, read and committed in small batches until told to stop."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa

from vesseltrack.config import Config
from vesseltrack.config.settings import section
from vesseltrack.engine.alerting import Alerting, Engine, Show, Showing, show_nobody
from vesseltrack.engine.folding import BackgroundFold, Ended
from vesseltrack.engine.ingesting import IngestOutcome
from vesseltrack.engine.live_view import LiveView
from vesseltrack.engine.memory import give_back_memory
from vesseltrack.ingest.account import iso_us
from vesseltrack.ingest.live import Address, Arrival, Clocks, Feed, Receiver, by_feed
from vesseltrack.schema import RECEIVED, STATICS, LiveState
from vesseltrack.store import Store
from vesseltrack.units import US_PER_S

UNREAD: Final = "unread_at_end"  # lines for which there was no time any more
_MAX_WAITING: Final = 10  # times `commit_rows`: no more waits for days to be sorted
_LAST_S: Final = 1.0  # for what was received before the time was over
Tell = Callable[["Listened"], None]


@dataclass(frozen=True)
class Listened:
    """How far listening has come.

    Attributes
    ----------
    feeds : tuple of str
        Their names.
    senders : int
        How many are heard now.
    messages, vessels, rejected : int
        Since the beginning; a vessel in two feeds counts twice.
    stored : int
        Rows that were committed, rejected lines and static reports among them.
    problems : mapping
        By name of the feed, why nothing can come in.
    """

    feeds: tuple[str, ...]
    senders: int
    messages: int
    vessels: int
    rejected: int
    stored: int
    problems: Mapping[str, str]


@dataclass(frozen=True)
class Manner:
    """How to listen.

    Attributes
    ----------
    config : Config
        Limits and settings.
    clocks : Clocks
        The time.
    tell : callable
        Is told how far it has come, a few times a second.
    engine : Engine, optional
        Finds events in what comes; without one nothing is looked for.
    show : callable
        Is given the EVENTS that were told to the alert feed, and names by MMSI.
    """

    config: Config = section(Config)
    clocks: Clocks = field(default_factory=Clocks)
    tell: Tell = field(default=lambda _: None)
    engine: Engine | None = None
    show: Show = field(default=show_nobody)


class Listener:
    """Listens to feeds and stores what they say; `run` returns after `stop`."""

    def __init__(self, store: Store, addresses: Sequence[Address], manner: Manner) -> None:
        """Name the store and the feeds; nothing is opened yet."""
        self._store = store
        self._addresses = addresses
        self._manner = manner
        self._live = manner.config.live
        self._outcome = IngestOutcome()
        self._feeds: list[Feed] = []
        self._n_stored = 0
        self._commit_due_s: float | None = None
        self._fold_due_s = self._now_s() + self._live.fold_s
        self._is_urgent = False  # the next fold: the one before took too long
        self._background = BackgroundFold(store)
        self._alerting: Alerting | None = None
        self._view = LiveView(store, manner.config, "listen", self._now_s)
        self._push_due_s = -math.inf
        self._push_until_s = math.inf
        self._is_stopping = False
        self._is_hurried = False

    @property
    def has_unsorted(self) -> bool:
        """Whether stored rows are left to be sorted into days by the next work on the store."""
        return self._store.has_landed

    def stop(self) -> None:
        """Have `run` store what was received and return.

        In the thread of `run`, for example by the handler of a signal: it ends a fold under way.
        """
        self._is_stopping = True
        self._background.stop()

    def hurry(self) -> None:
        """Sort nothing into days any more: what is stored stays, and the next work sorts it.

        In the thread of `run`, as `stop`.
        """
        self._is_hurried = True
        self._background.stop()

    def run(self) -> IngestOutcome:
        """Listen until told to stop.

        Returns
        -------
        outcome : IngestOutcome
            A report for each feed.

        Raises
        ------
        SourceError
            If we cannot listen at an address.
        StoreError
            If another process is writing to the store, or it is full or damaged.
        """
        with self._store.reserved(), self._background:
            receiver = Receiver(self._addresses, self._live, self._manner.clocks)
            try:
                self._begin(receiver.names)
                receiver.start()
                self._tell(receiver)
                self._view.say(LiveState.LISTENING)
                self._begin_alerting()
                while not self._is_stopping:
                    self._go_on(receiver)
                receiver.stop()
                self._push_until_s = self._now_s() + self._live.finish_s
                self._read_until(self._push_until_s, receiver.rest)
            finally:
                receiver.stop()
                receiver.close()
            self._read_until(self._now_s() + _LAST_S, lambda: receiver.take(0.0))
            while arrivals := receiver.take(0.0):
                self._read([replace(arrival, dropped=UNREAD) for arrival in arrivals])
            self._end()
        return self._outcome

    def _begin(self, names: Sequence[str]) -> None:
        now_us = self._manner.clocks.world_us()
        ingest = replace(
            self._manner.config.ingest, max_open_messages=self._live.max_open_messages
        )
        self._feeds = [
            Feed(name, ingest, now_us, max_bad_lines=self._live.max_bad_lines) for name in names
        ]
        self._record()

    def _begin_alerting(self) -> None:
        """Have the engine catch up with the store; what comes meanwhile waits at the receiver."""
        engine = self._manner.engine
        if engine is None:
            return
        while self._store.has_landed:  # what a killed listener left
            self._fold()
            if self._is_stopping:
                return
        showing = Showing(self._manner.show, self._now_s, self._view)
        alerting = Alerting(self._store, engine, self._manner.config, showing)
        if alerting.go_on(lambda: not self._is_stopping):
            self._alerting = alerting

    def _go_on(self, receiver: Receiver) -> None:
        self._read(receiver.take(self._live.read_s))
        for number, feed in enumerate(self._feeds):
            for name in feed.dismissed():
                receiver.dismiss((number, name))
        if self._commit_due_s is not None and self._now_s() >= self._commit_due_s:
            self._commit_unless_folding()
        self._fold_if_due()
        self._renew()
        self._tell(receiver)
        self._show()

    def _fold_if_due(self) -> None:
        """Sort what has landed into days, beside the reading of what comes."""
        if self._background.is_running:
            return
        self._pace(self._background.wait())
        if self._now_s() >= self._fold_due_s and self._store.has_landed:
            self._record()
            self._background.begin(is_urgent=self._is_urgent)

    def _pace(self, ended: Ended | None) -> None:
        """Have what has landed wait for as long as the last fold is worth."""
        if ended is not None:
            pause_s = max(self._live.fold_s, ended.took_s / self._live.fold_frac - ended.took_s)
            self._fold_due_s = self._now_s() + pause_s
            self._is_urgent = not ended.is_done
            give_back_memory()  # what the batches of the last minute took

    def _tell(self, receiver: Receiver) -> None:
        self._manner.tell(
            Listened(
                feeds=tuple(receiver.names),
                senders=receiver.n_senders,
                messages=sum(feed.n_messages for feed in self._feeds),
                vessels=sum(feed.vessels for feed in self._feeds),
                rejected=sum(feed.n_rejected for feed in self._feeds),
                stored=self._n_stored,
                problems=receiver.problems,
            )
        )

    def _show(self) -> None:
        """Show how far the feeds are: the engine's time, which a wrong clock does not move."""
        at_us = None if self._alerting is None else self._alerting.watermark_us
        now_us = self._manner.clocks.world_us()
        behind_s = None if at_us is None else (now_us - at_us) / US_PER_S
        self._view.say_if_due(LiveState.LISTENING, at_us, behind_s)

    def _read_until(self, until_s: float, more: Callable[[], list[Arrival]]) -> None:
        """Read until there is nothing more, or the time is over."""
        while self._now_s() < until_s and (arrivals := more()):
            self._read(arrivals)

    def _end(self) -> None:
        """Store what is left, and close the accounts."""
        self._background.give_up()
        for feed in self._feeds:
            for _ in feed.finish(self._manner.clocks.world_us()):
                self._commit_if_many()
        self._push()
        self._commit()
        if self._alerting is not None and not self._is_hurried:
            self._alerting.save()  # without it a restart shows the engine more of what is stored
        for feed in self._feeds:
            self._close(feed)
        if self._store.has_landed and not self._is_hurried:
            self._fold()
        self._view.say(LiveState.ENDED)

    def _read(self, arrivals: Sequence[Arrival]) -> None:
        now_us = self._manner.clocks.world_us()
        of_feeds = by_feed(arrivals, len(self._feeds))
        for feed, of_feed in zip(self._feeds, of_feeds, strict=True):
            for _ in feed.read(of_feed, now_us):
                self._commit_if_many()
        if self._now_s() >= self._push_due_s:
            self._push()
        if self._commit_due_s is None and any(feed.n_waiting for feed in self._feeds):
            self._commit_due_s = self._now_s() + self._live.commit_s

    def _push(self) -> None:
        """Show the engine what was read since it was shown something, before it is committed.

        When there is no time any more it is shown from the store by whoever goes on. What comes
        is read in turns, many of which make one push: a push of few rows takes half as long as one
        of many. Whoever is behind pushes more at a time.
        """
        begun_s = self._now_s()
        fresh = [batch for feed in self._feeds for batch in feed.fresh()]
        if self._alerting is not None and self._now_s() < self._push_until_s:
            received = pa.concat_tables([RECEIVED.empty(), *(b.received for b in fresh)])
            statics = pa.concat_tables([STATICS.empty(), *(b.statics for b in fresh)])
            self._alerting.push(received, statics, self._manner.clocks.world_us())
        elif self._alerting is None:
            for batch in fresh:
                self._view.see(batch.received, batch.statics)
        took_s = self._now_s() - begun_s
        self._push_due_s = begun_s + max(self._live.push_s, 2 * took_s)

    def _commit_if_many(self) -> None:
        if sum(feed.n_waiting for feed in self._feeds) >= self._live.commit_rows:
            self._commit_unless_folding()

    def _commit_unless_folding(self) -> None:
        """Commit, but not while days are sorted, which is given up when too much waits for it."""
        n_waiting = sum(feed.n_waiting for feed in self._feeds)
        if self._background.is_running and n_waiting < _MAX_WAITING * self._live.commit_rows:
            return
        self._end_folding()
        self._push()
        self._commit()
        if self._alerting is not None:
            self._alerting.save_if_due()

    def _end_folding(self) -> None:
        """Have nothing sort days: only then can be stored."""
        self._background.stop()
        self._pace(self._background.wait())

    def _commit(self) -> None:
        for feed in self._feeds:
            self._land(feed)
        self._commit_due_s = None

    def _land(self, feed: Feed) -> None:
        if feed.n_waiting:
            n = feed.n_batches
            batch = feed.take()
            tables = (batch.received, batch.statics, batch.rejects)
            self._store.land(feed.source_id, n, *tables)
            self._n_stored += sum(table.num_rows for table in tables)

    def _renew(self) -> None:
        """Close the accounts that have come to their limit, and go on with others."""
        for place, feed in enumerate(self._feeds):
            has_many = feed.n_lines >= self._live.max_source_lines
            if has_many or feed.n_rejected >= self._live.max_source_rejects:
                self._end_folding()
                successor = feed.succeeded(self._manner.clocks.world_us())
                self._push()  # what its senders left unfinished as well
                self._feeds[place] = successor
                self._land(feed)
                self._close(feed)
                self._record()

    def _close(self, feed: Feed) -> None:
        self._store.finish_source(feed.as_row(None))
        self._outcome.reports.append(feed.report(None))

    def _record(self) -> None:
        """Record what became of the lines so far: a process may be killed."""
        error = f"still listened to; counted up to {iso_us(self._manner.clocks.world_us())}"
        for feed in self._feeds:
            self._store.finish_source(feed.as_row(error))

    def _fold(self) -> None:
        """Sort what has landed into days, and wait for that."""
        self._background.begin(is_urgent=True)
        if self._is_hurried:  # also between the question whether to begin and here
            self._background.stop()
        self._background.wait()

    def _now_s(self) -> float:
        return self._manner.clocks.steady_s()
