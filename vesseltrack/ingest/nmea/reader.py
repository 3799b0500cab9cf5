"""Lines of NMEA sentences to messages, every line accounted for.

Plain sentences of the common types are read many at a time; every other line, part or payload is
read by itself, with the same outcome. The walls around `NmeaReader` are bytes of whole lines in,
tables out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.core.memory import keep_freed_memory
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.arrow import as_numpy
from vesseltrack.ingest.available import RAW, available
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.nmea import columns
from vesseltrack.ingest.nmea.arrays import UNKNOWN, first_known
from vesseltrack.ingest.nmea.block import Lines
from vesseltrack.ingest.nmea.common import Common
from vesseltrack.ingest.nmea.gatehouse import time_lines
from vesseltrack.ingest.nmea.heard import Feed, Sentences
from vesseltrack.ingest.nmea.messages import Messages, ReadMessage
from vesseltrack.ingest.nmea.odd import TIME_LINE, Reading, read_line
from vesseltrack.ingest.nmea.one_by_one import OneByOne
from vesseltrack.ingest.nmea.others import are_not_ais
from vesseltrack.ingest.nmea.pairs import find_pairs
from vesseltrack.ingest.nmea.payload import decode_for_rows, decode_payload
from vesseltrack.ingest.nmea.plain import plain_sentences
from vesseltrack.ingest.nmea.plain_tags import lone_tags
from vesseltrack.ingest.nmea.sentence import NOT_AIS, TAG_BLOCK_ALONE
from vesseltrack.ingest.nmea.times import Clock, with_arrivals
from vesseltrack.ingest.saved import State
from vesseltrack.ingest.text import LineBlock
from vesseltrack.schema import RECEIVED, STATICS, Quality


class NmeaReader:
    """Reads blocks of lines in order; parts of messages wait across them."""

    def __init__(self, config: IngestConfig, tally: Tally, clock: Clock, source_id: int) -> None:
        """Start before the first line."""
        keep_freed_memory()
        self._config = config
        self._tally = tally
        self._clock = clock
        self._source_id = source_id
        self._feed = Feed()
        self._one_by_one = OneByOne(config, tally)

    def read(self, block: LineBlock) -> Batch:
        """Return the rows that the lines of a block complete."""
        sentences, readings = self._hear(block)
        pairs = find_pairs(sentences, self._one_by_one.open_keys(), self._config)
        common = Common.of(sentences, pairs)
        others = self._one_by_one.read(sentences, readings, common, decode_for_rows)
        self._tally.used += common.single.size + 2 * common.pairs.first.size
        messages = _messages(sentences, common, others)
        received = self._stamped(messages)
        statics = columns.statics(messages, self._source_id)
        return Batch(received, statics, self._tally.take_rejects(self._source_id))

    def state(self) -> State:
        """Return what waits or was said for lines to come, between two blocks."""
        return {
            "feed": self._feed.state(),
            "parts": self._one_by_one.state(),
            "clock": self._clock.state(),
        }

    def restore(self, state: State) -> None:
        """Go on from where another reader of the source was, before the first block."""
        self._feed.restore(state["feed"])
        self._one_by_one.restore(state["parts"])
        self._clock.restore(state["clock"])

    def finish(self) -> Batch:
        """Return what is left at the end: parts that stayed alone, as rejected lines."""
        self._one_by_one.finish()
        return self._rejected()

    def give_up_before(self, number: int) -> Batch:
        """Return as rejected lines the parts of messages that began before a line."""
        self._one_by_one.give_up_before(number)
        return self._rejected()

    def decode(self, block: LineBlock, *, as_transmitted: bool) -> list[dict[str, Any]]:
        """Return the messages that the lines of a block complete, one dict each, with lines."""
        sentences, readings = self._hear(block)
        read = self._one_by_one.read(sentences, readings, Common.none(), decode_payload)
        messages = Messages(
            np.array([one.number for one in read], np.int64),
            np.array([one.line_us for one in read], np.int64),
        )
        messages.put_read(np.arange(len(read)), [one.fields for one in read])
        self._stamped(messages)
        self._tally.take_rejects(self._source_id)
        return [
            {
                "line": one.number,
                "timestamp": None if time_us == UNKNOWN else time_us,
                **(one.fields if as_transmitted else available(one.fields)),
                RAW: one.raw,
            }
            for one, time_us in zip(read, messages.time_us.tolist(), strict=True)
        ]

    def sentences(self, block: LineBlock) -> Sentences:
        """Return the sentences of a block in order, with their times, and join nothing."""
        return self._hear(block)[0]

    def _hear(self, block: LineBlock) -> tuple[Sentences, dict[int, Reading]]:
        """Return the sentences of a block, and by line what was read from lines by themselves."""
        max_bytes = self._config.max_sentence_bytes
        lines = Lines.of(block)
        plain = plain_sentences(lines, max_bytes)
        told = time_lines(lines, max_bytes)
        self._tally.lines += lines.start.size
        if told.line.size:
            self._tally.ignore(TIME_LINE, told.line.size)
        is_odd = np.ones(lines.start.size, np.bool_)
        for known in (plain.usual.line, plain.framed.line, plain.broken, told.line):
            is_odd[known] = False
        odd = np.flatnonzero(is_odd)
        alone = lone_tags(lines, odd, max_bytes)
        if alone.line.size:
            self._tally.ignore(TAG_BLOCK_ALONE.reason, alone.line.size)
            is_odd[alone.line] = False
            odd = np.flatnonzero(is_odd)
            told = told.and_also(alone)
        not_ais = are_not_ais(lines, odd, max_bytes)
        if not_ais.any():
            self._tally.ignore(NOT_AIS.reason, int(not_ais.sum()))
        readings = {}
        for at in odd[~not_ais].tolist():
            reading = read_line(lines.line(at), max_bytes)
            if reading.ignored is not None:
                self._tally.ignore(reading.ignored)
            if reading.found or reading.told_us is not None:
                readings[at] = reading
        return self._feed.hear(lines, plain, readings, told), readings

    def _rejected(self) -> Batch:
        rejects = self._tally.take_rejects(self._source_id)
        return Batch(RECEIVED.empty(), STATICS.empty(), rejects)

    def _stamped(self, messages: Messages) -> pa.Table:
        """Give messages their times and count them; return the positions."""
        line_us, flags = messages.time_us, messages.quality
        if messages.arrived_us is not None:
            line_us, flags = with_arrivals(line_us, messages.arrived_us)
        messages.time_us, quality = self._clock.stamp(line_us, messages.told_us, messages.second)
        messages.quality = quality | flags
        received = columns.positions(messages, self._source_id)
        trusted = (messages.quality & int(Quality.TIME_QUARANTINED)) == 0
        self._tally.messages += messages.number.size
        self._tally.positions += received.num_rows
        self._tally.see_times(messages.time_us[trusted & (messages.time_us != UNKNOWN)])
        self._tally.see_vessels(as_numpy(received["mmsi"]))
        return received


def _messages(sentences: Sentences, common: Common, others: Sequence[ReadMessage]) -> Messages:
    """Return all messages of a block in the order in which they are complete."""
    is_end = np.zeros(sentences.line.size, np.bool_)
    other_ends = np.array([one.end for one in others], np.int64)
    pairs = common.pairs
    for index in (common.single, pairs.second, other_ends):
        is_end[index] = True
    rank = np.cumsum(is_end) - 1
    first = np.flatnonzero(is_end)
    arrived_us = sentences.lines.arrived_us
    if arrived_us is not None:
        arrived_us = arrived_us[sentences.line[first]]
    first[rank[pairs.second]] = pairs.first
    number, time_us = sentences.lines.number[sentences.line[first]], sentences.time_us[first]
    messages = Messages(number, time_us, arrived_us)
    time_us = first_known(sentences.time_us[pairs.first], sentences.time_us[pairs.second])
    messages.time_us[rank[pairs.second]] = time_us
    rows = rank[other_ends]
    messages.number[rows] = [one.number for one in others]
    messages.time_us[rows] = [one.line_us for one in others]
    common.put(messages, sentences, rank)
    messages.put_read(rows, [one.fields for one in others])
    return messages
