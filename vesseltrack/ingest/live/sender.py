"""The lines of one sender to rows, by the reader that reads files."""

from collections import deque
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.live.framing import Framer
from vesseltrack.ingest.nmea.reader import NmeaReader
from vesseltrack.ingest.nmea.times import Clock
from vesseltrack.ingest.span import Span
from vesseltrack.ingest.text import LineBlock
from vesseltrack.units import US_PER_S

_LF = 10


@dataclass(frozen=True)
class _Stretch:
    """Lines of a sender that were read together: their numbers and when the last arrived [us]."""

    own: int  # the first one's number among the sender's lines, from 1
    behind: int  # the number behind the last one
    shift: int  # from there to the number among the lines of the feed
    arrived_us: int


class Sender:
    """One connection, or one address that sends datagrams: its parts are joined with no other's.

    Lines are counted by sender while they are read, since parts that lie near each other are told
    by it, and handed on with their numbers in the feed.

    Attributes
    ----------
    n_bad : int
        How many lines were rejected since the last block with one that was used.
    """

    def __init__(self, config: IngestConfig, tally: Tally, source_id: int) -> None:
        """Start before the first byte; the tally is that of the feed."""
        self.n_bad = 0
        self._config = config
        self._tally = tally
        self._framer = Framer(config.max_sentence_bytes)
        self._clock = Clock(start_us=None, span=Span(0, 0))
        self._reader = NmeaReader(config, tally, self._clock, source_id)
        self._max_ahead_us = round(config.max_ahead_s * US_PER_S)
        self._max_part_age_us = round(config.max_part_age_s * US_PER_S)
        self._waiting: list[tuple[bytes, int]] = []  # lines, and when they arrived [us]
        self._next_line = 1
        self._stretches: deque[_Stretch] = deque()

    @property
    def has_lines(self) -> bool:
        """Whether lines wait to be read."""
        return bool(self._waiting)

    def receive(self, data: bytes, arrived_us: int) -> None:
        """Take in bytes as they came."""
        if lines := self._framer.push(data):
            self._waiting.append((lines, arrived_us))

    def end(self, arrived_us: int) -> None:
        """Take what was left unfinished as the last line."""
        if line := self._framer.end():
            self._waiting.append((line, arrived_us))

    def read(self, first_line: int) -> tuple[Batch, int]:
        """Return the rows that the waiting lines complete, and how many lines those are.

        Parameters
        ----------
        first_line : int
            Number of the first waiting line in the feed.
        """
        data = b"".join(lines for lines, _ in self._waiting)
        arrivals = np.array([arrived_us for _, arrived_us in self._waiting], np.int64)
        n_lines = [_n_lines(lines) for lines, _ in self._waiting]
        self._waiting.clear()
        arrived_us = np.repeat(arrivals, n_lines)
        newest_us = int(arrivals.max())
        self._clock.span = Span(0, newest_us + self._max_ahead_us)
        own, behind = self._next_line, self._next_line + arrived_us.size
        self._next_line = behind
        self._stretches.append(_Stretch(own, behind, first_line - own, newest_us))
        used = self._tally.used
        batch = self._reader.read(LineBlock(own, data[:-1], arrived_us=arrived_us))
        self.n_bad = 0 if self._tally.used > used else self.n_bad + batch.rejects.num_rows
        return self._numbered(batch), arrived_us.size

    def give_up_old(self, now_us: int) -> Batch | None:
        """Return as rejected lines the parts that waited too long; None if none can have."""
        oldest_us = now_us - self._max_part_age_us
        n_old = sum(1 for _ in takewhile(lambda s: s.arrived_us < oldest_us, self._stretches))
        if not n_old:
            return None
        batch = self._numbered(self._reader.give_up_before(self._stretches[n_old - 1].behind))
        for _ in range(n_old):
            self._stretches.popleft()
        return batch

    def finish(self) -> Batch:
        """Return as rejected lines the parts that stayed alone."""
        return self._numbered(self._reader.finish())

    def begin(self, tally: Tally, source_id: int) -> Batch:
        """Go on as part of another source; return what `finish` does for the one before."""
        batch = self.finish()
        self._tally = tally
        self._reader = NmeaReader(self._config, tally, self._clock, source_id)
        self._stretches.clear()
        return batch

    def _numbered(self, batch: Batch) -> Batch:
        """Return rows with the numbers of their lines in the feed."""
        return Batch(*map(self._with_lines, batch.tables()))

    def _with_lines(self, rows: pa.Table) -> pa.Table:
        if not rows.num_rows:
            return rows
        own: npt.NDArray[np.int32] = rows["line"].to_numpy()
        begins = np.array([stretch.own for stretch in self._stretches])
        shift = np.array([stretch.shift for stretch in self._stretches])
        place = rows.schema.get_field_index("line")
        lines = own + shift[np.searchsorted(begins, own, side="right") - 1]
        return rows.set_column(place, rows.schema.field(place), pa.array(lines.astype(np.int32)))


def _n_lines(lines: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(lines, np.uint8) == _LF))
