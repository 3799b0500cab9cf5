"""Bytes of a block of lines as arrays: many places of it read at once."""

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

UNKNOWN: Final = np.iinfo(np.int64).min  # a time that is not known, in arrays of times [us]
PADDING: Final = b"\n" + bytes(511)  # a row may reach behind the last line
PADDING_BEFORE: Final = bytes(40)  # and what stands before a place, before the first one

WORD_BYTES: Final = 8
_CHECKED_WIDTHS: Final = (32, 80, 128)  # second, first and the longest sentences of two
# Numbers are read as two words of eight digits, whose neighbours are joined three times.
_NUMBER_BYTES: Final = 16
_HALF_NUMBER: Final = 10**8
_ZEROS: Final = np.uint64(0x3030303030303030)
_TO_NO_DIGIT: Final = np.uint64(0x7676767676767676)
_HIGH_BITS: Final = np.uint64(0x8080808080808080)
_DIGIT_JOINTS: Final = (
    (np.uint64(10 << 8 | 1), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(100 << 16 | 1), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(10_000 << 32 | 1), np.uint64(32), np.uint64(0x00000000FFFFFFFF)),
)
_ZERO: Final = ord("0")
_NO_DIGIT: Final = 255
_HEX: Final = np.full(256, _NO_DIGIT, np.uint8)
_HEX[np.frombuffer(b"0123456789ABCDEF", np.uint8)] = np.arange(16)
_HEX[np.frombuffer(b"abcdef", np.uint8)] = np.arange(10, 16)


def rows(raw: Bytes, first: Ints, width: int) -> Bytes:
    """Return so many bytes from each place on, shape (n, width).

    One copy a row; an index matrix of the same shape takes ten times as long.
    """
    windows = np.ndarray((raw.size - width + 1,), f"V{width}", raw.data, strides=(1,))
    return windows[first].view(np.uint8).reshape(first.size, width)


def planes(raw: Bytes, first: Ints, n_words: int) -> Words:
    """Return so many words from each place on, shape (n_words, n)."""
    return np.ascontiguousarray(rows(raw, first, n_words * WORD_BYTES).view("<u8").T)


def inside(n: Ints, width: int) -> Bools:
    """Return rows of a width that are True for their first `n` places."""
    return _first_places(width)[np.minimum(n, width)].view(np.bool_).reshape(n.size, width)


@cache  # widths are few, and to copy a row is quicker than to compare its places
def _first_places(width: int) -> npt.NDArray[np.void]:
    table = np.arange(width) < np.arange(width + 1)[:, None]
    return np.asarray(table.view(f"V{width}")[:, 0])


def any_of(rows_: Bools) -> Bools:
    """Return whether any place of a row is True; the width must be a multiple of 8."""
    # A reduction over so few places takes longer than to join them.
    words = rows_.view(np.uint64)
    joined = words[:, 0].copy()
    for column in range(1, words.shape[1]):
        joined |= words[:, column]
    return np.asarray(joined != 0)


def taken(words: Words, which: Ints) -> Words:
    """Return some columns; `words[:, which]` takes five times as long."""
    return np.take(words, which, axis=1)


def set_columns(words: Words, which: Ints, values: Words) -> None:
    """Set some columns; `words[:, which] = values` takes twice as long."""
    for row, value in zip(words, values, strict=True):
        row[which] = value


def set_rows(table: Bytes, which: Ints, values: Bytes) -> None:
    """Set some rows of contiguous tables of one width, each row at once."""
    row = f"V{table.shape[1]}"
    table.view(row)[:, 0][which] = values.view(row)[:, 0]


def is_checked(raw: Bytes, first: Ints, star: Ints) -> Bools:
    """Return whether the bytes from `first` to the asterisk have the checksum behind it."""
    return checks(raw, first, star)[0]


