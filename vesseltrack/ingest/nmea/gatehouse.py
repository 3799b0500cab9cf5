"""The time lines of GateHouse, `$PGHP`, of many lines at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import (
    UNKNOWN,
    Bools,
    Bytes,
    Ints,
    any_of,
    digit,
    inside,
    is_checked,
    rows,
)
from vesseltrack.ingest.nmea.block import Lines
from vesseltrack.ingest.nmea.calendar import utc_us_of

_NAME: Final = np.frombuffer(b"$PGHP,", np.uint8)
_WIDTH: Final = 96
_N_NUMBERS: Final = 8  # a first one of no meaning, then year to millisecond
_MAX_DIGITS: Final = 4
_COMMA, _STAR = b",*"
_ALLOWED: Final = np.zeros(256, np.bool_)
_ALLOWED[33:127] = True
_ALLOWED[[*b"!$*"]] = False  # what begins or ends a sentence


@dataclass(frozen=True)
class TimeLines:
    """Indices of lines of times, and the times they tell [us], (n,) each."""

    line: Ints
    time_us: Ints

    def and_also(self, others: "TimeLines") -> "TimeLines":
        """Return these and other lines."""
        return TimeLines(
            np.concatenate([self.line, others.line]),
            np.concatenate([self.time_us, others.time_us]),
        )


def time_lines(lines: Lines, max_line_bytes: int) -> TimeLines:
    """Return the lines of times of a block; unusual ones are left out."""
    raw, start = lines.raw, lines.start
    which = np.flatnonzero(lines.mark == _NAME[0])
    if not which.size:
        return TimeLines(which, which)
    which = which[(rows(raw, start[which], len(_NAME)) == _NAME).all(axis=1)]
    which = which[lines.end[which] - start[which] <= max_line_bytes]
    time_us = _times_us(raw, start[which], lines.end[which])
    known = time_us != UNKNOWN
    return TimeLines(which[known], time_us[known])


def _times_us(raw: Bytes, start: Ints, end: Ints) -> Ints:
    """Return the times of lines that begin with `$PGHP,` [us]; UNKNOWN for any unusual line.

    Parameters
    ----------
    raw : (n_bytes,)
        The block.
    start, end : (n,)
        Where the lines begin and end, in ascending order.
    """
    times_us = np.full(start.size, UNKNOWN)
    star = end - 3
    fits = (end - start < _WIDTH) & (raw[star] == _STAR) & (star > start)
    which = np.flatnonzero(fits)
    which = which[is_checked(raw, start[which] + 1, star[which])]
    window = rows(raw, start[which] + 1, _WIDTH)
    within = inside((star - start)[which] - 1, _WIDTH)
    usual = ~any_of(~_ALLOWED[window] & within)
    commas = (window == _COMMA) & within
    n_commas = commas.sum(axis=1)
    usual &= n_commas > _N_NUMBERS
    which, commas, n_commas = which[usual], commas[usual], n_commas[usual]
    if not which.size:
        return times_us
    _, places = np.nonzero(commas)
    first = np.cumsum(n_commas) - n_commas
    at = start[which, None] + 1 + places[first[:, None] + np.arange(_N_NUMBERS + 1)]
    values, is_number = _numbers(raw, at[:, 1:-1] + 1, at[:, 2:])
    millisecond = values[-1]
    is_number &= millisecond < 1000  # noqa: PLR2004 - of a second
    is_number &= at[:, 1] <= at[:, 0] + 2  # the first has a digit at most
    # That digit is one: below ten.
    is_number &= (at[:, 1] == at[:, 0] + 1) | (digit(raw[at[:, 0] + 1]) < 10)  # noqa: PLR2004
    whole_us = utc_us_of(*values[:3], *values[3:6])
    is_number &= whole_us != UNKNOWN
    times_us[which] = np.where(is_number, whole_us + millisecond * 1000, UNKNOWN)
    return times_us


def _numbers(raw: Bytes, first: Ints, end: Ints) -> tuple[list[Ints], Bools]:
    """Return the numbers between places, column by column, and which rows have them all."""
    good = np.ones(first.shape[0], np.bool_)
    values = []
    for begin, behind in zip(first.T, end.T, strict=True):
        n_digits = behind - begin
        good &= (n_digits >= 1) & (n_digits <= _MAX_DIGITS)
        total = np.zeros(begin.size, np.int64)
        for place in range(_MAX_DIGITS):
            value = digit(raw[begin + place])
            here = place < n_digits
            good &= ~here | (value < 10)  # noqa: PLR2004 - digits
            total = np.where(here, total * 10 + value, total)
        values.append(total)
    return values, good
