"""The hostile inputs, with the outcome that was written down before there was a reader."""

import json

import pytest

from ingest_text import FIXTURES
from vesseltrack.ingest import decode, open_sources

HOSTILE = FIXTURES / "hostile"
CASES = {
    case["id"]: case
    for case in json.loads((HOSTILE / "expectations.json").read_text(encoding="utf-8"))["cases"]
    if case["kind"] != "api"
}
# Their classes are general; these are ours.
OUR_REASON = {
    "checksum": "checksum",
    "missing_part": "incomplete_multipart",
    "truncated_payload": "bad_length",
}


def outcome(case):
    """All rows of a case, and the report of its one source."""
    (source,) = open_sources(HOSTILE / case["file"])
    batches = list(source.batches())
    return batches, source.report


def messages(case_id):
    return list(decode(HOSTILE / CASES[case_id]["file"]))


def test_every_case_is_here():
    assert list(CASES) == [f"E{n:03}" for n in range(1, 21)]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_counts_are_those_expected(case):
    expected = case["expected"]
    _, report = outcome(case)
    assert report.lines == report.used + sum(report.rejected.values()) + sum(
        report.ignored.values()
    )
    if "archive_error" in expected:
        assert report.status == "partial"
        assert expected["archive_error"] in report.error
        return
    assert report.status == "complete"
    assert report.messages == expected["decoded"]
    rejected = sum(report.rejected.values())
    assert rejected == expected.get("rejected", 0)
    if "reasons" in expected:
        assert report.rejected == {OUR_REASON[r]: n for r, n in expected["reasons"].items()}
    # A header is the only line that these CSV files have besides their rows.
    ignored = {"header": 1} if case["kind"] not in ("nmea", "archive/gz") else {}
    assert report.ignored == ignored
    if "positions" in expected:
        assert report.positions == expected["positions"]
    if "first_time" in expected:
        assert report.as_json()["first_time"] == expected["first_time"]


@pytest.mark.parametrize("case", [c for c in CASES.values() if "mmsis" in c["expected"]], ids=str)
def test_the_vessels_are_those_expected(case):
    found = {message["mmsi"] for message in messages(case["id"])}
    assert sorted(found) == case["expected"]["mmsis"]


def test_a_bad_sentence_is_kept_aside_with_its_line_and_reason():
    (batch,), _ = outcome(CASES["E002"])
    (found,) = batch.rejects.to_pylist()
    assert (found["line"], found["reason"]) == (3, "checksum")
    assert found["raw"].endswith("!AIVDM,1,1,,B,15N1R5PP00rlhF0GQ8M00?wL28KP,0*00")


def test_without_a_time_the_time_is_unknown():
    (batch,), report = outcome(CASES["E005"])
    assert batch.received["timestamp"].null_count == 3
    assert (report.first_time, report.last_time) == (None, None)


def test_three_messages_heard_twice_are_three():
    bodies = {
        tuple(v for k, v in m.items() if k not in ("line", "timestamp")) for m in messages("E008")
    }
    assert len(bodies) == CASES["E008"]["expected"]["unique_messages"]


def test_markup_stays_text():
    expected = CASES["E010"]["expected"]["vessel"]
    found = next(m for m in messages("E010") if m["type"] == 5)
    assert {name: found[name] for name in expected} == expected


def test_a_day_ahead_is_kept():
    (batch,), _ = outcome(CASES["E012"])
    times = sorted(batch.received["timestamp"].to_pylist())
    assert (times[-1] - times[-2]).days == 1
    assert set(batch.received["quality"].to_pylist()) == {0}


def test_an_unusable_speed_is_null():
    (batch,), _ = outcome(CASES["E015"])
    assert batch.received["sog_kn"].to_pylist() == [5.0, None, 5.0]
    assert [m["sog"] for m in messages("E015")] == [5.0, None, 5.0]
    # The third row confirms the second one's name.
    assert batch.statics["name"].to_pylist() == ["ONE, TWO", "SAN JOSE", "SAN JOSE"]


def test_a_formula_stays_text():
    (batch,), _ = outcome(CASES["E016"])
    assert batch.statics["name"].to_pylist() == ["=SUM(A1:A9)"]


def test_a_licence_in_a_zip_is_no_source():
    sources = list(open_sources(HOSTILE / CASES["E020"]["file"]))
    assert [source.name for source in sources] == ["E020_day.zip/day.csv"]
