"""A path to the sources in it: the file itself, or the members of a zip archive."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.errors import FormatError, SourceError
from vesseltrack.ingest.archive import expanded
from vesseltrack.ingest.sniff import AUTO, EXPECTED, sniffed
from vesseltrack.ingest.source import Place, Source
from vesseltrack.ingest.stored import Interruptible, Stored, WholeFile, spooled
from vesseltrack.ingest.text import BLANK, first_bytes, normalised
from vesseltrack.ingest.zips import zip_members

STDIN: Final = "-"
DEFAULT_CONFIG: Final = IngestConfig()
_ZIP_MAGICS: Final = (b"PK\x03\x04", b"PK\x05\x06")


def open_sources(
    path: Path | Literal["-"],
    *,
    format: str = AUTO,  # noqa: A002 - the word of the command line
    start: dt.datetime | None = None,
    config: IngestConfig = DEFAULT_CONFIG,
) -> Iterator[Source]:
    """Yield each source in a file: the file itself, or every data file in a zip archive.

    Plain, gzip, bzip2 and Zstandard, however named; what is packed in a zip may be packed again.

    Parameters
    ----------
    path : Path or "-"
        A file, or standard input.
    format : str
        nmea, dma, marinecadastre, gfw, or auto: told by content.
    start : datetime, optional
        Time of the first line of a source whose lines carry none; UTC if it has no zone.
    config : IngestConfig
        Limits and settings.

    Yields
    ------
    source : Source
        In the order of the archive. A member that cannot be used is a source too, which gives no
        rows and whose report says why.

    Raises
    ------
    SourceError
        If the file is missing, empty or a damaged zip archive.
    FormatError
        If it is not AIS, or not of the format wanted.
    """
    if path == STDIN:
        name, where, file = STDIN, STDIN, spooled()
    else:
        file = Path(path)
        _check_file(file)
        name, where = file.name, str(file.resolve())
    place = Place(where, start, config)
    if _begin(file) in _ZIP_MAGICS:
        yield from _members(file, name, place, format)
    else:
        yield _opened(name, WholeFile(file, config.read_bytes), place, format)


def _members(file: Path, archive: str, place: Place, format_: str) -> Iterator[Source]:
    members = zip_members(file, place.config.archive, place.config.read_bytes)
    if not members:
        msg = f"{archive} holds no data file: {EXPECTED}"
        raise FormatError(msg)
    for member in members:
        name = f"{archive}/{_printable(member.info.filename)}"
        try:
            source = _opened(name, member, place, format_)
        except SourceError as error:
            source = Source(name, place, stored=member, format="unknown", fault=str(error))
        yield source


def _check_file(path: Path) -> None:
    if not path.exists():
        msg = f"{path} does not exist"
    elif not path.is_file():
        msg = f"{path} is no file"
    elif path.stat().st_size == 0:
        msg = f"{path.name} is empty: {EXPECTED}"
    else:
        return
    raise SourceError(msg)


def _begin(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_ZIP_MAGICS[0]))
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise SourceError(msg) from error


def _opened(name: str, stored: Stored, place: Place, format_: str) -> Source:
    chunks = Interruptible(expanded(stored.chunks(), place.config.archive))
    head = first_bytes(normalised(chunks), place.config.sniff_bytes)
    if not head.strip(BLANK + b"\n"):
        because = f"is empty: {EXPECTED}" if chunks.reason is None else chunks.reason
        msg = f"{name} {because}"
        raise SourceError(msg)
    try:
        found = sniffed(head, format_)
    except FormatError as error:
        because = "" if chunks.reason is None else f" ({chunks.reason})"
        msg = f"{name} {error}{because}"
        raise FormatError(msg) from error
    return Source(name, place, stored=stored, format=found)


def _printable(name: str) -> str:
    """Return a name from an archive with everything escaped that a terminal might obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
