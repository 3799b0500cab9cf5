"""Speeds kept for minutes that a ship of the type and length sent does not reach."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.config.detect.unusual_for_type import UnusualForTypeDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Merge, Row, Rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.detect.base import Carries
from vesseltrack.detect.events import Draft, Evidence, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.open_runs import OpenRuns, RunRule
from vesseltrack.detect.reports import LEGS, SpacedReports, agreed_kn, leg_records, steps
from vesseltrack.detect.run_fold import RunFold, ends_of
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_HOUR, US_PER_S, mps_to_kn

Floats = npt.NDArray[np.float64]

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "sog_kn", "segment")
_US_PER_MINUTE: Final = US_PER_HOUR // 60
_MM_PER_M: Final = 1000.0
_GRAVITY_MPS2: Final = 9.80665  # standard gravity
_HOW: Final[Mapping[str, Merge]] = {
    **LEGS,
    "limit_kn": Merge.MAX,
    "min_kn": Merge.MIN,
    "max_kn": Merge.MAX,
}


def froude(speed_kn: npt.ArrayLike, length_m: npt.ArrayLike) -> Floats:
    """Return the Froude number v / sqrt(g L) of ships, shape (n,); NaN where one is not known."""
    root_kn = mps_to_kn(np.sqrt(_GRAVITY_MPS2 * np.asarray(length_m, dtype=np.float64)))
    return np.asarray(np.asarray(speed_kn, dtype=np.float64) / root_kn)


class UnusualForType(RunFold):
    """The `default` preset of `unusual_for_type`."""

    kind = "unusual_for_type"

    def __init__(self, rule: UnusualForTypeDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._leg_us = round(rule.max_leg_min * _US_PER_MINUTE)
        self._trade = class_codes(rule.trade_classes)
        self._service = class_codes(rule.service_classes)
        self._fishing = class_codes(rule.fishing_classes)
        self._supply = class_codes(rule.supply_classes)
        self._reports = SpacedReports(round(rule.report_interval_min * _US_PER_MINUTE))
        self._runs = OpenRuns(RunRule(self._leg_us, rule.max_slower_legs), _HOW)

    def _parts(self) -> Mapping[str, Carries]:
        return {**self._reports.parts(), "runs": self._runs}

    def _closed(self, batch: Slice) -> Rows:
        rows = batch.columns.rows(_COLUMNS)
        reports, is_new = self._reports.push(rows, self._frontier_us - self._leg_us)
        legs = self._fast_legs(reports, is_new)
        # A leg that is still to come begins up to its length before the fix that ends it.
        begins_us = self._frontier_us - self._leg_us
        return self._runs.push(legs, self._reports.last, begins_us).closed

    def _believable_kn(self, keys: Ints) -> Floats:
        """Return the greatest believable speed of each vessel [kn]; NaN where none is known."""
        rule = self._rule
        length_m, ship_type = self._fleet.length_m(keys), self._fleet.ship_type(keys)
        is_trade = np.isin(ship_type, self._trade)
        is_service = np.isin(ship_type, self._service)
        is_fishing = np.isin(ship_type, self._fishing)
        is_large = length_m >= rule.service_min_length_m
        by_froude = rule.max_froude / froude(1.0, np.where(length_m > 0, length_m, np.nan))
        by_class = np.select(
            [
                is_trade & (length_m >= rule.trade_min_length_m),
                is_service & is_large,
                is_fishing & is_large,
            ],
            [rule.trade_top_kn, rule.service_top_kn, rule.fishing_top_kn],
            np.nan,
        )
        return np.where(is_trade | is_service, np.fmin(by_class, by_froude), by_class)

    def _fast_legs(self, reports: Rows, is_new: Bools) -> Rows:
        """Return the new legs faster than is believable, as records of one."""
        start, end = steps(reports, is_new, self._leg_us)
        legs = leg_records(reports, start, end)
        sog_kn = reports["sog_kn"]
        speed_kn = agreed_kn(legs["speed_kn"], sog_kn[start], sog_kn[end])
        limit_kn = self._believable_kn(legs["key"])
        legs |= {"limit_kn": limit_kn, "min_kn": speed_kn, "max_kn": speed_kn}
        return take(legs, speed_kn > limit_kn)

    def _measured(self, runs: Rows) -> Rows:
        moved_m = great_circle_m(
            runs["start_lat"], runs["start_lon"], runs["end_lat"], runs["end_lon"]
        )
        # Slower legs are part of the line, not of the sum: at most 1.
        return {**runs, "directness": np.minimum(moved_m / (runs["path_mm"] / _MM_PER_M), 1)}

    def _counts(self, runs: Rows) -> Bools:
        lasted_us = runs["end_us"] - runs["start_us"]
        return np.asarray(
            (lasted_us >= self._rule.min_duration_min * _US_PER_MINUTE)
            & (runs["n_legs"] >= self._rule.min_legs)
            & (runs["directness"] >= self._rule.min_directness)
        )

    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        rule, key = self._rule, run["key"]
        start, end = ends_of(run)
        length_m = float(self._fleet.length_m(np.array([key]))[0])
        # Over the fast legs alone: a slower one among them is no part of the claim.
        mean_kn = mps_to_kn(run["path_mm"] / _MM_PER_M / (run["passed_us"] / US_PER_S))
        lasted_us = end.t_us - start.t_us
        ship = self._fleet.class_of(key)
        measures = {
            "speed_kn": Measure(mean_kn, ">", run["limit_kn"]),
            "duration_min": Measure(lasted_us / _US_PER_MINUTE, ">=", rule.min_duration_min),
            "min_speed_kn": Measure(run["min_kn"], ">", run["limit_kn"], counts=False),
            "max_speed_kn": Measure(run["max_kn"]),
            "n_legs": Measure(run["n_legs"], ">=", rule.min_legs, counts=False),
            "directness": Measure(run["directness"], ">=", rule.min_directness, counts=False),
            "froude": Measure(float(froude(mean_kn, length_m))),
            "length_m": Measure(length_m),
            "vessel_class": Measure(ship),
        }
        is_supply = self._fleet.any_of([key], self._supply)
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=start.lat,
            lon=start.lon,
            measures=measures,
            innocent={
                "supply_craft": is_supply
                and rule.supply_min_length_m <= length_m <= rule.supply_max_length_m
            },
            evidence=[Evidence(key, start.t_us, end.t_us, run["end_fix"] - run["start_fix"] + 1)],
            explanation=(
                f"Speed unusual for the type: {number(mean_kn)} kn made good for "
                f"{duration(lasted_us)} ({span(start.t_us, end.t_us)}) from "
                f"{place(start.lat, start.lon)}, by what calls itself {ship} of "
                f"{number(length_m)} m; held against more than {number(run['limit_kn'])} kn, the "
                f"greatest believable for it, for {limit(rule.min_duration_min)} min."
            ),
            is_open=is_open,
        )
