"""Shortest routes by sea: from point to point, through points and passages, and around them."""

import functools
import itertools
import sys
from collections.abc import Iterator, Sequence
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
_POLE_DEG = 90.0
_N_FIELDS = 8  # destinations kept ready, some 10 MB each; more are kept packed
_N_WORTH_A_FIELD = 40  # so many single routes take longer than the field of their common end


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
        The least of all open ways, over water of the shipped coast but for the ends; about one
        per cent shorter than published navigated distances, never shorter than the great circle.
        Some milliseconds, after the sea graph was prepared at the very first use.

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
        Many pairs with a common end are looked up in the distance field of that end, together;
        that may differ from a single route by up to 0.8 %.
    """
    columns = np.atleast_1d(from_lat, from_lon, to_lat, to_lon)
    pairs = np.stack(np.broadcast_arrays(*columns), axis=1).astype(float)
    routes: list[Route | RouteError] = [RouteError("not asked")] * len(pairs)
    single = np.ones(len(pairs), dtype=np.bool_)
    if not via:
        closed = closed_to(draught_m=draught_m, length_m=length_m, avoid=avoid)
        for rows, is_reversed in _with_common_end(pairs):
            single[rows] = False
            found = _from_field(pairs[rows], closed, config, is_reversed=is_reversed)
            for row, line in zip(rows, found, strict=True):
                a, b = (tuple(end) for end in pairs[row].reshape(2, 2).tolist())
                asked = _Asked(a, b, (), tuple(avoid), draught_m, length_m, config)
                routes[row] = line if isinstance(line, RouteError) else _of_lines([line], asked)
    for row in np.flatnonzero(single):
        a, b = (tuple(end) for end in pairs[row].reshape(2, 2).tolist())
        try:
            routes[row] = shortest_route(
                a, b, via=via, avoid=avoid, draught_m=draught_m, length_m=length_m, config=config
            )
        except RouteError as error:
            # With its traceback it would hold all that its callers hold, and be held by them.
            routes[row] = error.with_traceback(None)
    return routes


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


def forget() -> None:
    """Let go of all that is kept for the next route: fields, trees, seats and the graph itself.

    Some 0.4 GiB after a run. The next route makes ready anew, within half a second.
    """
    _field.cache_clear()
    if "vesseltrack.routing.field" in sys.modules:  # nothing is kept before the first route
        from vesseltrack.routing.field import forget_seas  # noqa: PLC0415 - as for a field

        forget_seas()


@functools.lru_cache(maxsize=_N_FIELDS)
def _field(destination: Point, closed: frozenset[str], config: RoutingConfig) -> "DistanceField":
    # The graph's libraries are imported when the first route is asked for: with them this room,
    # and so the command line, would take half a second to import.
    from vesseltrack.routing.field import DistanceField  # noqa: PLC0415

    return DistanceField(destination, closed, config)


def _with_common_end(pairs: Floats) -> Iterator[tuple[Ints, bool]]:
    """Yield rows of pairs that share an end, and whether that is the start rather than the end."""
    if len(pairs) < _N_WORTH_A_FIELD:
        return
    _, start = np.unique(pairs[:, :2], axis=0, return_inverse=True)
    _, end = np.unique(pairs[:, 2:], axis=0, return_inverse=True)
    is_reversed = start.max(initial=0) < end.max(initial=0)
    shared = start if is_reversed else end
    possible = np.isfinite(pairs).all(axis=1) & (np.abs(pairs[:, ::2]) <= _POLE_DEG).all(axis=1)
    for group in np.unique(shared):
        rows = np.flatnonzero((shared == group) & possible)
        if rows.size >= _N_WORTH_A_FIELD:
            yield rows, bool(is_reversed)


def _from_field(
    pairs: Floats, closed: frozenset[str], config: RoutingConfig, *, is_reversed: bool
) -> list[Line | RouteError]:
    """Return the lines of pairs that share their start (reversed) or their end."""
    ends = pairs[:, [2, 3, 0, 1]] if is_reversed else pairs
    try:
        field = _field(_point((ends[0, 2], ends[0, 3])), closed, config)
    except RouteError as error:
        return [error.with_traceback(None)] * len(pairs)
    lines = field.lines_from(ends[:, 0], wrap_lon_deg(ends[:, 1]))
    return [line.reversed() if is_reversed and isinstance(line, Line) else line for line in lines]


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
    from vesseltrack.routing.field import line_between  # noqa: PLC0415 - as for a field

    parts = []
    for here, there in itertools.pairwise(lines):
        parts.append(line_between(here[-1], there[0], closed, asked.config))
        if len(there) > 1:
            lat, lon = np.array(there).T
            parts.append(Line(path_length_m(lat, lon), lat, lon, (0.0, 0.0)))
    return _of_lines(parts, asked)


def _of_lines(lines: Sequence[Line], asked: _Asked) -> Route:
    """Return the route of lines that each begin where the last one ended."""
    lat = np.concatenate([lines[0].lat, *(line.lat[1:] for line in lines[1:])])
    lon = np.concatenate([lines[0].lon, *(line.lon[1:] for line in lines[1:])])
    return Route(
        distance_nm=m_to_nm(sum(line.distance_m for line in lines)),
        lat=lat,
        lon=lon,
        passages=passages_crossed(lat, lon),
        snap_km=(lines[0].snap_m[0] / 1_000, lines[-1].snap_m[1] / 1_000),
        _asked=asked,
    )


def _point(point: Point) -> Point:
    lat, lon = float(point[0]), float(point[1])
    if not (abs(lat) <= _POLE_DEG and np.isfinite(lon)):  # False for NaN
        msg = f"a point must be a latitude within 90 and a longitude [deg]; got {place(lat, lon)}"
        raise RouteError(msg)
    # Rounded to a tenth of a millimetre, a turn of longitude leaves no trace.
    return lat, round(float(wrap_lon_deg(lon)), 9)
