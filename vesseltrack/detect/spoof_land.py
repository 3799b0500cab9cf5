"""On land: trips from sea to sea that lead over land, where no other vessel goes.

Rivers, lakes and canals are land on the coast that is shipped. A vessel in them passes ports, is
not alone, or never comes from the sea; what is left did not sail where it said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack import sea
from vesseltrack.config.detect.position_spoofing import PositionSpoofingDefault
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.records import Row, Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.runs import Bools, Ints, block_of_row, offsets_of_sorted
from vesseltrack.core.several import Several
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries
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
        self._trips = Several()  # each vessel's reports since it was last at sea, and that one
        self._swept_us: int | None = None
        self._merged_hour = 0  # what was sailed before it stands once an hour already
        self._sailed = Ledger()  # who reported where on land

    def parts(self) -> Mapping[str, Carries]:
        """Return what carries rows from one push to the next, by name."""
        return {"land_trips": self._trips, "land_sailed": self._sailed}

    def push(self, reports: Rows, frontier_us: int) -> list[Trip]:
        """Take in reports by vessel and time; return the trips that ended at sea."""
        rule = self._rule
        self._sweep(frontier_us)
        if not n_rows(reports):
            return []
        self._sailed.add(self._on_land(reports))
        heard = np.unique(reports["key"])
        rows = joined(self._trips.of(heard), reports)
        # What was carried is older, and a stable sort keeps it in front.
        rows = take(rows, np.argsort(rows["key"], kind="stable"))
        at_sea = rows["shore_m"] >= rule.sea_km * _M_PER_KM
        since = _last_at_sea(rows, at_sea)
        ends = np.flatnonzero(at_sea)
        ends = ends[ends > 0]
        ends = ends[(since[ends - 1] >= 0) & (since[ends - 1] < ends - 1)]
        ends = ends[rows["key"][ends - 1] == rows["key"][ends]]
        starts = since[ends - 1]
        found = self._trips_among(rows, [*zip(starts.tolist(), ends.tolist(), strict=True)])
        offsets = offsets_of_sorted(rows["key"])
        current = since[offsets[1:] - 1][block_of_row(offsets)]
        kept = (current >= 0) & (np.arange(n_rows(rows)) >= current)
        kept &= frontier_us - rows["t_us"][current] <= self._trip_us
        self._trips.put(heard, take(rows, kept))
        return found

    def _sweep(self, frontier_us: int) -> None:
        """Now and then drop who was not at sea for so long that it makes no trip."""
        if self._swept_us is not None and frontier_us - self._swept_us < US_PER_HOUR:
            return
        self._swept_us, hour = frontier_us, frontier_us // US_PER_HOUR
        rule, rows = self._rule, self._trips.shared
        if rows:
            offsets = offsets_of_sorted(rows["key"])
            since_us = rows["t_us"][offsets[:-1]][block_of_row(offsets)]
            self._trips.keep(frontier_us - since_us <= self._trip_us)
        if self._sailed.rows:
            self._sailed.forget(hour - round(rule.water_history_h + rule.land_trip_h))
            self._sailed.rows = _once_an_hour(self._sailed.rows, self._merged_hour)
        self._merged_hour = hour

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
        asked = []
        offsets = np.cumsum([0, *n_between])
        for nth, (start, end) in enumerate(spans):
            own_m = inland_m[offsets[nth] : offsets[nth + 1]]
            is_deep = own_m >= rule.inland_km * _M_PER_KM
            deep = take(between[nth], is_deep)
            if n_rows(deep) >= rule.land_reports:
                asked.append((start, end, deep, own_m[is_deep]))
        ends_us = rows["t_us"][[end for _, end, _, _ in asked]]
        fracs = self._water_fracs([deep for _, _, deep, _ in asked], ends_us).tolist()
        return [
            Trip(int(deep["key"][0]), row_at(rows, start), row_at(rows, end), deep, own_m, frac)
            for (start, end, deep, own_m), frac in zip(asked, fracs, strict=True)
            if frac < rule.max_water_frac
        ]

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

    def _water_fracs(self, deep: Sequence[Rows], end_us: Ints) -> Floats:
        """Return for each trip the share of reports in cells in which others were on land before.

        All trips ask together, each about a cell once: an answer takes a pass over all that was
        sailed.
        """
        if not deep:
            return np.zeros(0)
        n_reports = np.array([n_rows(some) for some in deep])
        trip = np.repeat(np.arange(n_reports.size), n_reports)
        cell = parents(
            np.concatenate([some["cell"] for some in deep]), self._rule.water_resolution
        )
        order = np.lexsort((cell, trip))
        is_first = is_change(trip[order], cell[order])
        asker = np.empty(trip.size, dtype=np.int64)
        asker[order] = np.cumsum(is_first) - 1
        of_trip = trip[order][is_first]
        stop = (end_us // US_PER_HOUR)[of_trip]
        since = stop - round(self._rule.water_history_h)
        mmsi = mmsis_of(np.array([some["key"][0] for some in deep]))[of_trip]
        asked = Question(mmsi, since, stop, cell[order][is_first], np.arange(stop.size))
        others = others_in(self._sailed.rows, asked, self._rule.water_resolution)
        is_water = others.total(stop.size) > 0
        return np.asarray(np.bincount(trip, is_water[asker], n_reports.size) / n_reports)


def _once_an_hour(sailed: Rows, since_hour: int) -> Rows:
    """Return who sailed where, from an hour on once for each hour and cell."""
    is_fresh = sailed["hour"] >= since_hour
    fresh = take(sailed, is_fresh)
    fresh = take(fresh, np.lexsort((fresh["cell"], fresh["key"], fresh["hour"])))
    once = take(fresh, is_change(fresh["hour"], fresh["key"], fresh["cell"]))
    return joined(take(sailed, ~is_fresh), once)


def _last_at_sea(rows: Rows, at_sea: Bools) -> Ints:
    """Return the last row at sea of the same vessel, at or before each row; -1 without one."""
    first = is_change(rows["key"])
    place = np.where(at_sea, np.arange(at_sea.size), -1)
    start = np.flatnonzero(first)[np.cumsum(first) - 1]
    source = np.maximum.accumulate(place) if place.size else place
    return np.where(source >= start, source, -1)
