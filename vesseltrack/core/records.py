"""Mergeable records: rows as columns by name, where a run is the merge of its rows.

A row that meets a rule is a run of one. Merging is exact and associative (integer sums, extremes,
first and last values), so a run is the same however its rows were cut into batches.
"""

import enum
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import Bools, Ints

Rows = dict[str, npt.NDArray[Any]]
Row = dict[str, Any]


class Merge(enum.Enum):
    """How a column of several records becomes one value."""

    FIRST = "first"
    LAST = "last"
    SUM = "sum"  # of integers only: a float sum would depend on the cut
    MIN = "min"
    MAX = "max"


def n_rows(rows: Rows) -> int:
    """Return the number of rows; 0 for rows without columns."""
    return next(iter(rows.values())).size if rows else 0


def take(rows: Rows, index: npt.NDArray[Any] | slice) -> Rows:
    """Return the rows of an index, a mask or a slice, in its order."""
    return {name: column[index] for name, column in rows.items()}


def row_at(rows: Rows, index: int | np.integer[Any]) -> Row:
    """Return one row as plain numbers by name."""
    return {name: column[index].item() for name, column in rows.items()}


def joined(first: Rows, second: Rows) -> Rows:
    """Return the rows of both, one after the other; rows without columns are none."""
    if not first or not second:
        return dict(first or second)
    return {name: np.concatenate((column, second[name])) for name, column in first.items()}


def merged(rows: Rows, start: Ints, how: Mapping[str, Merge]) -> Rows:
    """Return one record for each block of rows.

    Parameters
    ----------
    rows : Rows
        Columns of shape (n,); each that `how` names must be there.
    start : (n_blocks,)
        First row of each block, rising from 0; a block ends where the next begins.
    how : mapping
        The merge of each column.

    Returns
    -------
    records : Rows
        Columns of shape (n_blocks,), those of `how`.
    """
    last = (np.append(start[1:], n_rows(rows)) - 1)[: start.size]
    return {name: _merged(rows[name], start, last, merge) for name, merge in how.items()}


def _merged(column: npt.NDArray[Any], start: Ints, last: Ints, merge: Merge) -> npt.NDArray[Any]:
    if merge is Merge.LAST:
        return column[last]
    if merge is Merge.FIRST or start.size == 0:
        return column[start]
    operation = {Merge.SUM: np.add, Merge.MIN: np.minimum, Merge.MAX: np.maximum}[merge]
    return np.asarray(operation.reduceat(column, start))


def is_change(*keys: npt.NDArray[Any]) -> Bools:
    """Return which rows differ from the row before in any key; the first row does, shape (n,)."""
    changed = np.ones(keys[0].size, dtype=np.bool_)
    if changed.size:
        changed[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return changed
