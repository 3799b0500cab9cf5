import gzip
import hashlib
import struct
import zipfile
import zlib

import pytest

from vesseltrack.config.ingest import ArchiveConfig
from vesseltrack.errors import SourceError
from vesseltrack.ingest.zips import zip_members

LIMITS = ArchiveConfig()
TEXT = b"".join(hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(1500))


def archive(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in members:
            file.writestr(name, data)
    return path


def members_of(path, limits=LIMITS):
    return zip_members(path, limits, 1000)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_come_back_whole_and_their_stored_bytes_are_theirs(tmp_path, method):
    path = archive(tmp_path / "a.zip", [("a.csv", TEXT), ("b.csv", b"second")], method)
    first, second = members_of(path)
    assert b"".join(first.chunks()) == TEXT
    assert b"".join(second.chunks()) == b"second"
    stored = b"".join(first.stored())
    assert (zlib.decompress(stored, -15) if method else stored) == TEXT


def test_two_members_of_one_name_are_two_sources(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(tmp_path / "a.zip", [("a.csv", b"one"), ("a.csv", b"two")])
    assert [b"".join(m.chunks()) for m in members_of(path)] == [b"one", b"two"]


@pytest.mark.parametrize(
    "name",
    [
        *("LICENSE.txt", "licence", "data/README.md", "notice.txt", "Metadata.html", "map.png"),
        *("__MACOSX/day.csv", ".DS_Store", "data/.hidden", "folder/"),
    ],
)
def test_what_accompanies_data_is_skipped_by_name(tmp_path, name):
    path = archive(tmp_path / "a.zip", [(name, b""), ("day.csv", b"x")])
    assert [m.info.filename for m in members_of(path)] == ["day.csv"]


def test_a_zip_that_is_cut_short_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.csv", TEXT)])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(SourceError, match=r"a\.zip is no complete zip archive \(truncated"):
        members_of(path)


def test_a_member_that_differs_from_its_checksum_is_damaged(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.csv", TEXT)], zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match="differs from its recorded checksum"):
        list(members_of(path)[0].chunks())


def test_overlapping_members_are_refused(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.csv", TEXT), ("b.csv", TEXT)])
    data = bytearray(path.read_bytes())
    # The second entry of the list is pointed at the first member.
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)
    path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match="its members overlap"):
        members_of(path)


def test_too_many_members_are_refused(tmp_path):
    path = archive(tmp_path / "a.zip", [(f"{n}.csv", b"x") for n in range(4)])
    with pytest.raises(SourceError, match=r"holds 4 members; at most 3 are read"):
        members_of(path, ArchiveConfig(max_members=3))


def test_a_bomb_stops_at_the_ratio(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.csv", bytes(30_000_000))])
    limits = ArchiveConfig(max_ratio=100, min_ratio_bytes=1_000_000)
    with pytest.raises(SourceError, match="stopped at the limit of 100 expanded bytes"):
        list(members_of(path, limits)[0].chunks())


def test_packings_that_are_not_read_are_named(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.csv", TEXT)], zipfile.ZIP_LZMA)
    with pytest.raises(SourceError, match="is packed with zip method 14"):
        list(members_of(path)[0].chunks())


def test_encrypted_members_are_refused(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.csv", TEXT)])
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match="is encrypted"):
        list(members_of(path)[0].chunks())


def test_a_member_may_be_packed_again(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.csv.gz", gzip.compress(TEXT))])
    assert gzip.decompress(b"".join(members_of(path)[0].chunks())) == TEXT
