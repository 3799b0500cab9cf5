import datetime as dt
import json

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.ingest import SourceReport, escaped, report_document, unescaped
from vesseltrack.ingest.account import Tally, all_escaped, iso, iso_us
from vesseltrack.ingest.batch import exact_repeats
from vesseltrack.schema import RECEIVED

NOON = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
KEYS = [
    *("name", "format", "status", "error", "lines", "used", "rejected", "ignored", "messages"),
    *("positions", "duplicates", "vessels", "first_time", "last_time", "rows_per_s"),
]


@given(st.binary(max_size=600))
def test_escaped_bytes_are_printable_and_come_back(raw):
    text = escaped(raw)
    assert text.isascii()
    assert text.isprintable()
    assert unescaped(text) == raw[:512]


@given(st.lists(st.binary(max_size=20) | st.sampled_from([b"\\a", b"", b"b" * 513]), max_size=5))
def test_many_texts_are_escaped_as_each_by_itself(raw):
    assert all_escaped(raw) == [escaped(one) for one in raw]


def test_a_report_has_the_keys_that_scripts_rely_on():
    report = SourceReport("a", "nmea", first_time=NOON, last_time=NOON.replace(microsecond=500))
    found = report.as_json()
    assert list(found) == KEYS
    assert found["first_time"] == "2024-03-01T12:00:00Z"
    assert found["last_time"] == "2024-03-01T12:00:00.000500Z"
    assert json.loads(json.dumps(found)) == found


def test_a_failed_source_has_a_report_too():
    found = SourceReport.failed("a", "does not exist").as_json()
    assert list(found) == KEYS
    assert (found["status"], found["error"], found["lines"]) == ("failed", "does not exist", 0)


def test_totals_add_up_the_sources():
    one = SourceReport("a", "nmea", lines=3, used=2, rejected={"checksum": 1}, first_time=NOON)
    two = SourceReport("b", "dma", lines=5, used=3, rejected={"checksum": 1, "bad_time": 1})
    document = report_document([one, two, SourceReport.failed("c", "x")])
    assert [source["name"] for source in document["sources"]] == ["a", "b", "c"]
    totals = document["totals"]
    assert (totals["lines"], totals["used"]) == (8, 5)
    assert totals["rejected"] == {"checksum": 2, "bad_time": 1}
    assert (totals["first_time"], totals["last_time"]) == ("2024-03-01T12:00:00Z", None)
    assert report_document([])["totals"]["lines"] == 0


def test_times_are_written_with_z():
    assert iso(None) is None
    assert iso_us(None) is None
    assert iso_us(1_709_294_400_250_000) == "2024-03-01T12:00:00.250000Z"
    assert iso_us(-1) == "1969-12-31T23:59:59.999999Z"


def test_a_tally_sees_times_and_vessels():
    tally = Tally()
    tally.see_times(np.array([], np.int64))
    assert (tally.first_us, tally.vessels) == (None, 0)
    tally.see_times(np.array([5, 3], np.int64))
    tally.see_times(np.array([9, 4], np.int64))
    tally.see_vessels(np.array([1, 2, 1], np.int32))
    tally.see_vessels(np.array([2, 3], np.int32))
    assert (tally.first_us, tally.last_us, tally.vessels) == (3, 9, 3)


rows = st.tuples(
    st.integers(1, 2), st.one_of(st.none(), st.integers(0, 1)), st.sampled_from([None, 1.0, 1.5])
)


@given(st.lists(rows, max_size=12))
def test_exact_repeats_are_those_of_a_plain_search(given_rows):
    n = len(given_rows)
    columns = list(zip(*given_rows, strict=True)) or [(), (), ()]
    table = RECEIVED.of(
        {
            "mmsi": list(columns[0]),
            "timestamp": pa.array(columns[1], pa.int64()),
            "sog_kn": pa.array(columns[2], pa.float32()),
            **dict.fromkeys(("lat_e6", "lon_e6", "msg_type", "quality", "source_id"), [1] * n),
            "line": list(range(n)),
        }
    )
    expected = [
        row[1] is not None and row in given_rows[:place] for place, row in enumerate(given_rows)
    ]
    assert exact_repeats(table).tolist() == expected
