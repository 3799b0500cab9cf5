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
_N_BEYOND: Final = 8  # windows behind the last: further on no cursor comes
TIME_BYTES: Final = 19
DATE_BYTES: Final = 11  # with what stands between date and time
_ONE_EACH: Final = np.uint64(0x0101010101010101)
_HIGH_EACH: Final = np.uint64(0x8080808080808080)
_COMMAS: Final = np.uint64(0x2C2C2C2C2C2C2C2C)
_ZEROS: Final = np.uint64(0x3030303030303030)
_DIGIT_BITS: Final = np.uint64(0x1010101010101010)  # digits have it, points and commas do not
_COMMA: Final = np.uint64(ord(","))
_POINT: Final = np.uint64(ord("."))
_MINUS: Final = np.uint64(ord("-"))
_ZERO: Final = np.uint64(ord("0"))
_MINUS_TO_ZERO: Final = np.uint64(ord("-") ^ ord("0"))
_POINT_TO_ZERO: Final = np.uint64(ord(".") ^ ord("0"))
_TO_NO_DIGIT: Final = np.uint64(0x7676767676767676)  # 10 and more reach the highest bit
_NOTHING_BUT_ZERO: Final = np.uint64(9)  # with this too, 1 and more
_SECOND_DIGIT_BIT: Final = np.uint64(0x1000)
_BYTE: Final = np.uint64(0xFF)
_BYTE_BITS: Final = 3  # 8 = 2**3
_U1, _U4, _U7, _U8, _U15, _U24, _U32, _U48, _U56 = (
    np.uint64(n) for n in (1, 4, 7, 8, 15, 24, 32, 48, 56)
)

_MAX_WHOLE: Final = 4  # digits of a long number in front of its point, the sign among them
_TEN_TO_8: Final = 10**8
_SCALE: Final = 10.0 ** np.arange(WORD_BYTES, -1, -1)  # by how many digits stand before the point

_CLOCK: Final = np.frombuffer(b"00:00:00", "<u8")[0]
# With this added a character has its highest bit if it is above the greatest of its place.
_CLOCK_TO_HIGH: Final = 0x7F * _ONE_EACH - np.frombuffer(bytes([2, 9, 0, 5, 9, 0, 5, 9]), "<u8")[0]
_TENS: Final = np.uint64(10)
_SIXTY: Final = np.uint64(60)
_HOURS: Final = 24
_DATE_END: Final = np.uint64(0xFFFFFF)  # in the second word of a time


