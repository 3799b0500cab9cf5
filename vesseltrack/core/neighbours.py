"""Pairs of points near one another at the same time: none missed, at any border."""

import itertools
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from vesseltrack.core.geodesy import chord_of_m, great_circle_m, unit_xyz
from vesseltrack.core.records import Rows, joined, n_rows, take
from vesseltrack.core.runs import Ints, offsets_of_sorted

Floats = npt.NDArray[np.float64]

# Chords of a few hundred metres lose digits; the distance itself decides.
_CHORD_SLACK = 1 + 1e-6
_MAX_TREES: Final = 8  # of a bin: each is searched for every point that comes


class OpenBins:
    """Points of time bins that more may come to, and the pairs of each, found as points come.

    What was there is searched, not gone through again: a second's points cost as many searches,
    however many there are by now.

    Parameters
    ----------
    max_distance_m : float
        Great-circle distance of a pair, inclusive [m].
    """

    def __init__(self, max_distance_m: float) -> None:
        self._max_distance_m = max_distance_m
        self._bins: dict[int, _Bin] = {}

    @property
    def rows(self) -> Rows:
        """All points as they were added, bin by bin."""
        none: Rows = {}
        for number in sorted(self._bins):
            none = joined(none, self._bins[number].rows)
        return none

    def add(self, rows: Rows, bin_number: Ints) -> None:
        """Take in points: `lat`, `lon` and any other columns, and the bin of each, (n,)."""
        order = _by_bin(bin_number)
        rows, bin_number = take(rows, order), bin_number[order]
        for start, stop in itertools.pairwise(offsets_of_sorted(bin_number)):
            if stop > start:
                one = self._bins.setdefault(int(bin_number[start]), _Bin())
                one.add(take(rows, slice(start, stop)), self._max_distance_m)

    def pairs(self, first_bin: int, stop_bin: int) -> tuple[Rows, Ints, Ints, Floats]:
        """Return the points of some bins and their pairs.

        Parameters
        ----------
        first_bin, stop_bin : int
            Half open.

        Returns
        -------
        rows : Rows
            Columns of shape (n,).
        first, second : (n_pairs,)
            Row numbers, each pair once.
        distance_m : (n_pairs,)
            Great-circle distance of each pair [m].
        """
        found = [
            self._bins[number] for number in sorted(self._bins) if first_bin <= number < stop_bin
        ]
        rows: Rows = {}
        pairs = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))]
        for one in found:
            shift = n_rows(rows)
            rows = joined(rows, one.rows)
            pairs += [(a + shift, b + shift, metres) for a, b, metres in one.pairs]
        first, second, distance_m = (np.concatenate(part) for part in zip(*pairs, strict=True))
        return rows, first, second, distance_m

    def forget(self, first_bin: int) -> None:
        """Drop the bins before one."""
        for number in [number for number in self._bins if number < first_bin]:
            del self._bins[number]


class _Bin:
    """The points of one bin, in a few trees, and their pairs."""

    def __init__(self) -> None:
        self._parts: list[Rows] = []
        self._xyz: list[Floats] = []
        self._trees: list[tuple[int, Any]] = []  # number of the first point, and the tree
        self.pairs: list[tuple[Ints, Ints, Floats]] = []
        self.n = 0

    @property
    def rows(self) -> Rows:
        """All points."""
        if len(self._parts) > 1:
            self._parts = [
                {
                    name: np.concatenate([part[name] for part in self._parts])
                    for name in self._parts[0]
                }
            ]
        return self._parts[0]

    def add(self, new: Rows, max_distance_m: float) -> None:
        chord = float(chord_of_m(max_distance_m)) * _CHORD_SLACK
        xyz = unit_xyz(new["lat"], new["lon"])
        tree = cKDTree(xyz, balanced_tree=False, compact_nodes=False)
        shift, self.n = self.n, self.n + n_rows(new)
        found = [tree.query_pairs(chord, output_type="ndarray").reshape(-1, 2) + shift]
        for start, other in self._trees:
            near = tree.sparse_distance_matrix(other, chord, output_type="ndarray")
            found.append(np.stack((near["i"] + shift, near["j"] + start), axis=1))
        self._parts.append(new)
        self._xyz.append(xyz)
        self._trees.append((shift, tree))
        if len(self._trees) > _MAX_TREES:
            self._xyz = [np.concatenate(self._xyz)]
            one = cKDTree(self._xyz[0], balanced_tree=False, compact_nodes=False)
            self._trees = [(0, one)]
        first, second = np.concatenate(found).astype(np.int64).T
        if first.size:
            rows = self.rows
            self.pairs.append(_near(first, second, rows["lat"], rows["lon"], max_distance_m))


def _near(
    first: Ints, second: Ints, lat: Floats, lon: Floats, max_distance_m: float
) -> tuple[Ints, Ints, Floats]:
    distance_m = great_circle_m(lat[first], lon[first], lat[second], lon[second])
    near = distance_m <= max_distance_m
    return first[near], second[near], distance_m[near]


def _by_bin(bin_number: Ints) -> Ints:
    """Return the order of rows by bin."""
    if bin_number.size == 0:
        return np.zeros(0, dtype=np.int64)
    above = bin_number - bin_number.min()
    # Sixteen bits are sorted by radix, several times quicker: more than a year of ten minutes.
    fits = int(above.max()) <= np.iinfo(np.uint16).max
    return np.argsort(above.astype(np.uint16) if fits else above, kind="stable")
