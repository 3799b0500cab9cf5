"""Questions to the tables, put to the files that can hold the answer."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.errors import InputError, NotFoundError, StoreDamagedError
from vesseltrack.schema import POSITIONS, SEGMENTS, TABLES, Table
from vesseltrack.store.filter import Filter, conditions, may_match
from vesseltrack.store.fixes import flat_ranges, rows_of_ranges
from vesseltrack.store.layout import BY_DAY
from vesseltrack.store.ledger import Ledger, StoredFile
from vesseltrack.store.order import taken
from vesseltrack.store.reader import NOTHING, Condition, Reader
from vesseltrack.store.shards import Shard, shards_of

# Positions are stored in millionths of a degree and served in degrees as well.
_DEGREES: Final = {"lat": '"lat_e6" / 1e6', "lon": '"lon_e6" / 1e6'}
_SEGMENT_COLUMNS: Final = ("segment_id", "mmsi", "fix_ranges")
_COUNT: Final = "count(*) AS n"
_BY_VESSEL: Final = Condition("GROUP BY mmsi ORDER BY mmsi")

Ask = Callable[[list[StoredFile]], pa.Table]


class Queries:
    """The questions that may be put to a store's tables."""

    def __init__(self, ledgers: dict[str, Ledger], reader: Reader) -> None:
        self._ledgers = ledgers
        self._reader = reader

    def select(
        self, name: str, where: Filter, columns: Sequence[str] | None, page: tuple[int | None, int]
    ) -> pa.Table:
        """Return a page of the rows that a filter meets, in key order; see `Store.select`."""
        spec = table_named(name)
        schema = _served(spec, columns)
        limit, offset = page
        if offset < 0 or (limit is not None and limit < 0):
            msg = f"limit and offset must be 0 or more; got {limit} and {offset}"
            raise InputError(msg)
        condition = conditions(where, spec)
        if page != (None, 0):
            return self._rows(spec, schema, where, condition, Condition("LIMIT ? OFFSET ?", page))
        if spec.name in BY_DAY:
            return self._day_after_day(spec, schema, where, condition)
        return self._rows(spec, schema, where, condition)

    def count(self, name: str, where: Filter) -> int:
        """Return how many rows a filter meets."""
        spec = table_named(name)
        condition = conditions(where, spec)
        ledger = self._ledgers[name]

        def ask(stored: list[StoredFile]) -> pa.Table:
            return self._reader.scan(ledger.uris(stored), _COUNT, condition)

        answer = self._asked(ledger, where, ask)
        return 0 if answer is None else int(answer["n"][0].as_py())

    def shards(self, max_rows: int) -> list[Shard]:
        """Return ranges of MMSI of about so many positions each; see `Store.shards`."""
        ledger = self._ledgers[POSITIONS.name]

        def ask(stored: list[StoredFile]) -> pa.Table:
            return self._reader.scan(ledger.uris(stored), f"mmsi, {_COUNT}", tail=_BY_VESSEL)

        counts = self._asked(ledger, Filter(), ask)
        return [] if counts is None else shards_of(counts, max_rows)

    def fixes_of(self, segment_ids: list[str]) -> pa.Table:
        """Return the positions of segments; see `Store.fixes_of`."""
        segments = self._segments(segment_ids)
        ranges = flat_ranges(segments)
        positions = self._around(ranges)
        number, row = rows_of_ranges(ranges, positions)
        segment = ranges["place"].take(pa.array(number))
        fixes = positions.take(pa.array(row))
        return fixes.add_column(0, "segment_id", segments["segment_id"].take(segment))

    def _segments(self, segment_ids: list[str]) -> pa.Table:
        schema = _served(SEGMENTS, _SEGMENT_COLUMNS)
        named = Condition("segment_id IN (SELECT unnest(?::VARCHAR[]))", (segment_ids,))
        found = self._rows(SEGMENTS, schema, Filter(), named)
        row = pc.index_in(pa.array(segment_ids, pa.string()), value_set=found["segment_id"])
        if row.null_count:
            unknown = segment_ids[row.to_pylist().index(None)]
            msg = f"segments has no {unknown!r}"
            raise NotFoundError(msg)
        return found.take(row)

    def _around(self, ranges: pa.Table) -> pa.Table:
        """Return the positions of the ranges' vessels from the first start to the last end."""
        schema = _served(POSITIONS, None)
        if ranges.num_rows == 0:
            return schema.empty_table()
        where = Filter(since=pc.min(ranges["start"]).as_py(), until=pc.max(ranges["end"]).as_py())
        in_time = conditions(where, POSITIONS)
        vessels = pc.unique(ranges["mmsi"]).to_pylist()
        theirs = Condition(
            f"{in_time.sql} AND mmsi IN (SELECT unnest(?::INTEGER[]))", (*in_time.values, vessels)
        )
        return self._rows(POSITIONS, schema, where, theirs)

    def _rows(
        self,
        spec: Table,
        schema: pa.Schema,
        where: Filter,
        condition: Condition,
        bounds: Condition = NOTHING,
    ) -> pa.Table:
        """Return rows in key order; `where` chooses the files, `condition` the rows in them."""
        ledger = self._ledgers[spec.name]
        tail = Condition(f"{_order(ledger)} {bounds.sql}", bounds.values)

        def ask(stored: list[StoredFile]) -> pa.Table:
            columns = _expressions(schema, spec)
            return self._reader.scan(ledger.uris(stored), columns, condition, tail)

        answer = self._asked(ledger, where, ask)
        return schema.empty_table() if answer is None else answer.cast(schema)

    def _day_after_day(
        self, spec: Table, schema: pa.Schema, where: Filter, condition: Condition
    ) -> pa.Table:
        """Return all rows of days in key order; the database's own sort would hold them twice.

        A scan without a join keeps the order of the files and of the rows in them, and each day is
        in key order: so a stable sort by vessel is enough.
        """
        ledger = self._ledgers[spec.name]
        needed = schema if "mmsi" in schema.names else schema.append(spec.arrow.field("mmsi"))

        def ask(stored: list[StoredFile]) -> pa.Table:
            uris = ledger.uris(sorted(stored, key=_day_order))
            rows = self._reader.scan(uris, _expressions(needed, spec), condition).cast(needed)
            if len(stored) == 1:
                return rows
            return taken(rows, pa.array(np.argsort(rows["mmsi"].to_numpy(), kind="stable")))

        answer = self._asked(ledger, where, ask)
        return schema.empty_table() if answer is None else answer.select(schema.names)

    def _asked(self, ledger: Ledger, where: Filter, ask: Ask) -> pa.Table | None:
        """Return the answer of the newest files, None without any.

        Files that went meanwhile are no damage: a reader that resolved them longer ago than
        `READER_GRACE_H`, or before a repair, looks again.
        """
        before = ledger.snapshot()
        try:
            return _ask_those(before.files, where, ask)
        except StoreDamagedError:
            ledger.forget()
            now = ledger.snapshot()
            if now == before:
                raise
            return _ask_those(now.files, where, ask)


