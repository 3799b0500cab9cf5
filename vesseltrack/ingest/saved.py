"""The state of a reading as bytes that outlive the process, and back.

Plain JSON values alone, compressed: what is read back may have been changed by anybody.
"""

import base64
import json
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import zstandard

State = dict[str, Any]

_LEVEL: Final = 1
_MAX_BYTES: Final = 1 << 28  # ten times what a national archive's reading keeps


def to_bytes(state: State) -> bytes:
    """Return a state of JSON values as bytes."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(json.dumps(state).encode())


def of_bytes(content: bytes) -> State:
    """Return the state that `to_bytes` was given."""
    decompressor = zstandard.ZstdDecompressor()
    return dict(json.loads(decompressor.decompress(content, max_output_size=_MAX_BYTES)))


def of_array(values: npt.NDArray[np.int64] | list[int]) -> str:
    """Return whole numbers as text."""
    return base64.b64encode(np.asarray(values, "<i8").tobytes()).decode("ascii")


def to_array(text: str) -> npt.NDArray[np.int64]:
    """Return the whole numbers that `of_array` was given."""
    return np.frombuffer(base64.b64decode(text), "<i8").astype(np.int64)


def of_text(raw: bytes | None) -> str | None:
    """Return bytes as text, each a character of Latin-1; None stays None."""
    return None if raw is None else raw.decode("latin-1")


def to_text(text: str | None) -> bytes | None:
    """Return the bytes that `of_text` was given."""
    return None if text is None else text.encode("latin-1")
