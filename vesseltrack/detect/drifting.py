"""Drifting: under way at 1 to 5 kn, and not where the bow points (Danish Maritime Authority)."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.drifting import DriftingDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import angle_between_deg, great_circle_m
from vesseltrack.core.records import Merge, Row, Rows, take
from vesseltrack.core.runs import Bools
from vesseltrack.detect.base import Carries
from vesseltrack.detect.events import Draft, Evidence, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.open_runs import ENDS, OpenRuns, RunRule
from vesseltrack.detect.run_fold import RunFold, ends_of
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_HOUR

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "sog_kn", "cog_deg", "heading_deg", "port_m")
_US_PER_MINUTE: Final = US_PER_HOUR // 60
_M_PER_KM: Final = 1000.0
_PARTS: Final = 10  # speeds and angles are sent in tenths

_HOW: Final[Mapping[str, Merge]] = {
    **ENDS,
    "n_met": Merge.SUM,
    "speed_tenths": Merge.SUM,
    "angle_tenths": Merge.SUM,
    "min_angle_deg": Merge.MIN,
    "min_speed_kn": Merge.MIN,
    "max_speed_kn": Merge.MAX,
    "start_port_m": Merge.FIRST,
}


def is_sideways(
    sog_kn: npt.NDArray[np.float64], angle_deg: npt.NDArray[np.float64], rule: DriftingDefault
) -> Bools:
    """Return which fixes meet the rule, shape (n,); an unknown speed or angle never does."""
    return np.asarray(
        (sog_kn >= rule.min_speed_kn)
        & (sog_kn <= rule.max_speed_kn)
        & (angle_deg > rule.min_angle_deg)
    )


class Drifting(RunFold):
    """The `default` preset of `drifting`."""

    kind = "drifting"

    def __init__(self, rule: DriftingDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._max_gap_us = round(rule.max_gap_min * _US_PER_MINUTE)
        self._sideways = class_codes(rule.sideways_classes)
        self._last = LastRows()
        self._runs = OpenRuns(RunRule(self._max_gap_us, rule.max_false_reports), _HOW)

    def _parts(self) -> Mapping[str, Carries]:
        return {"last": self._last, "runs": self._runs}

    def _closed(self, batch: Slice) -> Rows:
        rows, is_new = self._last.before(batch.columns.rows(_COLUMNS))
        self._last.keep(rows, self._frontier_us - self._max_gap_us)
        angle_deg = angle_between_deg(rows["cog_deg"], rows["heading_deg"])
        met = np.flatnonzero(is_new & is_sideways(rows["sog_kn"], angle_deg, self._rule))
        records = _records(take(rows, met), angle_deg[met])
        return self._runs.push(records, self._last, self._frontier_us).closed

    def _measured(self, runs: Rows) -> Rows:
        moved_m = great_circle_m(
            runs["start_lat"], runs["start_lon"], runs["end_lat"], runs["end_lon"]
        )
        return {**runs, "moved_m": moved_m}

    def _counts(self, runs: Rows) -> Bools:
        rule = self._rule
        return np.asarray(
            (runs["end_us"] - runs["start_us"] >= rule.min_duration_min * _US_PER_MINUTE)
            & (runs["moved_m"] >= rule.min_distance_m)
            & (runs["n_met"] >= rule.min_reports)
            # Asked at the end: a feed may tell the length when the drift is under way already.
            & (self._fleet.length_m(runs["key"]) >= rule.min_length_m)
        )

    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        rule, key = self._rule, run["key"]
        start, end = ends_of(run)
        n_met, moved_m = run["n_met"], run["moved_m"]
        speed_kn = run["speed_tenths"] / n_met / _PARTS
        angle_deg = run["angle_tenths"] / n_met / _PARTS
        length_m = float(self._fleet.length_m(np.array([key]))[0])
        passed_us = end.t_us - start.t_us
        n = run["end_nth"] - run["start_nth"] + 1
        measures = {
            "duration_min": Measure(passed_us / _US_PER_MINUTE, ">=", rule.min_duration_min),
            "distance_m": Measure(moved_m, ">=", rule.min_distance_m),
            "mean_angle_deg": Measure(angle_deg, ">", rule.min_angle_deg),
            "min_angle_deg": Measure(run["min_angle_deg"], ">", rule.min_angle_deg, counts=False),
            "min_speed_kn": Measure(run["min_speed_kn"], ">=", rule.min_speed_kn, counts=False),
            "max_speed_kn": Measure(run["max_speed_kn"], "<=", rule.max_speed_kn, counts=False),
            "n_reports": Measure(n_met, ">=", rule.min_reports, counts=False),
            "length_m": Measure(length_m, ">=", rule.min_length_m, counts=False),
            "mean_speed_kn": Measure(speed_kn),
            "n_false_reports": Measure(n - n_met),
            "vessel_class": Measure(self._fleet.class_of(key)),
        }
        explanation = (
            f"Apparent drift: {duration(passed_us)} ({span(start.t_us, end.t_us)}) from "
            f"{place(start.lat, start.lon)}, {number(moved_m)} m at {number(speed_kn)} kn, "
            f"heading {number(angle_deg)} degrees off the course on average; held against more "
            f"than {limit(rule.min_angle_deg)} degrees at {limit(rule.min_speed_kn)} to "
            f"{limit(rule.max_speed_kn)} kn for {limit(rule.min_duration_min)} min and "
            f"{limit(rule.min_distance_m)} m."
        )
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=end.lat,
            lon=end.lon,
            measures=measures,
            innocent={
                "sideways_at_work": self._fleet.any_of([key], self._sideways),
                "going_astern": angle_deg >= rule.astern_angle_deg,
                "in_port": run["start_port_m"] <= rule.port_radius_km * _M_PER_KM,
            },
            evidence=[Evidence(key, start.t_us, end.t_us, n)],
            explanation=explanation,
            is_open=is_open,
        )


def _records(rows: Rows, angle_deg: npt.NDArray[np.float64]) -> Rows:
    """Return the fixes that met the rule as records of one."""
    return {
        "key": rows["key"],
        "start_us": rows["t_us"],
        "end_us": rows["t_us"],
        "start_nth": rows["nth"],
        "end_nth": rows["nth"],
        "start_lat": rows["lat"],
        "start_lon": rows["lon"],
        "end_lat": rows["lat"],
        "end_lon": rows["lon"],
        "n_met": np.ones(rows["key"].size, dtype=np.int64),
        "speed_tenths": np.rint(rows["sog_kn"] * _PARTS).astype(np.int64),
        "angle_tenths": np.rint(angle_deg * _PARTS).astype(np.int64),
        "min_angle_deg": angle_deg,
        "min_speed_kn": rows["sog_kn"],
        "max_speed_kn": rows["sog_kn"],
        "start_port_m": rows["port_m"],
    }
