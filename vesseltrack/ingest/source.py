"""One file or archive member of a known format, and its reading in batches."""

import datetime as dt
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.core.identity import hash63
from vesseltrack.ingest.account import SourceReport, Tally
from vesseltrack.ingest.archive import expanded
from vesseltrack.ingest.batch import Batch, batches
from vesseltrack.ingest.nmea.heard import Sentences
from vesseltrack.ingest.nmea.reader import NmeaReader
from vesseltrack.ingest.nmea.times import Clock
from vesseltrack.ingest.stored import Interruptible, Stored
from vesseltrack.ingest.tabular.layouts import Header
from vesseltrack.ingest.tabular.reader import TabularReader
from vesseltrack.ingest.text import LineBlock, line_blocks, normalised
from vesseltrack.units import US_PER_S

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_HASH_BYTES: Final = 32
_ID_DIGITS: Final = 16


class Reader(Protocol):
    """What turns the lines of a format into rows."""

    def read(self, block: LineBlock) -> Batch:
        """Return the rows that the lines of a block complete."""

    def finish(self) -> Batch:
        """Return the rows that are left at the end."""

    def decode(self, block: LineBlock, *, as_transmitted: bool) -> list[dict[str, Any]]:
        """Return the messages that the lines of a block complete, one dict each."""


@dataclass(frozen=True)
class Place:
    """A file to read: where it is said to be, and how it is read.

    Attributes
    ----------
    path : str
        The file as its user knows it; "-" for standard input.
    start : datetime or None
        Time of the first line where lines carry none.
    config : IngestConfig
        Limits and settings.
    """

    path: str
    start: dt.datetime | None
    config: IngestConfig


class Source:
    """One file or archive member.

    Attributes
    ----------
    name : str
        File name, with the member's name inside an archive.
    path : str
        Where it lies: the file, of an archive's member the archive; "-" for standard input.
    format : str
        nmea, dma or marinecadastre; unknown for an archive member that cannot be used.
    report : SourceReport
        What became of its lines: complete once `batches` is exhausted, and valid after an error.
    """

    def __init__(
        self,
        name: str,
        place: Place,
        *,
        stored: Stored,
        format: str | Header,  # noqa: A002 - the word of the command line
        fault: str | None = None,
    ) -> None:
        """Name the bytes and how they are read; with a fault they are not."""
        self.name = name
        self.path = place.path
        self.format = format.layout.format if isinstance(format, Header) else format
        self.report = SourceReport(name, self.format)
        self._stored = stored
        self._header = format if isinstance(format, Header) else None
        self._start = place.start
        self._config = place.config
        self._fault = fault
        if fault is not None:
            self.report = SourceReport.failed(name, fault)

    @cached_property
    def _identity(self) -> tuple[str, int]:
        digest, size = hashlib.blake2b(digest_size=_HASH_BYTES), 0
        for chunk in Interruptible(self._stored.stored()):
            digest.update(chunk)
            size += len(chunk)
        return digest.hexdigest(), size

    @property
    def content_hash(self) -> str:
        """BLAKE2b-256 of the stored bytes, hexadecimal."""
        return self._identity[0]

    @property
    def size_bytes(self) -> int:
        """Size as stored [bytes]."""
        return self._identity[1]

    @property
    def source_id(self) -> int:
        """63 bits of the content hash; of it and the start where one is given.

        The same lines with another start are other positions, so that an archive that was read
        without times can be read again with `--start`.
        """
        if self._start is not None:
            return hash63(self.content_hash, self._start.isoformat())
        return int(self.content_hash[:_ID_DIGITS], 16) >> 1

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in batches, cut at the same rows at every reading.

        An archive that is cut short gives its rows so far; the report then says `partial`.
        """
        with self._reading() as (tally, blocks):
            reader = self._reader(tally, self.source_id)

            def parts() -> Iterator[Batch]:
                for block in blocks:
                    yield reader.read(block)
                yield reader.finish()

            yield from batches(parts(), tally, min_rows=self._config.batch_rows)

    def messages(self, *, as_transmitted: bool = False) -> Iterator[dict[str, Any]]:
        """Yield every message or row as a dict: line, timestamp [us], then its fields."""
        with self._reading() as (tally, blocks):
            reader = self._reader(tally, 0)
            for block in blocks:
                yield from reader.decode(block, as_transmitted=as_transmitted)
            reader.finish()

    def sentences(self) -> Iterator[Sentences]:
        """Yield the sentences of an NMEA source, block by block, with their lines and times."""
        with self._reading() as (tally, blocks):
            reader = self._nmea_reader(tally, 0)
            for block in blocks:
                yield reader.sentences(block)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield every line with its number, blank ones too."""
        for block in self._blocks(Interruptible(self._expanded())):
            yield from enumerate(block.lines(), block.first_line)

    @contextmanager
    def _reading(self) -> Iterator[tuple[Tally, Iterator[LineBlock]]]:
        """Give a tally and the lines, and write the report whatever happens meanwhile."""
        if self._fault is not None:
            yield Tally(), iter(())
            return
        self.report = SourceReport(self.name, self.format)
        tally, chunks, begun_s = Tally(), Interruptible(self._expanded()), time.perf_counter()
        try:
            yield tally, self._blocks(chunks)
            self.report.status, self.report.error = "complete", None
            if chunks.reason is not None:
                self.report.status = "partial" if tally.lines else "failed"
                self.report.error = f"{chunks.reason}; {tally.lines} lines were read"
        finally:
            self.report.count(tally, time.perf_counter() - begun_s)

    def _expanded(self) -> Iterator[bytes]:
        return expanded(self._stored.chunks(), self._config.archive)

    def _blocks(self, chunks: Interruptible) -> Iterator[LineBlock]:
        config = self._config
        max_line_bytes = config.max_row_bytes if self._header else config.max_sentence_bytes
        return line_blocks(
            normalised(chunks), block_bytes=config.block_bytes, max_line_bytes=max_line_bytes
        )

    def _reader(self, tally: Tally, source_id: int) -> Reader:
        if self._header is not None:
            return TabularReader(self._config, tally, self._header, self._latest_us(), source_id)
        return self._nmea_reader(tally, source_id)

    def _nmea_reader(self, tally: Tally, source_id: int) -> NmeaReader:
        clock = Clock(start_us=_us(self._start), latest_us=self._latest_us())
        return NmeaReader(self._config, tally, clock, source_id)

    def _latest_us(self) -> int:
        return int((time.time() + self._config.max_ahead_s) * US_PER_S)


def _us(instant: dt.datetime | None) -> int | None:
    """Return a time in microseconds since 1970; one without a zone is UTC."""
    if instant is None:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
    return (aware - _EPOCH) // dt.timedelta(microseconds=1)
