"""Sentences of the one shape that most have, checked and packed at the lowest cost.

A message of one slot in a sentence of its own, 47 bytes from the start to the end of its line:
`!AIVDM,1,1,,A,<28 characters>,0*5C`. Whatever stands at a fixed place is compared eight bytes at
a time. Of every line that is not exactly so nothing is said here.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import Bools, Bytes, Ints, Words, digit, folded, planes, taken
from vesseltrack.ingest.nmea.class_a import N_WORDS
from vesseltrack.ingest.nmea.packing import joined_characters, slices, values_of
from vesseltrack.ingest.nmea.sentence import Sentence

BYTES: Final = 47
CHARACTERS: Final = 28
PAYLOAD_AT: Final = 14
CHANNEL_AT: Final = 12
# Words are read from two bytes before the sentence on, so that the payload begins with one:
# `..!AIVDM`, `,1,1,,A,`, three of the payload, its last four characters and `,0*5`, and `C`.
_BEFORE: Final = 2
_N_WINDOW_WORDS: Final = 7
_PAYLOAD_WORDS: Final = slice(2, 6)
_MAX_FILL_BITS: Final = 5


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


# What stands in the words, and which of their bits are always the same: M and O of VDM and VDO are
# one bit apart.
_START: Final = _word(b"\0\0!\0\0VDM")
_START_MASK: Final = _word(b"\0\0\xff\0\0\xff\xfd\xff")
_TALKER: Final = _word(b"\0\0\0AI\0\0\0")
_TALKER_MASK: Final = _word(b"\0\0\0\xff\xff\0\0\0")
_TALKER_AT: Final = (3, 4)
_ON_A: Final = _word(b",1,1,,A,")
_ON_B: Final = _word(b",1,1,,B,")
_END: Final = _word(b"\0\0\0\0,\0*\0")
_END_MASK: Final = _word(b"\0\0\0\0\xff\0\xff\0")
_FILL_BITS_AT: Final = np.uint64(40)
_FIRST_DIGIT_AT: Final = np.uint64(56)
_ONE_BYTE: Final = np.uint64(8)
# Behind the payload's last four characters others of the alphabet are set.
_LAST: Final = _word(b"\xff\xff\xff\xff\0\0\0\0")
_FILLING: Final = _word(b"\0\0\0\0" + b"0000")
# What the checksum is of.
_CHECKED_START: Final = _word(b"\0\0\0" + b"\xff" * 5)
_CHECKED_END: Final = _word(b"\xff" * 6 + b"\0\0")
_HEX: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8).astype(np.uint16)
WRITTEN: Final = (_HEX[:, None] + (_HEX << np.uint16(8))).ravel()  # two digits of each value
_FIRST_LETTER: Final = np.uint8(ord("A"))
_N_LETTERS: Final = np.uint8(26)


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
    is_usual = np.empty(line.size, np.bool_)
    fill_bits = np.empty(line.size, np.uint8)
    words = np.empty((N_WORDS, line.size), np.uint64)
    n = 0
    for some in slices(line.size):
        window = planes(raw, first[some] - _BEFORE, _N_WINDOW_WORDS)
        good, fill = _framed(window)
        payload = window[_PAYLOAD_WORDS]
        payload[-1] &= _LAST
        payload[-1] |= _FILLING
        values, is_armour = values_of(payload)
        good &= is_armour
        joined = joined_characters(values[:N_WORDS])
        is_usual[some] = good
        if not good.all():
            which = np.flatnonzero(good)
            fill, joined = fill[which], taken(joined, which)
        kept = slice(n, n + fill.size)
        fill_bits[kept], words[:, kept] = fill, joined
        n += fill.size
    if n < line.size:
        line, first = line[is_usual], first[is_usual]
    return Usual(line, first, fill_bits[:n], words[:, :n])


def _framed(window: Words) -> tuple[Bools, Bytes]:
    """Return whether all but the payload is as it should be, and the fill bits."""
    start, channel, *payload, end, behind = window
    good = (start & _START_MASK) == _START
    good &= (channel == _ON_A) | (channel == _ON_B)
    good &= (end & _END_MASK) == _END
    # Most talkers are AI.
    others = np.flatnonzero((start & _TALKER_MASK) != _TALKER)
    letters = start[others, None].view(np.uint8)[:, _TALKER_AT]
    good[others] &= ((letters - _FIRST_LETTER) < _N_LETTERS).all(axis=1)
    fill_bits = digit((end >> _FILL_BITS_AT).astype(np.uint8))
    good &= fill_bits <= _MAX_FILL_BITS
    found = start & _CHECKED_START
    for word in (channel, *payload, end & _CHECKED_END):
        found ^= word
    written = (end >> _FIRST_DIGIT_AT) | (behind << _ONE_BYTE)
    good &= WRITTEN[folded(found)] == written.astype(np.uint16)
    return good, fill_bits
