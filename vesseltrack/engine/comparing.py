"""One track of any origin held against the shortest route by sea."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack import routing, tracks
from vesseltrack.config import Config
from vesseltrack.core.geodesy import Floats
from vesseltrack.engine.passage import (
    DetourLeg,
    Place,
    Points,
    Ship,
    cross_track_nm,
    frechet_nm,
    legs_of,
    measured,
    route_for,
)
from vesseltrack.engine.voyages import sea_distance_nm
from vesseltrack.errors import RouteError

ANY_SHIP: Final = Ship()


@dataclass(frozen=True, eq=False)
class RouteComparison:
    """A track against the shortest route by sea.

    Attributes
    ----------
    travelled_nm, by_sea_nm : float
        Distance sailed, without jitter; of it, the shortest way by sea across gaps over land.
    shortest_nm, excess_nm, detour_ratio : float
        The shortest way, the extra miles at the end of the track, and shortest and excess over
        shortest (NaN for a way of no length).
    max_cross_track_nm, frechet_nm : float
        How far the track strays from the route at most, and how unlike it is.
    coverage_frac : float
        Share of the time without a gap above an hour.
    passages : tuple of str
        Canals and straits that the route takes.
    legs : tuple of DetourLeg
        Where the extra miles arose, the most miles first.
    timestamp, lat, lon, sailed_nm, slack_nm : (n,)
        The points of the way, about one a kilometre: when (numpy datetimes, UTC) and where
        [deg], distance sailed, extra miles so far (NaN where no way by sea is known).
    route : Route
        The shortest route.
    """

    travelled_nm: float
    by_sea_nm: float
    shortest_nm: float
    excess_nm: float
    detour_ratio: float
    max_cross_track_nm: float
    frechet_nm: float
    coverage_frac: float
    passages: tuple[str, ...]
    legs: tuple[DetourLeg, ...]
    timestamp: npt.NDArray[np.datetime64]
    lat: Floats
    lon: Floats
    sailed_nm: Floats
    slack_nm: Floats
    route: routing.Route


def compare(
    positions: pa.Table,
    *,
    destination: Place | None = None,
    ship: Ship = ANY_SHIP,
    config: Config | None = None,
) -> RouteComparison:
    """Return how a track stands against the shortest route.

    Parameters
    ----------
    positions : pyarrow.Table
        POSITIONS of one MMSI.
    destination : (lat, lon), optional
        Where a track under way is bound for [deg]; to its last position without it.
    ship : Ship
        Which passages it finds open.
    config : Config, optional
        Settings; the defaults without it.

    Raises
    ------
    InputError
        If there are fewer than two positions.
    RouteError
        If no open way joins start and destination.
    """
    config = config or Config()
    rule = config.detect.route_deviation.default
    way = tracks.way_of_track(positions, config=config.tracks, sea_distance_nm=sea_distance_nm)
    points = Points.of(way.ways)
    end = destination or points.end
    route = route_for(ship, points.start, end)
    found = measured(points, end, ship, has_ended=destination is None)
    if found is None:
        msg = "no way by sea is known from the first or the last position of the track"
        raise RouteError(msg)
    shortest_nm, excess_nm = found.shortest_nm, found.excess_nm
    has_length = shortest_nm > 0
    return RouteComparison(
        travelled_nm=way.travelled_nm,
        by_sea_nm=way.by_sea_nm,
        shortest_nm=shortest_nm,
        excess_nm=excess_nm,
        detour_ratio=(shortest_nm + excess_nm) / shortest_nm if has_length else float("nan"),
        max_cross_track_nm=cross_track_nm(points, route),
        frechet_nm=frechet_nm(points, route, rule),
        coverage_frac=way.coverage_frac,
        passages=route.passages,
        legs=tuple(legs_of(points, found.slack_nm, rule)),
        timestamp=points.t_us.astype("datetime64[us]"),
        lat=points.lat,
        lon=points.lon,
        sailed_nm=points.sailed_nm,
        slack_nm=found.slack_nm,
        route=route,
    )
