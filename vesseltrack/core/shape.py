"""The shape of a stay, from sums that are exact however the stay is cut into batches.

Positions are whole metres east and north of the stay's first fix. From the sums of those, of
their squares and of the areas swept between successive ones follow centre, spread and turns.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import lon_difference_deg, wrap_lon_deg
from vesseltrack.core.runs import Ints
from vesseltrack.units import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]

# Beyond this distance from its first fix a stay is none, and squares would overflow their sums.
_LIMIT_M: Final = 1_000_000
_M_PER_DEG: Final = EARTH_RADIUS_M * np.pi / 180


def metres_from(lat0: Floats, lon0: Floats, lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
    """Return whole metres east and north of an origin, on the plane that touches it.

    Parameters
    ----------
    lat0, lon0 : (n,)
        Origins [deg].
    lat, lon : (n,)
        Points [deg]; the date line needs no care.

    Returns
    -------
    east_m, north_m : (n,)
        Within 1 % of the sphere for 100 km; held at 1000 km; NaN is not allowed.
    """
    east = lon_difference_deg(lon0, lon) * np.cos(np.radians(lat0)) * _M_PER_DEG
    north = (lat - lat0) * _M_PER_DEG
    clipped = (np.clip(np.rint(way), -_LIMIT_M, _LIMIT_M) for way in (east, north))
    east_m, north_m = (way.astype(np.int64) for way in clipped)
    return east_m, north_m


def point_at(lat0: Floats, lon0: Floats, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude [deg] of offsets; the inverse of `metres_from`."""
    narrowing = np.maximum(np.cos(np.radians(lat0)), 1e-9)  # at a pole east means nothing
    return lat0 + north_m / _M_PER_DEG, wrap_lon_deg(lon0 + east_m / (_M_PER_DEG * narrowing))


def halfway(lat1: float, lon1: float, lat2: float, lon2: float) -> tuple[float, float]:
    """Return the place half way between two not far apart [deg], across any meridian."""
    points = (np.array([degrees]) for degrees in (lat1, lon1, lat2, lon2))
    lat0, lon0, lat, lon = points
    east_m, north_m = metres_from(lat0, lon0, lat, lon)
    half_lat, half_lon = point_at(lat0, lon0, east_m / 2, north_m / 2)
    return float(half_lat[0]), float(half_lon[0])


def centre_and_spread(
    n: Ints, sum_east_m: Ints, sum_north_m: Ints, sum_square_m2: Ints
) -> tuple[Floats, Floats, Floats]:
    """Return the centre of points and their root mean square distance from it.

    Parameters
    ----------
    n : (k,)
        Points of each stay, at least 1.
    sum_east_m, sum_north_m : (k,)
        Sums of their offsets [m].
    sum_square_m2 : (k,)
        Sum of their squared distances from the origin [m2].

    Returns
    -------
    east_m, north_m, spread_m : (k,)
        Centre as offsets, and spread [m].
    """
    east_m, north_m = sum_east_m / n, sum_north_m / n
    # Rounding may leave a stay on one spot a trace below 0.
    variance_m2 = np.maximum(sum_square_m2 / n - east_m**2 - north_m**2, 0.0)
    return east_m, north_m, np.sqrt(variance_m2)


def turns(swept_m2: Ints, spread_m: Floats) -> Floats:
    """Return how often a stay went round its centre.

    Parameters
    ----------
    swept_m2 : (k,)
        Twice the signed area swept as seen from the first fix: the sum over successive points of
        `east_1 * north_2 - east_2 * north_1` [m2].
    spread_m : (k,)
        Root mean square distance from the centre [m].

    Returns
    -------
    turns : (k,)
        Area over that of a circle of the spread, without sign: n for n rounds of a circle, about
        0 for a straight drift; 0 for a spread below a metre.
    """
    circle_m2 = 2 * np.pi * spread_m**2
    return np.divide(
        np.abs(swept_m2), circle_m2, out=np.zeros(spread_m.size), where=spread_m >= 1.0
    )
