"""Any table of a store as a file: CSV, JSON lines, GeoJSON, GeoParquet, FlatGeobuf, GeoPackage."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from vesseltrack.errors import InputError
from vesseltrack.schema import TABLES
from vesseltrack.schema.plain import plain_rows
from vesseltrack.store import Filter, Store

SUFFIXES: Final = (
    ".csv",
    ".jsonl",
    ".geojson",
    ".geojsonl",
    ".parquet",
    ".fgb",
    ".gpkg",
    ".mfjson",
)
PAGE_ROWS: Final = 50_000  # bounds the memory of a text export
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
# A table's name on the command line and the API is what it holds for a reader.
_STORED_AS: Final = {"tracks": "segments"}


def stored_name(name: str) -> str:
    """Return the stored table of a name that users know.

    Raises
    ------
    InputError
        If there is no such table.
    """
    stored = _STORED_AS.get(name, name)
    if stored not in TABLES:
        known = ", ".join(sorted({*TABLES, *_STORED_AS}))
        msg = f"no table {name!r}; there are {known}"
        raise InputError(msg)
    return stored


def export(store: Store, name: str, output: Path, wanted: Filter) -> int:
    """Write the rows of a table that a filter lets through, and return how many.

    Events that were withdrawn are left out. The file appears whole or not at all.

    Raises
    ------
    InputError
        If the table or the file's ending is unknown.
    """
    table = stored_name(name)
    if output.suffix == ".mfjson" and table != "segments":
        msg = f"{output.name}: moving features are made of tracks only; got {name}"
        raise InputError(msg)
    with writing_whole(output, allowed=SUFFIXES) as path:
        return _WRITERS[output.suffix](store, table, path, wanted)


@contextmanager
def writing_whole(output: Path, *, allowed: Sequence[str]) -> Iterator[Path]:
    """Yield a path beside `output` to write to, and put it in place when all went well.

    Raises
    ------
    InputError
        If the ending is not one of `allowed`, or the folder cannot be written to.
    """
    if output.suffix not in allowed:
        msg = f"{output.name}: the ending must be one of {', '.join(allowed)}"
        raise InputError(msg)
    try:
        folder = tempfile.TemporaryDirectory(prefix=".vesseltrack-", dir=output.parent)
    except OSError as error:
        msg = f"cannot write {output}: {error.strerror}"
        raise InputError(msg) from error
    with folder as name:
        path = Path(name) / output.name
        yield path
        path.replace(output)


def csv_text(rows: pa.Table) -> str:
    """Return rows as CSV text with a head line."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(rows.column_names)
    for row in plain_rows(rows):
        writer.writerow(safe_cell(value) for value in row.values())
    return file.getvalue()


def geojson_text(store: Store, table: str, rows: pa.Table) -> str:
    """Return rows of a stored table as a GeoJSON FeatureCollection."""
    return _json({"type": "FeatureCollection", "features": _features_of(store, table, rows)})


def safe_cell(value: object) -> object:
    """Return a value as a CSV cell: unknown is empty, nested is JSON, text is never a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _pages(store: Store, table: str, wanted: Filter) -> Iterator[pa.Table]:
    offset = 0
    while True:
        page = store.select(table, wanted, limit=PAGE_ROWS, offset=offset)
        if table == "events":
            page = page.filter(pa.compute.not_equal(page["status"], "withdrawn"))
        if page.num_rows:
            yield page
        offset += PAGE_ROWS
        if offset >= store.count(table, wanted):
            return


def _rows(store: Store, table: str, wanted: Filter) -> Iterator[dict[str, Any]]:
    for page in _pages(store, table, wanted):
        yield from plain_rows(page)


def _csv(store: Store, table: str, path: Path, wanted: Filter) -> int:
    n_rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names: list[str] = []
        for row in _rows(store, table, wanted):
            if not names:
                names = list(row)
                writer.writerow(names)
            writer.writerow(safe_cell(row[name]) for name in names)
            n_rows += 1
        if not names:
            writer.writerow(store.select(table, wanted, limit=0).column_names)
    return n_rows


def _jsonl(store: Store, table: str, path: Path, wanted: Filter) -> int:
    n_rows = 0
    with path.open("w", encoding="utf-8") as file:
        for row in _rows(store, table, wanted):
            print(_json(row), file=file)
            n_rows += 1
    return n_rows


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _features(store: Store, table: str, wanted: Filter) -> Iterator[dict[str, Any]]:
    for page in _pages(store, table, wanted):
        yield from _features_of(store, table, page)


def _features_of(store: Store, table: str, rows: pa.Table) -> list[dict[str, Any]]:
    from vesseltrack.frames import geometries

    key = TABLES[table].columns[0].name
    return [
        {
            "type": "Feature",
            "id": row[key],
            "geometry": shape.__geo_interface__ if shape is not None else None,
            "properties": row,
        }
        for row, shape in zip(plain_rows(rows), geometries(store, table, rows), strict=True)
    ]


def _geojsonl(store: Store, table: str, path: Path, wanted: Filter) -> int:
    n_rows = 0
    with path.open("w", encoding="utf-8") as file:
        for feature in _features(store, table, wanted):
            print(_json(feature), file=file)
            n_rows += 1
    return n_rows


def _geojson(store: Store, table: str, path: Path, wanted: Filter) -> int:
    n_rows = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        for feature in _features(store, table, wanted):
            file.write(",\n" * (n_rows > 0) + _json(feature))
            n_rows += 1
        file.write("\n]}\n")
    return n_rows


def _mfjson(store: Store, table: str, path: Path, wanted: Filter) -> int:
    from vesseltrack.frames import moving_feature

    n_rows = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        for page in _pages(store, table, wanted):
            for row in plain_rows(page):
                file.write(",\n" * (n_rows > 0) + _json(moving_feature(store, row)))
                n_rows += 1
        file.write("\n]}\n")
    return n_rows


def _geo_file(store: Store, table: str, path: Path, wanted: Filter) -> int:
    from vesseltrack.frames import write_geo_file

    return write_geo_file(store, table, store.select(table, wanted), path)


_WRITERS: Final[Mapping[str, Callable[[Store, str, Path, Filter], int]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".geojson": _geojson,
    ".geojsonl": _geojsonl,
    ".mfjson": _mfjson,
    ".parquet": _geo_file,
    ".fgb": _geo_file,
    ".gpkg": _geo_file,
}
