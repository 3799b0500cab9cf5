"""Runs of being close together, by the presets that look at report times."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vesseltrack.config.detect.encounter import EncounterClose
from vesseltrack.core.neighbours import OpenBins
from vesseltrack.core.records import Merge, Rows, is_change, joined, n_rows, take
from vesseltrack.core.runs import Bools
from vesseltrack.detect.base import Carries, Held
from vesseltrack.detect.close_quarters import (
    Pairs,
    Window,
    checks_of,
    instants_of,
    no_instants,
)
from vesseltrack.detect.closeness import Criterion
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.judged import Judged
from vesseltrack.detect.needed_fixes import Silent
from vesseltrack.detect.open_runs import OpenRuns, RunRule
from vesseltrack.detect.recent_fixes import RecentFixes
from vesseltrack.detect.together import SIDES
from vesseltrack.units import US_PER_HOUR, US_PER_S, kn_to_mps

COLUMNS: Final = (
    "key",
    "t_us",
    "lat",
    "lon",
    "segment",
    "sog_kn",
    "heading_deg",
    "port_m",
    "shore_m",
    "anchorage_m",
)
_US_PER_MINUTE: Final = US_PER_HOUR // 60
_M_PER_KM: Final = 1000.0
_MM_PER_M: Final = 1000.0
_SILENCE_US: Final = 10 * US_PER_S  # longer ones are silences
_SETTLES_US: Final = 10 * US_PER_S  # by then most are heard again: those cannot come near any more
_STRIDE_US: Final = 6 * US_PER_HOUR  # looked at in one go
_DENIED: Final = "denied_{}"  # how many instants of a pair denied a criterion so far
_WITHIN_MM: Final = "within_mm_{}"  # the distances of all others, summed up

_HOW: Final[Mapping[str, Merge]] = {
    "key_1": Merge.FIRST,
    "key_2": Merge.FIRST,
    "start_lat": Merge.FIRST,
    "start_lon": Merge.FIRST,
    "start_lat_2": Merge.FIRST,
    "start_lon_2": Merge.FIRST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
    "fix_from_1": Merge.FIRST,
    "fix_to_1": Merge.LAST,
    "fix_from_2": Merge.FIRST,
    "fix_to_2": Merge.LAST,
    "next_fix_1": Merge.FIRST,
    "next_fix_2": Merge.FIRST,
    "last_fix_1": Merge.LAST,
    "last_fix_2": Merge.LAST,
    "from_us_1": Merge.FIRST,
    "to_us_1": Merge.LAST,
    "from_us_2": Merge.FIRST,
    "to_us_2": Merge.LAST,
    "n": Merge.SUM,
    "before_n": Merge.FIRST,
    "until_n": Merge.LAST,
    "before_mm": Merge.FIRST,
    "until_mm": Merge.LAST,
    "min_distance_m": Merge.MIN,
    "max_distance_m": Merge.MAX,
    "max_speed_kn": Merge.MAX,
    "max_heading_off_deg": Merge.MAX,
    "min_port_m": Merge.MIN,
    "min_shore_m": Merge.MIN,
}


class CloseRuns:
    """The fold from fixes to runs of being close, one for each criterion."""

    def __init__(self, config: EncounterClose, criteria: Sequence[Criterion]) -> None:
        self._config = config
        self.criteria = tuple(criteria)
        self._interval_us = round(config.check_interval_min * _US_PER_MINUTE)
        self._interpolation_us = round(config.max_interpolation_min * _US_PER_MINUTE)
        # What ends a run has to be seen, too.
        farthest_m = (one.max_distance_m + one.slack_m for one in criteria)
        self._max_distance_m = max(farthest_m, default=0.0)
        self._least_port_m = min((one.min_port_m for one in criteria), default=0.0)
        self._window = Window(
            0,
            0,
            self._interval_us,
            self._interpolation_us,
            max_leg_mps=kn_to_mps(config.max_leg_kn),
            leg_slack_m=config.leg_slack_km * _M_PER_KM,
        )
        self._last_fixes = LastRows()
        self._last_instants = LastRows()
        self._fixes = RecentFixes()
        self._checks = _Checks(self._max_distance_m, self._interval_us)
        self._clock = Held()  # `next_us`: instants before it are judged
        self._judged = Judged(self._interval_us)  # and some after it
        self._heard = 0  # the interval of the frontier, when these were
        self._ahead = Held()  # runs that ended there: told when all to their end is judged
        bridged_us = [one.bridges_us(self._interval_us) for one in criteria]
        self._bridged_us = max(bridged_us, default=0)
        self._runs = [
            OpenRuns(RunRule(us), _HOW, forgive=one.forgives)
            for one, us in zip(criteria, bridged_us, strict=True)
        ]

    def parts(self) -> Mapping[str, Carries]:
        """Return what is carried from one push to the next, by name."""
        return {**self._small_parts(), "close_fixes": self._fixes, "close_checks": self._checks}

    def _small_parts(self) -> Mapping[str, Carries]:
        runs = {f"runs{number}": one for number, one in enumerate(self._runs)}
        return {
            "close_last": self._last_fixes,
            "close_instants": self._last_instants,
            "close_clock": self._clock,
            "close_judged": self._judged,
            "close_ahead": self._ahead,
            **runs,
        }

    def view(self) -> "CloseRuns":
        """Return a copy that may be ended, of which nothing else may be asked."""
        ended = CloseRuns(self._config, self.criteria)
        for name, part in ended._small_parts().items():
            part.rows = self._small_parts()[name].rows
        ended._fixes, ended._checks, ended._judged = self._fixes, self._checks, self._judged
        return ended

    @property
    def next_us(self) -> int | None:
        """Time from which on nothing is judged yet [us]; None before the first fix."""
        return int(self._clock.rows["next_us"][0]) if self._clock.rows else None

    def push(self, batch: Slice, frontier_us: int) -> Rows:
        """Take the fixes of a slice; return the runs that ended and were long enough.

        Returns
        -------
        runs : Rows
            Columns of a run and `criterion`, its number.
        """
        if not self.criteria:
            return {}
        rows, is_new = self._last_fixes.before(batch.columns.rows(COLUMNS))
        oldest_us = frontier_us - self._interpolation_us
        self._last_fixes.keep(rows, oldest_us)
        # In port and at anchor vessels lie close together: it is they that would fill the pairs.
        rows["port_m"] = np.minimum(rows["port_m"], rows.pop("anchorage_m"))
        self._checks.add(checks_of(rows, is_new, self._least_port_m, self._window))
        self._fixes.add(take(rows, is_new & (rows["port_m"] > self._least_port_m)))
        span_us = self._fixes.span_us
        if self.next_us is None:
            if span_us is None:
                return {}
            self._set_clock(span_us[0] // self._interval_us * self._interval_us)
        found = self._judge_until(oldest_us // self._interval_us * self._interval_us)
        self._ahead.rows = joined(joined(self._ahead.rows, found), self._judge_ahead(frontier_us))
        assert self.next_us is not None
        past_us = self.next_us - self._interval_us
        self._checks.forget(past_us)
        # Of what lies before only the leg that leads on from there matters.
        self._fixes.forget(past_us, past_us - self._interpolation_us)
        settled_us = frontier_us - self._interval_us - _SILENCE_US - _SETTLES_US
        self._fixes.thin(settled_us, _SILENCE_US, self._is_needed)
        return self._due()

    def _due(self) -> Rows:
        """Return the runs whose end is judged of all: so when they are told is the time's alone.

        What is known of their vessels is what is known then, however the fixes were cut.
        """
        runs, next_us = self._ahead.rows, self.next_us
        assert next_us is not None
        if not n_rows(runs):
            return {}
        is_due = next_us - runs["end_us"] > self._interval_us
        self._ahead.rows = take(runs, ~is_due)
        return take(runs, is_due)

    def _is_needed(self, fixes: Rows, span_us: tuple[int, int]) -> Bools:
        """Return which fixes of a stretch of time a pair may ask for, but for those at a silence.

        A pair asks for those up to a check interval before and after it, and the next to them.
        """
        first_us = span_us[0] - self._interval_us - _SILENCE_US
        last_us = span_us[1] + self._interval_us + _SILENCE_US
        window = dataclasses.replace(self._window, start_us=first_us, stop_us=last_us)
        silent = Silent.of(self._last_fixes.rows, last_us)
        keys = [silent.keys, self._checks.pairs(window).keys]
        if checks := self._checks.within(window):
            is_near = silent.near(checks, self._least_port_m, self._max_distance_m, self._window)
            keys.append(checks["key"][is_near])
        return np.isin(fixes["key"], np.concatenate(keys))

    def open_runs(self) -> Rows:
        """Return the runs that are not told yet, however short, with their criterion."""
        found = self._ahead.rows
        for number, runs in enumerate(self._runs):
            if n_rows(runs.rows):
                found = joined(found, _numbered(runs.rows, number))
        return found

    def end(self) -> Rows:
        """Judge everything as if no more were to come; return the runs that are long enough.

        For a copy: what is pushed afterwards would come too late.
        """
        if self.next_us is None:
            return {}
        span_us = self._fixes.span_us
        last_us = self.next_us if span_us is None else max(span_us[1], self.next_us)
        stop_us = (last_us // self._interval_us + 2) * self._interval_us
        return joined(self._ahead.rows, self._judge_until(stop_us + self._bridged_us))

    def _set_clock(self, next_us: int) -> None:
        self._clock.rows = {"next_us": np.array([next_us])}

    def _judge_until(self, due_us: int) -> Rows:
        found: Rows = {}
        next_us = self.next_us
        assert next_us is not None
        span_us = self._fixes.span_us
        while next_us < due_us:
            stop_us = due_us if span_us is None else min(due_us, next_us + _STRIDE_US)
            if span_us is None or span_us[0] < next_us + _STRIDE_US:
                window = dataclasses.replace(self._window, start_us=next_us, stop_us=stop_us)
                pairs = self._judged.left(self._checks.pairs(window))
                found = joined(found, self._judge(pairs, window, stop_us))
            next_us = stop_us
            past_us = next_us - self._interval_us - self._interpolation_us
            if span_us is not None and past_us > span_us[1]:
                span_us = None  # nothing is left to be seen
        self._set_clock(next_us)
        return found

    def _judge_ahead(self, frontier_us: int) -> Rows:
        """Judge what nothing to come can change of vessels that go on reporting.

        Once an interval: a look at what is under way need not go through it then.
        """
        next_us, heard = self.next_us, frontier_us // self._interval_us
        assert next_us is not None
        self._judged.forget(next_us)
        if heard == self._heard or frontier_us <= next_us:
            return {}
        self._heard = heard
        window = dataclasses.replace(self._window, start_us=next_us, stop_us=frontier_us)
        pairs = self._checks.pairs(window)
        if not pairs.n:
            return {}
        known_us = self._judged.known_until(pairs, self._last_fixes.rows)
        pairs = self._judged.left(pairs.between(pairs.start_us, known_us, self._interval_us))
        self._judged.put(pairs)
        return self._judge(pairs, window, next_us)

    def _judge(self, pairs: Pairs, window: Window, frontier_us: int) -> Rows:
        """Judge the instants asked of pairs; runs close that ended long enough before a time."""
        instants, stop_us = no_instants(), frontier_us
        if pairs.n:
            since_us = np.maximum(pairs.check_us - self._interval_us, pairs.start_us)
            fixes = self._fixes.of(pairs.keys, int(since_us.min()))
            latest_us = window.stop_us + self._interval_us + self._interpolation_us
            instants = instants_of(take(fixes, fixes["t_us"] <= latest_us), pairs, window)
        instants, is_new = self._last_instants.before(_with_sums(instants, self.criteria))
        _sum_up(instants, self.criteria)
        self._last_instants.keep(instants, stop_us - self._interval_us - self._bridged_us)
        found: Rows = {}
        for number, (criterion, runs) in enumerate(zip(self.criteria, self._runs, strict=True)):
            met = take(instants, is_new & criterion.is_met(instants))
            records = _records(met, _DENIED.format(number), _WITHIN_MM.format(number))
            closed = runs.push(records, None, stop_us).closed
            met = take(closed, criterion.is_long_enough(closed))
            found = joined(found, _numbered(met, number))
        return found


class _Checks:
    """Where vessels were at the check times that are not judged yet."""

    def __init__(self, max_distance_m: float, interval_us: int) -> None:
        self._max_distance_m, self._interval_us = max_distance_m, interval_us
        self._bins = OpenBins(max_distance_m)

    @property
    def rows(self) -> Rows:
        """All of them."""
        return self._bins.rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._bins = OpenBins(self._max_distance_m)
        if n_rows(rows):
            self.add(rows)

    def add(self, checks: Rows) -> None:
        """Take in rows of `checks_of`."""
        self._bins.add(checks, checks["t_us"] // self._interval_us)

    def pairs(self, window: Window) -> Pairs:
        """Return the pairs that a window asks for."""
        first = window.start_us // self._interval_us - 1
        stop = window.stop_us // self._interval_us + 1
        return Pairs.of(self._bins.pairs(first, stop), window)

    def within(self, window: Window) -> Rows:
        """Return those of a window and of the interval that it ends in; none without any."""
        first, last = window.start_us // self._interval_us, window.stop_us // self._interval_us
        return self._bins.points(first, last + 1)

    def forget(self, past_us: int) -> None:
        """Drop those before a time [us]."""
        self._bins.forget(past_us // self._interval_us)


def _numbered(runs: Rows, criterion: int) -> Rows:
    return {**runs, "criterion": np.full(n_rows(runs), criterion)}


def _with_sums(instants: Rows, criteria: Sequence[Criterion]) -> Rows:
    """Return instants with what is summed up along each pair, still without what was before."""
    distance_mm = np.rint(instants["distance_m"] * _MM_PER_M).astype(np.int64)
    summed: Rows = {}
    for number, one in enumerate(criteria):
        denied = one.is_denied(instants)
        summed[_DENIED.format(number)] = denied.astype(np.int64)
        summed[_WITHIN_MM.format(number)] = np.where(denied, 0, distance_mm)
    return {**instants, "distance_mm": distance_mm, **summed}


def _sum_up(instants: Rows, criteria: Sequence[Criterion]) -> None:
    """Sum up along each pair, from what the carried instant in front of it came to."""
    first = np.flatnonzero(is_change(instants["key"]))
    block = np.diff(np.append(first, n_rows(instants)))
    for number, name in itertools.product(range(len(criteria)), (_DENIED, _WITHIN_MM)):
        column = name.format(number)
        sums = np.cumsum(instants[column])
        instants[column] = sums - np.repeat(sums[first] - instants[column][first], block)


def _records(instants: Rows, denied: str, within_mm: str) -> Rows:
    """Return the instants that met a criterion as records of one."""
    return {
        "key": instants["key"],
        "start_us": instants["t_us"],
        "end_us": instants["t_us"],
        # Two numbers on behind each instant that denies it: one is missed, and has to be forgiven.
        "start_nth": 2 * instants[denied],
        "end_nth": 2 * instants[denied],
        "key_1": instants["key_1"],
        "key_2": instants["key_2"],
        "start_lat": instants["lat_1"],
        "start_lon": instants["lon_1"],
        "start_lat_2": instants["lat_2"],
        "start_lon_2": instants["lon_2"],
        "end_lat": instants["lat_1"],
        "end_lon": instants["lon_1"],
        **{
            f"{name}_{suffix}": instants[f"{name}_{suffix}"]
            for name in ("fix_from", "fix_to", "from_us", "to_us")
            for suffix in SIDES
        },
        **{f"next_fix_{suffix}": instants[f"fix_to_{suffix}"] for suffix in SIDES},
        **{f"last_fix_{suffix}": instants[f"fix_from_{suffix}"] for suffix in SIDES},
        "n": np.ones(n_rows(instants), dtype=np.int64),
        "before_n": instants["nth"] - instants[denied],
        "until_n": instants["nth"] - instants[denied] + 1,
        "before_mm": instants[within_mm] - instants["distance_mm"],
        "until_mm": instants[within_mm],
        "min_distance_m": instants["distance_m"],
        "max_distance_m": instants["distance_m"],
        "max_speed_kn": instants["max_speed_kn"],
        "max_heading_off_deg": instants["heading_off_deg"],
        "min_port_m": instants["port_m"],
        "min_shore_m": instants["shore_m"],
    }
