"""Plain rows of a CSV archive, many at a time: those that need no second look.

In the archives a row says what changes from moment to moment first (its head), and then what
repeats from row to row (its tail). The head is read as numbers at once, and of the tails only
distinct ones are read. Whatever is odd about a line leaves it to the careful reading of
`records` and `rows`, which says what is wrong with it: nothing is decided here but that a row is
good.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.tabular.columns import column_heads
from vesseltrack.ingest.tabular.cutting import HeadsAndTails, bounds, tails
from vesseltrack.ingest.tabular.heads import Heads
from vesseltrack.ingest.tabular.layouts import STATIC, Header
from vesseltrack.ingest.tabular.reports import Reports
from vesseltrack.ingest.tabular.rows import MEASURED, Dynamic, dynamic
from vesseltrack.ingest.tabular.usual import UsualHeads
from vesseltrack.ingest.text import LineBlock

Ints = npt.NDArray[np.int64]

_SEVERAL: Final = 16  # lines: fewer are read as quickly one by one
_NO_ROWS: Final = np.zeros(0, np.int64)
_MOVING: Final = frozenset({"time", "mmsi", *MEASURED})  # rarely the same twice


@dataclass(frozen=True)
class GoodRows:
    """Rows without a fault, in the order of their lines."""

    lines: Ints  # numbers in the source or the block, shape (n,)
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

    def numbered(self, lines: Ints) -> "GoodRows":
        """Return the rows of places 0, 1, 2 ... as those of lines."""
        return GoodRows(lines[self.lines], self.now, self.report)


@dataclass(frozen=True)
class Rest:
    """The other lines of a block, as a block from line 1 on, and the numbers of those lines."""

    block: LineBlock
    lines: Ints

    def without(self, places: Ints) -> "Rest":
        """Return the lines but for those at some places, from 0."""
        if not places.size:
            return self
        is_other = np.ones(self.lines.size, np.bool_)
        is_other[places] = False
        left = np.flatnonzero(is_other)
        starts, ends = (bound[left].tolist() for bound in bounds(self.block))
        lines = [self.block.data[start:end] for start, end in zip(starts, ends, strict=True)]
        return Rest(LineBlock(1, b"\n".join(lines)), self.lines[left])


class PlainRows:
    """Reads the plain rows of blocks under one header, and keeps the reports of its rows.

    Attributes
    ----------
    header : Header
        What the columns are.
    reports : Reports
        The reports seen so far.
    none : GoodRows
        No rows.
    """

    def __init__(self, header: Header, *, max_row_bytes: int) -> None:
        """Find where a row's head ends: behind the last column that moves."""
        n_head = 1 + max(i for i, name in enumerate(header.names) if name in _MOVING)
        self.header = header
        self._head = header.names[:n_head]
        self._layout = header.layout
        self._max_row_bytes = max_row_bytes
        self._can_read = n_head < len(header.names) and not set(STATIC) & set(self._head)
        self._usual = UsualHeads(self._head, self._layout)
        nothing = pa.table({"time": pa.array([], pa.string()), "mmsi": pa.array([], pa.string())})
        self.none = GoodRows(_NO_ROWS, dynamic(nothing, self._layout), _NO_ROWS)
        self.reports = Reports(header, n_head=n_head, max_row_bytes=max_row_bytes)

    def read(self, block: LineBlock) -> tuple[GoodRows, Rest]:
        """Return the plain rows of a block, and its other lines."""
        self.reports.make_room()
        numbers = np.arange(len(block)) + block.first_line
        rest = Rest(LineBlock(1, block.data, found_ends=block.ends), numbers)
        good = self.none
        if self._can_read:
            for read, at_least in ((self._usual_rows, 1), (self._other_rows, _SEVERAL)):
                if rest.lines.size < at_least:
                    break
                found = read(rest.block)
                good = good.followed_by(found.numbered(rest.lines))
                rest = rest.without(found.lines)
        return good, rest

    def _usual_rows(self, block: LineBlock) -> GoodRows:
        """Return the rows whose heads are as the archives write them, numbered from 0."""
        if not self._usual.can_read(block):
            return self.none
        heads, cuts = self._usual.read(block)
        starts, ends = bounds(block)
        rows = np.flatnonzero(heads.is_good & (ends - starts <= self._max_row_bytes))
        return self._good(rows, heads.where(rows), tails(block, cuts[rows], ends[rows]))

    def _other_rows(self, block: LineBlock) -> GoodRows:
        """Return the rows whose heads are text without quotes, numbered from 0."""
        lines = HeadsAndTails(block, len(self._head))
        rows, text = lines.plain(self._max_row_bytes)
        if not rows.size:
            return self.none
        heads = column_heads(text, self._head, self._layout)
        assert heads.mmsi.size == rows.size, "a sorted head must be one row"
        return self._good(rows, heads, lines.tails(rows))

    def _good(self, rows: Ints, heads: Heads, tails_: pa.Array) -> GoodRows:
        report = self.reports.of_tails(tails_)
        now = Dynamic(
            mmsi=heads.mmsi,
            t_us=heads.t_us,
            measured=heads.measured,
            nav_status=_coded(heads, "nav_status", self.reports.nav_status, report),
            msg_type=_coded(heads, "mobile", self.reports.msg_type, report),
            fault=np.zeros(rows.size, np.int8),
        )
        is_good = heads.is_good & self.reports.is_good[report]
        if is_good.all():
            return GoodRows(rows, now, report)
        return GoodRows(rows[is_good], now.where(is_good), report[is_good])


def _coded(heads: Heads, name: str, of_report: npt.NDArray[Any], report: Ints) -> npt.NDArray[Any]:
    """Return a code of each row, from its head or else from beside its report."""
    return heads.coded[name] if name in heads.coded else np.asarray(of_report[report])
