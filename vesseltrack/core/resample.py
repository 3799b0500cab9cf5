"""Tracks on a common time grid, by linear interpolation between successive fixes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import lon_difference_deg, wrap_lon_deg
from vesseltrack.core.runs import Ints, ranges

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Legs:
    """From one fix to the next of one vessel: times [us] and places [deg], shape (n,)."""

    start_us: Ints
    end_us: Ints
    start_lat: Floats
    start_lon: Floats
    end_lat: Floats
    end_lon: Floats


@dataclass(frozen=True)
class Samples:
    """Points of legs at grid times, shape (m,)."""

    leg: Ints  # the leg each lies on
    t_us: Ints
    lat: Floats
    lon: Floats
    density: Floats  # fixes per grid step: 1, or less where a leg spans several steps


def on_grid(legs: Legs, step_us: int) -> Samples:
    """Return where legs stand at the grid times after their start, up to and with their end.

    The grid is counted from 1970-01-01 UTC: no day begins anew. A leg without a length in time has
    no sample. Interpolation is linear in latitude and longitude the short way round.
    """
    first = legs.start_us // step_us + 1
    stop = legs.end_us // step_us + 1
    sampled = np.flatnonzero(stop > first)  # few, where fixes come faster than the grid
    first, stop = first[sampled], stop[sampled]
    leg = np.repeat(sampled, stop - first)
    t_us = ranges(first, stop) * step_us
    duration_us = (legs.end_us - legs.start_us)[leg]
    along = (t_us - legs.start_us[leg]) / duration_us
    start_lat, start_lon = legs.start_lat[leg], legs.start_lon[leg]
    lat = start_lat + along * (legs.end_lat[leg] - start_lat)
    lon = wrap_lon_deg(start_lon + along * lon_difference_deg(start_lon, legs.end_lon[leg]))
    return Samples(leg, t_us, lat, lon, np.minimum(1.0, step_us / duration_us))
