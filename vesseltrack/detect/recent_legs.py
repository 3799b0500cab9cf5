"""The last reports of every vessel, in parts that are never changed, and the legs between them."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from vesseltrack.core.records import Rows, n_rows, take
from vesseltrack.core.runs import Bools, Ints, ranges

NO_LEG: Final = -1  # `path_mm` of a report that no leg leads to
_MAX_NEW: Final = 16  # batches before they become one part
_MAX_NEW_ROWS: Final = 1 << 17  # of them: an archive comes by whole days
_ENDS: Final = {"us": "t_us", "lat": "lat", "lon": "lon", "fix": "fix"}  # of a leg, from reports
_NARROW: Final = {  # columns that came with so many bits: nothing is lost
    "fix": np.int32,
    "port_m": np.float32,
    "anchorage_m": np.float32,
}


class RecentReports:
    """Reports in parts by time, each by vessel and time; of each vessel those still needed.

    Parts are put together and replaced, never written to: a saved state shares them.
    """

    def __init__(self) -> None:
        self._old: list[Rows] = []
        self._new: list[Rows] = []

    @property
    def rows(self) -> Rows:
        """The parts as they are, each column under the number of its part."""
        return {
            f"{number}.{name}": column
            for number, part in enumerate([*self._old, *self._new])
            for name, column in part.items()
        }

    @rows.setter
    def rows(self, rows: Rows) -> None:
        parts: dict[int, Rows] = {}
        for name, column in rows.items():
            number, _, column_name = name.partition(".")
            parts.setdefault(int(number), {})[column_name] = column
        self._old, self._new = [parts[number] for number in sorted(parts)], []

    @property
    def is_full(self) -> bool:
        """Whether it is time to forget what is not needed."""
        return len(self._new) > _MAX_NEW or sum(map(n_rows, self._new)) > _MAX_NEW_ROWS

    def add(self, reports: Rows) -> None:
        """Take in reports by vessel and time, none older than those of before of its vessel."""
        if n_rows(reports):
            self._new.append(
                {
                    name: column.astype(_NARROW.get(name, column.dtype))
                    for name, column in reports.items()
                }
            )

    def of(self, keys: Ints) -> Rows:
        """Return the reports of some vessels (keys rising, at least one) by vessel and time."""
        found = []
        for part in (*self._old, *self._new):
            first, stop = (np.searchsorted(part["key"], keys, side) for side in ("left", "right"))
            found.append(take(part, ranges(first, stop)))
        return {
            name: column.astype(np.float64 if column.dtype == np.float32 else column.dtype)
            for name, column in _in_order(found).items()
        }

    def forget(self, needed_us: Callable[[Ints], Ints]) -> None:
        """Make few parts of many, and drop the reports that no vessel needs any more.

        Parameters
        ----------
        needed_us : callable
            From keys, shape (n,), to since when the reports of each are needed [us].
        """
        self._old.append(_in_order(self._new))
        self._new = []
        self._old = [part for part in _needed(self._old, needed_us) if n_rows(part)]
        # Each part is at least twice as large as the next: few parts, and each row moves rarely.
        while len(self._old) > 1 and n_rows(self._old[-2]) < 2 * n_rows(self._old[-1]):
            self._old[-2:] = [_in_order(self._old[-2:])]


def _needed(parts: Iterable[Rows], needed_us: Callable[[Ints], Ints]) -> Iterable[Rows]:
    for part in parts:
        is_needed = part["t_us"] >= needed_us(part["key"])
        # From every part alike: a hole in a vessel's reports would look like a leg.
        yield part if is_needed.all() else take(part, is_needed)


def _in_order(parts: list[Rows]) -> Rows:
    """Return the reports of parts in order of time as one, by vessel and time."""
    rows: Rows = {}
    parts = [part for part in parts if n_rows(part)]
    if len(parts) == 1:
        return parts[0]
    if parts:
        rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        rows = take(rows, np.argsort(rows["key"], kind="stable"))
    return rows


def legs_of(reports: Rows, is_new: Bools) -> tuple[Rows, Bools]:
    """Return the legs between reports by vessel and time, and which are new.

    Parameters
    ----------
    reports : Rows
        By vessel and time: `key`, `t_us`, `lat`, `lon`, `fix`, `port_m`, `anchorage_m`, `path_mm`
        of the leg that leads to each, or `NO_LEG`, and any others, which are told of legs that
        end there.
    is_new : (n,)
        Which reports were not given before.

    Returns
    -------
    legs : Rows
        `key`, `start_us`, `end_us`, `start_lat`, `start_lon`, `end_lat`, `end_lon`, `start_fix`,
        `end_fix`, `path_mm`, `port_m` and `anchorage_m` (the nearer end), and the others.
    is_new : (n_legs,)
        Those that end in new reports.
    """
    key = reports["key"]
    # What was dropped of a vessel lies before its first row: that row's leg went with it.
    end = np.flatnonzero((reports["path_mm"][1:] != NO_LEG) & (key[1:] == key[:-1])) + 1
    start = end - 1
    told = (name for name in reports if name not in _ENDS.values())
    legs = {name: reports[name][end] for name in told}
    for name, column in _ENDS.items():
        legs[f"start_{name}"], legs[f"end_{name}"] = reports[column][start], reports[column][end]
    for name in ("port_m", "anchorage_m"):
        np.minimum(legs[name], reports[name][start], out=legs[name])
    return legs, is_new[end]
