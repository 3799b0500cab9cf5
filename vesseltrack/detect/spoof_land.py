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
        found = [self._trip(rows, int(since[end - 1]), int(end)) for end in ends]
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
        return [trip for trip in found if trip is not None]

    def _on_land(self, reports: Rows) -> Rows:
        some = take(reports, reports["shore_m"] == 0)
        return {
            "hour": some["t_us"] // US_PER_HOUR,
            "cell": parents(some["cell"], self._rule.water_resolution),
            "key": some["key"],
        }

    def _trip(self, rows: Rows, start: int, end: int) -> Trip | None:
        rule = self._rule
        t_us = rows["t_us"][start : end + 1]
        if t_us[-1] - t_us[0] > self._trip_us or np.diff(t_us).max() > h_to_us(rule.land_gap_h):
            return None
        between = take(rows, np.arange(start + 1, end))
        near_m = np.minimum(between["port_m"], between["anchorage_m"])
        on_land = between["shore_m"] == 0
        # Listed ports lie up to 16 km from their berths: who lies still on land is in a harbour.
        at_berth = on_land & (between["sog_kn"] < rule.berth_kn)
        if (near_m <= rule.water_km * _M_PER_KM).any() or np.count_nonzero(at_berth) > 1:
            return None
        if np.count_nonzero(on_land) < rule.land_reports:
            return None
        inland_m = sea.inland_distance_m(between["lat"], between["lon"])
        is_deep = inland_m >= rule.inland_km * _M_PER_KM
        deep = take(between, is_deep)
        if n_rows(deep) < rule.land_reports:
            return None
        water_frac = self._water_frac(deep, int(t_us[-1]))
        if water_frac >= rule.max_water_frac:
            return None
        return Trip(
            int(deep["key"][0]),
            row_at(rows, start),
            row_at(rows, end),
            deep,
            inland_m[is_deep],
            water_frac,
        )

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
