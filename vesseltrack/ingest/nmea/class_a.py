"""Position reports of every layout brought to that of class A, so that all are read alike.

A report that has no such field says "not available" there, and so does a message that names no
place in all of them.

References
----------
.. [1] ITU-R M.1371-5, Annex 8, tables 48 (class A), 51, 58, 67 to 69, 72 and 84.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final, TypeVar

import numpy as np

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

# Where class A has them: word, width, and how far the lowest bits are moved to the left.
_PLACES: Final = {
    "nav_status": ((0, 4, 6),),
    "sog": ((1, 10, 36),),
    "lon": ((1, 28, 7),),
    "lat": ((1, 27, -20), (2, 20, 28)),
    "cog": ((2, 12, 16),),
    "heading": ((2, 9, 7),),
    "second": ((2, 6, 1),),
}
_HEAD: Final = np.uint64((1 << 48) - (1 << 10))
_Bits = TypeVar("_Bits", int, Ints)  # of one field, or of many messages


def class_a(head: Words, said: Mapping[str, Ints]) -> Words:
    """Return reports in the layout of class A, without a rate of turn.

    Parameters
    ----------
    head : (n,)
        The first 48 bits of the messages: type, repeat indicator and MMSI are kept.
    said : mapping
        What they say, (n,) each, in the steps of class A: `lon`, `lat`, `sog`, `cog`, `heading`,
        `nav_status`, `second`. What is missing is not available.

    Returns
    -------
    words : (3, n) uint64
        The first 144 bits, 48 a word.
    """
    words = np.empty((N_WORDS, head.size), np.uint64)
    words[:] = _unsaid(frozenset(said))[:, None]
    words[0] |= head & _HEAD
    for name, values in said.items():
        for word, width, left in _PLACES[name]:
            words[word] |= _moved(values & ((1 << width) - 1), left).view(np.uint64)
    return words


@cache  # few are the names that types of reports have
def _unsaid(said: frozenset[str]) -> Words:
    """Return the words of a report that has none but some fields, zeros in place of these."""
    words = [_NO_ROT >> 2, 0, 0]
    for name in _PLACES.keys() - said:
        for word, width, left in _PLACES[name]:
            words[word] |= _moved(_NOT_AVAILABLE[name] & ((1 << width) - 1), left)
    return np.array(words, np.uint64)


def _moved(bits: _Bits, left: int) -> _Bits:
    return bits << left if left >= 0 else bits >> -left


def placeless(head: Words, second: Ints | None = None) -> Words:
    """Return messages that name no place, and the UTC second where one is given."""
    return class_a(head, {} if second is None else {"second": second})


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


def _long_range(bits: Bits) -> dict[str, Ints]:
    """Return what reports of type 27 say, whose steps are multiples of those of class A."""
    knots, degrees = bits.unsigned(79, 6), bits.unsigned(85, 9)
    return {
        "lon": bits.signed(44, 18) * _COARSE_STEPS,
        "lat": bits.signed(62, 17) * _COARSE_STEPS,
        "sog": np.where(knots == _NO_KNOTS, _NO_SOG, knots * 10),
        "cog": np.where(degrees >= 360, _NO_COG, degrees * 10),  # noqa: PLR2004 - a circle
        "nav_status": bits.unsigned(40, 4),
    }
