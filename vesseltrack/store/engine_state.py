"""The live engine's saved state: arrays by name in one file, whole or as it was before.

One that is damaged, or of another version, is as good as none: the engine then warms up from the
stored positions.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.store.files import HASH_BYTES, write_bytes

State = dict[str, npt.NDArray[Any]]

NAME: Final = "engine.state"
_VERSION: Final = 1  # raised when an older vesseltrack would read something else from it
_MARK: Final = b"vesseltrack engine state"


def save(store: Path, state: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a state in place of the one before.

    Raises
    ------
    ValueError
        If an array holds Python objects: nothing is ever unpickled.
    """
    names = np.array(list(state), np.str_)
    arrays = {f"a{n}": np.asarray(values) for n, values in enumerate(state.values())}
    sink = io.BytesIO()
    np.savez(sink, allow_pickle=False, names=names, **arrays)
    body = sink.getvalue()
    write_bytes(store / NAME, _head(body) + body)


def saved(store: Path) -> State | None:
    """Return the state that was saved; None without one, or if it is not what was written."""
    try:
        head, _, body = (store / NAME).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if head + b"\n" != _head(body):
        return None
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return {name: arrays[f"a{n}"] for n, name in enumerate(arrays["names"].tolist())}
    except (ValueError, KeyError, zipfile.BadZipFile):  # whole, but of nobody we know
        return None


def problem_of(store: Path) -> str:
    """Return what is wrong with the file, empty when nothing is."""
    if not (store / NAME).exists():
        return ""
    return "" if saved(store) is not None else "is not what was written, or of another version"


def _head(body: bytes) -> bytes:
    digest = hashlib.blake2b(body, digest_size=HASH_BYTES).hexdigest().encode()
    return b"%s %d %s\n" % (_MARK, _VERSION, digest)
