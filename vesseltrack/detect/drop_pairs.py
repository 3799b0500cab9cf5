"""Visits held against the breaks that they might explain: all of them, or what is new of them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.by_place import ByPlace
from vesseltrack.core.records import Row, Rows, n_rows, row_at
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.core.vessel_keys import mmsis_of

Floats = npt.NDArray[np.float64]

_VISITS_AT_ONCE: Final = 4096  # held against the breaks about them


@dataclass(frozen=True)
class Pairs:
    """Visits and breaks that they might explain, by row; each of shape (n,).

    Attributes
    ----------
    visit, broke : Ints
        Rows.
    density : Floats
        Of pick-ups where and when the visit began [per km2 and h].
    worth : Floats
        What it adds to the ratio at most, times the intensity of the place.
    """

    visit: Ints
    broke: Ints
    density: Floats
    worth: Floats

    def where(self, kept: Bools) -> "Pairs":
        """Return some of them."""
        return Pairs(self.visit[kept], self.broke[kept], self.density[kept], self.worth[kept])

    def by_visit(self, visits: Rows) -> Iterator[tuple[Row, Ints, Floats]]:
        """Yield the visits in their order, each with its breaks and their densities."""
        order = np.lexsort((self.broke, self.visit))
        visit, broke, density = self.visit[order], self.broke[order], self.density[order]
        for first, stop in itertools.pairwise(offsets_of_sorted(visit)):
            yield row_at(visits, visit[first]), broke[first:stop], density[first:stop]


def all_of(pairs: Sequence[Pairs]) -> Pairs:
    """Return pairs one after the other; none of none."""
    none = np.zeros(0, dtype=np.int64)
    parts = [Pairs(none, none, np.zeros(0), np.zeros(0)), *pairs]
    return Pairs(
        np.concatenate([part.visit for part in parts]),
        np.concatenate([part.broke for part in parts]),
        np.concatenate([part.density for part in parts]),
        np.concatenate([part.worth for part in parts]),
    )


def near_one_another(visits: Rows, breaks: Rows, reach_m: float) -> Iterator[tuple[Ints, Ints]]:
    """Yield the rows of visits and breaks of different vessels that are no farther apart.

    Parameters
    ----------
    visits, breaks : Rows
        With `key`, `lat` and `lon`.
    reach_m : float
        How far [m].

    Yields
    ------
    visit, broke : (n,)
        Rows; each pair once, and others not much farther apart.
    """
    if not n_rows(breaks) or not n_rows(visits):
        return
    places = ByPlace(breaks["lat"], breaks["lon"], reach_m)
    of_break, of_visit = mmsis_of(breaks["key"]), mmsis_of(visits["key"])
    for start in range(0, n_rows(visits), _VISITS_AT_ONCE):
        some = slice(start, start + _VISITS_AT_ONCE)
        visit, broke = places.near(visits["lat"][some], visits["lon"][some])
        visit += start
        is_other = of_break[broke] != of_visit[visit]
        yield visit[is_other], broke[is_other]


def rows_of(old: Rows, new: Rows) -> Ints:
    """Return where each new row stands among old ones that are equal in all columns, (n_new,).

    -1 where it does not; of equal new rows only the first is found.
    """
    found = np.full(n_rows(new), -1)
    if not n_rows(old) or not n_rows(new):
        return found
    marks, asked = _marks(old), _marks(new)
    order = np.argsort(marks, kind="stable")
    place = np.minimum(np.searchsorted(marks[order], asked), order.size - 1)
    row = order[place]
    is_same = np.logical_and.reduce([old[name][row] == column for name, column in new.items()])
    same = np.flatnonzero(is_same)
    _, first = np.unique(row[same], return_index=True)
    found[same[first]] = row[same[first]]
    return found


def only_in_one(first: Rows, second: Rows) -> Rows:
    """Return the rows of either that the other has not."""
    gone = np.ones(n_rows(first), dtype=np.bool_)
    found = rows_of(first, second)
    gone[found[found >= 0]] = False
    return {
        name: np.concatenate((column[gone], second[name][found < 0]))
        for name, column in first.items()
    }


def _marks(rows: Rows) -> npt.NDArray[np.uint64]:
    """Return a number for each row, equal for equal rows and hardly ever for others."""
    marks = np.zeros(n_rows(rows), dtype=np.uint64)
    for column in rows.values():
        bits = column.astype(np.float64 if column.dtype.kind == "f" else np.int64).view(np.uint64)
        marks = (marks ^ bits) * np.uint64(0x9E3779B97F4A7C15)  # of the golden ratio: it mixes
        marks ^= marks >> np.uint64(29)
    return marks
