"""Identifiers that derive from content, never from arrival."""

import hashlib
from typing import Final

_SUFFIX_BITS: Final = 32
_SUFFIX_MASK: Final = (1 << _SUFFIX_BITS) - 1


def content_id(prefix: str, *parts: str | int) -> str:
    """Return `<prefix>-<16 hex>` of a BLAKE2b hash over the parts, in order.

    The parts are joined by the unit separator, so ("a", "bc") and ("ab", "c") differ.
    """
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{prefix}-{digest}"


def hash63(*parts: str | int) -> int:
    """Return a non-negative 63-bit number of the parts."""
    return int(content_id("", *parts)[1:], 16) >> 1


def vessel_key(mmsi: int, first_fix: tuple[int, int, int] | None = None) -> int:
    """Return the vessel as a number: its MMSI above 32 bits of its first fix.

    Parameters
    ----------
    mmsi : int
        0 to 2**30 - 1.
    first_fix : (timestamp_us, lat_e6, lon_e6) or None
        None for the first transmitter on an MMSI, whose low bits are 0.
    """
    suffix = 0
    if first_fix is not None:
        # 0 is kept for the first transmitter.
        suffix = hash63(mmsi, *first_fix) & _SUFFIX_MASK or 1
    return (mmsi << _SUFFIX_BITS) | suffix


def vessel_id(key: int) -> str:
    """Return the stored identifier of a vessel key: `<mmsi>` or `<mmsi>-<8 hex>`."""
    suffix = key & _SUFFIX_MASK
    return f"{key >> _SUFFIX_BITS}-{suffix:08x}" if suffix else str(key >> _SUFFIX_BITS)


def mmsi_of_key(key: int) -> int:
    """Return the MMSI of a vessel key."""
    return key >> _SUFFIX_BITS
