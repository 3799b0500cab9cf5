"""The last minutes of all fixes, in pieces that do not change, and those of a few vessels."""

from collections.abc import Callable
from typing import Final

import numpy as np

from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, is_change, n_rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.detect.packed_fixes import PackedFixes
from vesseltrack.detect.saved import named, under

_MAX_NEW: Final = 16  # batches before they become one
_NEVER: Final = np.iinfo(np.int64).min // 2  # half: differences to it must not overflow

# Takes fixes by vessel and time and the span that they are of [us]; tells which are needed, (n,).
IsNeeded = Callable[[Rows, tuple[int, int]], Bools]


class RecentFixes:
    """Fixes by batch, each by vessel and time; of those long past the last of each vessel."""

    def __init__(self) -> None:
        self._old: list[PackedFixes] = []
        self._new: list[PackedFixes] = []
        self._before = Latest()
        self._thinned_us = _NEVER  # pieces that end before it hold needed fixes only
        self._left_out = Latest()  # `key` and `t_us` of the last fix in those of each vessel

    @property
    def rows(self) -> Rows:
        """All of them: of each piece its packed columns, by its number."""
        rows = {**named("before", self._before.rows), **named("out", self._left_out.rows)}
        for number, part in enumerate(self._parts):
            rows |= named(f"{number}.runs", part.runs) | named(f"{number}.rows", part.rows)
            rows[f"{number}.span_us"] = np.array([part.first_us, part.last_us])
        if self._parts:
            rows["thinned_us"] = np.array([self._thinned_us])
        return rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        n = sum(name.endswith(".span_us") for name in rows)
        spans = [rows[f"{number}.span_us"].tolist() for number in range(n)]
        self._old, self._new = [], []
        for number, (first_us, last_us) in enumerate(spans):
            runs, packed = (under(f"{number}.{kind}", rows) for kind in ("runs", "rows"))
            self._old.append(PackedFixes(runs, packed, first_us, last_us))
        self._before, self._left_out = Latest(), Latest()
        self._before.rows, self._left_out.rows = under("before", rows), under("out", rows)
        self._thinned_us = int(rows["thinned_us"][0]) if n else _NEVER

    @property
    def _parts(self) -> list[PackedFixes]:
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
            self._new.append(PackedFixes.of(rows))
        if len(self._new) > _MAX_NEW:
            self._old.append(PackedFixes.of(_in_order([part.all() for part in self._new])))
            self._new = []

    def of(self, keys: Ints, since_us: int = _NEVER) -> Rows:
        """Return the fixes of some vessels (keys rising, at least one) by vessel and time.

        Of each from the last that is not after a time on [us]; earlier ones may be among them.
        """
        found, left = [], keys
        for part in reversed(self._parts):
            found.append(part.of_keys(keys if part.last_us >= since_us else left))
            first_us, is_heard = part.first_times(left)
            left = left[~(is_heard & (first_us <= since_us))]
            if not left.size:
                break
        return _in_order([self._before.of(left), *reversed(found)])

    def forget(self, past_us: int, oldest_us: int) -> None:
        """Keep of batches before a time the last fix of each vessel, if not before another [us].

        A batch that reaches beyond the time is kept whole.
        """
        for part in (part for part in self._parts if part.last_us < past_us):
            if part.last_us >= oldest_us:
                self._before.put(_last_of_each(part.all()))
        self._old = [part for part in self._old if part.last_us >= past_us]
        self._new = [part for part in self._new if part.last_us >= past_us]
        self._before.keep(self._before.column("t_us") >= oldest_us)
        self._left_out.keep(self._left_out.column("t_us") >= oldest_us)

    def thin(self, until_us: int, silence_us: int, is_needed: IsNeeded) -> None:
        """Keep of pieces before a time the fixes that are needed, and those beside a silence.

        Parameters
        ----------
        until_us : int
            Pieces that reach beyond it are kept whole [us], and so are the last few batches.
        silence_us : int
            The last fix before and the first after a longer time without any is kept [us].
        is_needed : callable
            Tells which others are needed.
        """
        for number, part in enumerate(self._old):
            if self._thinned_us <= part.last_us < until_us and part.n:
                rows, span_us = part.all(), (part.first_us, part.last_us)
                kept = is_needed(rows, span_us) | self._is_at_silence(rows, number, silence_us)
                ends = _last_of_each(rows)
                self._left_out.put({name: ends[name] for name in ("key", "t_us")})
                self._old[number] = PackedFixes.of(take(rows, kept), span_us)
        self._thinned_us = max(self._thinned_us, until_us)

    def _is_at_silence(self, rows: Rows, number: int, silence_us: int) -> Bools:
        """Return which fixes of a piece have a silence before or after them, shape (n,)."""
        key, t_us = rows["key"], rows["t_us"]
        first = np.flatnonzero(is_change(key))
        last = np.append(first[1:], key.size) - 1
        before_us = np.empty_like(t_us)
        before_us[1:] = t_us[:-1]
        before_us[first] = self._left_out.look_up("t_us", key[first], _NEVER)
        after_us = np.empty_like(t_us)
        after_us[:-1] = t_us[1:]
        after_us[last] = self._next_us(key[last], number)
        return (t_us - before_us > silence_us) | (after_us - t_us > silence_us)

    def _next_us(self, keys: Ints, number: int) -> Ints:
        """Return when vessels, keys rising, are first heard after a piece [us]."""
        next_us = np.full(keys.size, -_NEVER)
        left = np.arange(keys.size)
        for part in self._parts[number + 1 :]:
            first_us, is_heard = part.first_times(keys[left])
            next_us[left[is_heard]] = first_us[is_heard]
            left = left[~is_heard]
            if not left.size:
                break
        return next_us


def _last_of_each(rows: Rows) -> Rows:
    """Return the last fix of each vessel of fixes by vessel and time."""
    last = np.flatnonzero(is_change(rows["key"]))[1:] - 1
    return take(rows, np.append(last, n_rows(rows) - 1) if n_rows(rows) else last)


def _in_order(parts: list[Rows]) -> Rows:
    """Return the fixes of batches in order of time as one, by vessel and time."""
    rows: Rows = {}
    parts = [part for part in parts if n_rows(part)]
    if parts:
        rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        rows = take(rows, np.argsort(rows["key"], kind="stable"))
    return rows
