"""How much of its time each vessel has spent in a certain way, over the days before a moment."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vesseltrack.core.records import Merge, Rows, is_change, joined, merged, n_rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.units import US_PER_DAY, US_PER_HOUR

_BUCKET_US: Final = 6 * US_PER_HOUR
_BITS: Final = 24  # buckets of 6 h since 1970 fit until the year 13,000
_HOW: Final[Mapping[str, Merge]] = {
    "key": Merge.FIRST,
    "bucket": Merge.FIRST,
    "met_us": Merge.SUM,
    "all_us": Merge.SUM,
}


class Habits:
    """Times of each vessel in buckets of six hours by the clock, for as many days as are asked."""

    def __init__(self, days: float) -> None:
        self._n_buckets = round(days * US_PER_DAY / _BUCKET_US)
        self.rows: Rows = {}  # by vessel and bucket

    def push(self, legs: Rows, is_met: Bools) -> None:
        """Add legs, each to the bucket in which it starts.

        Parameters
        ----------
        legs : Rows
            `key`, `start_us` and `end_us`.
        is_met : (n,)
            Which of them were spent in that way.
        """
        passed_us = legs["end_us"] - legs["start_us"]
        new = {
            "key": legs["key"],
            "bucket": legs["start_us"] // _BUCKET_US,
            "met_us": np.where(is_met, passed_us, 0),
            "all_us": passed_us,
        }
        both = joined(self.rows, new)
        both = take(both, np.lexsort((both["bucket"], both["key"])))
        start = np.flatnonzero(is_change(both["key"], both["bucket"]))
        self.rows = merged(both, start, _HOW)

    def forget(self, oldest_us: int) -> None:
        """Drop what no moment from this one on [us] asks about."""
        first = oldest_us // _BUCKET_US - self._n_buckets
        self.rows = take(self.rows, self.rows["bucket"] >= first) if self.rows else {}

    def before(self, keys: Ints, t_us: Ints) -> tuple[Ints, Ints]:
        """Return the time spent in that way and the whole time [us], each of shape (n,).

        Counted are the days before the bucket of each moment, which is left out: what a vessel
        does now is no habit yet. 0 for vessels that are not known.
        """
        if not n_rows(self.rows):
            return np.zeros(keys.size, dtype=np.int64), np.zeros(keys.size, dtype=np.int64)
        known = np.unique(self.rows["key"])
        vessel = np.minimum(np.searchsorted(known, keys), known.size - 1)
        is_known = known[vessel] == keys
        places = (np.searchsorted(known, self.rows["key"]) << _BITS) + self.rows["bucket"]
        bucket = (vessel << _BITS) + t_us // _BUCKET_US
        first = np.searchsorted(places, bucket - self._n_buckets)
        stop = np.searchsorted(places, bucket)
        sums = (np.concatenate(([0], np.cumsum(self.rows[name]))) for name in ("met_us", "all_us"))
        met_us, all_us = (np.where(is_known, total[stop] - total[first], 0) for total in sums)
        return met_us, all_us