def checks(raw: Bytes, first: Ints, star: Ints) -> tuple[Bools, Bools]:
    """Compare the bytes from `first` to the asterisk with the checksum behind it.

    Parameters
    ----------
    raw : (n_bytes,)
        The block.
    first, star : (n,)
        Places, 128 bytes apart at most.

    Returns
    -------
    is_right, is_written : (n,)
        Whether they have it, and whether two hexadecimal digits are there at all.
    """
    n_bytes = star - first
    found = np.zeros(first.size, np.uint8)
    least = -1
    for width in _CHECKED_WIDTHS:
        which = np.flatnonzero((n_bytes > least) & (n_bytes <= width))
        least = width
        if which.size:
            found[which] = _exclusive_or(raw, first[which], n_bytes[which], width)
    high, low = _HEX[raw[star + 1]], _HEX[raw[star + 2]]
    is_written = (high != _NO_DIGIT) & (low != _NO_DIGIT)
    return (found == (high << np.uint8(4)) + low) & is_written, is_written


def _exclusive_or(raw: Bytes, first: Ints, n_bytes: Ints, width: int) -> Bytes:
    """Return the exclusive or of some bytes each, folded from words of eight."""
    words = rows(raw, first, width).view(np.uint64)
    words &= _byte_masks(width)[n_bytes].view(np.uint64).reshape(words.shape)
    joined = words[:, 0].copy()
    for column in range(1, words.shape[1]):
        joined ^= words[:, column]
    return folded(joined)


def folded(words: Words) -> Bytes:
    """Return the exclusive or of the eight bytes of each word, which are changed."""
    for width_bits in (32, 16, 8):
        words ^= words >> np.uint64(width_bits)
    return words.astype(np.uint8)


@cache
def _byte_masks(width: int) -> npt.NDArray[np.void]:
    """Return masks of the first bytes of so many, a row for each number of them from 0 on."""
    table = np.where(np.arange(width) < np.arange(width + 1)[:, None], 255, 0).astype(np.uint8)
    return np.asarray(table.view(f"V{width}")[:, 0])


def digit(raw: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return ASCII digits as numbers; what is none becomes 10 or more."""
    return raw - np.uint8(_ZERO)


def numbers_at(raw: Bytes, end: Ints, n_digits: int) -> tuple[Ints, Bools]:
    """Return numbers of up to 16 ASCII digits that end before places, and which are numbers."""
    words = rows(raw, end - _NUMBER_BYTES, _NUMBER_BYTES).view("<u8")
    words ^= _ZEROS
    words &= _leading(n_digits)
    # 10 and more reach the highest bit of a byte, with what is added or by themselves.
    odd = words | (words + _TO_NO_DIGIT)
    is_number = ((odd[:, 0] | odd[:, 1]) & _HIGH_BITS) == 0
    halves = joined_digits(words)
    return halves[:, 0] * _HALF_NUMBER + halves[:, 1], is_number


def joined_digits(words: Words) -> Ints:
    """Return words of eight digits 0 to 9, the first in the lowest byte, as numbers."""
    for factor, width_bits, mask in _DIGIT_JOINTS:
        # Each part is multiplied and added to the one above it, then all stand one lower.
        words = words * factor
        words >>= width_bits
        words &= mask
    return words.view(np.int64)


@cache
def _leading(n_digits: int) -> Words:
    """Return masks of the last digits of a number in two words."""
    place = np.arange(_NUMBER_BYTES)
    return np.where(place >= _NUMBER_BYTES - n_digits, 255, 0).astype(np.uint8).view("<u8")


def first_known(*times_us: Ints) -> Ints:
    """Return for each row the first time that is known [us]."""
    result = times_us[0]
    for other in times_us[1:]:
        known = other != UNKNOWN
        if known.any():
            result = np.where((result == UNKNOWN) & known, other, result)
    return result


def carried(values: Ints, is_known: Bools, before: int) -> Ints:
    """Return values with the last known one before in place of those that are not."""
    at = np.flatnonzero(is_known)
    if at.size == values.size:
        return values
    repeats = np.diff(at, prepend=0, append=values.size)
    return np.repeat(np.concatenate([[before], values[at]]), repeats)
