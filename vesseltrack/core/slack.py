"""How many extra miles a track has sailed so far: slack, the measure of a detour."""

from itertools import pairwise

import numpy as np

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.runs import Ints


def slack(travelled: Floats, remaining: Floats, offsets: Ints) -> Floats:
    """Return the extra way sailed up to each fix of many tracks.

    ``slack = s + D - D0``: zero on a shortest route, and growing exactly where extra miles are
    sailed, so the last value of a track that arrived is its excess.

    Parameters
    ----------
    travelled : (n,)
        Way sailed since the start of the track, s.
    remaining : (n,)
        Shortest distance by sea still to go, D, in the same unit.
    offsets : (n_tracks + 1,)
        Track i is rows ``offsets[i]:offsets[i + 1]``.

    Returns
    -------
    slack : (n,)
        In the unit given; NaN where either input is NaN, and for a whole track whose first
        remaining distance is; empty for empty input.
    """
    if travelled.size == 0:
        return np.zeros(0)
    first = np.repeat(offsets[:-1], np.diff(offsets))
    return travelled - travelled[first] + remaining - remaining[first]


def close_tracks(travelled: Floats, remaining: Floats, offsets: Ints) -> Floats:
    """Return remaining distances lowered by what the tracks themselves show can be sailed.

    A vessel that went from one fix to the next has sailed that way, so the remaining distance at
    a fix is at most the way to any other fix of the track plus what remains from there. After
    this closure slack never decreases along a track. It looks ahead, so it is for closed voyages;
    cut tracks (by `offsets`) at legs that nobody can have sailed.

    Parameters
    ----------
    travelled, remaining : (n,)
        As for `slack`, without NaN, `travelled` never decreasing within a track.
    offsets : (n_tracks + 1,)
        Track i is rows ``offsets[i]:offsets[i + 1]``.

    Returns
    -------
    remaining : (n,)
        At most the input, in the same unit.
    """
    closed = remaining.copy()
    # One track at a time: sums over all rows would let one track's rounding reach another's.
    for start, stop in pairwise(offsets):
        s, d = travelled[start:stop], remaining[start:stop]
        ahead = np.minimum.accumulate((d + s)[::-1])[::-1] - s
        behind = np.minimum.accumulate(d - s) + s
        # The fix itself is among the candidates; the sums' rounding must not lift it.
        closed[start:stop] = np.minimum(d, np.minimum(ahead, behind))
    return closed
