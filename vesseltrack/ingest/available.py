"""The values by which the standard says "not available", and the fields without them."""

from collections.abc import Mapping
from typing import Any, Final

Fields = dict[str, Any]

RAW: Final = "raw"  # the field of the lines that a message came in

_MOTION: Final = {"lat": 91.0, "lon": 181.0, "sog": 102.3, "cog": 360.0, "heading": 511}
_ANYWHERE: Final[dict[str, Any]] = {"lat": 91.0, "lon": 181.0}
_VESSEL: Final = {**_MOTION, "second": 60, "rot_raw": -128}
_TEXTS: Final = {"name": "", "callsign": "", "destination": "", "vendorid": ""}
_STATIC: Final = {
    **_TEXTS,
    "imo": 0,
    "ship_type": 0,
    "draught": 0.0,
    "mothership_mmsi": 0,
    "eta": [0, 0, 24, 60],
}
_UTC: Final = {"lat": 91.0, "lon": 181.0, "utc": [0, 0, 0, 24, 60, 60]}
_BY_TYPE: Final[dict[int, dict[str, Any]]] = {
    1: _VESSEL,
    2: _VESSEL,
    3: _VESSEL,
    4: _UTC,
    5: _STATIC,
    9: {**_VESSEL, "sog": 1023.0, "altitude": 4095},
    11: _UTC,
    18: _VESSEL,
    19: {**_VESSEL, **_STATIC},
    21: {**_VESSEL, **_TEXTS},
    24: _STATIC,
    27: {**_VESSEL, "sog": 63.0, "cog": 511.0},
}


def available(fields: Mapping[str, Any]) -> Fields:
    """Return the fields of a message with None for each that says "not available".

    Only the value that the standard gives this meaning is replaced, nothing else that is out of
    range: what a message says is shown as it is.

    References
    ----------
    .. [1] ITU-R M.1371-5, Annex 8, tables 48 to 87.
    """
    absent = _BY_TYPE.get(fields["type"], _ANYWHERE)
    return {
        name: None if name in absent and value == absent[name] else value
        for name, value in fields.items()
    }
