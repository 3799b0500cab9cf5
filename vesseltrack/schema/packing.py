"""Tables as plain arrays, for states that hold arrays alone."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def packed(table: pa.Table) -> npt.NDArray[np.uint8]:
    """Return an Arrow table as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return np.frombuffer(sink.getvalue(), dtype=np.uint8)


def unpacked(buffer: npt.NDArray[np.uint8]) -> pa.Table:
    """Return the table of `packed` bytes."""
    return pa.ipc.open_stream(pa.py_buffer(np.ascontiguousarray(buffer))).read_all()
