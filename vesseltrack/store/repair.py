"""What can honestly be done about damage: what can be read is kept, nothing is made up.

The steps are in an order that makes a repair cut short harmless: the damage is still found, and
all that was done before is done again.
"""

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from vesseltrack.errors import StoreDamagedError
from vesseltrack.schema import REJECTS, SOURCES, STATICS, Table
from vesseltrack.store import files, landing
from vesseltrack.store.files import Written
from vesseltrack.store.fold import by_vessel, stored_of, write_day
from vesseltrack.store.layout import BY_SOURCE, DERIVED, REPORTS
from vesseltrack.store.ledger import Ledger, day_of
from vesseltrack.store.live_repair import repair_live
from vesseltrack.store.mark import Mark, read_mark, write_mark
from vesseltrack.store.parts import within
from vesseltrack.store.reader import Condition, Reader
from vesseltrack.store.statics import Changes
from vesseltrack.store.verify import Damage, Finding, findings_of

_FOLDER: Final = "damaged"
_SPARE: Final = ".new-log"
_LOG: Final = "_delta_log"
_NAMED_SOURCES: Final = 5  # [sources] named in a remedy; the rest are counted
_BY_SOURCE_ID: Final = Condition("GROUP BY source_id")
_RECOMPUTED: Final = frozenset({*DERIVED, "statics"})


@dataclass
class Mended:
    """A table as it can still be had: on disk, not yet committed."""

    ledger: Ledger
    files: list[Written] = field(default_factory=list)  # all that it will consist of
    n_kept: dict[str, int] = field(default_factory=dict)  # rows read from each damaged file
    n_lost: dict[str, int | None] = field(default_factory=dict)  # and not read; None: unknown


