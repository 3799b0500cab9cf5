"""Slow stays: runs of legs, about ten minutes each, that a definition of loitering calls slow.

Speed is made good between reports about ten minutes apart, so that position noise between reports
of seconds apart neither makes nor breaks a stay.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Merge, Row, Rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.shape import centre_and_spread, metres_from, point_at, turns
from vesseltrack.detect.base import Carries
from vesseltrack.detect.events import Draft, Evidence, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import UNKNOWN_STATUS, Slice
from vesseltrack.detect.open_runs import ENDS, OpenRuns, RunRule
from vesseltrack.detect.reports import LEGS, SpacedReports, leg_records, steps
from vesseltrack.detect.run_fold import RunFold, ends_of
from vesseltrack.detect.words import duration, place, span
from vesseltrack.units import US_PER_HOUR, US_PER_S, h_to_us, kn_to_mps, m_to_nm

_COLUMNS: Final = (
    "key",
    "t_us",
    "lat",
    "lon",
    "nav_status",
    "segment",
    "shore_m",
    "port_m",
    "anchorage_m",
)
_US_PER_MINUTE: Final = US_PER_HOUR // 60
_MM_PER_M: Final = 1000.0
_LEGS_OF_A_REPORT: Final = 2  # to it and from it
_DEFAULT: Final = "default"
_NONE_MORE: Final[Mapping[str, bool]] = {}

_HOW: Final[Mapping[str, Merge]] = {
    **LEGS,
    "segment": Merge.FIRST,
    "n_status": Merge.SUM,
    "long_us": Merge.SUM,
    "max_gap_us": Merge.MAX,
    "max_speed_kn": Merge.MAX,
    "min_shore_m": Merge.MIN,
    "min_port_m": Merge.MIN,
    "min_anchorage_m": Merge.MIN,
    "east_m": Merge.SUM,
    "north_m": Merge.SUM,
    "square_m2": Merge.SUM,
    "swept_m2": Merge.SUM,
}


def legs_of(rows: Rows, is_new: Bools, max_gap_us: int) -> Rows:
    """Return legs between successive reports of one segment, as records of one.

    Parameters
    ----------
    rows : Rows
        Reports by vessel and time, with `nth` and `fix` (their number among all fixes).
    is_new : (n,)
        Legs that end in a carried report were made before.
    max_gap_us : int
        A longer silence makes no leg [us].

    Returns
    -------
    legs : Rows
        The columns of a run but those that depend on its anchor, and `speed_kn`.
    """
    start, end = steps(rows, is_new, max_gap_us)
    legs = leg_records(rows, start, end)
    passed_us, status = legs["passed_us"], rows["nav_status"][end]
    legs |= {
        "segment": rows["segment"][end],
        "n_status": (status != UNKNOWN_STATUS).astype(np.int64),
        "long_us": np.where(passed_us > US_PER_HOUR, passed_us, 0),
        "max_gap_us": passed_us,
        "max_speed_kn": legs["speed_kn"],
        "status": status,
    }
    for name in ("shore_m", "port_m", "anchorage_m"):
        legs[f"min_{name}"] = np.minimum(rows[name][start], rows[name][end])
    return legs


class SlowRule(Protocol):
    """What definitions of loitering have in common."""

    @property
    def max_speed_kn(self) -> float:
        """Speed made good below which a leg is slow [kn]."""

    @property
    def min_duration_h(self) -> float:
        """How long a stay lasts [h]."""

    @property
    def report_interval_min(self) -> float:
        """How far apart reports are between which speed is made good [min]."""

    @property
    def max_gap_h(self) -> float:
        """A longer silence ends a stay [h]."""

    @property
    def max_false_reports(self) -> int:
        """How many reports in a row may be false without ending a stay."""

    @property
    def working_classes(self) -> tuple[str, ...]:
        """Who loiters for a living."""


def _measure_from_anchor(records: Rows, anchor: Ints, is_new: Bools) -> None:
    """Fill the sums that say where a stay lay, as seen from its first fix."""
    lat0, lon0 = records["start_lat"][anchor], records["start_lon"][anchor]
    from_east, from_north = metres_from(lat0, lon0, records["start_lat"], records["start_lon"])
    east, north = metres_from(lat0, lon0, records["end_lat"], records["end_lon"])
    new = {
        "east_m": east,
        "north_m": north,
        "square_m2": east**2 + north**2,
        "swept_m2": from_east * north - east * from_north,
    }
    for name, values in new.items():
        records[name] = np.where(is_new, values, records[name])


class SlowStays(RunFold):
    """A definition of loitering: it says which legs are slow, and what a run of them tells."""

    kind = "loitering"

    def __init__(self, rule: SlowRule, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._interval_us = round(rule.report_interval_min * _US_PER_MINUTE)
        self._max_gap_us = h_to_us(rule.max_gap_h)
        self._max_speed_kn = rule.max_speed_kn
        self._min_us = h_to_us(rule.min_duration_h)
        self._working = class_codes(rule.working_classes)
        self._reports = SpacedReports(self._interval_us)
        self._runs = OpenRuns(
            RunRule(self._max_gap_us, max_misses=_LEGS_OF_A_REPORT * rule.max_false_reports),
            _HOW,
            settle=_measure_from_anchor,
            forgive=self._is_still_there,
        )

    def _parts(self) -> Mapping[str, Carries]:
        return {**self._reports.parts(), "runs": self._runs}

    def _closed(self, batch: Slice) -> Rows:
        oldest_us = self._frontier_us - self._max_gap_us - self._interval_us
        reports, is_new = self._reports.push(batch.columns.rows(_COLUMNS), oldest_us)
        legs = legs_of(reports, is_new, self._max_gap_us)
        met = take(legs, self._is_slow(legs))
        return self._runs.push(met, self._reports.last, self._frontier_us).closed

    def _is_still_there(self, before: Rows, after: Rows) -> Bools:
        """Return whether the way past legs that are not slow is slow as a whole, shape (n,)."""
        way_m = great_circle_m(
            before["end_lat"], before["end_lon"], after["start_lat"], after["start_lon"]
        )
        passed_s = (after["start_us"] - before["end_us"]) / US_PER_S
        is_slow = way_m < kn_to_mps(self._max_speed_kn) * passed_s
        return np.asarray(is_slow & (before["segment"] == after["segment"]))

    @abstractmethod
    def _is_slow(self, legs: Rows) -> Bools:
        """Return which legs meet the definition, shape (n,); an unknown distance never does."""

    def _counts(self, runs: Rows) -> Bools:
        return np.asarray(runs["end_us"] - runs["start_us"] >= self._min_us)

    def _measured(self, runs: Rows) -> Rows:
        n_points = runs["n_legs"] + 1  # the first fix is the origin, and adds nothing to the sums
        east, north, spread_m = centre_and_spread(
            n_points, runs["east_m"], runs["north_m"], runs["square_m2"]
        )
        ends = (runs[name] for name in ENDS)
        lat, lon = point_at(runs["start_lat"], runs["start_lon"], east, north)
        passed_us = runs["end_us"] - runs["start_us"]
        path_nm = m_to_nm(runs["path_mm"] / _MM_PER_M)
        return {
            **runs,
            "lat": lat,
            "lon": lon,
            "spread_nm": m_to_nm(spread_m),
            "net_nm": m_to_nm(great_circle_m(*ends)),
            "path_nm": path_nm,
            "hours": passed_us / US_PER_HOUR,
            "mean_speed_kn": path_nm / (passed_us / US_PER_HOUR),
            "coverage_frac": 1 - runs["long_us"] / passed_us,
            "shore_nm": m_to_nm(runs["min_shore_m"]),
            "turns": turns(runs["swept_m2"], spread_m),
        }

    def _stay(
        self,
        run: Row,
        measures: Mapping[str, Measure],
        explanation: str,
        *,
        is_open: bool,
        innocent: Mapping[str, bool] = _NONE_MORE,
        preset: str = _DEFAULT,
    ) -> Draft:
        """Return the event of a stay, from what its definition measured and says of it."""
        start, end = ends_of(run)
        n = int(run["end_fix"] - run["start_fix"] + 1)
        return Draft(
            kind=self.kind,
            keys=(run["key"],),
            anchor=start,
            start=start,
            end=end,
            lat=run["lat"],
            lon=run["lon"],
            measures={
                **measures,
                "max_gap_h": Measure(run["max_gap_us"] / US_PER_HOUR),
                "coverage_frac": Measure(run["coverage_frac"]),
                "n_positions": Measure(n),
                "vessel_class": Measure(self._fleet.class_of(run["key"])),
            },
            innocent={
                "working_craft": self._fleet.any_of([run["key"]], self._working),
                **innocent,
            },
            evidence=[Evidence(run["key"], start.t_us, end.t_us, n)],
            explanation=explanation,
            is_open=is_open,
            presets=(preset,),
            quality=(1 + run["coverage_frac"]) / 2,
            # Two definitions may begin a stay with the same fix.
            anchor_parts=() if preset == _DEFAULT else (preset,),
        )


def told(run: Row) -> str:
    """Return how long a stay lasted, when and where, as it stands in an explanation."""
    return (
        f"Apparent loitering: {duration(run['end_us'] - run['start_us'])} "
        f"({span(run['start_us'], run['end_us'])}) about {place(run['lat'], run['lon'])}"
    )
