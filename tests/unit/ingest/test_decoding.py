import gzip
import json

import pyarrow as pa
import pytest

from ingest_text import BASE_STATION, CLASS_A, CLASS_B, DMA_HEADER, DMA_ROW, STATIC, lines, tag
from vesseltrack.errors import SourceError
from vesseltrack.ingest import decode, message_fields, open_sources, original_lines


def messages(tmp_path, *given, **options):
    path = tmp_path / "a.txt"
    path.write_bytes(lines(*given))
    return list(decode(path, **options))


def test_a_message_is_a_plain_dict(tmp_path):
    (found,) = messages(tmp_path, b"# comment", tag(b"c:1709294400250") + CLASS_B)
    head = dict(list(found.items())[:5])
    assert head == {
        "source": "a.txt",
        "line": 2,
        "timestamp": "2024-03-01T12:00:00.250000Z",
        "type": 18,
        "repeat": 0,
    }
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_message_of_two_lines_has_the_number_of_the_first(tmp_path):
    (found,) = messages(tmp_path, *STATIC)
    assert (found["line"], found["name"], found["timestamp"]) == (1, "ALBATROSS", None)


def test_not_available_is_null_or_as_transmitted(tmp_path):
    (found,) = messages(tmp_path, *STATIC)
    assert (found["imo"], found["destination"]) == (None, None)
    (found,) = messages(tmp_path, *STATIC, as_transmitted=True)
    assert (found["imo"], found["destination"]) == (0, "")


def test_rows_of_an_archive_have_the_same_field_names(tmp_path):
    (found,) = messages(tmp_path, DMA_HEADER, DMA_ROW)
    expected = {
        "source": "a.txt",
        "line": 2,
        "timestamp": "2022-03-02T04:00:00Z",
        "type": 1,
        "mmsi": 219123457,
        "lat": 55.4725,
        "lon": 11.123456,
        "sog": 10.1,
        "cog": 90.0,
        "heading": 91,
        "rot": 0.7,
        "nav_status": 0,
        "imo": 9074729,
        "callsign": "OXXX",
        "name": "DEMO EXPRESS",
        "ship_type": 71,
        "to_bow": 80.0,
        "to_stern": 20.0,
        "to_port": 8.0,
        "to_starboard": 8.0,
        "length": 100.0,
        "beam": 16.0,
        "draught": 5.5,
        "destination": "AARHUS",
        "eta": [3, 3, 12, 30],
    }
    assert found == expected


def test_a_static_row_of_an_archive_has_no_place(tmp_path):
    row = DMA_ROW.replace("55.4725,11.123456", "91,0")
    (found,) = messages(tmp_path, DMA_HEADER, row)
    assert (found["lat"], found["lon"]) == (None, None)
    (found,) = messages(tmp_path, DMA_HEADER, row, as_transmitted=True)
    assert (found["lat"], found["lon"]) == (91.0, 0.0)


def test_reports_come_with_the_messages(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(lines(CLASS_B, b"junk", BASE_STATION)))
    decoding = decode(path)
    assert decoding.reports == []
    assert len(list(decoding)) == 2
    (report,) = decoding.reports
    assert (report.used, report.rejected, report.positions) == (2, {"not_a_sentence": 1}, 2)
    list(decoding)
    assert len(decoding.reports) == 1


def test_a_missing_file_is_an_error_when_it_is_read(tmp_path):
    decoding = decode(tmp_path / "missing")
    with pytest.raises(SourceError, match="does not exist"):
        list(decoding)


def test_the_columns_of_files_take_every_message(tmp_path):
    found = messages(tmp_path, CLASS_B, *STATIC, BASE_STATION)
    found += messages(tmp_path, DMA_HEADER, DMA_ROW)
    schema = pa.schema(list(message_fields().items()))
    table = pa.Table.from_pylist(found, schema=schema)
    assert table["mmsi"].null_count == 0
    assert table["eta"].to_pylist()[1] == [0, 0, 0, 0]
    assert table["utc"].to_pylist()[2] == [2015, 6, 21, 9, 30, 40]


def recorded(path):
    (source,) = open_sources(path)
    names = ("name", "path", "format", "size_bytes", "content_hash")
    return {name: getattr(source, name) for name in names}


def test_original_lines_come_back_escaped(tmp_path):
    path = tmp_path / "a.nmea.gz"
    path.write_bytes(gzip.compress(lines(CLASS_B, b"\x1b[31m", b"third")))
    assert list(original_lines(recorded(path), [3, 2])) == [(2, "\\x1b[31m"), (3, "third")]
    assert list(original_lines(recorded(path), [99])) == []


def test_original_lines_of_another_file_are_refused(tmp_path):
    path = tmp_path / "a.nmea"
    path.write_bytes(lines(CLASS_B))
    before = recorded(path)
    path.write_bytes(lines(CLASS_A, CLASS_B))
    with pytest.raises(SourceError, match=r"no longer holds a\.nmea as it was read"):
        list(original_lines(before, [1]))
    with pytest.raises(SourceError, match="it came from standard input"):
        list(original_lines(before | {"path": "-"}, [1]))
    with pytest.raises(SourceError, match="it came live, or was not kept"):
        list(original_lines({"name": "a.nmea"}, [1]))


def test_the_lines_of_a_message_come_with_it_if_asked_for(tmp_path):
    path = tmp_path / "a.nmea"
    path.write_bytes(lines(STATIC[0], CLASS_A, b"\x1b" + STATIC[1], CLASS_B))
    raw = [message["raw"] for message in decode(path, with_raw=True)]
    assert raw == [
        [CLASS_A.decode()],
        [STATIC[0].decode(), "\\x1b" + STATIC[1].decode()],
        [CLASS_B.decode()],
    ]
    assert all("raw" not in message for message in decode(path))


def test_a_row_of_a_table_comes_as_it_stands_if_asked_for(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(
        lines(DMA_HEADER, DMA_ROW, b"", DMA_ROW.replace("DEMO", "\N{GREEK SMALL LETTER ALPHA}"))
    )
    first, second = (message["raw"] for message in decode(path, with_raw=True))
    assert first == [DMA_ROW]
    assert second == [DMA_ROW.replace("DEMO", "\\xce\\xb1")]
