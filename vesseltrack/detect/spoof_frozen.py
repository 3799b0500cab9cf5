"""Frozen positions: the same place to the last digit for hours, while the speed says under way."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vesseltrack.config.detect.position_spoofing import PositionSpoofingDefault
from vesseltrack.core.records import Merge, Rows, is_change, take
from vesseltrack.core.runs import Ints
from vesseltrack.detect.base import Carries
from vesseltrack.detect.fold import LastRows
from vesseltrack.detect.open_runs import OpenRuns, RunRule
from vesseltrack.units import SECONDS_PER_HOUR, US_PER_HOUR, US_PER_S, h_to_us

_TENTHS: Final = 10  # speeds are sent in tenths
_HOW: Final[Mapping[str, Merge]] = {
    "lat": Merge.FIRST,
    "lon": Merge.FIRST,
    "port_m": Merge.FIRST,
    "n": Merge.SUM,
    "told": Merge.SUM,  # tenths of knots times seconds
    "min_kn": Merge.MIN,
}


class FrozenRuns:
    """The fold from fixes to the times in which a position stood still and the speed did not."""

    def __init__(self, rule: PositionSpoofingDefault) -> None:
        self._rule = rule
        self._gap_us = h_to_us(rule.frozen_gap_h)
        self._last = LastRows()
        # A run is of legs, each from a fix to the next of the same place: one missing ends it.
        self._runs = OpenRuns(RunRule(self._gap_us, max_misses=0), _HOW)

    def parts(self) -> Mapping[str, Carries]:
        """Return what carries rows from one push to the next, by name."""
        return {"frozen_last": self._last, "frozen_runs": self._runs}

    def push(self, fixes: Rows, frontier_us: int) -> Rows:
        """Take in fixes by vessel and time; return the runs that closed and meet the rule."""
        rows, is_new = self._last.before(fixes)
        self._last.keep(rows, frontier_us - self._gap_us)
        under_way = rows["sog_kn"] > self._rule.frozen_kn
        met = is_new & under_way & ~is_change(rows["key"], rows["lat"], rows["lon"])
        met[1:] &= under_way[:-1] & (np.diff(rows["t_us"]) <= self._gap_us)
        legs = _legs(rows, np.flatnonzero(met))
        return self._frozen(self._runs.push(legs, self._last, frontier_us).closed)

    def under_way(self) -> Rows:
        """Return the runs that would meet the rule if the data ended here."""
        return self._frozen(self._runs.rows) if self._runs.rows else {}

    def _frozen(self, runs: Rows) -> Rows:
        rule = self._rule
        runs = {
            **runs,
            "duration_h": (runs["end_us"] - runs["start_us"]) / US_PER_HOUR,
            "told_nm": runs["told"] / (_TENTHS * SECONDS_PER_HOUR),
            "n": runs["n"] + 1,
        }
        return take(
            runs,
            (runs["duration_h"] > rule.frozen_h)
            & (runs["told_nm"] >= rule.frozen_told_nm)
            & (runs["n"] >= rule.frozen_reports),
        )


def _legs(rows: Rows, end: Ints) -> Rows:
    """Return legs to some fixes from the ones before as records of one."""
    start = end - 1
    slower_kn = np.minimum(rows["sog_kn"][start], rows["sog_kn"][end])
    passed_s = (rows["t_us"][end] - rows["t_us"][start]) // US_PER_S
    return {
        "key": rows["key"][end],
        "start_us": rows["t_us"][start],
        "end_us": rows["t_us"][end],
        "start_nth": rows["nth"][end],
        "end_nth": rows["nth"][end],
        "lat": rows["lat"][end],
        "lon": rows["lon"][end],
        "port_m": rows["port_m"][end],
        "n": np.ones(end.size, dtype=np.int64),
        "told": np.rint(slower_kn * _TENTHS).astype(np.int64) * passed_s,
        "min_kn": slower_kn,
    }
