"""Where there is water, and whether a straight leg stays on it: line of sight, in bulk.

A leg is walked from pixel to pixel, but in open water by as much as the two clearance rasters
say that no land is nearer ("sphere tracing"), so that an ocean is crossed in a dozen steps.
"""

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import Floats, lat_lon_of_xyz, lengths, m_of_chord, unit_xyz
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.routing.grid import GLOBE, Grid
from vesseltrack.units import EARTH_RADIUS_M

Bytes = npt.NDArray[np.uint8]
_Singles = npt.NDArray[np.float32]
_Whole = npt.NDArray[np.signedinteger[Any]]

COARSE_PIXELS: Final = 6  # a side of a cell of coarse clearance
FINE_PIXELS: Final = 2
# Clearances are stored as levels, each rounded down: coarse within 510 km, fine within 64 km,
# where fine is only kept as far as the coarse one knows of none. Finer grids have theirs smaller
# in proportion.
COARSE_LEVELS_M: Final = 2_000.0 * np.array(
    [0, 1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128, 180, 255]
)
FINE_LEVELS_M: Final = 250.0 * np.array([0, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128, 255])

_PACE_M: Final = 400.0  # from pixel to pixel: under half of one
_DEG: Final = np.float32(180.0 / np.pi)
_HALF_GLOBE_M: Final = 19_900_000.0  # beyond, the great circle between two points is any
_LEGS_AT_ONCE: Final = 200_000
# A small batch is cut into pieces walked side by side: numpy's cost is by the step, not the leg.
_PIECES_AT_ONCE: Final = 12_000
_MAX_PIECES: Final = 32
_MIN_PIECE_M: Final = 2_000.0
_WORTH_WALKING_FRAC: Final = 0.75
_PACES_AT_ONCE: Final = 8_000  # so few that are left are all looked at together
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
        `COARSE_LEVELS_M`, `FINE_LEVELS_M` to any point of the cell.
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
            False for legs half round the globe. 0.3 to 2 us a leg in large batches.
        """
        pieces = [
            self._sees(start[i : i + _LEGS_AT_ONCE], end[i : i + _LEGS_AT_ONCE])
            for i in range(0, len(start), _LEGS_AT_ONCE)
        ]
        return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.bool_)

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

    def _sees(self, start: Floats, end: Floats) -> Bools:
        length_m = m_of_chord(lengths(start - end))
        sees = length_m < _HALF_GLOBE_M
        n_most = min(_MAX_PIECES, max(1, _PIECES_AT_ONCE // len(start)))
        n_pieces = np.clip((length_m / _MIN_PIECE_M).astype(np.int64), 1, n_most)
        leg = np.repeat(np.arange(len(start)), n_pieces)
        nth = np.arange(leg.size) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
        angle = np.maximum(length_m / EARTH_RADIUS_M, 1e-9)
        of_leg = np.zeros((10, len(start)), dtype=np.float32)
        of_leg[:3], of_leg[3:6], of_leg[6] = start.T, end.T, angle
        of_leg[7], of_leg[8] = 1 / np.sin(angle), angle / n_pieces
        walk = _Walk(leg, of_leg.take(leg, axis=1))
        walk.at[:] = walk.stop * nth
        walk.stop[:] += walk.at
        if not sees.all():
            walk = walk.only(sees[leg])
        while walk.leg.size:
            # At least so many of the pieces have not arrived: to count their paces takes longer.
            if walk.leg.size * _WORTH_WALKING_FRAC < _PACES_AT_ONCE:
                n_left = walk.stop - walk.at
                n_left /= self._pace_rad
                np.ceil(n_left, out=n_left)
                np.maximum(n_left, 0, out=n_left)
                if n_left.sum() < _PACES_AT_ONCE:  # far below where float32 has no odd numbers
                    aground = self._aground(walk, n_left.astype(np.int64))
                    sees[walk.leg[aground]] = False
                    break
            step, aground = self._step(*walk.place())
            # Pieces that arrived walk on for a while: to drop them costs more than a step.
            going = walk.at < walk.stop
            sees[walk.leg.take(aground.compress(going.take(aground)))] = False
            walk.at[:] += step
            np.less(walk.at, walk.stop, out=going)
            going &= sees.take(walk.leg)
            if np.count_nonzero(going) < _WORTH_WALKING_FRAC * going.size:
                walk = walk.only(going)
        return sees

    def _aground(self, walk: "_Walk", n_left: Ints) -> Ints:
        """Return which pieces are on land at any of all the paces that are left, taken at once."""
        piece = np.repeat(np.arange(n_left.size), n_left)
        nth = np.arange(piece.size) - np.repeat(np.cumsum(n_left) - n_left, n_left)
        paces = walk.only(piece)
        paces.at[:] += nth.astype(np.float32) * self._pace_rad
        i, j = self._cell(*self._inside(*paces.place()), 1)
        on_land: Ints = piece[self._bit_at(i, j) == 0]
        return on_land

    def _step(self, south: _Singles, east: _Singles) -> tuple[_Singles, Ints]:
        """Return how far places lie from land at least [rad], and which are on it.

        Places are given as degrees south of the north pole and east of 180 west.
        """
        south, east = self._inside(south, east)
        level = self.coarse.take(self._flat(south, east, COARSE_PIXELS), mode="clip")
        step = self._coarse_rad.take(level, mode="clip")
        near = (level == 0).nonzero()[0]
        if near.size == 0:
            return step, near
        south, east = south.take(near), east.take(near)
        level = self.fine.take(self._flat(south, east, FINE_PIXELS), mode="clip")
        step[near] = self._fine_step_rad.take(level, mode="clip")
        close = (level == 0).nonzero()[0]
        i, j = self._cell(south.take(close), east.take(close), 1)
        aground = close.take((self._bit_at(i, j) == 0).nonzero()[0])
        return step, near.take(aground)

    def _inside(self, south: _Singles, east: _Singles) -> tuple[_Singles, _Singles]:
        """Return degrees from the north and west edges of the grid."""
        if self.grid.is_round:
            return south, east
        east = east - np.float32(self.grid.west + 180)
        east += np.float32(360) * (east < 0)  # a quarter of the time of a modulo
        return south - np.float32(90 - self.grid.north), east

    def _cell(self, south: _Singles, east: _Singles, n: int) -> tuple[_Whole, _Whole]:
        """Return row and column of the cells of n by n pixels that hold places."""
        per_deg = self.grid.per_deg / n
        i = np.minimum((south * per_deg).astype(np.int32), self.grid.n_rows // n - 1)
        if not self.grid.is_round:
            i = np.maximum(i, 0)  # a piece that has arrived walks on, even out of its grid
        return i, np.minimum((east * per_deg).astype(np.int32), self.grid.n_columns // n - 1)

    def _flat(self, south: _Singles, east: _Singles, n: int) -> Ints:
        """Return the places in memory of the cells of n by n pixels that hold places."""
        i, j = self._cell(south, east, n)
        i *= self.grid.n_columns // n
        i += j
        return i.astype(np.intp)  # once: `take` would do it each time, and slower

    def _bit_at(self, row: _Whole, column: _Whole) -> Bytes:
        """Return the bits of pixels within the grid, as `_bit` does at three times the cost."""
        shift = ~column.astype(np.uint8)
        shift &= 7
        column >>= 3
        row *= self.mask.shape[1]
        row += column
        packed = self.mask.reshape(-1).take(row.astype(np.intp), mode="clip")
        packed >>= shift
        packed &= 1
        return packed

    @functools.cached_property
    def _coarse_rad(self) -> _Singles:
        return self._as_rad(COARSE_LEVELS_M)

    @functools.cached_property
    def _fine_step_rad(self) -> _Singles:
        """How far to go by the level of a cell: from pixel to pixel where land may be in it."""
        return self._as_rad(np.maximum(FINE_LEVELS_M, _PACE_M))

    @functools.cached_property
    def _pace_rad(self) -> np.float32:
        return np.float32(self._as_rad(np.array(_PACE_M)))

    def _as_rad(self, length_m: Floats) -> _Singles:
        scale = GLOBE.per_deg / self.grid.per_deg
        return np.asarray(length_m * scale / EARTH_RADIUS_M).astype(np.float32)


@dataclass(frozen=True)
class _Walk:
    """Pieces of legs on the way, one column a piece.

    Rows of `state` are the start and end of its leg, the angle between them and one over its sine,
    where the piece ends and how far along the leg it is [rad]: in one array, so that some of the
    pieces are taken in one go.
    """

    leg: Ints
    state: _Singles

    @property
    def stop(self) -> _Singles:
        """Where along its leg each piece ends [rad]."""
        stop: _Singles = self.state[8]
        return stop

    @property
    def at(self) -> _Singles:
        """How far along its leg each piece is [rad]."""
        at: _Singles = self.state[9]
        return at

    def place(self) -> tuple[_Singles, _Singles]:
        """Return the places reached, in degrees south of the pole and east of 180 west."""
        angle, scale = self.state[6:8]
        at = self.at
        from_start = np.sin(angle - at)
        from_start *= scale
        from_end = np.sin(at)
        from_end *= scale
        place = self.state[:3] * from_start
        place += self.state[3:6] * from_end
        x, y, z = place
        east = np.arctan2(y, x)
        east *= _DEG
        east += 180
        x *= x
        y *= y
        x += y
        south = np.arctan2(z, np.sqrt(x, out=x))
        south *= -_DEG
        south += 90
        return south, east

    def only(self, keep: Bools | Ints) -> "_Walk":
        """Return some of the pieces."""
        column = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
        return _Walk(self.leg.take(column), self.state.take(column, axis=1))
