"""The one door to H3: cells as int64, computed in bulk."""

from functools import lru_cache
from typing import Final

import h3
import h3ronpy
import h3ronpy.vector
import numpy as np
import numpy.typing as npt

from vesseltrack.core.hexagons import Lattice

CELL_RESOLUTION: Final = 7  # about 5 km2 a cell: the stored resolution of every position
_RESOLUTION_SHIFT: Final = 52
_FINEST: Final = 15
_BITS_PER_DIGIT: Final = 3

_FEW: Final = 10_000  # [points] below, no two of which need share a cell, each is asked for
_MANY: Final = 1 << 18  # [points] looked at together: 50 MB of working memory

Cells = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def cells_of(lat: npt.ArrayLike, lon: npt.ArrayLike, resolution: int = CELL_RESOLUTION) -> Cells:
    """Return the H3 cell of each point.

    Parameters
    ----------
    lat, lon : (n,)
        Points [deg]; finite, longitudes in any range.
    resolution : int
        0 to 15.

    Returns
    -------
    cells : (n,)
        Cell indexes; every H3 index fits in a signed 64-bit integer.
    """
    lat = np.ascontiguousarray(lat, dtype=np.float64)
    lon = np.ascontiguousarray(lon, dtype=np.float64)
    starts = range(0, lat.size, _MANY)
    blocks = [(lat[i : i + _MANY], lon[i : i + _MANY]) for i in starts]
    cells = [
        _by_hexagon(*block, resolution) if block[0].size > _FEW else _asked(*block, resolution)
        for block in blocks
    ]
    return np.concatenate([np.zeros(0, np.int64), *cells])


def _asked(lat: Floats, lon: Floats, resolution: int) -> Cells:
    cells = h3ronpy.vector.coordinates_to_cells(lat, lon, resolution)
    return np.asarray(cells).astype(np.int64)


def _by_hexagon(lat: Floats, lon: Floats, resolution: int) -> Cells:
    """Return the cells of points that have many in common: H3 is asked for one point of each."""
    hexagon, is_sure = _lattice(resolution).hexagons(lat, lon)
    sure, unsure = np.flatnonzero(is_sure), np.flatnonzero(~is_sure)
    order = sure[np.argsort(hexagon[sure])]
    is_first = np.diff(hexagon[order], prepend=-1) != 0
    asked = np.concatenate([order[is_first], unsure])
    answers = _asked(lat[asked], lon[asked], resolution)
    cells = np.empty(lat.size, np.int64)
    cells[order] = answers[np.cumsum(is_first) - 1]
    cells[unsure] = answers[asked.size - unsure.size :]
    return cells


@lru_cache
def _lattice(resolution: int) -> Lattice:
    # The twelve pentagons lie at the vertices.
    lat, lon = np.radians([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)]).T
    vertices = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    return Lattice.of(np.stack(vertices, axis=1), resolution)


def parents(cells: Cells, resolution: int) -> Cells:
    """Return the ancestors of cells at a coarser resolution, by bit arithmetic.

    The parent of a stored cell, not the cell of the point: the two differ for 6 % of points.

    Parameters
    ----------
    cells : (n,)
        Cells of one or several resolutions, none coarser than `resolution`.
    resolution : int
        0 to 15.
    """
    unused = (1 << (_BITS_PER_DIGIT * (_FINEST - resolution))) - 1
    cleared = cells & ~np.int64(0xF << _RESOLUTION_SHIFT)
    return np.asarray(cleared | np.int64(resolution << _RESOLUTION_SHIFT) | np.int64(unused))


def centres(cells: Cells) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return latitude and longitude of the centres of cells [deg], of any resolutions mixed."""
    table = h3ronpy.vector.cells_to_coordinates(cells.astype(np.uint64))
    return np.array(table["lat"], dtype=np.float64), np.array(table["lng"], dtype=np.float64)


def children(cells: Cells, resolution: int) -> Cells:
    """Return all descendants of cells at a finer resolution."""
    return np.asarray(h3ronpy.change_resolution(cells.astype(np.uint64), resolution)).astype(
        np.int64
    )


def all_cells(resolution: int) -> Cells:
    """Return every cell of the globe at a resolution."""
    base = np.array([h3.str_to_int(cell) for cell in h3.get_res0_cells()], dtype=np.int64)
    return children(np.sort(base), resolution)


def resolutions(cells: Cells) -> npt.NDArray[np.int64]:
    """Return the resolution of each cell."""
    return np.asarray((cells >> _RESOLUTION_SHIFT) & 0xF)


def cell_text(cell: int) -> str:
    """Return a cell as H3 writes it, in hexadecimal: JSON numbers cannot hold it."""
    return str(h3.int_to_str(cell))