class Repair:
    """One repair of a store, by the holder of the writer's lock."""

    def __init__(self, store: Path, ledgers: Mapping[str, Ledger], reader: Reader) -> None:
        self._store = store
        self._ledgers = ledgers
        self._reader = reader
        stamp = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H%M%SZ")
        self._aside = store / _FOLDER / stamp

    def run(self, damages: Mapping[str, Damage]) -> list[Finding]:
        """Repair the tables that are damaged and return what was found and done."""
        mended = {
            name: self._mend(self._ledgers[name], damage)
            for name, damage in damages.items()
            if damage and name not in _RECOMPUTED
        }
        if SOURCES.name in mended:  # first: which sources to forget stands in it
            self._commit(mended[SOURCES.name], damages[SOURCES.name])
        forgotten = self._forget_sources(mended)
        for name, table in mended.items():
            if name != SOURCES.name:
                self._commit(table, damages[name])
        for name in _RECOMPUTED:
            if damages[name]:
                drop(self._ledgers[name])
        if damages["statics"] or damages["reports"]:
            self._find_changes_again()
        found = [f for name, d in damages.items() for f in findings_of(self._ledgers[name], d)]
        found += [
            Finding(name, f"{name}/{path}", "is damaged as well", "")
            for name, table in mended.items()
            if damages[name].log
            for path in table.n_kept
        ]
        return [
            replace(finding, remedy=self._remedy(finding, mended.get(finding.table), forgotten))
            for finding in found
        ] + repair_live(self._store, self._aside)

    def _mend(self, ledger: Ledger, damage: Damage) -> Mended:
        """Write what a table can still consist of, and set what is damaged aside."""
        mended = Mended(ledger)
        recorded = {} if damage.log else {f.path: f.n_rows for f in ledger.snapshot().files}
        on_disk = [path.relative_to(ledger.folder).as_posix() for path in ledger.data_files()]
        for path in on_disk if damage.log else recorded:
            if _is_intact(ledger.folder, path):
                mended.files.append(files.described(ledger.folder, path, ledger.spec))
                continue
            self._set_aside(ledger.folder / path)
            kept = _salvaged(ledger, path)
            mended.n_kept[path] = kept.n_rows if kept else 0
            n_rows = recorded.get(path, _rows_by_footer(ledger.folder / path))
            mended.n_lost[path] = None if n_rows is None else n_rows - mended.n_kept[path]
            mended.files += [kept] if kept else []
            if ledger.spec.name == REPORTS.name:
                mended.files += self._changes_as_reports(ledger, day_of(path))
        if damage.log:
            self._set_aside(ledger.folder / _LOG)
        if ledger.by_day:
            mended.files = self._one_a_day(ledger, mended.files)
        if ledger.spec.name == SOURCES.name and len(mended.files) > 1:
            mended.files = [self._one_row_a_source(ledger, mended.files)]
        return mended

    def _changes_as_reports(self, reports: Ledger, day: dt.date | None) -> list[Written]:
        """Return the day's file of `statics` as one of reports: what it says was reported."""
        statics = self._ledgers[STATICS.name]
        found = []
        with suppress(StoreDamagedError):
            for file in stored_of(statics, day):
                if _is_intact(statics.folder, file.path):
                    shutil.copy2(statics.folder / file.path, reports.folder / file.path)
                    found.append(files.described(reports.folder, file.path, STATICS))
        return found

    def _set_aside(self, path: Path) -> None:
        if not path.exists():
            return
        target = self._aside / path.relative_to(self._store)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copy2(path, target)

    def _one_a_day(self, ledger: Ledger, parts: list[Written]) -> list[Written]:
        """Merge the files of each day that has several, as after a lost log."""
        by_day: dict[dt.date | None, list[Written]] = {}
        for part in parts:
            by_day.setdefault(day_of(part.path), []).append(part)
        merged = []
        for day, same_day in by_day.items():
            if len(same_day) == 1:
                merged += same_day
                continue
            uris = [str(ledger.folder.resolve() / part.path) for part in same_day]
            n_rows = sum(part.n_rows for part in same_day)
            pieces = by_vessel(self._reader, uris, within(day), n_rows, ledger.spec.arrow)
            merged.append(write_day(ledger, day, pieces))
        return merged

    def _one_row_a_source(self, ledger: Ledger, parts: list[Written]) -> Written:
        """Merge versions of `sources`: of each source the reading that got furthest."""
        uris = [str(ledger.folder.resolve() / part.path) for part in parts]
        furthest = self._reader.scan(uris, "unnest(arg_max(row, lines))", tail=_BY_SOURCE_ID)
        rows = furthest.cast(SOURCES.arrow).sort_by("source_id")
        return files.write(ledger.folder, "", [rows], SOURCES)

    def _forget_sources(self, mended: Mapping[str, Mended]) -> list[str]:
        """Forget the sources whose rows were lost, so that they can be read again.

        Their rows that are still there are found to be repeats by the next fold.
        """
        ledger = self._ledgers[SOURCES.name]
        days, source_ids = _lost(mended.values())
        if not days and not source_ids:
            return []
        stored = ledger.snapshot().files
        known = self._reader.scan(ledger.uris(stored)).to_pylist() if stored else []
        affected = [r for r in known if r["source_id"] in source_ids or _may_touch(r, days)]
        kept = [row for row in known if row not in affected]
        rows = pa.Table.from_pylist(kept, schema=SOURCES.arrow)
        ledger.become([files.write(ledger.folder, "", [rows], SOURCES)])
        mark = read_mark(self._store)
        write_mark(self._store, Mark(mark.format_version, mark.epoch + 1))
        return [row["name"] for row in affected]

    def _commit(self, mended: Mended, damage: Damage) -> None:
        ledger = mended.ledger
        if damage.log:
            self._give_new_log(ledger, mended.files)
        else:
            ledger.become(mended.files)
        current = {file.path for file in mended.files}
        for path in mended.n_kept:
            if path not in current:
                (ledger.folder / path).unlink(missing_ok=True)
        if ledger.spec.name == REJECTS.name:
            for source_id in {landing.source_of(path) for path in current}:
                landing.merge(ledger, source_id, self._reader)

    def _give_new_log(self, ledger: Ledger, written: list[Written]) -> None:
        """Replace a damaged log by one that names the files there are.

        The old hashes go last: until then the new log does not match them and is found.
        """
        spare = Ledger(self._store / _SPARE, ledger.spec)
        drop(spare)
        spare.commit(add=written)
        shutil.rmtree(ledger.log, ignore_errors=True)
        spare.log.rename(ledger.log)
        files.make_folder(ledger.seals.path.parent)
        spare.seals.path.replace(ledger.seals.path)
        shutil.rmtree(self._store / _SPARE)
        ledger.forget()

    def _find_changes_again(self) -> None:
        reports, statics = self._ledgers["reports"], self._ledgers["statics"]
        days = [file.day for file in reports.snapshot().files]
        Changes(reports, statics, self._reader).follow(days)

    def _remedy(self, finding: Finding, mended: Mended | None, sources: list[str]) -> str:
        if mended is None:
            again = "" if finding.table == "statics" else ", 'vesseltrack detect' makes it anew"
            return f"table dropped{again}" if again else "found again from all reports"
        path = finding.file.removeprefix(f"{finding.table}/")
        aside = self._aside.relative_to(self._store)
        if path.startswith(_LOG):
            return f"set aside in {aside}; a new log names the {len(mended.files)} files there are"
        if path not in mended.n_kept:  # its bytes are those that were written
            is_one_of_several = finding.problem.startswith("is one of")
            return "merged into one file" if is_one_of_several else "left as it is: report this"
        n_lost = mended.n_lost[path]
        said = "an unknown number" if n_lost is None else n_lost
        kept = f"set aside in {aside}; {mended.n_kept[path]} rows kept, {said} lost"
        return kept if n_lost == 0 else f"{kept}; read again: {_named(sources)}"