class Cursor:
    """Stands before a field of each line, and moves on as fields are read.

    Attributes
    ----------
    chars : (n_bytes,) uint8
        The beginnings of the lines, one after the other.
    at : (n,) int64
        Where the next field of each line begins in them; of no meaning in a line that is not
        usual.
    is_usual : (n,) bool
        Whether all fields so far were of the usual form.
    """

    def __init__(self, chars: Bytes, starts: Ints) -> None:
        """Stand at the beginning of lines, at least one, in at least `WINDOW_BYTES` characters."""
        # Fields lie together in a copy of all heads: to look into the lines themselves for each
        # of them takes two or three times as long, as they do not stay in the cache.
        self.chars: Bytes = windows(chars, starts)
        self._words = np.ndarray(
            (self.chars.size - WORD_BYTES + 1,), "<u8", self.chars, strides=(1,)
        )
        self._starts = starts
        self._begins = np.arange(starts.size) * WINDOW_BYTES
        self._n_read: int | None = 0  # where it is the same in all lines
        self.at: Ints = self._begins
        self.is_usual: Bools = np.ones(starts.size, np.bool_)

    def words(self, ahead: int = 0) -> Words:
        """Return the eight characters so far ahead."""
        if self._n_read is None:
            return self.words_at(self.at + ahead)
        place = self._n_read + ahead
        column = np.ndarray(self.at.shape, "<u8", self.chars, place, (WINDOW_BYTES,))
        return column.copy()  # words in a row are gone through many times as fast

    def words_at(self, at: Ints) -> Words:
        """Return the eight characters from each place on, of some lines or all."""
        return np.asarray(self._words[at])

    def move(self, ends: Ints, is_good: Bools) -> None:
        """Stand behind the comma at each end; lines where the field was not good are not usual."""
        self.is_usual &= is_good
        self.at = ends + 1
        self._n_read = None

    def cuts(self) -> tuple[Ints, Bools]:
        """Return where the comma before the next field lies, and in which lines that holds."""
        n_read = self.at - self._begins
        return self._starts + n_read - 1, self.is_usual & (n_read <= WINDOW_BYTES)

    def short_numbers(self) -> Floats:
        """Read a field: a decimal number of up to seven characters, NaN where it is empty.

        Notes
        -----
        Digits without their point, divided by a power of ten, are the nearest number to the
        decimal, as both are exact.
        """
        word = self.words()
        comma = first_comma(word)
        field = (comma >> _U7) - _U1
        is_good = comma != 0
        is_negative = _without_sign(word, is_good)
        point = ~word
        point &= _DIGIT_BITS
        point &= field
        point &= np.negative(point)
        point >>= _U4
        whole = point - _U1
        is_good &= whole != 0
        is_good &= point << _U15 != comma
        word ^= _ZEROS
        word &= field
        word ^= point * _POINT_TO_ZERO
        point *= _NOTHING_BUT_ZERO
        point += _TO_NO_DIGIT
        is_good &= _are_below(word, point)
        fraction = word >> _U8
        fraction ^= word
        fraction &= ~whole
        word ^= fraction
        numbers = joined_digits(word).astype(np.float64)
        whole &= field
        numbers /= _SCALE[_n_bytes(whole)]
        self.move(self.at + _n_bytes(field), is_good)
        return _completed(numbers, is_negative, field == 0)

    def long_numbers(self) -> Floats:
        """Read a field: a decimal of up to four and seven digits, NaN where it is empty."""
        word = self.words()
        is_good = np.ones(word.size, np.bool_)
        is_negative = _without_sign(word, is_good)
        end = ~word
        end &= _DIGIT_BITS
        end &= np.negative(end)
        end >>= _U4
        end -= _U1  # of the digits in front of the point
        n_whole = _n_bytes(end)
        shift = n_whole.astype(np.uint64) << np.uint64(_BYTE_BITS)
        mark = word >> shift
        mark &= _BYTE
        has_point = mark == _POINT
        is_good &= has_point | (mark == _COMMA)
        is_good &= (n_whole <= _MAX_WHOLE) & (n_whole >= has_point)
        word ^= _ZEROS
        word &= end
        is_good &= _are_below(word, _TO_NO_DIGIT)
        word <<= _U32 - shift
        numbers = joined_digits(word << _U32)
        numbers *= _TEN_TO_8
        ends = self.at + n_whole
        fraction = self.words_at(ends + 1)
        comma = first_comma(fraction)
        field = (comma >> _U7) - _U1
        is_good &= ~has_point | ((comma != 0) & (field != 0))
        field *= has_point
        fraction ^= _ZEROS
        fraction &= field
        is_good &= _are_below(fraction, _TO_NO_DIGIT)
        numbers += joined_digits(fraction)
        ends += _n_bytes(field)
        ends += has_point
        self.move(ends, is_good)
        return _completed(numbers / _TEN_TO_8, is_negative, n_whole == 0)

    def mmsi(self) -> npt.NDArray[np.int32]:
        """Read a field: one to nine digits."""
        word = self.words()
        comma = first_comma(word)
        is_long = comma == 0
        field = (comma >> _U7) - _U1
        n_digits = _n_bytes(field)
        digits = word ^ _ZEROS
        digits &= field
        is_good = (n_digits > 0) & _are_below(digits, _TO_NO_DIGIT)
        digits <<= np.uint64(64) - (n_digits.astype(np.uint64) << np.uint64(_BYTE_BITS))
        numbers = joined_digits(digits)
        # Behind eight digits a comma, or a ninth one and a comma.
        behind = self.words(WORD_BYTES)
        ninth = (behind & _BYTE) ^ _ZERO
        has_ninth = is_long & (ninth <= 9)  # noqa: PLR2004 - a digit
        numbers = np.where(has_ninth, numbers * 10 + ninth.view(np.int64), numbers)
        end = np.where(has_ninth, behind >> _U8, behind) & _BYTE
        self.move(self.at + n_digits + has_ninth, is_good & (~is_long | (end == _COMMA)))
        return numbers.astype(np.int32)

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
        first, second, third = (self.words(place) for place in (0, 8, 12))
        is_good = third >> _U56 == _COMMA
        clock = second >> _U24
        clock &= _BYTE
        clock |= third << _U8
        clock ^= _CLOCK
        is_good &= _are_below(clock, _CLOCK_TO_HIGH)
        pairs = clock * _TENS
        pairs += clock >> _U8
        seconds = pairs & _BYTE
        is_good &= seconds < _HOURS
        for shift in (_U24, _U48):
            seconds *= _SIXTY
            seconds += (pairs >> shift) & _BYTE
        second &= _DATE_END
        is_other = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
        begins = np.append(0, np.flatnonzero(is_other) + 1)
        day = np.repeat(np.arange(begins.size), np.diff(begins, append=first.size))
        dates = self.chars[self.at[begins][:, None] + np.arange(DATE_BYTES)]
        n_read = self._n_read
        self.move(self.at + TIME_BYTES, is_good)
        if n_read is not None:
            self._n_read = n_read + TIME_BYTES + 1
        return seconds.view(np.int64), day, dates


