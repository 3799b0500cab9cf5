"""Reading many sentences at a time gives what reading them line by line gives."""

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_text import (
    BASE_STATION,
    CLASS_A,
    CLASS_B,
    FIXTURES,
    STATIC,
    checked,
    lines,
    tag,
)
from nmea_line_by_line import LineClock, LineReader
from nmea_mutations import lost, mutated, of_one_sentence, reading, said_by
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.available import RAW
from vesseltrack.ingest.nmea.reader import NmeaReader
from vesseltrack.ingest.nmea.times import Clock
from vesseltrack.ingest.span import Span
from vesseltrack.ingest.text import line_blocks, normalised

LATEST_US = 1_795_000_000_000_000
START_US = 1_700_000_000_000_000
RECORDINGS = sorted(
    [*(FIXTURES / "nmea").glob("*.[tnrl]*"), *(FIXTURES / "nmea_expected").glob("*.nmea")]
)


def outcome(reader, clock, data, *, start_us=None, config=None, decoded=False):
    """Rows of every block, and all counts."""
    config = config or IngestConfig()
    tally = Tally()
    reader = reader(config, tally, clock(start_us=start_us, span=Span(0, LATEST_US)), 7)
    blocks = line_blocks(
        normalised([data]),
        block_bytes=config.block_bytes,
        max_line_bytes=config.max_sentence_bytes,
    )
    if decoded:
        rows = [
            [{name: said for name, said in message.items() if name != RAW} for message in found]
            for found in (reader.decode(block, as_transmitted=True) for block in blocks)
        ]
        reader.finish()
    else:
        batches = [*(reader.read(block) for block in blocks), reader.finish()]
        rows = [
            getattr(batch, name).to_pydict()
            for batch in batches
            for name in ("received", "statics", "rejects")
        ]
    counts = {name: value for name, value in vars(tally).items() if name != "_mmsi"}
    return rows, counts, tally.vessels


def agree(data, **options):
    found = outcome(NmeaReader, Clock, data, **options)
    assert found == outcome(LineReader, LineClock, data, **options)
    return found


def plain(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_recordings(path):
    data = plain(path)[:300_000]
    agree(data)
    agree(data, start_us=START_US, config=IngestConfig(block_bytes=5000))
    agree(data[:50_000], decoded=True)


TIMES = (b"1709294400", b"1709294401123", b"1709294401123456", b"0709294400", b"12", b"")
PIECES = (
    *(
        CLASS_A,
        CLASS_B,
        *STATIC,
        BASE_STATION,
        b"# remark",
        b"$GPGGA,1*00",
        b"$GPVDO,1*00",
        b"$G,1",
        b"$GPGGA!AB,",
        b"",
        b" ",
        b"\\",
    ),
    *(checked(b"PGHP,1,2024,3,1,12,0,%d,250,219,,2190074,1,27" % s, b"$") for s in (0, 9, 61)),
    *(tag(b"c:" + time) for time in TIMES),
    *(tag(b"s:one,c:" + time) for time in TIMES),
    *(tag(b"c:1709294400,s:two"), tag(b"g:1-2-7,s:three,c:1709294402"), tag(b"g:2-2-7")),
    *(tag(b"si:AISD"), tag(b"s:one"), b"\\\\", b"\\:"),
    *(b"," + time for time in TIMES),
    *(b",d-109,S2105,r003669946,1709294400,1709294399", b",x", b"\\c:1709294400*00\\"),
)


@pytest.mark.parametrize("time", [time for time in TIMES if time])
def test_a_time_at_the_very_beginning(time):
    agree(tag(b"c:" + time) + CLASS_A + b"\n" + tag(b"c:" + time) + CLASS_B)
    agree(tag(b"c:" + time) + b"\n" + CLASS_A)


@pytest.mark.parametrize("talker", [b"AI", b"BS", b"A1", b"--", b"=I"])
@pytest.mark.parametrize("channel", [b"A", b"B", b"C", b"1", b""])
@pytest.mark.parametrize("kind", [b"VDM", b"VDO"])
@pytest.mark.parametrize("fill", [b"0", b"5", b"6"])
def test_any_head_of_a_sentence(talker, channel, kind, fill):
    payload = CLASS_B.split(b",")[5]
    body = b",".join((talker + kind, b"1", b"1", b"", channel, payload, fill))
    (received, *_), _, _ = agree(checked(body))
    assert len(received["mmsi"]) == (fill != b"6")


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([b"", b"\n"])), max_size=60),
    st.integers(60, 900),
)
def test_any_lines_of_sentences_tags_and_times(pieces, block_bytes):
    data = b"".join(piece + end for piece, end in pieces)
    config = IngestConfig(block_bytes=block_bytes, max_part_lines=6, max_open_messages=2)
    agree(data, config=config)
    agree(data, start_us=START_US)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([(2, 1), (2, 2), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)]),
            st.sampled_from([b"", b"1", b"2"]),
            st.sampled_from([b"", b"one", b"two", b"seventeen letters"]),
            st.integers(0, 7),
        ),
        max_size=40,
    ),
    st.integers(1, 4),
    st.integers(60, 2000),
)
def test_any_parts(parts, max_open_messages, block_bytes):
    payloads = [STATIC[0].split(b",")[5], STATIC[1].split(b",")[5], b"0"]
    data = lines(
        *(
            (tag(b"s:%s,c:%d" % (source, 1709294400 + late_s)) if source else b"")
            + checked(
                b"AIVDM,%d,%d,%s,A,%s,%d"
                % (total, number, sequence, payloads[number - 1], 2 * (number == total))
            )
            for (total, number), sequence, source, late_s in parts
        )
    )
    config = IngestConfig(
        max_open_messages=max_open_messages, max_part_lines=12, block_bytes=block_bytes
    )
    agree(data, config=config)