def drop(ledger: Ledger) -> None:
    """Drop a table that can be computed again."""
    shutil.rmtree(ledger.folder, ignore_errors=True)
    ledger.seals.forget()
    ledger.forget()


def salvage(path: Path, spec: Table) -> Iterator[pa.Table]:
    """Yield the row groups of a file that can be read and whose pages have their checksums."""
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
    except (pa.ArrowException, OSError):
        return
    for number in range(file.num_row_groups):
        with suppress(pa.ArrowException, OSError, KeyError, ValueError):
            yield file.read_row_group(number).select(spec.names).cast(spec.arrow)
    file.close()


def _is_intact(folder: Path, path: str) -> bool:
    try:
        files.require_intact(folder, path)
    except StoreDamagedError:
        return False
    return True


def _rows_by_footer(path: Path) -> int | None:
    """Return how many rows a file says it has, None when it cannot say so any more."""
    try:
        n_rows: int = pq.read_metadata(path).num_rows
    except (pa.ArrowException, OSError):
        return None
    return n_rows


def _salvaged(ledger: Ledger, path: str) -> Written | None:
    """Write what can be read of a damaged file as a new one; None when that is nothing."""
    inside = path[: path.rindex(files.recorded_hash(path))]
    pieces = salvage(ledger.folder / path, ledger.spec)
    first = next(pieces, None)
    if first is None:
        return None
    try:
        return files.write(ledger.folder, inside, chain([first], pieces), ledger.spec)
    except StoreDamagedError:  # readable, but not in the order it was written in
        return None


def _lost(mended: Iterable[Mended]) -> tuple[set[dt.date | None], set[int]]:
    """Return the days and the sources that lost rows."""
    days: set[dt.date | None] = set()
    source_ids: set[int] = set()
    for table in mended:
        for path, n_rows in table.n_lost.items():
            if n_rows != 0 and table.ledger.by_day:
                days.add(day_of(path))
            elif n_rows != 0 and table.ledger.spec.name in BY_SOURCE:
                source_ids.add(landing.source_of(path))
    return days, source_ids


def _may_touch(source: dict[str, Any], days: set[dt.date | None]) -> bool:
    """Return whether a source may hold rows of some days; without its times it may."""
    first, last = source["first_time"], source["last_time"]
    if first is None or last is None:
        return bool(days)
    return any(day is None or first.date() <= day <= last.date() for day in days)


def _named(sources: list[str]) -> str:
    named = ", ".join(sources[:_NAMED_SOURCES]) or "the archives it came from"
    n_more = len(sources) - _NAMED_SOURCES
    return f"{named} and {n_more} more" if n_more > 0 else named
