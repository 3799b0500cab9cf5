"""Sentences of the one shape that most have, checked and packed at the lowest cost.

A message of one slot in a sentence of its own, 47 bytes from the start to the end of its line:
`!AIVDM,1,1,,A,<28 characters>,0*5C`. Whatever stands at a fixed place is compared eight bytes at
a time. Of every line that is not exactly so nothing is said here.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import Bools, Bytes, Ints, Words, digit, rows, taken
from vesseltrack.ingest.nmea.class_a import N_WORDS
from vesseltrack.ingest.nmea.packing import Payloads, slices
from vesseltrack.ingest.nmea.sentence import Sentence

BYTES: Final = 47
CHARACTERS: Final = 28
PAYLOAD_AT: Final = 14
CHANNEL_AT: Final = 12
_HEAD_BYTES: Final = 16
_BODY_BYTES: Final = 32
_MAX_FILL_BITS: Final = 5
# Head and end of a sentence, and which of their bits are always the same: M and O of VDM and VDO
# are one bit apart.
_HEAD: Final = np.frombuffer(b"!\0\0VDM\x2c1" + b"\x2c1\x2c\x2c\0\x2c\0\0", "<u8")
_HEAD_MASK: Final = np.frombuffer(
    b"\xff\0\0\xff\xff\xfd\xff\xff" + b"\xff\xff\xff\xff\0\xff\0\0", "<u8"
)
_TALKER: Final = np.frombuffer(b"\0AI\0\0\0\0\0", "<u8")[0]
_TALKER_MASK: Final = np.frombuffer(b"\0\xff\xff\0\0\0\0\0", "<u8")[0]
_END: Final = np.frombuffer(b"\0\0\0\0,\0*\0", "<u8")[0]
_END_MASK: Final = np.frombuffer(b"\0\0\0\0\xff\0\xff\0", "<u8")[0]
# Behind the payload's last four characters others of the alphabet are set.
_LAST: Final = np.uint64(0xFFFFFFFF)
_FILLING: Final = np.frombuffer(b"\0\0\0\0" + b"0000", "<u8")[0]
# What the checksum is of: all behind the start, of the head not the first bytes of the payload.
_CHECKED_HEAD: Final = np.frombuffer(
    b"\0\xff\xff\xff\xff\xff\xff\xff" + b"\xff\xff\xff\xff\xff\xff\0\0", "<u8"
)
_CHECKED_END: Final = np.frombuffer(b"\xff\xff\xff\xff\xff\xff\0\0", "<u8")[0]
_HEX: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8).astype(np.uint16)
WRITTEN: Final = (_HEX[:, None] + (_HEX << np.uint16(8))).ravel()  # two digits of each value
_FIRST_LETTER: Final = np.uint8(ord("A"))
_N_LETTERS: Final = np.uint8(26)
_N_CHANNELS: Final = np.uint8(2)


@dataclass(frozen=True)
class Usual:
    """Sentences of the usual shape, in the order of their lines, (n,) each.

    Attributes
    ----------
    line : int64
        Index of the line in its block.
    first : int64
        Where the sentence begins.
    fill_bits : uint8
        As the sentence says.
    words : (3, n) uint64
        The first 144 bits of the payload, 48 a word.
    """

    line: Ints
    first: Ints
    fill_bits: Bytes
    words: Words


def usual_sentence(data: bytes, first: int, fill_bits: int) -> Sentence:
    """Return a sentence of the usual shape by itself."""
    payload = data[first + PAYLOAD_AT : first + PAYLOAD_AT + CHARACTERS]
    channel = data[first + CHANNEL_AT : first + CHANNEL_AT + 1]
    return Sentence(data[first + 1 : first + 3], 1, 1, b"", channel, payload, fill_bits)


def usual_sentences(raw: Bytes, line: Ints, first: Ints) -> Usual:
    """Return those of the usual shape among sentences of 47 bytes, by their line and first byte.

    Their checksums are right and their payloads of the alphabet.
    """
    good = np.empty(line.size, np.bool_)
    fill_bits = np.empty(line.size, np.uint8)
    words = np.empty((N_WORDS, line.size), np.uint64)
    for some in slices(line.size):
        at = first[some]
        body = rows(raw, at + PAYLOAD_AT, _BODY_BYTES)
        good[some], fill_bits[some] = _framed(raw, at, body)
        last = body.view("<u8")[:, 3]
        last &= _LAST
        last |= _FILLING
        payloads, is_armour = Payloads.checked(body)
        good[some] &= is_armour
        words[:, some] = payloads.bits().words[:N_WORDS]
    if good.all():
        return Usual(line, first, fill_bits, words)
    which = np.flatnonzero(good)
    return Usual(line[which], first[which], fill_bits[which], taken(words, which))


def _framed(raw: Bytes, first: Ints, body: Bytes) -> tuple[Bools, Bytes]:
    """Return whether all but the payload is as it should be, and the fill bits."""
    head = rows(raw, first, _HEAD_BYTES)
    one, two = head.view("<u8").T
    three, four, five, six = body.view("<u8").T
    good = (one & _HEAD_MASK[0]) == _HEAD[0]
    good &= (two & _HEAD_MASK[1]) == _HEAD[1]
    good &= (six & _END_MASK) == _END
    good &= (head[:, CHANNEL_AT] - _FIRST_LETTER) < _N_CHANNELS
    # Most talkers are AI.
    others = np.flatnonzero((one & _TALKER_MASK) != _TALKER)
    for place in (1, 2):
        good[others] &= (head[others, place] - _FIRST_LETTER) < _N_LETTERS
    fill_bits = digit(body[:, CHARACTERS + 1])
    good &= fill_bits <= _MAX_FILL_BITS
    found = one & _CHECKED_HEAD[0]
    found ^= two & _CHECKED_HEAD[1]
    found ^= three
    found ^= four
    found ^= five
    found ^= six & _CHECKED_END
    for width_bits in (32, 16, 8):
        found ^= found >> np.uint64(width_bits)
    written = raw[first + BYTES - 1].astype(np.uint16) << np.uint16(8)
    written |= body[:, _BODY_BYTES - 1]
    good &= WRITTEN[(found & np.uint64(0xFF)).view(np.int64)] == written
    return good, fill_bits
