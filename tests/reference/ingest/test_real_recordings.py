"""Real recordings: every line accounted for, and the positions of pyais bit for bit."""

import gzip
import re

import pyais
import pytest

from ingest_text import FIXTURES, total
from vesseltrack.ingest import decode, open_sources

NMEA = FIXTURES / "nmea"

# Counted by hand-written search for `!..VDM` and `!..VDO`, each message once: lines, messages.
RECORDINGS = {
    "kystverket_2024-12-09.raw": (223, 196),
    "aislib_stream_2010-06-11.txt.gz": (8551, 4051),
    "aislib_decode_encode_messages.txt.gz": (646, 601),
    "amsa_tagblock_2014-12-31.txt": (100, 100),
    "signalk_gofree-merrimac.log.gz": (6324, 1459),
    "signalk_nais300-merrimac.log": (579, 536),
}
SENTENCE = re.compile(rb"!..VD[MO],(\d),(\d),\d?,[^,]*,[^,]*,.*?\*[0-9A-F]{2}")


def text_of(name):
    data = (NMEA / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def sentences_of(name):
    """Each message's sentences by the number of its first line, parts taken as they follow."""
    waiting = []
    for number, line in enumerate(text_of(name).splitlines(), 1):
        match = SENTENCE.search(line)
        if match is None:
            continue
        waiting.append((number, match.group()))
        if match.group(1) == match.group(2):
            yield waiting[0][0], [sentence for _, sentence in waiting]
            waiting = []


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_line_is_accounted_for_and_every_message_read(name):
    n_lines, n_messages = RECORDINGS[name]
    (source,) = open_sources(NMEA / name)
    list(source.batches())
    report = source.report
    assert report.lines == n_lines == sum(1 for x in text_of(name).splitlines() if x.strip())
    assert report.lines == report.used + total(report.rejected) + total(report.ignored)
    assert report.messages == n_messages == sum(1 for _ in sentences_of(name))
    assert report.rejected == {}
    assert set(report.ignored) <= {"time_line", "not_ais"}


@pytest.mark.parametrize("name", RECORDINGS)
def test_positions_are_those_of_pyais_bit_for_bit(name):
    ours = {message["line"]: message for message in decode(NMEA / name, as_transmitted=True)}
    n = 0
    for line, sentences in sentences_of(name):
        theirs = pyais.decode(*sentences)
        found = ours.pop(line)
        assert (found["type"], found["mmsi"]) == (theirs.msg_type, theirs.mmsi)
        # pyais gives reference stations (17) in minutes.
        if hasattr(theirs, "lat") and theirs.msg_type != 17:
            assert (found["lat"], found["lon"]) == (theirs.lat, theirs.lon)
            n += 1
    assert ours == {}
    assert n > 50


def test_reference_stations_are_where_they_stand():
    # The first is 3,278.2 minutes north and 1,193.8 minutes east.
    found = [
        (message["lat"], message["lon"])
        for message in decode(NMEA / "aislib_stream_2010-06-11.txt.gz")
        if message["type"] == 17
    ]
    assert found[0] == (54.636667, 19.896667)
    # The recording is of the North Sea, the Baltic and Norway.
    assert all(50 < lat < 72 and -10 < lon < 32 for lat, lon in found)


def test_a_station_that_writes_wrong_checksums_gives_no_time():
    (source,) = open_sources(NMEA / "amsa_tagblock_2014-12-31.txt")
    (batch,) = source.batches()
    assert batch.received["timestamp"].null_count == batch.received.num_rows == 100


def test_times_of_the_norwegian_coast():
    (source,) = open_sources(NMEA / "kystverket_2024-12-09.raw")
    list(source.batches())
    report = source.report.as_json()
    assert (report["first_time"], report["last_time"]) == (
        "2024-12-09T22:07:14Z",
        "2024-12-09T22:07:19Z",
    )
