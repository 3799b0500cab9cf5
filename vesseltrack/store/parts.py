"""A day in several files, while a feed fills it: each of times that no other of them has."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from vesseltrack.core.runs import Ints
from vesseltrack.store.layout import PART_ROWS
from vesseltrack.store.ledger import StoredFile
from vesseltrack.store.reader import Condition
from vesseltrack.units import US_PER_S

Day = dt.date | None  # None: rows without a time

_ONE_DAY: Final = dt.timedelta(days=1)
_ONE_US: Final = dt.timedelta(microseconds=1)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BEFORE_CUT: Final = 0.9  # of the rows that come


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
    part would have more than `PART_ROWS` rows, the latest tenth of what comes begins another: what
    comes next, also that which is a little late, is merged with few rows.

    Parameters
    ----------
    day : date
        The day.
    stored : sequence of StoredFile
        Its files, which share no times.
    times : (n,)
        When the rows are that come to it.
    """
    t_us = np.sort(times.cast(pa.int64()).to_numpy())
    files = sorted(stored, key=_first)
    starts = [_start_of(day), *(_first(file).replace(microsecond=0) for file in files[1:])]
    own: list[tuple[StoredFile, ...]] = [(file,) for file in files] or [()]
    cut = _cut(t_us[t_us >= _us(starts[-1])], own[-1])
    if cut is not None:
        starts.append(cut)
        own.append(tuple(file for file in own[-1] if _last(file) >= cut))
    edges_us = np.array([_us(start) for start in starts])
    touched = set(np.searchsorted(edges_us, t_us, side="right") - 1)
    if cut is not None and own[-1]:
        touched |= {len(starts) - 2}  # the file has rows on both sides
    stops = [*starts[1:], _start_of(day) + _ONE_DAY]
    return [Part(_between(starts[k], stops[k]), own[k]) for k in sorted(touched)]


def _cut(t_us: Ints, last: tuple[StoredFile, ...]) -> dt.datetime | None:
    """Return where another part begins, None if all that comes goes into the last."""
    n_rows = t_us.size + sum(file.n_rows for file in last)
    if not t_us.size or n_rows <= PART_ROWS:
        return None
    cut = _second_of(t_us[int(t_us.size * _BEFORE_CUT)])
    first = min([_second_of(t_us[0]), *(_first(file).replace(microsecond=0) for file in last)])
    return cut if cut > first else None


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


def _us(when: dt.datetime) -> int:
    return (when - _EPOCH) // _ONE_US


def _second_of(t_us: np.int64) -> dt.datetime:
    return _EPOCH + dt.timedelta(seconds=int(t_us) // US_PER_S)


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _between(start: dt.datetime, stop: dt.datetime) -> Condition:
    return Condition("timestamp >= ? AND timestamp < ?", (start, stop))
