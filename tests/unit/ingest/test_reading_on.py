"""A source read on from where it was left: the same rows and counts as in one reading."""

import gzip

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_text import (
    BASE_STATION,
    CLASS_A,
    CLASS_B,
    DMA_HEADER,
    DMA_ROW,
    FIXTURES,
    STATIC,
    US_HEADER,
    US_ROW,
    checked,
    lines,
    source_of,
    tag,
)
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.schema import STATICS
from vesseltrack.store.order import in_order
from vesseltrack.store.statics import changed_reports

STREAM = gzip.decompress((FIXTURES / "nmea" / "aislib_stream_2010-06-11.txt.gz").read_bytes())
COAST = (FIXTURES / "nmea" / "kystverket_2024-12-09.raw").read_bytes()
TIMED = (
    tag(b"g:1-2-7,s:r1,c:1709294400") + STATIC[0],
    tag(b"g:2-2-7") + STATIC[1],
)
NMEA = lines(
    *STREAM.splitlines()[:80],
    *COAST.splitlines()[:40],
    checked(b"PGHP,1,2010,6,11,11,46,11,874,219,,2190047,1,56", b"$"),
    CLASS_A,
    BASE_STATION,
    b"junk",
    CLASS_B + CLASS_A,
    *TIMED,
    STATIC[0],
    *[CLASS_B, CLASS_A] * 5,
    STATIC[1],
)


def row(mmsi, second, name):
    return (
        DMA_ROW.replace("219123457", str(mmsi))
        .replace(":00:00", f":00:{second:02}", 1)
        .replace("DEMO EXPRESS", name)
    )


DMA = lines(
    DMA_HEADER,
    *[row(219000000 + n % 3, n % 50, f"SHIP {n // 9 % 2}") for n in range(40)],
    DMA_ROW + ",one too many",
    DMA_ROW.replace("02/03/2022", "03/03/2022"),
)
US = lines(US_HEADER, *[US_ROW.replace("T00", f"T{n % 20:02}") for n in range(30)])
TEXTS = {"nmea": NMEA, "dma": DMA, "marinecadastre": US}
SMALL = IngestConfig(batch_rows=7, block_bytes=400)


def rows_of(batches):
    return [
        pa.concat_tables([getattr(b, name) for b in batches])
        for name in ("received", "statics", "rejects")
    ]


def lines_of(table):
    return table.drop_columns("source_id").sort_by("line").to_pylist()


def counts(report):
    return {name: value for name, value in vars(report).items() if name != "rows_per_s"}


@pytest.mark.parametrize("format_", TEXTS)
def test_killed_behind_any_batch_it_goes_on_to_the_same_rows_and_counts(format_):
    whole = source_of(TEXTS[format_], format_, config=SMALL)
    batches = list(whole.batches())
    assert len(batches) > 3
    for n in range(len(batches) - 1):
        again = source_of(TEXTS[format_], format_, config=SMALL)
        again.read_on(whole.source_id, batches[n].checkpoint)
        rest = list(again.batches())
        assert len(rest) == len(batches) - 1 - n
        for one, other in zip(batches[n + 1 :], rest, strict=True):
            assert all(a.equals(b) for a, b in zip(one.tables(), other.tables(), strict=True))
            assert one.checkpoint == other.checkpoint
        assert counts(again.report) == counts(whole.report)


@settings(max_examples=60)
@given(st.sampled_from(sorted(TEXTS)), st.floats(0, 1), st.integers(1, 40))
def test_a_file_that_has_grown_anywhere_gives_what_the_whole_file_gives(format_, where, min_rows):
    text = TEXTS[format_]
    config = IngestConfig(batch_rows=min_rows, block_bytes=500)
    cut = max(text.index(b"\n"), int(where * len(text)))
    short = source_of(text[:cut], format_, config=config)
    before = list(short.batches())
    checkpoint = before[-1].checkpoint
    grown = source_of(text, format_, config=config)
    prefixes = grown.prefixes({cut})
    assert grown.is_begun_by(checkpoint.about, prefixes)
    first_line = grown.read_on(short.source_id, checkpoint)
    assert first_line == text[:cut].count(b"\n") + 1
    after = list(grown.batches())
    again = pa.array(checkpoint.about["rest"]["lines"], pa.int32())

    whole = source_of(text, format_, config=config)
    expected = rows_of(list(whole.batches()))
    tables = zip(rows_of(before), rows_of(after), expected, strict=True)
    received, statics, rejects = (
        (
            pa.concat_tables([old.filter(pc.invert(pc.is_in(old["line"], value_set=again))), new]),
            all_,
        )
        for old, new, all_ in tables
    )
    # Repeats are dropped within a batch, and over all of them by the store.
    contents = [
        {str({**row_, "line": 0, "source_id": 0}) for row_ in table.to_pylist()}
        for table in received
    ]
    assert contents[0] == contents[1]
    assert lines_of(rejects[0]) == lines_of(rejects[1])
    # Where blocks are cut a report more may be told on; what the store keeps of them is the same.
    kept = [changed_reports(in_order(table, STATICS), STATICS.empty())[0] for table in statics]
    assert lines_of(kept[0]) == lines_of(kept[1])
    left_out = {"duplicates", "rows_per_s"}
    assert {k: v for k, v in vars(grown.report).items() if k not in left_out} == {
        k: v for k, v in vars(whole.report).items() if k not in left_out
    }


def test_what_grew_from_another_beginning_is_another_source():
    short, grown = source_of(NMEA[:3000]), source_of(b"#" + NMEA)
    (batch,) = short.batches()
    assert not grown.is_begun_by(batch.checkpoint.about, grown.prefixes({3000}))
    shorter = source_of(NMEA[:2000])
    assert not shorter.is_begun_by(batch.checkpoint.about, shorter.prefixes({3000}))
