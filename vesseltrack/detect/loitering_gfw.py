"""Loitering as Global Fishing Watch defines it: slow clock hours of a segment, far from shore.

Each message brings the hours and metres since the message before it in its segment. A clock hour
is slow when their sums give less than 2 kn; slow hours that follow one another (hours without
messages do not count) make an event, which starts at the last message before the first of them.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.loitering import LoiteringGfw
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Merge, Row, Rows, is_change, joined, merged, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.shape import halfway
from vesseltrack.detect.base import Carries
from vesseltrack.detect.events import Draft, Evidence, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.open_runs import ENDS, OpenRuns, RunRule
from vesseltrack.detect.run_fold import RunFold, ends_of
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import h_to_us, m_to_nm, mps_to_kn

Floats = npt.NDArray[np.float64]

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "segment", "shore_m")
_ALWAYS_US: Final = np.iinfo(np.int64).min
_PER_THOUSAND: Final = 1000
_MS_PER_H: Final = 3_600_000

# What a bucket sums over its messages, and a run over its buckets.
_SUMS: Final[Mapping[str, Merge]] = {
    "vessel": Merge.FIRST,
    "start_us": Merge.FIRST,
    "end_us": Merge.LAST,
    "start_fix": Merge.FIRST,
    "end_fix": Merge.LAST,
    **ENDS,
    "ms": Merge.SUM,
    "mm": Merge.SUM,
    "shore_m_ms": Merge.SUM,
    # Of the message before the first: its own interval lies before the event, but weighs its
    # distance from shore.
    "before_ms": Merge.FIRST,
    "before_shore_m_ms": Merge.FIRST,
}
_BUCKET: Final[Mapping[str, Merge]] = {
    "key": Merge.FIRST,
    "bucket": Merge.FIRST,
    **_SUMS,
}


def mean_speed_kn(ms: Ints, mm: Ints) -> Floats:
    """Return distance over time; NaN where no time is known, shape (n,) [kn]."""
    metres_per_s: Floats = np.divide(mm, ms, out=np.full(ms.size, np.nan), where=ms > 0)
    return mps_to_kn(metres_per_s)


def is_slow(speed_kn: Floats, rule: LoiteringGfw) -> Bools:
    """Return which buckets are slow, shape (n,); one of unknown speed is not."""
    return np.asarray(speed_kn < rule.max_speed_kn)


def mean_shore_m(ms: Ints, shore_m_ms: Ints) -> Floats:
    """Return the distance from shore, each message's weighed by its interval, shape (n,) [m]."""
    shore_m: Floats = np.divide(shore_m_ms, ms, out=np.full(ms.size, np.nan), where=ms > 0)
    return shore_m


