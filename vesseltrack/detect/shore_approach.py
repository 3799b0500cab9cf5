"""Slow close to the shore, away from ports and anchorages, by a vessel that normally keeps off."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.config.detect.shore_approach import ShoreApproachDefault
from vesseltrack.core.records import Merge, Row, Rows, take
from vesseltrack.core.runs import Bools
from vesseltrack.core.shape import halfway
from vesseltrack.detect.base import Carries
from vesseltrack.detect.events import Draft, Evidence, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.habits import Habits
from vesseltrack.detect.open_runs import OpenRuns, RunRule
from vesseltrack.detect.reports import LEGS, SpacedReports, leg_records, steps
from vesseltrack.detect.run_fold import RunFold, ends_of
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_HOUR, US_PER_S, h_to_us, m_to_nm, mps_to_kn, nm_to_m

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
_M_PER_KM: Final = 1000.0
_MM_PER_M: Final = 1000.0
_OWN, _CLASS = "its own days before", "its class"
_HOW: Final[Mapping[str, Merge]] = {
    **LEGS,
    "n_anchored": Merge.SUM,
    "shore_m": Merge.MIN,
    "port_m": Merge.MIN,
    "near_us": Merge.FIRST,
    "out_us": Merge.FIRST,
}


class ShoreApproach(RunFold):
    """The `default` preset of `shore_approach`."""

    kind = "shore_approach"

    def __init__(self, rule: ShoreApproachDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._gap_us = h_to_us(rule.max_gap_h)
        self._prior = class_codes(rule.prior_classes)
        self._working = class_codes(rule.working_classes)
        self._reports = SpacedReports(round(rule.report_interval_min * _US_PER_MINUTE))
        self._habits = Habits(rule.history_days)
        self._runs = OpenRuns(RunRule(self._gap_us, rule.max_other_legs), _HOW)

    def _parts(self) -> Mapping[str, Carries]:
        return {**self._reports.parts(), "habits": self._habits, "runs": self._runs}

    def _closed(self, batch: Slice) -> Rows:
        rows = batch.columns.rows(_COLUMNS)
        # A leg that is still to come begins up to its length before the fix that ends it.
        begins_us = self._frontier_us - self._gap_us
        reports, is_new = self._reports.push(rows, begins_us)
        legs = self._legs(reports, is_new)
        is_out = self._is_out(legs)
        is_near = is_out & (legs["shore_m"] > 0) & (legs["far_shore_m"] <= self._near_m)
        self._habits.push(take(legs, is_out), is_near[is_out])
        slow = take(legs, is_near & (legs["speed_kn"] < self._rule.max_speed_kn))
        slow["near_us"], slow["out_us"] = self._habits.before(slow["key"], slow["start_us"])
        self._habits.forget(begins_us)
        return self._runs.push(slow, self._reports.last, begins_us).closed

    @property
    def _near_m(self) -> float:
        return nm_to_m(self._rule.max_shore_nm)

    def _is_out(self, legs: Rows) -> Bools:
        """Return which legs lie outside port approaches and anchorages, shape (n,)."""
        rule = self._rule
        return np.asarray(
            (legs["port_m"] > rule.port_radius_km * _M_PER_KM)
            & (legs["anchorage_m"] > rule.anchorage_radius_km * _M_PER_KM)
        )

    def _legs(self, reports: Rows, is_new: Bools) -> Rows:
        """Return the new legs as records of one, with the farther end's distance from shore."""
        start, end = steps(reports, is_new, self._gap_us)
        is_anchored = np.isin(reports["nav_status"][end], self._rule.anchored_status)
        ends = {
            name: (reports[name][start], reports[name][end])
            for name in ("shore_m", "port_m", "anchorage_m")
        }
        return {
            **leg_records(reports, start, end),
            "n_anchored": is_anchored.astype(np.int64),
            "far_shore_m": np.maximum(*ends["shore_m"]),
            **{name: np.minimum(*both) for name, both in ends.items()},
        }

    def _measured(self, runs: Rows) -> Rows:
        has_history = runs["out_us"] >= max(h_to_us(self._rule.min_history_h), 1)
        return {**runs, "has_history": has_history}

    def _counts(self, runs: Rows) -> Bools:
        lasted_us = runs["end_us"] - runs["start_us"]
        long_enough = lasted_us >= h_to_us(self._rule.min_duration_h)
        return np.asarray(long_enough & self._normally_keeps_off(runs))

    def _normally_keeps_off(self, runs: Rows) -> Bools:
        """Return whose own days before, or else whose class, say so, shape (n,)."""
        rule = self._rule
        by_itself = runs["near_us"] <= rule.max_near_frac * runs["out_us"]
        by_class = np.isin(self._fleet.ship_type(runs["key"]), self._prior) & (
            self._fleet.length_m(runs["key"]) >= rule.prior_min_length_m
        )
        return np.where(runs["has_history"], by_itself, by_class)

    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        rule, key = self._rule, run["key"]
        by = _OWN if run["has_history"] else _CLASS
        start, end = ends_of(run)
        lat, lon = halfway(start.lat, start.lon, end.lat, end.lon)
        lasted_us = end.t_us - start.t_us
        speed_kn = mps_to_kn(run["path_mm"] / _MM_PER_M / (run["passed_us"] / US_PER_S))
        shore_nm = m_to_nm(run["shore_m"])
        history_h = run["out_us"] / US_PER_HOUR
        measures = {
            "duration_h": Measure(lasted_us / US_PER_HOUR, ">=", rule.min_duration_h),
            "speed_kn": Measure(speed_kn, "<", rule.max_speed_kn),
            "shore_nm": Measure(shore_nm, "<=", rule.max_shore_nm),
            "port_km": Measure(run["port_m"] / _M_PER_KM, ">", rule.port_radius_km, counts=False),
            "normally_by": Measure(by),
            "history_h": Measure(history_h),
            "length_m": Measure(float(self._fleet.length_m(np.array([key]))[0])),
            "vessel_class": Measure(self._fleet.class_of(key)),
        }
        if by == _OWN:
            near_frac = run["near_us"] / run["out_us"]
            measures["near_frac"] = Measure(near_frac, "<=", rule.max_near_frac, counts=False)
            habit = (
                f"{number(100 * near_frac)} % of its {number(history_h)} h outside ports before"
            )
        else:
            habit = f"a {self._fleet.class_of(key)} vessel of its size"
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=lat,
            lon=lon,
            measures=measures,
            innocent={
                "working_craft": self._fleet.any_of([key], self._working),
                "at_anchor": run["n_anchored"] >= rule.min_anchored_frac * run["n_legs"],
                "at_a_berth": speed_kn <= rule.still_speed_kn
                and lasted_us >= h_to_us(rule.min_still_h),
            },
            evidence=[Evidence(key, start.t_us, end.t_us, run["end_fix"] - run["start_fix"] + 1)],
            explanation=(
                f"Apparent shore approach: {duration(lasted_us)} "
                f"({span(start.t_us, end.t_us)}) at {number(speed_kn)} kn, down to "
                f"{number(shore_nm)} nm from shore, at {place(lat, lon)}, outside port "
                f"approaches; normally farther off, by {habit}; held against "
                f"{limit(rule.min_duration_h)} h under {limit(rule.max_speed_kn)} kn within "
                f"{limit(rule.max_shore_nm)} nm."
            ),
            quality=1.0 if by == _OWN else rule.prior_quality,
            is_open=is_open,
        )
