"""Looks at what is not settled: each finds what it would alone, and costs what has changed.

Of a pair of a visit and a break all is kept that the next look would find again. The traffic
about a visit is that of the visits which had ended when it began, so one that is new, or known
otherwise, changes the odds of those alone that began later and near it.
"""

import itertools
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, joined, n_rows, row_at, take
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.detect.drop_cues import M_PER_KM
from vesseltrack.detect.drop_pairs import Pairs, all_of, near_one_another, only_in_one, rows_of
from vesseltrack.detect.pickup_reach import LEAST_TERM, least_intensity

Floats = npt.NDArray[np.float64]

_VISIT: Final = ("key", "start_us", "end_us", "lat", "lon", "is_marked")
_BREAK: Final = ("key", "t_us", "lat", "lon", "start_us", "end_us")
_MANY: Final = 64  # visits of which it is worth counting what is about all of them first
_MOST_DOUBTED: Final = 2_000_000  # distances; beyond, nothing is known of any visit any more
_ROUNDING: Final = 1 + 1e-9


class Odds(Protocol):
    """What a book tells of its breaks."""

    @property
    def breaks(self) -> Rows:
        """The breaks, with `is_told` and the `evidence` of visits settled."""

    @property
    def reach_km(self) -> float:
        """How far from a break a visit may be that can explain it [km]."""

    @property
    def is_water_unknown(self) -> bool:
        """Whether no ship showed any set of the water."""

    @property
    def least_that_matters(self) -> float:
        """The least ratio that is told, or changes what is said of another break."""

    def densities(self, breaks: Rows, visits: Rows, *, at_most: bool = False) -> Floats:
        """Return how dense pick-ups of each break are where and when a visit began, (n,)."""

    def odds_with(self, visit: Row, rows: Ints, first_us: int) -> tuple[Floats, Floats]:
        """Return what a visit is worth, and the intensity about it, for some breaks, (n,)."""

    def visits_since(self, end_us: int) -> Rows:
        """Return the visits settled that ended at a time or later."""

    def intensity_at_least(self, visits: Rows, first_us: int) -> Floats:
        """Return what the traffic about visits is at least, (n,)."""


