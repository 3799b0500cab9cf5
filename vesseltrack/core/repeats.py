"""Reports that came twice: the same content again within seconds."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import Ints

Column = npt.NDArray[Any]

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio: spreads bits


def originals(identity: Column, content: Sequence[Column], t_us: Ints, window_us: int) -> Ints:
    """Return for each report the one that it repeats; itself, when it repeats none.

    Several receivers hear one report, each with a clock of its own. Of reports with equal content,
    each at most the window after the one before, the first of every window from the first on is an
    original: a vessel that goes on sending the same is not silenced for good.

    Parameters
    ----------
    identity : (n,)
        Who sent it; equal ones are neighbours.
    content : sequence of (n,)
        Columns that must be equal; NaN equals NaN.
    t_us : (n,)
        Times, rising within each identity [us].
    window_us : int
        How far apart repeats may be, above 0 [us].

    Returns
    -------
    original : (n,)
        Row numbers.
    """
    original = np.arange(t_us.size)
    rows = _with_close_neighbour(identity, t_us, window_us)
    if rows.size == 0:
        return original
    bits = [_as_bits(column[rows]) for column in (identity, *content)]
    # Stable, so that equal content stays in time order.
    order = np.argsort(_mixed(bits), kind="stable")
    t = t_us[rows][order]
    goes_on = (np.diff(t) <= window_us) & (np.diff(t) >= 0)
    for column in bits:
        # Equal hashes of different content part here too.
        goes_on &= column[order[1:]] == column[order[:-1]]
    is_run_start = np.concatenate(([True], ~goes_on))
    place = np.arange(rows.size)
    first = np.maximum.accumulate(np.where(is_run_start, place, 0))
    window = (t - t[first]) // window_us
    is_original = is_run_start.copy()
    is_original[1:] |= window[1:] != window[:-1]
    source = np.maximum.accumulate(np.where(is_original, place, 0))
    original[rows[order]] = rows[order[source]]
    return original


def _with_close_neighbour(identity: Column, t_us: Ints, window_us: int) -> Ints:
    """Return the reports that have another of their sender within the window: few, as a rule."""
    is_close = (identity[1:] == identity[:-1]) & (np.diff(t_us) <= window_us)
    return np.flatnonzero(np.append(is_close, False) | np.insert(is_close, 0, False))


def _as_bits(column: Column) -> npt.NDArray[np.uint64]:
    if np.issubdtype(column.dtype, np.floating):
        # Adding 0 makes one zero of the two; every NaN gets the same bits.
        plain = np.where(np.isnan(column), np.nan, column).astype(np.float64) + 0.0
        return plain.view(np.uint64)
    return column.astype(np.int64).view(np.uint64)


def _mixed(columns: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    mixed = np.zeros(columns[0].size, dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return mixed
