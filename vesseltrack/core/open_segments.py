"""Fixes of one identity into segments by the published rule of gpsdio-segment.

Each fix joins the open segment that it follows on best; where two fit nearly as well both are
closed and it begins another. Stretches in which one segment is open and every fix follows on the
one before it are found for all fixes at once; only the others are taken one by one.
"""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.matching import MatchRule, Motion, hours_between, scores
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.units import h_to_us

ALONE: Final = -1  # the number of no segment


@dataclass(frozen=True)
class Segmented:
    """Which segment each fix is in, and which lone fixes were set aside from one."""

    segment: Ints  # (n,) numbered in order of their first fixes; a fix set aside has its own
    beside: Ints  # (n,) for a fix set aside the segment it was heard along with, else `ALONE`
    is_aside: Bools  # (n,)


@dataclass
class _Segment:
    number: int
    rows: list[int] = field(default_factory=list)  # the last ones that were not dropped
    scores: list[float] = field(default_factory=list)  # with which each of them joined
    n_fixes: int = 0


@dataclass(frozen=True)
class _Match:
    score: float
    hours: float
    n_dropped: int  # fixes at the end of the segment that the new one proves false


class _Walk:
    """One pass over the fixes of one identity."""

    def __init__(self, motion: Motion, rule: MatchRule) -> None:
        n = motion.t_us.size
        self._motion, self._rule = motion, rule
        self.segment = np.full(n, ALONE, dtype=np.int64)
        self.beside = np.full(n, ALONE, dtype=np.int64)
        self.is_aside = np.zeros(n, dtype=np.bool_)
        self._n_opened = 0
        self._open: list[_Segment] = []
        self._latest = ALONE  # the segment joined last

    def run(self) -> None:
        motion, rule = self._motion, self._rule
        has_motion = motion.has_motion(rule.slow_kn)
        plain, score = _plain_steps(motion, has_motion, rule)
        stops = np.append(np.flatnonzero(~plain), plain.size)
        row = 0
        while row < plain.size:
            stop = int(stops[np.searchsorted(stops, row)])
            if stop > row and self._goes_on(row):
                self._extend(row, stop, score)
                row = stop
                continue
            if has_motion[row]:
                self._take(row)
            else:
                self._set_aside(row, self._latest)
            row += 1

    def _goes_on(self, row: int) -> bool:
        """Return whether the fixes just before a row are the end of the only open segment."""
        if len(self._open) != 1:
            return False
        return self._open[0].rows[-self._rule.lookback :] == list(
            range(row - self._rule.lookback, row)
        )

    def _extend(self, row: int, stop: int, score: Floats) -> None:
        only = self._open[0]
        self.segment[row:stop] = only.number
        first = max(row, stop - self._rule.lookback)
        only.rows += range(first, stop)
        only.scores += score[first:stop].tolist()
        only.n_fixes += stop - row

    def _take(self, row: int) -> None:
        near = self._fitting(row)
        if near and self._motion.is_long_range[row]:
            hours = min(match.hours for _, match in near)
            if hours < self._rule.long_range_h:
                self._set_aside(row, near[0][0].number)
                return
        if len(near) == 1:
            self._join(*near[0], row)
            return
        ambiguous = {one.number for one, _ in near}
        self._open = [one for one in self._open if one.number not in ambiguous]
        self._begin(row)

    def _fitting(self, row: int) -> list[tuple[_Segment, _Match]]:
        """Return the open segments that a fix may join, the best and those nearly as good."""
        since_us = self._motion.t_us[row] - h_to_us(self._rule.max_gap_h)
        self._open = [one for one in self._open if self._motion.t_us[one.rows[-1]] >= since_us]
        found = [(one, match) for one in self._open if (match := self._match(one, row))]
        sized = self._open if self._rule.weigh_by_place else [one for one, _ in found]
        weights = [
            _weighed(one.n_fixes, match, self._rule)
            for one, (_, match) in zip(sized, found, strict=False)
        ]
        order = sorted(range(len(found)), key=lambda place: -weights[place])
        return [
            found[place]
            for place in order
            if weights[place] * self._rule.ambiguity >= weights[order[0]]
        ]

    def _match(self, one: _Segment, row: int) -> _Match | None:
        """Return how a fix follows on one of the last fixes of a segment, or None where on none.

        On an earlier one than the last it must fit better than the fixes after that one did.
        """
        rule, motion = self._rule, self._motion
        rows = np.array(one.rows[: -rule.lookback - 1 : -1], dtype=np.int64)
        after = np.full(rows.size, row)
        own = scores(motion, rows, after, rule)
        if not np.bitwise_or.reduce(motion.sets[rows]) & motion.sets[row]:
            own = own * rule.other_class
        stood = np.array([0.0, *one.scores[: -rule.lookback - 1 : -1]])[: rows.size]
        weighed = own / np.maximum(1.0, np.arange(rows.size) * rule.lookback_factor)
        weighed = np.where(weighed > stood, weighed, 0.0)
        best = int(np.argmax(weighed))
        if weighed[best] <= 0:
            return None
        hours = hours_between(motion, rows[best : best + 1], after[:1])
        return _Match(float(own[best]), float(hours[0]), best)

    def _join(self, one: _Segment, match: _Match, row: int) -> None:
        for dropped in one.rows[len(one.rows) - match.n_dropped :]:
            self._set_aside(dropped, one.number)
        del one.rows[len(one.rows) - match.n_dropped :]
        del one.scores[len(one.scores) - match.n_dropped :]
        one.rows.append(row)
        one.scores.append(match.score)
        one.n_fixes += 1
        self.segment[row] = one.number
        self._latest = one.number

    def _begin(self, row: int) -> None:
        if len(self._open) >= self._rule.max_open:
            self._open.remove(min(self._open, key=lambda one: one.rows[-1]))
        one = _Segment(self._n_opened, [row], [0.0], 1)
        self._n_opened += 1
        self._open.append(one)
        self.segment[row] = one.number
        self._latest = one.number

    def _set_aside(self, row: int, beside: int) -> None:
        self.segment[row] = self._n_opened
        self.beside[row] = beside
        self.is_aside[row] = True
        self._n_opened += 1


