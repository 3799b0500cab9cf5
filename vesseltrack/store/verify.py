"""Every file of a store held against what was recorded of it."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vesseltrack.errors import StoreDamagedError
from vesseltrack.schema import POSITIONS
from vesseltrack.store.files import hash_of, misplaced_rows, recorded_hash
from vesseltrack.store.layout import BY_SOURCE, DERIVED
from vesseltrack.store.ledger import Ledger, StoredFile
from vesseltrack.store.parts import Day, share_times
from vesseltrack.units import US_PER_DAY

_LAST_CHECKPOINT: Final = "_last_checkpoint"


@dataclass(frozen=True)
class Finding:
    """One file that is not what was recorded of it.

    Parameters
    ----------
    table : str
        The table it belongs to.
    file : str
        Where it lies, below the store.
    problem : str
        What is wrong with it.
    remedy : str
        What was done about it, or what to do.
    """

    table: str
    file: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Damage:
    """What is wrong with one table, by file below the table's folder.

    Where the log is damaged, what it says of the data is not held against them.
    """

    log: dict[str, str]
    data: dict[str, str]

    def __bool__(self) -> bool:
        """Return whether anything is wrong."""
        return bool(self.log or self.data)


def damage_of(ledger: Ledger) -> Damage:
    """Return what is wrong with a table; reads every byte of it."""
    ledger.forget()
    if log := dict(_log_damage(ledger)):
        return Damage(log, {})
    try:
        stored = ledger.snapshot().files
    except StoreDamagedError:
        return Damage({"_delta_log": "cannot be read"}, {})
    data = dict(_data_damage(ledger, stored))
    # A writer may have replaced a file, and swept it away, since the table was looked at.
    still_there = {file.path for file in ledger.snapshot().files}
    return Damage({}, {path: problem for path, problem in data.items() if path in still_there})


def findings_of(ledger: Ledger, damage: Damage) -> list[Finding]:
    """Return a table's damage as findings that say what could be done."""
    if ledger.spec.name in DERIVED:
        remedy = (
            "'vesseltrack verify --repair' drops the table, 'vesseltrack detect' makes it anew"
        )
    else:
        remedy = "'vesseltrack verify --repair' sets it aside and keeps what can be read of it"
    return [
        Finding(ledger.spec.name, f"{ledger.spec.name}/{path}", problem, remedy)
        for path, problem in sorted({**damage.log, **damage.data}.items())
    ]


def _log_damage(ledger: Ledger) -> Iterator[tuple[str, str]]:
    for name, recorded in ledger.seals.recorded().items():
        path = name.removeprefix(f"{ledger.spec.name}/")
        if problem := _bytes_problem(ledger.folder / path, recorded):
            yield path, problem
    hint = ledger.folder / "_delta_log" / _LAST_CHECKPOINT
    if hint.is_file() and not _names_a_checkpoint(hint):
        yield f"_delta_log/{_LAST_CHECKPOINT}", "names no checkpoint"


def _names_a_checkpoint(hint: Path) -> bool:
    try:
        version = int(json.loads(hint.read_bytes())["version"])
    except (ValueError, TypeError, KeyError):
        return False
    return (hint.parent / f"{version:020}.checkpoint.parquet").is_file()


def _data_damage(ledger: Ledger, stored: tuple[StoredFile, ...]) -> Iterator[tuple[str, str]]:
    same_day: dict[Day, list[StoredFile]] = {}
    for file in stored:
        same_day.setdefault(file.day, []).append(file)
    for file in stored:
        problem = _bytes_problem(ledger.folder / file.path, recorded_hash(file.path))
        problem = problem or _content_problem(ledger, file)
        others = same_day[file.day]
        if not problem and ledger.by_day and not _are_parts(ledger, others):
            problem = f"is one of {len(others)} files of its day"
        if problem:
            yield file.path, problem


def _are_parts(ledger: Ledger, same_day: list[StoredFile]) -> bool:
    """Return whether files may be those of one day."""
    if len(same_day) == 1:
        return True
    is_cut = ledger.spec.name == POSITIONS.name and same_day[0].day is not None
    return is_cut and not share_times(same_day)


def _bytes_problem(path: Path, recorded: str) -> str:
    """Return what is wrong with a file's bytes, empty when nothing is."""
    try:
        found = hash_of(path)
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return "" if found == recorded else f"has other bytes than recorded (BLAKE2b {found})"


def _content_problem(ledger: Ledger, file: StoredFile) -> str:
    """Return what is wrong with the rows of a file whose bytes are as recorded."""
    path = ledger.folder / file.path
    n_rows = pq.read_metadata(path).num_rows
    n_misplaced = 0 if ledger.spec.name in BY_SOURCE else misplaced_rows(path, ledger.spec)
    n_astray = _rows_of_other_days(path, file.day) if ledger.by_day else 0
    if n_rows != file.n_rows:
        return f"has {n_rows} rows; {file.n_rows} were recorded"
    if n_misplaced:
        return f"has {n_misplaced} rows out of order"
    return f"has {n_astray} rows of another day" if n_astray else ""


def _rows_of_other_days(path: Path, day: dt.date | None) -> int:
    file = pq.ParquetFile(path)
    n_astray = 0
    for number in range(file.num_row_groups):
        times = file.read_row_group(number, columns=["timestamp"])["timestamp"]
        if day is None:
            n_astray += len(times) - times.null_count
            continue
        here = pc.equal(pc.divide(times.cast(pa.int64()), US_PER_DAY), _day_number(day))
        n_astray += len(times) - pc.sum(pc.fill_null(here, fill_value=False)).as_py()
    file.close()
    return n_astray


def _day_number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days
