"""Plain rows of a CSV archive, many at a time: those that need no second look.

In the archives a row says what changes from moment to moment first (its head), and then what
repeats from row to row (its tail). The head is read as numbers at once, and of the tails only
distinct ones are read. Whatever is odd about a line leaves it to the careful reading of
`records` and `rows`, which says what is wrong with it: nothing is decided here but that a row is
good.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from vesseltrack.ingest.marks import nth_set
from vesseltrack.ingest.tabular import values
from vesseltrack.ingest.tabular.layouts import STATIC, Header
from vesseltrack.ingest.tabular.reports import Reports
from vesseltrack.ingest.tabular.rows import (
    MEASURED,
    Dynamic,
    dynamic,
    msg_types,
    nav_status,
    times,
)
from vesseltrack.ingest.text import LineBlock

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_COMMA: Final = 44
_QUOTE: Final = 34
_FIRST_NOT_ASCII: Final = 128
_NO_ROWS: Final = np.zeros(0, np.int64)
_MOVING: Final = frozenset({"time", "mmsi", *MEASURED})  # rarely the same twice


@dataclass(frozen=True)
class GoodRows:
    """Rows without a fault, in the order of their lines."""

    lines: Ints  # numbers in the source, shape (n,)
    now: Dynamic
    report: Ints  # numbers of their reports, shape (n,)

    def followed_by(self, others: "GoodRows") -> "GoodRows":
        """Return these and other rows."""
        if not (self.lines.size and others.lines.size):
            return self if self.lines.size else others
        lines = np.concatenate([self.lines, others.lines])
        order = np.argsort(lines)
        report = np.concatenate([self.report, others.report])
        return GoodRows(lines[order], self.now.followed_by(others.now).where(order), report[order])


@dataclass(frozen=True)
class Rest:
    """The other lines of a block, as a block of their own, and the numbers of those lines."""

    block: LineBlock
    lines: Ints


class PlainRows:
    """Reads the plain rows of blocks under one header, and keeps the reports of its rows."""

    def __init__(self, header: Header, *, max_row_bytes: int) -> None:
        """Find where a row's head ends: behind the last column that moves."""
        n_head = 1 + max(i for i, name in enumerate(header.names) if name in _MOVING)
        self._head = header.names[:n_head]
        self._layout = header.layout
        self._max_row_bytes = max_row_bytes
        self._can_read = n_head < len(header.names) and not set(STATIC) & set(self._head)
        nothing = pa.table({"time": pa.array([], pa.string()), "mmsi": pa.array([], pa.string())})
        self.none = GoodRows(_NO_ROWS, dynamic(nothing, self._layout), _NO_ROWS)
        self.reports = Reports(header, n_head=n_head, max_row_bytes=max_row_bytes)

    def read(self, block: LineBlock) -> tuple[GoodRows, Rest]:
        """Return the plain rows of a block, and its other lines."""
        self.reports.make_room()
        if self._can_read:
            lines = _Lines(block, len(self._head))
            rows, heads = lines.plain(self._max_row_bytes)
            if rows.size:
                good = self._good(rows, heads, lines.tails(rows))
                rest = lines.but(good.lines)
                others = LineBlock(1, b"\n".join(lines.raw(rest)))
                good = GoodRows(good.lines + block.first_line, good.now, good.report)
                return good, Rest(others, rest + block.first_line)
        numbers = np.arange(len(block)) + block.first_line
        return self.none, Rest(LineBlock(1, block.data), numbers)

    def _good(self, rows: Ints, heads: pa.Buffer, tails: pa.Array) -> GoodRows:
        report = self.reports.of_tails(tails)
        now, is_good = self._moments(heads, rows.size, report)
        is_good &= self.reports.is_good[report]
        if is_good.all():
            return GoodRows(rows, now, report)
        return GoodRows(rows[is_good], now.where(is_good), report[is_good])

    def _moments(self, heads: pa.Buffer, n_rows: int, report: Ints) -> tuple[Dynamic, Bools]:
        """Return what heads say, and whether every field of it is what it should be."""
        table = _read(heads, self._head)
        assert table.num_rows == n_rows, "a sorted head must be one row"
        is_good = np.ones(n_rows, np.bool_)
        measured = {}
        for name in MEASURED:
            measured[name], is_number = _numbers(table, name)
            is_good &= is_number
        mmsi, is_mmsi = values.mmsi(_words(table, "mmsi"))
        t_us, is_time = times(_words(table, "time"), self._layout)
        codes = {name: _codes(table, name) for name in ("mmsi", "time")}
        is_good &= is_mmsi[codes["mmsi"]] & is_time[codes["time"]]
        if "mobile" in self._head:
            msg_type = msg_types(_words(table, "mobile"))[_codes(table, "mobile")]
        else:
            msg_type = self.reports.msg_type[report]
        if "nav_status" in self._head:
            status = nav_status(_words(table, "nav_status"))[_codes(table, "nav_status")]
        else:
            status = self.reports.nav_status[report]
        now = Dynamic(
            mmsi=mmsi[codes["mmsi"]],
            t_us=t_us[codes["time"]],
            measured=measured,
            nav_status=status,
            msg_type=msg_type,
            fault=np.zeros(n_rows, np.int8),
        )
        return now, is_good


