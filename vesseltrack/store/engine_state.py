"""The live engine's saved state: arrays by name in one file, whole or as it was before.

One that is damaged, or of another version, is as good as none: the engine then warms up from the
stored positions.
"""

import hashlib
import io
import json
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
    TypeError
        If an array holds objects other than text, numbers and lists of them, which are kept as
        JSON: nothing is ever unpickled.
    """
    arrays = {f"a{n}": _plain(np.asarray(values)) for n, values in enumerate(state.values())}
    is_json = [values.dtype.hasobject for values in state.values()]
    sink = io.BytesIO()
    names = np.array(list(state), np.str_)
    np.savez(sink, allow_pickle=False, names=names, is_json=np.array(is_json), **arrays)
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
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        numbered = zip(arrays["names"].tolist(), arrays["is_json"].tolist(), strict=True)
        return {
            name: _objects(arrays[f"a{n}"]) if is_json else arrays[f"a{n}"]
            for n, (name, is_json) in enumerate(numbered)
        }


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if not values.dtype.hasobject:
        return values
    return np.frombuffer(json.dumps(values.tolist()).encode("ascii"), np.uint8)


def _objects(document: npt.NDArray[np.uint8]) -> npt.NDArray[np.object_]:
    found = json.loads(document.tobytes())
    values = np.empty(len(found), np.object_)
    values[:] = found
    return values


def problem_of(store: Path) -> str:
    """Return what is wrong with the file, empty when nothing is."""
    if not (store / NAME).exists():
        return ""
    return "" if saved(store) is not None else "is not what was written, or of another version"


def _head(body: bytes) -> bytes:
    digest = hashlib.blake2b(body, digest_size=HASH_BYTES).hexdigest().encode()
    return b"%s %d %s\n" % (_MARK, _VERSION, digest)
