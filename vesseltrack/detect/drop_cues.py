"""Breaks in a passage: a vessel under way slows down, or turns aside, and goes on as before."""

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
    speed_kn: Floats


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


def find_starts(legs: Rows, is_new: Bools, rule: DropPickupDefault) -> Rows:
    """Return where new legs may begin a break.

    A passage is `passage_min` of legs that follow on one another, none slower than
    `min_passage_kn`. A break begins with a leg under `max_slow_frac` of the speed of the passage
    before it, or `min_turn_deg` and more off its course if that was straight, and ends with the
    passage after it; after a turn that one leads where the one before did.

    Parameters
    ----------
    legs : Rows
        By vessel and time: `key`, `start_us`, `end_us`, `start_lat`, `start_lon`, `end_lat`,
        `end_lon` and `path_mm`; none longer than `max_gap_min`; of each vessel complete from a
        passage before its first new leg, or from its last leg slower than a passage.
    is_new : (n,)
        Which legs are asked about.
    rule : DropPickupDefault
        The limits.

    Returns
    -------
    starts : Rows
        `key`, `start_us`, `kind`, `speed_kn` and `course_deg` of the passage before, and
        `check_us`: no such break ends before a leg that ends then [us]. By vessel and time.
    """
    tracks = _tracks(legs)
    row = np.flatnonzero(is_new)
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
    off_deg = angle_between_deg(bearings_deg(take(legs, row)), course_deg)
    turns = ~slows & is_straight & (off_deg >= rule.min_turn_deg)
    starts = np.flatnonzero(slows | turns)
    row, kind = row[starts], np.where(slows, SLOWED, TURNED)[starts]
    least_us = np.where(kind == SLOWED, _least_us(SLOWED, rule), _least_us(TURNED, rule))
    return {
        "key": legs["key"][row],
        "start_us": legs["start_us"][row],
        "kind": kind,
        "speed_kn": speed_kn[starts],
        "course_deg": course_deg[starts],
        "check_us": legs["start_us"][row] + least_us + _passage_us(rule),
    }


@dataclass(frozen=True)
class _Start:
    """How a vessel went before a break, and which of her legs begins it."""

    row: int
    kind: int
    speed_kn: float
    course_deg: float


def find_ends(legs: Rows, starts: Rows, rule: DropPickupDefault) -> tuple[Rows, Rows]:
    """Return the breaks that have ended, and the starts of those that still may.

    Parameters
    ----------
    legs : Rows
        As for `find_starts`, with `start_fix`, `end_fix`, `port_m` and `anchorage_m`; of each
        vessel all from its first start on.
    starts : Rows
        As `find_starts` gives them.
    rule : DropPickupDefault
        The limits.

    Returns
    -------
    breaks : Rows
        `key`, `kind`, `t_us`, `lat`, `lon` (where and when something may have been left: half
        way), `start_us`, `start_lat`, `start_lon`, `end_us`, `start_fix`, `end_fix` and `speed_kn`
        of the passage before; in the order of the starts, which may lie within one another.
    starts : Rows
        Those that more legs may still end, with their next `check_us`.
    """
    tracks = _tracks(legs)
    first = np.searchsorted(legs["key"], starts["key"])
    stop = np.searchsorted(legs["key"], starts["key"], side="right")
    found, waiting, check_us = [], [], starts["check_us"].copy()
    for i in range(n_rows(starts)):
        own = legs["start_us"][first[i] : stop[i]]
        start = _Start(
            int(first[i] + np.searchsorted(own, starts["start_us"][i])),
            int(starts["kind"][i]),
            float(starts["speed_kn"][i]),
            float(starts["course_deg"][i]),
        )
        end = _end_of(tracks, start, int(stop[i]), rule)
        if isinstance(end, _NotBefore):
            waiting.append(i)
            check_us[i] = end.t_us
        elif end is not None and _is_at_sea(legs, _middle(start.row, end), rule):
            found.append((start, end))
    left = take({**starts, "check_us": check_us}, np.array(waiting, dtype=np.int64))
    return _breaks(legs, found), left


def _tracks(legs: Rows) -> _Tracks:
    is_first = ~follows(legs)
    rows = np.arange(is_first.size)
    first = np.maximum.accumulate(np.where(is_first, rows, 0))
    return _Tracks(
        legs,
        first,
        np.cumsum(is_first) - 1,
        speeds_kn(legs),
    )


def _passage_before(tracks: _Tracks, row: Ints, rule: DropPickupDefault) -> Ints:
    """Return the first leg of the passage that leads to each leg; -1 without one, shape (n,)."""
    legs = tracks.legs
    began_us = legs["start_us"][tracks.first]
    ends_at = (tracks.number << _TIME_BITS) | (legs["end_us"] - began_us)
    since_us = legs["start_us"][row] - began_us[row] - _passage_us(rule)
    has_time = since_us >= 0
    asked = (tracks.number[row] << _TIME_BITS) | np.maximum(since_us, 0)
    begin = np.searchsorted(ends_at, asked, side="right")
    n_slow = np.concatenate(([0], np.cumsum(tracks.speed_kn < rule.min_passage_kn)))
    is_passage = has_time & (n_slow[row] == n_slow[np.minimum(begin, row)])
    return np.where(is_passage, begin, -1)


