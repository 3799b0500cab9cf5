"""Sorties: out to a place at sea that is no port and back within a day, fast or stopping there."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.config.detect.sortie import SortieDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, n_rows, row_at
from vesseltrack.core.runs import Bools
from vesseltrack.detect.base import Carries, Fold
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.outings import Outings
from vesseltrack.detect.reports import SpacedReports, agreed_kn, steps
from vesseltrack.detect.round_trips import M_PER_KM, US_PER_MINUTE, RoundTrips, stops_of
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_HOUR, US_PER_S, h_to_us, m_to_nm, mps_to_kn, nm_to_m

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "sog_kn", "segment", "port_m", "anchorage_m")
_MM_PER_M: Final = 1000.0
_ENDS: Final = {"us": "t_us", "lat": "lat", "lon": "lon"}
_OUTING: Final = ("port_us", "port_lat", "port_lon", "track_us")
_TRADERS: Final = ("cargo", "tanker")


class Sortie(Fold):
    """The `default` preset of `sortie`."""

    kind = "sortie"

    def __init__(self, rule: SortieDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._silence_us = h_to_us(rule.max_silence_h)
        self._reports = SpacedReports(round(rule.report_interval_min * US_PER_MINUTE))
        self._outings = Outings(self._silence_us, rule.port_radius_km * M_PER_KM)
        self._trips = RoundTrips(rule)
        self._working = class_codes(rule.working_classes)
        self._angling = class_codes(rule.angling_classes)
        # What each class does at most; the first group that names it counts.
        self._tops = (
            (class_codes(rule.slow_classes), rule.slow_top_kn),
            (class_codes(_TRADERS), rule.trade_top_kn),
            (class_codes(rule.fast_classes), rule.fast_top_kn),
        )

    def _parts(self) -> Mapping[str, Carries]:
        return {**self._reports.parts(), "outings": self._outings, **self._trips.parts()}

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        rows = batch.columns.rows(_COLUMNS)
        reports, is_new = self._reports.push(rows, self._frontier_us - self._silence_us)
        oldest_us = self._frontier_us - h_to_us(self._rule.max_hours)
        reports = self._outings.push(reports, is_new, oldest_us)
        legs = self._legs(reports, is_new)
        trips, stops = self._trips.push(legs, self._reports.last, self._frontier_us)
        return [
            draft
            for row in np.flatnonzero(self._goes_far_and_back(trips))
            if (draft := self._draft(trips, int(row), stops)) is not None
        ]

    def _if_ended(self) -> Sequence[Draft]:
        return []  # whoever has not come back is on no sortie yet

    def _legs(self, reports: Rows, is_new: Bools) -> Rows:
        """Return the new legs as `RoundTrips` wants them."""
        rule = self._rule
        start, end = steps(reports, is_new, self._silence_us)
        path_m = great_circle_m(
            reports["lat"][start], reports["lon"][start], reports["lat"][end], reports["lon"][end]
        )
        passed_us = reports["t_us"][end] - reports["t_us"][start]
        made_kn = mps_to_kn(path_m / (passed_us / US_PER_S))
        speed_kn = np.where(passed_us <= rule.max_leg_min * US_PER_MINUTE, made_kn, np.nan)
        in_port = reports["port_m"][end] <= rule.port_radius_km * M_PER_KM
        return {
            "key": reports["key"][end],
            "nth": reports["nth"][end],
            "n_fixes": reports["fix"][end] - reports["fix"][start],
            **{f"start_{name}": reports[source][start] for name, source in _ENDS.items()},
            **{f"end_{name}": reports[source][end] for name, source in _ENDS.items()},
            "end_port_m": reports["port_m"][end],
            "end_anchorage_m": reports["anchorage_m"][end],
            "path_mm": np.rint(path_m * _MM_PER_M).astype(np.int64),
            "speed_kn": speed_kn,
            "top_kn": agreed_kn(speed_kn, reports["sog_kn"][start], reports["sog_kn"][end]),
            **{name: reports[name][start] for name in _OUTING},
            "is_out": ~in_port,
            "is_back": in_port,
        }

    def _goes_far_and_back(self, trips: Rows) -> Bools:
        rule = self._rule
        return np.asarray(
            (trips["far_m"] >= nm_to_m(rule.min_far_nm))
            & (trips["far_port_m"] >= rule.min_far_port_km * M_PER_KM)
            & (_apart_m(trips) <= rule.max_return_km * M_PER_KM)
            & (_directness(trips) >= rule.min_directness)
        )

    def _top_kn(self, key: int) -> float:
        """Return what vessels of this one's class do at most."""
        for codes, top_kn in self._tops:
            if self._fleet.any_of([key], codes):
                return top_kn
        return self._rule.other_top_kn

    def _draft(self, trips: Rows, row: int, stops: Rows) -> Draft | None:
        rule, trip = self._rule, row_at(trips, row)
        top_kn = self._top_kn(trip["key"])
        near = stops_of(trips, row, stops, nm_to_m(rule.stop_radius_nm))
        stop_min = float(np.sum(near["end_us"] - near["start_us"])) / US_PER_MINUTE
        is_fast = trip["top_kn"] > top_kn
        stops_short = rule.min_stop_min <= stop_min <= rule.max_stop_min
        if not (is_fast or stops_short):
            return None
        far = Fix(trip["far_us"], trip["far_lat"], trip["far_lon"])
        stop = row_at(near, 0) if stops_short else None
        at = far if stop is None else Fix(stop["start_us"], stop["start_lat"], stop["start_lon"])
        start = Fix(trip["port_us"], trip["port_lat"], trip["port_lon"])
        end = Fix(trip["end_us"], trip["end_lat"], trip["end_lon"])
        measures = {
            "far_nm": Measure(m_to_nm(trip["far_m"]), ">=", rule.min_far_nm),
            "out_h": Measure((end.t_us - start.t_us) / US_PER_HOUR, "<=", rule.max_hours),
            "far_port_km": Measure(
                trip["far_port_m"] / M_PER_KM, ">=", rule.min_far_port_km, counts=False
            ),
            "return_km": Measure(
                float(_apart_m(trips)[row]) / M_PER_KM, "<=", rule.max_return_km, counts=False
            ),
            "directness": Measure(float(_directness(trips)[row]), ">=", rule.min_directness),
            "top_kn": Measure(trip["top_kn"], ">", top_kn, counts=is_fast),
            "stop_min": Measure(stop_min, ">=", rule.min_stop_min, counts=False),
            "n_stops": Measure(n_rows(near)),
            "far_lat": Measure(far.lat),
            "far_lon": Measure(far.lon),
            "vessel_class": Measure(self._fleet.class_of(trip["key"])),
        }
        return Draft(
            kind=self.kind,
            keys=(trip["key"],),
            anchor=start,
            start=start,
            end=end,
            lat=at.lat,
            lon=at.lon,
            measures=measures,
            innocent={
                "working_craft": self._fleet.any_of([trip["key"]], self._working),
                "angling": not is_fast and self._fleet.any_of([trip["key"]], self._angling),
                "to_an_anchorage": trip["far_anchorage_m"] <= rule.anchorage_radius_km * M_PER_KM,
            },
            evidence=[Evidence(trip["key"], start.t_us, end.t_us, trip["n_fixes"] + 1)],
            explanation=_sentence(trip, stop_min if stops_short else 0.0, top_kn, rule),
            is_open=False,
        )


