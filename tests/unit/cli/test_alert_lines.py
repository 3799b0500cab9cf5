"""Alerts on a terminal: one line each, safe, and not every revision."""

from datetime import UTC, datetime

from alert_tables import told
from vesseltrack.cli.alerts import AlertLines, line_of

END = datetime(2021, 1, 1, 1, 2, 3, 999_999, tzinfo=UTC)
FINAL = {"status": "final", "is_open": False}


def test_a_line_says_when_what_who_and_why():
    (event,) = told({"event_id": "e", "end": END, "other_mmsi": 219_000_002}).to_pylist()
    names = {219_000_002: "ÅSGÅRD"}
    assert line_of(event, names) == (
        "2021-01-01 01:02:03 open loitering 219000001 and 219000002 ÅSGÅRD it lay still"
    )


def test_what_is_innocent_about_it_is_said():
    innocent = '{"tested": ["in_port"], "holds": ["in_port"]}'
    (event,) = told({"event_id": "e", "innocent": innocent}).to_pylist()
    assert line_of(event, {}).endswith(" it lay still (in_port)")


def test_foreign_text_moves_no_cursor_and_stays_on_its_line():
    hostile = "\x1b[2J\r\n\u202eX"
    (event,) = told({"event_id": "e", "explanation": hostile}).to_pylist()
    line = line_of(event, {219_000_001: hostile})
    assert line.isprintable()
    assert line.count("\\x1b[2J") == 2


def test_new_and_ended_events_are_printed_and_no_revision_between(capsys):
    lines = AlertLines()
    for row in ({}, {"revision": 2}, {"revision": 3}, FINAL):
        lines.show(told({"event_id": "a", **row}, {"event_id": "b", **row}), {})
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in said] == ["open", "open", "final", "final"]


def test_one_vessel_that_is_two_is_named_once():
    (event,) = told({"event_id": "e", "other_mmsi": 219_000_001}).to_pylist()
    assert line_of(event, {}).count("219000001") == 1
