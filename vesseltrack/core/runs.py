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


def true_runs(mask: Bools, offsets: Ints) -> tuple[Ints, Ints]:
    """Return the maximal runs of True that stay inside one block.

    Parameters
    ----------
    mask : (n,)
        Whether each row meets the rule.
    offsets : (n_blocks + 1,)
        Blocks that no run may cross.

    Returns
    -------
    start, stop : (n_runs,)
        Half-open row ranges, in row order; both empty when nothing is True.
    """
    if mask.size == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    first_of_block = np.zeros(mask.size, dtype=np.bool_)
    first_of_block[offsets[:-1][offsets[:-1] < mask.size]] = True
    previous = np.concatenate(([False], mask[:-1])) & ~first_of_block
    start = np.flatnonzero(mask & ~previous)
    following = np.concatenate((mask[1:], [False])) & np.concatenate(
        (~first_of_block[1:], [False])
    )
    stop = np.flatnonzero(mask & ~following) + 1
    return start.astype(np.int64), stop.astype(np.int64)


def block_of_row(offsets: Ints) -> Ints:
    """Return for each row the number of its block, shape (offsets[-1],)."""
    return np.repeat(np.arange(offsets.size - 1), np.diff(offsets))


def ranges(start: Ints, stop: Ints) -> Ints:
    """Return all row numbers of half-open ranges, one range after the other."""
    length = stop - start
    shift = np.repeat(start - np.concatenate(([0], np.cumsum(length)[:-1])), length)
    return (np.arange(length.sum()) + shift).astype(np.int64)
