"""Position reports of every layout brought to that of class A, so that all are read alike.

A report that has no such field says "not available" there, and so does a message that names no
place in all of them.

References
----------
.. [1] ITU-R M.1371-5, Annex 8, tables 48 (class A), 51, 58, 67 to 69, 72 and 84.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.ingest.nmea.arrays import Ints, Words
from vesseltrack.ingest.nmea.fields import LAYOUTS, LONG_RANGE, Place
from vesseltrack.ingest.nmea.packing import Bits

N_WORDS: Final = 3  # of 48 bits: as far as what is used of class A reaches
NO_SECOND: Final = 60
_NO_ROT: Final = 0x80
_NO_SOG, _NO_COG = 1023, 3600
_NOT_AVAILABLE: Final = {
    "lon": 181 * 600_000,
    "lat": 91 * 600_000,
    "sog": _NO_SOG,
    "cog": _NO_COG,
    "heading": 511,
    "nav_status": 15,
    "second": NO_SECOND,
}
_NO_KNOTS: Final = 63  # of a long-range report
_COARSE_STEPS: Final = 1000  # ten-thousandths in a tenth of a minute

Values = Ints | int


def class_a(head: Words, said: Mapping[str, Values]) -> Words:
    """Return reports in the layout of class A, without a rate of turn.

    Parameters
    ----------
    head : (n,)
        The first 48 bits of the messages: type, repeat indicator and MMSI are kept.
    said : mapping
        What they say, (n,) or a number each, in the steps of class A: `lon`, `lat`, `sog`, `cog`,
        `heading`, `nav_status`, `second`. What is missing is not available.

    Returns
    -------
    words : (3, n) uint64
        The first 144 bits, 48 a word.
    """
    codes: dict[str, Values] = {**_NOT_AVAILABLE, **said}
    words = np.empty((N_WORDS, head.size), np.uint64)
    words[0] = head & ~np.uint64(0x3FF)
    words[0] |= _bits(codes["nav_status"], 4, 6) | np.uint64(_NO_ROT >> 2)
    words[1] = _bits(codes["sog"], 10, 36) | _bits(codes["lon"], 28, 7)
    words[1] |= _bits(codes["lat"], 27, -20)
    words[2] = _bits(codes["lat"], 20, 28) | _bits(codes["cog"], 12, 16)
    words[2] |= _bits(codes["heading"], 9, 7) | _bits(codes["second"], 6, 1)
    return words


def _bits(values: Values, width: int, left: int) -> npt.NDArray[np.uint64]:
    """Return the lowest bits of values moved to the left, or with a negative count the right."""
    kept = (np.asarray(values, np.int64) & ((1 << width) - 1)).view(np.uint64)
    return np.asarray(kept << np.uint64(left) if left >= 0 else kept >> np.uint64(-left))


def placeless(head: Words, second: Values = NO_SECOND) -> Words:
    """Return messages that name no place."""
    return class_a(head, {"second": second})


def as_class_a(type_: int, bits: Bits) -> Words:
    """Return messages of one type in the layout of class A."""
    head = bits.words[0]
    if type_ == LONG_RANGE:
        return class_a(head, _long_range(bits))
    layout = LAYOUTS.get(type_)
    if layout is None:
        return placeless(head)
    places: dict[str, Place | None] = vars(layout)
    return class_a(head, {name: bits.unsigned(*at) for name, at in places.items() if at})


def _long_range(bits: Bits) -> dict[str, Values]:
    """Return what reports of type 27 say, whose steps are multiples of those of class A."""
    knots, degrees = bits.unsigned(79, 6), bits.unsigned(85, 9)
    return {
        "lon": bits.signed(44, 18) * _COARSE_STEPS,
        "lat": bits.signed(62, 17) * _COARSE_STEPS,
        "sog": np.where(knots == _NO_KNOTS, _NO_SOG, knots * 10),
        "cog": np.where(degrees >= 360, _NO_COG, degrees * 10),  # noqa: PLR2004 - a circle
        "nav_status": bits.unsigned(40, 4),
    }
