"""The nodes of the sea graph, and which of them may be joined: a list that builds alike anywhere.

Nodes are centres of H3 cells, fine near land and coarse on the oceans. What is shipped of the
edges is one bit for each pair of neighbours, so builder and loader must count the same pairs in
the same order: both do it here.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from vesseltrack import hexgrid
from vesseltrack.core.geodesy import Floats, chord_of_m, unit_xyz
from vesseltrack.core.runs import Ints

COARSEST: Final = 4
FINEST: Final = 7
RESOLUTIONS: Final = tuple(range(COARSEST, FINEST + 1))
SPACING_M: Final = {  # between centres, about; below 7 only in regions of finer detail
    4: 45_100.0,
    5: 17_060.0,
    6: 6_450.0,
    7: 2_440.0,
    8: 920.0,
    9: 348.0,
    10: 131.0,
}
_REACH: Final = 2.15  # neighbours lie within this many spacings
_AROUND_REACH: Final = 0.002  # where a gap between the distances of pairs is looked for
_CONSTANT_BITS: Final = 21  # all ones in a cell of the finest resolution and above
_RESOLUTION_BITS: Final = 0xF << 52


def in_order(cells: hexgrid.Cells) -> hexgrid.Cells:
    """Return cells along the space-filling curve of H3, whatever their resolution."""
    return cells[np.argsort(cells & ~np.int64(_RESOLUTION_BITS), kind="stable")]


def packed(cells: hexgrid.Cells) -> npt.NDArray[np.uint8]:
    """Return cells in a form that compresses well: byte planes of their differences, (8, n)."""
    steps = np.diff(np.sort(cells) >> _CONSTANT_BITS, prepend=0)
    return np.ascontiguousarray(steps.astype("<i8").view(np.uint8).reshape(-1, 8).T)


def unpacked(planes: npt.NDArray[np.uint8]) -> hexgrid.Cells:
    """Return the cells of `packed`, in order."""
    steps = np.ascontiguousarray(planes.T).view("<i8").ravel().astype(np.int64)
    cells = (np.cumsum(steps) << _CONSTANT_BITS) | ((1 << _CONSTANT_BITS) - 1)
    return in_order(cells)


def points_of(cells: hexgrid.Cells) -> Floats:
    """Return the unit vectors of the centres of cells, shape (n, 3)."""
    return unit_xyz(*hexgrid.centres(cells))


def loose_tree(points: Floats) -> cKDTree:
    """Return a tree that is built in a tenth of the usual time and searched nearly as fast."""
    return cKDTree(points, leafsize=32, balanced_tree=False, compact_nodes=False)


def reaches(points: Floats, resolution: Ints) -> Floats:
    """Return how far neighbours lie apart at most, as chords, one a resolution.

    Each is put into the widest gap among the distances of pairs near the nominal reach, so that
    no rounding decides whether a pair counts.
    """
    chords = []
    for finest in RESOLUTIONS:
        nominal = float(chord_of_m(_REACH * SPACING_M[finest]))
        near = points[resolution <= finest]
        pairs = loose_tree(near).query_pairs(nominal * (1 + _AROUND_REACH), output_type="ndarray")
        chord = np.linalg.norm(near[pairs[:, 0]] - near[pairs[:, 1]], axis=1)
        chord = np.sort(chord[chord > nominal * (1 - _AROUND_REACH)])
        widest = np.argmax(np.diff(chord))
        chords.append((chord[widest] + chord[widest + 1]) / 2)
    return np.array(chords)


def reach_m(resolution: Ints) -> Floats:
    """Return how far neighbours lie apart at most [m], about, by the resolution of their cells.

    For edges that are traced where they are used, so that rounding may decide.
    """
    return _REACH * np.array(list(SPACING_M.values()))[resolution - COARSEST]


def candidate_pairs(points: Floats, resolution: Ints, reach: Floats) -> Ints:
    """Return the pairs of neighbours as ascending codes ``first * n + second``, first < second.

    Parameters
    ----------
    points : (n, 3)
        Unit vectors of the nodes.
    resolution : (n,)
        Of their cells; the finer of two decides how far they may lie apart.
    reach : (k,)
        As returned by `reaches`, from the coarsest resolution on.
    """
    n, codes = len(points), []
    for finest, chord in enumerate(reach, start=COARSEST):
        node = np.flatnonzero(resolution <= finest).astype(np.int32)
        pairs = loose_tree(points[node]).query_pairs(chord, output_type="ndarray")
        a, b = node[pairs[:, 0]], node[pairs[:, 1]]
        is_own = (resolution[a] == finest) | (resolution[b] == finest)
        a, b = a[is_own], b[is_own]
        codes.append(np.minimum(a, b).astype(np.int64) * n + np.maximum(a, b))
    code = np.concatenate(codes)
    code.sort()
    return code
