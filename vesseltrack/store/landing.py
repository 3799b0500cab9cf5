"""Batches of a source on their way in: appended once, however often they are handed over."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.errors import SchemaError
from vesseltrack.hexgrid import cells_of
from vesseltrack.schema import POSITIONS, RECEIVED, REJECTS, STATICS, Table, validate
from vesseltrack.store import files
from vesseltrack.store.layout import FOLD_ROWS
from vesseltrack.store.ledger import Ledger
from vesseltrack.store.order import in_order, taken, without_repeats
from vesseltrack.store.reader import Reader
from vesseltrack.units import E6, US_PER_DAY

# Days have a calendar date: what lies outside cannot be given one.
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)
_HALF_TURN_E6: Final = 180 * E6
_LIVE: Final = "0.live"  # in a file's name, where that of a batch has its source


def check(received: pa.Table, statics: pa.Table, rejects: pa.Table) -> None:
    """Refuse a batch that is not of its schemas, or whose times have no calendar day.

    Raises
    ------
    SchemaError
        Naming every column at fault, or the first time that is out of range.
    """
    for table, spec in ((received, RECEIVED), (statics, STATICS), (rejects, REJECTS)):
        validate(table, spec)
    for table, spec in ((received, RECEIVED), (statics, STATICS)):
        times = table["timestamp"]
        outside = pc.or_(pc.less(times, _FIRST), pc.greater_equal(times, _LAST))
        if pc.any(outside).as_py():
            wrong_us = times.cast(pa.int64()).filter(outside)[0].as_py()
            msg = f"table {spec.name}: timestamp must lie in 1970 to 9999; got {wrong_us} us"
            raise SchemaError(msg)


def with_cells(received: pa.Table) -> pa.Table:
    """Return received rows as POSITIONS: each with its H3 cell, longitudes in [-180, 180).

    180 and -180 degrees are one meridian; two ways to write it would make repeats look different.
    """
    lat_e6, lon_e6 = (received[name].to_numpy() for name in ("lat_e6", "lon_e6"))
    lon_e6 = (lon_e6.astype(np.int64) + _HALF_TURN_E6) % (2 * _HALF_TURN_E6) - _HALF_TURN_E6
    made = {
        "lon_e6": pa.array(lon_e6.astype(np.int32)),
        "cell": pa.array(cells_of(lat_e6 / E6, lon_e6 / E6)),
    }
    columns = [made[name] if name in made else received[name] for name in POSITIONS.names]
    return pa.Table.from_arrays(columns, schema=POSITIONS.arrow)


def is_in(ledger: Ledger, source: str, n: int) -> bool:
    """Return whether batch n of a source has been committed to a table."""
    newest = ledger.transaction(source)
    return newest is not None and newest >= n


def put(ledger: Ledger, source: str, n: int, rows: pa.Table, *, is_last: bool = False) -> None:
    """Put batch n of a source in place of what a killed writer left of it.

    Parameters
    ----------
    ledger : Ledger
        A table of landed rows.
    source : str
        The source's label.
    n : int
        The batch's number.
    rows : pyarrow.Table
        The table's rows of the batch; without any nothing is committed, unless it is the last.
    is_last : bool
        Whether this commit makes the batch count.
    """
    begin = f"{source}-{n}-"
    before = [file for file in ledger.snapshot().files if file.path.startswith(begin)]
    add = []
    if rows.num_rows:
        batch = _by_day(rows, ledger.spec)
        add = [files.write(ledger.folder, begin, [batch], ledger.spec)]
    paths = [file.path for file in add]
    remove = [file for file in before if file.path not in paths]
    known = {file.path for file in before}
    add = [file for file in add if file.path not in known]
    if add or remove or is_last:
        ledger.commit(add=add, remove=remove, transactions=[(source, n)])


def append_live(ledger: Ledger, rows: pa.Table) -> None:
    """Append rows that come without a batch; the same ones still waiting are not added again."""
    written = files.write(ledger.folder, f"{_LIVE}-", [_by_day(rows, ledger.spec)], ledger.spec)
    if written.path not in {file.path for file in ledger.snapshot().files}:
        ledger.commit(add=[written])


def _by_day(rows: pa.Table, spec: Table) -> pa.Table:
    """Return rows in order, day after day, so that a fold reads no more than its own day."""
    rows = in_order(rows, spec)
    if "timestamp" not in spec.names:
        return rows
    day = pc.divide(rows["timestamp"].cast(pa.int64()), US_PER_DAY)
    if pc.count_distinct(day, mode="all").as_py() == 1:
        return rows
    return taken(rows, pc.sort_indices(day))  # a stable sort: within a day the order stays


def merge(ledger: Ledger, source_id: int, reader: Reader) -> None:
    """Make one file of all that a finished source left in a table, each row once.

    Many small files make a slow table. A row is in twice when a repair had its source read again.
    More rows than fit in memory stay in the files they are in.
    """
    stored = [file for file in ledger.snapshot().files if source_of(file.path) == source_id]
    if len(stored) <= 1 or sum(file.n_rows for file in stored) > FOLD_ROWS:
        return
    rows = reader.scan(ledger.intact_uris(stored)).cast(ledger.spec.arrow)
    rows = without_repeats(in_order(rows, ledger.spec), ledger.spec)
    written = files.write(ledger.folder, f"{source_id}-all-", [rows], ledger.spec)
    superseded = [file for file in stored if file.path != written.path]
    is_there = len(superseded) < len(stored)
    ledger.commit(add=[] if is_there else [written], remove=superseded)


def without_lines(
    ledger: Ledger, source_id: int, numbers: Collection[int], reader: Reader
) -> None:
    """Take some lines of a source out of a table of landed rows."""
    stored = [file for file in ledger.snapshot().files if source_of(file.path) == source_id]
    if not stored:
        return
    rows = reader.scan(ledger.intact_uris(stored)).cast(ledger.spec.arrow)
    is_kept = pc.invert(pc.is_in(rows["line"], value_set=pa.array(numbers, pa.int32())))
    kept = rows.filter(is_kept)
    if kept.num_rows == rows.num_rows:
        return
    add = []
    if kept.num_rows:
        in_place = in_order(kept, ledger.spec)
        add = [files.write(ledger.folder, f"{source_id}-all-", [in_place], ledger.spec)]
    ledger.commit(add=add, remove=stored)


def label(source_id: int, epoch: int) -> str:
    """Return the name that a source's batches are committed under.

    Parameters
    ----------
    source_id : int
        The source.
    epoch : int
        How often a repair had landed rows read again; batches of earlier epochs do not count.
    """
    return f"{source_id}.{epoch}"


def source_of(path: str) -> int:
    """Return the source of a landed file, by its name."""
    return int(path.partition("-")[0].partition(".")[0])
