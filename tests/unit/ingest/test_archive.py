import bz2
import gzip
import hashlib

import pytest
import zstandard

from vesseltrack.config.ingest import ArchiveConfig
from vesseltrack.errors import SourceError
from vesseltrack.ingest.archive import expanded

LIMITS = ArchiveConfig()
TEXT = b"".join(hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(5000))
MEMBER = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"  # a skippable frame
PACKED = {
    "gzip": gzip.compress(TEXT, mtime=0),
    "bzip2": bz2.compress(TEXT),
    "Zstandard": zstandard.ZstdCompressor(write_checksum=True).compress(TEXT),
}


def pieces(data, n=7001):
    return [data[i : i + n] for i in range(0, len(data), n)]


def collected(chunks):
    """What came before the error, and the error."""
    got = []
    try:
        for chunk in chunks:
            got.append(chunk)  # noqa: PERF402 - what came before the error is kept
    except SourceError as error:
        return b"".join(got), str(error)
    return b"".join(got), None


@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("n", [1000, 7001, 1 << 22])
def test_packed_bytes_come_back(packed, n):
    assert collected(expanded(pieces(packed, n), LIMITS)) == (TEXT, None)


def test_other_bytes_pass_unchanged():
    assert collected(expanded([b"", b"!AI", b"VDM"], LIMITS)) == (b"!AIVDM", None)
    assert collected(expanded([], LIMITS)) == (b"", None)


@pytest.mark.parametrize("kind", PACKED)
def test_an_archive_of_several_streams_is_read_to_the_last(kind):
    assert collected(expanded(pieces(PACKED[kind] * 2), LIMITS)) == (TEXT * 2, None)


def test_zeros_behind_a_gzip_are_padding_and_other_bytes_are_damage():
    assert collected(expanded(pieces(PACKED["gzip"] + bytes(20_000)), LIMITS)) == (TEXT, None)
    got, why = collected(expanded(pieces(PACKED["gzip"] + b"junk"), LIMITS))
    assert got == TEXT
    assert why.startswith("damaged")


def test_skippable_frames_of_zstandard_are_skipped():
    assert collected(expanded([MEMBER + PACKED["Zstandard"] + MEMBER], LIMITS)) == (TEXT, None)


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("missing", [1, 5, 100, 60_000])
def test_a_missing_end_is_noticed_and_what_came_is_kept(kind, missing):
    got, why = collected(expanded(pieces(PACKED[kind][:-missing]), LIMITS))
    assert why == f"truncated: the {kind} stream ends before its end marker"
    assert TEXT.startswith(got)
    # bzip2 packs 900 kB at a time, so that of this text only the whole block comes or nothing.
    assert got or kind == "bzip2" or missing > 10_000


@pytest.mark.parametrize("kind", PACKED)
def test_damage_is_noticed(kind):
    packed = bytearray(PACKED[kind])
    packed[len(packed) // 2] ^= 0xFF
    packed[len(packed) // 2 + 1] ^= 0xFF
    _, why = collected(expanded(pieces(bytes(packed)), LIMITS))
    assert why is not None
    assert why.startswith(("damaged", "truncated"))


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, zstandard.ZstdCompressor().compress]
)
def test_a_bomb_stops_at_the_ratio(pack):
    limits = ArchiveConfig(max_ratio=100, min_ratio_bytes=1_000_000)
    got, why = collected(expanded([pack(bytes(30_000_000))], limits))
    assert why == (
        "stopped at the limit of 100 expanded bytes for each stored one "
        "(setting ingest.archive.max_ratio)"
    )
    assert len(got) < 5_000_000


def test_expanded_bytes_have_a_limit():
    got, why = collected(expanded([PACKED["gzip"]], ArchiveConfig(max_expanded_bytes=100_000)))
    assert "stopped at the limit of 100000 expanded bytes" in why
    assert len(got) <= 100_000


def test_reading_has_a_limit_of_time():
    packed = gzip.compress(bytes(5_000_000))
    got, why = collected(expanded([packed], ArchiveConfig(max_s=1e-9)))
    assert got == b""
    assert why == "stopped at the limit of 1e-09 s (setting ingest.archive.max_s)"


def test_archives_in_archives_are_read_up_to_a_limit():
    packed = TEXT
    for _ in range(3):
        packed = gzip.compress(packed)
    assert collected(expanded([packed], LIMITS)) == (TEXT, None)
    _, why = collected(expanded([gzip.compress(packed)], LIMITS))
    assert why == "packed more than 3 times (setting ingest.archive.max_layers)"


def test_a_zip_inside_another_archive_is_refused():
    _, why = collected(expanded([gzip.compress(b"PK\x03\x04...")], LIMITS))
    assert why == "holds a zip inside another archive: unpack it first"
