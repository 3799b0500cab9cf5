"""One feed while it is listened to: its senders, and the account of every line."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.core.identity import hash63
from vesseltrack.ingest.account import SourceReport, Tally, iso_us
from vesseltrack.ingest.batch import Batch, joined
from vesseltrack.ingest.live.inbox import Arrival
from vesseltrack.ingest.live.sender import Sender
from vesseltrack.ingest.text import BLANK

HOPELESS = "hopeless_sender"  # why lines are ignored
_FORMAT = "nmea"
_HASH_BYTES = 32


@dataclass(frozen=True)
class FeedIdentity:
    """What a row of `sources` says of a feed in place of a file's content."""

    source_id: int
    content_hash: str
    size_bytes: int
    path: None = None


class Feed:
    """One source: a feed from the moment it is first listened to.

    Attributes
    ----------
    name : str
        The URL without what may be secret.
    source_id : int
        63 bits of the hash of the name and the beginning: a feed never says the same again.
    n_batches : int
        How many batches were taken.
    n_waiting : int
        How many rows wait to be taken, rejected lines among them.
    """

    def __init__(
        self, name: str, config: IngestConfig, begun_us: int, *, max_bad_lines: int
    ) -> None:
        """Begin at a time [us]; a sender of so many bad lines in a row is read no more."""
        self.name = name
        self.source_id = hash63("feed", name, begun_us)
        self.n_batches = 0
        self.n_waiting = 0
        self._config = config
        self._begun_us = begun_us
        self._begun_s = time.perf_counter()
        self._tally = Tally(max_vessels=config.max_remembered_vessels)
        self._senders: dict[str, Sender] = {}
        self._hopeless: set[str] = set()
        self._dismissed: list[str] = []
        self._max_bad_lines = max_bad_lines
        self._waiting: list[Batch] = []
        self._fresh: list[Batch] = []
        self._next_line = 1
        self._n_bytes = 0

    @property
    def n_lines(self) -> int:
        """How many lines came, blank ones too."""
        return self._next_line - 1

    @property
    def n_rejected(self) -> int:
        """How many lines were rejected."""
        return self._tally.rejected.total()

    @property
    def n_messages(self) -> int:
        """How many messages are complete."""
        return self._tally.messages

    @property
    def vessels(self) -> int:
        """How many different MMSI have a position."""
        return self._tally.vessels

    def read(self, arrivals: Iterable[Arrival], now_us: int) -> Iterator[None]:
        """Read what has arrived, one sender after the other; pause after each.

        Parameters
        ----------
        arrivals : iterable of Arrival
            Of this feed, in order.
        now_us : int
            The time [us]: parts of messages do not wait for ever.
        """
        ended = []
        for arrival in arrivals:
            self._n_bytes += len(arrival.data)
            name = arrival.sender[1]
            if arrival.dropped is not None:
                self._drop(arrival.data, arrival.dropped)
            elif arrival.data and name in self._hopeless:
                self._drop(arrival.data, HOPELESS)
            elif arrival.data:
                self._sender(name).receive(arrival.data, arrival.arrived_us)
            elif name in self._senders:
                self._senders[name].end(arrival.arrived_us)
                ended.append(name)
        for name, sender in list(self._senders.items()):
            old = sender.give_up_old(now_us)
            if old is not None:
                self._keep(old)
            if sender.has_lines:
                batch, n_lines = sender.read(self._next_line)
                self._next_line += n_lines
                self._keep(batch)
                self._judge(name, sender)
                yield
        for name in ended:
            self._keep(self._senders.pop(name).finish())
            self._hopeless.discard(name)

    def finish(self, now_us: int) -> Iterator[None]:
        """Read what the senders left unfinished; pause after each."""
        yield from self.read([Arrival((0, name), b"", now_us) for name in self._senders], now_us)

    def succeeded(self, begun_us: int) -> "Feed":
        """Return the source that follows on this one, which is at its end, with its senders."""
        feed = Feed(self.name, self._config, begun_us, max_bad_lines=self._max_bad_lines)
        feed._hopeless = self._hopeless
        for name, sender in self._senders.items():
            self._keep(sender.begin(feed._tally, feed.source_id))
            feed._senders[name] = sender
        return feed

    def dismissed(self) -> list[str]:
        """Return, once, the senders that gave nothing but bad lines; they are read no more."""
        names, self._dismissed = self._dismissed, []
        return names

    def take(self) -> Batch:
        """Return the rows since the last time, without exact repeats among them."""
        batch = joined(self._waiting, self._tally)
        self._waiting, self.n_waiting = [], 0
        self.n_batches += 1
        return batch

    def fresh(self) -> list[Batch]:
        """Return, once, what was read since the last time, taken meanwhile or not."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def report(self, error: str | None) -> SourceReport:
        """Return what became of the lines so far; without an error it is complete."""
        status = "complete" if error is None else "partial"
        report = SourceReport(self.name, _FORMAT, status, error)
        report.count(self._tally, time.perf_counter() - self._begun_s)
        return report

    def as_row(self, error: str | None) -> pa.Table:
        """Return its row of `sources`."""
        begun = f"{self.name} from {iso_us(self._begun_us)}"
        digest = hashlib.sha256(begun.encode()).hexdigest()
        identity = FeedIdentity(self.source_id, digest, self._n_bytes)
        return self.report(error).as_row(identity)

    def _sender(self, name: str) -> Sender:
        if name not in self._senders:
            self._senders[name] = Sender(self._config, self._tally, self.source_id)
        return self._senders[name]

    def _keep(self, batch: Batch) -> None:
        n_rows = sum(t.num_rows for t in (batch.received, batch.statics, batch.rejects))
        if n_rows:
            self._waiting.append(batch)
            self._fresh.append(batch)
            self.n_waiting += n_rows

    def _judge(self, name: str, sender: Sender) -> None:
        if sender.n_bad >= self._max_bad_lines and name not in self._hopeless:
            self._hopeless.add(name)
            self._dismissed.append(name)

    def _drop(self, data: bytes, reason: str) -> None:
        """Count lines that are not read: keeping them would be what the limit is against."""
        n_lines = sum(1 for line in data.splitlines() if line.strip(BLANK))
        self._tally.lines += n_lines
        self._tally.ignore(reason, n_lines)


def by_feed(arrivals: Iterable[Arrival], n_feeds: int) -> list[list[Arrival]]:
    """Return what arrived by the number of the feed, each in order."""
    found: list[list[Arrival]] = [[] for _ in range(n_feeds)]
    for arrival in arrivals:
        found[arrival.sender[0]].append(arrival)
    return found
