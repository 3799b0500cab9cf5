"""Messages of a block as tables: positions and static reports."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.ingest import motion
from vesseltrack.ingest.nmea.arrays import UNKNOWN, Bools, Floats, Ints
from vesseltrack.ingest.nmea.calendar import utc_us_of
from vesseltrack.ingest.nmea.messages import ETA, EXTENTS, NUMBERS, TEXTS, Messages
from vesseltrack.schema import STATICS, Quality

_ROT_SCALE: Final = 4.733  # ITU-R M.1371-5, table 48: code = 4.733 sqrt(deg/min)
_MAX_ROT_CODE: Final = 126  # 127 says faster than 5 deg in 30 s, without a measurement
_NO_ROT_CODE: Final = -128
_CODES: Final = np.arange(_NO_ROT_CODE, 128)
_ROT_DEG_MIN: Final = np.where(  # by code
    np.abs(_CODES) <= _MAX_ROT_CODE, np.copysign((_CODES / _ROT_SCALE) ** 2, _CODES), np.nan
)
_NO_HOUR: Final = 24
_NO_MINUTE: Final = 60


def positions(messages: Messages, source_id: int) -> pa.Table:
    """Return the messages that say a place in range as a table of `RECEIVED`."""
    said = messages.motion
    placed = np.flatnonzero(motion.in_range(said["lat"], said["lon"]))
    repeated = np.where(messages.repeat[placed] > 0, int(Quality.REPEATED), 0)
    said = {name: values[placed] for name, values in said.items()}
    msg_type = messages.type[placed].astype(np.int8)
    t_us = messages.time_us[placed]
    return motion.received(
        {
            "mmsi": messages.mmsi[placed].astype(np.int32),
            "sog_kn": motion.sog_kn(said["sog"], msg_type),
            "cog_deg": motion.direction_deg(said["cog"]),
            "heading_deg": motion.direction_deg(said["heading"]),
            "rot_deg_min": motion.rot_deg_min(_rot_deg_min(said["rot_raw"])),
            "nav_status": motion.nav_status(said["nav_status"]),
            "msg_type": msg_type,
            "quality": (messages.quality[placed] | repeated).astype(np.int32),
            "line": messages.number[placed].astype(np.int32),
        },
        lat=said["lat"],
        lon=said["lon"],
        t_us=t_us,
        has_time=t_us != UNKNOWN,
        source_id=source_id,
    )


def _rot_deg_min(code: Floats) -> Floats:
    at = np.nan_to_num(code, nan=_NO_ROT_CODE).astype(np.int64)
    return _ROT_DEG_MIN[at - _NO_ROT_CODE]


def statics(messages: Messages, source_id: int) -> pa.Table:
    """Return the static reports as a table of `STATICS`; reports that say nothing are left out."""
    if not messages.statics:
        return STATICS.empty()
    row = np.concatenate([kind["row"] for kind in messages.statics])
    order = np.argsort(row)
    row = row[order]
    text = {name: _texts(messages, name).take(pa.array(order)) for name in TEXTS}
    said = {name: _numbers(messages, name)[order] for name in NUMBERS}
    # A time that is not trusted would stand for the newest report for ever.
    trusted = messages.quality[row] & int(Quality.TIME_QUARANTINED) == 0
    t_us = np.where(trusted, messages.time_us[row], UNKNOWN)
    eta_us = _eta_us([said[name] for name in ETA], t_us)
    values: dict[str, Any] = {
        "imo": _unless_zero(said["imo"]),
        "ship_type": _unless_zero(said["ship_type"]),
        "draught_m": _unless_zero(said["draught_tenths"]) / 10,
        "mothership_mmsi": _unless_zero(said["mothership_mmsi"]),
        **_extents(*(said[name] for name in EXTENTS)),
    }
    tells = eta_us != UNKNOWN
    for number_column in values.values():
        tells |= ~np.isnan(number_column)
    for text_column in text.values():
        tells |= text_column.is_valid().to_numpy(zero_copy_only=False)
    table = STATICS.of(
        {
            **values,
            **text,
            "eta": _times(eta_us),
            "timestamp": _times(t_us),
            "mmsi": messages.mmsi[row],
            "msg_type": messages.type[row],
            "line": messages.number[row],
            "source_id": np.full(row.size, source_id, np.int64),
        }
    )
    return table if tells.all() else table.filter(pa.array(tells))


def _texts(messages: Messages, name: str) -> pa.Array:
    return pa.concat_arrays(
        [kind.get(name, pa.nulls(kind["row"].size, pa.string())) for kind in messages.statics]
    )


def _numbers(messages: Messages, name: str) -> Floats:
    return np.concatenate(
        [kind.get(name, np.full(kind["row"].size, np.nan)) for kind in messages.statics]
    ).astype(np.float64)


def _times(t_us: Ints) -> pa.Array:
    return pa.array(t_us, pa.int64(), mask=t_us == UNKNOWN)


def _unless_zero(values: Floats) -> Floats:
    return np.where(values == 0, np.nan, values)


def _extents(
    to_bow: Floats, to_stern: Floats, to_port: Floats, to_starboard: Floats
) -> Mapping[str, Floats]:
    """Return the extents of the hull around its antenna [m], and its size.

    All zero says nothing; zero to bow and port alone gives the size but not the antenna's place.
    """
    given = (to_bow, to_stern, to_port, to_starboard)
    bow, stern, port, starboard = (np.nan_to_num(extent) for extent in given)
    length_m, beam_m = bow + stern, port + starboard
    has_place = ((bow > 0) | (port > 0)) & (length_m > 0) & (beam_m > 0)
    placed = (np.where(has_place, extent, np.nan) for extent in given)
    return {
        **{f"{name}_m": values for name, values in zip(EXTENTS, placed, strict=True)},
        "length_m": _unless_zero(length_m),
        "beam_m": _unless_zero(beam_m),
    }


def _eta_us(eta: list[Floats], t_us: Ints) -> Ints:
    """Return the time of arrival [us] in the year that brings it nearest to the report.

    Hours and minutes that are not available count as 0; without a date or a report time, UNKNOWN.
    """
    says = ~np.isnan(eta).any(axis=0) & (t_us != UNKNOWN)
    which = np.flatnonzero(says)
    month, day, hour, minute = (part[which].astype(np.int64) for part in eta)
    hour = np.where(hour >= _NO_HOUR, 0, hour)
    minute = np.where(minute >= _NO_MINUTE, 0, minute)
    now_us = t_us[which]
    year = now_us.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    best = np.full(which.size, UNKNOWN)
    for candidate in (year - 1, year, year + 1):
        us = utc_us_of(candidate, month, day, hour, minute)
        is_better = (us != UNKNOWN) & _is_nearer(us, best, now_us)
        best = np.where(is_better, us, best)
    eta_us = np.full(t_us.size, UNKNOWN)
    eta_us[which] = best
    return eta_us


def _is_nearer(us: Ints, best: Ints, now_us: Ints) -> Bools:
    # An unknown best lies farther away than any year, and must not overflow the difference.
    known = np.where(best == UNKNOWN, now_us, best)
    return np.asarray((best == UNKNOWN) | (np.abs(us - now_us) < np.abs(known - now_us)))
