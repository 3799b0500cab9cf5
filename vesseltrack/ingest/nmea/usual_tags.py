r"""Tag blocks of the one shape that most have, read at the lowest cost.

`\s:<source>,c:<10 digits>*hh\` or `\c:<10 digits>*hh\`: the last 16 bytes are two words with
everything at a fixed place. Where a block ends need not be searched for if a sentence of the
usual length is all that can follow it. Of every block that is not exactly so nothing is said here.
"""

from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import (
    WORD_BYTES,
    Bools,
    Bytes,
    Ints,
    Words,
    folded,
    joined_digits,
    planes,
)
from vesseltrack.ingest.nmea.packing import slices
from vesseltrack.ingest.nmea.usual import WRITTEN
from vesseltrack.units import US_PER_S

MAX_SOURCE_BYTES: Final = 16
SOURCE_AT: Final = 3  # behind the backslash and `s:`
_END_BYTES: Final = 16  # of `c:1709294400*09\`
_END: Final = np.frombuffer(b"c:000000" + b"0000*\0\0\\", "<u8")[:, None]
_END_MASK: Final = np.frombuffer(b"\xff" * 13 + b"\0\0\xff", "<u8")[:, None]
# With this added a byte has its highest bit from 10 on where a digit stands, elsewhere from 1 on.
_TO_HIGH: Final = np.frombuffer(b"\x7f\x7f" + b"\x76" * 10 + b"\x7f\0\0\x7f", "<u8")[:, None]
_HIGH_BITS: Final = np.uint64(0x8080808080808080)
_FIRST_DIGIT: Final = np.uint64(0xFF0000)
_LAST_DIGITS: Final = np.uint64(0xFFFFFFFF)
_LAST_DIGITS_BITS: Final = np.uint64(32)
_LAST_DIGITS_STEP: Final = 10_000
_WRITTEN_AT: Final = np.uint64(40)
_N_WORDS: Final = 5  # three that hold the head, and the end
_HEAD_BYTES: Final = 24  # hold `s:`, a source and its comma
_HEAD_LENGTHS: Final = (4, MAX_SOURCE_BYTES + 3)
# Masks of the last bytes of a head, by how many they are, shape (3, 25).
_LAST_BYTES: Final = np.ascontiguousarray(
    np.where(np.arange(_HEAD_BYTES, 0, -1) <= np.arange(_HEAD_BYTES + 1)[:, None], 255, 0)
    .astype(np.uint8)
    .view("<u8")
    .T
)
_S, _COLON, _BACKSLASH, _COMMA = b"s:\\,"
_SPACE: Final = 32
_ONE_EACH: Final = np.uint64(0x0101010101010101)
_LAST_BYTE_AT: Final = np.uint64(56)


def usual_tags(raw: Bytes, start: Ints, behind: Ints) -> tuple[Bools, Ints, Ints]:
    """Read tag blocks from their first backslash to a place behind their last.

    Parameters
    ----------
    raw : (n_bytes,)
        The block of lines.
    start, behind : (n,)
        Where the tag blocks begin, and where they would end; ascending.

    Returns
    -------
    is_usual : (n,) bool
        Whether a tag block of the usual shape with a right checksum is there.
    time_us : (n,) int64
        What `c:` says [us]; of no meaning for others.
    source_bytes : (n,) int64
        Length of the source, which stands at `SOURCE_AT`; -1 for none.
    """
    is_usual, time_us = np.empty(start.size, np.bool_), np.empty(start.size, np.int64)
    head_bytes = behind - start
    head_bytes -= 1 + _END_BYTES
    for some in slices(start.size):
        is_usual[some], time_us[some] = _read(raw, start[some], behind[some], head_bytes[some])
    return is_usual, time_us, np.maximum(head_bytes - SOURCE_AT, -1)


def _read(raw: Bytes, start: Ints, behind: Ints, head_bytes: Ints) -> tuple[Bools, Ints]:
    """Return which blocks are usual, and the times they tell [us]."""
    window = planes(raw, behind - _N_WORDS * WORD_BYTES, _N_WORDS)
    head, ends = window[:-2], window[-2:]
    masks = np.take(_LAST_BYTES, np.minimum(np.maximum(head_bytes, 0), _HEAD_BYTES), axis=1)
    good = _are_sources(head, masks) & (raw[start + 1] == _S) & (raw[start + 2] == _COLON)
    low, high = _HEAD_LENGTHS
    good &= (head_bytes >= low) & (head_bytes <= high)
    good |= head_bytes == 0
    said = ends ^ _END
    said &= _END_MASK
    odd = said + _TO_HIGH
    odd |= said
    good &= ((odd[0] | odd[1]) & _HIGH_BITS) == 0
    good &= (said[0] & _FIRST_DIGIT) != 0  # else it is another count of digits
    head &= masks
    found = ends[0] ^ (ends[1] & _LAST_DIGITS)
    for word in head:
        found ^= word
    good &= WRITTEN[folded(found)] == (ends[1] >> _WRITTEN_AT).astype(np.uint16)
    said[1] <<= _LAST_DIGITS_BITS
    first, last = joined_digits(said)
    return good, (first * _LAST_DIGITS_STEP + last) * US_PER_S


def _are_sources(head: Words, masks: Words) -> Bools:
    """Return whether what the masks show ends in the only comma, without any other odd byte."""
    characters = head.view(np.uint8)
    odd = characters == _COMMA
    odd |= characters == _BACKSLASH
    odd |= characters < _SPACE
    n_odd = (odd.view(np.uint64) & masks).sum(axis=0) * _ONE_EACH >> _LAST_BYTE_AT
    return np.asarray((n_odd == 1) & (head[-1] >> _LAST_BYTE_AT == _COMMA))
