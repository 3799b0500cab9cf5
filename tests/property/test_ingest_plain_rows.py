"""Rows that are read many at a time are what the careful reading of each makes of them."""

from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_text import DMA_HEADER, DMA_ROW, NEW_US_HEADER, US_HEADER, US_ROW, lines, read
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.batch import exact_repeats
from vesseltrack.ingest.tabular.layouts import LAYOUTS, header_of
from vesseltrack.ingest.tabular.plain import PlainRows, Rest
from vesseltrack.ingest.tabular.usual import UsualHeads
from vesseltrack.ingest.text import LineBlock

NEW_US_ROW = (
    "366123458,2026-03-31 00:00:00,-70.75733,43.07917,5.0,180.0,179,DEMO,,WDI9818,31,0,12,8,3.3,,B"
)
LAYOUT_ROWS = [
    ("dma", DMA_HEADER, DMA_ROW),
    ("marinecadastre", US_HEADER, US_ROW),
    ("marinecadastre", NEW_US_HEADER, NEW_US_ROW),
]
# What real archives hold, what is close to it, and what only looks like it.
FIELDS = st.one_of(
    st.sampled_from(
        [
            *("", "Unknown", " Unknown", "unknown", "NaN", "nan", "NULL", "None", "Undefined"),
            *("0", "91", "-0.0", "1e3", "inf", "-inf", "1e999", "0x1F", "1_0", " 7", "7 ", "+7"),
            *("12.5", "12,5", '"12.5"', '"A, B"', 'A "B" C', '"open', "5\x0b", "\t5", "５"),  # noqa: RUF001 - full width
            *("219000001", "000219000001", "-219000001", "1234567890", "Class B", "class a "),
            *("AtoN", "Base Station", "Moored", "15", "É", "\0", "2026-03-31T00:00:00"),
            *("02/03/2022 04:00:00", "31/02/2022 04:00:00", "02/03/2122 04:00:00", "02/03/2022"),
            *(
                "02/03/2022 24:00:00",
                "02/03/2022 04:60:00",
                "02/03/2022 04:00:6O",
                "-",
                "-.5",
                ".",
            ),
            *(".5", "5.", "1.2.3", "1-2", "1/2", "12345", "1234.5", "0.1234567", "0.12345678"),
            *("123456789", "12345678", "1234567", "Moored\0", "Moored ", "AIS-SART is active"),
        ]
    ),
    st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{1,7})?", fullmatch=True),
    st.text(max_size=4).filter(lambda text: not set(text) & set("\r\n")),
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), FIELDS), min_size=0, max_size=8
)


def rows_of(header, row, changes):
    """Rows of a few vessels, with some fields replaced by others."""
    rows = [row.split(",") for _ in range(12)]
    width = len(header.split(","))
    for n, fields in enumerate(rows):
        fields[:] = [field.replace("DEMO", f"DEMO {n % 3}") for field in fields]
        fields[:] = [field.replace("00:00", f"00:{n:02d}") for field in fields]
    for place, column, field in changes:
        rows[place % len(rows)][column % width] = field
    return [",".join(fields) for fields in rows]


@contextmanager
def ways(usual, columns):
    """Leave rows to one quick reading, or to both: few lines to the second too."""
    with pytest.MonkeyPatch.context() as patched:
        if not usual:
            patched.setattr(UsualHeads, "can_read", lambda *_: False)
        if columns:
            patched.setattr("vesseltrack.ingest.tabular.plain._SEVERAL", 1)
        yield


WAYS = st.sampled_from([(True, False), (False, True), (True, True)])


