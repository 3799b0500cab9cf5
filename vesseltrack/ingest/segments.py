"""JSON lines as Global Fishing Watch's segmenter reads and writes them, one message a line.

References
----------
.. [1] GlobalFishingWatch/gpsdio-segment, tests/data: `type` (AIS.N), `ssvid`, `timestamp`, `lat`,
   `lon`, `speed`, `course`, `heading`, `status`, `shipname`, `callsign`, `imo`, `shiptype`,
   `destination`, `length`, `width`; unknown is NaN, null, or not there.
"""

import datetime as dt
import json
import re
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.ingest import motion
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.available import available
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.saved import State
from vesseltrack.ingest.span import Span, has_day
from vesseltrack.ingest.text import BLANK, LineBlock
from vesseltrack.schema import STATICS, Quality

SEGMENTS: Final = "gfw"
Fields = dict[str, Any]

_KEYS: Final = frozenset({"ssvid", "timestamp", "lat", "lon"})
_TYPE: Final = re.compile(r"AIS\.([1-9]|1[0-9]|2[0-7])")
_MMSI: Final = re.compile(r"[0-9]{1,9}")
_IMO: Final = re.compile(r"[0-9]{1,10}")
_MAX_IMO: Final = (1 << 30) - 1  # the field has 30 bits
_STATIC_TYPES: Final = (5, 19, 24)
_NUMBERS: Final = {
    "lat": "lat",
    "lon": "lon",
    "speed": "sog",
    "course": "cog",
    "heading": "heading",
    "status": "nav_status",
    "length": "length",
    "width": "beam",
}
_TEXTS: Final = {"shipname": "name", "callsign": "callsign", "destination": "destination"}
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)

# ITU-R M.1371-5, table 53, in the words of gpsd, which these files use.
_SHIP_TYPES: Final = {
    "fishing": 30,
    "towing": 31,
    "dredging or underwater ops": 33,
    "diving ops": 34,
    "military ops": 35,
    "sailing": 36,
    "pleasure craft": 37,
    "pilot vessel": 50,
    "search and rescue vessel": 51,
    "tug": 52,
    "port tender": 53,
    "anti-pollution equipment": 54,
    "law enforcement": 55,
    "medical transport": 58,
}
_FAMILIES: Final = {
    "wing in ground (wig)": 20,
    "high speed craft (hsc)": 40,
    "passenger": 60,
    "cargo": 70,
    "tanker": 80,
    "other type": 90,
}
_CARGOES: Final = {
    "all ships of this type": 0,
    "hazardous category a": 1,
    "hazardous category b": 2,
    "hazardous category c": 3,
    "hazardous category d": 4,
    "no additional information": 9,
}


class LineError(ValueError):
    """A line that is no message; its text is the reason class."""


def is_segment_line(line: bytes) -> bool:
    """Return whether a line is a JSON object with the keys of these files."""
    if not line.startswith(b"{"):
        return False
    try:
        return set(_object(line)) >= _KEYS
    except LineError:
        return False


