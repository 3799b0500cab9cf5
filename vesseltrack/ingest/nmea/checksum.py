"""The checksum of NMEA 0183: the exclusive or of all bytes between start and asterisk."""

from typing import Final

_BITS_A_BYTE: Final = 8
_WRITTEN: Final = {
    (high + low).encode(): int(high + low, 16)
    for high in "0123456789ABCDEFabcdef"
    for low in "0123456789ABCDEFabcdef"
}


def checksum(data: bytes) -> int:
    """Return the exclusive or of the bytes; 0 for none.

    Folding one long integer upon itself takes a handful of steps where a loop takes one a byte.
    """
    value = int.from_bytes(data, "little")
    width_bits = _BITS_A_BYTE << max(len(data) - 1, 0).bit_length()
    while width_bits > _BITS_A_BYTE:
        width_bits >>= 1
        value ^= value >> width_bits
    return value & 0xFF


def is_right(data: bytes, written: bytes) -> bool:
    """Return whether two hexadecimal digits are the checksum of the bytes."""
    return checksum(data) == _WRITTEN.get(written)
