"""Arrow arrays from their buffers and back: nothing is converted, and pandas is not imported.

`pyarrow.array` looks at every value twice; its first call, or that of `to_numpy`, imports pandas
where it is installed, which takes longer than to decode half a million messages.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def as_array(
    values: npt.NDArray[Any], type_: pa.DataType, is_known: npt.NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return values of the width of a type as an Arrow array, null where they are not known.

    Nothing is copied.
    """
    valid = None
    if is_known is not None and not is_known.all():
        valid = pa.py_buffer(np.packbits(is_known, bitorder="little"))
    return pa.Array.from_buffers(type_, values.size, [valid, pa.py_buffer(values)])


def as_texts(texts: Sequence[str]) -> pa.Array:
    """Return ASCII texts as an Arrow array."""
    ends = np.fromiter(accumulate(map(len, texts), initial=0), np.int32, len(texts) + 1)
    data = "".join(texts).encode("ascii")
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(data))


def as_numpy(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """Return the values of a column of integers, floats or times; of no meaning where null."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    dtype = np.dtype(np.int64)
    if not pa.types.is_timestamp(column.type):
        dtype = np.dtype(column.type.to_pandas_dtype())
    values = [
        np.frombuffer(chunk.buffers()[1], dtype, len(chunk), chunk.offset * dtype.itemsize)
        for chunk in chunks
        if len(chunk)
    ]
    return values[0] if len(values) == 1 else np.concatenate([np.empty(0, dtype), *values])


def is_known(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Return whether values of a column are not null."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return np.concatenate([np.empty(0, np.bool_), *map(_is_known, chunks)])


def _is_known(array: pa.Array) -> npt.NDArray[np.bool_]:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    end = array.offset + len(array)
    return np.unpackbits(bits, count=end, bitorder="little")[array.offset :].view(np.bool_)
