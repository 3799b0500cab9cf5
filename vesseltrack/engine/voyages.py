"""Voyages held against the shortest route by sea."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack import routing, schema
from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.core.identity import vessel_id
from vesseltrack.core.paths import max_cross_track_m
from vesseltrack.core.runs import offsets_of_sorted
from vesseltrack.errors import RouteError
from vesseltrack.units import m_to_nm

DEFAULT_RULE: Final = RouteDeviationDefault()
Row: TypeAlias = dict[str, Any]
Track: TypeAlias = tuple[
    npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]
]  # time [us], latitude, longitude


def sea_distance_nm(
    lat1: npt.NDArray[np.float64],
    lon1: npt.NDArray[np.float64],
    lat2: npt.NDArray[np.float64],
    lon2: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return shortest distances by sea between pairs of points [nm]; NaN where there is none."""
    found = routing.shortest_routes(lat1, lon1, lat2, lon2)
    return np.array(
        [np.nan if isinstance(route, RouteError) else route.distance_nm for route in found],
        dtype=np.float64,
    )


@dataclass(frozen=True)
class HeldVoyages:
    """Voyages with their route columns, and the routes that take what their tracks took.

    Attributes
    ----------
    voyages : pyarrow.Table
        `VOYAGES`.
    reroutes : pyarrow.Table
        `REROUTES`: for voyages that kept clear of a passage of their route.
    """

    voyages: pa.Table
    reroutes: pa.Table


def hold_against_routes(
    voyages: pa.Table,
    fixes: pa.Table,
    vessels: pa.Table,
    *,
    rule: RouteDeviationDefault = DEFAULT_RULE,
) -> HeldVoyages:
    """Return voyages with the columns that hold them against the shortest route.

    A voyage whose ends have no route between them keeps nulls: an unknown is never a detour.

    Parameters
    ----------
    voyages, fixes, vessels : pyarrow.Table
        As tracks made them: `VOYAGES`, `FIXES` and `VESSELS`.
    rule : RouteDeviationDefault
        Only voyages that it might flag are routed again without the passages they did not take.
    """
    vessel_of = {
        row["vessel_id"]: row
        for row in vessels.select(["vessel_id", "draught_m", "length_m"]).to_pylist()
    }
    track_of = _tracks_by_vessel(fixes)
    rows, reroutes = voyages.to_pylist(), []
    for row in rows:
        leg = _Leg(row, vessel_of[row["vessel_id"]], track_of[row["vessel_id"]])
        try:
            route = leg.route()
        except RouteError:
            continue
        row.update(leg.held_against(route))
        if _may_deviate(row, rule):
            reroutes += leg.rerouted(route)
    return HeldVoyages(
        _table(schema.VOYAGES, rows),
        _table(schema.REROUTES, reroutes),
    )


def _may_deviate(voyage: Row, rule: RouteDeviationDefault) -> bool:
    least_nm = max(voyage["shortest_nm"], rule.min_shortest_nm) * rule.min_ratio_long
    return bool(voyage["excess_nm"] >= rule.min_excess_nm and voyage["travelled_nm"] >= least_nm)


def _table(spec: schema.Table, rows: Sequence[Row]) -> pa.Table:
    return spec.of({name: [row[name] for row in rows] for name in spec.names})


def _tracks_by_vessel(fixes: pa.Table) -> dict[str, Track]:
    """Return time [us], latitude and longitude of every vessel's fixes, in time order."""
    key = fixes["vessel_key"].to_numpy()
    order = np.argsort(key, kind="stable")  # fixes come in time order, which a stable sort keeps
    t_us = fixes["timestamp"].cast(pa.int64()).to_numpy()[order]
    lat, lon = fixes["lat"].to_numpy()[order], fixes["lon"].to_numpy()[order]
    offsets = offsets_of_sorted(key[order])
    return {
        vessel_id(int(key[order[a]])): (t_us[a:b], lat[a:b], lon[a:b])
        for a, b in itertools.pairwise(offsets)
    }


class _Leg:
    """One voyage with the track that sailed it."""

    def __init__(self, voyage: Row, vessel: Row, track: Track) -> None:
        t_us, lat, lon = track
        first, last = (_us(voyage[name]) for name in ("start", "end"))
        sailed = slice(*np.searchsorted(t_us, [first, last + 1]))
        self._voyage, self._vessel = voyage, vessel
        self._lat, self._lon = lat[sailed], lon[sailed]

    def route(self, *, avoid: tuple[str, ...] = ()) -> routing.Route:
        """Return the shortest route that is open to the vessel."""
        start, end = (
            (self._voyage[f"{name}_lat"], self._voyage[f"{name}_lon"]) for name in ("start", "end")
        )
        return routing.shortest_route(
            start,
            end,
            avoid=avoid,
            draught_m=self._vessel["draught_m"],
            length_m=self._vessel["length_m"],
        )

    def held_against(self, route: routing.Route) -> Row:
        """Return the route columns of the voyage."""
        travelled_nm = self._voyage["travelled_nm"]
        cross_track_m = max_cross_track_m(self._lat, self._lon, route.lat, route.lon)
        return {
            "shortest_nm": route.distance_nm,
            "excess_nm": travelled_nm - route.distance_nm,
            "detour_ratio": travelled_nm / route.distance_nm if route.distance_nm > 0 else None,
            "max_cross_track_nm": m_to_nm(cross_track_m),
            "passages": list(route.passages),
        }

    def rerouted(self, route: routing.Route) -> list[Row]:
        """Return the row that closes every passage the track kept clear of; none if it took all.

        Closing one may bring another that was not taken either, so it is done until none is left.
        """
        taken = set(routing.passages_crossed(self._lat, self._lon))
        missed: list[str] = []
        shortest_nm: float | None = route.distance_nm
        untaken = [name for name in route.passages if name not in taken]
        while untaken:
            missed += untaken
            try:
                around = self.route(avoid=tuple(missed))
            except RouteError:
                shortest_nm, untaken = None, []
            else:
                shortest_nm = around.distance_nm
                untaken = [name for name in around.passages if name not in taken]
        if not missed:
            return []
        voyage_id = self._voyage["voyage_id"]
        return [{"voyage_id": voyage_id, "passages": missed, "shortest_nm": shortest_nm}]


def _us(instant: object) -> int:
    assert isinstance(instant, dt.datetime)
    return int(pa.scalar(instant, schema.TIMESTAMP).value)
