"""Where the time of a line may come from, and the clock for lines that have none."""

import datetime as dt
import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.ingest.nmea.arrays import UNKNOWN, Ints, carried
from vesseltrack.ingest.span import Span, has_day
from vesseltrack.schema import Quality
from vesseltrack.units import US_PER_S

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
# Seconds, milliseconds or microseconds since 1970 are told apart by their size: the first range
# begins in 1973 and each ends in the year 5138.
_MIN_EPOCH: Final = 100_000_000
_MAX_EPOCH_S: Final = 100_000_000_000
_EPOCH_UNITS: Final = ((1, US_PER_S), (1000, 1000), (US_PER_S, 1))
_DIGITS: Final = re.compile(rb"\d{9,17}")
_GATEHOUSE: Final = re.compile(rb"\$PGHP,\d*,(\d+),(\d+),(\d+),(\d+),(\d+),(\d+),(\d+),[^*]*")

# Without a time of the line: by whether a base station has told one.
_OF_BASE: Final = np.array([int(Quality.TIME_FROM_BASE_STATION), int(Quality.NO_TIME)], np.int32)
_HALF_MINUTE_S: Final = 30
_MINUTE_S: Final = 60


def epoch_us(digits: bytes) -> int | None:
    """Return a count of seconds, milliseconds or microseconds since 1970 in microseconds.

    None for what is no such count, or one before 1973.
    """
    if not _DIGITS.fullmatch(digits):
        return None
    count = int(digits)
    for per_s, us in _EPOCH_UNITS:
        if _MIN_EPOCH <= count < _MAX_EPOCH_S * per_s:
            return count * us
    return None


def gatehouse_us(line: bytes) -> int | None:
    """Return the time of a `$PGHP` sentence (GateHouse) in microseconds; None if it has none."""
    match = _GATEHOUSE.match(line)
    if match is None:
        return None
    *parts, millisecond = map(int, match.groups())
    whole_us = utc_us(*parts)
    is_fraction = millisecond < 1000  # noqa: PLR2004 - milliseconds of a second
    return whole_us + millisecond * 1000 if whole_us is not None and is_fraction else None


def utc_us(*parts: int) -> int | None:
    """Return year, month, day, hour, ... of UTC in microseconds since 1970; None if there is none.

    Parameters
    ----------
    *parts : int
        As far as they are known, at least down to the day.
    """
    try:
        instant = dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type,misc]  # few enough
    except (ValueError, OverflowError):
        return None
    return (instant - _EPOCH) // _MICROSECOND


def trailing_us(behind: bytes) -> int | None:
    """Return the time that some receivers write behind the checksum, between other fields [us]."""
    if not behind.startswith(b","):
        return None
    return next(filter(None, map(epoch_us, behind.split(b","))), None)


def with_arrivals(time_us: Ints, arrived_us: Ints) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Return times [us] with that of arrival for each UNKNOWN, and the flag that says so."""
    without = time_us == UNKNOWN
    flags = np.where(without, int(Quality.TIME_OF_ARRIVAL), 0).astype(np.int32)
    return np.where(without, arrived_us, time_us), flags


class Clock:
    """Gives each message its time, from its own line or else from the best that is known.

    Without line times it counts on from `start_us` by the UTC second that position reports carry,
    the first message standing at the start; without a start it repeats the last base station
    report. A message may lie up to half a minute behind the latest; silence above half a minute is
    not seen.

    Attributes
    ----------
    span : Span
        The times that are trusted; who reads a live feed moves it on.
    """

    def __init__(self, *, start_us: int | None, span: Span) -> None:
        """Set the start, and the times that are trusted."""
        self._start_us = start_us
        self.span = span
        self._elapsed_s = 0
        self._second: int | None = None  # UTC second that stands at `_elapsed_s`
        self._base_us = UNKNOWN

    def state(self) -> list[int | None]:
        """Return how far the clock has come."""
        return [self._elapsed_s, self._second, self._base_us]

    def restore(self, state: list[Any]) -> None:
        """Go on from where `state` was."""
        self._elapsed_s, self._second, self._base_us = state

    def stamp(
        self, line_us: Ints, told_us: Ints, second: Ints
    ) -> tuple[Ints, npt.NDArray[np.int32]]:
        """Return the times of messages [us] and where they come from.

        Parameters
        ----------
        line_us : (n,)
            Times of their lines [us].
        told_us : (n,)
            Times that base stations tell [us].
        second : (n,)
            UTC second of each message; 60 and more for none.

        Returns
        -------
        time_us, quality : (n,)
            Times, UNKNOWN for none, and flags of `Quality`.
        """
        base_us = self._base(told_us)
        quality = np.zeros(line_us.size, np.int32)
        is_trusted = self.span.holds(line_us)
        if is_trusted.all():
            return line_us, quality
        with_day = has_day(line_us)
        quality[with_day & ~is_trusted] = int(Quality.TIME_QUARANTINED)
        without = np.flatnonzero(~with_day)
        time_us = line_us.copy()
        if self._start_us is not None:
            time_us[without] = [self._counted_on(s) for s in second[without].tolist()]
            quality[without] = int(Quality.TIME_ASSUMED)
        else:
            found_us = base_us[without]
            time_us[without] = found_us
            quality[without] = _OF_BASE[(found_us == UNKNOWN).view(np.int8)]
        return time_us, quality

    def _base(self, told_us: Ints) -> Ints:
        """Return for each message what the last base station told, itself included [us]."""
        is_sane = self.span.holds(told_us) & (told_us != UNKNOWN)
        base_us = carried(told_us, is_sane, self._base_us)
        if base_us.size:
            self._base_us = int(base_us[-1])
        return base_us

    def _counted_on(self, second: int) -> int:
        assert self._start_us is not None
        behind_s = 0
        if second < _MINUTE_S:
            if self._second is None:
                self._second = second
            ahead_s = (second - self._second) % _MINUTE_S
            if ahead_s <= _HALF_MINUTE_S:
                self._elapsed_s += ahead_s
                self._second = second
            else:
                behind_s = _MINUTE_S - ahead_s
        return self._start_us + max(0, self._elapsed_s - behind_s) * US_PER_S
