"""One way through the sea held against the shortest one: slack, legs, distance of the lines."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from vesseltrack import routing
from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.core.frechet import frechets_m
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.legs import Leg, LegRule, find_legs
from vesseltrack.core.paths import max_cross_track_m
from vesseltrack.core.runs import Ints
from vesseltrack.core.slack import close_tracks, slack
from vesseltrack.errors import RouteError
from vesseltrack.schema import TIMESTAMP
from vesseltrack.units import m_to_nm

if TYPE_CHECKING:  # its libraries are imported when the first field is asked for
    from vesseltrack.routing.field import DistanceField

Place = tuple[float, float]

_BERTH_DIGITS: Final = 2  # of a degree: voyages to berths 1 km apart share a field
_SAME_BERTH_NM: Final = 1.5  # a place moved by these digits that is farther off by sea is not it
_UNSAILABLE_NM: Final = 5.0  # no field is off by more between two points: what fell was not sailed


class Ship(NamedTuple):
    """What decides which passages a vessel finds open."""

    draught_m: float | None = None  # None where not known
    length_m: float | None = None
    avoid: tuple[str, ...] = ()  # closed to it whatever its size


@dataclass(frozen=True, eq=False)
class Points:
    """What a way is known by, in order; arrays of (n,). A part of `WAYS`."""

    t_us: Ints
    lat: Floats
    lon: Floats
    sailed_nm: Floats
    max_gap_h: Floats  # longest silence since the point before

    @classmethod
    def of(cls, ways: pa.Table) -> "Points":
        """Return `WAYS` as columns."""
        names = ("lat", "lon", "sailed_nm", "max_gap_h")
        t_us = ways["timestamp"].cast(pa.int64()).to_numpy()
        return cls(t_us, *(ways[name].to_numpy() for name in names))

    def part(self, first: int, stop: int) -> "Points":
        """Return the points of a half-open range."""
        rows = slice(first, stop)
        return Points(
            self.t_us[rows],
            self.lat[rows],
            self.lon[rows],
            self.sailed_nm[rows],
            self.max_gap_h[rows],
        )

    @property
    def start(self) -> Place:
        """Where it began [deg]."""
        return float(self.lat[0]), float(self.lon[0])

    @property
    def end(self) -> Place:
        """Where it is known last [deg]."""
        return float(self.lat[-1]), float(self.lon[-1])


@dataclass(frozen=True, eq=False)
class Measured:
    """A way measured along the distance field of where it leads."""

    shortest_nm: float
    slack_nm: Floats  # at each point; NaN where no way by sea is known from it

    @property
    def excess_nm(self) -> float:
        """Extra miles: the slack at its end."""
        return float(self.slack_nm[-1])


def route_for(
    ship: Ship,
    start: Place,
    end: Place,
    *,
    avoid: Sequence[str] = (),
    via: Sequence[Place] = (),
) -> routing.Route:
    """Return the shortest route that is open to a ship."""
    return routing.shortest_route(
        start,
        end,
        via=via,
        avoid=(*ship.avoid, *avoid),
        draught_m=ship.draught_m,
        length_m=ship.length_m,
    )


def measured(
    points: Points, destination: Place, ship: Ship, *, has_ended: bool
) -> Measured | None:
    """Return the extra miles up to each point, or None where an end has no way by sea.

    Parameters
    ----------
    points : Points
        The way.
    destination : (lat, lon)
        Where it leads [deg].
    ship : Ship
        Closes the passages that are too small for it.
    has_ended : bool
        Whether it leads no farther than its last point: then what was sailed tells how far
        remained at most (`close_tracks`), which looks ahead.
    """
    remaining_nm = _remaining_nm(points, destination, ship, has_ended=has_ended)
    known = np.flatnonzero(np.isfinite(remaining_nm))
    if known.size == 0 or known[0] != 0 or known[-1] != points.lat.size - 1:
        return None
    sailed_nm = points.sailed_nm[known]
    if has_ended:
        remaining_nm[known] = _closed(sailed_nm, remaining_nm[known])
    extra_nm = np.full(points.lat.size, np.nan)
    extra_nm[known] = slack(sailed_nm, remaining_nm[known], np.array([0, known.size]))
    left_nm = float(remaining_nm[-1]) if has_ended else 0.0
    return Measured(float(remaining_nm[0]) - left_nm, extra_nm)


@dataclass(frozen=True)
class DetourLeg:
    """A stretch in which extra miles arose."""

    start: dt.datetime
    end: dt.datetime
    start_lat: float
    start_lon: float
    end_lat: float
    end_lon: float
    nm: float  # extra miles
    first: int  # its points on the way
    middle: int  # the point by which half of them were sailed
    last: int

    def as_json(self) -> dict[str, Any]:
        """Return the leg as it stands in `measures.legs`."""
        return {
            "start": _iso(self.start),
            "end": _iso(self.end),
            "start_lat": round(self.start_lat, 6),
            "start_lon": round(self.start_lon, 6),
            "end_lat": round(self.end_lat, 6),
            "end_lon": round(self.end_lon, 6),
            "nm": round(self.nm, 1),
        }


def legs_of(points: Points, slack_nm: Floats, rule: RouteDeviationDefault) -> list[DetourLeg]:
    """Return the stretches in which the extra miles arose, the most miles first."""
    limits = LegRule(
        expected_frac=rule.leg_expected_frac,
        steep_frac=rule.leg_steep_frac,
        opens_at=rule.leg_opens_nm,
        closes_at=rule.leg_closes_nm,
        least=rule.leg_min_nm,
    )
    return [_told(points, slack_nm, leg) for leg in find_legs(slack_nm, points.sailed_nm, limits)]


def _told(points: Points, slack_nm: Floats, leg: Leg) -> DetourLeg:
    inside = slack_nm[leg.start : leg.end + 1]
    return DetourLeg(
        start=_time(points, leg.start),
        end=_time(points, leg.end),
        start_lat=float(points.lat[leg.start]),
        start_lon=float(points.lon[leg.start]),
        end_lat=float(points.lat[leg.end]),
        end_lon=float(points.lon[leg.end]),
        nm=leg.excess,
        first=leg.start,
        middle=leg.start + int(np.argmax(inside >= slack_nm[leg.start] + leg.excess / 2)),
        last=leg.end,
    )


def _time(points: Points, row: int) -> dt.datetime:
    time: dt.datetime = pa.scalar(points.t_us[row]).cast(TIMESTAMP).as_py()
    return time


def _iso(time: dt.datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def cross_track_nm(points: Points, route: routing.Route) -> float:
    """Return how far a way strays from a route at most [nm]."""
    return float(m_to_nm(max_cross_track_m(points.lat, points.lon, route.lat, route.lon)))


def frechet_nm(points: Points, route: routing.Route, rule: RouteDeviationDefault) -> float:
    """Return the discrete Fréchet distance between a way and a route [nm]."""
    return float(frechets_nm([(points, route)], rule)[0])


def frechets_nm(
    pairs: Sequence[tuple[Points, routing.Route]], rule: RouteDeviationDefault
) -> Floats:
    """Return what `frechet_nm` does of many ways, each with its route [nm]."""
    lines = [((way.lat, way.lon), (route.lat, route.lon)) for way, route in pairs]
    return np.asarray(m_to_nm(frechets_m(lines, rule.frechet_points)))


def _remaining_nm(points: Points, destination: Place, ship: Ship, *, has_ended: bool) -> Floats:
    """Return how far remains at each point, from a field that ways to one quay share."""
    if has_ended:
        lat, lon = (round(value, _BERTH_DIGITS) for value in destination)
        try:
            shared = _field_at((lat, lon), ship).remaining_along_nm(points.lat, points.lon)
        except RouteError:
            shared = np.array([np.nan])
        if shared[-1] <= _SAME_BERTH_NM:  # else it lies in other water, or in none
            return shared
    return _field_at(destination, ship).remaining_along_nm(points.lat, points.lon)


def _field_at(destination: Place, ship: Ship) -> "DistanceField":
    return routing.distance_field(
        destination, avoid=ship.avoid, draught_m=ship.draught_m, length_m=ship.length_m
    )


def _closed(sailed_nm: Floats, remaining_nm: Floats) -> Floats:
    """Return remaining distances after the track closure, cut where no way was sailed."""
    fell_nm = -np.diff(slack(sailed_nm, remaining_nm, np.array([0, sailed_nm.size])))
    cuts = np.flatnonzero(fell_nm > _UNSAILABLE_NM) + 1
    # The sleeve lets a turn within its tolerance take back some metres of way.
    rising_nm = np.maximum.accumulate(sailed_nm)
    return close_tracks(rising_nm, remaining_nm, np.array([0, *cuts, sailed_nm.size]))
