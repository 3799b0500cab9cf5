"""The distinct static reports of an archive so far: each read once, however many rows carry it."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.core.identity import hash63
from vesseltrack.ingest.arrow import as_numpy, is_known
from vesseltrack.ingest.tabular.layouts import DYNAMIC, STATIC, Header
from vesseltrack.ingest.tabular.records import read_strings, sorted_rows
from vesseltrack.ingest.tabular.rows import Statics, column, msg_types, nav_status, statics
from vesseltrack.ingest.text import LineBlock
from vesseltrack.schema import STATICS

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_UNREADABLE: Final = 0  # the number of what is no report
_NEW: Final = -1
_MAX_RECENT: Final = 8_000  # as many vessels as send within some minutes in a national archive
_MAX_REPORTS: Final = 100_000  # a day of a national archive has some ten thousand: 30 MB
_CONTENT: Final = tuple(
    field
    for field in STATICS.arrow
    if field.name not in {*STATICS.key, "msg_type", "source_id", "line"}
)


class Reports:
    """Reports by number.

    Attributes
    ----------
    is_good : (n,)
        Whether the report's numbers are numbers.
    content : (n,)
        A number for what the report says, equal for equal reports; 0 for one that says nothing.
    msg_type, nav_status : (n,)
        Of the rows, where the archive has them beside the report.
    """

    def __init__(self, header: Header, *, n_head: int, max_row_bytes: int) -> None:
        """Begin with none; a row's tail is what follows its first `n_head` fields."""
        self._names = header.names[n_head:]
        self._wanted = [name for name in self._names if name in {*DYNAMIC, *STATIC}]
        self._layout = header.layout
        self._max_row_bytes = max_row_bytes
        self.forget()

    def forget(self) -> None:
        """Drop all reports; numbers given before are void."""
        self._number_of: dict[bytes, int] = {}
        self._recent = pa.array([b""], pa.binary())  # no tail: each has its comma
        self._recent_numbers: Ints = np.array([_UNREADABLE])
        self._table = pa.schema(_CONTENT).empty_table()
        self.is_good: Bools = np.zeros(0, np.bool_)
        self.content: Ints = np.zeros(0, np.int64)
        self.msg_type: npt.NDArray[np.int8] = np.zeros(0, np.int8)
        self.nav_status: Floats = np.zeros(0)
        self.add(Statics(np.zeros(1, np.int64), {}, [()], np.zeros(1, np.bool_)))

    def make_room(self) -> None:
        """Forget all if there are too many: between blocks, while no number is in use."""
        if self.is_good.size > _MAX_REPORTS:
            self.forget()

    def of_tails(self, tails: pa.Array) -> Ints:
        """Return the number of the report in every second tail, which stands behind its comma."""
        recent = pc.index_in(tails, value_set=self._recent)
        places = as_numpy(recent)[::2]
        is_recent = is_known(recent)[::2]
        numbers: Ints = self._recent_numbers[np.where(is_recent, places, 0)]
        others = np.flatnonzero(~is_recent)
        if others.size:
            words = tails.take(pa.array(2 * others)).dictionary_encode()
            found = self._of_texts(words.dictionary.to_pylist())
            numbers[others] = found[words.indices.to_numpy()]
            self._remember(words.dictionary, found, recent)
        return numbers

    def _of_texts(self, tails: list[bytes]) -> Ints:
        numbers = np.array([self._number_of.get(tail, _NEW) for tail in tails], np.int64)
        is_new = np.flatnonzero(numbers == _NEW)
        if is_new.size:
            new = [tails[i] for i in is_new.tolist()]
            numbers[is_new] = self._read(new)
            self._number_of.update(zip(new, numbers[is_new].tolist(), strict=True))
        return numbers

    def _remember(self, tails: pa.Array, numbers: Ints, recent: pa.Array) -> None:
        """Have tails at hand for the next block, where most of them come again."""
        if len(self._recent) + len(tails) > _MAX_RECENT:
            used = recent.drop_null().unique()
            self._recent = self._recent.take(used)
            self._recent_numbers = self._recent_numbers[used.to_numpy()]
        self._recent = pa.concat_arrays([self._recent, tails])
        self._recent_numbers = np.concatenate([self._recent_numbers, numbers])

    def add(self, found: Statics) -> Ints:
        """Return the number of each row's report from now on, shape of `found.report`."""
        n_reports = len(found.content)
        return self._append(found, np.zeros(n_reports, np.int8), np.full(n_reports, np.nan))[
            found.report
        ]

    def rows(self, numbers: Ints) -> pa.Table:
        """Return what reports say, in the columns of STATICS."""
        return self._table.take(pa.array(numbers))

    def _read(self, tails: list[bytes]) -> Ints:
        block = LineBlock(1, b"\n".join(tail[1:] for tail in tails))
        rows = sorted_rows(block, n_fields=len(self._names), max_row_bytes=self._max_row_bytes)
        text = read_strings(rows, list(self._names), self._wanted)
        found = statics(text, self._layout)
        # Tails with one report may differ in what stands beside it: each has its own number.
        numbers = np.full(len(tails), _UNREADABLE, np.int64)
        numbers[rows.lines - 1] = self._append(
            found.each(), msg_types(column(text, "mobile")), nav_status(column(text, "nav_status"))
        )
        return numbers

    def _append(self, found: Statics, msg_type: npt.NDArray[np.int8], nav_status: Floats) -> Ints:
        n_before, n_new = self.is_good.size, len(found.content)
        columns = [_column(found, field.name, field.type) for field in _CONTENT]
        new = pa.Table.from_arrays(columns, schema=pa.schema(_CONTENT))
        self._table = pa.concat_tables([self._table, new]).combine_chunks()
        # Hashes stand for content: equal ones are the same report, in any process.
        content = np.array([hash63(repr(c)) if c else 0 for c in found.content], np.int64)
        self.is_good = np.concatenate([self.is_good, found.is_good])
        self.content = np.concatenate([self.content, content])
        self.msg_type = np.concatenate([self.msg_type, msg_type])
        self.nav_status = np.concatenate([self.nav_status, nav_status])
        return n_before + np.arange(n_new)


def _column(found: Statics, name: str, type_: pa.DataType) -> pa.Array:
    values = found.columns.get(name)
    if values is None:
        return pa.nulls(len(found.content), type_)
    if isinstance(values, pa.Array):
        return values.cast(type_)
    return pa.array(values, type_, from_pandas=True)
