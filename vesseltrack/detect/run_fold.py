"""What detectors share whose events are runs of rows that meet a rule."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from vesseltrack.core.records import Row, Rows, row_at, take
from vesseltrack.core.runs import Bools
from vesseltrack.detect.base import Fold
from vesseltrack.detect.events import Draft, Fix
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.open_runs import OpenRuns


class RunFold(Fold):
    """A detector of one vessel's runs: it says what a run is, which count, and what they tell."""

    _runs: OpenRuns

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        return self._told(self._closed(batch), is_open=False)

    def _if_ended(self) -> Sequence[Draft]:
        return self._told(self._runs.rows, is_open=True)

    def _told(self, runs: Rows, *, is_open: bool) -> list[Draft]:
        """Return the events among runs, each from its own row."""
        if not runs:
            return []
        runs = self._measured(runs)
        met = take(runs, np.flatnonzero(self._counts(runs)))
        return [self._draft(row_at(met, row), is_open=is_open) for row in range(met["key"].size)]

    def _measured(self, runs: Rows) -> Rows:
        """Return runs with what is reckoned from their sums."""
        return runs

    @abstractmethod
    def _closed(self, batch: Slice) -> Rows:
        """Take the fixes of a slice and return the runs that nothing can extend any more."""

    @abstractmethod
    def _counts(self, runs: Rows) -> Bools:
        """Return which runs are events, shape (n,)."""

    @abstractmethod
    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        """Return the event of a run."""


def ends_of(run: Row) -> tuple[Fix, Fix]:
    """Return the first and the last fix of a run."""
    return (
        Fix(run["start_us"], run["start_lat"], run["start_lon"]),
        Fix(run["end_us"], run["end_lat"], run["end_lon"]),
    )
