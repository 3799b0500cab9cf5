r"""Tag blocks of the one shape that most have, read at the lowest cost.

`\s:<source>,c:<10 digits>*hh\` or `\c:<10 digits>*hh\`: the last 16 bytes are two words with
everything at a fixed place. Where a block ends need not be searched for if a sentence of the
usual length is all that can follow it. Of every block that is not exactly so nothing is said here.
"""

from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import (
    Bools,
    Bytes,
    Ints,
    Words,
    byte_masks,
    folded,
    joined_digits,
    rows,
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
_HEAD_BYTES: Final = 24  # hold `s:`, a source and its comma
_HEAD_LENGTHS: Final = (4, MAX_SOURCE_BYTES + 3)
_PREFIX: Final = np.uint64(int.from_bytes(b"s:", "little"))
_PREFIX_MASK: Final = np.uint64(0xFFFF)
_BACKSLASH, _COMMA = b"\\,"
_SPACE: Final = 32
_ONE_EACH: Final = np.uint64(0x0101010101010101)
_SUM_AT: Final = np.uint64(56)


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
    good, head = _headed(raw, start, behind, head_bytes)
    ends = np.ascontiguousarray(rows(raw, behind - _END_BYTES, _END_BYTES).view("<u8").T)
    said = ends ^ _END
    said &= _END_MASK
    odd = said + _TO_HIGH
    odd |= said
    good &= ((odd[0] | odd[1]) & _HIGH_BITS) == 0
    good &= (said[0] & _FIRST_DIGIT) != 0  # else it is another count of digits
    head ^= ends[0]
    head ^= ends[1] & _LAST_DIGITS
    good &= WRITTEN[folded(head)] == (ends[1] >> _WRITTEN_AT).astype(np.uint16)
    said[1] <<= _LAST_DIGITS_BITS
    first, last = joined_digits(said)
    return good, (first * _LAST_DIGITS_STEP + last) * US_PER_S


def _headed(raw: Bytes, start: Ints, behind: Ints, n_bytes: Ints) -> tuple[Bools, Words]:
    """Return which blocks have a source of the usual shape or none, and its bytes' checksum."""
    head = rows(raw, start + 1, _HEAD_BYTES)
    words = head.view("<u8")
    at = np.clip(n_bytes, 0, _HEAD_BYTES)
    within = byte_masks(_HEAD_BYTES)[at].view("<u8").reshape(words.shape)
    foreign = head == _COMMA
    foreign |= head == _BACKSLASH
    foreign |= head < _SPACE
    strange = foreign.view("<u8") & within
    n_strange = (strange[:, 0] + strange[:, 1] + strange[:, 2]) * _ONE_EACH >> _SUM_AT
    low, high = _HEAD_LENGTHS
    good = (n_bytes >= low) & (n_bytes <= high)
    good &= (words[:, 0] & _PREFIX_MASK) == _PREFIX
    good &= (n_strange == 1) & (raw[behind - (_END_BYTES + 1)] == _COMMA)
    good |= n_bytes == 0
    words &= within
    return good, words[:, 0] ^ words[:, 1] ^ words[:, 2]
