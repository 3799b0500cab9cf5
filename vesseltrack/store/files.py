"""Parquet files that are named by the hash of their bytes, and never torn or changed."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vesseltrack.errors import StoreDamagedError
from vesseltrack.schema import POSITIONS, Table
from vesseltrack.store.layout import (
    BY_SOURCE,
    LANDING,
    POSITIONS_ZSTD_LEVELS,
    ROW_GROUP_ROWS,
    SOURCE_ZSTD_LEVEL,
    ZSTD_LEVEL,
)
from vesseltrack.store.order import count_misplaced

HASH_BYTES: Final = 16
UNFINISHED: Final = ".writing"  # ends the name of a file that nobody may read yet
_READ_BYTES: Final = 1 << 20
# In order of vessel and time these step by little: bit-packed steps are the smallest form. Cells
# and vessels come in runs that zstd alone packs best. What remains has few values: a dictionary.
_STEPPING: Final = frozenset({"timestamp", "lat_e6", "lon_e6", "line"})
_RUNS: Final = frozenset({"cell", "mmsi"})


@dataclass(frozen=True)
class Written:
    """A file that lies complete on disk and that no reader knows of yet."""

    path: str  # below the table's folder
    size_bytes: int
    n_rows: int
    first: datetime | None = None  # earliest `timestamp`
    last: datetime | None = None
    n_untimed: int = 0  # rows without a time


def hash_of(path: Path) -> str:
    """Return the BLAKE2b-128 of a file's bytes, hexadecimal.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def recorded_hash(path: str) -> str:
    """Return the hash that a data file's own name records."""
    return path.rpartition("/")[2].removesuffix(".parquet").rpartition("-")[2]


def require_intact(folder: Path, path: str) -> None:
    """Refuse a file that is not what was written: what is made from it would hide the damage.

    Raises
    ------
    StoreDamagedError
        If the file is missing, cannot be read, or has other bytes than its name records.
    """
    try:
        is_intact = hash_of(folder / path) == recorded_hash(path)
    except OSError:
        is_intact = False
    if not is_intact:
        msg = f"{folder / path} is damaged; 'vesseltrack verify --repair' says what can be done"
        raise StoreDamagedError(msg)


def write(folder: Path, inside: str, pieces: Iterable[pa.Table], spec: Table) -> Written:
    """Write tables one after the other as one Parquet file and check the order it came out in.

    The bytes depend on the rows alone, not on how they are cut into pieces.

    Parameters
    ----------
    folder : Path
        The table's folder.
    inside : str
        Where below it: a partition (``"day=2021-01-01/"``), a prefix of the name, or ``""``.
    pieces : iterable of pyarrow.Table
        Rows in the order they are to have.
    spec : Table
        Their schema.

    Raises
    ------
    StoreDamagedError
        If the file read back is not in the order of its key.
    """
    make_folder(folder)
    temporary = folder / f".{os.getpid()}{UNFINISHED}"
    span = _Span()
    try:
        with pq.ParquetWriter(temporary, spec.arrow, **_encoding(spec)) as writer:
            for group in _row_groups(pieces):
                span.add(group)
                writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
        if spec.name not in BY_SOURCE and (n_misplaced := misplaced_rows(temporary, spec)):
            msg = f"{temporary}: {n_misplaced} rows are not in order after writing"
            raise StoreDamagedError(msg)
        to_disk(temporary)
        path = f"{inside}{hash_of(temporary)}.parquet"
        size_bytes = temporary.stat().st_size
        make_folder((folder / path).parent)
        temporary.replace(folder / path)
    finally:
        temporary.unlink(missing_ok=True)
    to_disk((folder / path).parent)
    return Written(path, size_bytes, span.n_rows, span.first, span.last, span.n_untimed)


