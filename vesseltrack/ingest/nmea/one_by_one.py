"""Sentences and lines that are read one by one, in order, until each line is settled."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest.account import Tally, all_escaped
from vesseltrack.ingest.nmea.arrays import UNKNOWN
from vesseltrack.ingest.nmea.assembly import (
    Assembler,
    Complete,
    Heard,
    Key,
    Line,
    complete_one,
    key_of,
)
from vesseltrack.ingest.nmea.common import Common
from vesseltrack.ingest.nmea.corrections import Fields
from vesseltrack.ingest.nmea.heard import Sentences
from vesseltrack.ingest.nmea.lengths import PayloadError
from vesseltrack.ingest.nmea.messages import ReadMessage
from vesseltrack.ingest.nmea.odd import Reading
from vesseltrack.ingest.nmea.sentence import CHECKSUM, Fault
from vesseltrack.ingest.saved import State

Decode = Callable[[bytes, int], Fields]


class _Broken:
    """Lines with a wrong checksum, which are many, rejected in their place among the others."""

    def __init__(self, sentences: Sentences, tally: Tally) -> None:
        broken, lines = sentences.plain.broken, sentences.lines
        self._tally = tally
        self._at = broken.tolist()
        self._numbers = lines.number[broken].tolist()
        self._texts = all_escaped(lines.texts(broken))
        self._done = 0

    def reject_before(self, at: int) -> None:
        """Reject those before a line that are left."""
        end = bisect_left(self._at, at, self._done)
        if end > self._done:
            some = slice(self._done, end)
            self._tally.reject_escaped(self._numbers[some], CHECKSUM, self._texts[some])
            self._done = end


class OneByOne:
    """Reads what is not read many at a time; parts of messages wait across blocks."""

    def __init__(self, config: IngestConfig, tally: Tally) -> None:
        """Start before the first line."""
        self._tally = tally
        self._assembler = Assembler(config, self._reject)

    def open_keys(self) -> list[Key]:
        """Return the keys of the messages whose parts are not all there."""
        return self._assembler.open_keys()

    def state(self) -> list[State]:
        """Return what waits."""
        return self._assembler.state()

    def restore(self, state: list[State]) -> None:
        """Go on with what `state` returned."""
        self._assembler.restore(state)

    def give_up_before(self, number: int) -> None:
        """Reject the parts of messages that began before a line."""
        self._assembler.give_up_before(number)

    def finish(self) -> None:
        """Reject the parts that stayed alone."""
        self._assembler.finish()

    def read(
        self, sentences: Sentences, readings: Mapping[int, Reading], common: Common, decode: Decode
    ) -> list[ReadMessage]:
        """Return the messages that sentences complete, in order, and settle the lines.

        Parameters
        ----------
        sentences : Sentences
            Of one block.
        readings : mapping
            By index of the line, what was read from lines by themselves.
        common : Common
            The messages that are read many at a time.
        decode : callable
            Takes a payload and its fill bits, returns the fields or raises PayloadError.
        """
        read = []
        for end, heard in self._in_order(sentences, readings, common):
            is_whole = heard.sentence.total == 1
            complete = complete_one(heard) if is_whole else self._assembler.add(heard)
            if complete is None:
                continue
            fields = self._decoded(complete, decode)
            if fields is not None:
                line_us = UNKNOWN if complete.time_us is None else complete.time_us
                raw = tuple(part.line.raw for part in complete.parts)
                read.append(ReadMessage(end, complete.line, line_us, fields, raw))
        return read

    def _in_order(
        self, sentences: Sentences, readings: Mapping[int, Reading], common: Common
    ) -> Iterator[tuple[int, Heard]]:
        """Yield the sentences with their indices, and settle the faults between them."""
        is_left = sentences.which >= 0
        for index in (common.single, common.pairs.first, common.pairs.second):
            is_left[index] = False
        displacing = common.pairs.first[common.pairs.displaces]
        is_left[displacing] = True
        displaces = set(displacing.tolist())
        plain = np.flatnonzero(is_left)
        todo = list(zip(sentences.line[plain].tolist(), plain.tolist(), strict=True))
        heavy = [at for at, reading in readings.items() if reading.found]
        begin = np.searchsorted(sentences.line, heavy).tolist()
        todo += zip(heavy, begin, strict=True)
        broken = _Broken(sentences, self._tally)
        for at, first in sorted(todo):
            broken.reject_before(at)
            if at in readings:
                yield from self._found(readings[at], sentences, at, first)
            elif first in displaces:
                self._assembler.displace(
                    key_of(sentences.sentence(first), sentences.source(first))
                )
            else:
                yield first, sentences.heard(first, sentences.line_at(at))
        broken.reject_before(sentences.lines.start.size)

    def _found(
        self, reading: Reading, sentences: Sentences, at: int, first: int
    ) -> Iterator[tuple[int, Heard]]:
        """Yield the sentences of a line read by itself, and settle its faults."""
        line, i = sentences.line_at(at), first
        for found in reading.found:
            if isinstance(found, Fault):
                self._reject(line, found.reason)
            else:
                yield i, sentences.heard(i, line)
                i += 1

    def _decoded(self, complete: Complete, decode: Decode) -> Fields | None:
        try:
            fields = decode(complete.payload, complete.fill_bits)
        except PayloadError as error:
            for part in complete.parts:
                self._reject(part.line, str(error))
            return None
        for part in complete.parts:
            if not part.line.is_settled:
                part.line.is_settled = True
                self._tally.used += 1
        return fields

    def _reject(self, line: Line, reason: str) -> None:
        if not line.is_settled:
            line.is_settled = True
            self._tally.reject(line.number, reason, line.raw)
