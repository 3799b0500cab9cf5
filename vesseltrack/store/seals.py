"""The recorded hash of every file that is not named by its own: the logs of the tables.

One text file a table, in the form of ``b2sum``: ``cd STORE && b2sum -l 128 -c seals/*`` checks it.
"""

import os
import re
from pathlib import Path
from typing import Final

from vesseltrack.store.files import append, hash_of, make_folder, to_disk

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
        """Record the hash of every log file that has none yet, once the file is on disk.

        The library that writes a commit leaves its bytes to the system: a power cut could take
        them when what they took over has been deleted. A writer killed between a commit and its
        seal leaves one; the next commit seals it. What is sealed is remembered until another
        writes it: a feed makes tens of thousands of commits.
        """
        if self._seen != self._stamp():
            self._sealed = {path.rpartition("/")[2] for path in self.recorded()}
        names = sorted(
            name
            for name in os.listdir(self._log)  # noqa: PTH208 - a path for each costs ten times more
            if name not in self._sealed and re.fullmatch(_FILE, name)
        )
        for name in names:
            to_disk(self._log / name)
        to_disk(self._log)
        log = self._log.relative_to(self._store).as_posix()
        lines = [f"{hash_of(self._log / name)}  {log}/{name}\n" for name in names]
        make_folder(self.path.parent)
        if _ends_midline(self.path):  # a full disk cut the last write
            lines.insert(0, "\n")
        append(self.path, "".join(lines).encode())
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


def _ends_midline(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            return size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
    except FileNotFoundError:
        return False
