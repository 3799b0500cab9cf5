import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.ingest.tabular.layouts import DMA, MARINECADASTRE, header_of
from vesseltrack.ingest.tabular.records import read_strings, sorted_rows, split_row, why_no_row
from vesseltrack.ingest.text import LineBlock

NAMES = ["a", "b", "c"]


def sort(data, first_line=1, max_row_bytes=1000):
    return sorted_rows(
        LineBlock(first_line, data), n_fields=len(NAMES), max_row_bytes=max_row_bytes
    )


def table_of(rows):
    return [tuple(row.values()) for row in read_strings(rows, NAMES, NAMES).to_pylist()]


def test_whole_rows_are_read_and_keep_their_line_numbers():
    rows = sort(b"1,2,3\n\n4,,6\n  \n7,8,9", first_line=10)
    assert table_of(rows) == [("1", "2", "3"), ("4", "", "6"), ("7", "8", "9")]
    assert rows.lines.tolist() == [10, 12, 14]
    assert rows.faults == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1,2", "short_row"),
        (b"1", "short_row"),
        (b"1,2,3,4", "long_row"),
        (b'1,"2,3', "bad_quote"),
        (b'1,"2"x,3', "bad_quote"),
        (b'"1,2,3', "bad_quote"),
        (b'1,2,"', "bad_quote"),
        (b"1,2," + b"3" * 2000, "line_too_long"),
    ],
)
def test_other_lines_have_a_reason_and_spoil_no_other(row, reason):
    rows = sort(b"1,2,3\n" + row + b"\n4,5,6")
    assert rows.faults == ((2, reason, row),)
    assert table_of(rows) == [("1", "2", "3"), ("4", "5", "6")]


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (b'1,"2,x",3', ("1", "2,x", "3")),
        (b'1,"RAY ""CHIEF"" TONEY",3', ("1", 'RAY "CHIEF" TONEY', "3")),
        (b'1,RAY "CHIEF" TONEY,3', ("1", 'RAY "CHIEF" TONEY', "3")),
        (b'"","",""', ("", "", "")),
    ],
)
def test_quotes_are_understood(row, fields):
    assert table_of(sort(b"a,b,c\n" + row + b"\nd,e,f")) == [
        *(("a", "b", "c"), fields, ("d", "e", "f"))
    ]


def test_bytes_that_are_not_utf8_are_latin1_in_their_own_row_alone():
    rows = sort("1,Ærø,3\n".encode() + b"4,\xc6r\xf8,6\n7,8,9")
    assert table_of(rows) == [("1", "Ærø", "3"), ("4", "Ærø", "6"), ("7", "8", "9")]


fields = st.text("ab\" ,'éx", max_size=6)


@given(st.lists(st.lists(fields, min_size=3, max_size=3), max_size=8))
def test_what_a_csv_writer_wrote_comes_back(given_rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(given_rows)
    rows = sort(out.getvalue().rstrip("\n").encode())
    assert rows.faults == ()
    assert table_of(rows) == [tuple(row) for row in given_rows]


@given(st.lists(st.text('a",', max_size=9), min_size=1, max_size=8))
def test_no_line_is_hidden_and_arrow_reads_the_fields_that_we_count(texts):
    rows = sort("\n".join(texts).encode())
    blank = sum(not text.strip() for text in texts)
    assert rows.lines.size + len(rows.faults) + blank == len(texts)
    good = [texts[line - 1].encode() for line in rows.lines.tolist()]
    assert all(why_no_row(raw, 3, 1000) is None for raw in good)
    assert table_of(rows) == [tuple(split_row(raw)) for raw in good]


def test_a_hostile_line_of_quotes_costs_no_time():
    row = b'"' * 60_000 + b"x"
    assert sort(row + b"\n1,2,3", max_row_bytes=70_000).faults[0][1] == "bad_quote"


@pytest.mark.parametrize("line", [b"\xef\xbb\xbf# Timestamp", b"#timestamp", b'"# Timestamp"'])
def test_headers_are_known_by_name_without_case_and_order(line):
    header = header_of(
        line.lstrip(b"\xef\xbb\xbf") + b",MMSI,type of mobile,Longitude,LATITUDE,x", DMA
    )
    assert header.names == ("time", "mmsi", "mobile", "lon", "lat", "other 5")
    assert header.wanted == ["time", "mmsi", "mobile", "lon", "lat"]


def test_a_header_without_a_needed_column_is_none():
    assert header_of(b"# Timestamp,MMSI,Latitude,Longitude", DMA) is None
    assert header_of(b"MMSI,BaseDateTime,LAT", MARINECADASTRE) is None
    assert header_of(b"", MARINECADASTRE) is None


def test_of_two_columns_of_one_name_the_first_is_read():
    header = header_of(b"MMSI,BaseDateTime,LAT,LON,LAT", MARINECADASTRE)
    assert header.names == ("mmsi", "time", "lat", "lon", "other 4")
