"""Trips from port and back: what each outing that is under way has come to so far."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vesseltrack.config.detect.sortie import SortieDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Merge, Rows, is_change, joined, merged, n_rows, take
from vesseltrack.core.runs import Bools
from vesseltrack.detect.base import Carries, Held
from vesseltrack.detect.fold import LastRows
from vesseltrack.detect.open_runs import ENDS, OpenRuns, RunRule
from vesseltrack.detect.outings import NEVER
from vesseltrack.units import US_PER_HOUR, h_to_us

M_PER_KM: Final = 1000.0
US_PER_MINUTE: Final = US_PER_HOUR // 60
_FAR: Final = ("far_m", "far_us", "far_lat", "far_lon", "far_port_m", "far_anchorage_m")
_TRIP: Final[Mapping[str, Merge]] = {
    "key": Merge.FIRST,
    "port_us": Merge.FIRST,
    "port_lat": Merge.FIRST,
    "port_lon": Merge.FIRST,
    "end_us": Merge.LAST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
    "is_back": Merge.LAST,
    "path_mm": Merge.SUM,
    "n_fixes": Merge.SUM,
    "top_kn": Merge.MAX,
}
_STOP: Final[Mapping[str, Merge]] = {
    **ENDS,
    "port_us": Merge.FIRST,
}


class RoundTrips:
    """The fold from legs to outings that have come back to a port."""

    def __init__(self, rule: SortieDefault) -> None:
        self._rule = rule
        self._trips = Held()  # under way, one row an outing
        self._stops = Held()  # that ended, of the trips under way
        leg_us = round(rule.max_leg_min * US_PER_MINUTE)
        self._slow = OpenRuns(RunRule(leg_us, max_misses=0), _STOP)

    def parts(self) -> Mapping[str, Carries]:
        """Return what carries rows from one push to the next, by name."""
        return {"trips": self._trips, "stops": self._stops, "slow": self._slow}

    def push(self, legs: Rows, last: LastRows, frontier_us: int) -> tuple[Rows, Rows]:
        """Return the outings that came back, and the stops of all that are or were under way.

        Parameters
        ----------
        legs : Rows
            New ones by vessel and time, each of the outing that its start belongs to: `key`,
            `nth` of the report that ends it, `start_us`, `end_us`, `start_lat`, `start_lon`,
            `end_lat`, `end_lon`, `end_port_m`, `end_anchorage_m`, `path_mm`, `n_fixes`,
            `speed_kn` (made good; NaN where not known), `top_kn` (0 where not known), `port_us`,
            `port_lat`, `port_lon`, `track_us`, `is_out` and `is_back` (whether it ends out of
            port, and in port).
        last : LastRows
            The last report of each vessel.
        frontier_us : int
            No report that starts a gap before this is still to come [us].

        Returns
        -------
        trips : Rows
            With the columns of a trip and of its farthest point (`far_m` from where it left).
        stops : Rows
            `key`, `port_us` of the outing, `start_us`, `end_us` and both places.
        """
        legs = take(legs, self._is_of_an_outing(legs))
        slow = take(legs, (legs["speed_kn"] < self._rule.max_stop_kn) & legs["is_out"])
        slow = {**slow, "start_nth": slow["nth"], "end_nth": slow["nth"]}
        ended = self._slow.push(slow, last, frontier_us).closed
        stops = joined(self._stops.rows, ended)
        trips = _merged_trips(joined(self._trips.rows, _trips_of(legs)))
        is_over = trips["is_back"] > 0
        oldest_us = frontier_us - h_to_us(self._rule.max_hours)
        self._trips.rows = take(trips, ~is_over & (trips["port_us"] >= oldest_us))
        goes_on = (stops["port_us"] >= oldest_us) & ~_is_of(stops, take(trips, is_over))
        self._stops.rows = take(stops, goes_on)
        return take(trips, is_over), stops

    def _is_of_an_outing(self, legs: Rows) -> Bools:
        """Return which legs lie on an unbroken track since port that is not too old already."""
        return np.asarray(
            (legs["is_out"] | (legs["start_us"] > legs["port_us"]))
            & (legs["port_us"] != NEVER)
            & (legs["track_us"] <= legs["port_us"])
            & (legs["end_us"] - legs["port_us"] <= h_to_us(self._rule.max_hours))
        )


def stops_of(trips: Rows, row: int, stops: Rows, radius_m: float) -> Rows:
    """Return the stops of one trip within a radius of its farthest point, nearest first."""
    own = take(stops, _is_of(stops, take(trips, np.array([row]))))
    lat, lon = trips["far_lat"][row], trips["far_lon"][row]
    far_m = great_circle_m(own["start_lat"], own["start_lon"], lat, lon)
    order = np.lexsort((own["start_us"], far_m))
    return take(own, order[far_m[order] <= radius_m])


def _is_of(stops: Rows, trips: Rows) -> Bools:
    """Return which stops belong to any of these trips, shape (n_stops,)."""
    trip_of = set(zip(trips["key"].tolist(), trips["port_us"].tolist(), strict=True))
    pairs = zip(stops["key"].tolist(), stops["port_us"].tolist(), strict=True)
    return np.fromiter((pair in trip_of for pair in pairs), np.bool_, n_rows(stops))


def _trips_of(legs: Rows) -> Rows:
    """Return each leg as a trip of one leg."""
    far = {
        "far_m": great_circle_m(
            legs["port_lat"], legs["port_lon"], legs["end_lat"], legs["end_lon"]
        ),
        "far_us": legs["end_us"],
        "far_lat": legs["end_lat"],
        "far_lon": legs["end_lon"],
        "far_port_m": legs["end_port_m"],
        "far_anchorage_m": legs["end_anchorage_m"],
    }
    own = {name: legs[name] for name in _TRIP}
    return {**own, "is_back": legs["is_back"].astype(np.int64), **far}


def _merged_trips(trips: Rows) -> Rows:
    """Return one row for each outing of each vessel; of equally far points the first counts."""
    trips = take(trips, np.lexsort((trips["end_us"], trips["port_us"], trips["key"])))
    start = np.flatnonzero(is_change(trips["key"], trips["port_us"]))
    whole = merged(trips, start, _TRIP)
    by_far = np.lexsort((-trips["far_us"], trips["far_m"], trips["port_us"], trips["key"]))
    farthest = by_far[(np.append(start[1:], n_rows(trips)) - 1)[: start.size]]
    return {**whole, **{name: trips[name][farthest] for name in _FAR}}
