"""The units of the house and the only place where one becomes another.

SI inside kernels (metres, seconds, metres per second), the field's own units at the edges
(nautical miles, hours, knots). Times are integers: microseconds since 1970-01-01 UTC in tables,
milliseconds where sums are carried.
"""

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius R1 of WGS 84 (IUGG), the sphere of all lengths
METRES_PER_NM: Final = 1_852.0  # international nautical mile, exact by definition (1929)
SECONDS_PER_HOUR: Final = 3_600.0
US_PER_S: Final = 1_000_000
US_PER_HOUR: Final = 3_600 * US_PER_S
US_PER_DAY: Final = 24 * US_PER_HOUR
E6: Final = 1_000_000  # stored coordinates are millionths of a degree


def m_to_nm(distance_m: Number) -> Number:
    """Return metres as nautical miles."""
    return distance_m / METRES_PER_NM


def nm_to_m(distance_nm: Number) -> Number:
    """Return nautical miles as metres."""
    return distance_nm * METRES_PER_NM


def mps_to_kn(speed_mps: Number) -> Number:
    """Return metres per second as knots."""
    return speed_mps * (SECONDS_PER_HOUR / METRES_PER_NM)


def kn_to_mps(speed_kn: Number) -> Number:
    """Return knots as metres per second."""
    return speed_kn * (METRES_PER_NM / SECONDS_PER_HOUR)


def us_to_h(duration_us: Number) -> Number:
    """Return microseconds as hours."""
    return duration_us / US_PER_HOUR


def h_to_us(duration_h: float) -> int:
    """Return hours as whole microseconds."""
    return round(duration_h * US_PER_HOUR)
