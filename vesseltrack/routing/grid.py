"""The grid of the sea mask: pixels of 1/120 degree, rows from the north, columns from 180 west."""

from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.paths import densify
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.units import EARTH_RADIUS_M

PIXELS_PER_DEG: Final = 120
N_ROWS: Final = 180 * PIXELS_PER_DEG
N_COLUMNS: Final = 360 * PIXELS_PER_DEG
PIXEL_M: Final = float(np.radians(1 / PIXELS_PER_DEG) * EARTH_RADIUS_M)  # height of a pixel

_PAINT_STEP_M: Final = 200.0  # no pixel under a line is stepped over


def pixel_of(lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
    """Return row and column of the pixels that hold points; longitudes in any range."""
    row = np.floor((90.0 - np.asarray(lat)) * PIXELS_PER_DEG).astype(np.int64)
    column = np.floor((np.asarray(lon) + 180.0) * PIXELS_PER_DEG).astype(np.int64)
    return np.clip(row, 0, N_ROWS - 1), column % N_COLUMNS


def centre_of(row: Ints, column: Ints) -> tuple[Floats, Floats]:
    """Return latitude and longitude of the centres of pixels [deg]."""
    return 90.0 - (row + 0.5) / PIXELS_PER_DEG, (column + 0.5) / PIXELS_PER_DEG - 180.0


def band(lat: Floats, lon: Floats, half_width_m: float) -> tuple[Ints, Ints]:
    """Return the pixels of a band along a line, each once.

    Parameters
    ----------
    lat, lon : (n,)
        A line of great-circle arcs [deg].
    half_width_m : float
        How far the band reaches to the north, south, east and west of the line at least [m].

    Returns
    -------
    row, column : (m,)
        Without a gap that a step of `half_width_m` could pass.
    """
    lat, lon = densify(lat, lon, _PAINT_STEP_M)
    row, column = pixel_of(lat, lon)
    n_beside = int(np.ceil(half_width_m / PIXEL_M))
    n_wide = np.ceil(half_width_m / (PIXEL_M * np.cos(np.radians(lat)))).astype(np.int64)
    n_wide = np.minimum(n_wide, N_COLUMNS // 2)
    across = ranges(column - n_wide, column + n_wide + 1) % N_COLUMNS
    along = np.repeat(row, 2 * n_wide + 1)
    rows = np.clip(along + np.arange(-n_beside, n_beside + 1)[:, None], 0, N_ROWS - 1)
    code = np.unique(rows * N_COLUMNS + across)
    return code // N_COLUMNS, code % N_COLUMNS
