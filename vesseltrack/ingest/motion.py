"""Measured values brought to the columns of RECEIVED: what is no measurement becomes NaN."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.arrow import as_array
from vesseltrack.schema import RECEIVED, TIMESTAMP, Quality
from vesseltrack.units import E6

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Message types that say where their sender is. Of the others, 6 and 8 may describe a place.
POSITION_TYPES: Final = (1, 2, 3, 4, 9, 11, 17, 18, 19, 21, 27)
NOT_VESSELS: Final = (4, 9, 17, 21)  # base station, aircraft, reference station, aid to navigation
_QUALITY: Final = np.zeros(128, np.int32)  # by message type
_QUALITY[list(NOT_VESSELS)] = int(Quality.NOT_A_VESSEL)
_AIRCRAFT: Final = 9
_LONG_RANGE: Final = 27

# ITU-R M.1371-5, tables 48, 66 and 84: the greatest speed, above which stands "not available".
_MAX_SOG_KN: Final = 102.2
_MAX_SOG_AIRCRAFT_KN: Final = 1022.0
_MAX_SOG_LONG_RANGE_KN: Final = 62.0
_HALF_STEP_KN: Final = 0.05
_ABOVE_SOG_KN: Final = np.full(128, _MAX_SOG_KN + _HALF_STEP_KN)  # by message type
_ABOVE_SOG_KN[_AIRCRAFT] = _MAX_SOG_AIRCRAFT_KN + _HALF_STEP_KN
_ABOVE_SOG_KN[_LONG_RANGE] = _MAX_SOG_LONG_RANGE_KN + _HALF_STEP_KN
_MAX_ROT_DEG_MIN: Final = 720.0  # a full turn in half a minute; the codes above are no measurement
_MAX_NAV_STATUS: Final = 14  # 15 is "undefined"


def in_range(lat: Floats, lon: Floats) -> Bools:
    """Return whether latitudes and longitudes are a place on Earth; False for NaN."""
    return (np.abs(lat) <= 90) & (np.abs(lon) <= 180)  # noqa: PLR2004 - poles and date line


def sog_kn(sog: Floats, msg_type: npt.NDArray[np.int8]) -> Floats:
    """Return speeds over ground [kn] with NaN for "not available" in the scale of each type."""
    return np.where((sog >= 0) & (sog < _ABOVE_SOG_KN[msg_type]), sog, np.nan)


def direction_deg(direction: Floats) -> Floats:
    """Return courses or headings in [0, 360) [deg]; NaN for what is none."""
    return np.where((direction >= 0) & (direction < 360), direction, np.nan)  # noqa: PLR2004 - circle


def rot_deg_min(rot: Floats) -> Floats:
    """Return rates of turn within the scale of the sensor [deg/min]; NaN beyond."""
    return np.where(np.abs(rot) <= _MAX_ROT_DEG_MIN, rot, np.nan)


def nav_status(status: Floats) -> Floats:
    """Return navigational status codes 0 to 14; NaN for 15 and what is none."""
    return np.where((status >= 0) & (status <= _MAX_NAV_STATUS), status, np.nan)


def quality_of(msg_type: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.int32]:
    """Return the flags that follow from the types of messages alone."""
    return np.asarray(_QUALITY[msg_type])


def received(
    columns: Mapping[str, Any],
    *,
    lat: Floats,
    lon: Floats,
    t_us: npt.NDArray[np.int64],
    has_time: Bools,
    source_id: int,
) -> pa.Table:
    """Return the rows that have a place as a table of `RECEIVED`.

    Parameters
    ----------
    columns : mapping
        Columns of `RECEIVED` under their names, (n,) each, but for place, time and source.
    lat, lon : (n,)
        As transmitted [deg]; rows out of range or NaN are left out.
    t_us : (n,)
        Time [us since 1970], of no meaning where `has_time` is False.
    has_time : (n,)
        Whether the time is known.
    source_id : int
        Where they come from.
    """
    placed = in_range(lat, lon)
    whole = bool(placed.all())
    rows = slice(None) if whole else placed
    values = {name: np.asarray(column)[rows] for name, column in columns.items()}
    values["quality"] = values["quality"] | quality_of(values["msg_type"])
    return RECEIVED.of(
        {
            **{name: _column(name, column) for name, column in values.items()},
            "timestamp": as_array(t_us[rows], TIMESTAMP, has_time[rows]),
            "lat_e6": np.rint(lat[rows] * E6).astype(np.int32),
            "lon_e6": np.rint(lon[rows] * E6).astype(np.int32),
            "source_id": np.full(values["mmsi"].size, source_id, np.int64),
        }
    )


def _column(name: str, values: npt.NDArray[Any]) -> pa.Array | npt.NDArray[Any]:
    """Return numbers as a column of `RECEIVED`, NaN as null; Arrow would look for NaN twice."""
    if values.dtype.kind != "f":
        return values
    type_ = RECEIVED.arrow.field(name).type
    is_known = ~np.isnan(values)
    if pa.types.is_integer(type_):
        values = np.where(is_known, values, 0)
    return as_array(values.astype(type_.to_pandas_dtype()), type_, is_known)
