"""How many bits a message of each type may have.

The least is what the last field that is used needs, as transmitters in the wild leave out spare
bits and radio status; the most is the standard's length with the padding seen in the wild.

References
----------
.. [1] ITU-R M.1371-5, Annex 8, section 3.
"""

from typing import Final

_ONE_SLOT: Final = (163, 168)
# Types whose messages name no place and no vessel's particulars, and whatever their bits are, they
# are a message: read for rows they need no decoding.
MUTE: Final = (6, 7, 8, 10, 12, 13, 14, 15, 16, 20, 22, 23, 25, 26)
BITS: Final[dict[int, tuple[int, int]]] = {
    1: _ONE_SLOT,
    2: _ONE_SLOT,
    3: _ONE_SLOT,
    4: _ONE_SLOT,
    5: (420, 426),
    6: (88, 1008),
    7: (72, 168),
    8: (56, 1008),
    9: _ONE_SLOT,
    10: (70, 72),
    11: _ONE_SLOT,
    12: (72, 1008),
    13: (72, 168),
    14: (40, 1008),
    15: (88, 168),
    16: (92, 168),
    17: (80, 816),
    18: _ONE_SLOT,
    19: (312, 400),
    20: (70, 186),
    21: (268, 368),
    22: _ONE_SLOT,
    23: (154, 168),
    24: (160, 168),
    25: (40, 168),
    26: (60, 1064),
    27: (96, 168),
}


class PayloadError(Exception):
    """A payload that is no message; its text is the reason class."""
