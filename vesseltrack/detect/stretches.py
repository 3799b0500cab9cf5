"""Where vessels were heard last, and since when without a long silence."""

from typing import Final

import numpy as np

from vesseltrack.core.records import Row, Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.runs import Ints, first_not_below
from vesseltrack.detect.fold import LastRows

ALWAYS_US: Final = np.iinfo(np.int64).min


class Stretches:
    """The fixes of a batch behind the last of each vessel, with when its track began."""

    def __init__(self, fixes: LastRows, batch: Rows, max_silence_us: int) -> None:
        starting = {
            **batch,
            "begun_us": batch["t_us"],
            "begun_nth": np.zeros(n_rows(batch), dtype=np.int64),
            "first_us": batch["t_us"],
            "first_lat": batch["lat"],
            "first_lon": batch["lon"],
        }
        self.rows, is_new = fixes.before(starting)
        rows = self.rows
        n = n_rows(rows)
        is_first = is_change(rows["key"])
        rows["begun_nth"] = np.where(is_new, rows["nth"], rows["begun_nth"])
        silent_us = np.diff(rows["t_us"], prepend=rows["t_us"][:1])
        begins = is_first | (silent_us > max_silence_us)
        for name, starts in (
            ("begun_us", begins),
            ("begun_nth", begins),
            *((name, is_first) for name in ("first_us", "first_lat", "first_lon")),
        ):
            # A carried row knows where its own stretch began.
            origin = np.maximum.accumulate(np.where(starts | ~is_new, np.arange(n), 0))
            rows[name] = rows[name][origin]
        fixes.keep(rows, ALWAYS_US)
        self._fixes = fixes

    def before(self, key: int, t_us: int) -> Row | None:
        """Return the last fix of a vessel before a time, or None."""
        start, stop = np.searchsorted(self.rows["key"], [key, key + 1])
        if start == stop:
            found = self._fixes.of(np.array([key], dtype=np.int64))
            return row_at(found, 0) if n_rows(found) else None
        row = int(start + np.searchsorted(self.rows["t_us"][start:stop], t_us)) - 1
        return row_at(self.rows, row) if row >= start else None

    def last_before(self, keys: Ints, t_us: int, between_us: tuple[int, int]) -> Rows:
        """Return the last fixes of vessels before a time, of those that lie in a span, by key.

        Parameters
        ----------
        keys : (n,)
            The vessels, rising.
        t_us : int
            The time [us].
        between_us : (int, int)
            From when until before when fixes count [us].
        """
        start = np.searchsorted(self.rows["key"], keys)
        stop = np.searchsorted(self.rows["key"], keys, side="right")
        after = first_not_below(self.rows["t_us"], start, stop, t_us)
        heard = _between(self.rows, after[after > start] - 1, between_us)
        known, others = self._fixes.shared, keys[start == stop]
        place = np.minimum(np.searchsorted(known["key"], others), known["key"].size - 1)
        silent = _between(known, place[known["key"][place] == others], between_us)
        both = joined(heard, {name: silent[name] for name in heard})
        return take(both, np.argsort(both["key"]))


def _between(rows: Rows, places: Ints, between_us: tuple[int, int]) -> Rows:
    since_us, until_us = between_us
    t_us = rows["t_us"][places]
    return take(rows, places[(t_us >= since_us) & (t_us < until_us)])
