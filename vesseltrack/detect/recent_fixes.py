"""The last minutes of all fixes, kept as they came, of which those of a few vessels are asked."""

from typing import Final

import numpy as np

from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, n_rows, take
from vesseltrack.core.runs import Ints, offsets_of_sorted, ranges

_MAX_NEW: Final = 32  # batches before they become one
_NARROW: Final = {  # columns that came with so many bits: nothing is lost
    "sog_kn": np.float32,
    "heading_deg": np.float32,
    "port_m": np.float32,
    "shore_m": np.float32,
    "nth": np.int32,
}


class RecentFixes:
    """Fixes by batch, each by vessel and time; of those long past the last of each vessel."""

    def __init__(self) -> None:
        self._old: list[Rows] = []
        self._new: list[Rows] = []
        self._before = Latest()

    @property
    def rows(self) -> Rows:
        """All of them, by vessel and time."""
        return _in_order([self._before.rows, *self._parts])

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._old, self._new, self._before = [rows] if n_rows(rows) else [], [], Latest()

    @property
    def _parts(self) -> list[Rows]:
        return [*self._old, *self._new]

    @property
    def span_us(self) -> tuple[int, int] | None:
        """Time of the first fix and of the last [us]; None without any."""
        times = [part["t_us"] for part in self._parts]
        if self._before.keys.size:
            times.append(self._before.column("t_us"))
        if not times:
            return None
        return min(int(t_us.min()) for t_us in times), max(int(t_us.max()) for t_us in times)

    def add(self, rows: Rows) -> None:
        """Take in fixes by vessel and time, none older than those of before."""
        if n_rows(rows):
            self._new.append(
                {
                    name: column.astype(_NARROW.get(name, column.dtype))
                    for name, column in rows.items()
                }
            )
        if len(self._new) > _MAX_NEW:
            self._old.append(_in_order(self._new))
            self._new = []

    def of(self, keys: Ints) -> Rows:
        """Return the fixes of some vessels (keys rising, at least one) by vessel and time."""
        found = [self._before.of(keys)]
        for part in self._parts:
            first, stop = (np.searchsorted(part["key"], key) for key in (keys, keys + 1))
            found.append(take(part, ranges(first, stop)))
        rows = _in_order(found)
        return {
            name: column.astype(np.float64 if column.dtype == np.float32 else column.dtype)
            for name, column in rows.items()
        }

    def forget(self, past_us: int, oldest_us: int) -> None:
        """Keep of fixes before a time the last of each vessel, if not before another [us]."""
        self._old = self._without(self._old, past_us)
        self._new = self._without(self._new, past_us)
        self._before.keep(self._before.column("t_us") >= oldest_us)

    def _without(self, parts: list[Rows], past_us: int) -> list[Rows]:
        left = []
        for part in parts:
            is_past = part["t_us"] < past_us
            if not is_past.any():
                left.append(part)
                continue
            past = take(part, is_past)
            self._before.put(take(past, offsets_of_sorted(past["key"])[1:] - 1))
            if not is_past.all():
                left.append(take(part, ~is_past))
        return left


def _in_order(parts: list[Rows]) -> Rows:
    """Return the fixes of batches in order of time as one, by vessel and time."""
    rows: Rows = {}
    parts = [part for part in parts if n_rows(part)]
    if parts:
        rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        rows = take(rows, np.argsort(rows["key"], kind="stable"))
    return rows
