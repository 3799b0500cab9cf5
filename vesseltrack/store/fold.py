"""Landed rows into their days: sorted files, one a day in the end, every row once."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.store import files
from vesseltrack.store.layout import FOLD_ROWS
from vesseltrack.store.ledger import Ledger, StoredFile, folder_of
from vesseltrack.store.order import in_order, without_repeats
from vesseltrack.store.parts import Day, Part, parts_with, share_times, within
from vesseltrack.store.reader import Condition, Reader
from vesseltrack.store.shards import shards_of

_FOLD: Final = "fold"  # counts the folds of a landing table
_BY_DAY: Final = Condition("GROUP BY day ORDER BY day")
_BY_VESSEL: Final = Condition("GROUP BY mmsi ORDER BY mmsi")
_MMSI: Final = np.iinfo(np.int32)


@dataclass(frozen=True)
class Fold:
    """One fold under way: what had landed when it began, and which number it has."""

    landing: Ledger
    days: Ledger
    landed: tuple[StoredFile, ...]
    number: int

    @classmethod
    def begin(cls, landing: Ledger, days: Ledger) -> "Fold":
        """Return the fold of all that has landed by now."""
        finished = landing.transaction(_FOLD) or 0
        return cls(landing, days, landing.snapshot().files, finished + 1)

    def touched(self, reader: Reader) -> list[Day]:
        """Return the days of the landed rows, the earliest first, no day last."""
        if not self.landed:
            return []
        uris = self.landing.intact_uris(self.landed)
        # What the log says of a file is enough if it says one day.
        days: set[Day] = {_one_day(file) for file in self.landed}
        if None in days:
            unsure = [u for u, f in zip(uris, self.landed, strict=True) if _one_day(f) is None]
            found = reader.scan(unsure, "CAST(timestamp AS DATE) AS day", tail=_BY_DAY)
            days = (days - {None}) | set(found["day"].to_pylist())
        return sorted(days, key=lambda day: day or dt.date.max)

    def in_parts(self) -> list[Day]:
        """Return the days that have several files, as a feed leaves them."""
        counts = Counter(file.day for file in self.days.snapshot().files)
        return [day for day, n_files in counts.items() if n_files > 1]

    def merge(self, day: Day, reader: Reader) -> bool:
        """Merge a day's landed rows into its file; return whether the day changed in this fold.

        A fold that was killed after this step and begins again says so again: the day's commit
        carries the number of the fold.
        """
        return self._merge(day, [Part(within(day), tuple(stored_of(self.days, day)))], reader)

    def add(self, day: Day, reader: Reader) -> bool:
        """Merge a day's landed rows into those of its files that hold their times, or a new one.

        What is rewritten stays as small as a part of a day is, however much the day holds; `merge`
        makes one file of them. Returns as that does.
        """
        stored = stored_of(self.days, day)
        if day is None or share_times(stored):
            return self.merge(day, reader)
        uris = self.landing.uris(self._landed_on(day))
        times = reader.scan(uris, "timestamp", within(day))["timestamp"]
        return self._merge(day, parts_with(day, stored, times), reader)

    def _landed_on(self, day: Day) -> list[StoredFile]:
        return [file for file in self.landed if _may_hold(file, day)]

    def _merge(self, day: Day, parts: Sequence[Part], reader: Reader) -> bool:
        landed = self._landed_on(day)
        written = []
        for part in parts:
            uris = [*self.landing.uris(landed), *self.days.intact_uris(part.stored)]
            n_rows = sum(file.n_rows for file in (*landed, *part.stored))
            pieces = by_vessel(reader, uris, part.where, n_rows, self.days.spec.arrow)
            written.append(write_day(self.days, day, pieces))
        before = {file.path: file for part in parts for file in part.stored}
        now = {file.path for file in written}
        add = [file for file in written if file.path not in before]
        remove = [file for path, file in before.items() if path not in now]
        if not add and not remove:
            return self.days.transaction(str(day)) == self.number
        numbered = [(str(day), self.number)] if self.landed else []
        self.days.commit(add=add, remove=remove, transactions=numbered)
        return True

    def finish(self) -> None:
        """Empty the landing of what was folded; what landed meanwhile stays."""
        if self.landed:
            self.landing.commit(remove=self.landed, transactions=[(_FOLD, self.number)])
        # Nobody but a fold reads landed rows, and no other fold can be under way.
        self.landing.sweep(grace_s=0.0)


def write_day(days: Ledger, day: Day, pieces: Iterable[pa.Table]) -> files.Written:
    """Write the one file of a day from its rows, ordered by vessel and in any order within."""
    cleaned = (without_repeats(in_order(rows, days.spec), days.spec) for rows in pieces)
    return files.write(days.folder, folder_of(day), cleaned, days.spec)


def take_back(
    days: Ledger, day: Day, source_id: int, numbers: Collection[int], reader: Reader
) -> bool:
    """Take the rows of some lines of a source out of a day; return whether there were any."""
    before = stored_of(days, day)
    if not before:
        return False
    of_lines = pa.array(numbers, pa.int32())

    def others() -> Iterator[pa.Table]:
        n_rows = sum(file.n_rows for file in before)
        uris = days.intact_uris(before)
        for rows in by_vessel(reader, uris, within(day), n_rows, days.spec.arrow):
            is_line = pc.is_in(rows["line"], value_set=of_lines)
            is_taken = pc.and_(pc.equal(rows["source_id"], source_id), is_line)
            yield rows.filter(pc.invert(is_taken))

    written = write_day(days, day, others())
    if [file.path for file in before] == [written.path]:
        return False
    days.commit(add=[written], remove=before)
    return True


def stored_of(ledger: Ledger, day: Day) -> list[StoredFile]:
    """Return the files of a day: one or none, or as `Fold.add` leaves them."""
    return [file for file in ledger.snapshot().files if file.day == day]


def by_vessel(
    reader: Reader, uris: Sequence[str], where: Condition, n_rows: int, schema: pa.Schema
) -> Iterator[pa.Table]:
    """Yield rows in ranges of MMSI that fit in memory, the lowest first.

    Parameters
    ----------
    reader : Reader
        Who reads.
    uris : sequence of str
        One or more files that hold these rows, and perhaps others.
    where : Condition
        Which rows; see `within`.
    n_rows : int
        An upper bound of their number.
    schema : pyarrow.Schema
        Of the rows.
    """
    ranges = [(int(_MMSI.min), int(_MMSI.max))]
    if n_rows > FOLD_ROWS:
        counts = reader.scan(uris, "mmsi, count(*) AS n", where, _BY_VESSEL)
        ranges = [(shard.first, shard.last) for shard in shards_of(counts, FOLD_ROWS)]
    for bounds in ranges:
        part = Condition(f"{where.sql} AND mmsi BETWEEN ? AND ?", (*where.values, *bounds))
        yield reader.scan(uris, where=part).cast(schema)


def _one_day(file: StoredFile) -> dt.date | None:
    """Return the day of all rows of a file; None if they may have several, or none."""
    if file.n_untimed or file.first is None or file.last is None:
        return None
    day = file.first.date()
    return day if day == file.last.date() else None


def _may_hold(file: StoredFile, day: Day) -> bool:
    if day is None:
        return file.n_untimed > 0
    return (
        file.first is not None
        and file.last is not None
        and (file.first.date() <= day <= file.last.date())
    )
