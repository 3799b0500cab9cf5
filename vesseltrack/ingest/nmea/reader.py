"""Lines of NMEA sentences to messages, every line accounted for.

The walls around `NmeaReader` are bytes of whole lines in, tables out: how the lines between are
decoded is its own affair.
"""

import re
from typing import Any, Final

import numpy as np

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.available import available
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.nmea import columns
from vesseltrack.ingest.nmea.assembly import Assembler, Complete, Heard, Line, complete_one
from vesseltrack.ingest.nmea.checksum import is_right
from vesseltrack.ingest.nmea.columns import Message
from vesseltrack.ingest.nmea.payload import PayloadError, decode_payload
from vesseltrack.ingest.nmea.sentence import (
    TAG_BLOCK_ALONE,
    Fault,
    find_sentence,
    why_none,
)
from vesseltrack.ingest.nmea.tag_block import EMPTY, Groups, tag_of
from vesseltrack.ingest.nmea.times import Clock, epoch_us, gatehouse_us
from vesseltrack.ingest.text import BLANK, LineBlock
from vesseltrack.schema import Quality

_GATEHOUSE: Final = re.compile(rb"\$(PGHP,[^*]*)(?:\*([0-9A-Fa-f]{2}))?")


class NmeaReader:
    """Reads blocks of lines in order; parts of messages wait across them."""

    def __init__(self, config: IngestConfig, tally: Tally, clock: Clock, source_id: int) -> None:
        """Start before the first line."""
        self._max_bytes = config.max_sentence_bytes
        self._tally = tally
        self._clock = clock
        self._source_id = source_id
        self._assembler = Assembler(config, self._reject)
        self._groups = Groups()
        self._told_us: int | None = None  # time that the line before tells for the next one alone
        self._feed_us: int | None = None
        self._messages: list[Message] = []

    def read(self, block: LineBlock) -> Batch:
        """Return the rows that the lines of a block complete."""
        self._read_lines(block)
        return self._rows(self._take())

    def finish(self) -> Batch:
        """Return what is left at the end: parts that stayed alone, as rejected lines."""
        self._assembler.finish()
        return self._rows(self._take())

    def decode(self, block: LineBlock, *, as_transmitted: bool) -> list[dict[str, Any]]:
        """Return the messages that the lines of a block complete, one dict each."""
        self._read_lines(block)
        messages = self._take()
        self._count(messages, columns.positions(messages, self._source_id))
        self._tally.take_rejects(self._source_id)
        return [
            {
                "line": m.line,
                "timestamp": m.time_us,
                **(m.fields if as_transmitted else available(m.fields)),
            }
            for m in messages
        ]

    def _take(self) -> list[Message]:
        messages, self._messages = self._messages, []
        return messages

    def _rows(self, messages: list[Message]) -> Batch:
        received = columns.positions(messages, self._source_id)
        self._count(messages, received)
        return Batch(
            received,
            columns.statics(messages, self._source_id),
            self._tally.take_rejects(self._source_id),
        )

    def _count(self, messages: list[Message], received: Any) -> None:  # noqa: ANN401 - a table
        trusted = (m for m in messages if not m.quality & Quality.TIME_QUARANTINED)
        times = [m.time_us for m in trusted if m.time_us is not None]
        self._tally.messages += len(messages)
        self._tally.positions += received.num_rows
        self._tally.see_times(np.array(times, np.int64))
        self._tally.see_vessels(received["mmsi"].to_numpy())

    def _read_lines(self, block: LineBlock) -> None:
        for number, raw in enumerate(block.lines(), block.first_line):
            text = raw.strip(BLANK)
            if not text:
                continue
            self._tally.lines += 1
            told_us, self._told_us = self._told_us, None
            line = Line(number, text)
            if len(raw) > self._max_bytes:
                self._reject(line, "line_too_long")
            elif text.startswith(b"#"):
                self._tally.ignore("comment")
            else:
                self._read_line(line, told_us)

    def _read_line(self, line: Line, told_us: int | None) -> None:
        found = find_sentence(line.raw, 0)
        if found is None:
            self._read_other(line)
        start = 0
        while found is not None:  # nearly always once: a lost line end glues two sentences
            sentence, match = found
            if isinstance(sentence, Fault):
                self._reject(line, sentence.reason)
            else:
                before, after = line.raw[start : match.start()], line.raw[match.end() :]
                tag = self._groups.complete(tag_of(before)) if b"\\" in before else EMPTY
                times = (tag.time_us, told_us, _trailing_us(after))
                self._hear(Heard(sentence, line, *self._times(*times), tag.source))
            start = match.end()
            found = find_sentence(line.raw, start) if start < len(line.raw) else None

    def _times(
        self, tag_us: int | None, told_us: int | None, trailing_us: int | None
    ) -> tuple[int | None, int | None]:
        """Return the time of a sentence, and the time by which it finds its other parts.

        What is said before a line is nearer to its receiver than what a relay writes behind it.
        Parts are told apart by what each line says itself, as the time before is that of a first
        part only; failing that, by how far the feed has come.
        """
        time_us = _first(tag_us, told_us, trailing_us)
        self._feed_us = _first(tag_us, trailing_us, told_us, self._feed_us)
        return time_us, self._feed_us

    def _hear(self, heard: Heard) -> None:
        complete = complete_one(heard) if heard.sentence.total == 1 else self._assembler.add(heard)
        if complete is not None:
            self._decode(complete)

    def _decode(self, complete: Complete) -> None:
        try:
            fields = decode_payload(complete.payload, complete.fill_bits)
        except PayloadError as error:
            for part in complete.parts:
                self._reject(part.line, str(error))
            return
        time_us, quality = self._clock.stamp(complete.time_us, fields)
        self._messages.append(Message(complete.line, time_us, quality, fields))
        for part in complete.parts:
            if not part.line.is_settled:
                part.line.is_settled = True
                self._tally.used += 1

    def _read_other(self, line: Line) -> None:
        if gatehouse := _GATEHOUSE.match(line.raw):
            self._read_gatehouse(line, *gatehouse.groups())
            return
        fault = why_none(line.raw)
        if fault.is_rejected:
            self._reject(line, fault.reason)
            return
        self._tally.ignore(fault.reason)
        if fault is TAG_BLOCK_ALONE:
            self._told_us = tag_of(line.raw).time_us

    def _read_gatehouse(self, line: Line, body: bytes, written: bytes | None) -> None:
        if written is None:
            self._reject(line, "no_checksum")
        elif not is_right(body, written):
            self._reject(line, "checksum")
        elif (time_us := gatehouse_us(line.raw)) is None:
            self._reject(line, "bad_time")
        else:
            self._tally.ignore("time_line")
            self._told_us = time_us

    def _reject(self, line: Line, reason: str) -> None:
        if not line.is_settled:
            line.is_settled = True
            self._tally.reject(line.number, reason, line.raw)


def _first(*times_us: int | None) -> int | None:
    return next((t for t in times_us if t is not None), None)


def _trailing_us(after: bytes) -> int | None:
    """Return the time that some receivers write behind the checksum, between other fields."""
    if not after.startswith(b","):
        return None
    return next(filter(None, map(epoch_us, after.split(b","))), None)
