"""Voyages held against the shortest route by sea."""

import contextlib
import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from vesseltrack import routing, tracks
from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.runs import offsets_of_sorted
from vesseltrack.detect import is_deviation, is_round_trip
from vesseltrack.engine.passage import (
    Place,
    Points,
    Ship,
    cross_track_nm,
    frechets_nm,
    legs_of,
    measured,
    route_for,
)
from vesseltrack.engine.stays import Around, seen_frac, stays_on
from vesseltrack.errors import RouteError

Row: TypeAlias = dict[str, Any]

_ROUGHLY_WITHIN_M: Final = 1_400_000.0  # a field is grown so far in the time of two ways


def sea_distance_nm(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Return shortest distances by sea between pairs of points [nm]; NaN where there is none."""
    found = routing.shortest_routes(lat1, lon1, lat2, lon2)
    return np.array(
        [np.nan if isinstance(route, RouteError) else route.distance_nm for route in found],
        dtype=np.float64,
    )


def rough_distance_nm(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Return what `sea_distance_nm` does, 1 to 5 % too far: from the field of the second points.

    NaN also where they lie so far apart that a field takes longer to grow than a way to be found.
    What it says of a pair depends on no other.
    """
    found_nm = np.full(lat1.size, np.nan)
    is_near = great_circle_m(lat1, lon1, lat2, lon2) <= _ROUGHLY_WITHIN_M
    for pair in np.flatnonzero(is_near):
        with contextlib.suppress(RouteError):
            towards = routing.distance_field((float(lat2[pair]), float(lon2[pair])))
            found_nm[pair] = towards.roughly_nm(lat1[pair : pair + 1], lon1[pair : pair + 1])[0]
    return found_nm


def measured_voyages(
    built: tracks.Tracks, rule: RouteDeviationDefault
) -> tuple[list[Row], dict[str, Row]]:
    """Return rows of VOYAGES with their route columns, and rows of DETOURS by voyage.

    What takes all voyages to tell is not filled yet: verdicts and peers. Legs and stays are lists.

    Parameters
    ----------
    built : Tracks
        What tracks made of some vessels.
    rule : RouteDeviationDefault
        The thresholds.
    """
    vessels = built.vessels.select(["vessel_id", "draught_m", "length_m"]).to_pylist()
    vessel_of = {row["vessel_id"]: row for row in vessels}
    points_of, around = _points_by_voyage(built.ways), Around(built.fixes)
    rows = built.voyages.to_pylist()
    held = [_Voyage(row, points_of[row["voyage_id"]], vessel_of[row["vessel_id"]]) for row in rows]
    detours: dict[str, Row] = {}
    like: list[tuple[Row, tuple[Points, routing.Route]]] = []
    for voyage in sorted(held, key=_Voyage.turn):
        detour = voyage.hold(rule, around)
        if detour is not None:
            detours[detour["voyage_id"]] = detour
            if voyage.like is not None:
                like.append((detour, (voyage.points, voyage.like)))
    leashes_nm = frechets_nm([pair for _, pair in like], rule).tolist()
    for (detour, _), leash_nm in zip(like, leashes_nm, strict=True):
        detour["frechet_nm"] = leash_nm
    return rows, detours


def _points_by_voyage(ways: pa.Table) -> dict[str, Points]:
    """Return the points of every voyage; a voyage's stand together, in order."""
    names, points = ways["voyage_id"].to_numpy(), Points.of(ways)
    pairs = itertools.pairwise(offsets_of_sorted(names))
    return {names[first]: points.part(first, stop) for first, stop in pairs}


@functools.lru_cache(maxsize=1)
def _port_places() -> dict[str, Place]:
    """Return where each listed port lies, by code and by name."""
    ports = tracks.listed_ports().select(["name", "locode", "lat", "lon"]).to_pylist()
    by_name = {row["name"]: (row["lat"], row["lon"]) for row in ports}
    return by_name | {row["locode"]: (row["lat"], row["lon"]) for row in ports if row["locode"]}


def bound_for(voyage: Mapping[str, Any]) -> Place | None:
    """Return where the port lies that a voyage under way is bound for; None where not known."""
    port = voyage["destination_locode"] or voyage["destination"]
    return _port_places().get(port) if voyage["is_open"] and port else None


class _Voyage:
    """One voyage with the way that it sailed."""

    def __init__(self, row: Row, points: Points, vessel: Row) -> None:
        self._row, self.points = row, points
        self.like: routing.Route | None = None  # that its line is held against; ends where it does
        self._ship = Ship(vessel["draught_m"], vessel["length_m"])
        port = bound_for(row)
        self._is_bound = port is not None
        self._ways_ahead: dict[tuple[str, ...], tuple[float, Sequence[str]]] = {}
        self.destination: Place = port or points.end

    def turn(self) -> tuple[list[str], Place]:
        """Return what voyages are sorted by before they are held.

        Those to which the same passages are closed one after the other, and of them those to one
        place: the sea and the distance field are at hand for all of them.
        """
        draught_m, length_m, avoid = self._ship
        closed = routing.closed_to(draught_m=draught_m, length_m=length_m, avoid=avoid)
        return sorted(closed), self.destination

    def hold(self, rule: RouteDeviationDefault, around: Around) -> Row | None:
        """Fill the route columns, and return the row of DETOURS if it may be one."""
        row = self._row
        try:
            route = route_for(self._ship, self.points.start, self.destination)
            excess_nm = self._total_nm() - route.distance_nm
        except RouteError:
            return None
        self._fill(route.distance_nm, excess_nm, rule)
        row["max_cross_track_nm"] = cross_track_nm(self.points, route)
        row["passages"] = list(route.passages)
        if not self._may_be_flagged(rule):
            return None
        found = measured(self.points, self.destination, self._ship, has_ended=not self._is_bound)
        if found is not None:
            self._fill(found.shortest_nm, found.excess_nm, rule)
        if row["excess_nm"] < rule.min_excess_nm:
            return None
        return {
            "voyage_id": row["voyage_id"],
            **self._legs(None if found is None else found.slack_nm, rule),
            "seen_frac": seen_frac(self.points, rule.sparse_gap_h),
            **self._without(route),
            **self._via(stays_on(self.points, around.of(row["vessel_id"]), rule)),
            **self._so_far(route),
            "frechet_nm": None,  # told of all of them together
            "n_peers": 0,
            "percentile_frac": None,
        }

    def _may_be_flagged(self, rule: RouteDeviationDefault) -> bool:
        """Return whether its ratio or its peers may flag it, were the route a little shorter."""
        row = self._row
        if row["detour_ratio"] is None:
            return False
        most_nm = row["excess_nm"] + rule.screen_frac * row["shortest_nm"]
        if None not in (row["origin_locode"], row["destination_locode"]):
            return bool(most_nm >= rule.min_excess_nm)
        return is_deviation(most_nm, row["shortest_nm"], rule)

    def _fill(self, shortest_nm: float, excess_nm: float, rule: RouteDeviationDefault) -> None:
        row = self._row
        has_ratio = shortest_nm >= rule.min_shortest_nm and not is_round_trip(row)
        ratio = (shortest_nm + excess_nm) / shortest_nm if has_ratio else None
        row |= {"shortest_nm": shortest_nm, "excess_nm": excess_nm, "detour_ratio": ratio}

    def _ahead(self, avoid: tuple[str, ...] = ()) -> tuple[float, Sequence[str]]:
        """Return what remains to the declared port [nm], and the passages on that way."""
        if not self._is_bound:
            return 0.0, ()
        if avoid not in self._ways_ahead:
            way = route_for(self._ship, self.points.end, self.destination, avoid=avoid)
            self._ways_ahead[avoid] = way.distance_nm, way.passages
        return self._ways_ahead[avoid]

    def _total_nm(self, avoid: tuple[str, ...] = ()) -> float:
        """Return what was sailed, with what remains to the declared port."""
        return float(self._row["travelled_nm"]) + self._ahead(avoid)[0]

    def _legs(self, slack_nm: Floats | None, rule: RouteDeviationDefault) -> Row:
        """Return the legs, and the place where most of the extra miles arose."""
        points = self.points
        legs = [] if slack_nm is None else legs_of(points, slack_nm, rule)
        # Without a leg the end stands for it: nowhere did much of it arise.
        middle = legs[0].middle if legs else points.lat.size - 1
        return {
            "lat": float(points.lat[middle]),
            "lon": float(points.lon[middle]),
            "legs": [leg.as_json() for leg in legs],
        }

    def _without(self, route: routing.Route) -> Row:
        """Return what is left with every passage closed that the track kept clear of.

        Closing one may bring another that was not taken either, so it is done until none is left.
        One that is closed may come again, where an end lies ashore behind its gate: that is no
        other way.
        """
        taken = {
            *routing.passages_crossed(self.points.lat, self.points.lon),
            *self._ahead()[1],
        }
        missed: list[str] = []
        around: routing.Route | None = route
        total_nm = 0.0
        while around and (new := [one for one in around.passages if one not in {*taken, *missed}]):
            missed += new
            try:
                around = route_for(self._ship, self.points.start, self.destination, avoid=missed)
                total_nm = self._total_nm(tuple(missed))
            except RouteError:
                around = None
        against = _against("without", around if missed else None, total_nm)
        return against | {"passages_not_taken": missed}

    def _via(self, stays: list[Row]) -> Row:
        """Return what is left against the route over the stays, without what was sailed there."""
        if not stays:
            return _against("via", None, 0.0) | {"stays": []}
        places = tuple((stay["lat"], stay["lon"]) for stay in stays)
        try:
            over = route_for(self._ship, self.points.start, self.destination, via=places)
            total_nm = self._total_nm() - sum(stay["nm"] for stay in stays)
        except RouteError:
            return _against("via", None, 0.0) | {"stays": stays}
        return _against("via", over, total_nm) | {"stays": stays}

    def _so_far(self, route: routing.Route) -> Row:
        """Return what is left of a voyage under way against the route to where it is now.

        Lines are like each other only when they end at one place, so that route is also the one
        whose distance is told.
        """
        if not self._is_bound:
            self.like = route
            return _against("so_far", None, 0.0)
        try:
            self.like = route_for(self._ship, self.points.start, self.points.end)
        except RouteError:
            return _against("so_far", None, 0.0)
        return _against("so_far", self.like, float(self._row["travelled_nm"]))


def _against(other: str, route: routing.Route | None, total_nm: float) -> Row:
    shortest_nm = None if route is None else route.distance_nm
    excess_nm = None if shortest_nm is None else total_nm - shortest_nm
    return {f"shortest_{other}_nm": shortest_nm, f"excess_{other}_nm": excess_nm}
