"""Teleports: out of reach within an hour, several reports from there, and back.

The fixes of a vessel, with those that tracks left out as stray, fall into *stretches* between
impossible steps. Stretches of a fix or two are bad data and are dropped. A stretch from which the
vessel is gone, and to which it is back within reach, is home; what lies between was elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.config.detect.position_spoofing import PositionSpoofingDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import (
    Merge,
    Row,
    Rows,
    is_change,
    joined,
    merged,
    n_rows,
    row_at,
    take,
)
from vesseltrack.core.runs import Bools, Ints, block_of_row, offsets_of_sorted
from vesseltrack.core.several import Several
from vesseltrack.units import US_PER_S, h_to_us, kn_to_mps, mps_to_kn, nm_to_m

_HOW: Final[Mapping[str, Merge]] = {
    "key": Merge.FIRST,
    "session": Merge.FIRST,
    "start_us": Merge.FIRST,
    "start_lat": Merge.FIRST,
    "start_lon": Merge.FIRST,
    "end_us": Merge.LAST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
    "n": Merge.SUM,
}
_LEAST: Final = 3  # stretches of a teleport: at home, away, at home
_SWEEPS: Final = 4  # during the longest pause


@dataclass(frozen=True)
class Teleport:
    """One excursion: where the vessel was last, where it was meanwhile, where it was next."""

    before: Row
    away: tuple[Row, ...]
    after: Row
    away_m: float  # the farthest place from where it was last


@dataclass(frozen=True)
class Told:
    """What a push led to."""

    found: list[Teleport]
    jumps: Rows  # every impossible step: when, and where from; see `Area`


class Teleports:
    """The fold from fixes to teleports; its rows are the stretches that may become one."""

    def __init__(self, rule: PositionSpoofingDefault) -> None:
        self._rule = rule
        self._pause_us = h_to_us(rule.jump_pause_h)
        self._away_us = h_to_us(rule.max_away_h)
        self._held = Several()
        self._swept_us: int | None = None

    @property
    def rows(self) -> Rows:
        """The stretches that may become part of a teleport, by vessel and time."""
        return self._held.rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._held.rows = rows
        self._swept_us = None

    def push(self, fixes: Rows, strays: Rows, frontier_us: int) -> Told:
        """Take in fixes and strays, each by vessel and time: `key`, `t_us`, `lat`, `lon`."""
        has_stray = _is_of(fixes["key"], strays["key"])
        plain = take(fixes, ~has_stray) if has_stray.any() else fixes
        mixed = joined(take(fixes, has_stray), strays)
        mixed = take(mixed, np.lexsort((mixed["t_us"], mixed["key"])))
        fresh = joined(*(self._stretches(_singles(rows)) for rows in (plain, mixed)))
        # Only whoever was heard can have jumped.
        heard = np.unique(fresh["key"])
        carried = self._held.of(heard)
        n_carried = n_rows(carried)
        both = joined(carried, fresh)
        order = np.lexsort((both["start_us"], both["key"]))
        both = take(both, order)
        is_carried = order < n_carried
        self._number_sessions(both, is_carried)
        jumps = self._jumps(both, is_carried)
        stretches = self._without_bad_data(self._joined_up(both))
        found, kept = self._judged(stretches)
        self._held.put(heard, kept)
        self._sweep(frontier_us)
        return Told(found, jumps)

    def _sweep(self, frontier_us: int) -> None:
        """Now and then drop the stretches of vessels that were silent for too long.

        Until then they change nothing: a session ends with the silence.
        """
        if self._swept_us is None:
            self._swept_us = frontier_us
        if frontier_us - self._swept_us > self._pause_us // _SWEEPS:
            rows = self._held.shared
            heard_us = rows["end_us"][_last_of(rows)]
            self._held.keep(frontier_us - heard_us <= self._pause_us)
            self._swept_us = frontier_us

    def _stretches(self, singles: Rows) -> Rows:
        """Return fixes, one record each, as stretches between impossible steps and silences."""
        is_start = self._is_jump(singles) | self._is_silence(singles) | is_change(singles["key"])
        return merged(singles, np.flatnonzero(is_start), _HOW)

    def _is_jump(self, rows: Rows) -> Bools:
        """Return which rows the end of the row before cannot have reached, vessels aside."""
        jumps = np.zeros(n_rows(rows), dtype=np.bool_)
        first = np.arange(max(n_rows(rows) - 1, 0))
        jumps[1:] = self._are_apart(rows, first, first + 1)
        return jumps

    def _are_apart(self, rows: Rows, first: Ints, then: Ints) -> Bools:
        """Return which rows cannot have been reached from the end of others, shape (n,)."""
        rule = self._rule
        apart_m = great_circle_m(
            rows["end_lat"][first],
            rows["end_lon"][first],
            rows["start_lat"][then],
            rows["start_lon"][then],
        )
        passed_s = np.maximum(rows["start_us"][then] - rows["end_us"][first], 0) / US_PER_S
        reach_m = kn_to_mps(rule.jump_kn) * (passed_s + rule.jump_slack_s) + rule.jump_noise_m
        return np.asarray(apart_m > reach_m)

    def _is_silence(self, rows: Rows) -> Bools:
        silences = np.zeros(n_rows(rows), dtype=np.bool_)
        silences[1:] = rows["start_us"][1:] - rows["end_us"][:-1] > self._pause_us
        return silences

    def _number_sessions(self, rows: Rows, is_carried: Bools) -> None:
        """Let each stretch know the start of the first one that no silence parts it from."""
        first = is_change(rows["key"])
        # Between carried stretches bad data were dropped, which is no silence.
        begins = first | (self._is_silence(rows) & ~is_carried)
        source = np.maximum.accumulate(np.where(begins, np.arange(begins.size), 0))
        carries = is_carried & first
        rows["session"] = np.where(carries, rows["session"], rows["start_us"])[source]

    def _jumps(self, rows: Rows, is_carried: Bools) -> Rows:
        is_jump = self._is_jump(rows) & ~is_change(rows["key"], rows["session"]) & ~is_carried
        to = np.flatnonzero(is_jump)
        return {
            "key": rows["key"][to],
            "onset_us": rows["start_us"][to],
            "seen_us": rows["start_us"][to],
            "lat": rows["end_lat"][to - 1],
            "lon": rows["end_lon"][to - 1],
        }

    def _joined_up(self, rows: Rows) -> Rows:
        is_start = is_change(rows["key"], rows["session"]) | self._is_jump(rows)
        return merged(rows, np.flatnonzero(is_start), _HOW)

    def _without_bad_data(self, rows: Rows) -> Rows:
        """Drop stretches of too few fixes that are over, and join what they had parted.

        In order of time: what a bad fix parted is joined before the next stretch is looked at, as
        it would be if the fixes came one by one.
        """
        is_first = is_change(rows["key"], rows["session"])
        too_few = rows["n"] < self._rule.min_away_fixes
        too_few[:-1] &= ~is_first[1:]
        too_few[-1:] = False  # of each session the last is not over
        if not too_few.any():
            return rows
        session = np.cumsum(is_first) - 1
        offsets = offsets_of_sorted(session)
        rows = {name: column.copy() for name, column in rows.items()}
        kept = np.ones(n_rows(rows), dtype=np.bool_)
        for block in np.unique(session[too_few]):
            start, stop = int(offsets[block]), int(offsets[block + 1])
            kept[start:stop] = False
            kept[self._believed(rows, start, stop)] = True
        return take(rows, kept)

    def _believed(self, rows: Rows, start: int, stop: int) -> list[int]:
        """Return the stretches of a session that are left; those they were joined to grow."""
        left: list[int] = []
        for row in range(start, stop):
            if left and rows["n"][left[-1]] < self._rule.min_away_fixes:
                left.pop()
            if left and not self._are_apart(rows, np.array(left[-1:]), np.array([row]))[0]:
                rows["n"][left[-1]] += rows["n"][row]
                for name in ("end_us", "end_lat", "end_lon"):
                    rows[name][left[-1]] = rows[name][row]
            else:
                left.append(row)
        return left

    def _judged(self, rows: Rows) -> tuple[list[Teleport], Rows]:
        """Return the teleports among stretches, and the stretches that may yet be part of one."""
        found = []
        session = np.cumsum(is_change(rows["key"], rows["session"]))
        offsets = offsets_of_sorted(session)
        kept = np.ones(n_rows(rows), dtype=np.bool_)
        for block in np.flatnonzero(np.diff(offsets) >= _LEAST):
            start, stop = int(offsets[block]), int(offsets[block + 1])
            some, home = self._teleports([row_at(rows, row) for row in range(start, stop)])
            found += some
            kept[start : start + home] = False
        kept &= rows["session"] == rows["session"][_last_of(rows)]
        return found, take(rows, kept)

    def _teleports(self, stretches: list[Row]) -> tuple[list[Teleport], int]:
        """Return the teleports of a vessel, and the first stretch that may be home to another."""
        found: list[Teleport] = []
        home = 0
        while home + 1 < len(stretches):
            back = self._back(stretches, home)
            if back is None:
                if stretches[-1]["start_us"] - stretches[home]["end_us"] <= self._away_us:
                    break
                home += 1
                continue
            if stretches[back]["n"] < self._rule.min_away_fixes:
                break
            teleport = self._teleport(stretches[home : back + 1])
            found += [teleport] if teleport is not None else []
            home = back
        return found, home

    def _back(self, stretches: list[Row], home: int) -> int | None:
        """Return the first stretch that begins within reach of where one ended, and in time."""
        rule, here = self._rule, stretches[home]
        for number in range(home + 2, len(stretches)):
            there = stretches[number]
            passed_us = there["start_us"] - here["end_us"]
            if passed_us > self._away_us:
                return None
            # For hours no vessel keeps what it makes in a burst.
            reach_s = passed_us / US_PER_S + rule.jump_slack_s
            reach_m = kn_to_mps(rule.back_kn) * reach_s + rule.jump_noise_m
            if _apart_m(here, "end", there, "start") <= reach_m:
                return number
        return None

    def _teleport(self, stretches: list[Row]) -> Teleport | None:
        before, *away, after = stretches
        rule = self._rule
        away_m = max(_apart_m(before, "end", place, "start") for place in away)
        lasted_us = away[-1]["end_us"] - away[0]["start_us"]
        if away_m < nm_to_m(rule.min_away_nm) or lasted_us < rule.min_away_s * US_PER_S:
            return None
        return Teleport(before, tuple(away), after, away_m)


def _is_of(keys: Ints, wanted: Ints) -> Bools:
    """Return which rows, by vessel, are of vessels wanted: each vessel is looked up once."""
    offsets = offsets_of_sorted(keys)
    return np.isin(keys[offsets[:-1]], wanted)[block_of_row(offsets)]


def speed_kn(first: Row, then: Row) -> float:
    """Return the speed that the step between two stretches implies; over a second at least."""
    passed_s = max((then["start_us"] - first["end_us"]) / US_PER_S, 1.0)
    speed: float = mps_to_kn(_apart_m(first, "end", then, "start") / passed_s)
    return speed


def _apart_m(one: Row, one_end: str, other: Row, other_end: str) -> float:
    return float(
        great_circle_m(
            one[f"{one_end}_lat"],
            one[f"{one_end}_lon"],
            other[f"{other_end}_lat"],
            other[f"{other_end}_lon"],
        )
    )


def _last_of(rows: Rows) -> Ints:
    """Return the last row of each row's vessel, shape (n,)."""
    offsets = offsets_of_sorted(rows["key"])
    return offsets[1:][block_of_row(offsets)] - 1


def _singles(rows: Rows) -> Rows:
    """Return fixes as records of one."""
    return {
        "key": rows["key"],
        "session": rows["t_us"],
        "start_us": rows["t_us"],
        "start_lat": rows["lat"],
        "start_lon": rows["lon"],
        "end_us": rows["t_us"],
        "end_lat": rows["lat"],
        "end_lon": rows["lon"],
        "n": np.ones(n_rows(rows), dtype=np.int64),
    }
