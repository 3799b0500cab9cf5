"""Turns between two fixes, reckoned from the speed and course reported at both.

A vessel that turns between two sparse fixes has sailed more than the line between them. It left
the first on its course for some way x and came to the second on its course after some way y. Of
these two ways the point where they meet is known, and their sum: the mean speed times the time.
"""

from dataclasses import dataclass

import numpy as np

from vesseltrack.core.geodesy import Floats, great_circle_m, lon_difference_deg
from vesseltrack.core.runs import Bools
from vesseltrack.core.shape import point_at
from vesseltrack.units import EARTH_RADIUS_M


@dataclass(frozen=True)
class Steps:
    """From one fix to the next, shape (n,): places [deg], courses [deg], and the way by log."""

    start_lat: Floats
    start_lon: Floats
    end_lat: Floats
    end_lon: Floats
    start_cog_deg: Floats
    end_cog_deg: Floats
    logged_m: Floats  # mean reported speed times the time between


@dataclass(frozen=True)
class Turns:
    """Where a vessel turned between two fixes [deg], and its way by there [m], shape (n,).

    NaN where no turn fits what was reported.
    """

    lat: Floats
    lon: Floats
    way_m: Floats


def reckoned_turns(steps: Steps, miss_frac: float, log_frac: float) -> Turns:
    """Return the turns that fit best.

    The ways x and y are those that make ``(miss / miss_frac)^2 + ((x + y - logged) / log_frac)^2``
    least, where the miss is the distance between their ends: courses that cross tell where, and
    where they are opposite the log tells how far.

    Parameters
    ----------
    steps : Steps
        NaN, where something is not known, gives no turn.
    miss_frac, log_frac : float
        Errors of the courses and of the log, as shares of the way by log. A turn fits with a miss
        and a difference from the log of at most twice these.

    Returns
    -------
    turns : Turns
        The middle between the ends of both ways, and the way by there.
    """
    logged_m = np.where(steps.logged_m > 0, steps.logged_m, np.nan)
    north_m = np.radians(steps.end_lat - steps.start_lat) * EARTH_RADIUS_M
    east_m = np.radians(lon_difference_deg(steps.start_lon, steps.end_lon)) * EARTH_RADIUS_M
    east_m *= np.cos(np.radians((steps.start_lat + steps.end_lat) / 2))
    a, b = np.radians(steps.start_cog_deg), np.radians(steps.end_cog_deg)
    # Ends of the ways: x along the first course, and the second fix less y along the second.
    together = np.cos(a - b)
    ahead_m = east_m * np.sin(a) + north_m * np.cos(a)
    astern_m = east_m * np.sin(b) + north_m * np.cos(b)
    weight = (miss_frac / log_frac) ** 2
    # Both derivatives are zero: two equations for x and y.
    own, cross = 1 + weight, together + weight
    determinant = own**2 - cross**2
    with np.errstate(divide="ignore", invalid="ignore"):  # one straight course: no turn
        first, second = ahead_m + weight * logged_m, astern_m + weight * logged_m
        x_m = (own * first - cross * second) / determinant
        y_m = (own * second - cross * first) / determinant
        first_east_m, first_north_m = x_m * np.sin(a), x_m * np.cos(a)
        second_east_m = east_m - y_m * np.sin(b)
        second_north_m = north_m - y_m * np.cos(b)
        miss_m = np.hypot(second_east_m - first_east_m, second_north_m - first_north_m)
        fits: Bools = (
            (x_m >= 0)
            & (y_m >= 0)
            & (miss_m <= 2 * miss_frac * logged_m)
            & (np.abs(x_m + y_m - logged_m) <= 2 * log_frac * logged_m)
        )
    lat, lon = point_at(
        steps.start_lat,
        steps.start_lon,
        (first_east_m + second_east_m) / 2,
        (first_north_m + second_north_m) / 2,
    )
    way_m = great_circle_m(steps.start_lat, steps.start_lon, lat, lon) + great_circle_m(
        lat, lon, steps.end_lat, steps.end_lon
    )
    return Turns(*(np.where(fits, column, np.nan) for column in (lat, lon, way_m)))
