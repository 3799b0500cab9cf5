"""The recorded hash of every file that is not named by its own: the logs of the tables.

One text file a table, in the form of ``b2sum``: ``cd STORE && b2sum -l 128 -c seals/*`` checks it.
"""

import os
import re
from pathlib import Path
from typing import Final

from vesseltrack.store.files import hash_of

_FILE: Final = r"\d{20}\..*(?:json|parquet)"  # commits and checkpoints, which never change
_LINE: Final = re.compile(rf"([0-9a-f]{{32}})  (\w+/_delta_log/{_FILE})")


class Seals:
    """Hashes of one table's log, appended by the writer after each commit."""

    def __init__(self, store: Path, table: str) -> None:
        self._store = store
        self._log = store / table / "_delta_log"
        self.path = store / "seals" / f"{table}.b2sum"
        self._sealed: set[str] = set()
        self._seen: tuple[int, int, int] | None = None  # the file, when that was all of it

    def recorded(self) -> dict[str, str]:
        """Return the hashes by file, below the store; a line cut short counts as not written."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        matches = (_LINE.fullmatch(line) for line in lines)
        return {match[2]: match[1] for match in matches if match}

    def seal(self) -> None:
        """Record the hash of every log file that has none yet.

        A writer killed between a commit and its seal leaves one; the next commit seals it. What is
        sealed is remembered until another writes it: a feed makes tens of thousands of commits.
        """
        if self._seen != self._stamp():
            self._sealed = {path.rpartition("/")[2] for path in self.recorded()}
        names = sorted(
            name
            for name in os.listdir(self._log)  # noqa: PTH208 - a path for each costs ten times more
            if name not in self._sealed and re.fullmatch(_FILE, name)
        )
        log = self._log.relative_to(self._store).as_posix()
        lines = [f"{hash_of(self._log / name)}  {log}/{name}\n" for name in names]
        self.path.parent.mkdir(exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            if _ends_midline(descriptor):  # a full disk cut the last write
                lines.insert(0, "\n")
            text = "".join(lines).encode()
            is_whole = os.write(descriptor, text) == len(text)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_whole:
            self._sealed.update(names)
            self._seen = self._stamp()

    def forget(self) -> None:
        """Drop every record: the table's log was dropped."""
        self.path.unlink(missing_ok=True)

    def _stamp(self) -> tuple[int, int, int] | None:
        """Return what tells the file from what it was or will be."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns


def _ends_midline(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
