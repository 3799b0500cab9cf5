"""Lines on the sphere: how long they are, what crosses them, and how far points lie off them."""

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import (
    Floats,
    great_circle_m,
    lat_lon_of_xyz,
    lon_difference_deg,
    unit_xyz,
    wrap_lon_deg,
)
from vesseltrack.core.runs import Bools
from vesseltrack.units import EARTH_RADIUS_M

_ARCS_AT_ONCE = 2_000_000  # pairs of point and arc held in memory together, about 200 MB


def path_length_m(lat: npt.ArrayLike, lon: npt.ArrayLike) -> float:
    """Return the length of a line of great-circle arcs [m]; 0 for fewer than two points."""
    lat, lon = np.asarray(lat, dtype=float), np.asarray(lon, dtype=float)
    return float(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def densify(lat: npt.ArrayLike, lon: npt.ArrayLike, max_step_m: float) -> tuple[Floats, Floats]:
    """Return a line of great-circle arcs with more points, none farther apart than `max_step_m`.

    Parameters
    ----------
    lat, lon : (n,)
        The line [deg]; its points are kept, longitudes wrapped to [-180, 180).
    max_step_m : float
        Longest arc allowed [m].

    Returns
    -------
    lat, lon : (m,)
        The denser line [deg]; unchanged for fewer than two points. Arcs of exactly half the
        globe have no one way and stay as they are.
    """
    lat, lon = np.asarray(lat, dtype=float), wrap_lon_deg(lon)
    if lat.size < 2:  # noqa: PLR2004 - a line needs two points
        return lat, lon
    arcs_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    n_steps = np.maximum(1, np.ceil(arcs_m / max_step_m)).astype(np.int64)
    arc = np.repeat(np.arange(n_steps.size), n_steps)
    nth = np.arange(arc.size) - np.repeat(np.cumsum(n_steps) - n_steps, n_steps)
    inside = np.flatnonzero(nth)
    arc, along = arc[inside], nth[inside] / n_steps[arc[inside]]
    # Spherical interpolation; an arc short enough has nothing inside, whatever its angle.
    angle, points = arcs_m[arc] / EARTH_RADIUS_M, unit_xyz(lat, lon)
    from_start, from_end = np.sin((1 - along) * angle), np.sin(along * angle)
    inner = from_start[:, None] * points[arc] + from_end[:, None] * points[arc + 1]
    dense_lat, dense_lon = np.empty(nth.size + 1), np.empty(nth.size + 1)
    own = np.append(np.flatnonzero(nth == 0), nth.size)
    dense_lat[own], dense_lon[own] = lat, lon
    dense_lat[inside], dense_lon[inside] = lat_lon_of_xyz(inner)
    return dense_lat, dense_lon


def split_at_antimeridian(lat: npt.ArrayLike, lon: npt.ArrayLike) -> list[tuple[Floats, Floats]]:
    """Return a line as pieces that stay on one side of the 180th meridian.

    Parameters
    ----------
    lat, lon : (n,)
        The line [deg], longitudes in any range.

    Returns
    -------
    pieces : list of (lat, lon)
        Each with longitudes in [-180, 180]; neighbours meet on the meridian at the latitude where
        the great circle crosses it, as RFC 7946 section 3.1.9 wants. Empty for an empty line.
    """
    lat, lon = np.asarray(lat, dtype=float), wrap_lon_deg(lon)
    if lat.size == 0:
        return []
    pieces = []
    start, head = 0, (np.zeros(0), np.zeros(0))
    for i in np.flatnonzero(np.abs(np.diff(lon)) > 180.0):  # noqa: PLR2004 - the way round is shorter
        side = 180.0 if lon[i] > 0 else -180.0
        lat_cross = _lat_at_antimeridian(lat[i], lon[i], lat[i + 1], lon[i + 1])
        pieces.append(
            (
                np.concatenate([head[0], lat[start : i + 1], [lat_cross]]),
                np.concatenate([head[1], lon[start : i + 1], [side]]),
            )
        )
        start, head = int(i) + 1, (np.array([lat_cross]), np.array([-side]))
    pieces.append((np.concatenate([head[0], lat[start:]]), np.concatenate([head[1], lon[start:]])))
    return [
        piece for piece in pieces if np.unique(np.stack(piece), axis=1).shape[1] > 1
    ] or pieces[:1]


def _lat_at_antimeridian(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    east = np.radians(lon_difference_deg(lon1, lon2))
    before = np.radians(lon_difference_deg(lon1, 180.0))
    if np.sin(east) == 0:  # along the meridian itself: both ends lie on it
        return float(lat1)
    tan_lat = np.tan(np.radians(lat1)) * np.sin(east - before) + np.tan(np.radians(lat2)) * np.sin(
        before
    )
    return float(np.degrees(np.arctan(tan_lat / np.sin(east))))


def arcs_cross(a: Floats, b: Floats, c: Floats, d: Floats) -> Bools:
    """Return whether great-circle arcs a-b and c-d meet.

    Parameters
    ----------
    a, b, c, d : (n, 3)
        Unit vectors of the ends, arcs below half the globe; shapes may broadcast.

    Returns
    -------
    cross : (n,)
        True where the arcs cross properly; touching ends within rounding may fall either way.
    """
    # Each arc's ends must lie on either side of the other's plane, and on one side of the globe.
    ab, cd = np.cross(a, b), np.cross(c, d)
    parted_by_cd = np.vecdot(cd, a) * np.vecdot(cd, b) < 0
    parted_by_ab = np.vecdot(ab, c) * np.vecdot(ab, d) < 0
    line = np.cross(ab, cd)
    same_side = np.vecdot(a + b, line) * np.vecdot(c + d, line) > 0
    return np.asarray(parted_by_cd & parted_by_ab & same_side)


def distance_to_path_m(
    lat: npt.ArrayLike, lon: npt.ArrayLike, path_lat: npt.ArrayLike, path_lon: npt.ArrayLike
) -> Floats:
    """Return the distance of points from the nearest point of a line: their cross-track distance.

    Parameters
    ----------
    lat, lon : (n,)
        Points [deg].
    path_lat, path_lon : (m,)
        The line of great-circle arcs [deg]; a single point is a line too.

    Returns
    -------
    distance_m : (n,)
        Distance to the nearest point of the line, exact for arcs of any length [m]; NaN for a
        NaN point. Cost: n times m.

    Raises
    ------
    ValueError
        If the line is empty.
    """
    points, path = unit_xyz(lat, lon).reshape(-1, 3), unit_xyz(path_lat, path_lon).reshape(-1, 3)
    if len(path) == 0:
        msg = "path_lat must hold at least one point; got 0"
        raise ValueError(msg)
    start, end = path[: max(1, len(path) - 1)], path[min(1, len(path) - 1) :]
    step = max(1, _ARCS_AT_ONCE // len(start))
    nearest = [
        _distance_to_arcs_m(points[i : i + step, None, :], start[None], end[None]).min(axis=1)
        for i in range(0, len(points), step)
    ]
    return np.concatenate(nearest) if nearest else np.zeros(0)


def max_cross_track_m(
    lat: npt.ArrayLike, lon: npt.ArrayLike, path_lat: npt.ArrayLike, path_lon: npt.ArrayLike
) -> float:
    """Return how far a track strays from a line at most [m].

    Parameters and errors are those of `distance_to_path_m`. Fixes without a position are passed
    over; NaN when none is left.
    """
    distance_m = distance_to_path_m(lat, lon, path_lat, path_lon)
    known = distance_m[~np.isnan(distance_m)]
    return float(known.max()) if known.size else float("nan")


def _distance_to_arcs_m(points: Floats, start: Floats, end: Floats) -> Floats:
    normal = np.cross(start, end)
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    # A zero-length arc has no plane; its ends alone count.
    normal = np.divide(normal, length, out=np.zeros_like(normal), where=length > 0)
    to_ends = np.minimum(_angle(points, start), _angle(points, end))
    beside = (np.einsum("...i,...i", np.cross(normal, start), points) > 0) & (
        np.einsum("...i,...i", np.cross(end, normal), points) > 0
    )
    to_plane = np.abs(np.arcsin(np.clip(np.einsum("...i,...i", normal, points), -1, 1)))
    return np.asarray(np.where(beside, np.minimum(to_plane, to_ends), to_ends) * EARTH_RADIUS_M)


def _angle(a: Floats, b: Floats) -> Floats:
    return np.asarray(2 * np.arcsin(np.minimum(1.0, np.linalg.norm(a - b, axis=-1) / 2)))
