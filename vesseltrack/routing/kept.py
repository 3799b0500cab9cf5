"""Trees of ways to a destination on disk: grown once, read back by any later process.

They lie in the folder of the graph that they were grown in, and go with it. A file appears whole
or not at all, and is read back only if its checksums hold and it says that it is the one wanted;
so processes need not wait for each other. Where nothing can be written, nothing is kept.
"""

import contextlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from vesseltrack.routing.anchors import Tree
from vesseltrack.routing.cache import arrays_folder

_LAYOUT: Final = 1  # raise it when a tree or the way it is grown changes
_BYTES_PER_MB: Final = 1_000_000


def kept(name: str, grow: Callable[[], Tree], limit_mb: float) -> Tree:
    """Return the tree with a name, from disk if it is there, else grown and kept.

    Parameters
    ----------
    name : str
        What tells it from every other tree of the same graph.
    grow : callable
        Makes it.
    limit_mb : float
        How much all trees of this graph may take; those used longest ago go. Zero keeps none.
    """
    name = f"{_LAYOUT} {name}"
    folder = arrays_folder() / "fields"
    file = folder / f"{zlib.crc32(name.encode()):08x}.npz"
    tree = _read(file, name)
    if tree is None:
        tree = grow()
        with contextlib.suppress(OSError):
            _write(file, name, tree)
            _forget_oldest(folder, limit_mb)
    return tree


def _read(file: Path, name: str) -> Tree | None:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            if str(arrays["name"]) != name:
                return None
            tree = Tree(arrays["root"], arrays["distance_m"], arrays["toward"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    with contextlib.suppress(OSError):
        os.utime(file)
    return tree


def _write(file: Path, name: str, tree: Tree) -> None:
    file.parent.mkdir(exist_ok=True)
    handle, building = tempfile.mkstemp(prefix=".", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(
                stream,
                name=np.array(name),
                root=tree.root,
                distance_m=tree.distance_m,
                toward=tree.toward,
            )
        Path(building).replace(file)
    finally:
        Path(building).unlink(missing_ok=True)


def _forget_oldest(folder: Path, limit_mb: float) -> None:
    """Remove what was used longest ago until the rest is within the limit."""
    used = []
    for file in folder.iterdir():
        with contextlib.suppress(OSError):  # another process may just have removed it
            state = file.stat()
            used.append((state.st_mtime_ns, state.st_size, file))
    left = limit_mb * _BYTES_PER_MB
    for _, size, file in sorted(used, reverse=True):
        left -= size
        if left < 0:
            file.unlink(missing_ok=True)
