"""On land: trips from sea to sea that lead over land, where no other vessel goes.

Rivers, lakes and canals are land on the coast that is shipped. A vessel in them passes ports, is
not alone, or never comes from the sea; what is left did not sail where it said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack import sea
from vesseltrack.config.detect.position_spoofing import PositionSpoofingDefault
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.records import Row, Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries, Held
from vesseltrack.detect.others import Ledger, Question, others_in
from vesseltrack.hexgrid import parents
from vesseltrack.units import US_PER_HOUR, h_to_us

_M_PER_KM: Final = 1000.0


@dataclass(frozen=True)
class Trip:
    """One trip over land."""

    key: int
    before: Row  # the last report at sea
    after: Row
    deep: Rows  # reports well inland
    inland_m: Floats  # of each, to the nearest shore
    water_frac: float  # share of them where others were heard on land


class LandTrips:
    """The fold from reports to trips over land."""

    def __init__(self, rule: PositionSpoofingDefault) -> None:
        self._rule = rule
        self._trip_us = h_to_us(rule.land_trip_h)
        self._trips = Held()  # each vessel's reports since it was last at sea, and that one
        self._sailed = Ledger()  # who reported where on land

    def parts(self) -> Mapping[str, Carries]:
        """Return what carries rows from one push to the next, by name."""
        return {"land_trips": self._trips, "land_sailed": self._sailed}

    def push(self, reports: Rows, frontier_us: int) -> list[Trip]:
        """Take in reports by vessel and time; return the trips that ended at sea."""
        rule = self._rule
        reports = {name: column for name, column in reports.items() if name not in {"nth", "fix"}}
        self._sailed.add(self._on_land(reports))
        rows = joined(self._trips.rows, reports)
        rows = take(rows, np.lexsort((rows["t_us"], rows["key"])))
        at_sea = rows["shore_m"] >= rule.sea_km * _M_PER_KM
        since = _last_at_sea(rows, at_sea)
        ends = np.flatnonzero(at_sea)
        ends = ends[ends > 0]
        ends = ends[(since[ends - 1] >= 0) & (since[ends - 1] < ends - 1)]
        ends = ends[rows["key"][ends - 1] == rows["key"][ends]]
        starts = since[ends - 1]
        found = self._trips_among(rows, [*zip(starts.tolist(), ends.tolist(), strict=True)])
        # Whoever was not at sea for so long makes no trip any more.
        last = np.flatnonzero(np.append(is_change(rows["key"])[1:], True)[: n_rows(rows)])
        number = np.cumsum(is_change(rows["key"])) - 1
        current = since[last][number]
        kept = (current >= 0) & (np.arange(n_rows(rows)) >= current)
        kept &= frontier_us - rows["t_us"][current] <= self._trip_us
        self._trips.rows = take(rows, kept)
        self._sailed.forget(
            frontier_us // US_PER_HOUR - round(rule.water_history_h + rule.land_trip_h)
        )
        return found

    def _on_land(self, reports: Rows) -> Rows:
        some = take(reports, reports["shore_m"] == 0)
        return {
            "hour": some["t_us"] // US_PER_HOUR,
            "cell": parents(some["cell"], self._rule.water_resolution),
            "key": some["key"],
        }

    def _trips_among(self, rows: Rows, spans: list[tuple[int, int]]) -> list[Trip]:
        """Return the trips over land among the spans of rows from sea to sea."""
        rule = self._rule
        spans = [span for span in spans if self._may_be_trip(rows, *span)]
        # How far inland they lie is asked for all together: an answer takes as long as a thousand.
        between = [take(rows, np.arange(start + 1, end)) for start, end in spans]
        n_between = [n_rows(some) for some in between]
        inland_m = sea.inland_distance_m(
            *(
                np.concatenate([np.zeros(0), *(some[name] for some in between)])
                for name in ("lat", "lon")
            )
        )
        found = []
        offsets = np.cumsum([0, *n_between])
        for nth, (start, end) in enumerate(spans):
            own_m = inland_m[offsets[nth] : offsets[nth + 1]]
            is_deep = own_m >= rule.inland_km * _M_PER_KM
            deep = take(between[nth], is_deep)
            if n_rows(deep) < rule.land_reports:
                continue
            water_frac = self._water_frac(deep, int(rows["t_us"][end]))
            if water_frac >= rule.max_water_frac:
                continue
            key, ends = int(deep["key"][0]), (row_at(rows, start), row_at(rows, end))
            found.append(Trip(key, *ends, deep, own_m[is_deep], water_frac))
        return found

    def _may_be_trip(self, rows: Rows, start: int, end: int) -> bool:
        """Return whether a span is no longer than a trip, and leads over land and by no port."""
        rule = self._rule
        t_us = rows["t_us"][start : end + 1]
        if t_us[-1] - t_us[0] > self._trip_us or np.diff(t_us).max() > h_to_us(rule.land_gap_h):
            return False
        between = slice(start + 1, end)
        near_m = np.minimum(rows["port_m"][between], rows["anchorage_m"][between])
        on_land = rows["shore_m"][between] == 0
        # Listed ports lie up to 16 km from their berths: who lies still on land is in a harbour.
        at_berth = on_land & (rows["sog_kn"][between] < rule.berth_kn)
        if (near_m <= rule.water_km * _M_PER_KM).any() or np.count_nonzero(at_berth) > 1:
            return False
        return int(np.count_nonzero(on_land)) >= rule.land_reports

    def _water_frac(self, deep: Rows, end_us: int) -> float:
        """Return the share of reports in cells in which others were heard on land before."""
        stop = np.full(n_rows(deep), end_us // US_PER_HOUR)
        cell = parents(deep["cell"], self._rule.water_resolution)
        since = stop - round(self._rule.water_history_h)
        asked = Question(mmsis_of(deep["key"]), since, stop, cell, np.arange(stop.size))
        others = others_in(self._sailed.rows, asked, self._rule.water_resolution)
        return float(np.mean(others.total(stop.size) > 0))


def _last_at_sea(rows: Rows, at_sea: Bools) -> Ints:
    """Return the last row at sea of the same vessel, at or before each row; -1 without one."""
    first = is_change(rows["key"])
    place = np.where(at_sea, np.arange(at_sea.size), -1)
    start = np.flatnonzero(first)[np.cumsum(first) - 1]
    source = np.maximum.accumulate(place) if place.size else place
    return np.where(source >= start, source, -1)
