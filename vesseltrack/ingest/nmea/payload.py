"""The door to pyais: the bits of one message to a dict of fields as they were transmitted.

Where pyais changes what was sent, the bits are read again: reserved ship types become 0 there,
areas and reference stations (types 17, 22, 23) come in tenths of minutes, text goes on behind its
end mark, and a field that is cut short is given as if it were whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from pyais import bit_vector
from pyais.exceptions import AISBaseException
from pyais.messages import MSG_CLASS

from vesseltrack.ingest.nmea.corrections import FINISH, Fields
from vesseltrack.ingest.nmea.lengths import BITS, MUTE

_APPLICATION: Final = (6, 8)  # binary messages, whose inner fields keep the names of pyais
_NAMES: Final = {
    "speed": "sog",
    "course": "cog",
    "status": "nav_status",
    "shipname": "name",
    "alt": "altitude",
    "partno": "part",
}
_END_OF_TEXT: Final = "@"
_BITS_A_CHARACTER: Final = 6
_HEAD_CHARACTERS: Final = 7  # hold type, repeat indicator and MMSI


class PayloadError(Exception):
    """A payload that is no message; its text is the reason class."""


@dataclass(frozen=True)
class _Plan:
    """What to take from a message class of pyais, and what to read again from the bits."""

    names: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    raw_integers: tuple[tuple[str, int, int], ...]  # name, first bit, width
    texts: tuple[tuple[str, int, int], ...]
    ends: tuple[tuple[str, int], ...]  # of fields of fixed length: name, bit behind it


def decode_payload(payload: bytes, fill_bits: int) -> Fields:
    """Return the fields of a message.

    Parameters
    ----------
    payload : bytes
        Armoured payload of all its sentences, of the alphabet of NMEA alone.
    fill_bits : int
        Padding at the end of the last sentence, 0 to 5.

    Returns
    -------
    fields : dict
        `type`, `repeat`, `mmsi` and the fields of the type, values as transmitted (91, 511, "");
        None for a field that the message is too short for.

    Raises
    ------
    PayloadError
        For an unknown type, a length the type cannot have, or a variant that is not defined.
    """
    if not payload:
        msg = "bad_length"
        raise PayloadError(msg)
    bits = bit_vector(payload, fill_bits)
    type_ = bits.get(0, 6)
    _check_length(type_, len(bits))
    try:
        message = MSG_CLASS[type_].from_vector(bits)
    except (AISBaseException, ValueError, TypeError, KeyError, IndexError) as error:
        # A variant pyais does not know must not end the reading of a whole archive.
        msg = "unsupported_variant"
        raise PayloadError(msg) from error
    fields = _as_sent(message, bits, _plan(type(message), type_ in _APPLICATION))
    if type_ in FINISH:
        FINISH[type_](fields, bits)
    return fields


def decode_for_rows(payload: bytes, fill_bits: int) -> Fields:
    """Return the fields that rows are made of; arguments and errors are those of `decode_payload`.

    Types that give no row have `type`, `repeat` and `mmsi` alone.
    """
    bits = bit_vector(payload[:_HEAD_CHARACTERS])
    type_ = bits.get(0, 6)
    if type_ not in MUTE:
        return decode_payload(payload, fill_bits)
    _check_length(type_, len(payload) * _BITS_A_CHARACTER - fill_bits)
    return {"type": type_, "repeat": bits.get(6, 2), "mmsi": bits.get(8, 30)}


def _check_length(type_: int, n_bits: int) -> None:
    if type_ not in BITS:
        msg = "unsupported_type"
        raise PayloadError(msg)
    least, most = BITS[type_]
    if not least <= n_bits <= most:
        msg = "bad_length"
        raise PayloadError(msg)


def _as_sent(message: Any, bits: bit_vector, plan: _Plan) -> Fields:  # noqa: ANN401 - any class
    fields: Fields = dict(zip(plan.names, plan.values(message), strict=True))
    for name, first, width in plan.raw_integers:
        fields[name] = bits.get(first, width)
    for name, value in fields.items():
        if isinstance(value, bytes):
            fields[name] = value.hex()
        elif isinstance(value, Enum):
            fields[name] = value.value
    _read_texts(fields, bits, plan)
    if len(bits) < plan.ends[-1][1]:
        for name, end in plan.ends:
            if len(bits) < end:
                fields[name] = None
    return fields


@lru_cache(maxsize=256)  # message classes are few
def _plan(kind: type[Any], is_application: bool) -> _Plan:  # noqa: FBT001 - part of the cache key
    ours: dict[str, str] = {}
    raw, texts, ends = [], [], []
    first = 0
    for field in kind.fields():
        about: Mapping[str, Any] = field.metadata
        width = about["width"]
        if not about["is_spare"]:
            name = _our_name(field.name, is_application=is_application)
            ours[field.name] = name
            if about["d_type"] is int and _is_converted(field) and not is_application:
                raw.append((name, first, width))
            elif about["d_type"] is str:
                texts.append((name, first, width))
            if about["d_type"] not in (str, bytes):
                ends.append((name, first + width))
        first += width
    return _Plan(tuple(ours.values()), attrgetter(*ours), tuple(raw), tuple(texts), tuple(ends))


def _is_converted(field: Any) -> bool:  # noqa: ANN401 - an attribute of attrs
    return field.converter is not None or field.metadata["to_converter"] is not None


def _our_name(name: str, *, is_application: bool) -> str:
    if name == "msg_type":
        return "type"
    if not is_application:
        return _NAMES.get(name, name)
    return "warning_type" if name == "type" else name


def _read_texts(fields: Fields, bits: bit_vector, plan: _Plan) -> None:
    for name, first, width in plan.texts:
        text = fields[name]
        if first + width > len(bits):
            # Only whole characters: the bits left over are no letter.
            n_characters = max(0, len(bits) - first) // _BITS_A_CHARACTER
            text = bits.get_str(first, n_characters * _BITS_A_CHARACTER)
        if _END_OF_TEXT in text:
            text = text.partition(_END_OF_TEXT)[0].rstrip()
        fields[name] = text
