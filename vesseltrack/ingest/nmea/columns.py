"""Decoded messages as columns: positions and static reports."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest import motion
from vesseltrack.ingest.available import available
from vesseltrack.ingest.nmea.times import utc_us
from vesseltrack.schema import STATICS, Quality

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
