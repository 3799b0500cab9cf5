"""The reader of NMEA sentences without arrays: line by line and message by message.

It is slow and simple, and says what the vectorised reader must give.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest import motion
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.available import available
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.nmea.assembly import Assembler, Complete, Heard, Line, complete_one
from vesseltrack.ingest.nmea.checksum import is_right
from vesseltrack.ingest.nmea.lengths import PayloadError
from vesseltrack.ingest.nmea.payload import decode_payload
from vesseltrack.ingest.nmea.sentence import TAG_BLOCK_ALONE, Fault, find_sentence, why_none
from vesseltrack.ingest.nmea.tag_block import EMPTY, Groups, tag_of
from vesseltrack.ingest.nmea.times import gatehouse_us, trailing_us, utc_us
from vesseltrack.ingest.span import Span
from vesseltrack.ingest.text import BLANK, LineBlock
from vesseltrack.schema import STATICS, Quality
from vesseltrack.units import US_PER_S

_GATEHOUSE: Final = re.compile(rb"\$(PGHP,[^*]*)(?:\*([0-9A-Fa-f]{2}))?")
_BASE_STATION: Final = 4
_HALF_MINUTE_S: Final = 30
_MINUTE_S: Final = 60
_YEAR_9999_US: Final = 253_370_764_800_000_000
_STATIC_TYPES: Final = (5, 19, 24)
_ROT_SCALE: Final = 4.733  # ITU-R M.1371-5, table 48: code = 4.733 sqrt(deg/min)
_MAX_ROT_CODE: Final = 126  # 127 says faster than 5 deg in 30 s, without a measurement
_NO_HOUR: Final = 24
_NO_MINUTE: Final = 60
_SAME: Final = ("imo", "name", "callsign", "ship_type", "destination", "mothership_mmsi")
_EXTENTS: Final = ("to_bow", "to_stern", "to_port", "to_starboard")


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded message: fields as transmitted, line of its first sentence, and its time [us]."""

    line: int
    time_us: int | None
    quality: Quality
    fields: dict[str, Any]


def positions(messages: Sequence[Message], source_id: int) -> pa.Table:
    """Return the messages that say a place in range as a table of `RECEIVED`."""
    placed = [m for m in messages if m.fields["type"] in motion.POSITION_TYPES]
    fields = [m.fields for m in placed]
    msg_type = np.array([f["type"] for f in fields], np.int8)
    times = [m.time_us for m in placed]
    return motion.received(
        {
            "mmsi": np.array([f["mmsi"] for f in fields], np.int32),
            "sog_kn": motion.sog_kn(_floats(fields, "sog"), msg_type),
            "cog_deg": motion.direction_deg(_floats(fields, "cog")),
            "heading_deg": motion.direction_deg(_floats(fields, "heading")),
            "rot_deg_min": motion.rot_deg_min(_rot_deg_min(_floats(fields, "rot_raw"))),
            "nav_status": motion.nav_status(_floats(fields, "nav_status")),
            "msg_type": msg_type,
            "quality": np.array([int(_quality(m)) for m in placed], np.int32),
            "line": np.array([m.line for m in placed], np.int32),
        },
        lat=_floats(fields, "lat"),
        lon=_floats(fields, "lon"),
        t_us=np.array([t or 0 for t in times], np.int64),
        has_time=np.array([t is not None for t in times], np.bool_),
        source_id=source_id,
    )


def _quality(message: Message) -> Quality:
    return message.quality | (Quality.REPEATED if message.fields["repeat"] else Quality(0))


def _floats(fields: Sequence[dict[str, Any]], name: str) -> npt.NDArray[np.float64]:
    """Return a field of every message; NaN where a message has none."""
    return np.array([f.get(name) for f in fields], np.float64)


