"""Shortest routes by sea: from point to point, through points and passages, and around them."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesseltrack.config.routing import RoutingConfig
from vesseltrack.core.geodesy import Floats, wrap_lon_deg
from vesseltrack.core.paths import densify, path_length_m, split_at_antimeridian
from vesseltrack.core.runs import Ints
from vesseltrack.errors import RouteError
from vesseltrack.routing.lines import Line, place
from vesseltrack.routing.passages import Point, closed_to, passage, passages_crossed
from vesseltrack.units import m_to_nm

if TYPE_CHECKING:
    from vesseltrack.routing.field import DistanceField

_DEFAULT = RoutingConfig()
_DRAWN_STEP_M = 100_000.0  # maps draw straight lines; this near, they follow the great circle
_N_FIELDS = 64  # destinations kept ready, about 0.2 MB each


@dataclass(frozen=True)
class Alternative:
    """Another way between the same ends.

    Parameters
    ----------
    avoiding : str
        The id of the passage that it leaves out.
    passages : tuple of str
        Ids of those that it takes, in order.
    distance_nm : float
        Its length [nm].
    """

    avoiding: str
    passages: tuple[str, ...]
    distance_nm: float


@dataclass(frozen=True)
class _Asked:
    """What a route was asked for."""

    start: Point
    end: Point
    via: tuple[str | Point, ...]
    avoid: tuple[str, ...]
    draught_m: float | None
    length_m: float | None
    config: RoutingConfig


@dataclass(frozen=True, eq=False)
class Route:
    """A shortest way by sea.

    Parameters
    ----------
    distance_nm : float
        Its length from end to end, the ways between ends and water included [nm].
    lat, lon : (n,)
        Its vertices, joined by great circles, longitudes in [-180, 180) [deg].
    passages : tuple of str
        Ids of the passages that it takes, in order.
    snap_km : tuple of float
        How far start and end lie from water that ships reach [km]; 0 at sea.
    """

    distance_nm: float
    lat: Floats
    lon: Floats
    passages: tuple[str, ...]
    snap_km: tuple[float, float]
    _asked: _Asked = field(repr=False)

    @functools.cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The shortest ways without each of the passages taken, shortest first.

        Worked out when first asked for. A passage that cannot be left out has none.
        """
        return tuple(sorted(self._ways_around(), key=lambda way: way.distance_nm))

    def _ways_around(self) -> list[Alternative]:
        ways = []
        for identifier in self.passages:
            asked = replace(self._asked, avoid=(*self._asked.avoid, identifier))
            try:
                around = _route(asked)
            except RouteError:
                continue
            ways.append(Alternative(identifier, around.passages, around.distance_nm))
        return ways

    def geometry(self) -> dict[str, Any]:
        """Return the route as a GeoJSON geometry, split at the antimeridian (RFC 7946, 3.1.9)."""
        lines = [
            np.stack([lon, lat], axis=1).round(6).tolist()
            for lat, lon in split_at_antimeridian(*densify(self.lat, self.lon, _DRAWN_STEP_M))
        ]
        if len(lines) == 1:
            return {"type": "LineString", "coordinates": lines[0]}
        return {"type": "MultiLineString", "coordinates": lines}

    def feature(self) -> dict[str, Any]:
        """Return the route as a GeoJSON feature with its distances and passages."""
        return {
            "type": "Feature",
            "geometry": self.geometry(),
            "properties": {
                "distance_nm": self.distance_nm,
                "passages": list(self.passages),
                "snap_km": list(self.snap_km),
                "alternatives": [
                    {
                        "avoiding": way.avoiding,
                        "passages": list(way.passages),
                        "distance_nm": way.distance_nm,
                    }
                    for way in self.alternatives
                ],
            },
        }


def shortest_route(  # noqa: PLR0913 - a voyage, a vessel and the house's settings
    a: Point,
    b: Point,
    *,
    via: Sequence[str | Point] = (),
    avoid: Sequence[str] = (),
    draught_m: float | None = None,
    length_m: float | None = None,
    config: RoutingConfig = _DEFAULT,
) -> Route:
    """Return the shortest way by sea between two points.

    Parameters
    ----------
    a, b : (lat, lon)
        Start and end [deg], longitudes in any range.
    via : sequence of str or (lat, lon)
        Passages, by id, and points to go through, in order. A passage that is closed by default
        is opened by naming it here.
    avoid : sequence of str
        Ids of passages not to take.
    draught_m, length_m : float or None
        The vessel's [m]; passages too small for it are closed. Unknown (None or NaN) keeps canals
        open and shallow sounds closed, as for most vessels.
    config : RoutingConfig
        How far from the water a point may lie.

    Returns
    -------
    route : Route
        The least of all open ways. From the searoute network: ocean routes are right to a few
        per cent, short coastal ones to some ten; never shorter than the great circle.

    Raises
    ------
    RouteError
        If a point is no position or too far inland, a passage is unknown or too small, or no way
        is open; the text says which.

    Examples
    --------
    >>> from vesseltrack import shortest_route
    >>> shortest_route((51.95, 4.05), (59.93, 29.7)).passages
    ('kiel',)
    """
    stops = tuple(stop if isinstance(stop, str) else _point(stop) for stop in via)
    return _route(_Asked(_point(a), _point(b), stops, tuple(avoid), draught_m, length_m, config))


