"""The unfolded sea graph on disk: made at the first use, mapped into memory at every later one.

The folder is `$VESSELTRACK_CACHE`, else `vesseltrack` in the user's cache folder. It may be
deleted at any time. Where nothing can be written, the graph is unfolded for this process alone.
"""

import atexit
import contextlib
import fcntl
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.routing import regions
from vesseltrack.routing.gates import table_crc
from vesseltrack.routing.passages import passages
from vesseltrack.routing.shipped import fingerprint
from vesseltrack.routing.unfold import unfolded

_LAYOUT: Final = 1  # raise it when an array of `unfold` changes
_SEAL: Final = "complete.json"  # written last: the size of every file

_KEPT_DAYS: Final = 30  # a graph takes 0.6 GB, and seconds to make
_DAY_S: Final = 86_400.0


def folder() -> Path:
    """Return where unfolded graphs are kept."""
    own = os.environ.get("VESSELTRACK_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "vesseltrack"


def arrays_folder() -> Path:
    """Return a folder with the whole unfolded graph, unfolding it first if need be."""
    name = f"sea-{_LAYOUT}-{fingerprint()}-{table_crc(passages()):08x}{_finer()}"
    try:
        home = folder()
        home.mkdir(parents=True, exist_ok=True)
        if not is_whole(home / name):
            with _only_one(home):
                if not is_whole(home / name):  # another process may just have made it
                    _make(home, home / name)
    except OSError:
        return _private()
    return home / name


def _finer() -> str:
    """Return what tells a graph with the user's regions from one without."""
    finer = regions.fingerprint()
    return f"-{finer}" if finer else ""


def mapped(place: Path, name: str, *, private: bool = False) -> npt.NDArray[Any]:
    """Return an array of a folder, read from disk as it is used.

    With `private` it may be written to: the changed pages stay in memory.
    """
    array: npt.NDArray[Any] = np.load(place / f"{name}.npy", mmap_mode="c" if private else "r")
    return np.asarray(array)  # memory-mapped still, without the cost of the subclass


def is_whole(place: Path) -> bool:
    """Return whether a folder holds every file in its full size."""
    try:
        sizes = json.loads((place / _SEAL).read_text(encoding="utf-8"))
        return all((place / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def _make(home: Path, place: Path) -> None:
    """Unfold into a folder that appears whole or not at all."""
    building = Path(tempfile.mkdtemp(prefix=".sea-", dir=home))
    try:
        _fill(building)
        shutil.rmtree(place, ignore_errors=True)
        building.rename(place)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    _forget_old(home, place)


def _forget_old(home: Path, place: Path) -> None:
    """Remove graphs of other versions that were made long ago.

    Whoever still maps one keeps its pages; who comes back to that version unfolds it again.
    """
    oldest_s = time.time() - _KEPT_DAYS * _DAY_S
    for other in home.glob("sea-*"):
        if other != place and other.stat().st_mtime < oldest_s:
            shutil.rmtree(other, ignore_errors=True)


def _fill(place: Path) -> None:
    sizes = {}
    with _told("preparing the sea graph, once, some seconds"):
        for name, array in unfolded():
            file = place / f"{name}.npy"
            np.save(file, array)
            sizes[file.name] = file.stat().st_size
    (place / _SEAL).write_text(json.dumps(sizes), encoding="utf-8")


def _private() -> Path:
    place = Path(tempfile.mkdtemp(prefix="vesseltrack-sea-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    _fill(place)
    return place


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Let one process unfold while others wait for what it makes."""
    with (home / "sea.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Say what takes its time, to a person at a terminal.

    Yields
    ------
    None
        While it lasts.
    """
    is_watched = sys.stderr.isatty()
    if is_watched:
        sys.stderr.write(f"{what} ...")
        sys.stderr.flush()
    yield
    if is_watched:
        sys.stderr.write(" done\n")
