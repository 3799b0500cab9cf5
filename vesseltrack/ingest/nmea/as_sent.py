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
from vesseltrack.ingest.nmea.lengths import PayloadError

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


@dataclass(frozen=True)
class _Plan:
    """What to take from a message class of pyais, and what to read again from the bits."""

    names: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    raw_integers: tuple[tuple[str, int, int], ...]  # name, first bit, width
    texts: tuple[tuple[str, int, int], ...]
    ends: tuple[tuple[str, int], ...]  # of fields of fixed length: name, bit behind it


def fields_as_sent(payload: bytes, fill_bits: int) -> Fields:
    """Return the fields of a message of a length that its type may have.

    Parameters
    ----------
    payload, fill_bits
        As `decode_payload` takes them.

    Returns
    -------
    fields : dict
        As `decode_payload` returns them.

    Raises
    ------
    PayloadError
        For a variant that is not defined.
    """
    bits = bit_vector(payload, fill_bits)
    type_ = bits.get(0, 6)
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
