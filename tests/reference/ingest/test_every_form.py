"""The same messages in every form that an archive comes in: the same rows."""

import bz2
import gzip
import io
import sys
import zipfile

import pyarrow as pa
import pytest
import zstandard

from ingest_text import (
    CLASS_A,
    CLASS_B,
    DMA_HEADER,
    DMA_ROW,
    STATIC,
    US_HEADER,
    US_ROW,
    lines,
    tag,
)
from vesseltrack.ingest import open_sources

AT = tag(b"s:r1,c:1709294400")
TEXTS = {
    "nmea": lines(AT + CLASS_B, *STATIC, AT + CLASS_A),
    "dma": lines(DMA_HEADER, DMA_ROW, DMA_ROW.replace("04:00:00", "04:00:10")),
    "marinecadastre": lines(US_HEADER, US_ROW, US_ROW.replace("00:00:00", "00:00:10")),
    "gfw": lines(
        '{"type": "AIS.1", "ssvid": "219000001", "timestamp": "2021-01-01T00:00:00+00:00", '
        '"lat": 55.5, "lon": 11.25, "speed": NaN, "shipname": null}'
    ),
}
ZSTD = zstandard.ZstdCompressor()


def zipped(data, name="inside.dat"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


PACKINGS = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": ZSTD.compress,
    "zip": zipped,
    "gz in zip": lambda data: zipped(gzip.compress(data)),
    "two gz, one after the other": lambda data: (
        gzip.compress(data[:50]) + gzip.compress(data[50:])
    ),
    "gz of zst": lambda data: gzip.compress(ZSTD.compress(data)),
}
ENCODINGS = {
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16 LE": lambda data: data.decode().encode("utf-16-le"),
    "UTF-16 BE": lambda data: data.decode().encode("utf-16-be"),
    "UTF-16 LE, BOM": lambda data: b"\xff\xfe" + data.decode().encode("utf-16-le"),
    "UTF-16 BE, BOM": lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
    "CR LF": lambda data: data.replace(b"\n", b"\r\n"),
    "CR": lambda data: data.replace(b"\n", b"\r"),
    "no end at the end": lambda data: data[:-1],
    "blank lines": lambda data: b"\n \n" + data.replace(b"\n", b"\n\t\n"),
    "NUL": lambda data: data + b"\0\0\0\n\x1a",
    "NUL lines": lambda data: data.replace(b"\n", b"\n\0\0\n"),
}


def rows(path):
    (source,) = open_sources(path)
    batches = list(source.batches())
    report = source.report
    assert (report.status, report.rejected) == ("complete", {})
    return [
        pa.concat_tables(tables).drop_columns(["source_id", "line"])
        for tables in zip(*((b.received, b.statics) for b in batches), strict=True)
    ]


def same(form, format_, tmp_path):
    plain, other = tmp_path / "plain", tmp_path / "other"
    plain.write_bytes(TEXTS[format_])
    other.write_bytes(form(TEXTS[format_]))
    expected, found = rows(plain), rows(other)
    assert expected[0].num_rows > 0
    return all(a.equals(b) for a, b in zip(expected, found, strict=True))


@pytest.mark.parametrize("format_", TEXTS)
@pytest.mark.parametrize("packing", PACKINGS)
def test_however_it_is_packed(packing, format_, tmp_path):
    assert same(PACKINGS[packing], format_, tmp_path)


@pytest.mark.parametrize("format_", TEXTS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_however_it_is_written(encoding, format_, tmp_path):
    assert same(ENCODINGS[encoding], format_, tmp_path)


@pytest.mark.parametrize("packing", PACKINGS)
def test_from_standard_input_as_from_a_file(packing, monkeypatch, tmp_path):
    (tmp_path / "plain").write_bytes(TEXTS["nmea"])
    piped = io.TextIOWrapper(io.BytesIO(PACKINGS[packing](TEXTS["nmea"])))
    monkeypatch.setattr(sys, "stdin", piped)
    for a, b in zip(rows(tmp_path / "plain"), rows("-"), strict=True):
        assert a.equals(b)


@pytest.mark.parametrize(
    "name", [f"a{end}" for end in (".nmea", ".txt", ".log", ".raw", ".ais", ".nm4", ".aivdm", "")]
)
def test_whatever_its_name(name, tmp_path):
    (tmp_path / name).write_bytes(gzip.compress(TEXTS["nmea"]))
    (source,) = open_sources(tmp_path / name)
    assert (source.name, source.format) == (name, "nmea")
