"""One file or archive member of a known format, and its reading in batches."""

import datetime as dt
import hashlib
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.core.identity import hash63
from vesseltrack.ingest.account import SourceReport, Tally, escaped
from vesseltrack.ingest.archive import expanded
from vesseltrack.ingest.arrow import as_numpy, is_known
from vesseltrack.ingest.available import RAW
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.nmea.heard import Sentences
from vesseltrack.ingest.nmea.reader import NmeaReader
from vesseltrack.ingest.nmea.times import Clock
from vesseltrack.ingest.reading import Reader, Reading
from vesseltrack.ingest.saved import State, of_bytes, to_bytes
from vesseltrack.ingest.segments import SEGMENTS, SegmentReader
from vesseltrack.ingest.span import Span
from vesseltrack.ingest.stored import Interruptible, Stored
from vesseltrack.ingest.tabular.layouts import Header
from vesseltrack.ingest.tabular.plain import PlainRows
from vesseltrack.ingest.tabular.reader import TabularReader
from vesseltrack.ingest.text import LineBlock, behind, first_bytes, line_blocks, normalised
from vesseltrack.schema import Checkpoint, Quality
from vesseltrack.units import US_PER_S

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ID_DIGITS: Final = 16


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
        nmea, dma, marinecadastre or gfw; unknown for an archive member that cannot be used.
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
        self._hash_and_size: tuple[str, int] | None = None
        self._number: int | None = None
        self._state: State | None = None
        self._n_before = 0  # messages of earlier readings
        if fault is not None:
            self.report = SourceReport.failed(name, fault)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the stored bytes, hexadecimal."""
        return self._identity()[0]

    @property
    def size_bytes(self) -> int:
        """Size as stored [bytes]."""
        return self._identity()[1]

    @property
    def source_id(self) -> int:
        """63 bits of the content hash; of it and the start where one is given.

        The same lines with another start are other positions, so that an archive that was read
        without times can be read again with `--start`. A source that is read on keeps the number
        that it was first read under.
        """
        if self._number is not None:
            return self._number
        if self._start is not None:
            return hash63(self.content_hash, self._start.isoformat())
        return int(self.content_hash[:_ID_DIGITS], 16) >> 1

    def prefixes(self, sizes: Collection[int]) -> dict[int, str]:
        """Return the hash of the first so many stored bytes by their number, as far as it goes.

        By these a file is known that has grown, and `content_hash` comes from the same reading.
        """
        digest, size, found = hashlib.sha256(), 0, {}
        cuts = sorted(sizes, reverse=True)
        for chunk in Interruptible(self._stored.stored()):
            view = memoryview(chunk)
            while cuts and cuts[-1] <= size + len(view):
                n = cuts.pop() - size
                digest.update(view[:n])
                size, view = size + n, view[n:]
                found[size] = digest.copy().hexdigest()
            digest.update(view)
            size += len(view)
        self._hash_and_size = digest.hexdigest(), size
        return found

    def is_begun_by(self, about: Mapping[str, Any], prefixes: Mapping[int, str]) -> bool:
        """Return whether this is what a checkpoint says it is of, perhaps grown since.

        Parameters
        ----------
        about : mapping
            Of the checkpoint.
        prefixes : mapping
            As `prefixes` returned them, that size among them if it goes that far.
        """
        size_bytes, content_hash = about.get("size_bytes"), about.get("content_hash")
        is_same = size_bytes is not None and prefixes.get(size_bytes) == content_hash
        return is_same and all(about.get(name) == said for name, said in self._manner().items())

    def read_on(self, source_id: int, checkpoint: Checkpoint) -> int:
        """Have `batches` go on from a checkpoint, under the number the source has.

        Returns
        -------
        line : int
            The first line that will be read.
        """
        self._number, self._state = source_id, of_bytes(checkpoint.state)
        return int(self._state["next_line"])

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in batches, cut at the same rows at every reading.

        An archive that is cut short gives its rows so far; the report then says `partial`.
        """
        with self._reading() as (tally, chunks):
            reading = Reading(
                self._reader(tally, self.source_id), tally, min_rows=self._config.batch_rows
            )
            if self._state is not None:
                reading.restore(self._state)
            self._n_before = tally.messages
            for batch, state, rest in reading.batches(self._blocks(chunks, reading.next_line)):
                about = {
                    "size_bytes": self.size_bytes,
                    "content_hash": self.content_hash,
                    **self._manner(),
                    "rest": rest,
                }
                yield replace(batch, checkpoint=Checkpoint(about, to_bytes(state)))

    def messages(
        self, *, as_transmitted: bool = False, with_raw: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Yield every message or row as a dict: line, timestamp [us], then its fields.

        With `raw`, a list of the lines that it came in, escaped, if asked for.
        """
        with self._reading() as (tally, chunks):
            reader = self._reader(tally, 0)
            for block in self._blocks(chunks):
                lines = block.lines() if with_raw else []
                for message in reader.decode(block, as_transmitted=as_transmitted):
                    raw = message.pop(RAW, None)
                    if with_raw:  # a row of a table is one line
                        own = raw or [lines[message["line"] - block.first_line]]
                        message[RAW] = [escaped(line) for line in own]
                    yield message
            reader.finish()

    def sentences(self) -> Iterator[Sentences]:
        """Yield the sentences of an NMEA source, block by block, with their lines and times."""
        with self._reading() as (tally, chunks):
            reader = self._reader(tally, 0)
            assert isinstance(reader, NmeaReader), f"{self.name} has rows, no sentences"
            for block in self._blocks(chunks):
                yield reader.sentences(block)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield every line with its number, blank ones too."""
        for block in self._blocks(Interruptible(self._expanded())):
            yield from enumerate(block.lines(), block.first_line)

    @contextmanager
    def _reading(self) -> Iterator[tuple[Tally, Interruptible]]:
        """Give a tally and the bytes, and write the report whatever happens meanwhile."""
        if self._fault is not None:
            yield Tally(), Interruptible(())
            return
        self.report = SourceReport(self.name, self.format)
        tally, chunks, begun_s = Tally(), Interruptible(self._expanded()), time.perf_counter()
        try:
            yield tally, chunks
            self.report.status, self.report.error = "complete", None
            if chunks.reason is not None:
                self.report.status = "partial" if tally.lines else "failed"
                self.report.error = f"{chunks.reason}; {tally.lines} lines were read"
        finally:
            elapsed_s = time.perf_counter() - begun_s
            self.report.count(tally, elapsed_s, n_before=self._n_before)

    def _expanded(self) -> Iterator[bytes]:
        return expanded(self._stored.chunks(), self._config.archive)

    def _blocks(self, chunks: Interruptible, first_line: int = 1) -> Iterator[LineBlock]:
        config = self._config
        is_nmea = self._header is None and self.format != SEGMENTS
        return line_blocks(
            behind(normalised(chunks), first_line - 1),
            block_bytes=config.block_bytes,
            max_line_bytes=config.max_sentence_bytes if is_nmea else config.max_row_bytes,
            first_line=first_line,
        )

    def _identity(self) -> tuple[str, int]:
        if self._hash_and_size is None:
            self.prefixes(())
        assert self._hash_and_size is not None
        return self._hash_and_size

    def _manner(self) -> dict[str, str | None]:
        """Return how it is read, as far as its lines become other rows by it."""
        start = None if self._start is None else self._start.isoformat()
        return {"format": self.format, "start": start}

    def _reader(self, tally: Tally, source_id: int) -> Reader:
        latest_us = int((time.time() + self._config.max_ahead_s) * US_PER_S)
        plain = None
        if self._header is not None:
            # What is read twice, the beginning, is known the second time.
            plain = PlainRows(self._header, max_row_bytes=self._config.max_row_bytes)
        beginning = self._reader_within(Tally(), Span(0, latest_us), source_id, plain)
        median_us = self._median_us(beginning)
        before_us = int(self._config.max_before_s * US_PER_S)
        earliest_us = 0 if median_us is None else max(0, median_us - before_us)
        return self._reader_within(tally, Span(earliest_us, latest_us), source_id, plain)

    def _reader_within(
        self, tally: Tally, span: Span, source_id: int, plain: PlainRows | None
    ) -> Reader:
        if plain is not None:
            return TabularReader(self._config, tally, plain, span, source_id)
        if self.format == SEGMENTS:
            return SegmentReader(self._config, tally, span, source_id)
        clock = Clock(start_us=_us(self._start), span=span)
        return NmeaReader(self._config, tally, clock, source_id)

    def _median_us(self, reader: Reader) -> int | None:
        """Return the middle one of the trusted times at the beginning of the source."""
        n_bytes = self._config.sniff_bytes
        head = first_bytes(normalised(Interruptible(self._expanded())), n_bytes)[:n_bytes]
        received = reader.read(LineBlock(1, head.rpartition(b"\n")[0] or head)).received
        is_trusted = (as_numpy(received["quality"]) & int(Quality.TIME_QUARANTINED)) == 0
        t_us = as_numpy(received["timestamp"])[is_trusted & is_known(received["timestamp"])]
        return int(np.median(t_us)) if t_us.size else None


def _us(instant: dt.datetime | None) -> int | None:
    """Return a time in microseconds since 1970; one without a zone is UTC."""
    if instant is None:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
    return (aware - _EPOCH) // dt.timedelta(microseconds=1)
