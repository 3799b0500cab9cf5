"""Segment lines against the same messages as NMEA, which pyais has checked."""

import gzip
import json

import pyarrow.compute as pc
import pytest

from archives import GFW_ARCHIVE
from ingest_text import FIXTURES, total
from vesseltrack.ingest import decode, open_sources

TRACKS = sorted((FIXTURES / "tracks_gfw").glob("*.jsonl.gz"))
STEP_E6 = 2  # NMEA steps by 1.67 millionths of a degree


@pytest.fixture(scope="module")
def as_nmea():
    (source,) = open_sources(GFW_ARCHIVE)
    (batch,) = source.batches()
    return batch


def read(path, **options):
    (source,) = open_sources(path, **options)
    (batch,) = source.batches()
    return batch, source.report


def of_vessel(table, mmsi):
    return table.filter(pc.equal(table["mmsi"], mmsi)).sort_by("timestamp").to_pylist()


@pytest.mark.parametrize("path", TRACKS, ids=lambda path: path.name)
def test_positions_are_those_of_the_archive_made_from_it(path, as_nmea):
    batch, report = read(path)
    mmsi = int(path.name.partition(".")[0])
    theirs = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert (report.format, report.status, report.rejected) == ("gfw", "complete", {})
    assert report.lines == report.used == report.messages == len(theirs)
    assert report.positions == sum(abs(message["lat"]) <= 90 for message in theirs)
    ours, expected = of_vessel(batch.received, mmsi), of_vessel(as_nmea.received, mmsi)
    assert len(ours) == len(expected) > 0
    for row, other in zip(ours, expected, strict=True):
        for name in ("lat_e6", "lon_e6"):
            assert abs(row.pop(name) - other.pop(name)) <= STEP_E6
        for name in ("sog_kn", "cog_deg"):
            assert row.pop(name) == pytest.approx(other.pop(name), abs=0.0501)
        for name in ("source_id", "line", "rot_deg_min"):
            del row[name], other[name]
        assert row == other


@pytest.mark.parametrize("path", TRACKS, ids=lambda path: path.name)
def test_names_and_types_are_those_of_the_archive_made_from_it(path, as_nmea):
    batch, _ = read(path)
    mmsi = int(path.name.partition(".")[0])
    names = ("timestamp", "name", "callsign", "destination", "imo", "ship_type", "msg_type")
    ours, expected = of_vessel(batch.statics, mmsi), of_vessel(as_nmea.statics, mmsi)
    assert [[row[name] for name in names] for row in ours] == [
        [row[name] for name in names] for row in expected
    ]


GOOD = '{"type": "AIS.1", "ssvid": "219000001", "timestamp": "2021-01-01T00:00:00+00:00", %s}'
PLACE = '"lat": 55.5, "lon": 11.25'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not_json"),
        ("[" * 2_000, "not_json"),
        ("[1]", "not_json"),
        ('{"type": "AIS.28", "ssvid": "219000001"}', "bad_field"),
        ('{"type": "AIS.1", "ssvid": "\\uff12"}', "bad_field"),
        (GOOD.replace("2021-01-01T", "2021-13-01T") % PLACE, "bad_time"),
        (GOOD.replace("2021", "1969") % PLACE, "bad_time"),
        (GOOD % '"lat": "55", "lon": 11.25', "bad_number"),
        (GOOD % ('"lat": 1%s, "lon": 11.25' % ("0" * 400)), "bad_number"),
        (GOOD % (PLACE + ', "shipname": "' + "A" * 70_000 + '"'), "line_too_long"),
    ],
)
def test_a_line_that_is_no_message_is_rejected_with_its_reason(tmp_path, line, reason):
    path = tmp_path / "lines.jsonl"
    path.write_text(f"{GOOD % PLACE}\n{line}\n\n{GOOD % PLACE}", encoding="utf-8")
    batch, report = read(path)
    assert report.rejected == {reason: 1}
    assert (report.lines, report.used) == (3, 2)
    assert total(report.rejected) == batch.rejects.num_rows


def test_decoding_gives_the_names_of_other_formats(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text(GOOD % f'{PLACE}, "speed": 102.3, "shipname": "\\ud800A"', encoding="utf-8")
    (message,) = decode(path)
    assert message["timestamp"] == "2021-01-01T00:00:00Z"
    assert (message["lat"], message["lon"], message["sog"]) == (55.5, 11.25, None)
    assert message["name"] == "?A"
    (sent,) = decode(path, as_transmitted=True)
    assert sent["sog"] == 102.3
