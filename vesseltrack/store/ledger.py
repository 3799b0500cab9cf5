"""The Delta log of one table: which files make it up, and how that changes in one step."""

import datetime as dt
import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from vesseltrack.errors import StoreDamagedError
from vesseltrack.schema import Table
from vesseltrack.store.files import UNFINISHED, Written, make_folder, require_intact, to_disk
from vesseltrack.store.layout import BY_DAY
from vesseltrack.store.seals import Seals

_NO_DAY: Final = "__HIVE_DEFAULT_PARTITION__"  # where rows without a time lie
# The log is kept whole: it is small, and a reader finds the next version by its name.
_CONFIGURATION: Final = {"delta.enableExpiredLogCleanup": "false"}
_US_PER_MS: Final = 1_000
_STAGED: Final = ".json#"  # in the name that the library gives a commit until it is linked


@dataclass(frozen=True)
class StoredFile:
    """One file of a table, as the log records it."""

    path: str  # below the table's folder
    size_bytes: int
    n_rows: int
    day: dt.date | None = None
    first: dt.datetime | None = None  # no later than the earliest time in it
    last: dt.datetime | None = None  # no earlier than the latest time in it
    n_untimed: int = 0


@dataclass(frozen=True)
class Snapshot:
    """The files of a table at one version; version -1 before the table is first written."""

    version: int
    files: tuple[StoredFile, ...]


_UNWRITTEN: Final = Snapshot(-1, ())


class Ledger:
    """The files of one table: many may read it, who holds the writer's lock may change it."""

    def __init__(self, store: Path, spec: Table) -> None:
        self.folder = store / spec.name
        self.spec = spec
        self.by_day = spec.name in BY_DAY
        self.seals = Seals(store, spec.name)
        self.log = self.folder / "_delta_log"
        self._reading = threading.Lock()
        self._table: DeltaTable | None = None
        self._snapshot = _UNWRITTEN
        self._seen: tuple[int, int] | None = None

    def forget(self) -> None:
        """Drop what is remembered of the log, so that it is read anew."""
        with self._reading:
            self._table, self._snapshot, self._seen = None, _UNWRITTEN, None

    def snapshot(self) -> Snapshot:
        """Return the newest files; costs one look at the folder when nothing changed.

        Raises
        ------
        StoreDamagedError
            If the log cannot be read.
        """
        with self._reading:
            if self._seen != self._commit_seen():  # a repair made another log
                self._table, self._snapshot = None, _UNWRITTEN
            if self._commit_path(self._snapshot.version + 1).exists():
                self._refresh()
                self._seen = self._commit_seen()
            return self._snapshot

    def transaction(self, name: str) -> int | None:
        """Return the newest number committed under a name, None before the first."""
        self.snapshot()
        if self._table is None:
            return None
        number: int | None = self._table.transaction_version(name)
        return number

    def commit(
        self,
        *,
        add: Sequence[Written] = (),
        remove: Sequence[StoredFile] = (),
        transactions: Sequence[tuple[str, int]] = (),
    ) -> None:
        """Add and remove files in one step that readers see whole or not at all."""
        if self.snapshot().version < 0:
            self._create()
        for file in remove:
            self._start_grace(file)
        now_ms = time.time_ns() // 1_000_000
        actions: list[AddAction | RemoveAction] = [
            *(self._adding(f, now_ms) for f in add),
            *(self._removing(f, now_ms) for f in remove),
        ]
        named = [Transaction(name, number) for name, number in transactions]
        assert self._table is not None
        self._table.create_write_transaction(
            actions,
            "append",
            self._arrow(),
            self._partition_by(),
            commit_properties=CommitProperties(app_transactions=named),
        )
        self.seals.seal()

    def become(
        self, written: Sequence[Written], transactions: Sequence[tuple[str, int]] = ()
    ) -> None:
        """Make the table consist of these files, under these numbers; if so, nothing happens."""
        before = self.snapshot().files
        known = {file.path for file in before}
        wanted = {file.path for file in written}
        add = [file for file in written if file.path not in known]
        remove = [file for file in before if file.path not in wanted]
        is_known = all(self.transaction(name) == number for name, number in transactions)
        if add or remove or not is_known:
            self.commit(add=add, remove=remove, transactions=transactions)

    def uris(self, stored: Sequence[StoredFile]) -> list[str]:
        """Return where files lie, as the database is told."""
        folder = self.folder.resolve()
        return [str(folder / file.path) for file in stored]

    def intact_uris(self, stored: Sequence[StoredFile]) -> list[str]:
        """Return where files lie, once it is certain that they are what was written.

        Raises
        ------
        StoreDamagedError
            Naming the first that is not: what is made from it would hide the damage.
        """
        for file in stored:
            require_intact(self.folder, file.path)
        return self.uris(stored)

    def sweep(self, grace_s: float) -> None:
        """Delete files that the table no longer has and that no reader can still be reading.

        Also those that a killed writer left unfinished: nobody else is writing now.
        """
        if not self.folder.is_dir():
            return
        current = {self.folder / file.path for file in self.snapshot().files}
        newest_s = time.time() - grace_s
        for path in self.data_files():
            if path not in current and path.stat().st_mtime <= newest_s:
                path.unlink(missing_ok=True)
        for path in self.folder.glob(f".*{UNFINISHED}"):
            path.unlink(missing_ok=True)
        for name in os.listdir(self.log) if self.log.is_dir() else ():  # noqa: PTH208 - as in Seals
            if _STAGED in name:
                (self.log / name).unlink(missing_ok=True)

    def data_files(self) -> list[Path]:
        """Return every data file on disk, whether the table has it or not."""
        return sorted([*self.folder.glob("*.parquet"), *self.folder.glob("day=*/*.parquet")])

    def _start_grace(self, file: StoredFile) -> None:
        # From here on `sweep` counts: the file's own time would be that of its writing, long ago.
        try:
            os.utime(self.folder / file.path)
        except FileNotFoundError:
            return  # damage, which `verify` reports

    def _create(self) -> None:
        make_folder(self.folder)
        self._table = DeltaTable.create(
            self.folder,
            schema=self._arrow(),
            partition_by=self._partition_by(),
            configuration=_CONFIGURATION,
        )
        to_disk(self.folder)
        self.seals.seal()

    def _adding(self, file: Written, now_ms: int) -> AddAction:
        partition = self._partition(file.path)
        return AddAction(
            path=file.path,
            size=file.size_bytes,
            partition_values=partition,
            modification_time=now_ms,
            data_change=True,
            stats=json.dumps(_statistics(file)),
        )

    def _removing(self, file: StoredFile, now_ms: int) -> RemoveAction:
        return RemoveAction(
            path=file.path,
            data_change=True,
            deletion_timestamp=now_ms,
            size=file.size_bytes,
            partition_values=self._partition(file.path),
        )

    def _arrow(self) -> pa.Schema:
        schema = self.spec.arrow
        return schema.append(pa.field("day", pa.date32())) if self.by_day else schema

    def _partition_by(self) -> list[str] | None:
        return ["day"] if self.by_day else None

    def _partition(self, path: str) -> dict[str, str | None]:
        if not self.by_day:
            return {}
        day = day_of(path)
        return {"day": None if day is None else day.isoformat()}

    def _commit_path(self, version: int) -> Path:
        return self.log / f"{version:020}.json"

    def _commit_seen(self) -> tuple[int, int] | None:
        """Return what tells the newest commit that was read from another of its name."""
        try:
            found = self._commit_path(self._snapshot.version).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _refresh(self) -> None:
        try:
            if self._table is None:
                self._table = DeltaTable(self.folder)
            else:
                self._table.update_incremental()
            actions = pa.table(self._table.get_add_actions(flatten=True))
        except (DeltaError, OSError, ValueError) as error:
            reason = str(error).partition("\n")[0]  # what follows is for the library's makers
            msg = (
                f"the log of table {self.spec.name} in {self.folder} cannot be read ({reason}); "
                "run 'vesseltrack verify'"
            )
            raise StoreDamagedError(msg) from error
        found = [_stored_file(row) for row in actions.to_pylist()]
        version = self._table.version()
        self._snapshot = Snapshot(version, tuple(sorted(found, key=lambda file: file.path)))


