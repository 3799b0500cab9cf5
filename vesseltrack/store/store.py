"""The store: every table of an archive in one folder, written by one process, read by many."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from deltalake.exceptions import DeltaError

from vesseltrack.errors import InputError, NotFoundError
from vesseltrack.schema import REJECTS, SOURCES, TABLES, Checkpoint, Table, validate
from vesseltrack.store import files, landing
from vesseltrack.store.checkpoints import Checkpoints
from vesseltrack.store.disk import as_store_error
from vesseltrack.store.filter import Filter
from vesseltrack.store.fold import Fold, take_back
from vesseltrack.store.layout import DERIVED, READER_GRACE_H, STORED
from vesseltrack.store.ledger import Ledger
from vesseltrack.store.live_repair import live_findings
from vesseltrack.store.live_side import LiveSide
from vesseltrack.store.mark import open_mark, read_mark
from vesseltrack.store.order import in_order, unknown_as_null
from vesseltrack.store.parts import Day
from vesseltrack.store.query import Queries, table_named
from vesseltrack.store.reader import Reader
from vesseltrack.store.repair import Repair
from vesseltrack.store.scratch import Scratch
from vesseltrack.store.shards import Shard
from vesseltrack.store.statics import Changes
from vesseltrack.store.verify import Finding, damage_of, findings_of
from vesseltrack.store.writer_side import WriterSide
from vesseltrack.units import SECONDS_PER_HOUR

EVERYTHING: Final = Filter()
_MADE_WITH: Final = "made with"


class Store(LiveSide, WriterSide):
    """The tables of `vesseltrack.schema` on disk; get one from `Store.open`.

    Writing takes the writer's lock, step by step or, with `writing`, for several steps; reading
    never waits and sees each table as one commit left it.
    """

    def __init__(self, path: Path) -> None:
        LiveSide.__init__(self, path)
        WriterSide.__init__(self, path)
        self._reader = Reader(path)
        self._ledgers = {name: Ledger(path, spec) for name, spec in STORED.items()}
        self._queries = Queries(self._ledgers, self._reader)
        self._checkpoints = Checkpoints(path, self._is_in)
        self._n_landed = 0

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> "Store":
        """Return the store in a folder.

        Raises
        ------
        StoreMissingError
            If there is none and `create` is not given.
        StoreDamagedError
            If its mark cannot be read.
        StoreError
            If a later vesseltrack wrote it, or it cannot be made.
        """
        try:
            open_mark(Path(path), create=create)
        except OSError as error:
            raise as_store_error(error, Path(path), 0) from error
        return cls(Path(path))

    def source(self, source_id: int) -> dict[str, Any] | None:
        """Return the row of a source that was finished, or None."""
        rows = self.select("sources", Filter(equals={"source_id": source_id})).to_pylist()
        return rows[0] if rows else None

    def land(
        self,
        source_id: int,
        n: int,
        received: pa.Table,
        statics: pa.Table,
        rejects: pa.Table,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Append batch n of a source together with its checkpoint; if it is in, nothing happens.

        The positions go last: once they are in, the whole batch is, and its checkpoint counts.
        What a killed writer left of the batch is replaced, also where it was cut elsewhere.

        Parameters
        ----------
        source_id : int
            The source, 0 or more.
        n : int
            The batch's number in its source, from 0, in order; see `next_batch`.
        received, statics, rejects : pyarrow.Table
            RECEIVED, STATICS and REJECTS; each may be empty.
        checkpoint : Checkpoint, optional
            Where the source is read on from behind this batch.

        Raises
        ------
        SchemaError
            If a table is not of its schema, or a time has no calendar day.
        StoreFullError
            If the disk is full; the rows committed before stay.
        """
        received, statics = unknown_as_null(received), unknown_as_null(statics)
        landing.check(received, statics, rejects)
        with self._committing():
            source = self._label(source_id)
            if landing.is_in(self._ledgers["landing"], source, n):
                return
            landing.put(self._ledgers["rejects"], source, n, rejects)
            landing.put(self._ledgers["landing_statics"], source, n, statics)
            if checkpoint is not None:
                self._checkpoints.write(source, n, checkpoint)
            positions = landing.with_cells(received)
            landing.put(self._ledgers["landing"], source, n, positions, is_last=True)
            self._n_landed += received.num_rows
            if checkpoint is not None:
                self._checkpoints.keep(source, n)

    def next_batch(self, source_id: int) -> int:
        """Return the number that the next batch of a source gets."""
        newest = self._ledgers["landing"].transaction(self._label(source_id))
        return 0 if newest is None else newest + 1

    def checkpoint(self, source_id: int) -> Checkpoint | None:
        """Return where a source is read on from; None if it must be read from its beginning.

        That is also so when a repair has lost rows of it, or its checkpoint is damaged.
        """
        found = self._checkpoints.newest(source_id)
        if found is None:
            return None
        label, checkpoint = found
        # Batches of an earlier epoch may have lost rows, but those of a finished source had none.
        is_whole = label == self._label(source_id) or self.source(source_id) is not None
        return checkpoint if is_whole else None

    def known_sources(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield every source that has a checkpoint, and what that says about it."""
        yield from self._checkpoints.about()

    def take_back(
        self, source_id: int, numbers: Collection[int], days: Collection[dt.date | None]
    ) -> None:
        """Take back what some lines of a source gave, as they are read again.

        Parameters
        ----------
        source_id : int
            The source.
        numbers : collection of int
            The lines, from 1.
        days : collection of date or None
            Days of the positions and static reports that they gave; None for those without time.

        Raises
        ------
        StoreDamagedError
            If a file that holds them is not what was written.
        StoreFullError
            If the disk is full.
        """
        with self._committing():
            for name in ("rejects", "landing", "landing_statics"):
                landing.without_lines(self._ledgers[name], source_id, numbers, self._reader)
            changed = {
                name: [
                    day
                    for day in days
                    if take_back(self._ledgers[name], day, source_id, numbers, self._reader)
                ]
                for name in ("positions", "reports")
            }
            self._follow(changed["reports"])

    def land_live(self, received: pa.Table, statics: pa.Table) -> None:
        """Append rows as they come, of any sources and without a batch's number.

        Rows that come again, live or in a batch, are found to be repeats by the fold.

        Parameters
        ----------
        received, statics : pyarrow.Table
            RECEIVED and STATICS.

        Raises
        ------
        SchemaError
            If a table is not of its schema, or a time has no calendar day.
        StoreFullError
            If the disk is full.
        """
        received, statics = unknown_as_null(received), unknown_as_null(statics)
        landing.check(received, statics, REJECTS.empty())
        with self._committing():
            if statics.num_rows:
                landing.append_live(self._ledgers["landing_statics"], statics)
            if received.num_rows:
                landing.append_live(self._ledgers["landing"], landing.with_cells(received))
                self._n_landed += received.num_rows

    def finish_source(self, row: pa.Table) -> None:
        """Record a source as read to its end, in place of what was recorded of it before."""
        validate(row, SOURCES)
        with self._committing():
            for source_id in row["source_id"].to_pylist():
                landing.merge(self._ledgers["rejects"], source_id, self._reader)
            ledger = self._ledgers["sources"]
            stored = ledger.snapshot().files
            known = SOURCES.empty()
            if stored:
                known = self._reader.scan(ledger.intact_uris(stored)).cast(SOURCES.arrow)
            is_other = pc.invert(pc.is_in(known["source_id"], value_set=row["source_id"]))
            self._write_whole({"sources": pa.concat_tables([known.filter(is_other), row])})

    @property
    def has_landed(self) -> bool:
        """Whether anything has landed that no fold has taken up."""
        landed = ("landing", "landing_statics")
        return any(self._ledgers[name].snapshot().files for name in landed)

    def fold_days(self, *, may_part: bool = False) -> list[dt.date]:
        """Take up what has landed into `positions` and `statics`, one sorted file a day.

        Rows that say the same but for source and line become one, with the smallest of those.
        Killed at any point and called again, it leaves the same tables.

        Parameters
        ----------
        may_part : bool
            Whether positions of a day may lie in several files: with each minute of a feed only
            what that came to is written again. The next fold without it makes one file of them.

        Returns
        -------
        days : list of date
            The days whose positions changed, also those that an interrupted fold had changed.

        Raises
        ------
        StoreDamagedError
            If a landed file or the file of a day is not what was written; nothing is lost by it.
        StoreFullError
            If the disk is full.
        """
        with self._committing():
            reports = Fold.begin(self._ledgers["landing_statics"], self._ledgers["reports"])
            touched = reports.touched(self._reader)
            for day in touched:
                reports.merge(day, self._reader)
            self._follow(touched)
            reports.finish()
            positions = Fold.begin(self._ledgers["landing"], self._ledgers["positions"])
            days = positions.touched(self._reader)
            take_up = positions.add if may_part else positions.merge
            changed = [day for day in days if take_up(day, self._reader)]
            for day in [] if may_part else positions.in_parts():
                positions.merge(day, self._reader)
            positions.finish()
            self._sweep("positions", "reports", "statics", "rejects", "sources")
        return [day for day in changed if day is not None]

    def replace(self, name: str, table: pa.Table) -> None:
        """Write a derived table whole; see `replace_all`."""
        self.replace_all({name: table})

    def replace_all(self, tables: Mapping[str, pa.Table], *, made_with: int | None = None) -> None:
        """Write several derived tables of one run whole.

        All are on disk before the first is committed, so a full disk leaves all as they were.
        Readers see each table old or new, and for some milliseconds new ones beside old ones.
        The number of the settings that they were made with is kept in the log of each.

        Raises
        ------
        InputError
            If a table is not a derived one.
        SchemaError
            If a table is not of its schema, or a number that must be known is NaN.
        StoreFullError
            If the disk is full.
        """
        for name in tables:
            if name not in DERIVED:
                msg = f"{name!r} is not a derived table; those are {', '.join(sorted(DERIVED))}"
                raise InputError(msg)
        known = {name: unknown_as_null(table) for name, table in tables.items()}
        for name, table in known.items():
            validate(table, TABLES[name])
        with self._committing():
            self._write_whole(known, made_with)
            self._sweep(*known)

    def made_with(self, name: str) -> int | None:
        """Return the number of the settings that a derived table was made with, if known."""
        return self._ledgers[name].transaction(_MADE_WITH)

    def select(
        self,
        name: str,
        where: Filter = EVERYTHING,
        *,
        columns: Sequence[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> pa.Table:
        """Return the rows that a filter meets, in key order, so that pages follow on each other.

        Parameters
        ----------
        name : str
            A table of `vesseltrack.schema`.
        where : Filter
            Which rows.
        columns : sequence of str or None
            Which columns, in this order; None for all. Positions have `lat` and `lon` [deg] beside
            `lat_e6` and `lon_e6`.
        limit : int or None
            At most so many rows.
        offset : int
            How many rows to pass over first.

        Raises
        ------
        NotFoundError
            If there is no such table.
        InputError
            If the filter or a column does not fit the table.
        StoreDamagedError
            If a file is missing or cannot be read.
        """
        return self._queries.select(name, where, columns, (limit, offset))

    def count(self, name: str, where: Filter = EVERYTHING) -> int:
        """Return how many rows a filter meets; raises as `select` does."""
        return self._queries.count(name, where)

    def days(self) -> dict[dt.date, int]:
        """Return how many positions each day has, the earliest first; 0 if only statics."""
        found = Counter({file.day: 0 for file in self._ledgers["statics"].snapshot().files})
        for file in self._ledgers["positions"].snapshot().files:
            found[file.day] += file.n_rows
        return {day: found[day] for day in sorted(filter(None, found))}

    def shards(self, max_rows: int) -> list[Shard]:
        """Return ranges of MMSI, in order, that the positions can be read by piece by piece.

        Parameters
        ----------
        max_rows : int
            At most so many positions in each, unless one MMSI alone has more; 1 or more.
        """
        return self._queries.shards(max_rows)

    @contextmanager
    def scratch(self, spec: Table) -> Iterator[Scratch]:
        """Hold rows of a table on the store's disk; they are gone at the end, however it comes.

        Raises
        ------
        StoreError
            If nothing can be written there.
        """
        try:
            rows = Scratch(self.path, spec)
        except OSError as error:
            raise as_store_error(error, self.path, self._n_landed) from error
        try:
            yield rows
        finally:
            rows.close()

    def get(self, name: str, identifier: str) -> dict[str, Any]:
        """Return the row that an identifier names, by the table's first column.

        Raises
        ------
        NotFoundError
            If there is no such table, or no such row in it.
        """
        column = table_named(name).names[0]
        rows: list[dict[str, Any]] = self.select(
            name, Filter(equals={column: identifier}), limit=1
        ).to_pylist()
        if not rows:
            msg = f"{name} has no {identifier!r}"
            raise NotFoundError(msg)
        return rows[0]

    def fixes_of(self, segment_ids: Sequence[str]) -> pa.Table:
        """Return the positions that segments are made of.

        Returns
        -------
        fixes : pyarrow.Table
            `segment_id`, then the columns of `select("positions")`; in the order of the
            identifiers given, and of time.

        Raises
        ------
        NotFoundError
            If an identifier names no segment.
        """
        return self._queries.fixes_of(list(segment_ids))

    def version(self) -> str:
        """Return a text that is another whenever the content of any table is; an ETag."""
        digest = hashlib.blake2b(digest_size=files.HASH_BYTES)
        for name in TABLES:
            for file in self._ledgers[name].snapshot().files:
                digest.update(f"{name}/{file.path}\n".encode())
        return digest.hexdigest()

    def tables(self) -> dict[str, int]:
        """Return how many rows each table holds."""
        return {n: sum(f.n_rows for f in self._ledgers[n].snapshot().files) for n in TABLES}

    def verify(self, *, repair: bool = False) -> list[Finding]:
        """Hold every file against its recorded hash, row count and order; read every byte.

        Parameters
        ----------
        repair : bool
            Also do what can be done: tables that can be computed again are dropped; of any other
            what can be read is kept, damaged files are set aside under ``damaged/``, and the
            sources of lost rows are forgotten, so that reading them again restores the rows.

        Returns
        -------
        findings : list of Finding
            One a damaged file, with what was done or could be; empty for a sound store.
        """
        if not repair:
            damages = {name: damage_of(ledger) for name, ledger in self._ledgers.items()}
            found = [findings_of(self._ledgers[name], d) for name, d in damages.items()]
            return [*chain(*found), *live_findings(self.path)]
        with self._committing():
            damages = {name: damage_of(ledger) for name, ledger in self._ledgers.items()}
            return Repair(self.path, self._ledgers, self._reader).run(damages)

    def _follow(self, touched: list[Day]) -> None:
        """Find the changes among the static reports again, whose days may have changed."""
        Changes(self._ledgers["reports"], self._ledgers["statics"], self._reader).follow(touched)

    def _label(self, source_id: int) -> str:
        return landing.label(source_id, read_mark(self.path).epoch)

    def _is_in(self, label: str, n: int) -> bool:
        return landing.is_in(self._ledgers["landing"], label, n)

    @contextmanager
    def _committing(self) -> Iterator[None]:
        with self.writing():
            try:
                yield
            except (OSError, DeltaError) as error:
                raise as_store_error(error, self.path, self._n_landed) from error

    def _write_whole(self, tables: Mapping[str, pa.Table], made_with: int | None = None) -> None:
        """Write tables of one file each, all of them before the first is committed."""
        written = {
            name: files.write(
                ledger.folder, "", [in_order(tables[name], ledger.spec)], ledger.spec
            )
            for name, ledger in self._ledgers.items()
            if name in tables
        }
        for name, file in written.items():
            numbers = [] if made_with is None else [(_MADE_WITH, made_with)]
            self._ledgers[name].become([file], numbers)

    def _sweep(self, *names: str) -> None:
        for name in names:
            self._ledgers[name].sweep(READER_GRACE_H * SECONDS_PER_HOUR)