def _weighed(n_fixes: int, match: _Match, rule: MatchRule) -> float:
    share = n_fixes / rule.short_fixes
    return match.score * share / math.hypot(1.0, share)


def segmented(motion: Motion, rule: MatchRule) -> Segmented:
    """Return the segment of each fix of one identity.

    Set aside, each in a segment of its own, are fixes without speed or course, long-range reports
    soon after another fix, and fixes that a later one proves false.

    Parameters
    ----------
    motion : Motion
        In time order; ties in the order given.
    rule : MatchRule
        The published parameters.
    """
    walk = _Walk(motion, rule)
    walk.run()
    numbers, first = np.unique(walk.segment, return_index=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    beside = walk.beside
    heard = beside != ALONE
    beside[heard] = rank[np.searchsorted(numbers, beside[heard])]
    return Segmented(rank[np.searchsorted(numbers, walk.segment)], beside, walk.is_aside)


def _plain_steps(motion: Motion, has_motion: Bools, rule: MatchRule) -> tuple[Bools, Floats]:
    """Return which fixes follow on the one before whatever the ones before that, and how well.

    Of a single open segment that ends in the `lookback` fixes before: no earlier one of them fits
    better, and nothing is set aside.
    """
    n = motion.t_us.size
    plain = has_motion & ~motion.is_long_range
    usable = plain.copy()
    score = np.zeros(n)
    if n <= rule.lookback:
        return np.zeros(n, dtype=np.bool_), score
    rows = np.arange(rule.lookback, n)
    sets = np.zeros(rows.size, dtype=np.int64)
    for back in range(1, rule.lookback + 1):
        sets |= motion.sets[rows - back]
        usable[rule.lookback :] &= plain[rows - back]
    usable[: rule.lookback] = False
    factor = np.where(sets & motion.sets[rows], 1.0, rule.other_class)
    safe = _with_motion(motion, has_motion)
    score[rows] = scores(safe, rows - 1, rows, rule) * factor
    usable &= score > 0
    for back in range(2, rule.lookback + 1):
        weighed = scores(safe, rows - back, rows, rule) * factor
        weighed = weighed / max(1.0, (back - 1) * rule.lookback_factor)
        stood = np.maximum(score[rows - back + 1], score[rows])
        # What the fixes of the first rows joined with is not known here.
        is_known = rows - back + 1 >= rule.lookback
        usable[rows] &= (weighed <= stood) & is_known
    return usable, score


def _with_motion(motion: Motion, has_motion: Bools) -> Motion:
    """Return the fixes with no speed where they tell none: their scores are not used."""
    return Motion(
        motion.t_us,
        motion.lat,
        motion.lon,
        np.where(has_motion, motion.sog_kn, 0.0),
        np.where(has_motion, motion.cog_deg, np.nan),
        motion.sets,
        motion.is_long_range,
    )
