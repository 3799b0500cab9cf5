"""Payloads of many messages as packed bits, so that a field is a shift and a mask."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import Bools, Bytes, Ints, Words, any_of, inside, rows, taken
from vesseltrack.ingest.nmea.texts import width_of

CHARACTERS_A_WORD: Final = 8
_BITS_A_CHARACTER: Final = 6
_BITS_A_WORD: Final = CHARACTERS_A_WORD * _BITS_A_CHARACTER
# How many bits are joined to as many, and where the first of them stand.
_JOINTS: Final = (
    (6, np.uint64(0x003F003F003F003F)),
    (12, np.uint64(0x00000FFF00000FFF)),
    (24, np.uint64(0x0000000000FFFFFF)),
)
_ALL_TRUE: Final = np.uint64(0x0101010101010101)
_ROWS_IN_CACHE: Final = 16384
_CODE_BITS: Final = 63


@dataclass(frozen=True)
class Payloads:
    """Some payloads as the values 0 to 63 of their characters, shape (n, width).

    What stands behind the end of a payload is of no meaning.
    """

    values: Bytes

    @classmethod
    def of(cls, characters: Bytes) -> "Payloads":
        """Return armoured characters, all of the alphabet, as values."""
        values = characters - np.uint8(48)
        # Bytes of 0 and 1 are shifted eight at a time.
        values -= ((values > 40).view(np.uint64) << 3).view(np.uint8)  # noqa: PLR2004 - the gap
        values &= np.uint8(63)
        return cls(values)

    def bits(self) -> "Bits":
        """Return the payloads as packed bits; the width must be a multiple of 8."""
        return Bits(joined_characters(self.values.view("<u8").T.copy()))

    def codes(self, first: int, n_characters: int) -> Bytes:
        """Return the codes of texts that begin at a bit, as wide as `width_of` says."""
        at, shift = divmod(first, _BITS_A_CHARACTER)
        width = width_of(n_characters)
        codes = self._columns(at, width)
        if shift:
            codes *= np.uint8(1 << shift)
            codes |= self._columns(at + 1, width) >> np.uint8(_BITS_A_CHARACTER - shift)
            codes &= np.uint8(_CODE_BITS)
        codes.view("<u8")[:, -1] &= np.uint64((1 << 8 * (n_characters % CHARACTERS_A_WORD)) - 1)
        return codes

    def _columns(self, first: int, width: int) -> Bytes:
        """Return a copy of some columns; a slice is copied in five times the time."""
        n, n_values = self.values.shape
        windows = np.ndarray((n,), f"V{width}", self.values.data, first, (n_values,))
        return windows.copy().view(np.uint8).reshape(n, width)


@dataclass(frozen=True)
class Bits:
    """Packed bits of some payloads, 48 a word, shape (n_words, n)."""

    words: Words

    def __getitem__(self, which: Ints) -> "Bits":
        """Return some of the payloads."""
        return Bits(taken(self.words, which))

    def unsigned(self, first: int, width: int) -> Ints:
        """Return an unsigned field of up to 48 bits."""
        word, last_word = first // _BITS_A_WORD, (first + width - 1) // _BITS_A_WORD
        behind = _BITS_A_WORD * (last_word + 1) - first - width
        bits = self.words[last_word] >> np.uint64(behind)
        if word != last_word:
            bits = bits | (self.words[word] << np.uint64(_BITS_A_WORD - behind))
        return np.asarray(bits & np.uint64((1 << width) - 1)).view(np.int64)

    def signed(self, first: int, width: int) -> Ints:
        """Return a field in two's complement."""
        sign = 1 << (width - 1)
        return (self.unsigned(first, width) ^ sign) - sign


def values_of(words: Words) -> tuple[Words, Bools]:
    """Return characters as values 0 to 63, and whether they are of the alphabet.

    Parameters
    ----------
    words : (n_words, n)
        Armoured characters, eight a word.

    Returns
    -------
    values : (n_words, n)
        Eight values a word; of no meaning where a character is foreign.
    is_armour : (n,)
        Whether all characters of a column are of the alphabet.
    """
    characters = words.view(np.uint8)
    values = characters - np.uint8(48)
    is_late = (characters - np.uint8(96)) < np.uint8(24)
    is_armour = values < np.uint8(40)
    is_armour |= is_late
    # Bytes of 0 and 1 are shifted eight at a time.
    values -= (is_late.view(np.uint64) << np.uint64(3)).view(np.uint8)
    joined = np.bitwise_and.reduce(is_armour.view(np.uint64), axis=0)
    return values.view(np.uint64), np.asarray(joined == _ALL_TRUE)


def joined_characters(words: Words) -> Words:
    """Return values of characters, eight a word, as words of 48 bits; the words are changed.

    Neighbours are joined three times: 6 + 6, 12 + 12, 24 + 24 bits.
    """
    for width, mask in _JOINTS:
        first = words & mask
        words >>= np.uint64(8 * width // 6)
        words &= mask
        first <<= np.uint64(width)
        first |= words
        words = first
    return words


def payloads_at(raw: Bytes, first: Ints, n_characters: int) -> Payloads:
    """Return payloads that begin at places of a block, as wide as whole words need."""
    n_words = -(-n_characters // CHARACTERS_A_WORD)
    return Payloads.of(rows(raw, first, n_words * CHARACTERS_A_WORD))


def bits_at(raw: Bytes, first: Ints, n_characters: int) -> Bits:
    """Return the bits of payloads that begin at places of a block."""
    n_words = -(-n_characters // CHARACTERS_A_WORD)
    words = np.empty((n_words, first.size), np.uint64)
    for some in slices(first.size):
        words[:, some] = payloads_at(raw, first[some], n_characters).bits().words
    return Bits(words)


def in_alphabet(raw: Bytes, first: Ints, n_characters: Ints) -> Bools:
    """Return whether payloads are of the alphabet of NMEA alone, shape (n,)."""
    good = np.ones(first.size, np.bool_)
    for low, high in ((0, 32), (32, 64), (64, 96)):
        which = np.flatnonzero((n_characters > low) & (n_characters <= high))
        for some in slices(which.size):
            part = which[some]
            wrong = _are_foreign(rows(raw, first[part], high))
            wrong &= inside(n_characters[part], high)
            good[part] = ~any_of(wrong)
    return good


def _are_foreign(characters: Bytes) -> Bools:
    values = characters - np.uint8(48)
    # 0 to 39 and 48 to 71 are good.
    wrong = (values - np.uint8(40)) < np.uint8(8)
    wrong |= values >= np.uint8(72)
    return np.asarray(wrong)


def slices(n: int) -> list[slice]:
    """Return slices of so few rows that what is made of them stays in the cache."""
    return [slice(at, at + _ROWS_IN_CACHE) for at in range(0, n, _ROWS_IN_CACHE)]
