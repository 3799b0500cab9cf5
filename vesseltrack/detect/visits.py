"""Visits to places at sea: short stops, and sharp turns of vessels that do not stop."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.geodesy import angle_between_deg
from vesseltrack.core.records import Merge, Rows, joined, n_rows, take
from vesseltrack.core.runs import Bools
from vesseltrack.core.shape import metres_from, point_at
from vesseltrack.detect.drop_cues import M_PER_KM, US_PER_MINUTE, bearings_deg, follows, speeds_kn
from vesseltrack.detect.fold import LastRows
from vesseltrack.detect.open_runs import OpenRuns, RunRule

STOPPED, TURNED = 0, 1  # kinds of a visit
VISIT_NAMES: Final = ("stopped", "turned")
COLUMNS: Final = (
    "key",
    "start_us",
    "end_us",
    "lat",
    "lon",
    "start_fix",
    "end_fix",
    "port_us",
    "track_us",
    "kind",
)
_HOW: Final[Mapping[str, Merge]] = {
    "start_lat": Merge.FIRST,
    "start_lon": Merge.FIRST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
    "start_fix": Merge.FIRST,
    "end_fix": Merge.LAST,
    "port_us": Merge.FIRST,
    "track_us": Merge.FIRST,
}


class Visits:
    """The fold from legs to visits."""

    def __init__(self, rule: DropPickupDefault) -> None:
        self._rule = rule
        gap_us = round(rule.max_gap_min * US_PER_MINUTE)
        self.stops = OpenRuns(RunRule(gap_us, max_misses=0), _HOW)

    def push(self, legs: Rows, is_new: Bools, last: LastRows, frontier_us: int) -> Rows:
        """Return the visits that ended.

        Parameters
        ----------
        legs : Rows
            Recent legs by vessel and time, those of earlier pushes too; with `port_us`,
            `track_us` and `nth`, the number of the report that ends the leg.
        is_new : (n,)
            Which legs were not given before.
        last : LastRows
            The last report of each vessel.
        frontier_us : int
            No report that starts a gap before this is still to come [us].
        """
        rule = self._rule
        at_sea = legs["port_m"] > rule.port_radius_km * M_PER_KM
        slow = take(legs, is_new & at_sea & (speeds_kn(legs) < rule.visit_speed_kn))
        slow = {**slow, "start_nth": slow["nth"], "end_nth": slow["nth"]}
        stops = self.stops.push(slow, last, frontier_us).closed
        return joined(self._stopped(stops), self._turned(legs, is_new & at_sea))

    def close(self, last: LastRows, frontier_us: int) -> Rows:
        """Return the visits that ended by time alone, no leg being new; see `push`."""
        return self._stopped(self.stops.push({}, last, frontier_us).closed)

    def under_way(self) -> Rows:
        """Return the stops that would be visits if the data ended here."""
        return self._stopped(self.stops.rows)

    def _stopped(self, runs: Rows) -> Rows:
        if not runs:
            return {}
        rule = self._rule
        lasted_us = runs["end_us"] - runs["start_us"]
        runs = take(
            runs,
            (lasted_us >= rule.min_visit_min * US_PER_MINUTE)
            & (lasted_us <= rule.max_visit_min * US_PER_MINUTE),
        )
        start = runs["start_lat"], runs["start_lon"]
        east_m, north_m = metres_from(*start, runs["end_lat"], runs["end_lon"])
        lat, lon = point_at(*start, east_m / 2, north_m / 2)
        kind = np.full(n_rows(runs), STOPPED)
        return {name: {**runs, "lat": lat, "lon": lon, "kind": kind}[name] for name in COLUMNS}

    def _turned(self, legs: Rows, asked: Bools) -> Rows:
        """Return the sharp turns at the start of legs asked about."""
        row = np.flatnonzero(asked & follows(legs))
        both = np.concatenate((row - 1, row))
        speed_kn = speeds_kn(take(legs, both)).reshape(2, -1)
        course_deg = bearings_deg(take(legs, both)).reshape(2, -1)
        is_turn = (angle_between_deg(*course_deg) >= self._rule.visit_turn_deg) & (
            speed_kn >= self._rule.visit_speed_kn
        ).all(axis=0)
        row = row[is_turn]
        return {
            "key": legs["key"][row],
            "start_us": legs["start_us"][row],
            "end_us": legs["start_us"][row],
            "lat": legs["start_lat"][row],
            "lon": legs["start_lon"][row],
            "start_fix": legs["start_fix"][row],
            "end_fix": legs["start_fix"][row],
            "port_us": legs["port_us"][row],
            "track_us": legs["track_us"][row],
            "kind": np.full(row.size, TURNED),
        }
