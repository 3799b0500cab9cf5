"""How unlike two lines are: the discrete Fréchet distance on the sphere."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np

from vesseltrack.core.geodesy import Floats, great_circle_m, m_of_chord, unit_xyz
from vesseltrack.core.paths import densify

Track: TypeAlias = tuple[Floats, Floats]  # latitudes and longitudes of a line [deg]

_PAIRS_AT_ONCE: Final = 8  # a matrix of distances each: 2.5 MB at 200 points stay in the cache


def frechet_m(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats, n_points: int) -> float:
    """Return the discrete Fréchet distance between two lines of great-circle arcs.

    The shortest leash with which two walkers, neither going back, get along one line each. Both
    lines are first cut into points at equal steps of their length, so that neither the rate of
    the reports nor the bends of a route weigh.

    Parameters
    ----------
    lat1, lon1 : (n,)
        One line, at least one point [deg].
    lat2, lon2 : (m,)
        The other [deg].
    n_points : int
        Points that each line is cut into, at least 2; the cost grows with its square.

    Returns
    -------
    distance_m : float
        NaN where a point is NaN [m].

    References
    ----------
    .. [1] T. Eiter, H. Mannila, "Computing Discrete Fréchet Distance", CD-TR 94/64, 1994.
    """
    return float(frechets_m([((lat1, lon1), (lat2, lon2))], n_points)[0])


def frechets_m(pairs: Sequence[tuple[Track, Track]], n_points: int) -> Floats:
    """Return `frechet_m` of many pairs of lines, a third of the time each.

    Parameters
    ----------
    pairs : sequence of ((lat, lon), (lat, lon))
        The two lines of each pair, as `frechet_m` takes them [deg].
    n_points : int
        Points that each line is cut into, at least 2.

    Returns
    -------
    distance_m : (n,)
        NaN where a point is NaN; empty for none [m].
    """
    distance_m = np.full(len(pairs), np.nan)
    known = [nth for nth, pair in enumerate(pairs) if not _has_nan(pair)]
    for start in range(0, len(known), _PAIRS_AT_ONCE):
        some = known[start : start + _PAIRS_AT_ONCE]
        distance_m[some] = _leashes_m([pairs[nth] for nth in some], n_points)
    return distance_m


def _leashes_m(pairs: Sequence[tuple[Track, Track]], n_points: int) -> Floats:
    # The pairs lie side by side in memory: numpy's cost here is by the call, and each does all.
    apart = np.empty((n_points * n_points, len(pairs)))
    for nth, (first, second) in enumerate(pairs):
        one, other = (_at_equal_steps(*line, n_points) for line in (first, second))
        offset = one.T[:, :, None] - other.T[:, None, :]
        offset *= offset
        x2, y2, z2 = offset
        apart[:, nth] = (x2 + y2 + z2).ravel()
    np.sqrt(apart, out=apart)
    # Cells of one antidiagonal depend on the two before it alone: each is done at once. One of
    # them is a slice of the matrix laid flat; row i of the line stands at i + 1.
    last, before, leash = (np.full((n_points + 1, len(pairs)), np.inf) for _ in range(3))
    last[0] = 0.0  # the corner before the first cell
    for diagonal in range(2 * n_points - 1):
        first_row, stop = max(0, diagonal - n_points + 1), min(diagonal, n_points - 1) + 1
        here, above = slice(first_row + 1, stop + 1), slice(first_row, stop)
        start = diagonal + first_row * (n_points - 1)
        length = (stop - first_row - 1) * (n_points - 1) + 1
        cells = apart[start : start + length : n_points - 1]
        np.minimum(before[here], before[above], out=leash[here])
        np.minimum(leash[here], last[above], out=leash[here])
        np.maximum(leash[here], cells, out=leash[here])
        leash[first_row] = np.inf
        last, before, leash = before, leash, last
    return m_of_chord(before[n_points])


def _has_nan(pair: tuple[Track, Track]) -> bool:
    return any(np.isnan(column).any() for line in pair for column in line)


def _at_equal_steps(lat: Floats, lon: Floats, n_points: int) -> Floats:
    """Return points at equal steps along a line as unit vectors, shape (n_points, 3)."""
    steps_m = _steps_m(lat, lon)
    step_m = steps_m.sum() / n_points
    if steps_m.max(initial=0.0) > step_m:
        # Between vertices a chord is cut, not the arc over it: no arc may be long.
        lat, lon = densify(lat, lon, step_m)
    xyz = unit_xyz(lat, lon)
    way = np.concatenate([[0.0], np.cumsum(_steps_m(lat, lon))])
    at = np.linspace(0.0, way[-1], n_points)
    inside = np.column_stack([np.interp(at, way, xyz[:, axis]) for axis in range(3)])
    return np.asarray(inside / np.linalg.norm(inside, axis=1, keepdims=True))


def _steps_m(lat: Floats, lon: Floats) -> Floats:
    return great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
