"""Saved state: what a fold carries, as plain arrays by name."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.core.records import Rows

State = dict[str, npt.NDArray[Any]]


def named(prefix: str, rows: Rows) -> State:
    """Return rows as a state under a prefix."""
    return {f"{prefix}.{name}": column for name, column in rows.items()}


def under(prefix: str, state: Mapping[str, npt.NDArray[Any]]) -> Rows:
    """Return the rows of a state under a prefix; the inverse of `named`."""
    start = f"{prefix}."
    return {
        name.removeprefix(start): column
        for name, column in state.items()
        if name.startswith(start)
    }


def packed(table: pa.Table) -> npt.NDArray[np.uint8]:
    """Return an Arrow table as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return np.frombuffer(sink.getvalue(), dtype=np.uint8)


def unpacked(buffer: npt.NDArray[np.uint8]) -> pa.Table:
    """Return the table of `packed` bytes."""
    return pa.ipc.open_stream(pa.py_buffer(np.ascontiguousarray(buffer))).read_all()
