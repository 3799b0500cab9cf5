"""Points and lines as GeoJSON geometries, lines cut where they cross the date line (RFC 7946)."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_HALF_TURN_DEG: Final = 180.0
_DECIMALS: Final = 6  # a tenth of a metre: the precision of AIS, and what RFC 7946 advises


def point(lat: float, lon: float) -> dict[str, Any]:
    """Return a Point."""
    return {"type": "Point", "coordinates": [round(lon, _DECIMALS), round(lat, _DECIMALS)]}


def line(pieces: Iterable[tuple[Floats, Floats]]) -> dict[str, Any] | None:
    """Return the line through each piece's points.

    Parameters
    ----------
    pieces : iterable of (lat, lon), each (n,)
        Points in order [deg], longitudes -180 to 180; a step of more than 180 degrees crosses the
        date line. A piece that stays in one place is no line and is left out.

    Returns
    -------
    geometry : dict or None
        A LineString, a MultiLineString of several pieces or cuts, or None when nothing is left.
        Coordinates are arrays of shape (n, 2), longitude first.
    """
    cut = (part for lat, lon in pieces for part in _cut_at_date_line(lat, lon))
    parts = [part for part in cut if (part != part[:1]).any()]
    if not parts:
        return None
    if len(parts) == 1:
        return {"type": "LineString", "coordinates": parts[0]}
    return {"type": "MultiLineString", "coordinates": parts}


def _cut_at_date_line(lat: Floats, lon: Floats) -> list[Floats]:
    points = np.stack([lon, lat], axis=1).round(_DECIMALS)
    crossings = np.flatnonzero(np.abs(np.diff(lon)) > _HALF_TURN_DEG)
    parts = []
    begin = points[:0]
    first = 0
    for last in crossings.tolist():
        end, next_begin = _crossing(points[last], points[last + 1])
        parts.append(np.concatenate([begin, points[first : last + 1], end]))
        begin, first = next_begin, last + 1
    parts.append(np.concatenate([begin, points[first:]]))
    return parts


def _crossing(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Return where a leg meets the date line, as (1, 2) points on this and on the far side."""
    side = np.copysign(_HALF_TURN_DEG, before[0])
    to_line, whole = side - before[0], after[0] + 2 * side - before[0]
    # A leg along the line itself, from 180 to -180, has no length to divide by.
    along_frac = to_line / whole if whole else 0.0
    lat = round(float(before[1] + along_frac * (after[1] - before[1])), _DECIMALS)
    return np.array([[side, lat]]), np.array([[-side, lat]])
