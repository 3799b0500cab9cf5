"""Pairs of points near one another at the same time: none missed, at any border."""

import itertools

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from vesseltrack.core.geodesy import chord_of_m, great_circle_m, unit_xyz
from vesseltrack.core.runs import Ints, offsets_of_sorted

Floats = npt.NDArray[np.float64]

# Chords of a few hundred metres lose digits; the distance itself decides.
_CHORD_SLACK = 1 + 1e-6


def pairs_within(
    bin_number: Ints, lat: Floats, lon: Floats, max_distance_m: float
) -> tuple[Ints, Ints, Floats]:
    """Return all pairs of one time bin that lie within a distance.

    One tree a bin over unit vectors: cells, poles and the date line are no borders. About 3 M
    points a second.

    Parameters
    ----------
    bin_number : (n,)
        Time bin of each point, in any order.
    lat, lon : (n,)
        Points [deg]; finite.
    max_distance_m : float
        Great-circle distance, inclusive [m].

    Returns
    -------
    first, second : (n_pairs,)
        Row numbers, each pair once, in no particular order.
    distance_m : (n_pairs,)
        Great-circle distance of each pair [m].
    """
    order = _by_bin(bin_number)
    xyz = unit_xyz(lat[order], lon[order])
    chord = float(chord_of_m(max_distance_m)) * _CHORD_SLACK
    offsets = offsets_of_sorted(bin_number[order])
    found = [np.zeros((0, 2), dtype=np.int64)]
    for start, stop in itertools.pairwise(offsets):
        if stop - start > 1:
            # An unbalanced tree is built quicker than it repays in one pass of queries.
            tree = cKDTree(xyz[start:stop], balanced_tree=False, compact_nodes=False)
            found.append(tree.query_pairs(chord, output_type="ndarray") + start)
    first, second = order[np.concatenate(found)].T
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
