"""Messages of a block as tables: positions and static reports."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest import motion
from vesseltrack.ingest.arrow import as_array, is_known
from vesseltrack.ingest.nmea.arrays import UNKNOWN, Bools, Floats, Ints, Words, taken
from vesseltrack.ingest.nmea.calendar import utc_us_of
from vesseltrack.ingest.nmea.messages import ETA, EXTENTS, NUMBERS, TEXTS, Messages
from vesseltrack.schema import RECEIVED, STATICS, TIMESTAMP, Quality
from vesseltrack.units import E6

_ROT_SCALE: Final = 4.733  # ITU-R M.1371-5, table 48: code = 4.733 sqrt(deg/min)
_MAX_ROT_CODE: Final = 126  # 127 says faster than 5 deg in 30 s, without a measurement
_NO_ROT_CODE: Final = -128
_CODES: Final = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.int64)  # as transmitted
# What codes of class A mean, by code.
_ROT_DEG_MIN: Final = motion.rot_deg_min(
    np.where(
        np.abs(_CODES) <= _MAX_ROT_CODE, np.copysign((_CODES / _ROT_SCALE) ** 2, _CODES), np.nan
    )
).astype(np.float32)
_SOG_KN: Final = motion.sog_kn(np.arange(1024) / 10, np.ones(1024, np.int8)).astype(np.float32)
_COG_DEG: Final = motion.direction_deg(np.arange(4096) / 10).astype(np.float32)
_HEADING_DEG: Final = motion.direction_deg(np.arange(512.0)).astype(np.float32)
_NO_STATUS: Final = -1
_NAV_STATUS: Final = np.nan_to_num(motion.nav_status(np.arange(16.0)), nan=_NO_STATUS).astype(
    np.int8
)
_REPEATED: Final = np.array([0, *[int(Quality.REPEATED)] * 3], np.int32)
_MAX_LAT_E6: Final = 90_000_000
_MAX_LON_E6: Final = 180_000_000
_NOWHERE_E6: Final = 200_000_000
_NO_HOUR: Final = 24
_NO_MINUTE: Final = 60

_STATIC_TYPES: Final = {column.name: column.type for column in STATICS.columns}

Measured = dict[str, npt.NDArray[Any]]


def positions(messages: Messages, source_id: int) -> pa.Table:
    """Return the messages that say a place in range as a table of `RECEIVED`."""
    one, two, three = messages.words
    # A field is shifted to the top, and back with its sign.
    lon_e6 = _millionths((two.view(np.int64) << 29) >> 36)
    lat_e6 = _millionths(((two.view(np.int64) << 57) >> 37) | (three >> 28).view(np.int64))
    for row, read in messages.read:
        _put_place(row, read, lat_e6, lon_e6)
    placed = np.flatnonzero((np.abs(lat_e6) <= _MAX_LAT_E6) & (np.abs(lon_e6) <= _MAX_LON_E6))
    one, two, three = taken(messages.words, placed)
    msg_type = (one >> 42).astype(np.int8)
    measured: Measured = {
        "sog_kn": _SOG_KN[_code(two >> 36, 10)],
        "cog_deg": _COG_DEG[_code(three >> 16, 12)],
        "heading_deg": _HEADING_DEG[_code(three >> 7, 9)],
        "rot_deg_min": _ROT_DEG_MIN[_code((one << 2) | (two >> 46), 8)],
        "nav_status": _NAV_STATUS[_code(one >> 6, 4)],
    }
    for row, read in messages.read:
        _put_measured(row, read, placed, msg_type, measured)
    t_us = messages.time_us[placed]
    quality = messages.quality[placed] | motion.quality_of(msg_type)
    quality |= _REPEATED[_code(one >> 40, 2)]
    status = measured.pop("nav_status")
    return RECEIVED.of(
        {
            "mmsi": as_array(_code(one >> 10, 30).astype(np.int32), pa.int32()),
            "timestamp": as_array(t_us, TIMESTAMP, t_us != UNKNOWN),
            "lat_e6": as_array(lat_e6[placed], pa.int32()),
            "lon_e6": as_array(lon_e6[placed], pa.int32()),
            **{
                name: as_array(values, pa.float32(), ~np.isnan(values))
                for name, values in measured.items()
            },
            "nav_status": as_array(status, pa.int8(), status != _NO_STATUS),
            "msg_type": as_array(msg_type, pa.int8()),
            "quality": as_array(quality, pa.int32()),
            "source_id": as_array(np.full(placed.size, source_id, np.int64), pa.int64()),
            "line": as_array(messages.number[placed].astype(np.int32), pa.int32()),
        }
    )


def _millionths(ten_thousandths: Ints) -> npt.NDArray[np.int32]:
    """Return ten-thousandths of minutes as millionths of degrees, rounded as pyais does it."""
    value = ten_thousandths.astype(np.int32)
    return np.asarray((value * np.int32(10) + np.int32(3)) // np.int32(6))


def _code(bits: Words, width: int) -> Ints:
    return (bits & np.uint64((1 << width) - 1)).view(np.int64)


def _put_place(
    row: Ints,
    read: Mapping[str, Floats],
    lat_e6: npt.NDArray[np.int32],
    lon_e6: npt.NDArray[np.int32],
) -> None:
    """Enter the places of messages that were read by themselves."""
    if "lat" not in read:
        return
    lat, lon = read["lat"], read["lon"]
    is_placed = motion.in_range(lat, lon)
    for values, degrees in ((lat_e6, lat), (lon_e6, lon)):
        values[row] = np.rint(np.where(is_placed, degrees * E6, _NOWHERE_E6))


def _put_measured(
    row: Ints,
    read: Mapping[str, Floats],
    placed: Ints,
    msg_type: npt.NDArray[np.int8],
    measured: Measured,
) -> None:
    """Enter the motion that messages were read by themselves for, as far as they have a place."""
    at = np.searchsorted(placed, row)
    has_place = np.append(placed, -1)[at] == row
    at = at[has_place]
    said = {name: values[has_place] for name, values in read.items()}
    measured["sog_kn"][at] = motion.sog_kn(said["sog"], msg_type[at])
    if "cog" not in said:
        return
    measured["cog_deg"][at] = motion.direction_deg(said["cog"])
    measured["heading_deg"][at] = motion.direction_deg(said["heading"])
    code = np.nan_to_num(said["rot_raw"], nan=_NO_ROT_CODE).astype(np.int64)
    measured["rot_deg_min"][at] = _ROT_DEG_MIN[code]  # a negative one counts from the end
    status = motion.nav_status(said["nav_status"])
    measured["nav_status"][at] = np.nan_to_num(status, nan=_NO_STATUS)


def statics(messages: Messages, source_id: int) -> pa.Table:
    """Return the static reports as a table of `STATICS`; reports that say nothing are left out."""
    if not messages.statics:
        return STATICS.empty()
    row = np.concatenate([kind["row"] for kind in messages.statics])
    text = {name: _texts(messages, name) for name in TEXTS}
    said = _numbers(messages)
    # A time that is not trusted would stand for the newest report for ever.
    trusted = messages.quality[row] & int(Quality.TIME_QUARANTINED) == 0
    t_us = np.where(trusted, messages.time_us[row], UNKNOWN)
    eta_us = _eta_us([said[name] for name in ETA], t_us)
    values = {
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
        tells |= is_known(text_column)
    order = np.argsort(row)
    order = order[tells[order]]
    row = row[order]
    return STATICS.of(
        {
            **{name: _as_column(name, column[order]) for name, column in values.items()},
            **{name: column.take(as_array(order, pa.int64())) for name, column in text.items()},
            "eta": _times(eta_us[order]),
            "timestamp": _times(t_us[order]),
            "mmsi": as_array(messages.mmsi[row].astype(np.int32), pa.int32()),
            "msg_type": as_array(messages.type[row].astype(np.int8), pa.int8()),
            "line": as_array(messages.number[row].astype(np.int32), pa.int32()),
            "source_id": as_array(np.full(row.size, source_id, np.int64), pa.int64()),
        }
    )


def _texts(messages: Messages, name: str) -> pa.Array:
    return pa.concat_arrays(
        [kind.get(name, pa.nulls(kind["row"].size, pa.string())) for kind in messages.statics]
    )


def _numbers(messages: Messages) -> dict[str, Floats]:
    """Return the columns of `NUMBERS` of all static reports, NaN for none."""
    ends = np.cumsum([kind["row"].size for kind in messages.statics])
    columns = np.full((len(NUMBERS), ends[-1]), np.nan)
    for kind, end in zip(messages.statics, ends.tolist(), strict=True):
        begin = end - kind["row"].size
        for name, column in zip(NUMBERS, columns, strict=True):
            if name in kind:
                column[begin:end] = kind[name]
    return dict(zip(NUMBERS, columns, strict=True))


def _as_column(name: str, values: Floats) -> pa.Array:
    """Return a column of `STATICS`, null for NaN."""
    type_ = _STATIC_TYPES[name]
    is_known = ~np.isnan(values)
    if pa.types.is_integer(type_):
        values = np.where(is_known, values, 0)
    return as_array(values.astype(type_.to_pandas_dtype()), type_, is_known)


def _times(t_us: Ints) -> pa.Array:
    return as_array(t_us, TIMESTAMP, t_us != UNKNOWN)


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