class SegmentReader:
    """Reads blocks of lines in order; no line waits for another."""

    def __init__(self, config: IngestConfig, tally: Tally, span: Span, source_id: int) -> None:
        """Start before the first line."""
        self._max_row_bytes = config.max_row_bytes
        self._tally = tally
        self._span = span
        self._source_id = source_id

    def read(self, block: LineBlock) -> Batch:
        """Return the rows in the lines of a block."""
        messages = self._messages(block)
        return Batch(
            self._received(messages),
            self._statics(messages),
            self._tally.take_rejects(self._source_id),
        )

    def finish(self) -> Batch:
        """Return nothing: no line waits for another."""
        return self.read(LineBlock(1, b""))

    def decode(self, block: LineBlock, *, as_transmitted: bool) -> list[Fields]:
        """Return the messages in the lines of a block, one dict each."""
        messages = self._messages(block)
        self._received(messages)
        self._tally.take_rejects(self._source_id)
        return messages if as_transmitted else [available(message) for message in messages]

    def state(self) -> State:
        """Return what is remembered between two blocks: nothing."""
        return {}

    def restore(self, state: State) -> None:
        """Go on from another reader of the source, before the first block."""

    def _messages(self, block: LineBlock) -> list[Fields]:
        """Return the messages of a block, and account for its lines."""
        messages = []
        for number, raw in enumerate(block.lines(), block.first_line):
            line = raw.strip(BLANK)
            if not line:
                continue
            self._tally.lines += 1
            try:
                message = {"line": number, **_message(line, self._max_row_bytes)}
            except LineError as error:
                self._tally.reject(number, str(error), raw)
            else:
                self._tally.used += 1
                messages.append(message)
        self._tally.messages += len(messages)
        t_us = np.array([message["timestamp"] for message in messages], np.int64)
        self._tally.see_times(t_us[self._span.holds(t_us)])
        return messages

    def _received(self, messages: list[Fields]) -> pa.Table:
        columns = {
            name: np.array([_or_nan(message[name]) for message in messages], np.float64)
            for name in ("lat", "lon", "sog", "cog", "heading", "nav_status")
        }
        t_us = np.array([message["timestamp"] for message in messages], np.int64)
        msg_type = np.array([message["type"] for message in messages], np.int8)
        is_trusted = self._span.holds(t_us)
        received = motion.received(
            {
                "mmsi": np.array([message["mmsi"] for message in messages], np.int32),
                "sog_kn": motion.sog_kn(columns["sog"], msg_type),
                "cog_deg": motion.direction_deg(columns["cog"]),
                "heading_deg": motion.direction_deg(columns["heading"]),
                "rot_deg_min": np.full(len(messages), np.nan),
                "nav_status": motion.nav_status(columns["nav_status"]),
                "msg_type": msg_type,
                "quality": np.where(is_trusted, 0, int(Quality.TIME_QUARANTINED)).astype(np.int32),
                "line": np.array([message["line"] for message in messages], np.int32),
            },
            lat=columns["lat"],
            lon=columns["lon"],
            t_us=t_us,
            has_time=np.ones(len(messages), np.bool_),
            source_id=self._source_id,
        )
        self._tally.positions += received.num_rows
        self._tally.see_vessels(received["mmsi"].to_numpy())
        return received

    def _statics(self, messages: list[Fields]) -> pa.Table:
        """Return every static report whose time is trusted."""
        said = [message for message in messages if message["type"] in _STATIC_TYPES]
        t_us = np.array([message["timestamp"] for message in said], np.int64)
        is_trusted = self._span.holds(t_us).tolist()
        said = [message for message, good in zip(said, is_trusted, strict=True) if good]
        columns = {
            name: [message[name] or None for message in said]
            for name in ("name", "callsign", "destination", "imo", "ship_type")
        }
        sizes = {
            f"{name}_m": [message[name] or None for message in said] for name in ("length", "beam")
        }
        return STATICS.of(
            {
                **columns,
                **sizes,
                "mmsi": np.array([message["mmsi"] for message in said], np.int32),
                "timestamp": pa.array([message["timestamp"] for message in said], pa.int64()),
                "msg_type": np.array([message["type"] for message in said], np.int8),
                "line": np.array([message["line"] for message in said], np.int32),
                "source_id": np.full(len(said), self._source_id, np.int64),
            }
        )


def _message(line: bytes, max_bytes: int) -> Fields:
    """Return what a line says, with the field names of decoded messages.

    Raises
    ------
    LineError
        If it is no message.
    """
    if len(line) > max_bytes:
        raise LineError("line_too_long")  # noqa: EM101 - the reason class is the text
    said = _object(line)
    kind, ssvid = _TYPE.fullmatch(str(said.get("type"))), str(said.get("ssvid"))
    if kind is None or not _MMSI.fullmatch(ssvid):
        raise LineError("bad_field")  # noqa: EM101 - as above
    imo = str(said.get("imo"))
    return {
        "timestamp": _time_us(said.get("timestamp")),
        "type": int(kind.group(1)),
        "mmsi": int(ssvid),
        **{ours: _number(said.get(theirs)) for theirs, ours in _NUMBERS.items()},
        **{ours: _text(said.get(theirs)) for theirs, ours in _TEXTS.items()},
        "imo": int(imo) if _IMO.fullmatch(imo) and 0 < int(imo) <= _MAX_IMO else None,
        "ship_type": _ship_type(said.get("shiptype")),
    }


def _object(line: bytes) -> Fields:
    try:
        said = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise LineError("not_json") from error  # noqa: EM101 - the reason class is the text
    if not isinstance(said, dict):
        raise LineError("not_json")  # noqa: EM101 - a reason class, not a type of ours
    return said


def _time_us(said: object) -> int:
    try:
        instant = dt.datetime.fromisoformat(str(said))
        aware = instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
        t_us = (aware - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError) as error:
        raise LineError("bad_time") from error  # noqa: EM101 - as above
    if not has_day(np.array([t_us])).all():
        raise LineError("bad_time")  # noqa: EM101 - as above
    return t_us


def _number(said: object) -> float | None:
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise LineError("bad_number")  # noqa: EM101 - as above
    try:
        number = float(said)
    except OverflowError as error:
        raise LineError("bad_number") from error  # noqa: EM101 - as above
    return number if np.isfinite(number) else None


def _text(said: object) -> str | None:
    # A lone surrogate, which JSON can write, has no form in UTF-8.
    return said.encode("utf-8", "replace").decode().strip() if isinstance(said, str) else None


def _ship_type(said: object) -> int | None:
    words = said.lower() if isinstance(said, str) else ""
    family, _, cargo = words.partition(", ")
    if family in _FAMILIES and cargo in _CARGOES:
        return _FAMILIES[family] + _CARGOES[cargo]
    return _SHIP_TYPES.get(words)


def _or_nan(number: float | None) -> float:
    return np.nan if number is None else number
