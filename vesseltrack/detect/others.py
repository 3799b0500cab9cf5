"""Who else was there: ledgers of vessels by cell and hour, counted for those who ask."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.records import Rows, is_change, joined, n_rows, take
from vesseltrack.core.runs import Bools, Ints, ranges
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.hexgrid import parents

_HOUR_BITS: Final = 24  # hours since 1970 for 1,900 years, beside a number
_ONE_HOUR: Final = (1 << _HOUR_BITS) - 1
WHOLE_ARCHIVE: Final = -1  # stands for a resolution: one area without bounds


class Ledger:
    """Rows of `hour` (since 1970-01-01 UTC), `cell`, `key` and whatever else goes with them."""

    def __init__(self) -> None:
        self.rows: Rows = {}  # without columns until the first are taken in

    def add(self, rows: Rows) -> None:
        """Take in rows."""
        self.rows = joined(self.rows, rows) if n_rows(rows) or not self.rows else self.rows

    def forget(
        self, oldest_hour: int, is_kept: Callable[[Ints, Ints], Bools] | None = None
    ) -> None:
        """Drop what lies before an hour, but for the keys and hours that are kept."""
        old = np.flatnonzero(self.rows["hour"] < oldest_hour)
        if is_kept is not None:
            old = old[~is_kept(self.rows["key"][old], self.rows["hour"][old])]
        if old.size:
            self.rows = take(self.rows, np.delete(np.arange(n_rows(self.rows)), old))


@dataclass(frozen=True)
class Question:
    """What n vessels ask of others: where, and over which hours.

    Attributes
    ----------
    mmsi : (n,)
        Of the vessel that asks: no transmitter on it is another.
    since_hour, until_hour : (n,)
        Half-open ranges of hours since 1970-01-01 UTC.
    cell, asker : (m,)
        Cells of the area that each asks about, each once.
    """

    mmsi: Ints
    since_hour: Ints
    until_hour: Ints
    cell: Ints
    asker: Ints

    def of(self, some: Ints) -> "Question":
        """Return the question of some of those who ask, in rising order."""
        is_theirs = np.isin(self.asker, some)
        return Question(
            self.mmsi[some],
            self.since_hour[some],
            self.until_hour[some],
            self.cell[is_theirs],
            np.searchsorted(some, self.asker[is_theirs]),
        )

    def at(self, resolution: int) -> "Question":
        """Return the question about the larger cells that hold those asked about."""
        cell = coarse(self.cell, resolution)
        order = np.lexsort((cell, self.asker))
        asker, cell = self.asker[order], cell[order]
        is_new = is_change(asker, cell)
        return Question(self.mmsi, self.since_hour, self.until_hour, cell[is_new], asker[is_new])


@dataclass(frozen=True)
class Others:
    """How many others there were: a row for each asker, cell and hour with any, shape (m,)."""

    asker: Ints
    hour: Ints
    n: Ints

    def since(self, hour: Ints) -> "Others":
        """Return those from an hour of each asker on."""
        return self._where(self.hour >= hour[self.asker])

    def before(self, hour: Ints) -> "Others":
        """Return those before an hour of each asker."""
        return self._where(self.hour < hour[self.asker])

    def _where(self, rows: Bools) -> "Others":
        return Others(self.asker[rows], self.hour[rows], self.n[rows])

    def total(self, n_askers: int) -> Ints:
        """Return how many there were in all, shape (n_askers,)."""
        # Sums of whole numbers far below 2^53 are exact.
        return np.bincount(self.asker, self.n, n_askers).astype(np.int64)

    def n_hours(self, n_askers: int) -> Ints:
        """Return in how many hours there was any, shape (n_askers,)."""
        different = np.unique((self.asker << _HOUR_BITS) | self.hour)
        return np.bincount(different >> _HOUR_BITS, minlength=n_askers).astype(np.int64)


def coarse(cell: Ints, resolution: int) -> Ints:
    """Return the larger cells that hold cells; all are in one for the whole archive."""
    if resolution == WHOLE_ARCHIVE:
        return np.zeros_like(cell)
    return parents(cell, resolution)


def others_in(rows: Rows, question: Question, resolution: int) -> Others:
    """Return how many others stand in the areas asked about, hour by hour.

    Parameters
    ----------
    rows : Rows
        Of a ledger: `hour`, `cell`, `key`.
    question : Question
        About cells of the resolution.
    resolution : int
        Of H3, or `WHOLE_ARCHIVE`. A vessel counts once an hour in each cell.
    """
    cells = np.unique(question.cell)
    row_cell = coarse(rows["cell"], resolution)
    is_asked = np.isin(row_cell, cells)
    slot = (np.searchsorted(cells, row_cell[is_asked]) << _HOUR_BITS) | rows["hour"][is_asked]
    keys, key = np.unique(rows["key"][is_asked], return_inverse=True)
    order = np.lexsort((key, slot))
    slot, key = slot[order], key[order]
    is_new = is_change(slot, key)
    slot, mmsi = slot[is_new], mmsis_of(keys)[key[is_new]]
    slots, n_all = np.unique(slot, return_counts=True)

    asked_cell = np.searchsorted(cells, question.cell) << _HOUR_BITS
    first = np.searchsorted(slots, asked_cell | question.since_hour[question.asker])
    stop = np.searchsorted(slots, asked_cell | question.until_hour[question.asker])
    stop = np.maximum(first, stop)
    found = ranges(first, stop)
    asker = np.repeat(question.asker, stop - first)
    n = n_all[found] - _n_own(slot, mmsi, slots[found], question.mmsi[asker])
    has_any = n > 0
    return Others(asker[has_any], slots[found][has_any] & _ONE_HOUR, n[has_any])


def _n_own(slot: Ints, mmsi: Ints, asked_slot: Ints, asked_mmsi: Ints) -> Ints:
    """Return how many rows of a slot are of the vessel that asks, shape (n,)."""
    mmsis = np.unique(asked_mmsi)
    is_own = np.isin(mmsi, mmsis)
    slots = np.unique(slot[is_own])
    number = np.searchsorted(slots, slot[is_own]) * mmsis.size
    own, n_own = np.unique(number + np.searchsorted(mmsis, mmsi[is_own]), return_counts=True)
    place = looked_up(slots, np.arange(slots.size), asked_slot, missing=slots.size)
    return looked_up(own, n_own, place * mmsis.size + np.searchsorted(mmsis, asked_mmsi))


def looked_up(known: Ints, values: Ints, asked: Ints, missing: int = 0) -> Ints:
    """Return the values of what is asked among what is known, sorted, or what stands for none."""
    found = np.full(asked.size, missing, dtype=np.int64)
    if known.size:
        place = np.minimum(np.searchsorted(known, asked), known.size - 1)
        is_known = known[place] == asked
        found[is_known] = values[place[is_known]]
    return found


def run_of(rows: Rows, key: Ints, hour: Ints) -> Ints:
    """Return `run_h` of vessel-hours among the rows of a ledger, 0 where there is none, (n,)."""
    keys = np.unique(key)
    own = take(rows, np.isin(rows["key"], keys))
    known = (np.searchsorted(keys, own["key"]) << _HOUR_BITS) | own["hour"]
    known, first = np.unique(known, return_index=True)
    asked = (np.searchsorted(keys, key) << _HOUR_BITS) | hour
    return looked_up(known, own["run_h"][first], asked)
