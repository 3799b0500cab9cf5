"""The one order of positions: by identity and time, and by content where those are equal."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import Ints

Column = npt.NDArray[Any]


def content_order(keys: Sequence[Column], content: Sequence[Column]) -> Ints:
    """Return the permutation that sorts rows by keys, and equal ones by their content.

    Rows in that order already (the usual case) cost one comparison each.

    Parameters
    ----------
    keys : sequence of (n,)
        Columns, the weightiest first.
    content : sequence of (n,)
        Columns that settle ties, the weightiest first; NaN comes after every number.

    Returns
    -------
    order : (n,)
        Row numbers. Rows alike in every column keep their order.
    """
    n = keys[0].size
    order = np.arange(n)
    if not _is_sorted(keys):
        order = np.lexsort(tuple(reversed(keys)))
    same = np.ones(max(n - 1, 0), dtype=np.bool_)
    for key in keys:
        ordered = key[order]
        same &= ordered[1:] == ordered[:-1]
    if same.any():
        tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
        columns = tuple(column[order[tied]] for column in reversed((*keys, *content)))
        # A group of ties is a block of neighbours, so sorting all ties keeps each in its place.
        order[tied] = order[tied][np.lexsort(columns)]
    return order.astype(np.int64)


def _is_sorted(keys: Sequence[Column]) -> bool:
    n = keys[0].size
    undecided = np.ones(max(n - 1, 0), dtype=np.bool_)
    for key in keys:
        if bool(np.any(undecided & (key[1:] < key[:-1]))):
            return False
        undecided &= key[1:] == key[:-1]
    return True


def nth_of_tie(keys: Sequence[Column]) -> Ints:
    """Return the place of each row among its neighbours with equal keys, from 0, shape (n,)."""
    n = keys[0].size
    is_new = np.ones(n, dtype=np.bool_)
    if n:
        is_new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    rows = np.arange(n)
    return (rows - np.maximum.accumulate(np.where(is_new, rows, 0))).astype(np.int64)
