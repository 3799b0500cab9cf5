"""Messages of a block as tables: positions, and static reports with their times."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest import motion
from vesseltrack.ingest.arrow import as_array
from vesseltrack.ingest.nmea.arrays import UNKNOWN, Floats, Ints, Words, taken
from vesseltrack.ingest.nmea.messages import Messages
from vesseltrack.ingest.nmea.statics import Stamped, static_table
from vesseltrack.schema import RECEIVED, TIMESTAMP, Quality
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
    type_ = (one >> 42).view(np.int64)
    msg_type = type_.astype(np.int8)
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
    quality = messages.quality[placed] | motion.quality_of(type_)
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
    # A time that is not trusted would stand for the newest report for ever.
    trusted = (messages.quality & int(Quality.TIME_QUARANTINED)) == 0
    time_us = messages.time_us if trusted.all() else np.where(trusted, messages.time_us, UNKNOWN)
    stamped = Stamped(time_us, messages.mmsi, messages.type, messages.number)
    return static_table(messages.statics, stamped, source_id)
