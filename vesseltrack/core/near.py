"""The nearest of many fixed points on the globe, asked again and again from the same waters.

A search in a tree takes microseconds. Of a cell of a hundredth of a degree it is found once which
points can be the nearest to any place in it: far off, one or two. The answer does not depend on
what was asked before.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vesseltrack.core.geodesy import Floats, chord_of_m, unit_xyz
from vesseltrack.core.runs import Bools, Ints, ranges

_CELLS_A_DEG: Final = 100
_ACROSS: Final = 1 << 20  # more than there are cells round the globe
_EDGE_DEG: Final = 1e-7  # cells are taken so much larger: places on an edge are rounded
_MAX_CELLS: Final = 1 << 16  # known lately, and as many known before
_MAX_SEEN: Final = 1 << 18
_MANY: Final = 8  # places asked about at once for which a cell is looked into the first time
_LEAST_LOOKED_INTO: Final = 1_000  # cells in one call; each takes as long as ten searches
_FRACTION_LOOKED_INTO: Final = 16
_AT_ONCE: Final = 1 << 12  # cells: bounds the memory
_N_FIRST: Final = 16
_ROUNDING: Final = 1e-13  # of squares of chords
_NONE: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Lists:
    """Cells and the points that matter to each.

    Attributes
    ----------
    code : (n,)
        The cells, rising.
    start, stop : (n,)
        Where the points of each stand.
    mark : (n,)
        What else is known of each.
    point : (m,)
        Numbers of points.
    """

    code: Ints
    start: Ints
    stop: Ints
    mark: Ints
    point: Ints

    def find(self, code: Ints) -> tuple[Ints, Bools]:
        """Return the row of each cell, and whether it is there; shape (n,)."""
        if not self.code.size:
            return np.zeros(code.size, dtype=np.int64), np.zeros(code.size, dtype=np.bool_)
        row = np.minimum(np.searchsorted(self.code, code), self.code.size - 1)
        return row, self.code[row] == code

    def of(self, rows: Ints) -> "Lists":
        """Return some cells alone, in rising order."""
        start, stop = self.start[rows], self.stop[rows]
        end = np.cumsum(stop - start)
        point = self.point[ranges(start, stop)]
        return Lists(self.code[rows], end - (stop - start), end, self.mark[rows], point)

    def joined(self, other: "Lists") -> "Lists":
        """Return the cells of both, which share none."""
        place = np.searchsorted(self.code, other.code)
        shift = self.point.size
        return Lists(
            np.insert(self.code, place, other.code),
            np.insert(self.start, place, other.start + shift),
            np.insert(self.stop, place, other.stop + shift),
            np.insert(self.mark, place, other.mark),
            np.concatenate((self.point, other.point)),
        )


_NO_CELLS: Final = Lists(_NONE, _NONE, _NONE, _NONE, _NONE)
UNMARKED: Final = 0
# Takes latitudes and longitudes of middles of cells [deg] and how far they reach [chord].
Mark = Callable[[Floats, Floats, Floats], Ints]


def _unmarked(lat: Floats, lon: Floats, reach: Floats) -> Ints:
    del lon, reach
    return np.full(lat.size, UNMARKED)


@dataclass(frozen=True)
class Found:
    """What is known of n places.

    Attributes
    ----------
    nearest : (n,)
        The nearest point of each.
    mark : (n,)
        That of its cell; `UNMARKED` where the cell is not known.
    place, point : (m,)
        The points that matter to places in known cells, a row for each pair, by place.
    """

    nearest: Ints
    mark: Ints
    place: Ints
    point: Ints


class Nearest:
    """Which of some points is nearest to a place, with what is known of cells.

    Parameters
    ----------
    xyz : (n, 3)
        The points as unit vectors.
    tree : scipy.spatial.cKDTree
        Of the same.
    all_within_m : float
        To cells nearer than this to a point all points matter that are hardly farther than the
        nearest; to others those alone that can be the nearest [m].
    hardly_m : float
        How much farther that is [m].
    mark : callable
        What else there is to know of a cell.
    """

    def __init__(
        self,
        xyz: Floats,
        tree: Any,  # noqa: ANN401 - scipy ships no types
        *,
        all_within_m: float = 0.0,
        hardly_m: float = 0.0,
        mark: Mark = _unmarked,
    ) -> None:
        self._xyz, self._tree, self._mark = xyz, tree, mark
        self._all_within = float(chord_of_m(all_within_m))
        self._hardly = float(chord_of_m(hardly_m))
        # Of points at one place the first is meant, whichever is found.
        _, first, which = np.unique(xyz, axis=0, return_index=True, return_inverse=True)
        self._first_there = first[which.ravel()]
        self._lately, self._before = _NO_CELLS, _NO_CELLS
        self._seen = _NONE
        self._lock = threading.Lock()

    def of(self, lat: Floats, lon: Floats, xyz: Floats) -> Found:
        """Return the nearest point of each place, and what else is known.

        Parameters
        ----------
        lat, lon : (n,)
            Places [deg], longitudes in [-180, 180).
        xyz : (n, 3)
            The same as unit vectors.
        """
        code = _codes(lat, lon)
        with self._lock:
            lists = self._lately
            row, is_known = lists.find(code)
            if not is_known.all():
                self._look_into(code[~is_known], code.size)
                lists = self._lately
                row, is_known = lists.find(code)
        place = np.flatnonzero(is_known)
        start, stop = lists.start[row[place]], lists.stop[row[place]]
        length = stop - start
        of_place, point = np.repeat(place, length), lists.point[ranges(start, stop)]
        nearest = np.empty(code.size, dtype=np.int64)
        mark = np.full(code.size, UNMARKED)
        if place.size:
            mark[place] = lists.mark[row[place]]
            apart2 = _squares(xyz[of_place], self._xyz[point])
            least = np.minimum.reduceat(apart2, np.cumsum(length) - length)
            hits = np.flatnonzero(apart2 == np.repeat(least, length))
            nearest[of_place[hits]] = point[hits]
        others = np.flatnonzero(~is_known)
        nearest[others] = self.searched(xyz[others])
        return Found(self._first_there[nearest], mark, of_place, point)

    def searched(self, xyz: Floats) -> Ints:
        """Return the nearest point of unit vectors (n, 3), with nothing known of cells."""
        return self._first_there[np.asarray(self._tree.query(xyz)[1], dtype=np.int64)]

    def chord(self, xyz: Floats, point: Ints) -> Floats:
        """Return the chords from places to points, both (n,)."""
        return np.sqrt(_squares(xyz, self._xyz[point]))

    def _look_into(self, unknown: Ints, n_places: int) -> None:
        """Have those cells known lately that are asked about often enough."""
        asked, n_asked = np.unique(unknown, return_counts=True)
        row, was_known = self._before.find(asked)
        self._know(self._before.of(row[was_known]))
        asked, n_asked = asked[~was_known], n_asked[~was_known]
        place = np.searchsorted(self._seen, asked)
        was_seen = np.append(self._seen, -1)[place] == asked
        is_wanted = (n_asked >= _MANY) | was_seen
        most = max(_LEAST_LOOKED_INTO, n_places // _FRACTION_LOOKED_INTO)
        wanted = asked[is_wanted][:most]
        for first in range(0, wanted.size, _AT_ONCE):
            self._know(self._looked_into(wanted[first : first + _AT_ONCE]))
        if self._seen.size > _MAX_SEEN:
            self._seen = _NONE
            was_seen[:] = False
        new = asked[~was_seen]
        self._seen = np.insert(self._seen, np.searchsorted(self._seen, new), new)

    def _know(self, cells: Lists) -> None:
        if not cells.code.size:
            return
        if self._lately.code.size > _MAX_CELLS:
            self._lately, self._before = _NO_CELLS, self._lately
        self._lately = self._lately.joined(cells)

    def _looked_into(self, code: Ints) -> Lists:
        """Return cells with the points that matter to each."""
        (lat, lon), corners = _shape(code)
        middle = unit_xyz(lat, lon)
        half = np.sqrt(_squares(corners, middle[:, None])).max(axis=1)
        found = [(_NONE, _NONE)]
        cells, n_asked = np.arange(code.size), min(_N_FIRST, len(self._xyz))
        while cells.size:
            chord, point = (
                answer.reshape(cells.size, -1)
                for answer in self._tree.query(middle[cells], k=n_asked)
            )
            is_coarse = chord[:, 0] < self._all_within + half[cells]
            reach = chord[:, 0] + 2 * half[cells] + self._hardly * is_coarse
            is_done = (chord[:, -1] > reach) | (n_asked == len(self._xyz))
            row, column = np.nonzero((chord <= reach[:, None]) & is_done[:, None])
            of_cell, points = cells[row], point[row, column]
            matters = is_coarse[row] | self._may_be_nearest(
                corners[of_cell], half[of_cell], point[row, 0], points
            )
            found.append((of_cell[matters], points[matters]))
            cells, n_asked = cells[~is_done], min(4 * n_asked, len(self._xyz))
        of_cell, points = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(of_cell, kind="stable")
        edges = np.searchsorted(of_cell[order], np.arange(code.size + 1))
        mark = self._mark(lat, lon, half)
        return Lists(code, edges[:-1], edges[1:], mark, points[order].astype(np.int64))

    def _may_be_nearest(self, corners: Floats, half: Floats, nearest: Ints, point: Ints) -> Bools:
        """Return which points are nearer to a corner of a cell than another is, shape (m,).

        What squares of chords to two points differ by is linear in the place: between the corners
        it has no other sign than at all of them, but for how far the globe bulges out.
        """
        apart = self._xyz[nearest] - self._xyz[point]
        nearer = 2 * np.einsum("mci,mi->mc", corners, apart)
        bulge = 2 * np.sqrt(np.einsum("mi,mi->m", apart, apart)) * half**2
        return np.asarray((nearer <= (bulge + _ROUNDING)[:, None]).any(axis=1))


def _codes(lat: Floats, lon: Floats) -> Ints:
    """Return the cells of places, shape (n,)."""
    north = np.floor((lat + 90.0) * _CELLS_A_DEG).astype(np.int64)
    east = np.floor((lon + 180.0) * _CELLS_A_DEG).astype(np.int64)
    return north * _ACROSS + east


def _shape(code: Ints) -> tuple[tuple[Floats, Floats], Floats]:
    """Return the middles of cells, (n,) each [deg], and their corners as vectors (n, 4, 3)."""
    south = (code // _ACROSS) / _CELLS_A_DEG - 90.0
    west = (code % _ACROSS) / _CELLS_A_DEG - 180.0
    size = 1 / _CELLS_A_DEG
    lat = np.stack([south - _EDGE_DEG] * 2 + [south + size + _EDGE_DEG] * 2, axis=1)
    lon = np.stack([west - _EDGE_DEG, west + size + _EDGE_DEG] * 2, axis=1)
    middle = np.minimum(south + size / 2, 90.0), west + size / 2
    return middle, unit_xyz(np.clip(lat, -90.0, 90.0), lon)


def _squares(one: Floats, other: Floats) -> Floats:
    """Return the squares of chords between unit vectors (..., 3)."""
    away = one - other
    return np.asarray(away[..., 0] ** 2 + away[..., 1] ** 2 + away[..., 2] ** 2)
