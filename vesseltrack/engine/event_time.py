"""What a store holds in the order of event time, a part of a day at a time."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.schema import RECEIVED, Quality
from vesseltrack.store import Filter, Store
from vesseltrack.units import US_PER_HOUR

MAX_PART_US: Final = US_PER_HOUR  # shown to an engine at once, so that alerts come in order
_MAX_PART_ROWS: Final = 20_000  # and that a stop is heard soon
_DAY: Final = dt.timedelta(days=1)
_SECOND: Final = dt.timedelta(seconds=1)
_TICK: Final = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Stretch:
    """What was received in some time: RECEIVED and STATICS, each in time order."""

    received: pa.Table
    statics: pa.Table

    def parts(self, most_us: float) -> Iterator["Part"]:
        """Yield the rows in order, of so much event time [us] and not too many at once."""
        t_us, said_us = _times_us(self.received), _times_us(self.statics)
        both_us = np.sort(np.concatenate([t_us, said_us]))
        begin, n_received, n_statics = 0, 0, 0
        while begin < both_us.size:
            last = min(begin + _MAX_PART_ROWS, both_us.size) - 1
            if both_us[last] - both_us[begin] > most_us:
                last = int(np.searchsorted(both_us, both_us[begin] + most_us, "right")) - 1
            end_us = int(both_us[last])
            end, said_end = (int(np.searchsorted(t, end_us, "right")) for t in (t_us, said_us))
            yield Part(
                end_us,
                self.received.slice(n_received, end - n_received),
                self.statics.slice(n_statics, said_end - n_statics),
            )
            begin, n_received, n_statics = end + said_end, end, said_end


@dataclass(frozen=True)
class Part:
    """Rows that are shown to an engine together, and when the last of them was received [us]."""

    end_us: int
    received: pa.Table
    statics: pa.Table


def in_event_time(
    store: Store, since: dt.datetime | None, until: dt.datetime | None, *, max_rows: int
) -> Iterator[Stretch]:
    """Yield the positions and static reports of a store, stretch after stretch.

    Parameters
    ----------
    store : Store
        Read as it is when a stretch's turn has come; what has not been folded is not seen.
    since, until : datetime or None
        First and last instant, both included.
    max_rows : int
        So many positions in a stretch, unless a second has more; 1 or more.

    Yields
    ------
    stretch : Stretch
        Positions without a time, or with one that is not believed, are left out.
    """
    for day, n_rows in store.days().items():
        begin = dt.datetime.combine(day, dt.time(), dt.UTC)
        first, last = begin, begin + _DAY - _TICK
        first = first if since is None else max(first, since)
        last = last if until is None else min(last, until)
        if first <= last:
            for where in _cut(store, Filter(since=first, until=last), n_rows, max_rows):
                yield _stretch(store, where)


def _cut(store: Store, where: Filter, most: int, max_rows: int) -> Iterator[Filter]:
    """Cut a span of at most so many rows in halves until none has too many."""
    assert where.since is not None
    assert where.until is not None
    lasts = where.until - where.since
    n_rows = most if most <= max_rows else store.count("positions", where)
    if n_rows <= max_rows or lasts < _SECOND:
        yield where
        return
    middle = where.since + lasts // 2
    for half in (
        Filter(since=where.since, until=middle),
        Filter(since=middle + _TICK, until=where.until),
    ):
        yield from _cut(store, half, n_rows, max_rows)


def _stretch(store: Store, where: Filter) -> Stretch:
    received = store.select("positions", where, columns=RECEIVED.names)
    is_quarantined = pc.not_equal(
        pc.bit_wise_and(received["quality"], int(Quality.TIME_QUARANTINED)), 0
    )
    in_time = [("timestamp", "ascending"), ("mmsi", "ascending")]
    return Stretch(
        received.filter(pc.invert(is_quarantined)).sort_by(in_time).cast(RECEIVED.arrow),
        store.select("statics", where).sort_by(in_time),
    )


def _times_us(table: pa.Table) -> npt.NDArray[np.int64]:
    return np.asarray(table["timestamp"].cast(pa.int64()).to_numpy())
