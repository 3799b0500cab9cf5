"""The alert feed: a line an alert, appended by one process and followed by many without a lock.

A line is the hash of what follows it, the alert's number, and the alert as JSON. Numbers rise by
one. The lines lie in segments named by their first number; the oldest segments go when there is
too much. A line without its end was cut by a killed writer or a full disk: readers pass over it,
the next writer takes it away.
"""

import hashlib
import itertools
import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from vesseltrack.schema import ALERTS, EVENTS, validate
from vesseltrack.store.files import append, make_folder, to_disk
from vesseltrack.store.lock import WriterLock
from vesseltrack.store.order import unknown_as_null

FOLDER: Final = "alerts"
SUFFIX: Final = ".alerts"
N_SEGMENTS: Final = 8  # of the bytes that are kept: an eighth goes at a time
_LOCK: Final = "alerts.lock"
_HASH_BYTES: Final = 8
_HASH_CHARACTERS: Final = 2 * _HASH_BYTES
_MAX_MARKS: Final = 256  # followers that are read on from where they were
_DIGITS: Final = 20
_NS_PER_US: Final = 1_000


@dataclass(frozen=True)
class Line:
    """One whole line of a segment: a number and a document, or None where it is damaged."""

    start: int  # bytes from the segment's beginning
    end: int
    number: int | None
    document: bytes


class AlertFeed:
    """The feed of one store."""

    def __init__(self, store: Path) -> None:
        self._folder = store / FOLDER
        # A lock of its own: alerts are appended while days are sorted under the store's.
        self._lock = WriterLock(store / _LOCK)
        self._written: tuple[Path, int, int] | None = None  # segment, its size, the next number
        self._marks: OrderedDict[int, tuple[Path, int]] = OrderedDict()
        self._marking = threading.Lock()

    def append(self, events: pa.Table, max_bytes: int) -> int:
        """Append events and return the last number; see `Store.append_alerts`."""
        events = unknown_as_null(events)
        validate(events, EVENTS)
        with self._lock.hold():
            make_folder(self._folder)
            path, size, number = self._end()
            if events.num_rows:
                if size >= max_bytes // N_SEGMENTS:
                    path, size = self._segment(number), 0
                data = b"".join(_lines(events, number))
                self._written = None  # should the disk be full: how far it got is looked up
                append(path, data)
                number += events.num_rows
                self._written = path, size + len(data), number
                self._forget_oldest(max_bytes)
        return number - 1

    def read(self, after: int, limit: int | None) -> pa.Table:
        """Return alerts behind a number; see `Store.alerts`."""
        rows: list[dict[str, Any]] = []
        end = self._folder, 0
        for path, line in itertools.islice(self._behind(after), limit):
            rows.append({"sequence": line.number, **json.loads(line.document)})
            end = path, line.end
        if rows:
            self._mark(rows[-1]["sequence"], end)
        return pa.Table.from_pylist(rows, ALERTS.arrow)

    def last(self) -> int:
        """Return the number of the newest alert, 0 without any."""
        if not (paths := segments(self._folder)):
            return 0
        numbers = [line.number for line in lines_of(paths[-1]) if line.number is not None]
        return max(numbers, default=first_number(paths[-1]) - 1)

    def _behind(self, after: int) -> Iterator[tuple[Path, Line]]:
        """Yield the whole lines behind a number, in order."""
        paths = segments(self._folder)
        marked = self._marked(after)
        begin = next((p for p in reversed(paths) if first_number(p) <= after + 1), None)
        if marked is not None and marked[0] in paths:
            begin = marked[0]
        for path in paths if begin is None else paths[paths.index(begin) :]:
            offset = marked[1] if marked is not None and path == marked[0] else 0
            for line in lines_of(path, offset):
                if line.number is not None and line.number > after:
                    after = line.number
                    yield path, line

    def _marked(self, after: int) -> tuple[Path, int] | None:
        with self._marking:
            return self._marks.get(after)

    def _mark(self, number: int, end: tuple[Path, int]) -> None:
        """Remember where an alert ends: whoever has read it asks for the next."""
        with self._marking:
            self._marks[number] = end
            self._marks.move_to_end(number)
            while len(self._marks) > _MAX_MARKS:
                self._marks.popitem(last=False)

    def _end(self) -> tuple[Path, int, int]:
        """Return the segment to append to, its size and the next number; repair its end."""
        paths = segments(self._folder)
        if not paths:
            return self._segment(1), 0, 1
        path = paths[-1]
        if self._written is not None and self._written[:2] == (path, path.stat().st_size):
            return self._written
        number, end = first_number(path), 0
        for line in lines_of(path):
            number, end = (line.number or number) + 1, line.end  # a damaged one had a number
        if path.stat().st_size > end:
            os.truncate(path, end)
            to_disk(path)
        return path, end, number

    def _segment(self, number: int) -> Path:
        return self._folder / segment_name(number)

    def _forget_oldest(self, max_bytes: int) -> None:
        paths = segments(self._folder)
        sizes = [path.stat().st_size for path in paths]
        n_bytes = sum(sizes)
        for path, size in zip(paths[:-1], sizes, strict=False):
            if n_bytes <= max_bytes:
                return
            path.unlink()
            n_bytes -= size


def segments(folder: Path) -> list[Path]:
    """Return the segments of a feed, the oldest first."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal())


def segment_name(number: int) -> str:
    """Return the name of the segment that a number begins."""
    return f"{number:0{_DIGITS}}{SUFFIX}"


def first_number(path: Path) -> int:
    """Return the number of the first line of a segment."""
    return int(path.stem)


def lines_of(path: Path, offset: int = 0) -> Iterator[Line]:
    """Yield the lines of a segment that have their ends; none of one that was rotated away."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        file.seek(offset)
        for text in file:
            if not text.endswith(b"\n"):
                return
            number, document = _checked(text)
            if number is None and os.pread(file.fileno(), len(text), offset) != text:
                return  # read across the end that a writer was taking away: whole the next time
            yield Line(offset, offset + len(text), number, document)
            offset += len(text)


def _checked(text: bytes) -> tuple[int | None, bytes]:
    """Return the number and the document of a line; no number if it is not what was written."""
    said = text[_HASH_CHARACTERS + 1 : -1]
    if text[: _HASH_CHARACTERS + 1] != _digest(said) + b" ":
        return None, b""
    number, _, document = said.partition(b" ")
    return int(number), document


def _digest(said: bytes) -> bytes:
    return hashlib.blake2b(said, digest_size=_HASH_BYTES).hexdigest().encode()


def _lines(events: pa.Table, number: int) -> Iterator[bytes]:
    """Yield events as lines, numbered from a number."""
    numbers = {
        name: events[name].cast(pa.int64())
        for name in events.column_names
        if pa.types.is_timestamp(events.schema.field(name).type)
    }
    plain = pa.table([numbers.get(name, events[name]) for name in EVENTS.names], EVENTS.names)
    appended = time.time_ns() // _NS_PER_US
    for n, row in zip(itertools.count(number), plain.to_pylist(), strict=False):
        # In ASCII a document has no line end inside, and no half character.
        document = json.dumps({"appended": appended, **row})
        said = f"{n} {document}".encode("ascii")
        yield _digest(said) + b" " + said + b"\n"