def _apart_m(trips: Rows) -> npt.NDArray[np.float64]:
    """Return how far from where they left trips ended [m], shape (n,)."""
    return great_circle_m(trips["port_lat"], trips["port_lon"], trips["end_lat"], trips["end_lon"])


def _directness(trips: Rows) -> npt.NDArray[np.float64]:
    """Return the straight way to the farthest point and back, over the way sailed, shape (n,)."""
    back_m = great_circle_m(trips["far_lat"], trips["far_lon"], trips["end_lat"], trips["end_lon"])
    path_m = np.maximum(trips["path_mm"] / _MM_PER_M, 1.0)
    return np.asarray((trips["far_m"] + back_m) / path_m)


def _sentence(trip: Row, stop_min: float, top_kn: float, rule: SortieDefault) -> str:
    start_us, end_us = trip["port_us"], trip["end_us"]
    stopped = f", stopping there for {number(stop_min)} min" if stop_min else ""
    return (
        f"Apparent sortie: {duration(end_us - start_us)} ({span(start_us, end_us)}) from port and "
        f"back, {number(m_to_nm(trip['far_m']))} nm out to "
        f"{place(trip['far_lat'], trip['far_lon'])}, {number(trip['far_port_m'] / M_PER_KM)} km "
        f"from any port{stopped}, at up to {number(trip['top_kn'])} kn; held against "
        f"{limit(rule.min_far_nm)} nm, and a stop of {limit(rule.min_stop_min)} to "
        f"{limit(rule.max_stop_min)} min or more than {limit(top_kn)} kn."
    )