def windows(chars: Bytes, starts: Ints) -> Bytes:
    """Return what follows each start, one after the other; zeros behind the end."""
    copied = f"V{WINDOW_BYTES}"
    every = np.ndarray((chars.size - WINDOW_BYTES + 1,), copied, chars, strides=(1,))
    last = chars.size - WINDOW_BYTES
    found = every[np.append(np.minimum(starts, last), np.zeros(_N_BEYOND, np.int64))]
    rows = found.view(np.uint8).reshape(-1, WINDOW_BYTES)
    for row in np.flatnonzero(starts > last).tolist():
        rest = chars[starts[row] :]
        rows[row, : rest.size], rows[row, rest.size :] = rest, 0
    return np.asarray(rows.ravel())


def first_comma(words: Words) -> Words:
    """Return the highest bit of the first comma in each word, 0 if there is none.

    References
    ----------
    .. [1] H. S. Warren, "Hacker's Delight", 2nd ed. 2013, section 6-1 (find first 0-byte).
    """
    words = words ^ _COMMAS
    found = words - _ONE_EACH
    np.invert(words, out=words)
    found &= words
    found &= _HIGH_EACH
    np.negative(found, out=words)
    found &= words
    return found


def n_before(bit: Words) -> Bytes:
    """Return how many characters stand before that with a highest bit; 8 for none."""
    return np.asarray(np.bitwise_count(bit - _U1) >> np.uint8(_BYTE_BITS))


def _n_bytes(masks: Words) -> Bytes:
    return np.asarray(np.bitwise_count(masks) >> np.uint8(_BYTE_BITS))


def _are_below(words: Words, to_high: Words | np.uint64) -> Bools:
    """Return in which words no character reaches its highest bit with what is added."""
    reached = words + to_high
    reached |= words
    reached &= _HIGH_EACH
    return np.asarray(reached == 0)


def _without_sign(words: Words, is_good: Bools) -> Bools | None:
    """Put 0 in place of a sign, and return which words had one; None if none had.

    What has no digit behind its sign is not good.
    """
    is_negative = words & _BYTE == _MINUS
    if not is_negative.any():
        return None
    words ^= is_negative * _MINUS_TO_ZERO
    is_good &= ~is_negative | ((words & _SECOND_DIGIT_BIT) != 0)
    return np.asarray(is_negative)


def _completed(numbers: Floats, is_negative: Bools | None, is_empty: Bools) -> Floats:
    """Give numbers their sign, and make those of empty fields NaN."""
    if is_negative is not None:
        np.negative(numbers, out=numbers, where=is_negative)
    if is_empty.any():
        numbers[is_empty] = np.nan
    return numbers
