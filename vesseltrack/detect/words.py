"""Places, times and amounts as they stand in an explanation."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from vesseltrack.units import US_PER_HOUR, US_PER_S

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MINUTES_BELOW_H: Final = 1.5
_PLAIN_BELOW: Final = 10.0


def iso(t_us: int) -> str:
    """Return a time as ISO 8601 with Z, to the second where it is whole."""
    return _time(t_us).isoformat().replace("+00:00", "Z")


def moment(t_us: int) -> str:
    """Return a time as `2021-01-08 12:10:00 UTC`."""
    return f"{_time(t_us):%Y-%m-%d %H:%M:%S} UTC"


def place(lat: float, lon: float) -> str:
    """Return a position as `55.571 N 4.601 E`, to about 100 m."""
    north = f"{abs(lat):.3f} {'N' if lat >= 0 else 'S'}"
    return f"{north} {abs(lon):.3f} {'E' if lon >= 0 else 'W'}"


def span(start_us: int, end_us: int) -> str:
    """Return a stretch of time as `2021-01-08 00:00 to 23:50 UTC`."""
    start, end = _time(start_us), _time(end_us)
    end_text = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} to {end_text} UTC"


def duration(duration_us: int) -> str:
    """Return a length of time as `23.8 h`, or `35 min` where it is short."""
    hours = duration_us / US_PER_HOUR
    if hours < _MINUTES_BELOW_H:
        return f"{hours * 60:.0f} min"
    return f"{hours:,.1f} h"


def number(value: float) -> str:
    """Return an amount with one decimal where it is small: `2.4`, `110`, `9,340`."""
    return f"{value:.1f}" if abs(value) < _PLAIN_BELOW else f"{value:,.0f}"


def limit(value: float) -> str:
    """Return a threshold as it stands in the configuration: `2`, `0.5`."""
    return f"{value:,.6g}" if abs(value) < _PLAIN_BELOW else f"{value:,.10g}"


def share(value: float) -> str:
    """Return a fraction as `84 %`."""
    return f"{100 * value:.0f} %"


def pair(one_mmsi: int, other_mmsi: int) -> str:
    """Return who met, the smaller number first: `MMSI 219000001 and MMSI 219000002`."""
    first, second = sorted((one_mmsi, other_mmsi))
    return f"MMSI {first:09d} and MMSI {second:09d}"


def listed(names: Sequence[str], at_most: int) -> str:
    """Return names as `a, b and 3 more`."""
    shown = ", ".join(names[:at_most])
    more = len(names) - at_most
    return f"{shown} and {more} more" if more > 0 else shown


def _time(t_us: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(seconds=t_us // US_PER_S, microseconds=t_us % US_PER_S)