def read_carefully(data, format_, config):
    """Read with the careful path alone."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PlainRows, "read", nothing_is_plain)
        return read(data, format_, config=config)


def nothing_is_plain(reader, block):
    n_lines = block.data.count(b"\n") + 1
    return reader.none, Rest(LineBlock(1, block.data), np.arange(n_lines) + block.first_line)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(LAYOUT_ROWS), CHANGES, st.sampled_from([300, 1 << 20]), WAYS)
def test_changed_rows_are_read_as_the_careful_reading_does(layout, changes, block_bytes, way):
    format_, header, row = layout
    data = lines(header, *rows_of(header, row, changes))
    config = IngestConfig(block_bytes=block_bytes, max_row_bytes=240)
    with ways(*way):
        fast, fast_report = read(data, format_, config=config)
    careful, careful_report = read_carefully(data, format_, config)
    assert fast == careful
    plain = [vars(report) | {"rows_per_s": None} for report in (fast_report, careful_report)]
    assert plain[0] == plain[1]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(LAYOUT_ROWS),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 12), st.binary(max_size=4)),
        max_size=8,
    ),
    WAYS,
)
def test_changed_bytes_are_read_as_the_careful_reading_does(layout, changes, way):
    format_, header, row = layout
    body = bytearray(lines(*rows_of(header, row, [])))
    for where, n, with_what in changes:
        place = int(where * len(body))
        body[place : place + n] = with_what
    data = lines(header) + bytes(body)
    config = IngestConfig(block_bytes=900)
    with ways(*way):
        fast, fast_report = read(data, format_, config=config)
    careful, careful_report = read_carefully(data, format_, config)
    assert fast == careful
    assert fast_report.rejected == careful_report.rejected


@pytest.mark.parametrize(("format_", "header", "row"), LAYOUT_ROWS)
def test_rows_of_every_layout_are_plain_and_odd_ones_are_not(format_, header, row):
    plain_rows = PlainRows(header_of(header.encode(), LAYOUTS[format_]), max_row_bytes=1000)
    rows = rows_of(header, row, [(4, 3, "x"), (7, 2, "É")])
    good, rest = plain_rows.read(LineBlock(10, "\n".join([*rows, "", "1,2"]).encode()))
    assert good.lines.tolist() == [n for n in range(10, 22) if n not in {14, 17}]
    assert rest.lines.tolist() == [14, 17, 22, 23]
    assert rest.block.lines() == [rows[4].encode(), rows[7].encode(), b"", b"1,2"]


def test_a_layout_with_statics_before_the_position_is_left_to_the_careful_reading():
    header = b"Name," + DMA_HEADER.replace("Name", "x").encode()
    plain_rows = PlainRows(header_of(header, LAYOUTS["dma"]), max_row_bytes=1000)
    good, rest = plain_rows.read(LineBlock(1, b"A," + DMA_ROW.encode()))
    assert good.lines.size == 0
    assert rest.lines.tolist() == [1]
    batch, report = read(lines(header, "A," + DMA_ROW), "dma")
    assert batch.statics["name"].to_pylist() == ["A"]
    assert report.used == 1


def test_reports_are_forgotten_when_they_are_many_and_read_again(monkeypatch):
    monkeypatch.setattr("vesseltrack.ingest.tabular.reports._MAX_REPORTS", 2)
    monkeypatch.setattr("vesseltrack.ingest.tabular.reports._MAX_RECENT", 2)
    rows = rows_of(DMA_HEADER, DMA_ROW, [(n, 2, str(219000001 + n % 3)) for n in range(12)])
    data = lines(DMA_HEADER, *rows)
    config = IngestConfig(block_bytes=500)
    assert read(data, "dma", config=config)[0] == read_carefully(data, "dma", config)[0]


FEW = st.lists(
    st.tuples(
        *(st.sampled_from(values) for values in ([1, 2], [None, 5, 6], [7, 8], [9.5, None]))
    ),
    max_size=30,
)


@given(FEW)
def test_a_repeat_is_a_row_with_a_time_that_stood_there_before(rows):
    mmsi, t_us, lat_e6, sog_kn = zip(*rows, strict=True) if rows else ((), (), (), ())
    n = len(rows)
    table = pa.table(
        {
            "mmsi": pa.array(mmsi, pa.int32()),
            "timestamp": pa.array(t_us, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
            "lat_e6": pa.array(lat_e6, pa.int32()),
            "lon_e6": pa.array([0] * n, pa.int32()),
            "sog_kn": pa.array(sog_kn, pa.float32()),
            "line": pa.array(range(n), pa.int32()),
        }
    )
    expected = [row in rows[:i] and row[1] is not None for i, row in enumerate(rows)]
    assert exact_repeats(table).tolist() == expected
