"""Pairs of points near one another at the same time: none missed, at any border."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.near_cells import Cells
from vesseltrack.core.records import Rows, joined, n_rows, take
from vesseltrack.core.runs import Bools, Ints, ranges

_BIN_BITS: Final = 24  # thirty years of minutes; bins so far apart are told apart when compared
_MANY: Final = 4  # times as many points as came after them are left as they are
_MAX_PARTS: Final = 8  # before they become fewer: each is searched for every point that comes
_MAX_FOUND: Final = 32
_END: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Near:
    """Pairs of points that are near each other, shape (n,)."""

    first: Rows
    second: Rows
    distance_m: Floats
    bin_number: Ints

    @classmethod
    def none(cls) -> "Near":
        """Return no pairs."""
        return cls({}, {}, np.zeros(0), np.zeros(0, dtype=np.int64))

    @property
    def n(self) -> int:
        """The number of pairs."""
        return self.bin_number.size

    @classmethod
    def joined(cls, parts: list["Near"]) -> "Near":
        """Return the pairs of all parts."""
        parts = [part for part in parts if part.n]
        if not parts:
            return cls.none()
        if len(parts) == 1:
            return parts[0]
        return cls(
            _all([part.first for part in parts]),
            _all([part.second for part in parts]),
            np.concatenate([part.distance_m for part in parts]),
            np.concatenate([part.bin_number for part in parts]),
        )

    def where(self, is_kept: Bools) -> "Near":
        """Return some of the pairs."""
        return Near(
            take(self.first, is_kept),
            take(self.second, is_kept),
            self.distance_m[is_kept],
            self.bin_number[is_kept],
        )


class OpenBins:
    """Points of time bins that more may come to, and the pairs of each, found as points come.

    All bins lie in one order of bin and cell, so that near points of a bin are near in the order:
    a second's points cost as many searches, however many there are by now.

    Parameters
    ----------
    max_distance_m : float
        Great-circle distance of a pair, inclusive [m].
    """

    def __init__(self, max_distance_m: float) -> None:
        self._max_distance_m = max_distance_m
        self._cells = Cells.of(max_distance_m)
        self._parts: list[_Points] = []
        self._found: list[Near] = []
        self._first_bin = -_END  # those before it are forgotten

    @property
    def rows(self) -> Rows:
        """All points but those of forgotten bins, some of which are kept until they are many."""
        return self.points(self._first_bin, _END)

    def add(self, rows: Rows, bin_number: Ints) -> None:
        """Take in points: `lat`, `lon` and any other columns, and the bin of each, (n,)."""
        if not bin_number.size:
            return
        new = _Points.of(rows, bin_number, self._cells)
        self._keep(new, new, *new.pairs(self._cells.window))
        for old in self._parts:
            self._keep(new, old, *new.pairs_with(old, self._cells.window))
        self._parts.append(new)
        if len(self._parts) > _MAX_PARTS:
            self._merge()
        if len(self._found) > _MAX_FOUND:
            self._found = [Near.joined(self._found)]

    def _merge(self) -> None:
        """Make one of the last parts, each not much smaller than all after it."""
        last = self._parts.pop()
        while self._parts and self._parts[-1].n <= _MANY * last.n:
            last = _Points.merged(self._parts.pop(), last)
        self._parts.append(last)

    def pairs(self, first_bin: int, stop_bin: int) -> Near:
        """Return the pairs of some bins, half open, each once."""
        found = Near.joined(self._found)
        self._found = [found] if found.n else []
        asked = (found.bin_number >= first_bin) & (found.bin_number < stop_bin)
        return found if asked.all() else found.where(asked)

    def points(self, first_bin: int, stop_bin: int) -> Rows:
        """Return the points of some bins, half open; none without any."""
        return _all([part.between(first_bin, stop_bin) for part in self._parts])

    def forget(self, first_bin: int) -> None:
        """Drop the bins before one."""
        self._first_bin = max(self._first_bin, first_bin)
        self._parts = [part.since(first_bin) for part in self._parts if part.last_bin >= first_bin]
        self._found = [
            found if (kept := found.bin_number >= first_bin).all() else found.where(kept)
            for found in self._found
            if found.bin_number.max() >= first_bin
        ]

    def _keep(self, one: "_Points", other: "_Points", first: Ints, second: Ints) -> None:
        """Keep those candidates, given as row numbers, that are pairs."""
        if not first.size:
            return
        same = one.bin_number[first] == other.bin_number[second]
        first, second = first[same], second[same]
        lat, lon = (one.rows[name][first] for name in ("lat", "lon"))
        distance_m = great_circle_m(lat, lon, other.rows["lat"][second], other.rows["lon"][second])
        near = np.flatnonzero(distance_m <= self._max_distance_m)
        if near.size:
            first, second = first[near], second[near]
            ends = take(one.rows, first), take(other.rows, second)
            self._found.append(Near(*ends, distance_m[near], one.bin_number[first]))


@dataclass(frozen=True)
class _Points:
    """Points and, in order of bin and cell, where they and their images beyond borders lie."""

    rows: Rows
    bin_number: Ints
    last_bin: int
    place: Ints  # rising
    row: Ints  # the point at each place
    image: Ints  # and which image of it that is, 0 for itself

    @property
    def n(self) -> int:
        """The number of points."""
        return self.bin_number.size

    @classmethod
    def of(cls, rows: Rows, bin_number: Ints, cells: Cells) -> "_Points":
        """Return points in order."""
        cell, row, image = cells.of_points(rows["lat"], rows["lon"])
        above = (bin_number & ((1 << _BIN_BITS) - 1)) << cells.bits
        # Images are few and stand at the end: the points themselves need not be looked up.
        cell[: above.size] += above
        cell[above.size :] += above[row[above.size :]]
        order = np.argsort(cell)
        last = int(bin_number.max())
        return cls(rows, bin_number, last, cell[order], row[order], image[order])

    @classmethod
    def merged(cls, one: "_Points", other: "_Points") -> "_Points":
        """Return the points of both."""
        place = np.concatenate((one.place, other.place))
        order = np.argsort(place, kind="stable")  # of two that are sorted: one pass
        row = np.concatenate((one.row, other.row + one.n))
        image = np.concatenate((one.image, other.image))
        return cls(
            joined(one.rows, other.rows),
            np.concatenate((one.bin_number, other.bin_number)),
            max(one.last_bin, other.last_bin),
            place[order],
            row[order],
            image[order],
        )

    def between(self, first_bin: int, stop_bin: int) -> Rows:
        """Return the points of some bins."""
        asked = (self.bin_number >= first_bin) & (self.bin_number < stop_bin)
        return take(self.rows, asked)

    def since(self, first_bin: int) -> "_Points":
        """Return the points without those of earlier bins, once these are half of them."""
        is_kept = self.bin_number >= first_bin
        if 2 * np.count_nonzero(is_kept) > self.n:
            return self
        number = np.cumsum(is_kept) - 1
        kept = np.flatnonzero(is_kept[self.row])
        return _Points(
            take(self.rows, is_kept),
            self.bin_number[is_kept],
            self.last_bin,
            self.place[kept],
            number[self.row[kept]],
            self.image[kept],
        )

    def pairs(self, window: int) -> tuple[Ints, Ints]:
        """Return the points, each pair once, whose places lie within a window of each other."""
        found = []
        left = np.flatnonzero(self.place[1:] - self.place[:-1] <= window)
        for step in range(1, self.place.size):
            if not left.size:
                break
            found.append((left, left + step))
            # Places rise: only those whose last neighbour was near can have another.
            left = left[left + step + 1 < self.place.size]
            left = left[self.place[left + step + 1] - self.place[left] <= window]
        if not found:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        first, second = (np.concatenate(ends) for ends in zip(*found, strict=True))
        return _themselves(self, first, self, second)

    def pairs_with(self, other: "_Points", window: int) -> tuple[Ints, Ints]:
        """Return the points of both whose places lie within a window of each other."""
        start = np.searchsorted(other.place, self.place - window)
        stop = np.searchsorted(other.place, self.place + window, side="right")
        met = np.flatnonzero(stop > start)
        first = np.repeat(met, stop[met] - start[met])
        return _themselves(self, first, other, ranges(start[met], stop[met]))


def _themselves(one: _Points, first: Ints, other: _Points, second: Ints) -> tuple[Ints, Ints]:
    """Return the points of pairs of places, but for those that both are images beyond a border.

    Two points that have an image beyond the same border are near each other on this side too.
    """
    real = (one.image[first] & other.image[second]) == 0
    return one.row[first[real]], other.row[second[real]]


def _all(parts: list[Rows]) -> Rows:
    """Return the rows of all parts, those without any left out."""
    parts = [part for part in parts if n_rows(part)]
    if not parts:
        return {}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
