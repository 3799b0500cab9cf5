"""The file that makes a folder a store, and says of what format."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from vesseltrack.errors import StoreDamagedError, StoreError, StoreMissingError
from vesseltrack.store.files import make_folder, write_text
from vesseltrack.store.layout import FORMAT_VERSION

NAME: Final = "store.json"


@dataclass(frozen=True)
class Mark:
    """What a store says of itself.

    Parameters
    ----------
    format_version : int
        Which vesseltrack can read it.
    epoch : int
        How often a repair set rows aside, so that sources may land once more.
    """

    format_version: int = FORMAT_VERSION
    epoch: int = 0


def open_mark(store: Path, *, create: bool) -> Mark:
    """Return the mark of a store, which is made first if asked for and missing.

    Raises
    ------
    StoreMissingError
        If there is no store and none is to be made.
    StoreDamagedError
        If the mark cannot be read.
    StoreError
        If a later vesseltrack wrote the store.
    """
    if not (store / NAME).is_file():
        if not create:
            msg = f"no store at {store}; 'vesseltrack run ARCHIVE --store {store}' makes one"
            raise StoreMissingError(msg)
        make_folder(store)
        write_mark(store, Mark())
    mark = read_mark(store)
    if mark.format_version > FORMAT_VERSION:
        msg = (
            f"the store at {store} has format {mark.format_version}; this vesseltrack reads up to "
            f"{FORMAT_VERSION}: use a later one"
        )
        raise StoreError(msg)
    return mark


def read_mark(store: Path) -> Mark:
    """Return the mark of a store.

    Raises
    ------
    StoreDamagedError
        If it cannot be read.
    """
    path = store / NAME
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Mark(format_version=int(said["format_version"]), epoch=int(said["epoch"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        msg = f"{path} is damaged: {error!r}"
        raise StoreDamagedError(msg) from error


def write_mark(store: Path, mark: Mark) -> None:
    """Write the mark of a store, whole or not at all."""
    write_text(store / NAME, f"{json.dumps(asdict(mark))}\n")