def _rot_deg_min(code: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    measured = np.where(np.abs(code) <= _MAX_ROT_CODE, code, np.nan)
    return np.copysign((measured / _ROT_SCALE) ** 2, measured)


def statics(messages: Sequence[Message], source_id: int) -> pa.Table:
    """Return the static reports as a table of `STATICS`; reports that say nothing are left out."""
    rows = [_static_row(m) for m in messages if m.fields["type"] in _STATIC_TYPES]
    told = [row for row in rows if row is not None]
    columns = {name: [row[name] for row in told] for name in STATICS.names if name != "source_id"}
    return STATICS.of({**columns, "source_id": np.full(len(told), source_id, np.int64)})


def _static_row(message: Message) -> dict[str, Any] | None:
    fields = available(message.fields)
    # A time that is not trusted would stand for the newest report for ever.
    time_us = None if message.quality & Quality.TIME_QUARANTINED else message.time_us
    row: dict[str, Any] = {name: fields.get(name) for name in _SAME}
    row["draught_m"] = fields.get("draught")
    row["eta"] = _eta_us(fields.get("eta"), time_us)
    row |= _extents(*(fields.get(name) for name in _EXTENTS))
    if all(value is None for value in row.values()):
        return None
    return row | {
        "mmsi": fields["mmsi"],
        "timestamp": time_us,
        "msg_type": fields["type"],
        "line": message.line,
    }


def _extents(
    to_bow: int | None, to_stern: int | None, to_port: int | None, to_starboard: int | None
) -> dict[str, float | None]:
    """Return the extents of the hull around its antenna [m], and its size.

    All zero says nothing; zero to bow and port alone gives the size but not the antenna's place.
    """
    length_m = (to_bow or 0) + (to_stern or 0)
    beam_m = (to_port or 0) + (to_starboard or 0)
    has_place = bool(to_bow or to_port) and length_m > 0 and beam_m > 0
    placed = (to_bow, to_stern, to_port, to_starboard) if has_place else (None,) * 4
    return {
        **{f"{name}_m": value for name, value in zip(_EXTENTS, placed, strict=True)},
        "length_m": length_m or None,
        "beam_m": beam_m or None,
    }


def _eta_us(eta: list[int | None] | None, time_us: int | None) -> int | None:
    """Return the time of arrival [us] in the year that brings it nearest to the report.

    Hours and minutes that are not available count as 0; without a date or a report time, None.
    """
    if eta is None or time_us is None or None in eta:
        return None
    month, day, hour, minute = (value or 0 for value in eta)
    hour = 0 if hour >= _NO_HOUR else hour
    minute = 0 if minute >= _NO_MINUTE else minute
    year = dt.datetime.fromtimestamp(time_us / 1e6, dt.UTC).year
    candidates = (utc_us(y, month, day, hour, minute) for y in (year - 1, year, year + 1))
    real = [us for us in candidates if us is not None]
    return min(real, key=lambda us: abs(us - time_us), default=None)


class LineClock:
    """Gives each message its time, from its own line or else from the best that is known.

    Without line times it counts on from `start_us` by the UTC second that position reports carry,
    the first message standing at the start; without a start it repeats the last base station
    report. A message may lie up to half a minute behind the latest; silence above half a minute is
    not seen.
    """

    def __init__(self, *, start_us: int | None, span: Span) -> None:
        """Set the start, and the times that are trusted."""
        self._start_us = start_us
        self._span = span
        self._elapsed_s = 0
        self._second: int | None = None  # UTC second that stands at `_elapsed_s`
        self._base_us: int | None = None

    def stamp(self, line_us: int | None, message: Mapping[str, Any]) -> tuple[int | None, Quality]:
        """Return the time of a message [us] and where it comes from."""
        if message["type"] == _BASE_STATION:
            self._hear(message)
        if line_us is not None and 0 <= line_us < _YEAR_9999_US:
            quarantined = not self._span.earliest_us <= line_us <= self._span.latest_us
            return line_us, Quality.TIME_QUARANTINED if quarantined else Quality(0)
        if self._start_us is not None:
            return self._counted_on(message.get("second")), Quality.TIME_ASSUMED
        if self._base_us is not None:
            return self._base_us, Quality.TIME_FROM_BASE_STATION
        return None, Quality.NO_TIME

    def _hear(self, message: Mapping[str, Any]) -> None:
        told_us = utc_us(*message["utc"]) if None not in message["utc"] else None
        if told_us is not None and self._span.earliest_us <= told_us <= self._span.latest_us:
            self._base_us = told_us

    def _counted_on(self, second: int | None) -> int:
        assert self._start_us is not None
        behind_s = 0
        if second is not None and second < _MINUTE_S:
            if self._second is None:
                self._second = second
            ahead_s = (second - self._second) % _MINUTE_S
            if ahead_s <= _HALF_MINUTE_S:
                self._elapsed_s += ahead_s
                self._second = second
            else:
                behind_s = _MINUTE_S - ahead_s
        return self._start_us + max(0, self._elapsed_s - behind_s) * US_PER_S


class LineReader:
    """Reads blocks of lines in order; parts of messages wait across them."""

    def __init__(
        self, config: IngestConfig, tally: Tally, clock: LineClock, source_id: int
    ) -> None:
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
        self._count(messages, positions(messages, self._source_id))
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
        received = positions(messages, self._source_id)
        self._count(messages, received)
        return Batch(
            received,
            statics(messages, self._source_id),
            self._tally.take_rejects(self._source_id),
        )

    def _count(self, messages: list[Message], received: Any) -> None:
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
                times = (tag.time_us, told_us, trailing_us(after))
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


def _first(*times_us: int | None) -> int | None:
    return next((t for t in times_us if t is not None), None)
