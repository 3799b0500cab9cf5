"""Loitering, our definition: made good under 2 kn for an hour, away from shore, ports, anchorages.

Speed is made good between reports about ten minutes apart, so that position noise between reports
of seconds apart neither makes nor breaks a stay.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vesseltrack.config.detect.loitering import LoiteringDefault
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
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_HOUR, US_PER_S, h_to_us, kn_to_mps, m_to_nm, nm_to_m

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
_LEGS_OF_A_REPORT: Final = 2  # to it and from it

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


def is_loitering(legs: Rows, rule: LoiteringDefault) -> Bools:
    """Return which legs meet the rule, shape (n,); an unknown distance never does."""
    still = legs["max_speed_kn"] <= rule.still_speed_kn
    at_anchor = still & np.isin(legs["status"], rule.anchored_status)
    return np.asarray(
        (legs["max_speed_kn"] < rule.max_speed_kn)
        & (legs["min_shore_m"] > nm_to_m(rule.min_shore_nm))
        & (legs["min_port_m"] > rule.port_radius_km * _M_PER_KM)
        & (legs["min_anchorage_m"] > rule.anchorage_radius_km * _M_PER_KM)
        & ~at_anchor
    )


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


def shape_name(
    spread_nm: float, net_nm: float, path_nm: float, rounds: float, rule: LoiteringDefault
) -> str:
    """Return what a stay looks like: station keeping, drifting, circling or wandering."""
    if spread_nm <= rule.station_radius_nm:
        return "station keeping"
    if net_nm >= rule.min_drift_straightness * path_nm:
        return "drifting"
    return "circling" if rounds >= rule.min_circles else "wandering"


class Loitering(RunFold):
    """The `default` preset of `loitering`."""

    kind = "loitering"

    def __init__(self, rule: LoiteringDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._interval_us = round(rule.report_interval_min * _US_PER_MINUTE)
        self._max_gap_us = h_to_us(rule.max_gap_h)
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
        met = take(legs, is_loitering(legs, self._rule))
        return self._runs.push(met, self._reports.last, self._frontier_us).closed

    def _is_still_there(self, before: Rows, after: Rows) -> Bools:
        """Return whether the way past legs that do not meet the rule is slow too, shape (n,)."""
        way_m = great_circle_m(
            before["end_lat"], before["end_lon"], after["start_lat"], after["start_lon"]
        )
        passed_s = (after["start_us"] - before["end_us"]) / US_PER_S
        is_slow = way_m < kn_to_mps(self._rule.max_speed_kn) * passed_s
        return np.asarray(is_slow & (before["segment"] == after["segment"]))

    def _counts(self, runs: Rows) -> Bools:
        lasted_us = runs["end_us"] - runs["start_us"]
        return np.asarray(lasted_us >= h_to_us(self._rule.min_duration_h))

    def _measured(self, runs: Rows) -> Rows:
        n_points = runs["n_legs"] + 1  # the first fix is the origin, and adds nothing to the sums
        east, north, spread_m = centre_and_spread(
            n_points, runs["east_m"], runs["north_m"], runs["square_m2"]
        )
        ends = (runs[name] for name in ENDS)
        lat, lon = point_at(runs["start_lat"], runs["start_lon"], east, north)
        return {
            **runs,
            "lat": lat,
            "lon": lon,
            "spread_nm": m_to_nm(spread_m),
            "net_nm": m_to_nm(great_circle_m(*ends)),
            "path_nm": m_to_nm(runs["path_mm"] / _MM_PER_M),
            "turns": turns(runs["swept_m2"], spread_m),
        }

    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        rule, key = self._rule, run["key"]
        start, end = ends_of(run)
        passed_us = end.t_us - start.t_us
        hours = passed_us / US_PER_HOUR
        coverage = 1 - run["long_us"] / passed_us
        shore_nm = m_to_nm(run["min_shore_m"])
        shape = shape_name(run["spread_nm"], run["net_nm"], run["path_nm"], run["turns"], rule)
        n = run["end_fix"] - run["start_fix"] + 1
        measures = {
            "duration_h": Measure(hours, ">=", rule.min_duration_h),
            "mean_speed_kn": Measure(run["path_nm"] / hours, "<", rule.max_speed_kn),
            "max_speed_kn": Measure(run["max_speed_kn"], "<", rule.max_speed_kn, counts=False),
            "min_shore_nm": Measure(shore_nm, ">", rule.min_shore_nm),
            "min_port_km": Measure(
                run["min_port_m"] / _M_PER_KM, ">", rule.port_radius_km, counts=False
            ),
            "min_anchorage_km": Measure(
                run["min_anchorage_m"] / _M_PER_KM,
                ">",
                rule.anchorage_radius_km,
                counts=False,
            ),
            "path_nm": Measure(run["path_nm"]),
            "net_nm": Measure(run["net_nm"]),
            "spread_nm": Measure(run["spread_nm"]),
            "turns": Measure(run["turns"]),
            "shape": Measure(shape),
            "max_gap_h": Measure(run["max_gap_us"] / US_PER_HOUR),
            "coverage_frac": Measure(coverage),
            "n_positions": Measure(n),
            "vessel_class": Measure(self._fleet.class_of(key)),
        }
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=run["lat"],
            lon=run["lon"],
            measures=measures,
            innocent={
                "working_craft": self._fleet.any_of([key], self._working),
                # Whoever sends a status would have said so.
                "may_lie_at_anchor": run["n_status"] == 0
                and run["spread_nm"] <= rule.swing_radius_nm
                and run["path_nm"] / hours <= rule.still_speed_kn
                and shore_nm <= rule.max_anchoring_nm,
            },
            evidence=[Evidence(key, start.t_us, end.t_us, n)],
            explanation=self._sentence(run, shape, shore_nm),
            is_open=is_open,
            quality=(1 + coverage) / 2,
        )

    def _sentence(self, run: Row, shape: str, shore_nm: float) -> str:
        rule, passed_us = self._rule, run["end_us"] - run["start_us"]
        speed_kn = run["path_nm"] / (passed_us / US_PER_HOUR)
        return (
            f"Apparent loitering: {duration(passed_us)} "
            f"({span(run['start_us'], run['end_us'])}) about {place(run['lat'], run['lon'])}, "
            f"{number(shore_nm)} nm or more from shore, made good {number(speed_kn)} kn on "
            f"average ({shape}, spread {number(run['spread_nm'])} nm); held against under "
            f"{limit(rule.max_speed_kn)} kn for {limit(rule.min_duration_h)} h, over "
            f"{limit(rule.min_shore_nm)} nm from shore."
        )
