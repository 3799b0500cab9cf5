import bz2
import gzip
import hashlib
import io
import sys
import zipfile

import pytest
import zstandard

from ingest_text import CLASS_A, CLASS_B, DMA_HEADER, DMA_ROW, US_HEADER, US_ROW, lines, source_of
from vesseltrack.config.ingest import ArchiveConfig, IngestConfig
from vesseltrack.errors import FormatError, SourceError
from vesseltrack.ingest import open_sources
from vesseltrack.schema import SOURCES, validate

NMEA = lines(CLASS_B, CLASS_A)
DMA = lines(DMA_HEADER, DMA_ROW)
US = lines(US_HEADER, US_ROW)
EXPECTED = (
    r"expected NMEA sentences \(!AIVDM,\.\.\.\), a DMA CSV \(# Timestamp,Type of mobile,MMSI,"
    r"\.\.\.\), a MarineCadastre CSV \(MMSI,BaseDateTime,LAT,LON,\.\.\.\) or JSON lines of Global "
    r'Fishing Watch \(\{"ssvid": \.\.\.\)'
)


def write(path, data):
    path.write_bytes(data)
    return path


def only(path, **options):
    (source,) = open_sources(path, **options)
    return source


def reported(source):
    batches = list(source.batches())
    return sum(b.received.num_rows for b in batches), source.report


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, bz2.compress, zstandard.ZstdCompressor().compress]
)
@pytest.mark.parametrize(
    ("text", "format_", "rows"), [(NMEA, "nmea", 2), (DMA, "dma", 1), (US, "marinecadastre", 1)]
)
@pytest.mark.parametrize("name", ["archive", "archive.txt", "archive.csv.gz"])
def test_the_format_is_told_by_content_whatever_the_name(
    tmp_path, pack, text, format_, rows, name
):
    source = only(write(tmp_path / name, pack(text)))
    assert (source.name, source.format) == (name, format_)
    n_rows, report = reported(source)
    assert (n_rows, report.status, report.error) == (rows, "complete", None)


def test_ais_in_a_log_of_other_sentences_is_found(tmp_path):
    log = lines(*[b"$GPGGA,195719,5310.8115,N*57"] * 500, CLASS_B)
    assert only(write(tmp_path / "log", log)).format == "nmea"


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_hides_no_header(tmp_path, mark):
    source = only(write(tmp_path / "day.csv", US.decode().encode(mark)))
    assert reported(source)[1].used == 1


def test_a_source_is_known_by_its_stored_bytes(tmp_path):
    packed = gzip.compress(NMEA)
    source = only(write(tmp_path / "a.gz", packed))
    digest = hashlib.sha256(packed).hexdigest()
    assert (source.content_hash, source.size_bytes) == (digest, len(packed))
    assert source.source_id == int(digest, 16) >> 193
    assert only(write(tmp_path / "b.gz", packed)).source_id == source.source_id
    assert only(write(tmp_path / "a", NMEA)).source_id != source.source_id


def test_rows_name_their_source(tmp_path):
    source = only(write(tmp_path / "a", NMEA + b"junk\n"))
    (batch,) = source.batches()
    for table in (batch.received, batch.rejects):
        assert set(table["source_id"].to_pylist()) == {source.source_id}


def test_a_source_can_be_read_again_and_is_cut_the_same():
    config = IngestConfig(batch_rows=3, block_bytes=120)
    data = lines(*[CLASS_B, CLASS_A, b"junk"] * 20)
    one, two = (source_of(data, config=config, piece_bytes=n) for n in (7, 10_000))
    first, again, other = list(one.batches()), list(one.batches()), list(two.batches())
    assert len(first) > 5
    for batch, same, cut in zip(first, again, other, strict=True):
        assert batch.received.equals(same.received)
        assert batch.received.equals(cut.received)
        assert batch.rejects.equals(cut.rejects)


@pytest.mark.parametrize("kind", ["gzip", "Zstandard", "bzip2"])
def test_an_archive_that_is_cut_short_is_partial_and_keeps_its_rows(tmp_path, kind):
    text = lines(*[CLASS_B, CLASS_A] * 20_000)
    pack = {
        "gzip": gzip.compress,
        "Zstandard": zstandard.ZstdCompressor().compress,
        "bzip2": bz2.compress,
    }[kind]
    packed = pack(text)
    source = only(
        write(tmp_path / "cut", packed[:-1] if kind != "bzip2" else packed + packed[:-9])
    )
    n_rows, report = reported(source)
    assert report.status == "partial"
    assert report.error.startswith(f"truncated: the {kind} stream ends before its end marker; ")
    assert report.used > 0
    assert report.messages == report.used >= n_rows > 0


def test_an_archive_beyond_a_limit_is_partial(tmp_path):
    config = IngestConfig(archive=ArchiveConfig(max_expanded_bytes=100_000))
    source = only(write(tmp_path / "a", gzip.compress(NMEA * 2000)), config=config)
    _, report = reported(source)
    assert report.status == "partial"
    assert "max_expanded_bytes" in report.error


