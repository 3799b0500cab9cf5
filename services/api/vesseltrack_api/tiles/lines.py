"""Lines in the grid, cut out for one tile."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import shapely

from vesseltrack_api.tiles.grid import BUFFER_UNITS, EXTENT, WORLD, Int32s, Ints, Tile

_MIN_POINTS: Final = 2


@dataclass(frozen=True)
class Lines:
    """Many lines: line i is the points `offsets[i]:offsets[i + 1]` of `x`, `y` [units]."""

    x: Int32s
    y: Int32s
    offsets: Ints

    @classmethod
    def of(cls, lines: npt.NDArray[np.object_]) -> Self:
        """Return the lines of an array of geometries with whole coordinates."""
        xy = shapely.get_coordinates(lines).astype(np.int32)
        ends = np.cumsum(shapely.get_num_coordinates(lines))
        return cls(xy[:, 0].copy(), xy[:, 1].copy(), np.concatenate(([0], ends)).astype(np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return all lines of several parts."""
        nothing = np.zeros(0, dtype=np.int32)
        begin = np.cumsum([0, *(part.x.size for part in parts)])
        ends = [part.offsets[1:] + b for part, b in zip(parts, begin[:-1], strict=True)]
        return cls(
            np.concatenate([nothing, *(part.x for part in parts)]),
            np.concatenate([nothing, *(part.y for part in parts)]),
            np.concatenate([np.zeros(1, dtype=np.int64), *ends]),
        )

    @cached_property
    def _bounds(self) -> tuple[Int32s, Int32s, Int32s, Int32s]:
        """West, north, east and south of each line [units]."""
        first = self.offsets[:-1]
        if first.size == 0:
            return (self.x, self.y, self.x, self.y)
        low, high = np.minimum.reduceat, np.maximum.reduceat
        return low(self.x, first), low(self.y, first), high(self.x, first), high(self.y, first)

    def in_tile(self, tile: Tile, max_lines: int) -> tuple[Ints, Ints, Ints]:
        """Return the parts of lines that a tile and its margin hold.

        Parameters
        ----------
        tile : Tile
            A line that runs into the next world also shows in the tiles over there.
        max_lines : int
            When there are more parts, the longest.

        Returns
        -------
        xy : (n_points, 2)
            Tile coordinates, no point twice in a row.
        offsets : (n_parts + 1,)
            Part i is `xy[offsets[i]:offsets[i + 1]]`, two points at least.
        line : (n_parts,)
            Which line it is a part of.
        """
        parts, line = self._clipped(tile)
        xy, offsets, part = _quantised(parts, tile)
        if part.size > max_lines:
            xy, offsets, chosen = _longest(xy, offsets, max_lines)
            part = part[chosen]
        return xy, offsets, line[part]

    def _clipped(self, tile: Tile) -> tuple[npt.NDArray[np.object_], Ints]:
        west, north, east, south = self._bounds
        margin = BUFFER_UNITS >> tile.z
        top, bottom = tile.y * tile.size - margin, (tile.y + 1) * tile.size + margin
        clipped, line = [], []
        for world in (-WORLD, 0, WORLD):
            left = tile.x * tile.size + world - margin
            right = left + tile.size + 2 * margin
            here = np.flatnonzero(
                (east >= left) & (west <= right) & (south >= top) & (north <= bottom)
            )
            parts, source = shapely.get_parts(
                shapely.clip_by_rect(self._chosen(here), left, top, right, bottom),
                return_index=True,
            )
            is_line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
            shift = np.array([world, 0])
            clipped.append(shapely.transform(parts[is_line], lambda xy, by=shift: xy - by))
            line.append(here[source[is_line]])
        return np.concatenate(clipped), np.concatenate(line)

    def _chosen(self, lines: Ints) -> npt.NDArray[np.object_]:
        n_points = np.diff(self.offsets)[lines]
        number = np.repeat(np.arange(lines.size), n_points)
        point = rows_of(self.offsets[lines], n_points)
        xy = np.stack([self.x[point], self.y[point]], axis=1).astype(np.float64)
        return np.asarray(shapely.linestrings(xy, indices=number), dtype=np.object_)


def rows_of(first: Ints, n: Ints) -> Ints:
    """Return the row numbers `first[i]` to `first[i] + n[i] - 1`, one range after the other."""
    begin = np.concatenate(([0], np.cumsum(n)))
    return np.asarray(np.arange(begin[-1]) + np.repeat(first - begin[:-1], n), dtype=np.int64)


def _quantised(parts: npt.NDArray[np.object_], tile: Tile) -> tuple[Ints, Ints, Ints]:
    """Return tile coordinates, offsets and the parts that are still lines."""
    xy, part = shapely.get_coordinates(parts, return_index=True)
    origin = np.array([tile.x * tile.size, tile.y * tile.size])
    xy = np.round((xy - origin) * (EXTENT / tile.size)).astype(np.int64)
    repeats = (np.diff(xy, axis=0) == 0).all(axis=1) & (np.diff(part) == 0)
    kept = np.flatnonzero(~np.concatenate(([False], repeats))[: part.size])
    xy, part = xy[kept], part[kept]
    n_points = np.bincount(part, minlength=parts.size)
    is_line = n_points >= _MIN_POINTS
    offsets = np.concatenate(([0], np.cumsum(n_points[is_line])))
    return xy[is_line[part]], offsets, np.flatnonzero(is_line)


def _longest(xy: Ints, offsets: Ints, n: int) -> tuple[Ints, Ints, Ints]:
    """Return the n longest parts, in their order, and which those are."""
    steps = np.abs(np.diff(xy, axis=0, prepend=xy[:1])).sum(axis=1)
    steps[offsets[:-1]] = 0
    length = np.add.reduceat(steps, offsets[:-1])
    chosen = np.sort(np.argsort(-length, kind="stable")[:n])
    n_points = np.diff(offsets)[chosen]
    points = xy[rows_of(offsets[chosen], n_points)]
    return points, np.concatenate(([0], np.cumsum(n_points))), chosen
