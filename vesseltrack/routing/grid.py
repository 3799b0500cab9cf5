"""Grids of pixels: rows from the north, columns from the west.

The globe has pixels of 1/120 degree; a region in finer detail has a grid of its own.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.paths import densify
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.units import EARTH_RADIUS_M

_GLOBE_PER_DEG: Final = 120
_PAINT_STEP_M: Final = 200.0  # on the globe: no pixel under a line is stepped over


@dataclass(frozen=True)
class Grid:
    """A box of pixels.

    Parameters
    ----------
    per_deg : int
        Pixels a degree.
    north, west : float
        Edges [deg].
    n_rows, n_columns : int
        The size; columns a multiple of 8, rows and columns of 6.
    """

    per_deg: int
    north: float
    west: float
    n_rows: int
    n_columns: int

    @property
    def is_round(self) -> bool:
        """Whether the last column meets the first."""
        return self.n_columns == 360 * self.per_deg

    @property
    def pixel_m(self) -> float:
        """Height of a pixel [m]."""
        return float(np.radians(1 / self.per_deg) * EARTH_RADIUS_M)

    def pixel_of(self, lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
        """Return row and column of the pixels that hold points; longitudes in any range."""
        row = np.floor((self.north - np.asarray(lat)) * self.per_deg).astype(np.int64)
        east = np.asarray(lon) - self.west
        if not self.is_round:
            east = east % 360.0
        return self.within(row, np.floor(east * self.per_deg).astype(np.int64))

    def centre_of(self, row: Ints, column: Ints) -> tuple[Floats, Floats]:
        """Return latitude and longitude of the centres of pixels [deg]."""
        return (
            self.north - (row + 0.5) / self.per_deg,
            (column + 0.5) / self.per_deg + self.west,
        )

    def within(self, row: Ints, column: Ints) -> tuple[Ints, Ints]:
        """Return rows and columns beyond the edges as the last before; round the globe as such."""
        row = np.clip(row, 0, self.n_rows - 1)
        if self.is_round:
            return row, column % self.n_columns
        return row, np.clip(column, 0, self.n_columns - 1)

    def band(self, lat: Floats, lon: Floats, half_width_m: float) -> tuple[Ints, Ints]:
        """Return the pixels of a band along a line, each once.

        Parameters
        ----------
        lat, lon : (n,)
            A line of great-circle arcs [deg]; in a box, what of it lies beyond is left out.
        half_width_m : float
            How far the band reaches north, south, east and west of the line at least [m].

        Returns
        -------
        row, column : (m,)
            Without a gap that a step of `half_width_m` could pass.
        """
        lat, lon = densify(lat, lon, _PAINT_STEP_M * _GLOBE_PER_DEG / self.per_deg)
        row = np.floor((self.north - lat) * self.per_deg).astype(np.int64)
        column = np.floor((lon - self.west) % 360.0 * self.per_deg).astype(np.int64)
        n_beside = int(np.ceil(half_width_m / self.pixel_m))
        n_wide = np.ceil(half_width_m / (self.pixel_m * np.cos(np.radians(lat)))).astype(np.int64)
        n_wide = np.minimum(n_wide, self.n_columns // 2)
        rows = np.repeat(row, 2 * n_wide + 1) + np.arange(-n_beside, n_beside + 1)[:, None]
        columns = np.broadcast_to(ranges(column - n_wide, column + n_wide + 1), rows.shape)
        if not self.is_round:
            inside = (rows >= 0) & (rows < self.n_rows)
            inside &= (columns >= 0) & (columns < self.n_columns)
            rows, columns = rows[inside], columns[inside]
        rows, columns = self.within(rows, columns)
        code = np.unique(rows * self.n_columns + columns)
        return code // self.n_columns, code % self.n_columns


GLOBE: Final = Grid(_GLOBE_PER_DEG, 90.0, -180.0, 180 * _GLOBE_PER_DEG, 360 * _GLOBE_PER_DEG)

PIXELS_PER_DEG: Final = GLOBE.per_deg
N_ROWS: Final = GLOBE.n_rows
N_COLUMNS: Final = GLOBE.n_columns
PIXEL_M: Final = GLOBE.pixel_m
pixel_of = GLOBE.pixel_of
centre_of = GLOBE.centre_of
band = GLOBE.band
