"""Heads of rows read by Arrow, column by column: any number that it knows, any words."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from vesseltrack.ingest.tabular import values
from vesseltrack.ingest.tabular.heads import Heads
from vesseltrack.ingest.tabular.layouts import Layout
from vesseltrack.ingest.tabular.rows import JUDGED, MEASURED, times
from vesseltrack.ingest.tabular.values import Bools, Floats


def column_heads(text: pa.Buffer, names: tuple[str, ...], layout: Layout) -> Heads:
    """Return what lines of these columns say, all of them plain ASCII without quotes."""
    table = _read(text, names)
    is_good = np.ones(table.num_rows, np.bool_)
    measured = {}
    for name in MEASURED:
        measured[name], is_number = _numbers(table, name)
        is_good &= is_number
    mmsi, is_mmsi = values.mmsi(_words(table, "mmsi"))
    t_us, is_time = times(_words(table, "time"), layout)
    codes = {name: _codes(table, name) for name in ("mmsi", "time")}
    is_good &= is_mmsi[codes["mmsi"]] & is_time[codes["time"]]
    return Heads(
        mmsi=mmsi[codes["mmsi"]],
        t_us=t_us[codes["time"]],
        measured=measured,
        coded={
            name: judged(_words(table, name))[_codes(table, name)]
            for name, judged in JUDGED.items()
            if name in names
        },
        is_good=is_good,
    )


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
