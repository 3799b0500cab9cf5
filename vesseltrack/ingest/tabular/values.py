"""Columns of text to numbers, times and codes; what is none is told apart from what is unknown."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.ingest.arrow import as_texts
from vesseltrack.units import US_PER_DAY, US_PER_S

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

UNKNOWN: Final = as_texts(["", "Unknown", "Undefined", "NaN", "nan", "NULL", "null", "None"])
_TIME_CHARS: Final = 19
_MONTH_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def known(column: pa.Array) -> pa.Array:
    """Return a text column with null for what says "unknown"."""
    return pc.if_else(pc.is_in(column, value_set=UNKNOWN), pa.scalar(None, pa.string()), column)


def floats(column: pa.Array) -> tuple[Floats, Bools]:
    """Return numbers, NaN where unknown, and whether each field is a number or unknown.

    Arrow's own reading is the definition: no digit groups, no other script's digits.
    """
    text = pc.utf8_trim_whitespace(known(column))
    is_good = _castable(text)
    if not is_good.all():
        text = pc.if_else(pa.array(is_good), text, pa.scalar(None, pa.string()))
    numbers = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(numbers), numbers, np.nan), is_good


def _castable(text: pa.Array) -> Bools:
    """Return which values Arrow reads as a number, by halving: bad ones are rare."""
    try:
        text.cast(pa.float64())
    except pa.ArrowInvalid:
        if len(text) == 1:
            return np.zeros(1, np.bool_)
        half = len(text) // 2
        return np.concatenate([_castable(text[:half]), _castable(text[half:])])
    return np.ones(len(text), np.bool_)


def mmsi(column: pa.Array) -> tuple[npt.NDArray[np.int32], Bools]:
    """Return MMSI, and whether each field is one: one to nine digits."""
    is_good = pc.match_substring_regex(column, r"^[0-9]{1,9}$").to_numpy(zero_copy_only=False)
    if not is_good.all():
        column = pc.if_else(pa.array(is_good), column, "0")
    return column.cast(pa.int32()).to_numpy(), is_good


def codes(column: pa.Array, code_of: Mapping[str, int] | Callable[[str], int | None]) -> Floats:
    """Return codes for words, NaN for words that have none; looked up once a distinct word."""
    find = code_of.get if isinstance(code_of, Mapping) else code_of
    words = column.dictionary_encode()
    found = [find(word.strip().lower()) for word in words.dictionary.to_pylist()]
    table = np.array([np.nan if code is None else code for code in found], np.float64)
    return np.asarray(table[words.indices.to_numpy()])


def times(column: pa.Array, *, layout: str) -> tuple[Ints, Bools]:
    """Return times [us since 1970, UTC], and whether each field is one; 0 where it is none.

    Parameters
    ----------
    column : pyarrow.Array
        Text of 19 characters each.
    layout : str
        Where the digits stand: "Y" year, "M" month, "D" day, "h", "m", "s"; "." stands for any
        character but a digit, everything else for itself.
    """
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    offsets = offsets[column.offset : column.offset + len(column) + 1].astype(np.int64)
    if len(column) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    is_good = np.diff(offsets) == _TIME_CHARS
    chars = np.frombuffer(column.buffers()[2] or b"", np.uint8)
    rows = np.flatnonzero(is_good)
    grid = chars[offsets[rows][:, None] + np.arange(_TIME_CHARS)]
    digits = grid - np.uint8(ord("0"))  # other characters wrap to 10 and more
    parts = {part: np.zeros(rows.size, np.int64) for part in "YMDhms"}
    whole = np.ones(rows.size, np.bool_)
    for place, part in enumerate(layout):
        if part in parts:
            whole &= digits[:, place] <= 9  # noqa: PLR2004 - a digit
            parts[part] = parts[part] * 10 + digits[:, place]
        elif part == ".":
            whole &= digits[:, place] > 9  # noqa: PLR2004 - no digit
        else:
            whole &= grid[:, place] == ord(part)
    t_us = np.zeros(len(column), np.int64)
    whole &= _is_instant(parts)
    is_good[rows] = whole
    t_us[rows[whole]] = _us({part: values[whole] for part, values in parts.items()})
    return t_us, is_good


def _is_instant(parts: dict[str, Ints]) -> Bools:
    year, month, day = parts["Y"], parts["M"], parts["D"]
    is_month = (month >= 1) & (month <= 12)  # noqa: PLR2004 - months
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    # February, the second month, is the one that leap years change.
    days = _MONTH_DAYS[np.where(is_month, month, 0)] + ((month == 2) & is_leap)  # noqa: PLR2004
    is_date: Bools = is_month & (day >= 1) & (day <= days) & (year >= 1)
    is_date &= (parts["h"] < 24) & (parts["m"] < 60) & (parts["s"] < 60)  # noqa: PLR2004 - a day
    return is_date


def _us(parts: dict[str, Ints]) -> Ints:
    """Return proper dates and times in microseconds, by counting days from March on.

    References
    ----------
    .. [1] H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013, days_from_civil.
    """
    year = parts["Y"] - (parts["M"] <= 2)  # noqa: PLR2004 - January and February end a year
    era, year_of_era = year // 400, year % 400
    day_of_year = (153 * ((parts["M"] + 9) % 12) + 2) // 5 + parts["D"] - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    days = era * 146_097 + day_of_era - 719_468
    seconds = parts["h"] * 3600 + parts["m"] * 60 + parts["s"]
    return np.asarray(days * US_PER_DAY + seconds * US_PER_S)
