"""Whatever the bytes: nothing is raised, no line is lost, and the way they arrive is no matter."""

import gzip

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_text import (
    CLASS_A,
    CLASS_B,
    DMA_HEADER,
    DMA_ROW,
    FIXTURES,
    STATIC,
    US_HEADER,
    US_ROW,
    lines,
    read,
    source_of,
    tag,
)
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.text import BLANK

STREAM = gzip.decompress((FIXTURES / "nmea" / "aislib_stream_2010-06-11.txt.gz").read_bytes())
COAST = (FIXTURES / "nmea" / "kystverket_2024-12-09.raw").read_bytes()
NMEA = b"".join(STREAM.splitlines(keepends=True)[:60] + COAST.splitlines(keepends=True)[:60])
ROWS = {
    "dma": lines(DMA_HEADER, *[DMA_ROW, DMA_ROW.replace("DEMO", '"DEMO"')] * 5),
    "marinecadastre": lines(US_HEADER, *[US_ROW, US_ROW.replace("DEMO", '"A, B"')] * 5),
}

changes = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 12),
        st.one_of(
            st.binary(max_size=4), st.sampled_from([b'"', b"\r", b"\n", b"\0", b",", b"!", b"\\"])
        ),
    ),
    max_size=12,
)


def mutated(data, given_changes):
    """Bytes with some replaced by others, at places that are fractions of the whole."""
    changed = bytearray(data)
    for where, n, with_what in given_changes:
        place = int(where * len(changed))
        changed[place : place + n] = with_what
    return bytes(changed)


def non_blank(data):
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return sum(1 for line in plain.split(b"\n") if line.strip(BLANK))


@settings(max_examples=150)
@given(changes)
def test_any_change_of_sentences_raises_nothing_and_loses_no_line(given_changes):
    data = b"# head\n" + mutated(NMEA, given_changes)
    batch, report = read(data)
    assert report.lines == non_blank(data)
    assert report.status == "complete"
    source = source_of(data)
    assert sum(1 for _ in source.messages()) == report.messages
    assert source.report.rejected == report.rejected
    assert batch.rejects.num_rows == sum(report.rejected.values())


@settings(max_examples=100)
@given(changes, st.sampled_from(sorted(ROWS)))
def test_any_change_of_rows_raises_nothing_and_loses_no_line(given_changes, format_):
    header, _, body = ROWS[format_].partition(b"\n")
    data = header + b"\n" + mutated(body, given_changes)
    _, report = read(data, format_)
    assert report.lines == non_blank(data)
    source = source_of(data, format_)
    assert sum(1 for _ in source.messages()) == report.messages == report.used
    assert source.report.rejected == report.rejected


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from(["nmea", *ROWS]))
def test_any_bytes_raise_nothing(junk, format_):
    data = ROWS.get(format_, b"#\n") + junk  # no archive that begins with packed bytes
    _, report = read(data, format_)
    assert report.status == "complete"


@settings(max_examples=60)
@given(changes, st.integers(1, 200), st.integers(50, 3000), st.sampled_from(["nmea", *ROWS]))
def test_the_way_bytes_arrive_makes_no_difference(
    given_changes, piece_bytes, block_bytes, format_
):
    header, _, body = ROWS.get(format_, b"#\n" + NMEA[:4000]).partition(b"\n")
    data = header + b"\n" + mutated(body, given_changes)
    limits = {"max_sentence_bytes": 200, "max_row_bytes": 400}
    config = IngestConfig(block_bytes=block_bytes, **limits)
    one, report = read(data, format_, piece_bytes=piece_bytes, config=config)
    whole, whole_report = read(data, format_, config=config)
    assert one == whole
    assert report.rejected == whole_report.rejected
    # Larger blocks hold other rows together, yet each row is what it is.
    large, _ = read(data, format_, config=IngestConfig(**limits))
    assert one.received.equals(large.received)
    assert one.rejects.equals(large.rejects)


untouched = [tag(b"s:one,c:1709294400") + CLASS_B, CLASS_A]


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=80).filter(lambda b: not set(b) & set(b"\r\n")), max_size=6))
def test_a_line_that_was_not_touched_is_kept_whatever_stands_around_it(junk):
    data = lines(b"# head", *junk, untouched[0], *junk, *STATIC, *junk, untouched[1])
    batch, report = read(data)
    n = len(junk)
    assert {n + 2, 3 * n + 5} <= set(batch.received["line"].to_pylist())
    assert 2 * n + 3 in batch.statics["line"].to_pylist()
    assert report.used >= 4