def messages_of(rows: Rows, is_new: Bools) -> Rows:
    """Return each new message with the interval that it ends, as a record of one.

    Parameters
    ----------
    rows : Rows
        Fixes by vessel and time, with `fix`, and `ms` and `shore_m_ms` of carried ones.
    is_new : (n,)
        Which rows are of this batch.

    Returns
    -------
    messages : Rows
        Columns of a bucket but `bucket`; `key` is the segment. The first message of a segment has
        no interval: it starts at itself and weighs nothing.
    """
    opens = is_change(rows["segment"], rows["key"])
    row = np.arange(opens.size)
    before = np.where(opens, row, row - 1)
    t_us, lat, lon = rows["t_us"], rows["lat"], rows["lon"]
    passed_m = great_circle_m(lat[before], lon[before], lat, lon)
    ms = np.where(is_new, (t_us - t_us[before]) // _PER_THOUSAND, rows["ms"])
    shore_m_ms = np.rint(rows["shore_m"]).astype(np.int64) * ms
    messages = {
        "key": rows["segment"],
        "vessel": rows["key"],
        "start_us": t_us[before],
        "end_us": t_us,
        "start_fix": rows["fix"][before],
        "end_fix": rows["fix"],
        "start_lat": lat[before],
        "start_lon": lon[before],
        "end_lat": lat,
        "end_lon": lon,
        "ms": ms,
        "mm": np.rint(passed_m * _PER_THOUSAND).astype(np.int64),
        "shore_m_ms": shore_m_ms,
        "before_ms": np.where(opens, 0, ms[before]),
        "before_shore_m_ms": np.where(opens, 0, shore_m_ms[before]),
    }
    rows["ms"] = ms
    return take(messages, is_new)


class _Buckets:
    """Clock hours that may still receive messages."""

    def __init__(self, length_us: int) -> None:
        self._length_us = length_us
        self.rows: Rows = {}

    def push(self, messages: Rows, frontier_us: int) -> Rows:
        """Add messages; return the buckets that are complete, by segment and time."""
        messages = {**messages, "bucket": messages["end_us"] // self._length_us}
        both = joined(self.rows, {name: messages[name] for name in _BUCKET})
        both = take(both, np.lexsort((both["end_us"], both["key"])))
        start = np.flatnonzero(is_change(both["key"], both["bucket"]))
        buckets = merged(both, start, _BUCKET)
        complete = (buckets["bucket"] + 1) * self._length_us <= frontier_us
        self.rows = take(buckets, ~complete)
        return take(buckets, complete)


class LoiteringAsGfw(RunFold):
    """The `gfw` preset of `loitering`."""

    kind = "loitering"

    def __init__(self, rule: LoiteringGfw, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._max_gap_us = h_to_us(rule.max_gap_h)
        self._working = class_codes(rule.working_classes)
        self._fixes = LastRows()
        self._buckets = _Buckets(h_to_us(rule.bucket_h))
        self._hours = LastRows()
        self._runs = OpenRuns(RunRule(self._max_gap_us, max_misses=0), _SUMS)

    def _parts(self) -> Mapping[str, Carries]:
        return {
            "fixes": self._fixes,
            "buckets": self._buckets,
            "hours": self._hours,
            "runs": self._runs,
        }

    def _closed(self, batch: Slice) -> Rows:
        oldest_us = self._frontier_us - self._max_gap_us - h_to_us(self._rule.bucket_h)
        rows = batch.columns.rows(_COLUMNS)
        rows["ms"] = np.zeros(rows["key"].size, dtype=np.int64)
        rows, is_new = self._fixes.before(rows)
        rows["fix"] = rows["nth"]
        messages = messages_of(rows, is_new)
        del rows["fix"]
        self._fixes.keep(rows, oldest_us)
        complete = self._buckets.push(messages, self._frontier_us)
        slow, buckets = self._slow(complete)
        self._hours.keep(buckets, oldest_us)
        return self._runs.push(slow, self._hours, self._frontier_us).closed

    def _slow(self, complete: Rows) -> tuple[Rows, Rows]:
        """Return the slow ones among complete buckets as records, and all with those before."""
        buckets, is_new = self._hours.before({**complete, "t_us": complete["end_us"]})
        speed_kn = mean_speed_kn(buckets["ms"], buckets["mm"])
        slow = take(buckets, is_slow(speed_kn, self._rule) & is_new)
        return {**slow, "start_nth": slow["nth"], "end_nth": slow["nth"]}, buckets

    def _if_ended(self) -> Sequence[Draft]:
        if not self._buckets.rows:
            return []
        # The hours under way count as they stand; a twin takes them, so that nothing is changed.
        slow, buckets = self._slow(self._buckets.rows)
        hours = LastRows()
        hours.keep(buckets, _ALWAYS_US)
        runs = OpenRuns(RunRule(self._max_gap_us, max_misses=0), _SUMS)
        runs.rows = self._runs.rows
        ended = runs.push(slow, hours, self._frontier_us).closed
        return self._told(joined(ended, runs.rows), is_open=True)

    def _measured(self, runs: Rows) -> Rows:
        shore_m = mean_shore_m(
            runs["ms"] + runs["before_ms"], runs["shore_m_ms"] + runs["before_shore_m_ms"]
        )
        return {**runs, "shore_nm": m_to_nm(shore_m)}

    def _counts(self, runs: Rows) -> Bools:
        return np.asarray(
            (runs["shore_nm"] >= self._rule.min_shore_nm)
            & (runs["ms"] >= self._rule.min_duration_h * _MS_PER_H)
        )

    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        rule, key = self._rule, run["vessel"]
        start, end = ends_of(run)
        lat, lon = halfway(start.lat, start.lon, end.lat, end.lon)
        hours = run["ms"] / _MS_PER_H
        path_nm = m_to_nm(run["mm"] / _PER_THOUSAND)
        shore_nm = run["shore_nm"]
        n = run["end_fix"] - run["start_fix"] + 1
        speed_kn = path_nm / hours
        measures = {
            "mean_speed_kn": Measure(speed_kn, "<", rule.max_speed_kn),
            "mean_shore_nm": Measure(shore_nm, ">=", rule.min_shore_nm),
            "hours": Measure(hours, ">=", rule.min_duration_h)
            if rule.min_duration_h > 0
            else Measure(hours),
            "path_nm": Measure(path_nm),
            "n_positions": Measure(n),
            "vessel_class": Measure(self._fleet.class_of(key)),
        }
        explanation = (
            f"Apparent loitering: {duration(end.t_us - start.t_us)} "
            f"({span(start.t_us, end.t_us)}) about {place(lat, lon)} at {number(speed_kn)} kn on "
            f"average, {number(shore_nm)} nm from shore on average; held against clock hours "
            f"under {limit(rule.max_speed_kn)} kn, {limit(rule.min_shore_nm)} nm or more from "
            f"shore (GFW)."
        )
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=lat,
            lon=lon,
            measures=measures,
            innocent={"working_craft": self._fleet.any_of([key], self._working)},
            evidence=[Evidence(key, start.t_us, end.t_us, n)],
            explanation=explanation,
            is_open=is_open,
            presets=("gfw",),
            anchor_parts=("gfw",),
        )