class _Lines:
    """The lines of a block, each cut in two behind so many fields."""

    def __init__(self, block: LineBlock, n_head: int) -> None:
        self._data = block.data
        self._chars = np.frombuffer(self._data, np.uint8)
        self._starts = np.append(0, block.ends + 1)
        self._ends = np.append(block.ends, self._chars.size)
        cuts = nth_set(self._chars == _COMMA, self._starts, n_head)
        self._has_tail = cuts < self._ends
        self._cuts = np.minimum(cuts, self._ends)
        # A head begins with the line end before it: heads one after the other are lines.
        places = np.empty(2 * self._ends.size + 1, np.int32)
        places[2::2], places[1::2], places[0] = self._ends, self._cuts, 0
        self._pieces = pa.Array.from_buffers(
            pa.binary(), places.size - 1, [None, pa.py_buffer(places), pa.py_buffer(self._data)]
        )

    def plain(self, max_row_bytes: int) -> tuple[Ints, pa.Buffer]:
        """Return the lines whose head is plain text, and those heads, each behind a line end.

        A head with a quote in it, or a byte that is not ASCII, is not.
        """
        is_plain = self._has_tail & (self._ends - self._starts <= max_row_bytes)
        rows = np.flatnonzero(is_plain)
        heads = self._heads(rows)
        text = np.frombuffer(heads, np.uint8)
        if text.max(initial=0) >= _FIRST_NOT_ASCII or (text == _QUOTE).any():
            odd = np.flatnonzero((self._chars == _QUOTE) | (self._chars >= _FIRST_NOT_ASCII))
            line = np.searchsorted(self._ends, odd)
            rows = np.setdiff1d(rows, line[odd < self._cuts[line]])
            heads = self._heads(rows)
        return rows, heads

    def _heads(self, rows: Ints) -> pa.Buffer:
        return self._pieces.take(pa.array(2 * rows)).buffers()[2]

    def tails(self, rows: Ints) -> pa.Array:
        """Return the tails of some lines, each behind its comma."""
        return self._pieces.take(pa.array(2 * rows + 1))

    def but(self, rows: Ints) -> Ints:
        """Return the lines that are not among these."""
        is_other = np.ones(self._ends.size, np.bool_)
        is_other[rows] = False
        return np.flatnonzero(is_other)

    def raw(self, rows: Ints) -> Iterator[bytes]:
        """Yield lines as they came."""
        for row in rows.tolist():
            yield self._data[self._starts[row] : self._ends[row]]


def _read(heads: pa.Buffer, names: tuple[str, ...]) -> pa.Table:
    """Return heads as a table: measured columns as numbers if all of them are, others as words."""
    words = dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string()))
    numbers = words | {name: pa.float64() for name in names if name in MEASURED}
    try:
        return _table(heads, numbers)
    except pa.ArrowInvalid:
        return _table(heads, words)


def _table(heads: pa.Buffer, types: dict[str, pa.DataType]) -> pa.Table:
    return pa_csv.read_csv(
        pa.BufferReader(heads),
        read_options=pa_csv.ReadOptions(
            column_names=list(types), block_size=heads.size + 1, use_threads=False
        ),
        parse_options=pa_csv.ParseOptions(quote_char=False),
        convert_options=pa_csv.ConvertOptions(
            column_types=types,
            include_columns=[name for name in types if not name.startswith("other")],
            null_values=values.UNKNOWN.to_pylist(),
            strings_can_be_null=False,
            check_utf8=False,  # heads are ASCII
        ),
    )


def _numbers(table: pa.Table, name: str) -> tuple[Floats, Bools]:
    """Return a measured column, and whether each field is a number or unknown."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan), np.ones(table.num_rows, np.bool_)
    column = table[name].chunk(0)
    if pa.types.is_dictionary(column.type):
        numbers, is_good = values.floats(column.dictionary)
        places = column.indices.to_numpy()
        return numbers[places], is_good[places]
    return column.to_numpy(zero_copy_only=False), np.ones(table.num_rows, np.bool_)


def _words(table: pa.Table, name: str) -> pa.Array:
    return table[name].chunk(0).dictionary


def _codes(table: pa.Table, name: str) -> npt.NDArray[np.int32]:
    return np.asarray(table[name].chunk(0).indices.to_numpy())
