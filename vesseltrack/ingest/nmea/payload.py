"""The bits of one message to a dict of fields as they were transmitted, or to why it is none."""

from typing import Final

from vesseltrack.ingest.nmea.corrections import Fields
from vesseltrack.ingest.nmea.lengths import BITS, MUTE, PayloadError
from vesseltrack.ingest.nmea.sentence import ARMOUR

_BITS_A_CHARACTER: Final = 6
_VALUE: Final = {character: value for value, character in enumerate(ARMOUR)}
_HEAD_CHARACTERS: Final = 7  # hold type, repeat indicator and MMSI, and four bits more
_REPEAT_AT: Final = 34
_MMSI_AT: Final = 4
_MMSI_MASK: Final = (1 << 30) - 1


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
    _checked_type(payload, fill_bits)
    # To import pyais takes as long as to read two hundred thousand messages of the common types.
    from vesseltrack.ingest.nmea.as_sent import fields_as_sent  # noqa: PLC0415 - see above

    return fields_as_sent(payload, fill_bits)


def decode_for_rows(payload: bytes, fill_bits: int) -> Fields:
    """Return the fields that rows are made of; arguments and errors are those of `decode_payload`.

    Types that give no row have `type`, `repeat` and `mmsi` alone.
    """
    type_ = _checked_type(payload, fill_bits)
    if type_ not in MUTE:
        return decode_payload(payload, fill_bits)
    head = 0
    for character in payload[:_HEAD_CHARACTERS]:
        head = head << _BITS_A_CHARACTER | _VALUE[character]
    mmsi = head >> _MMSI_AT & _MMSI_MASK
    return {"type": type_, "repeat": head >> _REPEAT_AT & 3, "mmsi": mmsi}


def _checked_type(payload: bytes, fill_bits: int) -> int:
    """Return the type of a message of a length that the type may have."""
    n_bits = len(payload) * _BITS_A_CHARACTER - fill_bits
    if n_bits <= 0:
        msg = "bad_length"
        raise PayloadError(msg)
    type_ = _VALUE[payload[0]]
    if n_bits < _BITS_A_CHARACTER:
        type_ >>= fill_bits
    if type_ not in BITS:
        msg = "unsupported_type"
        raise PayloadError(msg)
    least, most = BITS[type_]
    if not least <= n_bits <= most:
        msg = "bad_length"
        raise PayloadError(msg)
    return type_
