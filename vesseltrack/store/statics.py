"""Static reports down to those that say something new, and the ones that confirm it."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.schema import STATICS
from vesseltrack.store import files
from vesseltrack.store.fold import by_vessel, stored_of
from vesseltrack.store.ledger import Ledger, folder_of
from vesseltrack.store.order import ARRIVAL, changes, in_order, taken
from vesseltrack.store.parts import Day, within
from vesseltrack.store.reader import Condition, Reader

_TWO_PARTS: Final = 24  # the message type that says its half in each of two parts
_WITH_PLACE: Final = 19  # the message type that carries name and position
_PART_A: Final = frozenset({"name", "msg_type"})
_CONTENT: Final = tuple(name for name in STATICS.names if name not in {*STATICS.key, *ARRIVAL})
_PART_B: Final = tuple(name for name in _CONTENT if name not in _PART_A)
# `_forms` in the database's words.
_BY_FORM: Final = Condition(
    f"GROUP BY mmsi, msg_type, msg_type = {_TWO_PARTS} AND "
    f"({' OR '.join(f'{name} IS NOT NULL' for name in _PART_B)})"
)


def changed_reports(reports: pa.Table, before: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the reports that say something new, or confirm it, and each vessel's last ones.

    New is what differs from the vessel's report before; the next report that says the same
    confirms it: a name is believed when two reports agree. Of message 19 every report is kept: it
    says its sender's place as well, which tells several senders on one MMSI apart.

    Parameters
    ----------
    reports : pyarrow.Table
        Every report of one or more vessels in a stretch of time, in stored order, with a time.
    before : pyarrow.Table
        The last two reports of each form of each vessel before that stretch. The two parts of
        message 24 are forms of their own: they take turns, and each says only its half.

    Returns
    -------
    changed : pyarrow.Table
        In stored order.
    last : pyarrow.Table
        The last two reports of each form of each vessel by the end of the stretch.
    """
    rows = pa.concat_tables([before, reports])
    form = _forms(rows)
    # Within a vessel and form the rows keep their order: what was before comes first.
    order = np.lexsort((form, rows["mmsi"].to_numpy()))
    grouped = taken(rows, pa.array(order))
    starts = np.ones(order.size, dtype=np.bool_)
    starts[1:] = changes(grouped["mmsi"]) | (np.diff(form[order]) != 0)
    is_new = starts.copy()
    for name in _CONTENT:
        is_new[1:] |= changes(grouped[name])
    is_kept = is_new.copy()
    is_kept[1:] |= is_new[:-1]  # the report after a new one is new itself, or confirms it
    is_kept |= grouped["msg_type"].to_numpy() == _WITH_PLACE
    is_kept &= order >= before.num_rows
    is_last = np.append(starts[1:], True)  # the last row ends the last group
    is_last[:-1] |= is_last[1:] & ~starts[1:]  # and the one before it
    kept = grouped.filter(pa.array(is_kept))
    return in_order(kept, STATICS), grouped.filter(pa.array(is_last))


class Changes:
    """The table of changes, kept in step with the table of all reports."""

    def __init__(self, reports: Ledger, statics: Ledger, reader: Reader) -> None:
        self._reports = reports
        self._statics = statics
        self._reader = reader

    def follow(self, touched: list[Day]) -> None:
        """Find the changes again from the first of the days whose reports may have changed.

        What a day keeps hangs on the days before it, so every later day is looked at again; its
        file stays as it is when nothing came of that. Without a time nothing is before: such
        reports are all kept.
        """
        if None in touched:
            self._write(None, self._reports_of(None))
        timed = [day for day in touched if day is not None]
        if not timed:
            return
        first = min(timed)
        days = {file.day for file in self._reports.snapshot().files if file.day is not None}
        last = self._last_before(first)
        for day in sorted(day for day in days if day >= first):
            walk = _Walk(last)
            self._write(day, walk.changes(self._reports_of(day)))
            last = walk.last()

    def _reports_of(self, day: Day) -> Iterator[pa.Table]:
        stored = stored_of(self._reports, day)
        n_rows = sum(file.n_rows for file in stored)
        uris = self._reports.intact_uris(stored)
        return by_vessel(self._reader, uris, within(day), n_rows, STATICS.arrow)

    def _last_before(self, day: dt.date) -> pa.Table:
        """Return the last two reports of each form of each vessel before a day."""
        stored = [f for f in self._statics.snapshot().files if f.day is not None and f.day < day]
        if not stored:
            return STATICS.empty()
        uris = self._statics.intact_uris(stored)
        newest = "unnest(arg_max(row, (timestamp, file_row_number), 2), recursive := true)"
        found = self._reader.scan(uris, newest, tail=_BY_FORM).select(STATICS.names)
        return in_order(found.cast(STATICS.arrow), STATICS)

    def _write(self, day: Day, pieces: Iterator[pa.Table]) -> None:
        before = stored_of(self._statics, day)
        written = files.write(self._statics.folder, folder_of(day), pieces, STATICS)
        if [file.path for file in before] != [written.path]:
            self._statics.commit(add=[written], remove=before)


class _Walk:
    """One day's reports on their way past, and what is known of each vessel after them."""

    def __init__(self, before: pa.Table) -> None:
        self._unseen = before
        self._seen: list[pa.Table] = []

    def changes(self, pieces: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Yield the changes of each piece; no vessel is in two of them."""
        for reports in pieces:
            is_here = pc.is_in(self._unseen["mmsi"], value_set=pc.unique(reports["mmsi"]))
            changed, last = changed_reports(reports, self._unseen.filter(is_here))
            self._unseen = self._unseen.filter(pc.invert(is_here))
            self._seen.append(last)
            yield changed

    def last(self) -> pa.Table:
        """Return the last two reports of each form of each vessel so far."""
        return pa.concat_tables([self._unseen, *self._seen])


def _forms(reports: pa.Table) -> npt.NDArray[np.int64]:
    """Return a number for each report that only those of the same form share."""
    msg_type = reports["msg_type"].to_numpy().astype(np.int64)
    says_part_b = np.zeros(reports.num_rows, dtype=np.bool_)
    for name in _PART_B:
        says_part_b |= reports[name].is_valid().to_numpy()
    return np.asarray(2 * msg_type + (says_part_b & (msg_type == _TWO_PARTS)))
