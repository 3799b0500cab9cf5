"""Rows as plain JSON values: what every export, the command line and the API show."""

import json
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.units import US_PER_S

# Text columns that hold a JSON document: shown as the value they hold.
JSON_COLUMNS: Final = frozenset(
    {"evidence", "identities", "ignored", "innocent", "measures", "reasons", "rejected"}
)
# Whole numbers beyond 2^53, where JSON loses digits: cells as H3 writes them, others as text.
CELL_COLUMNS: Final = frozenset({"cell"})
TEXT_COLUMNS: Final = frozenset({"source_id"})


def plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return rows as dictionaries of JSON values, in the table's column order."""
    columns = [plain_values(name, table.column(name)) for name in table.column_names]
    names = table.column_names
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def plain_values(name: str, data: pa.ChunkedArray) -> list[Any]:
    """Return one column's values as JSON has them.

    Parameters
    ----------
    name : str
        The column's name; it says which text holds JSON and which number is a cell.
    data : pyarrow.ChunkedArray
        Its values, of any type of `vesseltrack.schema`.

    Returns
    -------
    values : list
        Times as ISO 8601 text with `Z`, JSON text as the value it holds, cells in hexadecimal;
        null, NaN and infinity are None.
    """
    type_ = data.type
    if name in JSON_COLUMNS:
        values = [_parsed(text) for text in data.to_pylist()]
    elif name in CELL_COLUMNS:
        values = [None if cell is None else f"{cell:x}" for cell in data.to_pylist()]
    elif name in TEXT_COLUMNS:
        values = data.cast(pa.string()).to_pylist()
    elif pa.types.is_timestamp(type_):
        values = iso_times(data)
    elif pa.types.is_floating(type_):
        values = _finite(data)
    elif pa.types.is_list(type_) and pa.types.is_struct(type_.value_type):
        fields = pa.schema(list(type_.value_type))
        values = [
            None if rows is None else plain_rows(pa.Table.from_pylist(rows, fields))
            for rows in data.to_pylist()
        ]
    else:
        values = data.to_pylist()
    return list(values)


def iso_times(data: pa.ChunkedArray) -> list[str | None]:
    """Return instants as ISO 8601 in UTC, with microseconds only where there are any."""
    time_us = data.cast(pa.int64()).fill_null(0).to_numpy()
    instants = time_us.view("datetime64[us]")
    texts = np.where(
        time_us % US_PER_S == 0,
        np.datetime_as_string(instants, unit="s"),
        np.datetime_as_string(instants, unit="us"),
    )
    known = data.is_valid().to_numpy()
    return [f"{text}Z" if ok else None for text, ok in zip(texts.tolist(), known, strict=True)]


def _finite(data: pa.ChunkedArray) -> list[float | None]:
    if data.type == pa.float32():
        # By its shortest decimal: 7.4 as a double is 7.4, not 7.400000095367432.
        data = data.cast(pa.string()).cast(pa.float64())
    return list(pc.if_else(pc.is_finite(data), data, None).to_pylist())


def _parsed(text: str | None) -> Any:  # noqa: ANN401 - whatever the JSON holds
    if text is None:
        return None
    try:
        return json.loads(text, parse_constant=lambda _: None)  # NaN is no JSON
    except json.JSONDecodeError:
        return text  # damaged, yet one bad row must not take the whole page with it