TAGS = (
    lambda source, time: tag(b"s:%s,c:%s" % (source, time)),
    lambda source, time: tag(b"s:%s,c:%s" % (source, time)).lower(),
    lambda source, time: tag(b"s:%s,c:%s" % (source, time))[:-2] + b"0\\",
    lambda source, time: tag(b"S:%s,c:%s" % (source, time)),
    lambda source, time: tag(b"s:%s;c:%s" % (source, time)),
    lambda source, time: tag(b"s:%s,d:%s" % (source, time)),
    lambda source, time: tag(b"c:%s,s:%s" % (time, source)),
    lambda source, time: tag(b"g:1-2-%s,c:%s" % (source, time)),
    lambda source, time: tag(source + b"c:" + time),
)
ODD_TIMES = (b"1709294400", b"170929440/", b"170929440:", b"17092944\xba0")
ODD_TIMES += (b"0709294400", b"0000000012", b"1709294400123")
ODD_SOURCES = (
    b"",
    b"a",
    b"a\\b",
    b"\\",
    b"a,b",
    b",",
    b"a\x01",
    b"a\tb",
    b"a:b",
    b"a*00",
    b" a",
    b"\x80",
)
ODD_SOURCES += tuple(b"r" * n for n in (7, 15, 16, 17, 18, 24, 40))


@pytest.mark.parametrize("make", range(len(TAGS)))
@pytest.mark.parametrize("behind", [(CLASS_A,), STATIC], ids=["usual", "parts"])
def test_any_tag_block(make, behind):
    tags = [TAGS[make](source, time) for source in ODD_SOURCES for time in ODD_TIMES]
    agree(lines(*(one + line for one in tags for line in behind)))


@pytest.mark.parametrize("n", [14, 15, 16, 17])
def test_parts_from_stations_that_differ_in_the_last_letter(n):
    one, other = (tag(b"s:%s,c:1709294400" % (b"r" * n + last)) for last in (b"a", b"b"))
    (_, statics, _, *_), _, _ = agree(lines(one + STATIC[0], other + STATIC[1]))
    assert statics["mmsi"] == []


MIXED = b"\n".join(plain(path)[:40_000] for path in RECORDINGS)


@pytest.mark.parametrize("seed", range(6))
def test_mutated_recordings(seed):
    rng = random.Random(seed)  # noqa: S311 - no secret
    size = 30_000
    begin = rng.randrange(len(MIXED) - size)
    data, _ = mutated(MIXED[begin : begin + size], rng)
    agree(data, config=IngestConfig(block_bytes=rng.randrange(100, 20_000)))


@pytest.mark.parametrize("seed", range(3))
def test_a_fault_in_a_line_is_no_matter_to_another(seed):
    changed, touched = mutated(MIXED, random.Random(seed))  # noqa: S311 - no secret
    expected = said_by(reading(MIXED)[0], of_one_sentence(MIXED, touched))
    received, tally = reading(changed)
    assert expected.total() > 1000
    assert not expected - said_by(received)
    assert lost(tally, changed) == 0
