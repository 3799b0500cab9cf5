"""Position spoofing: teleports, circles, frozen positions and positions on land."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from vesseltrack.config.detect.position_spoofing import PositionSpoofingDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.records import Row, Rows, n_rows, row_at, take
from vesseltrack.detect.base import Carries, Fold
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.reports import SpacedReports
from vesseltrack.detect.spoof_area import Area
from vesseltrack.detect.spoof_circle import Circle, Circles, duration_h
from vesseltrack.detect.spoof_frozen import FrozenRuns
from vesseltrack.detect.spoof_land import LandTrips, Trip
from vesseltrack.detect.spoof_teleport import Teleport, Teleports, speed_kn
from vesseltrack.detect.words import duration, limit, number, place, share, span
from vesseltrack.units import US_PER_HOUR, US_PER_S, h_to_us, m_to_nm

_PLACE: Final = ("key", "t_us", "lat", "lon")
_FROZEN: Final = (*_PLACE, "sog_kn", "port_m")
_REPORTS: Final = (*_PLACE, "sog_kn", "cell", "shore_m", "port_m", "anchorage_m")
_M_PER_KM: Final = 1000.0
_US_PER_MINUTE: Final = 60 * US_PER_S


class PositionSpoofing(Fold):
    """The `default` preset of `position_spoofing`; each event says its form."""

    kind = "position_spoofing"

    def __init__(self, rule: PositionSpoofingDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._circling = class_codes(rule.circling_classes)
        self._reports = SpacedReports(round(rule.interval_min * _US_PER_MINUTE))
        self._teleports = Teleports(rule)
        self._circles = Circles(rule)
        self._frozen = FrozenRuns(rule)
        self._land = LandTrips(rule)
        self._area = Area(rule)

    def _parts(self) -> Mapping[str, Carries]:
        return {
            "teleports": self._teleports,
            "circles": self._circles,
            **{f"reports_{name}": part for name, part in self._reports.parts().items()},
            **self._frozen.parts(),
            **self._land.parts(),
            **self._area.parts(),
        }

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        now_us = self._frontier_us
        rows = batch.columns.rows(_PLACE)
        jumped = self._teleports.push(rows, _stray_rows(batch.strays), now_us)
        # Twice the longest pause of any form: whoever is silent for longer starts anew in each.
        oldest_us = now_us - h_to_us(2 * self._rule.circle_gap_h)
        reports, is_new = self._reports.push(batch.columns.rows(_REPORTS), oldest_us)
        reports = take({name: reports[name] for name in _REPORTS}, is_new)
        circles = self._circles.push(reports, now_us)
        frozen = self._frozen.push(batch.columns.rows(_FROZEN), now_us)
        trips = self._land.push(reports, now_us)
        self._area.add(jumped.jumps)
        self._area.add(_ends(circles))
        drafts = [self._teleport(found) for found in jumped.found]
        drafts += [self._circle(found, is_open=False) for found in circles]
        drafts += self._all_frozen(frozen, is_open=False)
        drafts += [self._trip(found) for found in trips]
        self._area.forget(now_us)
        return drafts

    def _if_ended(self) -> Sequence[Draft]:
        # A teleport, or a trip over land, is none before the vessel is back.
        drafts = [self._circle(found, is_open=True) for found in self._circles.under_way()]
        return drafts + self._all_frozen(self._frozen.under_way(), is_open=True)

    def _all_frozen(self, runs: Rows, *, is_open: bool) -> list[Draft]:
        return [self._frozen_at(row_at(runs, row), is_open=is_open) for row in range(n_rows(runs))]

    def _teleport(self, found: Teleport) -> Draft:
        rule, key = self._rule, found.before["key"]
        start, end = _start_of(found.away[0]), _end_of(found.away[-1])
        home = _end_of(found.before)
        others = self._area.n_others(key, Fix(start.t_us, home.lat, home.lon), end.t_us)
        out_kn = speed_kn(found.before, found.away[0])
        back_kn = speed_kn(found.away[-1], found.after)
        away_nm = m_to_nm(found.away_m)
        n = sum(one["n"] for one in found.away)
        return self._draft(
            "teleport",
            key,
            (start, end),
            home,
            measures={
                "out_kn": Measure(out_kn, ">", rule.jump_kn),
                "back_kn": Measure(back_kn, ">", rule.jump_kn),
                "away_nm": Measure(away_nm, ">=", rule.min_away_nm),
                "n_reports": Measure(n, ">=", rule.min_away_fixes),
                "away_h": Measure(
                    (found.after["start_us"] - home.t_us) / US_PER_HOUR,
                    "<=",
                    rule.max_away_h,
                    counts=False,
                ),
                "n_places": Measure(len(found.away)),
                **self._others(others),
            },
            innocent={"jamming_area": others >= rule.area_others},
            n=n,
            sentence=(
                f"Apparent jump: {duration(end.t_us - start.t_us)} of {n:,} reports "
                f"({span(start.t_us, end.t_us)}) about {place(start.lat, start.lon)}, "
                f"{number(away_nm)} nm from {place(home.lat, home.lon)} where the vessel was "
                f"before and was back after; {number(out_kn)} kn out and {number(back_kn)} kn "
                f"back, held against more than {limit(rule.jump_kn)} kn"
            ),
            is_open=False,
        )

    def _circle(self, found: Circle, *, is_open: bool) -> Draft:
        rule, key, reports = self._rule, found.key, found.reports
        n, shape = n_rows(reports), found.shape
        start, end = _fix(reports, 0), _fix(reports, n - 1)
        centre = Fix(start.t_us, found.lat, found.lon)
        others = self._area.n_others(key, centre, end.t_us)
        off_frac = shape.off_m / shape.radius_m
        spread_nm = m_to_nm(2 * shape.radius_m)
        hours = duration_h(found)
        return self._draft(
            "circle",
            key,
            (start, end),
            centre,
            measures={
                "duration_h": Measure(hours, ">=", rule.circle_h),
                "off_frac": Measure(off_frac, "<=", rule.circle_max_off_frac),
                "n_reports": Measure(n, ">=", rule.circle_points, counts=False),
                "spread_nm": Measure(spread_nm, "<", rule.circle_spread_nm, counts=False),
                "min_speed_kn": Measure(
                    float(reports["sog_kn"].min()), ">", rule.circle_kn, counts=False
                ),
                "hole_deg": Measure(shape.hole_deg, "<=", rule.circle_max_hole_deg, counts=False),
                "radius_m": Measure(shape.radius_m),
                **self._others(others),
            },
            innocent={
                "jamming_area": others >= rule.area_others,
                "circles_at_work": self._fleet.any_of([key], self._circling),
            },
            n=n,
            sentence=(
                f"Apparent false circle: {n:,} reports over {duration(end.t_us - start.t_us)} "
                f"({span(start.t_us, end.t_us)}) lie within {share(off_frac)} on a circle of "
                f"{number(m_to_nm(shape.radius_m))} nm about {place(found.lat, found.lon)}, at "
                f"{number(float(reports['sog_kn'].min()))} kn or more; held against "
                f"{limit(rule.circle_h)} h, {share(rule.circle_max_off_frac)} and more than "
                f"{limit(rule.circle_kn)} kn"
            ),
            is_open=is_open,
        )

    def _frozen_at(self, run: Row, *, is_open: bool) -> Draft:
        rule, key = self._rule, run["key"]
        start = Fix(run["start_us"], run["lat"], run["lon"])
        end = Fix(run["end_us"], run["lat"], run["lon"])
        return self._draft(
            "frozen",
            key,
            (start, end),
            start,
            measures={
                "duration_h": Measure(run["duration_h"], ">", rule.frozen_h),
                "told_nm": Measure(run["told_nm"], ">=", rule.frozen_told_nm),
                "min_speed_kn": Measure(run["min_kn"], ">", rule.frozen_kn, counts=False),
                "n_reports": Measure(run["n"], ">=", rule.frozen_reports, counts=False),
            },
            innocent={"in_port": run["port_m"] <= rule.port_radius_km * _M_PER_KM},
            n=run["n"],
            sentence=(
                f"Apparent frozen position: {run['n']:,} reports over "
                f"{duration(end.t_us - start.t_us)} ({span(start.t_us, end.t_us)}), all of "
                f"{place(start.lat, start.lon)} to the last digit, with "
                f"{number(run['min_kn'])} kn or more, which makes {number(run['told_nm'])} nm; "
                f"held against {limit(rule.frozen_h)} h and more than {limit(rule.frozen_kn)} kn"
            ),
            is_open=is_open,
        )

    def _trip(self, found: Trip) -> Draft:
        rule, deep = self._rule, found.deep
        n = n_rows(deep)
        start, end = _fix(deep, 0), _fix(deep, n - 1)
        farthest = _fix(deep, int(np.argmax(found.inland_m)))
        inland_km = float(found.inland_m.max()) / _M_PER_KM
        trip_h = (found.after["t_us"] - found.before["t_us"]) / US_PER_HOUR
        home = Fix(start.t_us, found.before["lat"], found.before["lon"])
        others = self._area.n_others(found.key, home, end.t_us)
        return self._draft(
            "on_land",
            found.key,
            (start, end),
            farthest,
            measures={
                "inland_km": Measure(inland_km, ">=", rule.inland_km),
                "n_reports": Measure(n, ">=", rule.land_reports),
                "water_frac": Measure(found.water_frac, "<", rule.max_water_frac, counts=False),
                "port_km": Measure(
                    float(deep["port_m"].min()) / _M_PER_KM, ">", rule.water_km, counts=False
                ),
                "trip_h": Measure(trip_h, "<=", rule.land_trip_h, counts=False),
                **self._others(others),
            },
            innocent={"jamming_area": others >= rule.area_others},
            n=n,
            sentence=(
                f"Apparent position on land: {n:,} reports ({span(start.t_us, end.t_us)}) up to "
                f"{number(inland_km)} km inland, at {place(farthest.lat, farthest.lon)}, between "
                f"sea and sea, not by a port nor where others sail; held against "
                f"{limit(rule.inland_km)} km"
            ),
            is_open=False,
        )

    def _others(self, others: int) -> dict[str, Measure]:
        return {"n_others_jumping": Measure(others)}

    def _draft(  # noqa: PLR0913 - what an event has
        self,
        form: str,
        key: int,
        fixes: tuple[Fix, Fix],
        where: Fix,
        *,
        measures: Mapping[str, Measure],
        innocent: Mapping[str, bool],
        n: int,
        sentence: str,
        is_open: bool,
    ) -> Draft:
        start, end = fixes
        n_others = measures["n_others_jumping"].value if "n_others_jumping" in measures else 0
        shared = f", while {n_others:,} others near by jumped or circled" if n_others else ""
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=where.lat,
            lon=where.lon,
            measures={
                "form": Measure(form),
                **measures,
                "vessel_class": Measure(self._fleet.class_of(key)),
            },
            innocent=innocent,
            evidence=[Evidence(key, start.t_us, end.t_us, n)],
            explanation=f"{sentence}{shared}.",
            is_open=is_open,
            anchor_parts=(form,),
        )


def _stray_rows(strays: pa.Table | None) -> Rows:
    """Return strays as columns, by vessel and time."""
    none = np.zeros(0, dtype=np.int64)
    if strays is None:
        return {"key": none, "t_us": none, "lat": np.zeros(0), "lon": np.zeros(0)}
    rows: Rows = {
        "key": strays["vessel_key"].to_numpy(),
        "t_us": strays["timestamp"].cast(pa.int64()).to_numpy(),
        "lat": strays["lat"].to_numpy(),
        "lon": strays["lon"].to_numpy(),
    }
    return take(rows, np.lexsort((rows["t_us"], rows["key"])))


def _ends(circles: Sequence[Circle]) -> Rows:
    """Return circles as they stand in `Area`: seen when nothing can extend them."""
    return {
        "key": np.array([circle.key for circle in circles], dtype=np.int64),
        "onset_us": np.array([circle.reports["t_us"][0] for circle in circles], dtype=np.int64),
        "seen_us": np.array([circle.known_us for circle in circles], dtype=np.int64),
        "lat": np.array([circle.lat for circle in circles], dtype=np.float64),
        "lon": np.array([circle.lon for circle in circles], dtype=np.float64),
    }


def _fix(rows: Rows, row: int) -> Fix:
    return Fix(int(rows["t_us"][row]), float(rows["lat"][row]), float(rows["lon"][row]))


def _start_of(stretch: Row) -> Fix:
    return Fix(stretch["start_us"], stretch["start_lat"], stretch["start_lon"])


def _end_of(stretch: Row) -> Fix:
    return Fix(stretch["end_us"], stretch["end_lat"], stretch["end_lon"])
