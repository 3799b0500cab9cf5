"""The live engine's saved state: arrays by name in one file, whole or as it was before.

A line says what follows, then the arrays come as they lie in memory, then the hash of all that. A
file that is damaged, or of another version, is as good as none: the engine then warms up from the
stored positions.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.store.files import HASH_BYTES, UNFINISHED, to_disk

State = dict[str, npt.NDArray[Any]]

NAME: Final = "engine.state"
_VERSION: Final = 1  # raised when an older vesseltrack would read something else from it
_JSON: Final = "json"  # in place of a dtype
_HASH_CHARACTERS: Final = 2 * HASH_BYTES


def save(store: Path, state: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a state in place of the one before; it is never in memory a second time.

    Raises
    ------
    TypeError
        If an array holds objects other than text, numbers and lists of them, which are kept as
        JSON: nothing is ever unpickled.
    """
    plain = {name: _plain(np.asarray(values)) for name, values in state.items()}
    described = [
        [name, _JSON if state[name].dtype.hasobject else values.dtype.str, values.shape]
        for name, values in plain.items()
    ]
    head = json.dumps({"version": _VERSION, "arrays": described}).encode("ascii") + b"\n"
    for left in store.glob(f".{NAME}.*{UNFINISHED}"):  # by one that was killed
        left.unlink(missing_ok=True)
    temporary = store / f".{NAME}.{os.getpid()}{UNFINISHED}"
    digest = hashlib.blake2b(head, digest_size=HASH_BYTES)
    try:
        with temporary.open("wb") as file:
            file.write(head)
            for values in plain.values():
                raw = np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
                digest.update(raw)
                file.write(raw)
            file.write(digest.hexdigest().encode("ascii"))
        to_disk(temporary)
        temporary.replace(store / NAME)
    finally:
        temporary.unlink(missing_ok=True)
    to_disk(store)


def saved(store: Path) -> State | None:
    """Return the state that was saved; None without one, or if it is not what was written."""
    try:
        data = (store / NAME).read_bytes()
    except FileNotFoundError:
        return None
    body = memoryview(data)[:-_HASH_CHARACTERS]
    if _digest(body) != data[-_HASH_CHARACTERS:]:
        return None
    end = data.index(b"\n") + 1
    said = json.loads(data[:end])
    if said["version"] != _VERSION:
        return None
    state: State = {}
    for name, dtype, shape in said["arrays"]:
        stored = np.dtype(np.uint8 if dtype == _JSON else dtype)
        n = int(np.prod(shape))
        values = np.frombuffer(body, stored, n, end).reshape(shape)
        state[name] = _objects(values) if dtype == _JSON else values.copy()
        end += n * stored.itemsize
    return state


def problem_of(store: Path) -> str:
    """Return what is wrong with the file, empty when nothing is."""
    if not (store / NAME).exists():
        return ""
    return "" if saved(store) is not None else "is not what was written, or of another version"


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if not values.dtype.hasobject:
        return values
    return np.frombuffer(json.dumps(values.tolist()).encode("ascii"), np.uint8)


def _objects(document: npt.NDArray[np.uint8]) -> npt.NDArray[np.object_]:
    found = json.loads(document.tobytes())
    values = np.empty(len(found), np.object_)
    values[:] = found
    return values


def _digest(body: memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=HASH_BYTES).hexdigest().encode("ascii")
