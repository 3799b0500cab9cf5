"""Static reports of a block: gathered kind by kind, then one table of all in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.arrow import as_array
from vesseltrack.ingest.nmea.arrays import UNKNOWN, Bools, Bytes, Floats, Ints, set_rows
from vesseltrack.ingest.nmea.calendar import utc_us_of
from vesseltrack.ingest.nmea.texts import Texts, width_of
from vesseltrack.schema import STATICS, TIMESTAMP

TEXTS: Final = {"name": 20, "callsign": 7, "destination": 20}  # characters
EXTENTS: Final = ("to_bow", "to_stern", "to_port", "to_starboard")
ETA: Final = ("month", "day", "hour", "minute")
NUMBERS: Final = ("imo", "ship_type", *EXTENTS, *ETA, "draught_tenths", "mothership_mmsi")
UNSAID: Final = -1  # stands for a number that a report does not have
_NO_HOUR: Final = 24
_NO_MINUTE: Final = 60
_EPOCH_YEAR: Final = 1970
_TYPES: Final = {column.name: column.type for column in STATICS.columns}

Numbers = npt.NDArray[Any]  # integers


@dataclass(frozen=True)
class StaticReports:
    """Static reports of one kind, (n,) each.

    Attributes
    ----------
    row : int64
        Which messages of the block they are.
    texts : mapping
        By names of `TEXTS`, codes of characters.
    numbers : mapping
        By names of `NUMBERS`, as transmitted; `UNSAID` for none.
    """

    row: Ints
    texts: Mapping[str, Bytes]
    numbers: Mapping[str, Numbers]


@dataclass(frozen=True)
class Stamped:
    """What all messages of a block have, (n,) each, by which static reports are told apart.

    Attributes
    ----------
    time_us : int64
        Time [us], UNKNOWN for none that is trusted.
    mmsi, type, number : int
        As transmitted, and the number of the line.
    """

    time_us: Ints
    mmsi: Ints
    type: Ints
    number: Ints

    def __getitem__(self, which: Ints) -> "Stamped":
        """Return some of the messages."""
        return Stamped(*(values[which] for values in vars(self).values()))


def static_table(kinds: Sequence[StaticReports], stamped: Stamped, source_id: int) -> pa.Table:
    """Return static reports as a table of `STATICS`; those that say nothing are left out."""
    if not kinds:
        return STATICS.empty()
    row = np.concatenate([kind.row for kind in kinds])
    order = np.argsort(row)
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    texts = {name: Texts.of(codes) for name, codes in _codes(kinds, place).items()}
    numbers = dict(zip(NUMBERS, _numbers(kinds, place), strict=True))
    stamped = stamped[row[order]]
    eta_us = _eta_us([numbers[name] for name in ETA], stamped.time_us)
    values = _said(numbers)
    tells = eta_us != UNKNOWN
    for _, is_said in values.values():
        tells |= is_said
    for text in texts.values():
        tells |= text.are_said
    if not tells.all():
        which = np.flatnonzero(tells)
        texts = {name: text[which] for name, text in texts.items()}
        values = {name: (said[which], known[which]) for name, (said, known) in values.items()}
        stamped, eta_us = stamped[which], eta_us[which]
    return STATICS.of(
        {
            **{name: _as_column(name, *said) for name, said in values.items()},
            **{name: text.array() for name, text in texts.items()},
            "eta": _times(eta_us),
            "timestamp": _times(stamped.time_us),
            "mmsi": as_array(stamped.mmsi.astype(np.int32), pa.int32()),
            "msg_type": as_array(stamped.type.astype(np.int8), pa.int8()),
            "line": as_array(stamped.number.astype(np.int32), pa.int32()),
            "source_id": as_array(np.full(eta_us.size, source_id, np.int64), pa.int64()),
        }
    )


def _codes(kinds: Sequence[StaticReports], place: Ints) -> dict[str, Bytes]:
    """Return the codes of all texts, those of each kind at their places."""
    codes = {
        name: np.zeros((place.size, width_of(n_characters)), np.uint8)
        for name, n_characters in TEXTS.items()
    }
    end = 0
    for kind in kinds:
        begin, end = end, end + kind.row.size
        for name, said in kind.texts.items():
            set_rows(codes[name], place[begin:end], said)
    return codes


def _numbers(kinds: Sequence[StaticReports], place: Ints) -> npt.NDArray[np.int32]:
    """Return the columns of `NUMBERS` of all reports, those of each kind at their places."""
    columns = np.full((len(NUMBERS), place.size), UNSAID, np.int32)
    end = 0
    for kind in kinds:
        begin, end = end, end + kind.row.size
        for name, said in kind.numbers.items():
            columns[NUMBERS.index(name), place[begin:end]] = said
    return columns


def _said(numbers: Mapping[str, Numbers]) -> dict[str, tuple[Numbers | Floats, Bools]]:
    """Return the columns of numbers, and where each is said: a zero says nothing."""
    names = ("imo", "ship_type", "mothership_mmsi")
    return {
        **{name: (numbers[name], numbers[name] > 0) for name in names},
        "draught_m": (numbers["draught_tenths"] / 10, numbers["draught_tenths"] > 0),
        **_extents(*(numbers[name] for name in EXTENTS)),
    }


def _extents(
    to_bow: Numbers, to_stern: Numbers, to_port: Numbers, to_starboard: Numbers
) -> dict[str, tuple[Numbers, Bools]]:
    """Return the extents of the hull around its antenna [m], and its size.

    All zero says nothing; zero to bow and port alone gives the size but not the antenna's place.
    """
    given = (to_bow, to_stern, to_port, to_starboard)
    bow, stern, port, starboard = (np.maximum(extent, 0) for extent in given)
    length_m, beam_m = bow + stern, port + starboard
    has_place = ((bow > 0) | (port > 0)) & (length_m > 0) & (beam_m > 0)
    return {
        **{
            f"{name}_m": (extent, has_place & (extent != UNSAID))
            for name, extent in zip(EXTENTS, given, strict=True)
        },
        "length_m": (length_m, length_m > 0),
        "beam_m": (beam_m, beam_m > 0),
    }


def _eta_us(eta: Sequence[Numbers], t_us: Ints) -> Ints:
    """Return the time of arrival [us] in the year that brings it nearest to the report.

    Hours and minutes that are not available count as 0; without a date or a report time, UNKNOWN.
    """
    month, day, hour, minute = eta
    says = (month > 0) & (day > 0) & (hour != UNSAID) & (minute != UNSAID)
    which = np.flatnonzero(says & (t_us != UNKNOWN))
    month, day, hour, minute = (part[which].astype(np.int64) for part in eta)
    hour = np.where(hour >= _NO_HOUR, 0, hour)
    minute = np.where(minute >= _NO_MINUTE, 0, minute)
    now_us = t_us[which]
    year = now_us.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + _EPOCH_YEAR
    best = np.full(which.size, UNKNOWN)
    for candidate in (year - 1, year, year + 1):
        us = utc_us_of(candidate, month, day, hour, minute)
        is_better = (us != UNKNOWN) & _is_nearer(us, best, now_us)
        best = np.where(is_better, us, best)
    eta_us = np.full(t_us.size, UNKNOWN)
    eta_us[which] = best
    return eta_us


def _is_nearer(us: Ints, best: Ints, now_us: Ints) -> Bools:
    # An unknown best lies farther away than any year, and must not overflow the difference.
    known = np.where(best == UNKNOWN, now_us, best)
    return np.asarray((best == UNKNOWN) | (np.abs(us - now_us) < np.abs(known - now_us)))


def _as_column(name: str, values: Numbers | Floats, is_said: Bools) -> pa.Array:
    """Return a column of `STATICS`."""
    type_ = _TYPES[name]
    return as_array(values.astype(type_.to_pandas_dtype()), type_, is_said)


def _times(t_us: Ints) -> pa.Array:
    return as_array(t_us, TIMESTAMP, t_us != UNKNOWN)
