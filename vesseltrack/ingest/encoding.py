"""Positions and static reports as sentences, for archives that are made up or added to."""

import functools
import operator
from math import isnan
from typing import Any, Final

from pyais import encode_dict

from vesseltrack.units import US_PER_S

_NO_TURN: Final = -128
_NO_HEADING: Final = 511


def position_sentences(report: dict[str, Any], *, is_class_a: bool) -> list[bytes]:
    """Return a position report as sentences: type 1, or type 18 for class B.

    Parameters
    ----------
    report : dict
        `mmsi`, `lat`, `lon`, `sog_kn`, `cog_deg`, `heading_deg` (NaN: not available) and `t_us`
        (whose second is sent).
    is_class_a : bool
        The class of the transmitter.
    """
    heading_deg = report["heading_deg"]
    fields = {
        "type": 1 if is_class_a else 18,
        "mmsi": report["mmsi"],
        "lat": report["lat"],
        "lon": report["lon"],
        "speed": report["sog_kn"],
        "course": report["cog_deg"],
        "heading": _NO_HEADING if isnan(heading_deg) else round(heading_deg) % 360,
        "second": report["t_us"] // US_PER_S % 60,
    }
    if is_class_a:
        fields |= {"status": 0, "turn": _NO_TURN}
    return _encoded(fields)


def static_sentences(static: dict[str, Any], *, is_class_a: bool) -> list[bytes]:
    """Return a static report as sentences: type 5, or both parts of type 24 for class B.

    Parameters
    ----------
    static : dict
        `mmsi`, `name`, `ship_type`, `length_m`, `beam_m`, `destination`.
    is_class_a : bool
        The class of the transmitter.
    """
    size = {
        "to_bow": static["length_m"] // 2,
        "to_stern": static["length_m"] - static["length_m"] // 2,
        "to_port": static["beam_m"] // 2,
        "to_starboard": static["beam_m"] - static["beam_m"] // 2,
    }
    who = {"mmsi": static["mmsi"]}
    if is_class_a:
        names = {"shipname": static["name"], "destination": static["destination"]}
        return _encoded({"type": 5, **who, **names, "ship_type": static["ship_type"], **size})
    part_a = {"type": 24, **who, "partno": 0, "shipname": static["name"]}
    part_b = {"type": 24, **who, "partno": 1, "ship_type": static["ship_type"], **size}
    return [*_encoded(part_a), *_encoded(part_b)]


def tagged(sentences: list[bytes], t_us: int) -> list[bytes]:
    """Return sentences, each with its time in a tag block."""
    tag = b"c:%d" % (t_us // US_PER_S)
    return [b"\\%s*%02X\\%s" % (tag, _checksum(tag), sentence) for sentence in sentences]


def _encoded(fields: dict[str, Any]) -> list[bytes]:
    return [line.encode("ascii") for line in encode_dict(fields, sentence_type="VDM")]


def _checksum(data: bytes) -> int:
    return functools.reduce(operator.xor, data)
