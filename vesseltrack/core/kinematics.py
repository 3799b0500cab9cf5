"""Steps between successive fixes: time, distance, and whether a vessel could have made them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import great_circle_m, m_of_chord
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.units import E6, EARTH_RADIUS_M, SECONDS_PER_HOUR, US_PER_S, kn_to_mps, mps_to_kn

Floats = npt.NDArray[np.float64]

_COARSE_STEPS_E6: Final = (10_000, 1_000)  # digits cut to 0.01 and 0.001 degree
_LONG_RANGE_STEPS_PER_DEG: Final = 600  # message 27: tenths of minutes (ITU-R M.1371-5, 3.25)
_LONG_RANGE_ROUNDING_E6: Final = 600  # a millionth of a degree, in the units of the test below
_M_PER_E6: Final = EARTH_RADIUS_M * np.pi / 180 / E6  # metres in a millionth of a degree


@dataclass(frozen=True)
class Reach:
    """How far a vessel can get: what separates a step from an impossible jump."""

    burst_kn: float  # believed for steps up to `burst_h`
    sustained_kn: float  # believed for the time beyond that
    burst_h: float
    clock_slack_s: float  # receivers' clocks differ
    min_m: float  # position noise

    def of_one_m(self, dt_s: float, cell_m: float) -> float:
        """Return `reach_m` of one pair of fixes, without the overhead of arrays."""
        burst_s = self.burst_h * SECONDS_PER_HOUR
        fast_s = min(dt_s, burst_s) + self.clock_slack_s
        slow_s = max(dt_s - burst_s, 0.0)
        way_m = fast_s * kn_to_mps(self.burst_kn) + slow_s * kn_to_mps(self.sustained_kn)
        return way_m + max(cell_m, self.min_m)


def reach_m(dt_s: npt.ArrayLike, cell_m: npt.ArrayLike, reach: Reach) -> Floats:
    """Return the longest believable distance between two fixes.

    Parameters
    ----------
    dt_s : (n,)
        Time between them [s], not negative.
    cell_m : (n,)
        The rounding of the two fixes together, see `cell_diagonal_m` [m].
    reach : Reach
        The speeds believed.

    Returns
    -------
    reach_m : (n,)
        Distance [m]; NaN where an input is NaN.
    """
    burst_s = reach.burst_h * SECONDS_PER_HOUR
    fast_s = np.minimum(dt_s, burst_s) + reach.clock_slack_s
    slow_s = np.maximum(np.asarray(dt_s) - burst_s, 0.0)
    distance_m = fast_s * kn_to_mps(reach.burst_kn) + slow_s * kn_to_mps(reach.sustained_kn)
    return np.asarray(distance_m + np.maximum(cell_m, reach.min_m))


def cell_diagonal_m(lat_e6: Ints, lon_e6: Ints) -> Floats:
    """Return the diagonal of the cell that each fix was rounded to, as its own digits show.

    Feeds cut to 0.01 or 0.001 degree and long-range reports (1/600 degree) move a fix by up to
    half of this; a full-resolution fix looks rounded by chance once in 10^6.

    Parameters
    ----------
    lat_e6, lon_e6 : (n,)
        Fixes [millionths of a degree].

    Returns
    -------
    diagonal_m : (n,)
        Diagonal [m]; 0 for full resolution.
    """
    step_e6 = np.zeros(lat_e6.size)
    long_range = _on_long_range_grid(lat_e6) & _on_long_range_grid(lon_e6)
    step_e6[long_range] = E6 / _LONG_RANGE_STEPS_PER_DEG
    for coarse_e6 in reversed(_COARSE_STEPS_E6):
        step_e6[(lat_e6 % coarse_e6 == 0) & (lon_e6 % coarse_e6 == 0)] = coarse_e6
    rounded = np.flatnonzero(step_e6)
    diagonal_m = np.zeros(lat_e6.size)
    narrowing = np.cos(np.radians(lat_e6[rounded] / E6))
    diagonal_m[rounded] = step_e6[rounded] * _M_PER_E6 * np.hypot(1.0, narrowing)
    return diagonal_m


def _on_long_range_grid(degrees_e6: Ints) -> Bools:
    off_grid = degrees_e6.astype(np.int64) * _LONG_RANGE_STEPS_PER_DEG % E6
    return np.minimum(off_grid, E6 - off_grid) <= _LONG_RANGE_ROUNDING_E6


def step_m(xyz: Floats) -> Floats:
    """Return the distance from each point to the one before it.

    Parameters
    ----------
    xyz : (n, 3)
        Unit vectors.

    Returns
    -------
    step_m : (n,)
        Distance [m]; 0 for the first; empty for empty input.
    """
    if len(xyz) == 0:
        return np.zeros(0)
    moved = np.diff(xyz, axis=0, prepend=xyz[:1])
    return m_of_chord(np.sqrt(np.einsum("ij,ij->i", moved, moved)))


def impossible_steps(t_us: Ints, xyz: Floats, cell_m: Floats, first: Bools, reach: Reach) -> Bools:
    """Return which fixes cannot have been reached from the fix before them.

    Parameters
    ----------
    t_us : (n,)
        Times, rising within each vessel [us].
    xyz : (n, 3)
        Unit vectors.
    cell_m : (n,)
        Rounding of each fix [m].
    first : (n,)
        Whether a fix is the first of its vessel; it is never impossible.
    reach : Reach
        The speeds believed.
    """
    if t_us.size == 0:
        return np.zeros(0, dtype=np.bool_)
    dt_s = np.diff(t_us, prepend=t_us[:1]) / US_PER_S
    both_cells_m = cell_m + np.concatenate((cell_m[:1], cell_m[:-1]))
    # The times of a vessel's first fix are of no use; a clock that stands still is harmless.
    limit_m = reach_m(np.maximum(dt_s, 0.0), both_cells_m, reach)
    return np.asarray((step_m(xyz) > limit_m) & ~first)


@dataclass(frozen=True)
class SpeedDoubt:
    """When the positions around a fix deny its reported speed."""

    margin_kn: float  # how far off it must be
    max_dt_s: float  # neighbours farther away in time say nothing
    noise_m: float  # position noise: over a short step it allows any speed


def denied_speeds(
    sog_kn: Floats, t_us: Ints, lat: Floats, lon: Floats, first: Bools, doubt: SpeedDoubt
) -> Bools:
    """Return which reported speeds neither the step before nor the step after allows.

    Parameters
    ----------
    sog_kn : (n,)
        Reported speeds [kn]; an unknown one (NaN) is never denied.
    t_us : (n,)
        Times, rising within each vessel [us].
    lat, lon : (n,)
        Fixes [deg].
    first : (n,)
        Whether a fix is the first of its vessel: its step from the fix before says nothing.
    doubt : SpeedDoubt
        The limits.

    Returns
    -------
    denied : (n,)
        True where both steps are known and the speed is off by the margin against each.
    """
    denied = np.zeros(sog_kn.size, dtype=np.bool_)
    if sog_kn.size < 3:  # noqa: PLR2004 - two neighbours are needed
        return denied
    low_kn, high_kn = _allowed_kn(t_us, lat, lon, first, doubt)
    inner = sog_kn[1:-1]
    too_fast = (inner > high_kn[:-1]) & (inner > high_kn[1:])
    too_slow = (inner < low_kn[:-1]) & (inner < low_kn[1:])
    denied[1:-1] = too_fast | too_slow
    return denied


def doubted_speeds(
    sog_kn: Floats, t_us: Ints, lat: Floats, lon: Floats, first: Bools, doubt: SpeedDoubt
) -> Bools:
    """Return which reported speeds the step before does not allow, whatever the next one says.

    What is known of a fix when it comes: those of `denied_speeds` are among them, and so is the
    first fix at a speed that the vessel has only just taken up.

    Parameters
    ----------
    sog_kn, t_us, lat, lon, first, doubt
        As for `denied_speeds`.

    Returns
    -------
    doubted : (n,)
        True where the step before is known and the speed is off by the margin against it.
    """
    doubted = np.zeros(sog_kn.size, dtype=np.bool_)
    if sog_kn.size:
        low_kn, high_kn = _allowed_kn(t_us, lat, lon, first, doubt)
        doubted[1:] = (sog_kn[1:] > high_kn) | (sog_kn[1:] < low_kn)
    return doubted


def _allowed_kn(
    t_us: Ints, lat: Floats, lon: Floats, first: Bools, doubt: SpeedDoubt
) -> tuple[Floats, Floats]:
    """Return the least and the greatest speed that each step allows, NaN: any, shape (n - 1,)."""
    dt_s = np.diff(t_us) / US_PER_S
    made_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    known = ~first[1:] & (dt_s > 0) & (dt_s <= doubt.max_dt_s)
    span_s = np.where(known, dt_s, np.nan)
    low_kn = mps_to_kn((made_m - doubt.noise_m) / span_s) - doubt.margin_kn
    high_kn = mps_to_kn((made_m + doubt.noise_m) / span_s) + doubt.margin_kn
    return np.asarray(low_kn), np.asarray(high_kn)
