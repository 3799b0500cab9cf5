"""The lines of a source to batches, and where it is read on from behind each of them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.batch import Batch, joined
from vesseltrack.ingest.saved import State
from vesseltrack.ingest.text import LineBlock


class Reader(Protocol):
    """What turns the lines of a format into rows."""

    def read(self, block: LineBlock) -> Batch:
        """Return the rows that the lines of a block complete."""

    def finish(self) -> Batch:
        """Return the rows that are left at the end."""

    def decode(self, block: LineBlock, *, as_transmitted: bool) -> list[dict[str, Any]]:
        """Return the messages that the lines of a block complete, one dict each."""

    def state(self) -> State:
        """Return what is remembered between two blocks."""

    def restore(self, state: State) -> None:
        """Go on from what `state` of another reader returned."""


class Reading:
    """One reading of a source from its beginning, or from where another one was.

    What the end of the data makes of a line, that it stays alone or was cut, does not hold when
    the data go on: a reading goes on behind the last line that had ended, and says which lines
    are read again then.
    """

    def __init__(self, reader: Reader, tally: Tally, *, min_rows: int) -> None:
        """Set the reader of the format, and how many rows make a batch."""
        self._reader = reader
        self._tally = tally
        self._min_rows = min_rows
        self.next_line = 1

    def state(self) -> State:
        """Return where the source is read on from, between two blocks."""
        return {
            "next_line": self.next_line,
            "tally": self._tally.state(),
            "reader": self._reader.state(),
        }

    def restore(self, state: State) -> None:
        """Go on from what `state` of another reading returned."""
        self.next_line = state["next_line"]
        self._tally.restore(state["tally"])
        self._reader.restore(state["reader"])

    def batches(self, blocks: Iterable[LineBlock]) -> Iterator[tuple[Batch, State, State | None]]:
        """Yield batches of so many rows, cut behind lines.

        Yields
        ------
        batch : Batch
            In order; the last one may be small, and there is always at least one.
        state : dict
            Where to go on behind it.
        rest : dict or None
            Of the last batch, what is read again when the data go on: `lines`, and the `days` of
            what they gave, as ISO dates and None for rows without a time.
        """
        waiting: list[Batch] = []
        n_rows = 0
        unended = None
        for block in blocks:
            ended, unended = block.parted()
            if ended is not None:
                self.next_line = ended.first_line + len(ended)
                waiting.append(self._reader.read(ended))
                n_rows += waiting[-1].n_rows
            if n_rows >= self._min_rows:
                yield joined(waiting, self._tally), self.state(), None
                waiting, n_rows = [], 0
        whole = joined(waiting, self._tally)
        state = self.state()
        parts = [] if unended is None else [self._reader.read(unended)]
        rest = joined([*parts, self._reader.finish()], self._tally)
        numbers = [] if unended is None else [unended.first_line]
        yield _both(whole, rest), state, _again(rest, numbers)


def _both(one: Batch, other: Batch) -> Batch:
    pairs = zip(one.tables(), other.tables(), strict=True)
    return Batch(*(pa.concat_tables(pair) for pair in pairs))


def _again(rest: Batch, numbers: Sequence[int]) -> State:
    """Return which lines are read again when the data go on, and the days of their rows."""
    lines = set(numbers).union(*(table["line"].to_pylist() for table in rest.tables()))
    days: set[dt.date | None] = set()
    for table in (rest.received, rest.statics):
        days.update(pc.unique(table["timestamp"].cast(pa.date32())).to_pylist())
    return {
        "lines": sorted(lines),
        "days": [None if day is None else day.isoformat() for day in days],
    }
