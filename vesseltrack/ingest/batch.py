"""What readers hand on: rows of a block, and batches made of them without exact repeats."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.arrow import as_array, as_numpy, is_known
from vesseltrack.schema import RECEIVED, REJECTS, STATICS, Checkpoint

_WHENCE: Final = ("source_id", "line")  # where a row came from says nothing about what it is
_TELLING: Final = ("mmsi", "timestamp", "lat_e6", "lon_e6")  # few rows are equal in these alone
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: spreads bits
_SHIFT: Final = np.uint64(29)
_BEGIN_BITS: Final = 16  # of a mixed value, by which most that have no twin are told
_BEGIN_AT: Final = np.uint64(64 - _BEGIN_BITS)


@dataclass(frozen=True)
class Batch:
    """Rows of one source that are stored together: tables of RECEIVED, STATICS and REJECTS.

    A batch that `Source.batches` yields says where the source is read on from behind it.
    """

    received: pa.Table
    statics: pa.Table
    rejects: pa.Table
    checkpoint: Checkpoint | None = None

    @property
    def n_rows(self) -> int:
        """How many rows the tables have together."""
        return sum(int(table.num_rows) for table in self.tables())

    def tables(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """Return the three tables."""
        return self.received, self.statics, self.rejects


def joined(parts: Sequence[Batch], tally: Tally) -> Batch:
    """Join rows and drop exact repeats.

    A repeat is a position equal to an earlier one in everything but its line, heard by a second
    station for example. Positions without a time are never repeats: a moored ship sends the same
    bits again.
    """
    received = pa.concat_tables([RECEIVED.empty(), *(p.received for p in parts)])
    repeats = exact_repeats(received)
    n_repeats = int(repeats.sum())
    tally.duplicates += n_repeats
    if n_repeats:
        kept = pa.py_buffer(np.packbits(~repeats, bitorder="little"))
        received = received.filter(pa.Array.from_buffers(pa.bool_(), repeats.size, [None, kept]))
    return Batch(
        received,
        pa.concat_tables([STATICS.empty(), *(p.statics for p in parts)]),
        pa.concat_tables([REJECTS.empty(), *(p.rejects for p in parts)]),
    )


def exact_repeats(received: pa.Table) -> npt.NDArray[np.bool_]:
    """Return for each position whether it repeats an earlier row of the table, shape (n,)."""
    repeats = np.zeros(received.num_rows, np.bool_)
    candidates = _with_twin(_mixed([_as_bits(received[name]) for name in _TELLING]))
    candidates = candidates[is_known(received["timestamp"])[candidates]]
    if not candidates.size:
        return repeats
    rows = received.take(as_array(candidates, pa.int64()))
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
    # To sort values takes a quarter of the time that their order takes, which few of them need.
    in_order = np.sort(values)
    begins = np.zeros(1 << _BEGIN_BITS, np.bool_)
    begins[in_order[1:][in_order[1:] == in_order[:-1]] >> _BEGIN_AT] = True
    maybe = np.flatnonzero(begins[values >> _BEGIN_AT])
    order = maybe[np.argsort(values[maybe])]
    in_order = values[order]
    is_equal = in_order[1:] == in_order[:-1]
    has_twin = np.append(is_equal, False) | np.insert(is_equal, 0, False)
    return np.sort(order[has_twin[: order.size]])


def _as_bits(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return a column as integers that are equal where the values are; nulls are equal."""
    values = as_numpy(column)
    if column.null_count:
        none = np.nan if pa.types.is_floating(column.type) else np.iinfo(values.dtype).min
        values = np.where(is_known(column), values, values.dtype.type(none))
    if pa.types.is_floating(column.type):
        return values.astype(np.float64).view(np.int64)
    return values.astype(np.int64)
