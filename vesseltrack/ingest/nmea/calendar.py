"""Dates of many rows as microseconds since 1970."""

from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import UNKNOWN, Ints
from vesseltrack.units import US_PER_S

_MAX_YEAR: Final = 9999
_MAX_MONTH: Final = 12
# Days from 1970 to the first of each month from year 1 on.
_MONTH_DAYS: Final = (
    np.arange("0001-01", "10000-02", dtype="datetime64[M]").astype("datetime64[D]").astype(int)
)
_LIMITS: Final = (24, 60, 60)  # hour, minute, second


def utc_us_of(year: Ints, month: Ints, day: Ints, *clock: Ints) -> Ints:
    """Return times of UTC in microseconds since 1970; UNKNOWN where there is no such time.

    Parameters
    ----------
    year, month, day : (n,)
        Of the Gregorian calendar, years 1 to 9999.
    *clock : (n,)
        Hour, minute and second, as far as they are known.
    """
    is_real = (year >= 1) & (year <= _MAX_YEAR) & (month >= 1) & (month <= _MAX_MONTH)
    at = np.where(is_real, (year - 1) * _MAX_MONTH + month - 1, 0)
    first_day = _MONTH_DAYS[at]
    is_real &= (day >= 1) & (day <= _MONTH_DAYS[at + 1] - first_day)
    total = first_day + day - 1
    for value, limit in zip(clock, _LIMITS, strict=False):
        is_real &= (value >= 0) & (value < limit)
        total = total * limit + value
    for limit in _LIMITS[len(clock) :]:
        total = total * limit
    return np.where(is_real, total * US_PER_S, UNKNOWN)
