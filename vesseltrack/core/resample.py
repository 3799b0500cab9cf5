"""Tracks on a common time grid, by linear interpolation between successive fixes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import lon_difference_deg, wrap_lon_deg
from vesseltrack.core.runs import Bools, Ints, ranges

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Points of legs at grid times, shape (m,)."""

    end: Ints  # the row that its leg ends with
    t_us: Ints
    lat: Floats
    lon: Floats
    density: Floats  # fixes per grid step: 1, or less where a leg spans several steps


def on_grid(t_us: Ints, lat: Floats, lon: Floats, is_leg: Bools, step_us: int) -> Samples:
    """Return where legs stand at the grid times after their start, up to and with their end.

    The grid is counted from 1970-01-01 UTC: no day begins anew. A leg without a length in time has
    no sample. Interpolation is linear in latitude and longitude the short way round.

    Parameters
    ----------
    t_us, lat, lon : (n,)
        Fixes by vessel and time [us, deg].
    is_leg : (n,)
        Whether a leg leads to each from the one before; none leads to the first.
    step_us : int
        From one grid time to the next [us].
    """
    number = t_us // step_us
    # Few, where fixes come faster than the grid.
    sampled = np.flatnonzero(is_leg[1:] & (number[1:] > number[:-1])) + 1
    first, stop = number[sampled - 1] + 1, number[sampled] + 1
    end = np.repeat(sampled, stop - first)
    start = end - 1
    grid_us = ranges(first, stop) * step_us
    start_us, start_lat, start_lon = t_us[start], lat[start], lon[start]
    duration_us = t_us[end] - start_us
    along = (grid_us - start_us) / duration_us
    return Samples(
        end,
        grid_us,
        start_lat + along * (lat[end] - start_lat),
        wrap_lon_deg(start_lon + along * lon_difference_deg(start_lon, lon[end])),
        np.minimum(1.0, step_us / duration_us),
    )
