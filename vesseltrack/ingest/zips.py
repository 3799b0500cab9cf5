"""Zip archives: their members as streams of bytes, without a file ever being extracted."""

import fnmatch
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vesseltrack.config.ingest import ArchiveConfig
from vesseltrack.errors import SourceError
from vesseltrack.ingest.archive import Meter, inflated

_LOCAL_HEADER: Final = struct.Struct("<26xHH")  # lengths of name and extra field end it
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True)
class ZipMember:
    """One file in a zip archive."""

    path: Path
    info: zipfile.ZipInfo
    limits: ArchiveConfig
    read_bytes: int

    def stored(self) -> Iterator[bytes]:
        """Yield the member's bytes as they lie in the archive."""
        with self.path.open("rb") as file:
            file.seek(self.info.header_offset)
            header = file.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size:
                msg = "truncated: the zip archive ends before this member"
                raise SourceError(msg)
            file.seek(sum(_LOCAL_HEADER.unpack(header)), 1)
            left = self.info.compress_size
            while left and (chunk := file.read(min(left, self.read_bytes))):
                left -= len(chunk)
                yield chunk

    def chunks(self) -> Iterator[bytes]:
        """Yield the member's bytes unpacked.

        Raises
        ------
        SourceError
            If it is encrypted, packed in a way we do not read, cut short or damaged, or beyond a
            limit; after all that could be read.
        """
        if self.info.flag_bits & _ENCRYPTED:
            msg = "is encrypted"
            raise SourceError(msg)
        meter = Meter(self.limits)
        stored = meter.input(self.stored())
        if self.info.compress_type == zipfile.ZIP_STORED:
            unpacked = stored
        elif self.info.compress_type == zipfile.ZIP_DEFLATED:
            unpacked = inflated(stored)
        else:
            msg = f"is packed with zip method {self.info.compress_type}; 0 and 8 can be read"
            raise SourceError(msg)
        crc, n_bytes = 0, 0
        for chunk in meter.output(unpacked):
            crc, n_bytes = zlib.crc32(chunk, crc), n_bytes + len(chunk)
            yield chunk
        if (crc, n_bytes) != (self.info.CRC, self.info.file_size):
            msg = "damaged: the zip member differs from its recorded checksum and size"
            raise SourceError(msg)


def zip_members(path: Path, limits: ArchiveConfig, read_bytes: int) -> list[ZipMember]:
    """Return the members that may hold data, in the order of the archive's own list.

    Folders and what is named like a licence, a description or a picture are left out.

    Raises
    ------
    SourceError
        If the archive's list is missing or damaged, holds too many members, or members overlap.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        msg = f"{path.name} is no complete zip archive (truncated or damaged): {error}"
        raise SourceError(msg) from error
    if len(infos) > limits.max_members:
        msg = (
            f"{path.name} holds {len(infos)} members; at most {limits.max_members} are read "
            "(setting ingest.archive.max_members)"
        )
        raise SourceError(msg)
    _check_overlap(path, infos)
    return [
        ZipMember(path, info, limits, read_bytes)
        for info in infos
        if not info.is_dir() and not _is_skipped(info.filename, limits.skip_members)
    ]


def _check_overlap(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes: that is how a small file becomes a large bomb."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            msg = f"{path.name} is no sound zip archive: its members overlap"
            raise SourceError(msg)
        end = info.header_offset + _LOCAL_HEADER.size + info.compress_size


def _is_skipped(name: str, patterns: tuple[str, ...]) -> bool:
    whole = name.lower()
    base = whole.rsplit("/", 1)[-1]
    return any(
        fnmatch.fnmatchcase(base, pattern) or fnmatch.fnmatchcase(whole, pattern)
        for pattern in patterns
    )