def described(folder: Path, path: str, spec: Table) -> Written:
    """Return what the log needs to know of a file that lies on disk already."""
    span = _Span()
    file = pq.ParquetFile(folder / path)
    columns = [name for name in ("timestamp",) if name in spec.names] or list(spec.key)
    for number in range(file.num_row_groups):
        span.add(file.read_row_group(number, columns=columns))
    file.close()
    size_bytes = (folder / path).stat().st_size
    return Written(path, size_bytes, span.n_rows, span.first, span.last, span.n_untimed)


def misplaced_rows(path: Path, spec: Table) -> int:
    """Return how many rows of a file come before the one above them by the table's key."""
    file = pq.ParquetFile(path, page_checksum_verification=True)
    last = None
    n_misplaced = 0
    for number in range(file.num_row_groups):
        keys = file.read_row_group(number, columns=list(spec.key)).select(list(spec.key))
        n_misplaced += count_misplaced(keys if last is None else pa.concat_tables([last, keys]))
        last = keys.slice(keys.num_rows - 1)
    file.close()
    return n_misplaced


def write_text(path: Path, text: str) -> None:
    """Write a small text file so that it is there whole or as it was before."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file so that it is there whole or as it was before."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        temporary.write_bytes(content)
        to_disk(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    to_disk(path.parent)


def append(path: Path, data: bytes) -> None:
    """Add to a file, or make it, so that all of it survives a power cut; a failure may cut it."""
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        to_disk(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, whose names survive a power cut, if it is not there."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    to_disk(path.parent)


def to_disk(path: Path) -> None:
    """Make a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Span:
    """Rows and times of what has been written so far."""

    def __init__(self) -> None:
        self.n_rows = 0
        self.n_untimed = 0
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, rows: pa.Table) -> None:
        self.n_rows += rows.num_rows
        if "timestamp" not in rows.column_names:
            return
        times = rows["timestamp"]
        self.n_untimed += times.null_count
        ends = pc.min_max(times.cast(pa.timestamp("us"))).as_py()
        if ends["min"] is not None:
            first, last = (ends[name].replace(tzinfo=UTC) for name in ("min", "max"))
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)


def _row_groups(pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the rows again in full row groups, each in one chunk."""
    waiting: list[pa.Table] = []
    n_waiting = 0
    for piece in pieces:
        waiting.append(piece)
        n_waiting += piece.num_rows
        if n_waiting < ROW_GROUP_ROWS:
            continue
        rows = pa.concat_tables(waiting)
        n_full = n_waiting - n_waiting % ROW_GROUP_ROWS
        for start in range(0, n_full, ROW_GROUP_ROWS):
            yield rows.slice(start, ROW_GROUP_ROWS).combine_chunks()
        waiting = [rows.slice(n_full)]
        n_waiting -= n_full
    if n_waiting:
        yield pa.concat_tables(waiting).combine_chunks()


def _encoding(spec: Table) -> dict[str, Any]:
    stepping = [name for name in spec.names if name in _STEPPING]
    checked = {
        "column_encoding": dict.fromkeys(stepping, "DELTA_BINARY_PACKED"),
        "write_page_checksum": True,
    }
    if spec.name == LANDING.name:
        # A fifth larger than with zstd and dictionaries, and written in two thirds of the time.
        # A fold asks by time and vessel: what the other columns span is not worth writing down.
        asked = ["timestamp", "mmsi"]
        light = {"compression": "lz4", "use_dictionary": False, "write_statistics": asked}
        return {**checked, **light}
    plain = [f.name for f in spec.arrow if pa.types.is_nested(f.type) or f.name in _RUNS]
    level: int | dict[str, int] = SOURCE_ZSTD_LEVEL if spec.name in BY_SOURCE else ZSTD_LEVEL
    if spec.name == POSITIONS.name:
        level = {name: POSITIONS_ZSTD_LEVELS.get(name, ZSTD_LEVEL) for name in spec.names}
    return {
        **checked,
        "compression": "zstd",
        "compression_level": level,
        "use_dictionary": [name for name in spec.names if name not in {*stepping, *plain}],
    }
