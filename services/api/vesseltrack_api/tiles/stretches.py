"""Fixes become lines of nearly one speed, no finer than a zoom shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import shapely

from vesseltrack_api.tiles.grid import WORLD, Floats, Int32s, Ints
from vesseltrack_api.tiles.lines import Lines, rows_of

Float32s = npt.NDArray[np.float32]

# A stretch ends where the speed leaves its class [kn]: lying, drifting, manoeuvring, under way.
SPEED_EDGES_KN: Final = np.array([0.5, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 17.0, 20.0, 25.0])
_CELLS: Final = 1_024  # along a tile: half a screen pixel where a tile is 512 wide


@dataclass(frozen=True)
class Fixes:
    """Some fixes, one segment after the other, each in time order; all of shape (n,), n > 0."""

    x: Int32s  # place in the grid [units]
    y: Int32s
    sog_kn: Float32s  # NaN where nobody sent it
    segment: Int32s  # number of the segment


@dataclass(frozen=True)
class Stretches:
    """Lines of nearly one speed, and what each is."""

    lines: Lines
    segment: Int32s  # number of the segment
    sog_kn: Float32s  # mean of its fixes; NaN when none knows

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return all stretches of several parts."""
        nothing = np.zeros(0, dtype=np.int32)
        return cls(
            Lines.joined([part.lines for part in parts]),
            np.concatenate([nothing, *(part.segment for part in parts)]),
            np.concatenate([nothing.astype(np.float32), *(part.sog_kn for part in parts)]),
        )


def stretches(fixes: Fixes, z: int) -> Stretches:
    """Return the stretches as a tile of one zoom shows them.

    Fixes that fall into the cell of the one before are left out, then each stretch is simplified
    (Douglas and Peucker) to half a cell. A segment that keeps to one place has none.
    """
    cell = (WORLD >> z) // _CELLS
    kept = _kept(fixes, cell)
    known_sum, known_count = _leg_sums(fixes.sog_kn, kept)
    first, last = _runs(fixes.segment[kept], _speed_class(known_sum, known_count))
    # Legs first..last join the kept fixes first..last + 1.
    n_points = last - first + 2
    point = kept[rows_of(first, n_points)]
    lines = shapely.linestrings(
        np.stack([fixes.x[point], fixes.y[point]], axis=1).astype(np.float64),
        indices=np.repeat(np.arange(first.size), n_points),
    )
    sog_kn = _quotient(_sums(known_sum, first, last), _sums(known_count, first, last))
    return Stretches(
        Lines.of(shapely.simplify(lines, cell / 2, preserve_topology=False)),
        fixes.segment[kept[first]],
        sog_kn.astype(np.float32),
    )


def _kept(fixes: Fixes, cell: int) -> Ints:
    """Return the fixes that open a segment, close it, or lie in another cell than the last."""
    column, row, segment = fixes.x // cell, fixes.y // cell, fixes.segment
    edge = segment[1:] != segment[:-1]
    moved = (column[1:] != column[:-1]) | (row[1:] != row[:-1])
    return np.flatnonzero(np.concatenate(([True], edge | moved)) | np.concatenate((edge, [True])))


def _leg_sums(sog_kn: Float32s, kept: Ints) -> tuple[Floats, Floats]:
    """Return sum and count of the speeds known along each leg between kept fixes."""
    known = ~np.isnan(sog_kn)
    total = np.cumsum(np.where(known, sog_kn, 0.0), dtype=np.float64)
    count = np.cumsum(known, dtype=np.float64)
    return np.diff(total[kept]), np.diff(count[kept])


def _speed_class(known_sum: Floats, known_count: Floats) -> Ints:
    """Return the class of each leg's mean speed; -1 where no speed is known."""
    speed_kn = _quotient(known_sum, known_count)
    classes = np.searchsorted(SPEED_EDGES_KN, speed_kn, side="right")
    return np.where(known_count > 0, classes, -1)


def _runs(segment: Int32s, speed_class: Ints) -> tuple[Ints, Ints]:
    """Return first and last leg of each run of legs of one class within one segment."""
    legs = np.flatnonzero(segment[1:] == segment[:-1])
    if legs.size == 0:
        return legs, legs
    ends = (np.diff(legs) > 1) | (np.diff(speed_class[legs]) != 0)
    return legs[np.concatenate(([True], ends))], legs[np.concatenate((ends, [True]))]


def _quotient(total: Floats, count: Floats) -> Floats:
    """Return means; NaN of nothing."""
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _sums(values: Floats, first: Ints, last: Ints) -> Floats:
    """Return the sum of each run first..last."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    return np.asarray(total[last + 1] - total[first])
