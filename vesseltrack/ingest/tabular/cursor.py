"""Fields of many lines, one after the other, each read in words of eight characters.

A line is one place in an array, and an operation on such a word takes a fifth of a nanosecond: a
number is found, checked and read in less time than its characters could be copied one by one.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.ingest.nmea.arrays import WORD_BYTES, joined_digits

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

WINDOW_BYTES: Final = 128  # hold a head with all but the longest words of the archives
TIME_BYTES: Final = 19
DATE_BYTES: Final = 11  # with what stands between date and time
_ONE_EACH: Final = np.uint64(0x0101010101010101)
_HIGH_EACH: Final = np.uint64(0x8080808080808080)
_COMMAS: Final = np.uint64(0x2C2C2C2C2C2C2C2C)
_STOPS: Final = np.uint64(0x2E2E2E2E2E2E2E2E)
_ZEROS: Final = np.uint64(0x3030303030303030)
_COMMA: Final = np.uint64(ord(","))
_MINUS: Final = np.uint64(ord("-"))
_MINUS_TO_ZERO: Final = np.uint64(ord("-") ^ ord("0"))
_COMMA_TO_STOP: Final = np.uint64(0x0202020202020202)  # the one bit by which they differ
_STOP_BIT_TO_HIGH: Final = np.uint64(6)
_TO_NO_DIGIT: Final = np.uint64(0x7676767676767676)  # 10 and more reach the highest bit
_BYTE: Final = np.uint64(0xFF)
_U1, _U8, _U24, _U32, _U48, _U56, _U64 = (np.uint64(n) for n in (1, 8, 24, 32, 48, 56, 64))
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)

_MAX_WHOLE: Final = 4  # characters in front of the decimal point, its sign among them
_NONE_IN_WORD: Final = WORD_BYTES
_TEN_TO: Final = 10.0 ** np.arange(WORD_BYTES + 1)

_CLOCK: Final = np.frombuffer(b"00:00:00", "<u8")[0]
# With this added a character has its highest bit if it is above the greatest of its place.
_CLOCK_TO_HIGH: Final = 0x7F * _ONE_EACH - np.frombuffer(bytes([2, 9, 0, 5, 9, 0, 5, 9]), "<u8")[0]
_TENS_AND_ONES: Final = np.uint64(10)
_HOURS: Final = 24
_DATE_END: Final = np.uint64(0xFFFFFF)  # in the second word of a time


class Cursor:
    """Stands before a field of each line, and moves on as fields are read.

    Attributes
    ----------
    at : (n,) int64
        Where the next field of each line begins; of no meaning in a line that is not usual.
    is_usual : (n,) bool
        Whether all fields so far were of the usual form.
    """

    def __init__(self, chars: Bytes, starts: Ints) -> None:
        """Stand at the beginning of lines, at least one, which rise."""
        # Fields lie together in a copy of all heads: to look into the lines themselves for each
        # of them takes two or three times as long, as they do not stay in the cache.
        self.chars: Bytes = windows(chars, starts)
        self._words = np.ndarray((self.chars.size - WORD_BYTES + 1,), "<u8", self.chars, strides=(1,))
        self._last = self.chars.size - WORD_BYTES
        self._starts = starts
        self._begins = np.arange(starts.size) * WINDOW_BYTES
        self.at: Ints = self._begins
        self.is_usual: Bools = np.ones(starts.size, np.bool_)

    def words(self, at: Ints) -> Words:
        """Return the eight characters from each place on; others where that is beyond the end."""
        return np.asarray(self._words[np.minimum(at, self._last)])

    def cuts(self) -> tuple[Ints, Bools]:
        """Return where the comma before the next field lies, and in which lines that holds."""
        n_read = self.at - self._begins
        return self._starts + n_read - 1, self.is_usual & (n_read <= WINDOW_BYTES - WORD_BYTES)

    def numbers(self, *, is_long: bool) -> Floats:
        """Read a field: a decimal number of up to four and seven digits, NaN where it is empty.

        One that is not long has eight characters with its comma, or it is not usual.

        Notes
        -----
        Digits without their point, divided by a power of ten, are the nearest number to the
        decimal, as both are exact.
        """
        word = self.words(self.at)
        end = _first(word | _COMMA_TO_STOP, _STOPS)
        n_whole = n_before(end)
        has_point = (word << _STOP_BIT_TO_HIGH & end) != 0
        digits = word ^ _ZEROS
        least = has_point.view(np.uint8)  # digits in front of the point
        if (is_negative := (word & _BYTE) == _MINUS).any():
            digits ^= is_negative * _MINUS_TO_ZERO
            least = np.where(is_negative, np.uint8(2), least)
        shift = n_whole.astype(np.uint64) << np.uint64(3)
        whole = digits << (_U32 - shift) & _LOW_HALF
        behind = self.at + n_whole
        if is_long:
            fraction = self.words(behind + 1)
        else:
            fraction = word >> (shift + _U8)
        n_decimals = n_before(_first(fraction, _COMMAS))
        odd = has_point & ((n_decimals == 0) | (n_decimals == _NONE_IN_WORD))
        n_decimals *= has_point.view(np.uint8)
        fraction = (fraction ^ _ZEROS) << (_U64 - (n_decimals.astype(np.uint64) << np.uint64(3)))
        odd |= _are_no_digits(whole) | _are_no_digits(fraction)
        odd |= (n_whole < least) | (n_whole > _MAX_WHOLE)
        self.move(behind + n_decimals + has_point, ~odd)
        scale = _TEN_TO[n_decimals]
        numbers = joined_digits(whole << _U32) * scale
        numbers += joined_digits(fraction)
        numbers /= scale
        if is_negative.any():
            np.negative(numbers, out=numbers, where=is_negative)
        if (is_empty := n_whole == 0).any():
            numbers[is_empty] = np.nan
        return np.asarray(numbers)

    def mmsi(self) -> npt.NDArray[np.int32]:
        """Read a field: one to nine digits."""
        word = self.words(self.at)
        n_digits = n_before(_first(word, _COMMAS))
        digits = (word ^ _ZEROS) << (_U64 - (n_digits.astype(np.uint64) << np.uint64(3)))
        number = joined_digits(digits)
        # Behind eight digits a comma, or a ninth one and a comma.
        behind = self.words(self.at + WORD_BYTES)
        ninth = (behind & _BYTE ^ np.uint64(ord("0"))).view(np.int64)
        is_long = n_digits == _NONE_IN_WORD
        has_ninth = is_long & (ninth <= 9)  # noqa: PLR2004 - a digit
        number = np.where(has_ninth, number * 10 + ninth, number)
        end = np.where(has_ninth, behind >> _U8, behind) & _BYTE
        is_good = (n_digits > 0) & ~_are_no_digits(digits) & (~is_long | (end == _COMMA))
        self.move(self.at + n_digits + has_ninth, is_good)
        return number.astype(np.int32)

    def times(self) -> tuple[Ints, Ints, Bytes]:
        """Read a field: a date of ten characters, any one behind it, and hh:mm:ss.

        Returns
        -------
        second : (n,)
            Of the day.
        day : (n,)
            Which of the dates it is.
        dates : (n_days, 11)
            Their characters, and the one behind them, as they came; not all are different.
        """
        at = self.at
        first, second, third = (self.words(at + place) for place in (0, 8, 12))
        clock = ((second >> _U24 & _BYTE) | third << _U8) ^ _CLOCK
        odd = (clock + _CLOCK_TO_HIGH | clock) & _HIGH_EACH
        pairs = clock * _TENS_AND_ONES + (clock >> _U8)
        hour, minute, second_ = (pairs >> shift & _BYTE for shift in (np.uint64(0), _U24, _U48))
        is_good = (odd == 0) & (hour < _HOURS) & (third >> _U56 == _COMMA)
        seconds = (hour * np.uint64(60) + minute) * np.uint64(60) + second_
        rest = second & _DATE_END
        is_other = (first[1:] != first[:-1]) | (rest[1:] != rest[:-1])
        begins = np.append(0, np.flatnonzero(is_other) + 1)
        day = np.repeat(np.arange(begins.size), np.diff(begins, append=at.size))
        places = np.minimum(at[begins], self.chars.size - DATE_BYTES)
        self.move(at + TIME_BYTES, is_good)
        dates = self.chars[places[:, None] + np.arange(DATE_BYTES)]
        return seconds.view(np.int64), day, dates

    def move(self, ends: Ints, is_good: Bools) -> None:
        """Stand behind the comma at each end, where the field was good."""
        self.is_usual &= is_good
        self.at = ends + 1


def windows(chars: Bytes, starts: Ints) -> Bytes:
    """Return what follows each start, one after the other; zeros behind the end."""
    copied = f"V{WINDOW_BYTES}"
    n_whole = int(np.searchsorted(starts, chars.size - WINDOW_BYTES, "right"))
    if n_whole:
        every = np.ndarray((chars.size - WINDOW_BYTES + 1,), copied, chars, strides=(1,))
        found = every[starts[:n_whole]].view(np.uint8)
    rest = np.zeros((starts.size - n_whole, WINDOW_BYTES), np.uint8)
    for row, start in zip(rest, starts[n_whole:].tolist(), strict=True):
        row[: chars.size - start] = chars[start:]
    return np.concatenate([found, rest.ravel()]) if n_whole else rest.ravel()


def first_comma(words: Words) -> Words:
    """Return the highest bit of the first comma in each word, 0 if there is none."""
    return _first(words, _COMMAS)


def _first(words: Words, eight: np.uint64) -> Words:
    """Return the highest bit of the first character of a kind in each word, 0 if there is none.

    References
    ----------
    .. [1] H. S. Warren, "Hacker's Delight", 2nd ed. 2013, section 6-1 (find first 0-byte).
    """
    words = words ^ eight
    found = words - _ONE_EACH
    found &= ~words
    found &= _HIGH_EACH
    found &= np.negative(found)
    return found


def n_before(bit: Words) -> Bytes:
    """Return how many characters stand before that with a highest bit; 8 for none."""
    return np.asarray(np.bitwise_count(bit - _U1) >> np.uint8(3))


def _are_no_digits(words: Words) -> Bools:
    """Return which words of digits less "0" hold anything else."""
    return np.asarray(((words + _TO_NO_DIGIT | words) & _HIGH_EACH) != 0)