@dataclass(frozen=True)
class _NotBefore:
    """What is not decided yet, nor can be before a leg that ends at a time."""

    t_us: int


def _end_of(
    tracks: _Tracks, start: _Start, n_known: int, rule: DropPickupDefault
) -> int | _NotBefore | None:
    """Return the first leg of the passage after a break; None if there never will be one.

    Legs of the vessel are known up to a row.
    """
    legs, number = tracks.legs, tracks.number
    start_us = int(legs["start_us"][start.row])
    longest_us = round(rule.max_break_min * US_PER_MINUTE) + _passage_us(rule)
    stop = start.row + int(
        np.searchsorted(number[start.row : n_known], number[start.row], "right")
    )
    in_time = legs["start_us"][start.row : stop] <= start_us + longest_us
    stop = start.row + int(np.count_nonzero(in_time))
    track = slice(start.row, stop)
    if start.kind == SLOWED:
        least_kn = max(rule.max_slow_frac * start.speed_kn, rule.min_passage_kn)
        goes_on = tracks.speed_kn[track] >= least_kn
    else:
        off_deg = angle_between_deg(bearings_deg(take(legs, track)), start.course_deg)
        goes_on = off_deg <= rule.max_taken_back_deg
    is_all = stop < n_known  # of what follows on the start: more legs change nothing
    end = start.row + int(np.argmax(goes_on))
    goes_on_us = int(legs["start_us"][end] if goes_on.any() else legs["end_us"][stop - 1])
    lasted_us = goes_on_us - start_us
    if lasted_us > rule.max_break_min * US_PER_MINUTE:
        return None
    if not goes_on.any():
        return None if is_all else _NotBefore(goes_on_us + _passage_us(rule))
    if lasted_us < _least_us(start.kind, rule):
        return None
    last = end + int(np.searchsorted(legs["end_us"][end:stop], goes_on_us + _passage_us(rule)))
    if (tracks.speed_kn[end : min(last + 1, stop)] < rule.min_passage_kn).any():
        return None
    if last >= stop:
        return None if is_all else _NotBefore(goes_on_us + _passage_us(rule))
    return end if start.kind == SLOWED or _leads_back(legs, end, last, start, rule) else None


def _leads_back(legs: Rows, end: int, last: int, start: _Start, rule: DropPickupDefault) -> bool:
    """Return whether the passage after a turn leads where the one before did."""
    course_deg = bearing_deg(
        legs["start_lat"][end],
        legs["start_lon"][end],
        legs["end_lat"][last],
        legs["end_lon"][last],
    )
    return bool(angle_between_deg(course_deg, start.course_deg) <= rule.max_taken_back_deg)


def _passage_us(rule: DropPickupDefault) -> int:
    return round(rule.passage_min * US_PER_MINUTE)


def _least_us(kind: int, rule: DropPickupDefault) -> int:
    """Return how long a break lasts at least [us]."""
    return round(rule.min_slow_min * US_PER_MINUTE) if kind == SLOWED else 0


def _middle(start: int, end: int) -> int:
    """Return the leg half way through a break: where something may have been left."""
    return (start + end) // 2


def _is_at_sea(legs: Rows, row: int, rule: DropPickupDefault) -> bool:
    return bool(
        legs["port_m"][row] > rule.port_radius_km * M_PER_KM
        and legs["anchorage_m"][row] > rule.anchorage_radius_km * M_PER_KM
    )


def _breaks(legs: Rows, found: list[tuple[_Start, int]]) -> Rows:
    """Return breaks (how each began, first leg after) as rows."""
    start = np.array([one.row for one, _ in found], dtype=np.int64)
    end = np.array([end for _, end in found], dtype=np.int64)
    middle = np.array([_middle(one.row, end) for one, end in found], dtype=np.int64)
    return {
        "key": legs["key"][start],
        "kind": np.array([one.kind for one, _ in found], dtype=np.int64),
        "t_us": legs["start_us"][middle],
        "lat": legs["start_lat"][middle],
        "lon": legs["start_lon"][middle],
        "start_us": legs["start_us"][start],
        "start_lat": legs["start_lat"][start],
        "start_lon": legs["start_lon"][start],
        "end_us": legs["start_us"][end],
        "start_fix": legs["start_fix"][start],
        "end_fix": legs["start_fix"][end],
        "speed_kn": np.array([one.speed_kn for one, _ in found], dtype=np.float64),
    }
