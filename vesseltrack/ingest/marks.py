"""Where marks lie among many places, one bit a place: line ends, and the commas that are wanted.

Of the commas of a block only those are wanted at which heads end. To list all of them takes
eight bytes each, and half the time that reading the fields takes.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

NOWHERE: Final = np.iinfo(np.int64).max
_WORD_BITS: Final = 64
_WORD_BYTES: Final = 8
_STEP_BYTES: Final = 2 * _WORD_BYTES
_N_STEPS: Final = 4  # a head has some 80 characters, with the longest words of an archive 160
_ALL: Final = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_ONE_EACH: Final = np.uint64(0x0101_0101_0101_0101)  # in each byte of a word
_HIGH_EACH: Final = np.uint64(0x8080_8080_8080_8080)
_LAST_BYTE: Final = np.uint64(0xFF)
_U1, _U3, _U7, _U8 = (np.uint64(n) for n in (1, 3, 7, 8))

_SHORT_SHIFT: Final = 4  # a short word has 16 bits
_SEVERAL: Final = 255
_ONLY_BIT: Final = np.full(1 << 16, _SEVERAL, np.uint8)  # where the one set bit of a word stands
_ONLY_BIT[1 << np.arange(16)] = np.arange(16)

# Place of the n-th set bit of a byte, at 8 * byte + n - 1.
_BIT_OF_BYTE: Final = np.array(
    [([i for i in range(8) if byte >> i & 1] + [0] * 8)[:8] for byte in range(256)], np.uint64
).ravel()


def all_set(marks: Bools) -> Ints:
    """Return where all marks lie, rising; quickest where they are 16 places apart or more."""
    words = _packed(marks, 0).view("<u2")
    at = np.flatnonzero(words != 0)  # of truth values, which are looked through ten times as fast
    place = _ONLY_BIT[words[at]]
    if place.max(initial=0) == _SEVERAL:
        return np.flatnonzero(marks)
    at <<= _SHORT_SHIFT
    at += place
    return at


def nth_set(marks: Bools, starts: Ints, n: int) -> Ints:
    """Return where the n-th mark from each start lies.

    Parameters
    ----------
    marks : (m,)
        Whether a place has a mark.
    starts : (k,)
        From where to count, in [0, m].
    n : int
        Which mark, from 1 to 100.

    Returns
    -------
    places : (k,)
        `NOWHERE` where there are not so many within some hundred places.
    """
    packed = _packed(marks, (_N_STEPS + 1) * _STEP_BYTES)
    # Words that begin at any byte, so that two hold the 121 places from any start.
    words = np.ndarray(packed.size - _WORD_BYTES + 1, "<u8", packed, strides=(1,))
    at, left = starts >> 3, np.full(starts.size, n, np.uint8)
    skipped = _ALL << (starts.view(np.uint64) & _U7)
    places, is_found = _within(words, at, left, skipped)
    rows = np.flatnonzero(~is_found)
    places[rows] = NOWHERE
    at, left = at[rows], left[rows] - _n_within(words, at[rows], skipped[rows])
    for _ in range(1, _N_STEPS):
        if not rows.size:
            break
        at = at + _STEP_BYTES
        there, is_found = _within(words, at, left, _ALL)
        places[rows[is_found]] = there[is_found]
        left = left - _n_within(words, at, _ALL)
        rows, at, left = rows[~is_found], at[~is_found], left[~is_found]
    return places


def _packed(marks: Bools, n_beyond: int) -> Bytes:
    """Return marks as bits in whole words, with at least so many bytes of none behind them."""
    n_words = -(-marks.size // _WORD_BITS) + -(-n_beyond // _WORD_BYTES)
    packed = np.zeros(n_words * _WORD_BYTES, np.uint8)
    packed[: -(-marks.size // 8)] = np.packbits(marks, bitorder="little")
    return packed


def _within(words: Words, at: Ints, n: Bytes, wanted: Words | np.uint64) -> tuple[Ints, Bools]:
    """Return where the n-th bit within two words lies, and whether there are so many.

    Of the first word only some bits are wanted.
    """
    first = words[at] & wanted
    n_first = np.bitwise_count(first)
    in_first = n_first >= n
    word = np.where(in_first, first, words[at + _WORD_BYTES])
    n_left = np.where(in_first, n, n - n_first)
    place = (at + np.where(in_first, 0, _WORD_BYTES) << 3) + _nth_bit(word, n_left)
    return place, np.bitwise_count(word) >= n_left


def _n_within(words: Words, at: Ints, wanted: Words | np.uint64) -> Bytes:
    first, second = words[at] & wanted, words[at + _WORD_BYTES]
    return np.asarray(np.bitwise_count(first) + np.bitwise_count(second))


def _nth_bit(words: Words, n: Bytes) -> Ints:
    """Return where the n-th set bit of each word lies, from the lowest; of no meaning if none.

    References
    ----------
    .. [1] S. Vigna, "Broadword Implementation of Rank/Select Queries", WEA 2008, algorithm 2.
    """
    wanted = n.astype(np.uint64)
    in_bytes = np.bitwise_count(words.view(np.uint8)).view(np.uint64)
    up_to = in_bytes * _ONE_EACH  # in each byte, the bits of it and those below
    reaches = ((up_to | _HIGH_EACH) - wanted * _ONE_EACH) & _HIGH_EACH
    shift = _zeros_below(reaches) & ~_U7  # of the byte that holds it
    before = (up_to << _U8) >> shift & _LAST_BYTE
    byte = words >> shift & _LAST_BYTE
    nth = (byte << _U3) + (wanted - before - _U1 & _U7)
    return (shift + _BIT_OF_BYTE[nth]).view(np.int64)


def _zeros_below(words: Words) -> Words:
    """Return how many zeros lie below the lowest set bit."""
    return np.bitwise_count(~words & (words - _U1)).astype(np.uint64)