def test_a_source_that_was_not_read_to_its_end_says_so():
    source = source_of(NMEA * 100, config=IngestConfig(batch_rows=1, block_bytes=10))
    next(iter(source.batches()))
    assert (source.report.status, source.report.error) == ("partial", "not read to its end")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", rf"^a\.x is empty: {EXPECTED}$"),
        (b" \n\0\n", r"^a\.x is empty: expected"),
        (gzip.compress(b"", mtime=0), r"^a\.x is empty: expected"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            rf"^a\.x is not AIS: {EXPECTED}; it begins with '.x89PNG'",
        ),
        (b"Dear reader,\nno AIS here.", r"^a\.x is not AIS: .*it begins with 'Dear reader,'$"),
        (b"mmsi,lat,lon\n1,2,3\n", r"^a\.x is not AIS: .*'mmsi,lat,lon'$"),
        (gzip.compress(NMEA, mtime=0)[:12], r"^a\.x truncated: the gzip stream ends"),
        (
            gzip.compress(b"nothing to see" * 99, mtime=0)[:-9],
            r"is not AIS.*\(truncated: the gzip stream",
        ),
        (b"PK\x03\x04cut", r"^a\.x is no complete zip archive"),
        (b"PK\x05\x06" + bytes(18), r"^a\.x holds no data file: expected"),
    ],
)
def test_what_is_no_ais_is_refused_in_one_line_with_its_name(tmp_path, content, message):
    with pytest.raises(SourceError, match=message) as caught:
        list(open_sources(write(tmp_path / "a.x", content)))
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"missing\.nmea does not exist$"):
        list(open_sources(tmp_path / "missing.nmea"))
    with pytest.raises(SourceError, match=r"is no file$"):
        list(open_sources(tmp_path))


def test_a_wanted_format_is_believed_or_refused(tmp_path):
    path = write(tmp_path / "a", b"nothing of AIS\n" + CLASS_B)
    assert reported(only(path, format="nmea"))[1].rejected == {"not_a_sentence": 1}
    with pytest.raises(FormatError, match="has no header of format dma"):
        list(open_sources(path, format="dma"))
    with pytest.raises(
        FormatError, match="format must be one of auto, nmea, dma, marinecadastre, gfw"
    ):
        list(open_sources(path, format="csv"))


def zipped(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def test_each_member_of_a_zip_is_a_source(tmp_path):
    path = zipped(
        tmp_path / "days.zip",
        ("README.txt", b"about"),
        ("one.csv", US),
        ("two.nmea.gz", gzip.compress(NMEA, mtime=0)),
    )
    one, two = open_sources(path)
    assert (one.name, one.format) == ("days.zip/one.csv", "marinecadastre")
    assert (two.name, two.format) == ("days.zip/two.nmea.gz", "nmea")
    assert [reported(source)[0] for source in (one, two)] == [1, 2]
    assert one.source_id != two.source_id


def test_a_member_that_cannot_be_used_is_reported_and_the_others_are_read(tmp_path):
    path = zipped(tmp_path / "days.zip", ("a.dat", b"junk"), ("b.csv", US), ("c.csv", b""))
    bad, good, empty = open_sources(path)
    assert reported(bad)[1].status == "failed"
    assert bad.report.error.startswith("days.zip/a.dat is not AIS")
    assert reported(good)[1].status == "complete"
    assert "is empty" in empty.report.error
    assert bad.size_bytes > 0


def test_names_in_a_zip_cannot_command_a_terminal(tmp_path):
    (source,) = open_sources(zipped(tmp_path / "a.zip", ("\x1b[2J\u202e.csv", US)))
    assert source.name == "a.zip/\\x1b[2J\\u202e.csv"


@pytest.mark.parametrize("data", [NMEA, gzip.compress(NMEA, mtime=0)])
def test_standard_input_is_read(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    source = only("-")
    assert (source.name, source.path) == ("-", "-")
    n_rows, report = reported(source)
    assert (n_rows, report.status) == (2, "complete")
    assert source.size_bytes == len(data)


def test_a_report_is_a_row_of_the_sources(tmp_path):
    source = only(write(tmp_path / "a.nmea", NMEA + b"junk\n# comment\n"))
    list(source.batches())
    row = source.report.as_row(source)
    validate(row, SOURCES)
    (found,) = row.to_pylist()
    assert found["rejected"] == '{"not_a_sentence": 1}'
    assert found["ignored"] == '{"comment": 1}'
    assert (found["lines"], found["used"], found["status"]) == (4, 2, "complete")
    again = type(source.report).of_row(found)
    again.rows_per_s = source.report.rows_per_s
    assert again == source.report


def test_reading_fails_halfway_and_says_so():
    class Broken:
        def stored(self):
            yield NMEA
            raise OSError(5, "Input/output error")

        chunks = stored

    source = source_of(NMEA)
    source._stored = Broken()
    n_rows, report = reported(source)
    assert (n_rows, report.status) == (2, "partial")
    assert report.error == "cannot be read further: Input/output error; 2 lines were read"
