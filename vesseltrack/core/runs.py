"""Ragged runs: many sequences as flat columns with `offsets` of shape (n + 1,)."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def offsets_of_sorted(keys: npt.NDArray[np.generic]) -> Ints:
    """Return offsets of the blocks of equal keys in a column sorted by key.

    Parameters
    ----------
    keys : (n,)
        Sorted, or at least grouped, keys.

    Returns
    -------
    offsets : (n_blocks + 1,)
        Block i is `offsets[i]:offsets[i + 1]`; `[0]` for empty input.
    """
    if keys.size == 0:
        return np.zeros(1, dtype=np.int64)
    edges = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return np.concatenate(([0], edges, [keys.size])).astype(np.int64)


def block_of_row(offsets: Ints) -> Ints:
    """Return for each row the number of its block, shape (offsets[-1],)."""
    return np.repeat(np.arange(offsets.size - 1), np.diff(offsets))


def ranges(start: Ints, stop: Ints) -> Ints:
    """Return all row numbers of half-open ranges, one range after the other."""
    length = stop - start
    shift = np.repeat(start - np.concatenate(([0], np.cumsum(length)[:-1])), length)
    return (np.arange(length.sum()) + shift).astype(np.int64)


def first_not_below(values: Ints, start: Ints, stop: Ints, limit: int) -> Ints:
    """Return the first row of each of some ranges whose value is not below a limit.

    Parameters
    ----------
    values : (n,)
        Rising within each range.
    start, stop : (m,)
        Half-open ranges of rows.
    limit : int
        What values are held against.

    Returns
    -------
    row : (m,)
        `stop` where all are below. All ranges are halved at once: no pass over the values.
    """
    low, high = start.copy(), stop.copy()
    while (is_open := low < high).any():
        middle = (low + high) // 2
        is_below = is_open & (values[np.minimum(middle, values.size - 1)] < limit)
        low = np.where(is_below, middle + 1, low)
        high = np.where(is_open & ~is_below, middle, high)
    return low
