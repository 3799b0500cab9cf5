"""Where there is water, and whether a straight leg stays on it: line of sight, in bulk."""

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import Floats, lat_lon_of_xyz, unit_xyz
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.routing.grid import GLOBE, Grid
from vesseltrack.routing.sight import Bytes, Ground

_Whole = npt.NDArray[np.signedinteger[Any]]

_CORNER_ROWS: Final = 3  # how far from a point corners of the land are looked for [pixels]
_CORNER_COLUMNS: Final = 3.0  # at the equator; more beyond, as wide on the ground
_SEARCH: Final = ((1, 3), (4, 14))  # half heights and widths in which water is looked for [pixels]
_SEARCH_M: Final = 3_700.0  # finer grids look as far as the last of these on the globe
_PIXELS_AT_ONCE: Final = 1 << 21


@dataclass(frozen=True, eq=False)
class Water:
    """The sea mask with its clearances.

    Parameters
    ----------
    mask : (n_rows, n_columns / 8) uint8
        One bit a pixel, 1 is water.
    coarse, fine : flat uint8
        Levels of clearance of cells of 6 and 2 pixels: no land or gate lies nearer than
        `sight.COARSE_LEVELS_M`, `sight.FINE_LEVELS_M` to any point of the cell.
    grid : Grid
        Of the mask.
    """

    mask: Bytes
    coarse: Bytes
    fine: Bytes
    grid: Grid = GLOBE

    def is_water(self, lat: Floats, lon: Floats) -> Bools:
        """Return whether points lie in a pixel of water; longitudes in any range."""
        return self._bit(*self.grid.pixel_of(lat, lon))

    def nearest(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats, Bools]:
        """Return a water pixel near each point, some 4 km around, and whether there is one.

        Parameters
        ----------
        lat, lon : (n,)
            Points [deg].

        Returns
        -------
        lat, lon : (n,)
            The centre of the pixel [deg]; the point itself where none was found.
        found : (n,)
            Whether there is one.
        """
        place_lat, place_lon = lat.copy(), lon.copy()
        found = np.zeros(lat.size, dtype=np.bool_)
        for half_height, half_width in self._windows():
            dry = np.flatnonzero(~found)
            n = max(1, _PIXELS_AT_ONCE // (4 * half_height * half_width))
            for rows in (dry[i : i + n] for i in range(0, dry.size, n)):
                near = self._nearest_in_window(lat[rows], lon[rows], half_height, half_width)
                wet_lat, wet_lon, wet = near
                found[rows] = wet
                place_lat[rows[wet]], place_lon[rows[wet]] = wet_lat[wet], wet_lon[wet]
        return place_lat, place_lon, found

    def sees(self, start: Floats, end: Floats) -> Bools:
        """Return whether great-circle legs stay on the water.

        Parameters
        ----------
        start, end : (n, 3)
            Unit vectors of their ends.

        Returns
        -------
        sees : (n,)
            False for legs half round the globe. What is said of a leg depends neither on its
            direction nor on the others. Some 0.7 us a leg in large batches.
        """
        return self._ground.sees(start, end)

    @functools.cached_property
    def _ground(self) -> Ground:
        return Ground(self.mask, self.coarse, self.fine, self.grid)

    def corners(self, xyz: Floats) -> tuple[Ints, Floats]:
        """Return where a line may bend round the land near points: at its convex corners.

        Parameters
        ----------
        xyz : (n, 3)
            Unit vectors.

        Returns
        -------
        point : (m,)
            The row that each corner lies near, within some 3 km; ascending.
        corner : (m, 3)
            Centre of the water pixel that touches the corner, as a unit vector.
        """
        lat, lon = lat_lon_of_xyz(xyz)
        row, column = self.grid.pixel_of(lat, lon)
        down, right = np.arange(-_CORNER_ROWS - 1, _CORNER_ROWS + 2), _CORNER_COLUMNS
        wide = np.rint(right / np.cos(np.radians(lat))).astype(np.int64)
        across = np.arange(-wide.max(initial=0) - 1, wide.max(initial=0) + 2)
        rows, columns = self.grid.within(
            row[:, None, None] + down[:, None], column[:, None, None] + across
        )
        wet = self._bit(*np.broadcast_arrays(rows, columns))
        north, south, west, east = wet[:, :-2], wet[:, 2:], wet[:, :, :-2], wet[:, :, 2:]
        middle = wet[:, 1:-1, 1:-1] & (np.abs(across[1:-1]) <= wide[:, None])[:, None]
        is_corner = np.zeros_like(middle)
        for beside, side in ((north, slice(None, -2)), (south, slice(2, None))):
            for over, edge in ((west, slice(None, -2)), (east, slice(2, None))):
                free = beside[:, :, 1:-1] & over[:, 1:-1]
                is_corner |= free & ~wet[:, side, edge]
        point, i, j = np.nonzero(is_corner & middle)
        place = self.grid.centre_of(rows[point, i + 1, 0], columns[point, 0, j + 1])
        return point, unit_xyz(*place)

    def _bit(self, row: _Whole, column: _Whole) -> Bools:
        packed = self.mask[row, column >> 3]
        return np.asarray((packed >> (7 - (column & 7)).astype(np.uint8)) & 1, dtype=np.bool_)

    def _windows(self) -> list[tuple[int, int]]:
        """Return the windows to look for water in, each four times as large as the one before."""
        windows, (height, width) = list(_SEARCH), _SEARCH[-1]
        while (height + 1) * self.grid.pixel_m < _SEARCH_M:
            grown = min(4.0, _SEARCH_M / (height * self.grid.pixel_m))
            height, width = int(np.ceil(height * grown)), int(np.ceil(width * grown))
            windows.append((height, width))
        return windows

    def _nearest_in_window(
        self, lat: Floats, lon: Floats, half_height: int, half_width: int
    ) -> tuple[Floats, Floats, Bools]:
        row, column = self.grid.pixel_of(lat, lon)
        down = np.arange(-half_height, half_height + 1)
        right = np.arange(-half_width, half_width + 1)
        rows, columns = self.grid.within(
            row[:, None] + np.repeat(down, right.size), column[:, None] + np.tile(right, down.size)
        )
        wet = self._bit(rows, columns)
        pixel_lat, pixel_lon = self.grid.centre_of(rows, columns)
        offset = unit_xyz(pixel_lat, pixel_lon) - unit_xyz(lat, lon)[:, None, :]
        distance = np.where(wet, np.einsum("...i,...i", offset, offset), np.inf)
        nth, best = np.arange(lat.size), np.argmin(distance, axis=1)
        found = np.isfinite(distance[nth, best])
        return pixel_lat[nth, best], pixel_lon[nth, best], found