def _ask_those(stored: Sequence[StoredFile], where: Filter, ask: Ask) -> pa.Table | None:
    candidates = [file for file in stored if may_match(file, where)]
    return ask(candidates) if candidates else None


def table_named(name: str) -> Table:
    """Return a public table.

    Raises
    ------
    NotFoundError
        If there is none of that name.
    """
    if name not in TABLES:
        msg = f"no table {name!r}; there are {', '.join(TABLES)}"
        raise NotFoundError(msg)
    return TABLES[name]


def _served(spec: Table, columns: Sequence[str] | None) -> pa.Schema:
    """Return the schema of what is served: the columns asked for, or all."""
    schema = spec.arrow
    if spec.name == POSITIONS.name:
        place = schema.get_field_index("lon_e6") + 1
        for name in reversed(_DEGREES):
            schema = schema.insert(place, pa.field(name, pa.float64(), nullable=False))
    if columns is None:
        return schema
    unknown = ", ".join(name for name in columns if name not in schema.names)
    if unknown:
        msg = f"table {spec.name} has no column {unknown}; it has {', '.join(schema.names)}"
        raise InputError(msg)
    return pa.schema([schema.field(name) for name in columns])


def _expressions(schema: pa.Schema, spec: Table) -> str:
    computed = _DEGREES if spec.name == POSITIONS.name else {}
    return ", ".join(f"{computed.get(n, _quoted(n))} AS {_quoted(n)}" for n in schema.names)


def _order(ledger: Ledger) -> str:
    """Return what puts rows in key order.

    Also the rows of one file, which are in it already: what a join lets through comes as the
    threads of the database deliver it.
    """
    # Rows of one key that lie in one file have their order there, as all of one day do.
    ties = ["file_row_number"] if ledger.by_day else ["filename", "file_row_number"]
    return f"ORDER BY {', '.join([*map(_quoted, ledger.spec.key), *ties])}"


def _day_order(file: StoredFile) -> tuple[bool, dt.date, bool, dt.datetime | None]:
    """Return a sort key: day after day and part after part, rows without a time last."""
    return file.day is None, file.day or dt.date.min, file.first is None, file.first


def _quoted(name: str) -> str:
    return f'"{name}"'
