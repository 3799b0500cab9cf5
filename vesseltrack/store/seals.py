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

    def recorded(self) -> dict[str, str]:
        """Return the hashes by file, below the store; a line cut short counts as not written."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        matches = (_LINE.fullmatch(line) for line in lines)
        return {match[2]: match[1] for match in matches if match}

    def unsealed(self) -> list[Path]:
        """Return the log's files without a recorded hash, oldest first.

        A writer killed between a commit and its seal leaves one; the next commit seals it.
        """
        recorded = self.recorded()
        return [path for path in log_files(self._log) if self._name(path) not in recorded]

    def seal(self) -> None:
        """Record the hash of every log file that has none yet."""
        lines = [f"{hash_of(path)}  {self._name(path)}\n" for path in self.unsealed()]
        self.path.parent.mkdir(exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            if _ends_midline(descriptor):  # a full disk cut the last write
                lines.insert(0, "\n")
            os.write(descriptor, "".join(lines).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def forget(self) -> None:
        """Drop every record: the table's log was dropped."""
        self.path.unlink(missing_ok=True)

    def _name(self, path: Path) -> str:
        return path.relative_to(self._store).as_posix()


def log_files(log: Path) -> list[Path]:
    """Return the commits and checkpoints of a log, oldest first."""
    return sorted(path for path in log.iterdir() if re.fullmatch(_FILE, path.name))


def _ends_midline(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
