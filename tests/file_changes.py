"""The changes of files that a process made, as `failing_disk.c` put them down."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# What differs between files of one kind.
_KINDS = (
    (re.compile(r"(?<=\.)\d+(?=\.writing$)"), "PID"),
    (re.compile(r"[0-9a-f]{32}"), "HASH"),
    (re.compile(r"\d{20}"), "VERSION"),
    (re.compile(r"day=[\w-]+"), "day=DAY"),
    (re.compile(r"\d+\.\d+-\d+(?=[-.])"), "BATCH"),
    (re.compile(r"\d+-all-"), "SOURCE-all-"),
)


@dataclass(frozen=True)
class Change:
    """One change: the call, the file below the store, and what it was before a new name."""

    call: str
    path: str
    before: str = ""

    @property
    def kind(self) -> str:
        """The call and the name of the file, without what differs between files of a kind."""
        named = self.path
        for differing, word in _KINDS:
            named = differing.sub(word, named)
        return f"{self.call} {named}"


def changes(log: Path, store: Path) -> list[Change]:
    """Return the changes that a log holds, in their order."""
    found = []
    for line in log.read_text().splitlines():
        call, *paths = line.split("\t")
        below = [path.removeprefix(str(store)).removeprefix("/") for path in paths]
        found.append(Change(call, *below))
    return found


def lost_by_a_power_cut(made: list[Change]) -> Iterator[tuple[Change | None, set[str]]]:
    """Yield, before each commit and at the end (None), what a power cut might take away.

    As POSIX promises and no file system in particular: the bytes of a file last once it is synced,
    its name once the folder of the name is, and so on up to the store.
    """
    unsynced: set[str] = set()  # files by their bytes
    unnamed: set[str] = set()  # files and folders by their names
    for change in made:
        path = change.path
        if change.call == "link":
            yield change, {path for path in unsynced | unnamed if not _may_go(path)}
        if change.call in {"open", "mkdir", "link", "rename"}:
            unnamed.add(path)
        if change.call in {"write", "pwrite", "writev", "ftruncate"}:
            unsynced.add(path)
        if change.call in {"link", "rename"} and change.before in unsynced:
            unsynced.add(path)
        if change.call in {"rename", "unlink"}:
            gone = change.before or path
            unsynced.discard(gone)
            unnamed.discard(gone)
        if change.call in {"fsync", "fdatasync"}:
            unsynced.discard(path)
            unnamed -= {name for name in unnamed if name and _folder(name) == path}
    yield None, {path for path in unsynced | unnamed if not _may_go(path)}


def _folder(path: str) -> str:
    above = str(PurePosixPath(path).parent)
    return "" if above == "." else above


def _may_go(path: str) -> bool:
    """Return whether a file is nobody's loss: it counts while its process lives."""
    return path in {"", "writer.lock"} or path.endswith(("#1", ".writing"))
