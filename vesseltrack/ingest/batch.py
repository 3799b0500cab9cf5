"""What readers hand on: rows of a block, and batches made of them without exact repeats."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.ingest.account import Tally
from vesseltrack.schema import RECEIVED, REJECTS, STATICS

_WHENCE: Final = ("source_id", "line")  # where a row came from says nothing about what it is
_TELLING: Final = ("mmsi", "timestamp", "lat_e6", "lon_e6")  # few rows are equal in these alone
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
        received = received.filter(pa.array(~repeats))
    return Batch(
        received,
        pa.concat_tables([STATICS.empty(), *(p.statics for p in parts)]),
        pa.concat_tables([REJECTS.empty(), *(p.rejects for p in parts)]),
    )


def exact_repeats(received: pa.Table) -> npt.NDArray[np.bool_]:
    """Return for each position whether it repeats an earlier row of the table, shape (n,)."""
    repeats = np.zeros(received.num_rows, np.bool_)
    candidates = _with_twin(_mixed([_as_bits(received[name]) for name in _TELLING]))
    has_time: npt.NDArray[np.bool_] = pc.is_valid(received["timestamp"]).to_numpy()
    candidates = candidates[has_time[candidates]]
    if not candidates.size:
        return repeats
    rows = received.take(pa.array(candidates))
    columns = [_as_bits(rows[name]) for name in rows.column_names if name not in _WHENCE]
    _, first, group = np.unique(_mixed(columns), return_index=True, return_inverse=True)
    original = first[group]
    later = np.flatnonzero(original != np.arange(candidates.size))
    # The hash only proposes: two rows are one when every column is.
    same = np.ones(later.size, np.bool_)
    for bits in columns:
        same &= bits[later] == bits[original[later]]
    repeats[candidates[later]] = same
    return repeats


def _mixed(columns: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.uint64]:
    mixed = np.zeros(columns[0].size, np.uint64)
    for bits in columns:
        mixed = (mixed ^ (mixed >> _SHIFT) ^ bits.view(np.uint64)) * _MULTIPLIER
    return mixed


def _with_twin(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return where values stand that occur more than once, rising."""
    order = np.argsort(values)  # not a stable sort: that takes five times as long
    in_order = values[order]
    is_equal = in_order[1:] == in_order[:-1]
    has_twin = np.append(is_equal, False) | np.insert(is_equal, 0, False)
    return np.sort(order[has_twin[: values.size]])


def _as_bits(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return a column as integers that are equal where the values are; nulls are equal."""
    if pa.types.is_floating(column.type):
        values = pc.fill_null(column, np.nan).to_numpy().astype(np.float64)
        return np.asarray(values.view(np.int64))
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    lowest = int(np.iinfo(np.int64).min) if column.type == pa.int64() else -1
    return np.ascontiguousarray(pc.fill_null(column, lowest).to_numpy().astype(np.int64))
