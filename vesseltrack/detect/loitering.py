"""Loitering, our definition: made good under 2 kn for an hour, away from shore, ports, anchorages.

Speed is made good between reports about ten minutes apart, so that position noise between reports
of seconds apart neither makes nor breaks a stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.config.detect.loitering import LoiteringDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Merge, Rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.shape import centre_and_spread, metres_from, point_at, turns
from vesseltrack.detect.base import Carries, Fold
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import UNKNOWN_STATUS, Slice
from vesseltrack.detect.open_runs import OpenRuns, RunRule
from vesseltrack.detect.reports import SpacedReports, leg_records, steps
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_HOUR, h_to_us, m_to_nm, nm_to_m

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

_HOW: Final[Mapping[str, Merge]] = {
    "start_lat": Merge.FIRST,
    "start_lon": Merge.FIRST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
    "start_fix": Merge.FIRST,
    "end_fix": Merge.LAST,
    "n_legs": Merge.SUM,
    "n_status": Merge.SUM,
    "path_mm": Merge.SUM,
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


@dataclass(frozen=True)
class Stay:
    """A run of legs in numbers."""

    start: Fix
    end: Fix
    lat: float
    lon: float
    spread_nm: float
    net_nm: float
    path_nm: float
    turns: float
    shape: str


def stay_of(run: Rows, rule: LoiteringDefault) -> Stay:
    """Return one run of legs (columns of shape (1,)) in numbers."""
    n_points = run["n_legs"] + 1  # the first fix is the origin, and adds nothing to the sums
    east, north, spread_m = centre_and_spread(
        n_points, run["east_m"], run["north_m"], run["square_m2"]
    )
    lat, lon = point_at(run["start_lat"], run["start_lon"], east, north)
    ends = ("start_lat", "start_lon", "end_lat", "end_lon")
    start_lat, start_lon, end_lat, end_lon = (float(run[name][0]) for name in ends)
    net_nm = float(m_to_nm(great_circle_m(start_lat, start_lon, end_lat, end_lon)))
    path_nm = float(m_to_nm(run["path_mm"] / _MM_PER_M)[0])
    spread_nm = float(m_to_nm(spread_m)[0])
    rounds = float(turns(run["swept_m2"], spread_m)[0])
    return Stay(
        Fix(int(run["start_us"][0]), start_lat, start_lon),
        Fix(int(run["end_us"][0]), end_lat, end_lon),
        float(lat[0]),
        float(lon[0]),
        spread_nm,
        net_nm,
        path_nm,
        rounds,
        shape_name(spread_nm, net_nm, path_nm, rounds, rule),
    )


def shape_name(
    spread_nm: float, net_nm: float, path_nm: float, rounds: float, rule: LoiteringDefault
) -> str:
    """Return what a stay looks like: station keeping, drifting, circling or wandering."""
    if spread_nm <= rule.station_radius_nm:
        return "station keeping"
    if net_nm >= rule.min_drift_straightness * path_nm:
        return "drifting"
    return "circling" if rounds >= rule.min_circles else "wandering"


class Loitering(Fold):
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
            RunRule(self._max_gap_us, max_misses=0), _HOW, settle=_measure_from_anchor
        )

    def _parts(self) -> Mapping[str, Carries]:
        return {**self._reports.parts(), "runs": self._runs}

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        oldest_us = self._frontier_us - self._max_gap_us - self._interval_us
        reports, is_new = self._reports.push(batch.columns.rows(_COLUMNS), oldest_us)
        legs = legs_of(reports, is_new, self._max_gap_us)
        met = take(legs, is_loitering(legs, self._rule))
        closed = self._runs.push(met, self._reports.last, self._frontier_us).closed
        return self._drafts(closed, is_open=False)

    def _if_ended(self) -> Sequence[Draft]:
        return self._drafts(self._runs.rows, is_open=True)

    def _drafts(self, runs: Rows, *, is_open: bool) -> list[Draft]:
        if not runs:
            return []
        long_enough = runs["end_us"] - runs["start_us"] >= h_to_us(self._rule.min_duration_h)
        return [
            self._draft(take(runs, np.array([row])), is_open=is_open)
            for row in np.flatnonzero(long_enough)
        ]

    def _draft(self, run: Rows, *, is_open: bool) -> Draft:
        rule = self._rule
        key, stay = int(run["key"][0]), stay_of(run, rule)
        passed_us = stay.end.t_us - stay.start.t_us
        hours = passed_us / US_PER_HOUR
        coverage = 1 - int(run["long_us"][0]) / passed_us
        shore_nm = float(m_to_nm(run["min_shore_m"])[0])
        n = int(run["end_fix"][0] - run["start_fix"][0]) + 1
        measures = {
            "duration_h": Measure(hours, ">=", rule.min_duration_h),
            "mean_speed_kn": Measure(stay.path_nm / hours, "<", rule.max_speed_kn),
            "max_speed_kn": Measure(
                float(run["max_speed_kn"][0]), "<", rule.max_speed_kn, counts=False
            ),
            "min_shore_nm": Measure(shore_nm, ">", rule.min_shore_nm),
            "min_port_km": Measure(
                float(run["min_port_m"][0]) / _M_PER_KM, ">", rule.port_radius_km, counts=False
            ),
            "min_anchorage_km": Measure(
                float(run["min_anchorage_m"][0]) / _M_PER_KM,
                ">",
                rule.anchorage_radius_km,
                counts=False,
            ),
            "path_nm": Measure(stay.path_nm),
            "net_nm": Measure(stay.net_nm),
            "spread_nm": Measure(stay.spread_nm),
            "turns": Measure(stay.turns),
            "shape": Measure(stay.shape),
            "max_gap_h": Measure(int(run["max_gap_us"][0]) / US_PER_HOUR),
            "coverage_frac": Measure(coverage),
            "n_positions": Measure(n),
            "vessel_class": Measure(self._fleet.class_of(key)),
        }
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=stay.start,
            start=stay.start,
            end=stay.end,
            lat=stay.lat,
            lon=stay.lon,
            measures=measures,
            innocent={
                "working_craft": self._fleet.any_of([key], self._working),
                # Whoever sends a status would have said so.
                "may_lie_at_anchor": int(run["n_status"][0]) == 0
                and stay.spread_nm <= rule.swing_radius_nm
                and stay.path_nm / hours <= rule.still_speed_kn
                and shore_nm <= rule.max_anchoring_nm,
            },
            evidence=[Evidence(key, stay.start.t_us, stay.end.t_us, n)],
            explanation=self._sentence(stay, passed_us, shore_nm),
            is_open=is_open,
            quality=(1 + coverage) / 2,
        )

    def _sentence(self, stay: Stay, passed_us: int, shore_nm: float) -> str:
        rule = self._rule
        speed_kn = stay.path_nm / (passed_us / US_PER_HOUR)
        return (
            f"Apparent loitering: {duration(passed_us)} "
            f"({span(stay.start.t_us, stay.end.t_us)}) about {place(stay.lat, stay.lon)}, "
            f"{number(shore_nm)} nm or more from shore, made good {number(speed_kn)} kn on "
            f"average ({stay.shape}, spread {number(stay.spread_nm)} nm); held against under "
            f"{limit(rule.max_speed_kn)} kn for {limit(rule.min_duration_h)} h, over "
            f"{limit(rule.min_shore_nm)} nm from shore."
        )