def shortest_routes(  # noqa: PLR0913 - as shortest_route, from columns
    from_lat: npt.ArrayLike,
    from_lon: npt.ArrayLike,
    to_lat: npt.ArrayLike,
    to_lon: npt.ArrayLike,
    *,
    via: Sequence[str | Point] = (),
    avoid: Sequence[str] = (),
    draught_m: float | None = None,
    length_m: float | None = None,
    config: RoutingConfig = _DEFAULT,
) -> list[Route | RouteError]:
    """Return the shortest ways by sea between many pairs of points.

    Parameters are those of `shortest_route`, the ends as columns of shape (n,).

    Returns
    -------
    routes : list of Route or RouteError
        One a pair, in order; the error that `shortest_route` would raise where there is no route.
        Pairs that share an end are quicker than others.
    """
    columns = np.atleast_1d(from_lat, from_lon, to_lat, to_lon)
    pairs = np.stack(np.broadcast_arrays(*columns), axis=1).astype(float)
    routes: list[Route | RouteError] = [RouteError("not asked")] * len(pairs)
    for row in _by_field(pairs):
        a, b = tuple(pairs[row, :2].tolist()), tuple(pairs[row, 2:].tolist())
        try:
            routes[row] = shortest_route(
                a, b, via=via, avoid=avoid, draught_m=draught_m, length_m=length_m, config=config
            )
        except RouteError as error:
            routes[row] = error
    return routes


def _by_field(pairs: Floats) -> Ints:
    """Return the pairs in an order in which those that use one field follow each other."""
    a_first = (pairs[:, 0] < pairs[:, 2]) | (
        (pairs[:, 0] == pairs[:, 2]) & (pairs[:, 1] <= pairs[:, 3])
    )
    lat = np.where(a_first, pairs[:, 2], pairs[:, 0])
    lon = np.where(a_first, pairs[:, 3], pairs[:, 1])
    return np.lexsort((lon, lat))


def distance_field(
    destination: Point,
    *,
    avoid: Sequence[str] = (),
    draught_m: float | None = None,
    length_m: float | None = None,
    config: RoutingConfig = _DEFAULT,
) -> "DistanceField":
    """Return how far remains by sea to a destination, ready for any number of points.

    Parameters and errors are those of `shortest_route`. The field of a destination is kept for
    the next caller.
    """
    closed = closed_to(draught_m=draught_m, length_m=length_m, avoid=avoid)
    return _field(_point(destination), closed, config)


@functools.lru_cache(maxsize=_N_FIELDS)
def _field(destination: Point, closed: frozenset[str], config: RoutingConfig) -> "DistanceField":
    # searoute, scipy and the shore are imported when the first route is asked for: with them
    # this room, and so the command line, would take a second to import.
    from vesseltrack.routing.build import network  # noqa: PLC0415
    from vesseltrack.routing.field import DistanceField  # noqa: PLC0415

    return DistanceField(network(), destination, closed, config)


def _route(asked: _Asked) -> Route:
    """Return the shortest of the routes that go through the stops asked for."""
    closed = closed_to(
        draught_m=asked.draught_m,
        length_m=asked.length_m,
        avoid=asked.avoid,
        via=[stop for stop in asked.via if isinstance(stop, str)],
    )
    stops = [_directions(stop) for stop in asked.via]
    ways = [
        _through([(asked.start,), *directions, (asked.end,)], closed, asked)
        for directions in itertools.product(*stops)
    ]
    return min(ways, key=lambda route: route.distance_nm)


def _directions(stop: str | Point) -> list[tuple[Point, ...]]:
    """Return the lines by which a stop may be passed: a point, or a passage either way."""
    if isinstance(stop, str):
        line = passage(stop).line
        return [line, line[::-1]]
    return [(stop,)]


def _through(lines: Sequence[tuple[Point, ...]], closed: frozenset[str], asked: _Asked) -> Route:
    """Return the route along given lines and the shortest ways from each to the next."""
    legs = [
        _leg(here[-1], there[0], closed, asked.config) for here, there in itertools.pairwise(lines)
    ]
    distance_m = sum(leg.distance_m for leg in legs)
    lat, lon = [legs[0].lat], [legs[0].lon]
    for line, leg in zip(lines[1:-1], legs[1:], strict=True):
        line_lat, line_lon = np.array(line).T
        distance_m += path_length_m(line_lat, line_lon)
        lat += [line_lat[1:], leg.lat[1:]]
        lon += [line_lon[1:], leg.lon[1:]]
    whole_lat, whole_lon = np.concatenate(lat), np.concatenate(lon)
    return Route(
        distance_nm=m_to_nm(distance_m),
        lat=whole_lat,
        lon=whole_lon,
        passages=passages_crossed(whole_lat, whole_lon),
        snap_km=(legs[0].snap_m[0] / 1_000, legs[-1].snap_m[1] / 1_000),
        _asked=asked,
    )


def _leg(start: Point, end: Point, closed: frozenset[str], config: RoutingConfig) -> Line:
    """Return the shortest way between two points, the same in both directions."""
    if start <= end:
        return _field(end, closed, config).line_from(*start)
    return _field(start, closed, config).line_from(*end).reversed()


def _point(point: Point) -> Point:
    lat, lon = float(point[0]), float(point[1])
    if not (abs(lat) <= 90.0 and np.isfinite(lon)):  # noqa: PLR2004 - the pole; False for NaN
        msg = f"a point must be a latitude within 90 and a longitude [deg]; got {place(lat, lon)}"
        raise RouteError(msg)
    return lat, float(wrap_lon_deg(lon))
