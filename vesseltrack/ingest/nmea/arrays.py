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
        Places in ascending order; each asterisk behind its first byte and before the next.

    Returns
    -------
    is_right, is_written : (n,)
        Whether they have it, and whether two hexadecimal digits are there at all.
    """
    if not first.size:
        return np.zeros(0, np.bool_), np.zeros(0, np.bool_)
    bounds = np.stack([first, star], axis=1).ravel()
    found = np.bitwise_xor.reduceat(raw, bounds)[::2]
    high, low = _HEX[raw[star + 1]], _HEX[raw[star + 2]]
    is_written = (high != _NO_DIGIT) & (low != _NO_DIGIT)
    return (found == (high << np.uint8(4)) + low) & is_written, is_written


def digit(raw: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return ASCII digits as numbers; what is none becomes 10 or more."""
    return raw - np.uint8(_ZERO)


def number(digits: Bytes) -> tuple[Ints, Bools]:
    """Return rows of ASCII digits as numbers, and whether each row has nothing else."""
    values = digit(digits)
    total = np.zeros(values.shape[0], np.int64)
    for column in range(values.shape[1]):
        total = total * 10 + values[:, column]
    return total, np.asarray((values < 10).all(axis=1))  # noqa: PLR2004 - digits


def first_known(*times_us: Ints) -> Ints:
    """Return for each row the first time that is known [us]."""
    result = times_us[0]
    for other in times_us[1:]:
        result = np.where(result == UNKNOWN, other, result)
    return result
