"""Looking along great-circle legs over the rasters of the water, many at once.

A leg is in sight if none of its paces is on land, of 250 m at most, both ends included. They are
looked at from the middle of what is left outwards: most legs that meet land are told by the first
looks, and in open water all paces are left out that the two clearance rasters say no land is near
to, on both sides. Whether a leg is in sight depends on nothing else, neither on its direction nor
on the legs that are looked along with it.
"""

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import Floats, lengths, m_of_chord
from vesseltrack.core.runs import Bools, Ints, ranges
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

# Under a third of a pixel: which corners of pixels half of one leaps over is luck.
_PACE_M: Final = 250.0
_ROUNDED_M: Final = 10.0  # more than single precision and the levels' own rounding come to
_DEG: Final = np.float32(180.0 / np.pi)
_HALF_GLOBE_M: Final = 19_900_000.0  # beyond, the great circle between two points is any
_LEGS_AT_ONCE: Final = 20_000
_PACES_AT_ONCE: Final = 8_000  # so few that are left are all looked at: cost is by the call


@dataclass(frozen=True, eq=False)
class Ground:
    """What legs lead over.

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

    def sees(self, start: Floats, end: Floats) -> Bools:
        """Return whether great-circle legs stay on the water.

        Parameters
        ----------
        start, end : (n, 3)
            Unit vectors of their ends.

        Returns
        -------
        sees : (n,)
            Whether none of their paces is on land; False for legs half round the globe.
        """
        seen = [
            self._seen(start[i : i + _LEGS_AT_ONCE], end[i : i + _LEGS_AT_ONCE])
            for i in range(0, len(start), _LEGS_AT_ONCE)
        ]
        return np.concatenate(seen) if seen else np.zeros(0, dtype=np.bool_)

    def _seen(self, start: Floats, end: Floats) -> Bools:
        legs = _Legs.between(start, end, self._pace_rad)
        sees = legs.n_paces > 0
        leg = sees.nonzero()[0]
        first, stop = np.zeros(leg.size, dtype=np.int32), legs.n_paces.take(leg)
        while leg.size:
            if leg.size < _PACES_AT_ONCE and (stop - first).sum() < _PACES_AT_ONCE:
                at = ranges(first.astype(np.int64), stop.astype(np.int64))
                leg = leg.repeat(stop - first)
                sees[leg.take(self._dry(*self._inside(*legs.place(leg, at))))] = False
                break
            middle = (first + stop) >> 1
            clear, dry = self._look(*legs.place(leg, middle))
            clear *= legs.per_rad.take(leg)
            reach = np.maximum(np.ceil(clear, out=clear), 1).astype(np.int32)
            # What is left are the stretches on both sides of what is open around the middle.
            before, after = middle - reach + 1, middle + reach
            left, right = before > first, after < stop
            if dry.size:
                sees[leg.take(dry)] = False
                still = sees.take(leg)
                left &= still
                right &= still
            nearer, farther = left.nonzero()[0], right.nonzero()[0]
            leg = np.concatenate([leg.take(nearer), leg.take(farther)])
            first = np.concatenate([first.take(nearer), after.take(farther)])
            stop = np.concatenate([before.take(nearer), stop.take(farther)])
        return sees

    def _look(self, south: _Singles, east: _Singles) -> tuple[_Singles, Ints]:
        """Return how far places lie from land at least [rad], and which are on it.

        Places are given as degrees south of the north pole and east of 180 west.
        """
        south, east = self._inside(south, east)
        level = self.coarse.take(self._flat(south, east, COARSE_PIXELS), mode="clip")
        clear = self._coarse_rad.take(level, mode="clip")
        near = (level == 0).nonzero()[0]
        if near.size == 0:
            return clear, near
        south, east = south.take(near), east.take(near)
        level = self.fine.take(self._flat(south, east, FINE_PIXELS), mode="clip")
        clear[near] = self._fine_rad.take(level, mode="clip")
        close = (level == 0).nonzero()[0]
        dry = self._dry(south.take(close), east.take(close))
        return clear, near.take(close.take(dry))

    def _dry(self, south: _Singles, east: _Singles) -> Ints:
        """Return which places are not in water."""
        row, column = self._cell(south, east, 1)
        shift = ~column.astype(np.uint8)
        shift &= 7
        column >>= 3
        row *= self.mask.shape[1]
        row += column
        packed = self.mask.reshape(-1).take(row.astype(np.intp), mode="clip")
        packed >>= shift
        packed &= 1
        dry: Ints = (packed == 0).nonzero()[0]
        return dry

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
            i = np.maximum(i, 0)  # by rounding
        return i, np.minimum((east * per_deg).astype(np.int32), self.grid.n_columns // n - 1)

    def _flat(self, south: _Singles, east: _Singles, n: int) -> Ints:
        """Return the places in memory of the cells of n by n pixels that hold places."""
        i, j = self._cell(south, east, n)
        i *= self.grid.n_columns // n
        i += j
        return i.astype(np.intp)  # once: `take` would do it each time, and slower

    @functools.cached_property
    def _coarse_rad(self) -> _Singles:
        return self._as_rad(np.maximum(COARSE_LEVELS_M - _ROUNDED_M, 0)).astype(np.float32)

    @functools.cached_property
    def _fine_rad(self) -> _Singles:
        return self._as_rad(np.maximum(FINE_LEVELS_M - _ROUNDED_M, 0)).astype(np.float32)

    @functools.cached_property
    def _pace_rad(self) -> float:
        return float(self._as_rad(np.array(_PACE_M)))

    def _as_rad(self, length_m: Floats) -> Floats:
        scale = GLOBE.per_deg / self.grid.per_deg
        return np.asarray(length_m * scale / EARTH_RADIUS_M)


@dataclass(frozen=True, eq=False)
class _Legs:
    """Great-circle legs with their paces.

    Rows of `state` are the start and end of a leg, the angle between them, one over its sine, and
    the length of a pace [rad]: in one array, so that they are taken in one go.
    """

    state: _Singles
    per_rad: _Singles  # paces
    n_paces: npt.NDArray[np.int32]  # both ends included; 0 for legs that are too long

    @classmethod
    def between(cls, start: Floats, end: Floats, pace_rad: float) -> "_Legs":
        """Return the legs between points, (n, 3), with paces of a length at most."""
        start, end = _in_order(start, end)
        angle = m_of_chord(lengths(start - end)) / EARTH_RADIUS_M
        n_steps = np.maximum(np.ceil(angle / pace_rad), 1)
        is_leg = angle * EARTH_RADIUS_M < _HALF_GLOBE_M
        angle = np.maximum(angle, 1e-9)
        state = np.empty((9, len(start)), dtype=np.float32)
        state[:3], state[3:6], state[6] = start.T, end.T, angle
        state[7], state[8] = 1 / np.sin(angle), angle / n_steps
        return cls(
            state,
            (n_steps / angle).astype(np.float32),
            np.where(is_leg, n_steps + 1, 0).astype(np.int32),
        )

    def place(self, leg: Ints, at: npt.NDArray[Any]) -> tuple[_Singles, _Singles]:
        """Return places so many paces along legs [deg], from the north pole and from 180 W."""
        state = self.state.take(leg, axis=1)
        angle, scale, pace = state[6:]
        pace *= at  # whole numbers far below where single precision has no odd ones
        angle -= pace
        from_start = np.sin(angle, out=angle)
        from_start *= scale
        from_end = np.sin(pace, out=pace)
        from_end *= scale
        place = state[:3]
        place *= from_start
        state[3:6] *= from_end
        place += state[3:6]
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


def _in_order(start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Return legs from the lesser end to the greater one."""
    x, y, z = (end - start).T
    turned = np.where(x != 0, x, np.where(y != 0, y, z)) < 0
    if not turned.any():
        return start, end
    turned = turned[:, None]
    return np.where(turned, end, start), np.where(turned, start, end)
