"""What readers hand on: rows of a block, and batches made of them without exact repeats."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.arrow import as_array, as_numpy, is_known
from vesseltrack.schema import RECEIVED, REJECTS, STATICS

_WHENCE: Final = ("source_id", "line")  # where a row came from says nothing about what it is
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: spreads bits
_SHIFT: Final = np.uint64(29)


@dataclass(frozen=True)
class Batch:
    """Rows of one source that are stored together: tables of RECEIVED, STATICS and REJECTS."""

    received: pa.Table
    statics: pa.Table
    rejects: pa.Table


def batches(parts: Iterable[Batch], tally: Tally, *, min_rows: int) -> Iterator[Batch]:
    """Join the rows of blocks to batches of at least so many rows, and drop exact repeats.

    A repeat is a position equal to an earlier one of its batch in everything but its line, heard
    by a second station for example. Positions without a time are never repeats: a moored ship
    sends the same bits again.

    Yields
    ------
    batch : Batch
        In order; the last one may be small, and there is always at least one.
    """
    waiting: list[Batch] = []
    n_rows = 0
    for part in parts:
        waiting.append(part)
        n_rows += part.received.num_rows + part.statics.num_rows + part.rejects.num_rows
        if n_rows >= min_rows:
            yield _joined(waiting, tally)
            waiting, n_rows = [], 0
    if waiting:
        yield _joined(waiting, tally)


def _joined(parts: list[Batch], tally: Tally) -> Batch:
    received = pa.concat_tables([RECEIVED.empty(), *(p.received for p in parts)])
    repeats = exact_repeats(received)
    n_repeats = int(repeats.sum())
    tally.duplicates += n_repeats
    if n_repeats:
        received = received.take(as_array(np.flatnonzero(~repeats), pa.int64()))
    return Batch(
        received,
        pa.concat_tables([STATICS.empty(), *(p.statics for p in parts)]),
        pa.concat_tables([REJECTS.empty(), *(p.rejects for p in parts)]),
    )


def exact_repeats(received: pa.Table) -> npt.NDArray[np.bool_]:
    """Return for each position whether it repeats an earlier row of the table, shape (n,)."""
    columns = [_as_bits(received[name]) for name in received.column_names if name not in _WHENCE]
    mixed = np.zeros(received.num_rows, np.uint64)
    for bits in columns:
        mixed = (mixed ^ (mixed >> _SHIFT) ^ bits.view(np.uint64)) * _MULTIPLIER
    in_order = np.sort(mixed)
    if (in_order[1:] != in_order[:-1]).all():
        return np.zeros(mixed.size, np.bool_)
    _, first, group = np.unique(mixed, return_index=True, return_inverse=True)
    original = first[group]
    later = np.flatnonzero(original != np.arange(mixed.size))
    repeats = np.zeros(mixed.size, np.bool_)
    # The hash only proposes: two rows are one when every column is.
    same = np.ones(later.size, np.bool_)
    for bits in columns:
        same &= bits[later] == bits[original[later]]
    repeats[later] = same
    has_time = is_known(received["timestamp"])
    return repeats & has_time


def _as_bits(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return a column as integers that are equal where the values are; nulls are equal."""
    values = as_numpy(column)
    if column.null_count:
        none = np.nan if pa.types.is_floating(column.type) else np.iinfo(values.dtype).min
        values = np.where(is_known(column), values, values.dtype.type(none))
    if pa.types.is_floating(column.type):
        return values.astype(np.float64).view(np.int64)
    return values.astype(np.int64)