def folder_of(day: dt.date | None) -> str:
    """Return where a day's file lies below its table's folder."""
    return f"day={_NO_DAY if day is None else day.isoformat()}/"


def day_of(path: str) -> dt.date | None:
    """Return the day of a file by where it lies."""
    day = path.partition("/")[0].removeprefix("day=")
    return None if day == _NO_DAY else dt.date.fromisoformat(day)


def _statistics(file: Written) -> dict[str, Any]:
    """Return what the log says of a file, so that others can skip it without opening it."""
    if file.first is None or file.last is None:
        untimed = {"nullCount": {"timestamp": file.n_untimed}} if file.n_untimed else {}
        return {"numRecords": file.n_rows, **untimed}
    # The log's times have milliseconds: outwards, so that no row lies outside.
    first = file.first.replace(microsecond=file.first.microsecond // _US_PER_MS * _US_PER_MS)
    last = file.last + dt.timedelta(microseconds=-file.last.microsecond % _US_PER_MS)
    return {
        "numRecords": file.n_rows,
        "minValues": {"timestamp": _instant(first)},
        "maxValues": {"timestamp": _instant(last)},
        "nullCount": {"timestamp": file.n_untimed},
    }


def _instant(time_: dt.datetime) -> str:
    return f"{time_.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _stored_file(action: dict[str, Any]) -> StoredFile:
    return StoredFile(
        path=action["path"],
        size_bytes=action["size_bytes"],
        n_rows=action["num_records"],
        day=action.get("partition.day"),
        first=action.get("min.timestamp"),
        last=action.get("max.timestamp"),
        n_untimed=action.get("null_count.timestamp") or 0,
    )
