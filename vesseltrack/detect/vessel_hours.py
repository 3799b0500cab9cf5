"""Who was heard where, hour by hour: vessel-hours and silences, as the hours come to an end.

A *vessel-hour* is a clock hour in which a vessel was heard. Its *run* is the number of hours in a
row, up to it, in which the vessel was heard. A *silence* is a vessel-hour that whole hours follow
in which the vessel is not heard, as many as a gap must last.
"""

from typing import Final

import numpy as np

from vesseltrack.core.records import Rows, is_change, joined, n_rows, take
from vesseltrack.core.runs import Bools, Ints

_NAMES: Final = ("key", "hour", "cell")


class CurrentHour:
    """The fixes of hours that are not over, one for each cell that a vessel went through."""

    def __init__(self) -> None:
        self.rows: Rows = {}

    def push(self, fixes: Rows, frontier_hour: int) -> Rows:
        """Take in fixes (`key`, `hour`, `cell`) by vessel and time.

        Returns
        -------
        passed : Rows
            Those of hours before the frontier, in the same order.
        """
        both = joined(self.rows, _without_repeats(fixes))
        # Sorting keeps what was carried before what came now: by vessel and time again.
        both = _without_repeats(take(both, np.argsort(both["key"], kind="stable")))
        is_over = both["hour"] < frontier_hour
        self.rows = take(both, ~is_over)
        return take(both, is_over)


def _without_repeats(fixes: Rows) -> Rows:
    return take(fixes, is_change(*(fixes[name] for name in _NAMES)))


class Standing:
    """The last vessel-hour of every vessel, and whether it is known for a silence."""

    def __init__(self, silent_h: int) -> None:
        self._silent_h = silent_h
        none = np.zeros(0, dtype=np.int64)
        self.rows: Rows = dict.fromkeys((*_NAMES, "run_h", "is_noted"), none)

    def push(self, passed: Rows, frontier_hour: int) -> tuple[Rows, Rows, Rows]:
        """Take in what was heard in hours that are over.

        Parameters
        ----------
        passed : Rows
            See `CurrentHour.push`.
        frontier_hour : int
            No vessel-hour before it is still to come.

        Returns
        -------
        heard : Rows
            `hour`, `cell`, `key`, `run_h`: a row for each cell of each vessel-hour.
        silences : Rows
            The same of the silences that are known now, at the last cell of the vessel-hour.
        returned : Rows
            The same of those that have ended, but `hour` is that of the return.
        """
        is_new_hour = is_change(passed["key"], passed["hour"])
        last = np.append(np.flatnonzero(is_new_hour)[1:], is_new_hour.size) - 1
        hours = take(passed, last[: is_new_hour.sum()])
        unnoted, returned = self._follow(hours)
        run_h = hours["run_h"][np.cumsum(is_new_hour) - 1]
        heard = _one_each({**passed, "run_h": run_h})
        is_long = frontier_hour - self.rows["hour"] > self._silent_h
        under_way = is_long & (self.rows["is_noted"] == 0)
        silences = joined(unnoted, _told(take(self.rows, under_way)))
        self.rows["is_noted"] = np.where(is_long, 1, self.rows["is_noted"])
        return heard, silences, returned

    def _follow(self, hours: Rows) -> tuple[Rows, Rows]:
        """Give vessel-hours, by vessel and time, their runs.

        Return the silences they end that nobody knew of, and all of them at their ends.
        """
        n = n_rows(hours)
        none = np.zeros(n, dtype=np.int64)
        hours["run_h"], hours["is_noted"] = none + 1, none
        is_heard = np.isin(self.rows["key"], hours["key"])
        both = joined(take(self.rows, is_heard), hours)
        order = np.argsort(both["key"], kind="stable")  # what was carried comes first
        both = take(both, order)
        is_first = is_change(both["key"])
        passed_h = np.diff(both["hour"], prepend=0)
        starts = np.flatnonzero(is_first | (passed_h != 1))
        length = np.diff(np.append(starts, is_first.size))
        both["run_h"] = (
            np.arange(is_first.size) + np.repeat(both["run_h"][starts] - starts, length)
        ).astype(np.int64)
        hours["run_h"] = both["run_h"][np.argsort(order)][is_heard.sum() :]

        back = np.flatnonzero(~is_first & (passed_h > self._silent_h))
        before = take(both, back - 1)
        is_last = np.append(is_first[1:], True)[: is_first.size]
        rows = joined(take(self.rows, ~is_heard), take(both, is_last))
        self.rows = take(rows, np.argsort(rows["key"], kind="stable"))
        returned = {**_told(before), "hour": both["hour"][back]}
        return _told(take(before, before["is_noted"] == 0)), returned

    def is_last_hour(self, key: Ints, hour: Ints) -> Bools:
        """Return which vessel-hours are the last of their vessels, shape (n,)."""
        known = self.rows["key"]
        place = np.minimum(np.searchsorted(known, key), max(known.size - 1, 0))
        if not known.size:
            return np.zeros(key.size, dtype=np.bool_)
        return np.asarray((known[place] == key) & (self.rows["hour"][place] == hour))


def _told(rows: Rows) -> Rows:
    return {name: rows[name] for name in ("hour", "cell", "key", "run_h")}


def _one_each(passed: Rows) -> Rows:
    """Return one row for each vessel, hour and cell."""
    ordered = take(passed, np.lexsort((passed["cell"], passed["hour"], passed["key"])))
    return _told(_without_repeats(ordered))
