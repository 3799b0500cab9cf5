"""Breaks in a passage: a vessel under way slows down, or turns aside, and goes on as before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.geodesy import angle_between_deg, bearing_deg, great_circle_m
from vesseltrack.core.records import Rows, is_change, n_rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.units import US_PER_HOUR, US_PER_S, mps_to_kn

Floats = npt.NDArray[np.float64]

SLOWED, TURNED = 0, 1  # kinds of a break
BREAK_NAMES: Final = ("slowed down", "turned aside")
US_PER_MINUTE: Final = US_PER_HOUR // 60
M_PER_KM: Final = 1000.0
_MM_PER_M: Final = 1000.0
# A track's number above, the time since it began below: fits for times up to 17 days.
_TIME_BITS: Final = 41


@dataclass(frozen=True)
class _Tracks:
    """Legs as tracks: stretches of one vessel whose legs follow on one another."""

    legs: Rows
    first: Ints  # (n,) row of the first leg of each leg's track
    number: Ints  # (n,) of each leg's track
    passed_us: Ints
    speed_kn: Floats
    bearing_deg: Floats


def speeds_kn(legs: Rows) -> Floats:
    """Return the speed made good of each leg [kn], shape (n,)."""
    passed_s = (legs["end_us"] - legs["start_us"]) / US_PER_S
    return np.asarray(mps_to_kn(legs["path_mm"] / _MM_PER_M / passed_s))


def bearings_deg(legs: Rows) -> Floats:
    """Return the course made good of each leg [deg], shape (n,)."""
    return bearing_deg(legs["start_lat"], legs["start_lon"], legs["end_lat"], legs["end_lon"])


def follows(legs: Rows) -> Bools:
    """Return which legs begin where the row before ends, shape (n,); by vessel and time."""
    on = np.zeros(n_rows(legs), dtype=np.bool_)
    on[1:] = ~is_change(legs["key"])[1:] & (legs["start_us"][1:] == legs["end_us"][:-1])
    return on


def find_breaks(
    legs: Rows,
    first_us: int,
    stop_us: int,
    ended_us: Mapping[int, int],
    rule: DropPickupDefault,
) -> Rows:
    """Return the breaks of passages that begin within a stretch of time.

    A passage is `passage_min` of legs that follow on one another, none slower than
    `min_passage_kn`. A break begins with a leg under `max_slow_frac` of the speed of the passage
    before it, or `min_turn_deg` and more off its course if that was straight, and ends with the
    passage after it; after a turn that one leads where the one before did.

    Parameters
    ----------
    legs : Rows
        By vessel and time: `key`, `start_us`, `end_us`, `start_lat`, `start_lon`, `end_lat`,
        `end_lon`, `path_mm`, `start_fix`, `end_fix`, `port_m` and `anchorage_m`; none longer than
        `max_gap_min`; complete from a passage before `first_us` to a passage after the longest
        break from `stop_us` on.
    first_us, stop_us : int
        Half open [us], no more than days apart.
    ended_us : mapping
        When the last break of a vessel before ended [us]: none begins within another.
    rule : DropPickupDefault
        The limits.

    Returns
    -------
    breaks : Rows
        `key`, `kind`, `t_us`, `lat`, `lon` (where and when something may have been left: half
        way), `start_us`, `start_lat`, `start_lon`, `end_us`, `start_fix`, `end_fix` and `speed_kn`
        of the passage before; by vessel and time, none beginning within another.
    """
    legs = _about(legs, first_us, stop_us, rule)
    tracks = _tracks(legs)
    row = np.flatnonzero((legs["start_us"] >= first_us) & (legs["start_us"] < stop_us))
    window = _passage_before(tracks, row, rule)
    row, begin = row[window >= 0], window[window >= 0]
    before_us = legs["start_us"][row] - legs["start_us"][begin]
    path_mm = np.concatenate(([0], np.cumsum(legs["path_mm"])))
    before_m = (path_mm[row] - path_mm[begin]) / _MM_PER_M
    speed_kn = mps_to_kn(before_m / (before_us / US_PER_S))
    ends = (
        legs["start_lat"][begin],
        legs["start_lon"][begin],
        legs["start_lat"][row],
        legs["start_lon"][row],
    )
    course_deg = bearing_deg(*ends)
    is_straight = great_circle_m(*ends) >= rule.min_straightness * before_m
    slows = tracks.speed_kn[row] < rule.max_slow_frac * speed_kn
    off_deg = angle_between_deg(tracks.bearing_deg[row], course_deg)
    turns = ~slows & is_straight & (off_deg >= rule.min_turn_deg)
    found, until = [], dict(ended_us)
    for i in np.flatnonzero(slows | turns):
        key, start = int(legs["key"][row[i]]), int(row[i])
        if until.get(key, first_us) > legs["start_us"][start]:
            continue
        kind = SLOWED if slows[i] else TURNED
        before = _Passage(float(speed_kn[i]), float(course_deg[i]))
        end = _break_end(tracks, start, before, kind, rule)
        if end is not None and _is_at_sea(legs, _middle(start, end), rule):
            until[key] = int(legs["start_us"][end])
            found.append((start, end, kind, before.speed_kn))
    return _breaks(legs, found)


def _about(legs: Rows, first_us: int, stop_us: int, rule: DropPickupDefault) -> Rows:
    """Return the legs that breaks beginning within a stretch of time depend on."""
    before_us = round((rule.passage_min + rule.max_gap_min) * US_PER_MINUTE)
    after_us = round((rule.max_break_min + rule.passage_min) * US_PER_MINUTE)
    matters = (legs["end_us"] >= first_us - before_us) & (legs["start_us"] < stop_us + after_us)
    return take(legs, matters)


def _tracks(legs: Rows) -> _Tracks:
    is_first = ~follows(legs)
    rows = np.arange(is_first.size)
    first = np.maximum.accumulate(np.where(is_first, rows, 0))
    return _Tracks(
        legs,
        first,
        np.cumsum(is_first) - 1,
        legs["end_us"] - legs["start_us"],
        speeds_kn(legs),
        bearings_deg(legs),
    )


def _passage_before(tracks: _Tracks, row: Ints, rule: DropPickupDefault) -> Ints:
    """Return the first leg of the passage that leads to each leg; -1 without one, shape (n,)."""
    legs, passage_us = tracks.legs, round(rule.passage_min * US_PER_MINUTE)
    began_us = legs["start_us"][tracks.first]
    ends_at = (tracks.number << _TIME_BITS) | (legs["end_us"] - began_us)
    since_us = legs["start_us"][row] - began_us[row] - passage_us
    has_time = since_us >= 0
    asked = (tracks.number[row] << _TIME_BITS) | np.maximum(since_us, 0)
    begin = np.searchsorted(ends_at, asked, side="right")
    n_slow = np.concatenate(([0], np.cumsum(tracks.speed_kn < rule.min_passage_kn)))
    is_passage = has_time & (n_slow[row] == n_slow[np.minimum(begin, row)])
    return np.where(is_passage, begin, -1)


@dataclass(frozen=True)
class _Passage:
    """How a vessel went."""

    speed_kn: float
    course_deg: float


def _break_end(
    tracks: _Tracks, start: int, before: _Passage, kind: int, rule: DropPickupDefault
) -> int | None:
    """Return the first leg of the passage after a break that begins with a leg; None without."""
    legs = tracks.legs
    start_us = int(legs["start_us"][start])
    longest_us = round((rule.max_break_min + rule.passage_min) * US_PER_MINUTE)
    stop = start + 1
    while (
        stop < tracks.first.size
        and tracks.first[stop] == tracks.first[start]
        and legs["start_us"][stop] - start_us <= longest_us
    ):
        stop += 1
    track = slice(start, stop)
    if kind == SLOWED:
        least_kn = max(rule.max_slow_frac * before.speed_kn, rule.min_passage_kn)
        goes_on = tracks.speed_kn[track] >= least_kn
    else:
        off_deg = angle_between_deg(tracks.bearing_deg[track], before.course_deg)
        goes_on = off_deg <= rule.max_taken_back_deg
    if not goes_on.any():
        return None
    end = start + int(np.argmax(goes_on))
    lasted_us = int(legs["start_us"][end]) - start_us
    least_us = round(rule.min_slow_min * US_PER_MINUTE) if kind == SLOWED else 0
    if not least_us <= lasted_us <= rule.max_break_min * US_PER_MINUTE:
        return None
    return end if _is_passage_after(tracks, end, stop, before, kind, rule) else None


def _is_passage_after(
    tracks: _Tracks, end: int, stop: int, before: _Passage, kind: int, rule: DropPickupDefault
) -> bool:
    legs = tracks.legs
    due_us = int(legs["start_us"][end]) + round(rule.passage_min * US_PER_MINUTE)
    last = end + int(np.searchsorted(legs["end_us"][end:stop], due_us))
    if last >= stop or (tracks.speed_kn[end : last + 1] < rule.min_passage_kn).any():
        return False
    if kind == SLOWED:
        return True
    course_deg = bearing_deg(
        legs["start_lat"][end],
        legs["start_lon"][end],
        legs["end_lat"][last],
        legs["end_lon"][last],
    )
    return bool(angle_between_deg(course_deg, before.course_deg) <= rule.max_taken_back_deg)


def _middle(start: int, end: int) -> int:
    """Return the leg half way through a break: where something may have been left."""
    return (start + end) // 2


def _is_at_sea(legs: Rows, row: int, rule: DropPickupDefault) -> bool:
    return bool(
        legs["port_m"][row] > rule.port_radius_km * M_PER_KM
        and legs["anchorage_m"][row] > rule.anchorage_radius_km * M_PER_KM
    )


def _breaks(legs: Rows, found: list[tuple[int, int, int, float]]) -> Rows:
    """Return breaks (first leg, first leg after, kind, speed before) as rows."""
    start = np.array([one[0] for one in found], dtype=np.int64)
    end = np.array([one[1] for one in found], dtype=np.int64)
    middle = np.array([_middle(*one[:2]) for one in found], dtype=np.int64)
    return {
        "key": legs["key"][start],
        "kind": np.array([one[2] for one in found], dtype=np.int64),
        "t_us": legs["start_us"][middle],
        "lat": legs["start_lat"][middle],
        "lon": legs["start_lon"][middle],
        "start_us": legs["start_us"][start],
        "start_lat": legs["start_lat"][start],
        "start_lon": legs["start_lon"][start],
        "end_us": legs["start_us"][end],
        "start_fix": legs["start_fix"][start],
        "end_fix": legs["start_fix"][end],
        "speed_kn": np.array([one[3] for one in found], dtype=np.float64),
    }
