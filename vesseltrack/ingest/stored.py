"""Bytes as they lie on disk, which can be read again and again."""

import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from vesseltrack.errors import SourceError


class Stored(Protocol):
    """A file, or a member of an archive."""

    def stored(self) -> Iterable[bytes]:
        """Yield the bytes as they lie on disk."""

    def chunks(self) -> Iterable[bytes]:
        """Yield the bytes with what holds them undone (a zip's packing), but no more."""


class WholeFile:
    """A file of its own."""

    def __init__(self, path: Path, read_bytes: int) -> None:
        """Name the file and how much of it is read at a time."""
        self._path = path
        self._read_bytes = read_bytes

    def stored(self) -> Iterator[bytes]:
        """Yield the bytes of the file."""
        with self._path.open("rb") as file:
            while chunk := file.read(self._read_bytes):
                yield chunk

    chunks = stored


class Interruptible:
    """Chunks that end early without an error; why they did is kept in `reason`."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Wrap chunks whose reading may fail."""
        self._chunks = chunks
        self.reason: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks up to the first error."""
        try:
            yield from self._chunks
        except SourceError as error:
            self.reason = str(error)
        except OSError as error:
            self.reason = f"cannot be read further: {error.strerror or error}"


def spooled(stream: BinaryIO | None = None) -> Path:
    """Copy a stream, by default standard input, to a file that lives as long as this process.

    What is piped in is read twice, once for its hash and once for its rows.
    """
    handle, name = tempfile.mkstemp(prefix="vesseltrack-", suffix=".stdin")
    path = Path(name)
    weakref.finalize(spooled, path.unlink, missing_ok=True)
    with os.fdopen(handle, "wb") as copy:
        shutil.copyfileobj(stream or sys.stdin.buffer, copy)
    return path