class Looks:
    """What is known of the pairs of the last look; empty before the first, and never saved.

    Parameters
    ----------
    rule : DropPickupDefault
        The limits.
    """

    def __init__(self, rule: DropPickupDefault) -> None:
        self._rule = rule
        self._region_m = (rule.region_km + 2) * M_PER_KM
        self._anywhere = least_intensity(rule)
        self._asked_of: tuple[int, bool] | None = None
        self._visits: Rows = {}
        self._breaks: Rows = {}
        # `visit`, `broke`, `most_density`, `most` that each adds to the ratio; `density`, `factor`
        # and `intensity`, NaN where nobody asked.
        self._pairs: Rows = {}

    def pairs(self, book: Odds, visits: Rows, first_us: int) -> Pairs:
        """Return the pairs of breaks that may be told, or change what is said of others.

        Parameters
        ----------
        book : Odds
            The breaks as far as known.
        visits : Rows
            Those that are not settled, at least one.
        first_us : int
            Since when anything was received [us].

        Returns
        -------
        pairs : Pairs
            By rows of the visits and of the breaks of the book.
        """
        if not n_rows(book.breaks):
            return all_of([])
        if self._asked_of != (first_us, book.is_water_unknown):
            self._asked_of = first_us, book.is_water_unknown
            self._visits, self._breaks, self._pairs = {}, {}, {}
        own = {name: visits[name] for name in _VISIT}
        self._doubt(own, book)
        self._carry_over(own, {name: book.breaks[name] for name in _BREAK}, book)
        if not n_rows(self._pairs):
            return all_of([])
        self._ask(book, first_us)
        is_kept = self._matters(book)
        pairs = take(self._pairs, is_kept)
        worth = self._rule.prior_pickup * pairs["factor"] * pairs["density"]
        return Pairs(pairs["visit"], pairs["broke"], pairs["density"], worth)

    def _doubt(self, visits: Rows, book: Odds) -> None:
        """Forget the odds of visits of whose surroundings others are known now."""
        if not n_rows(self._pairs):
            return
        since_us = int(self._visits["end_us"].min())
        known = joined(visits, book.visits_since(since_us))
        changed = only_in_one(self._visits, {name: known[name] for name in _VISIT})
        asked = np.unique(self._pairs["visit"][~np.isnan(self._pairs["intensity"])])
        if not n_rows(changed) or not asked.size:
            return
        if n_rows(changed) * asked.size > _MOST_DOUBTED:
            is_in_doubt = np.ones(asked.size, dtype=np.bool_)
        else:
            at = (self._visits[name][asked] for name in ("lat", "lon"))
            m = great_circle_m(changed["lat"][:, None], changed["lon"][:, None], *at)
            is_earlier = changed["end_us"][:, None] <= self._visits["start_us"][asked]
            is_in_doubt = np.any((m <= self._region_m) & is_earlier, axis=0)
        of_pair = np.isin(self._pairs["visit"], asked[is_in_doubt])
        for name in ("factor", "intensity"):
            self._pairs[name][of_pair] = np.nan

    def _carry_over(self, visits: Rows, breaks: Rows, book: Odds) -> None:
        """Keep the pairs of what is known still, by its rows now, and take in new ones."""
        found = []
        old = [rows_of(self._visits, visits), rows_of(self._breaks, breaks)]
        if self._pairs:
            kept = np.ones(n_rows(self._pairs), dtype=np.bool_)
            for name, rows, before in zip(
                ("visit", "broke"), old, (self._visits, self._breaks), strict=True
            ):
                place = np.full(n_rows(before), -1)
                place[rows[rows >= 0]] = np.flatnonzero(rows >= 0)
                self._pairs[name] = place[self._pairs[name]]
                kept &= self._pairs[name] >= 0
            found.append(take(self._pairs, kept))
        is_new_visit, is_new_break = (rows < 0 for rows in old)
        new, known = np.flatnonzero(is_new_visit), np.flatnonzero(~is_new_visit)
        late = np.flatnonzero(is_new_break)
        every = np.arange(is_new_break.size)
        for rows, others in ((new, every), (known, late)):
            some, of = take(visits, rows), take(breaks, others)
            for visit, broke in near_one_another(some, of, book.reach_km * M_PER_KM):
                found.append(self._new(visits, breaks, rows[visit], others[broke], book))
        self._visits, self._breaks = visits, breaks
        self._pairs = {}
        for part in found:
            self._pairs = joined(self._pairs, part)

    def _new(self, visits: Rows, breaks: Rows, visit: Ints, broke: Ints, book: Odds) -> Rows:
        """Return new pairs, but for those that count for nothing anywhere."""
        rule = self._rule
        density = book.densities(take(breaks, broke), take(visits, visit), at_most=True)
        factor = np.where(visits["is_marked"], rule.marked_factor, rule.unmarked_factor)
        most = rule.prior_pickup * factor[visit] * density / self._anywhere
        unknown = np.full(visit.size, np.nan)
        columns = {"visit": visit, "broke": broke, "most_density": density, "most": most}
        columns |= {"density": unknown, "factor": unknown, "intensity": unknown}
        return take(columns, most * _ROUNDING >= LEAST_TERM)

    def _ask(self, book: Odds, first_us: int) -> None:
        """Find out, step by step, what is unknown of pairs that may matter."""
        pairs = self._pairs
        rows = self._unknown("intensity", book)
        own, nth = np.unique(pairs["visit"][rows], return_inverse=True)
        if own.size > _MANY:
            # Counting about a place costs less, and tells enough of most.
            there = book.intensity_at_least(take(self._visits, own), first_us)[nth]
            most = (
                self._rule.prior_pickup * self._factor(rows) * pairs["most_density"][rows] / there
            )
            pairs["most"][rows] = np.minimum(pairs["most"][rows], most)
            rows = self._unknown("intensity", book)
        rows = rows[np.lexsort((pairs["broke"][rows], pairs["visit"][rows]))]
        visit, broke = pairs["visit"][rows], pairs["broke"][rows]
        offsets = offsets_of_sorted(visit)
        for first, stop in itertools.pairwise(offsets):
            asked = row_at(self._visits, visit[first])
            odds = book.odds_with(asked, broke[first:stop], first_us)
            pairs["factor"][rows[first:stop]], pairs["intensity"][rows[first:stop]] = odds
        rows = self._unknown("density", book)  # where the water takes what was left costs most
        of_pairs = (
            take(self._breaks, pairs["broke"][rows]),
            take(self._visits, pairs["visit"][rows]),
        )
        pairs["density"][rows] = book.densities(*of_pairs)

    def _factor(self, rows: Ints) -> Floats:
        """Return what the visits of pairs are worth at most, (n,)."""
        is_marked = self._visits["is_marked"][self._pairs["visit"][rows]]
        return np.where(is_marked, self._rule.marked_factor, self._rule.unmarked_factor)

    def _unknown(self, name: str, book: Odds) -> Ints:
        """Return the pairs that may matter and of which something is not known."""
        return np.flatnonzero(np.isnan(self._pairs[name]) & self._matters(book))

    def _matters(self, book: Odds) -> Bools:
        """Return which pairs are of breaks that may be told, or change what is said of others."""
        pairs, breaks, prior = self._pairs, book.breaks, self._rule.prior_pickup
        density = np.where(np.isnan(pairs["density"]), pairs["most_density"], pairs["density"])
        worth = prior * density * pairs["factor"] / pairs["intensity"]
        worth = np.where(np.isnan(worth), pairs["most"], worth) * _ROUNDING
        worth[worth < LEAST_TERM] = 0.0
        is_open = ~breaks["is_told"][pairs["broke"]]
        of_visits = np.bincount(pairs["broke"], weights=worth, minlength=n_rows(breaks))
        ratio = 1 - prior + breaks["evidence"] + of_visits
        is_enough = ratio * _ROUNDING >= book.least_that_matters
        return np.asarray(is_open & (worth > 0) & is_enough[pairs["broke"]])
