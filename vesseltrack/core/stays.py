"""Stays: stretches of a track in which every fix lies near the first one, for long enough."""

from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import chord_of_m
from vesseltrack.core.runs import Bools, Ints, block_of_row

Floats = npt.NDArray[np.float64]

_PROBES: Final = (0.25, 0.5, 0.75, 1.0)  # of the least duration: where a stay must still be near
_FIRST_CHUNK: Final = 64


def find_stays(
    t_us: Ints, xyz: Floats, offsets: Ints, *, radius_m: float, min_us: int
) -> tuple[Ints, Ints]:
    """Return the stays of many tracks, each as long as it goes, none overlapping another.

    From the start of a track on, the first fix from which a stay of the least duration begins
    opens one; the search goes on behind its last fix. Gaps between fixes do not end a stay.

    Parameters
    ----------
    t_us : (n,)
        Times, rising within each track [us].
    xyz : (n, 3)
        Unit vectors.
    offsets : (n_tracks + 1,)
        Track i is `offsets[i]:offsets[i + 1]`.
    radius_m : float
        How far from its first fix any fix of a stay may lie [m].
    min_us : int
        Least time from its first to its last fix, above 0 [us].

    Returns
    -------
    start, stop : (n_stays,)
        Half-open ranges of fixes, in order. About 0.2 us a fix that opens no stay.
    """
    radius = float(chord_of_m(radius_m))
    candidates = np.flatnonzero(_may_open(t_us, xyz, offsets, radius, min_us))
    start, stop = [], []
    free_from = 0
    track_end = offsets[np.searchsorted(offsets, candidates, side="right")]
    for row, end in zip(candidates.tolist(), track_end.tolist(), strict=True):
        if row < free_from:
            continue
        leaves = _first_beyond(xyz, row, end, radius)
        if t_us[leaves - 1] - t_us[row] >= min_us:
            start.append(row)
            stop.append(leaves)
            free_from = leaves
    return np.array(start, dtype=np.int64), np.array(stop, dtype=np.int64)


def _may_open(t_us: Ints, xyz: Floats, offsets: Ints, radius: float, min_us: int) -> Bools:
    """Return which fixes are followed by near ones at some times of the least duration."""
    n = t_us.size
    if n == 0:
        return np.zeros(0, dtype=np.bool_)
    # One rising key for all tracks: the span keeps what one track looks for out of the next.
    since_us = t_us - t_us.min()
    base_us = block_of_row(offsets) * (int(since_us.max()) + 2 * min_us)
    key_us = base_us + since_us
    end = np.repeat(offsets[1:], np.diff(offsets))
    may_open = np.ones(n, dtype=np.bool_)
    for probe in _PROBES:
        rows = np.flatnonzero(may_open)
        later = np.searchsorted(key_us, key_us[rows] + round(probe * min_us))
        inside = later < end[rows]
        may_open[rows[~inside]] = False
        rows, later = rows[inside], later[inside]
        may_open[rows[_chord(xyz[rows], xyz[later]) > radius]] = False
    return may_open


def _first_beyond(xyz: Floats, row: int, end: int, radius: float) -> int:
    """Return the first fix beyond the radius of `row`, or the end of its track."""
    chunk = _FIRST_CHUNK
    start = row + 1
    while start < end:
        beyond = _chord(xyz[start : min(start + chunk, end)], xyz[row]) > radius
        if beyond.any():
            return start + int(np.argmax(beyond))
        start += chunk
        chunk *= 2
    return end


def _chord(a: Floats, b: Floats) -> Floats:
    offset = a - b
    return np.asarray(np.sqrt(np.einsum("...i,...i", offset, offset)))
