"""Slow close to the shore, away from ports and anchorages, by a vessel that normally keeps off."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.config.detect.shore_approach import ShoreApproachDefault
from vesseltrack.core.records import Merge, Row, Rows, row_at, take
from vesseltrack.core.runs import Bools
from vesseltrack.core.shape import halfway
from vesseltrack.detect.base import Carries, Fold
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.habits import Habits
from vesseltrack.detect.open_runs import OpenRuns, RunRule
from vesseltrack.detect.reports import SpacedReports, leg_records, steps
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
    "start_lat": Merge.FIRST,
    "start_lon": Merge.FIRST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
    "start_fix": Merge.FIRST,
    "end_fix": Merge.LAST,
    "n_legs": Merge.SUM,
    "n_anchored": Merge.SUM,
    "path_mm": Merge.SUM,
    "passed_us": Merge.SUM,
    "shore_m": Merge.MIN,
    "port_m": Merge.MIN,
    "near_us": Merge.FIRST,
    "out_us": Merge.FIRST,
}


class ShoreApproach(Fold):
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

    def _advance(self, batch: Slice) -> Sequence[Draft]:
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
        closed = self._runs.push(slow, self._reports.last, begins_us).closed
        return self._drafts(closed, is_open=False)

    def _if_ended(self) -> Sequence[Draft]:
        return self._drafts(self._runs.rows, is_open=True)

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

    def _drafts(self, runs: Rows, *, is_open: bool) -> list[Draft]:
        if not runs:
            return []
        lasted_us = runs["end_us"] - runs["start_us"]
        long_enough = np.flatnonzero(lasted_us >= h_to_us(self._rule.min_duration_h))
        found = []
        for row in long_enough:
            run = row_at(runs, row)
            by = self._keeps_off_by(run)
            if by is not None:
                found.append(self._draft(run, by, is_open=is_open))
        return found

    def _keeps_off_by(self, run: Row) -> str | None:
        """Return what says that the vessel normally keeps off the shore; None if nothing does."""
        rule, key = self._rule, run["key"]
        if run["out_us"] >= max(h_to_us(rule.min_history_h), 1):
            return _OWN if run["near_us"] <= rule.max_near_frac * run["out_us"] else None
        length_m = float(self._fleet.length_m(np.array([key]))[0])
        is_trader = self._fleet.any_of([key], self._prior)
        return _CLASS if is_trader and length_m >= rule.prior_min_length_m else None

    def _draft(self, run: Row, by: str, *, is_open: bool) -> Draft:
        rule, key = self._rule, run["key"]
        start = Fix(run["start_us"], run["start_lat"], run["start_lon"])
        end = Fix(run["end_us"], run["end_lat"], run["end_lon"])
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
