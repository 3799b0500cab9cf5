"""Runs of rows that meet a rule, carried as exact sums until nothing can extend them.

Each row that met the rule comes as a record of one; records of one run are merged at once, so
what is carried is one record for each run that is still open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.records import Merge, Rows, joined, merged, n_rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.detect.fold import LastRows

# Every record: whose it is, its span in time, and its first and last row among all of the vessel.
SPAN: Final[Mapping[str, Merge]] = {
    "key": Merge.FIRST,
    "start_us": Merge.FIRST,
    "end_us": Merge.LAST,
    "start_nth": Merge.FIRST,
    "end_nth": Merge.LAST,
}
# Where a run began and ended, for those that keep it.
ENDS: Final[Mapping[str, Merge]] = {
    "start_lat": Merge.FIRST,
    "start_lon": Merge.FIRST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
}
_FOREVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class RunRule:
    """What ends a run of rows."""

    max_gap_us: int  # a longer time without a row that meets the rule
    max_misses: int = _FOREVER  # more rows in between that do not meet it


# Fills columns that depend on the first record of each run (its anchor): takes the records, the
# row of each one's anchor, and which records are new.
Settle = Callable[[Rows, Ints, Bools], None]
# Takes the records before and after rows that did not meet the rule, and returns whether those
# rows may be left out; without it they may as long as there are few enough.
Forgive = Callable[[Rows, Rows], Bools]


@dataclass(frozen=True)
class Pushed:
    """What a push led to."""

    closed: Rows  # runs that nothing can extend
    run_start_us: Ints  # for each row pushed, the start of the run that it belongs to


class OpenRuns:
    """The runs that are still open, by vessel."""

    def __init__(
        self,
        rule: RunRule,
        how: Mapping[str, Merge],
        settle: Settle | None = None,
        forgive: Forgive | None = None,
    ) -> None:
        self._rule = rule
        self._how = {**SPAN, **how}
        self._settle = settle
        self._forgive = forgive
        self.rows: Rows = {}

    def push(self, rows: Rows, last: LastRows | None, frontier_us: int) -> Pushed:
        """Add rows that met the rule; return the runs that closed.

        Parameters
        ----------
        rows : Rows
            Records of one, with the columns of `SPAN` and those to merge, in time order for each
            key; columns of integers that `settle` fills may be missing.
        last : LastRows or None
            The last row of each key, met or not, after this batch. None: rows that do not meet the
            rule end nothing.
        frontier_us : int
            No row that starts a gap before this is still to come [us].
        """
        n_open = n_rows(self.rows)
        unsettled = np.zeros(n_rows(rows), dtype=np.int64)
        records = joined(self.rows, {name: rows.get(name, unsettled) for name in self._how})
        order = np.lexsort((records["start_us"], records["key"]))
        records = take(records, order)
        starts_run = self._starts_run(records)
        start = np.flatnonzero(starts_run)
        run = np.cumsum(starts_run) - 1
        if self._settle is not None:
            self._settle(records, start[run], order >= n_open)
        runs = merged(records, start, self._how)
        closed = self._is_closed(runs, last, frontier_us)
        self.rows = take(runs, ~closed)
        run_of_record = np.empty(order.size, dtype=np.int64)
        run_of_record[order] = run
        return Pushed(take(runs, closed), runs["start_us"][run_of_record[n_open:]])

    def _starts_run(self, records: Rows) -> Bools:
        starts = np.ones(n_rows(records), dtype=np.bool_)
        missed = records["start_nth"][1:] - records["end_nth"][:-1] - 1
        silent_us = records["start_us"][1:] - records["end_us"][:-1]
        starts[1:] = (
            (records["key"][1:] != records["key"][:-1])
            | (missed > self._rule.max_misses)
            | (silent_us > self._rule.max_gap_us)
        )
        if self._forgive is not None:
            after = np.flatnonzero(~starts[1:] & (missed > 0)) + 1
            starts[after] = ~self._forgive(take(records, after - 1), take(records, after))
        return starts

    def _is_closed(self, runs: Rows, last: LastRows | None, frontier_us: int) -> Bools:
        closed = np.asarray(frontier_us - runs["end_us"] > self._rule.max_gap_us)
        # Of one key's runs all but the last were ended by the next.
        closed[:-1] |= runs["key"][1:] == runs["key"][:-1]
        if last is not None:
            closed |= last.nth_of(runs["key"]) - runs["end_nth"] > self._rule.max_misses
        return closed
