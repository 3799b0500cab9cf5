"""The last minutes of all fixes, kept as they came, of which those of a few vessels are asked."""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Part:
    """Fixes by vessel and time, and the times of the first and the last of all."""

    rows: Rows
    first_us: int
    last_us: int

    @classmethod
    def of(cls, rows: Rows) -> "_Part":
        return cls(rows, int(rows["t_us"].min()), int(rows["t_us"].max()))


class RecentFixes:
    """Fixes by batch, each by vessel and time; of those long past the last of each vessel."""

    def __init__(self) -> None:
        self._old: list[_Part] = []
        self._new: list[_Part] = []
        self._before = Latest()

    @property
    def rows(self) -> Rows:
        """All of them, by vessel and time."""
        return _in_order([self._before.rows, *(part.rows for part in self._parts)])

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._old = [_Part.of(rows)] if n_rows(rows) else []
        self._new, self._before = [], Latest()

    @property
    def _parts(self) -> list[_Part]:
        return [*self._old, *self._new]

    @property
    def span_us(self) -> tuple[int, int] | None:
        """Time of the first fix and of the last [us]; None without any."""
        spans = [(part.first_us, part.last_us) for part in self._parts]
        if self._before.keys.size:
            t_us = self._before.column("t_us")
            spans.append((int(t_us.min()), int(t_us.max())))
        if not spans:
            return None
        return min(first for first, _ in spans), max(last for _, last in spans)

    def add(self, rows: Rows) -> None:
        """Take in fixes by vessel and time, none older than those of before."""
        if n_rows(rows):
            narrow = {
                name: column.astype(_NARROW.get(name, column.dtype))
                for name, column in rows.items()
            }
            self._new.append(_Part.of(narrow))
        if len(self._new) > _MAX_NEW:
            self._old.append(_Part.of(_in_order([part.rows for part in self._new])))
            self._new = []

    def of(self, keys: Ints) -> Rows:
        """Return the fixes of some vessels (keys rising, at least one) by vessel and time."""
        found = [self._before.of(keys)]
        for part in self._parts:
            key = part.rows["key"]
            first, stop = np.searchsorted(key, keys), np.searchsorted(key, keys + 1)
            found.append(take(part.rows, ranges(first, stop)))
        rows = _in_order(found)
        return {
            name: column.astype(np.float64 if column.dtype == np.float32 else column.dtype)
            for name, column in rows.items()
        }

    def forget(self, past_us: int, oldest_us: int) -> None:
        """Keep of batches before a time the last fix of each vessel, if not before another [us].

        A batch that reaches beyond the time is kept whole.
        """
        for part in (part for part in self._parts if part.last_us < past_us):
            if part.last_us >= oldest_us:
                last = offsets_of_sorted(part.rows["key"])[1:] - 1
                self._before.put(take(part.rows, last))
        self._old = [part for part in self._old if part.last_us >= past_us]
        self._new = [part for part in self._new if part.last_us >= past_us]
        self._before.keep(self._before.column("t_us") >= oldest_us)


def _in_order(parts: list[Rows]) -> Rows:
    """Return the fixes of batches in order of time as one, by vessel and time."""
    rows: Rows = {}
    parts = [part for part in parts if n_rows(part)]
    if parts:
        rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        rows = take(rows, np.argsort(rows["key"], kind="stable"))
    return rows
