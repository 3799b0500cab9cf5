"""Fixes in half the room, exactly: what stays along a vessel's run of fixes is kept once."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.records import Rows, is_change, n_rows
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.units import E6

_COUNTED: Final = "nth"  # rises by one along a run
_STEADY: Final = ("key", "segment", _COUNTED)
_PLACES: Final = ("lat", "lon")
# Columns that came with so many bits.
_NARROW: Final = ("sog_kn", "heading_deg", "port_m", "shore_m")


@dataclass(frozen=True)
class PackedFixes:
    """Fixes by vessel and time, never changed.

    Attributes
    ----------
    runs : Rows
        Of each run the first row's `start` and what stays along it: `key`, and `segment` and `nth`
        (of its first fix) where fixes have them.
    rows : Rows
        The other columns of each fix; `t_us` counted from the first of all, places in millionths
        of a degree where that is what they are.
    first_us, last_us : int
        From when to when, also of fixes that were left out since [us].
    """

    runs: Rows
    rows: Rows
    first_us: int
    last_us: int

    @classmethod
    def of(cls, rows: Rows, span_us: tuple[int, int] | None = None) -> "PackedFixes":
        """Return fixes by vessel and time packed; without a span at least one."""
        t_us = rows["t_us"]
        first_us, last_us = span_us or (int(t_us.min()), int(t_us.max()))
        along = np.arange(t_us.size)
        steady: Rows = {name: rows[name] for name in _STEADY if name in rows}
        if _COUNTED in steady:
            steady[_COUNTED] = steady[_COUNTED] - along
        start = np.flatnonzero(is_change(*steady.values()))
        runs: Rows = {name: rows[name][start] for name in steady}
        fits = last_us - first_us <= np.iinfo(np.int32).max
        packed: Rows = {"t_us": (t_us - first_us).astype(np.int32 if fits else np.int64)}
        for name in _PLACES:
            packed[name] = _in_millionths(rows[name])
        for name in rows:
            if name not in steady and name not in packed:
                column = rows[name]
                packed[name] = column.astype(np.float32 if name in _NARROW else column.dtype)
        runs["start"] = start.astype(np.int32)
        return cls(runs, packed, first_us, last_us)

    @property
    def n(self) -> int:
        """The number of fixes."""
        return n_rows(self.rows)

    def all(self) -> Rows:
        """Return all fixes as they were."""
        return self._unpacked(np.arange(n_rows(self.runs)))

    def of_keys(self, keys: Ints) -> Rows:
        """Return the fixes of some vessels, keys rising, by vessel and time."""
        key = self.runs["key"]
        first = np.searchsorted(key, keys)
        return self._unpacked(ranges(first, np.searchsorted(key, keys, side="right")))

    def first_times(self, keys: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Return when each vessel was first heard [us], and whether it was; shape (n,)."""
        key = self.runs["key"]
        if not key.size:
            return np.zeros(keys.size, dtype=np.int64), np.zeros(keys.size, dtype=np.bool_)
        run = np.minimum(np.searchsorted(key, keys), key.size - 1)
        since_us = self.rows["t_us"][self.runs["start"][run]].astype(np.int64)
        return self.first_us + since_us, key[run] == keys

    def _unpacked(self, run: Ints) -> Rows:
        start = self.runs["start"]
        stop = np.append(start[1:], self.n)
        length = (stop - start)[run]
        row = ranges(start[run], stop[run])
        found: Rows = {}
        for name in _STEADY:
            if name in self.runs:
                found[name] = np.repeat(self.runs[name][run], length)
        if _COUNTED in found:
            found[_COUNTED] = found[_COUNTED] + row - np.repeat(start[run], length)
        for name, column in self.rows.items():
            values = column[row]
            if name == "t_us":
                values = self.first_us + values.astype(np.int64)
            elif name in _PLACES and values.dtype == np.int32:
                values = values / E6
            elif values.dtype == np.float32:
                values = values.astype(np.float64)
            found[name] = values
        return found


def _in_millionths(degrees: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return degrees as whole millionths if they are, bit for bit; else as they are."""
    whole = np.rint(degrees * E6).astype(np.int32)
    return whole if np.array_equal(whole / E6, degrees) else degrees
