"""A day in several files, while a feed fills it: each of times that no other of them has."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from vesseltrack.store.layout import PART_ROWS
from vesseltrack.store.ledger import StoredFile
from vesseltrack.store.reader import Condition

Day = dt.date | None  # None: rows without a time

_ONE_DAY: Final = dt.timedelta(days=1)
_ONE_SECOND: Final = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class Part:
    """Rows of a day that become one file, and the files that hold what is stored of them."""

    where: Condition
    stored: tuple[StoredFile, ...]


def within(day: Day) -> Condition:
    """Return which rows are those of a day."""
    if day is None:
        return Condition("timestamp IS NULL")
    start = _start_of(day)
    return _between(start, start + _ONE_DAY)


def parts_with(day: dt.date, stored: Sequence[StoredFile], times: pa.ChunkedArray) -> list[Part]:
    """Return the parts of a day that rows come to.

    Borders are whole seconds, so that all rows of one instant, repeats among them, are in one
    part, and the log, which rounds times to milliseconds, tells the parts apart. When the last
    part would have more than `PART_ROWS` rows, what is later than it begins another.

    Parameters
    ----------
    day : date
        The day.
    stored : sequence of StoredFile
        Its files, which share no times.
    times : (n,)
        When the rows are that come to it.
    """
    files = sorted(stored, key=_first)
    starts = [_start_of(day), *(_first(file).replace(microsecond=0) for file in files[1:])]
    stop = _start_of(day) + _ONE_DAY
    if files and files[-1].n_rows + len(times) > PART_ROWS:
        after = _last(files[-1]).replace(microsecond=0) + _ONE_SECOND
        starts += [after] if after < stop else []
    own = [(file,) for file in files] + [()] * (len(starts) - len(files))
    edges_us = pa.array(starts, times.type).cast(pa.int64()).to_numpy()
    t_us = times.cast(pa.int64()).to_numpy()
    touched = np.unique(np.searchsorted(edges_us, t_us, side="right") - 1).tolist()
    stops = [*starts[1:], stop]
    return [Part(_between(starts[k], stops[k]), own[k]) for k in touched]


def share_times(stored: Sequence[StoredFile]) -> bool:
    """Return whether files of one day may have times in common, as no parts of a day do."""
    if any(file.first is None or file.last is None for file in stored):
        return True
    timed = sorted(stored, key=_first)
    return any(_last(one) > _first(other) for one, other in itertools.pairwise(timed))


def _first(file: StoredFile) -> dt.datetime:
    assert file.first is not None
    return file.first


def _last(file: StoredFile) -> dt.datetime:
    assert file.last is not None
    return file.last


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _between(start: dt.datetime, stop: dt.datetime) -> Condition:
    return Condition("timestamp >= ? AND timestamp < ?", (start, stop))
