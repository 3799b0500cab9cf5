"""Where the time of a line may come from, and the clock for lines that have none."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

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

_BASE_STATION: Final = 4
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


class Clock:
    """Gives each message its time, from its own line or else from the best that is known.

    Without line times it counts on from `start_us` by the UTC second that position reports carry,
    the first message standing at the start; without a start it repeats the last base station
    report. A message may lie up to half a minute behind the latest; silence above half a minute is
    not seen.
    """

    def __init__(self, *, start_us: int | None, latest_us: int) -> None:
        """Set the start, and the time behind which a time is not trusted."""
        self._start_us = start_us
        self._latest_us = latest_us
        self._elapsed_s = 0
        self._second: int | None = None  # UTC second that stands at `_elapsed_s`
        self._base_us: int | None = None

    def stamp(self, line_us: int | None, message: Mapping[str, Any]) -> tuple[int | None, Quality]:
        """Return the time of a message [us] and where it comes from."""
        if message["type"] == _BASE_STATION:
            self._hear(message)
        if line_us is not None:
            quarantined = line_us > self._latest_us
            return line_us, Quality.TIME_QUARANTINED if quarantined else Quality(0)
        if self._start_us is not None:
            return self._counted_on(message.get("second")), Quality.TIME_ASSUMED
        if self._base_us is not None:
            return self._base_us, Quality.TIME_FROM_BASE_STATION
        return None, Quality.NO_TIME

    def _hear(self, message: Mapping[str, Any]) -> None:
        told_us = utc_us(*message["utc"]) if None not in message["utc"] else None
        if told_us is not None and told_us <= self._latest_us:
            self._base_us = told_us

    def _counted_on(self, second: int | None) -> int:
        assert self._start_us is not None
        behind_s = 0
        if second is not None and second < _MINUTE_S:
            if self._second is None:
                self._second = second
            ahead_s = (second - self._second) % _MINUTE_S
            if ahead_s <= _HALF_MINUTE_S:
                self._elapsed_s += ahead_s
                self._second = second
            else:
                behind_s = _MINUTE_S - ahead_s
        return self._start_us + max(0, self._elapsed_s - behind_s) * US_PER_S
