"""The book of the evidence: what was left where, who visited since, how much each visit says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.e_values import discoveries, normal_density_2d, tilted_density_2d
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.runs import Ints
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries, Held
from vesseltrack.detect.drop_cues import M_PER_KM
from vesseltrack.detect.drop_looks import Looks
from vesseltrack.detect.drop_pairs import Pairs, all_of, near_one_another
from vesseltrack.detect.known_visits import KnownVisits
from vesseltrack.detect.pickup_odds import Place, Surroundings, pickup_density, surroundings
from vesseltrack.detect.pickup_reach import LEAST_TERM, least_intensity, reach_km
from vesseltrack.detect.set_of_water import SetOfWater, offset_km
from vesseltrack.units import US_PER_DAY, US_PER_HOUR

Floats = npt.NDArray[np.float64]

_HISTORY: Final = ("key", "start_us", "end_us", "lat", "lon", "is_marked")
_HOURS: Final = 24
_ROUNDING: Final = 1 + 1e-9
_LEAST_RATE: Final = 1e-9


@dataclass(frozen=True)
class Finding:
    """A break that a later visit explains far better than chance would.

    Attributes
    ----------
    broke, visit : Row
        The break of the passage, and the visit that explains it best.
    end_us : int
        End of the visit that made the ratio large enough.
    ratio : float
        Likelihood ratio, halved where the history is short.
    n_outings : int
        Outings whose visits are in the ratio.
    around : Surroundings
        The traffic about the explaining visit.
    n_breaks, stands : int, bool
        Breaks of the last week, and whether this one stands among them.
    """

    broke: Row
    visit: Row
    end_us: int
    ratio: float
    n_outings: int
    around: Surroundings
    n_breaks: int
    stands: bool


class Book:
    """Breaks of the last days, the visits since, and all visits of the last weeks."""

    def __init__(self, rule: DropPickupDefault, water: SetOfWater) -> None:
        self._rule = rule
        self._water = water
        self._breaks = Held()
        self._terms = Held()  # of each break and visit: `broke` (number of the break) and `term`
        self._history = Held()  # visits by their end
        self._seen = KnownVisits({}, rule)  # the same, by place as well
        self._new = KnownVisits({}, rule)  # visits that are being weighed
        self._new_terms: dict[tuple[int, int], list[Row]] = {}  # by break, of the same

    def parts(self) -> Mapping[str, Carries]:
        """Return what is carried from one push to the next, by name."""
        return {"breaks": self._breaks, "terms": self._terms, "history": self._history}

    def copy(self) -> "Book":
        """Return a book of its own with the same entries."""
        book = Book(self._rule, self._water)
        for name, part in book.parts().items():
            part.rows = dict(self.parts()[name].rows)
        # What stands by place is found out once for all copies between two settlements.
        book._seen = self._known()
        book._history.rows = book._seen.rows
        return book

    def last_breaks_us(self) -> dict[int, int]:
        """Return when the last break of each vessel ended [us]."""
        rows = self._breaks.rows
        if not rows:
            return {}
        order = np.argsort(rows["end_us"], kind="stable")
        ends = zip(rows["key"][order].tolist(), rows["end_us"][order].tolist(), strict=True)
        return dict(ends)

    def enter(self, breaks: Rows) -> None:
        """Take in new breaks, all later than those before."""
        if not n_rows(breaks):
            return
        both = joined(
            self._breaks.rows,
            {
                **breaks,
                "is_told": np.zeros(n_rows(breaks), dtype=np.bool_),
                "evidence": np.zeros(n_rows(breaks)),  # all that visits add to the ratio
            },
        )
        self._breaks.rows = take(both, np.lexsort((both["key"], both["start_us"])))

    def weigh(self, visits: Rows, first_us: int) -> Iterator[Finding]:
        """Take in visits and yield the breaks that they explain.

        Parameters
        ----------
        visits : Rows
            By their end, all later than those before; every break that begins before the last of
            them must be known.
        first_us : int
            Since when anything was received [us].
        """
        if not n_rows(visits):
            return
        self._begin(visits)
        for visit, rows, density in self._worth_a_look(visits).by_visit(visits):
            yield from self._taken(visit, rows, density, first_us)
        self._history.rows = joined(self._history.rows, self._new.rows)
        new = [term for terms in self._new_terms.values() for term in terms]
        self._terms.rows = joined(self._terms.rows, _as_rows(new))
        self._new_terms = {}

    def look(self, visits: Rows, first_us: int, looks: Looks) -> Iterator[Finding]:
        """Yield what `weigh` would, but change nothing that a later look at another copy sees.

        This book is used no further: what cannot be told, nor change what is said of another
        break, is not looked at.

        Parameters
        ----------
        visits, first_us
            As for `weigh`.
        looks : Looks
            What earlier looks have found.
        """
        if not n_rows(visits):
            return
        self._begin(visits)
        for visit, rows, density in looks.pairs(self, visits, first_us).by_visit(visits):
            yield from self._taken(visit, rows, density, first_us)

    def _begin(self, visits: Rows) -> None:
        """Have visits known by place, those settled and those that are weighed."""
        self._known()
        self._new = KnownVisits({name: visits[name] for name in _HISTORY}, self._rule)

    def _known(self) -> KnownVisits:
        """Return the visits settled, by place as well."""
        if self._seen.rows is not self._history.rows:
            self._seen = KnownVisits(self._history.rows, self._rule)
        return self._seen

    def _taken(self, visit: Row, rows: Ints, density: Floats, first_us: int) -> Iterator[Finding]:
        """Note what a visit says of some breaks, and yield those that it explains."""
        is_open = ~self._breaks.rows["is_told"][rows]
        rows = rows[is_open]
        factor, intensity = self.odds_with(visit, rows, first_us)
        terms = density[is_open] * factor / intensity
        for broke, term in zip(rows.tolist(), terms.tolist(), strict=True):
            if self._rule.prior_pickup * term >= LEAST_TERM:
                found = self._weighed(visit, broke, term, first_us)
                if found is not None:
                    yield found

    def forget(self, settled_us: int) -> None:
        """Drop what can explain nothing any more."""
        rule = self._rule
        kept_h = max(rule.week_days * _HOURS, rule.max_delay_h) + rule.max_break_min / 60
        self._breaks.rows = _since(self._breaks.rows, "start_us", settled_us, kept_h)
        self._terms.rows = _since(self._terms.rows, "broke_us", settled_us, kept_h)
        # A visit looks back from its start, which may lie hours before the time settled.
        kept_h = (rule.history_days + 1) * _HOURS
        self._history.rows = _since(self._history.rows, "end_us", settled_us, kept_h)

    def _worth_a_look(self, visits: Rows) -> Pairs:
        """Return which visits might explain which breaks."""
        rule, breaks, found = self._rule, self._breaks.rows, []
        factor = np.where(visits["is_marked"], rule.marked_factor, rule.unmarked_factor)
        for visit, broke in near_one_another(visits, breaks, self.reach_km * M_PER_KM):
            is_asked = ~breaks["is_told"][broke]
            asked, of = visit[is_asked], broke[is_asked]
            density = self.densities(take(breaks, of), take(visits, asked))
            worth = rule.prior_pickup * factor[asked] * density
            pairs = Pairs(asked, of, density, worth)
            found.append(pairs.where(worth / least_intensity(rule) >= LEAST_TERM))
        return all_of(found)

    def _ratios_at_most(self) -> Floats:
        """Return what the ratio of each break is at most, visits of one outing told apart."""
        return np.asarray(
            (1 - self._rule.prior_pickup + self._breaks.rows["evidence"]) * _ROUNDING
        )

    @property
    def _least_of_week(self) -> float:
        """The least ratio that ever counts among the week's: n breaks stand if all reach it."""
        return 1 / max(self._rule.false_discovery_rate, _LEAST_RATE)

    @property
    def breaks(self) -> Rows:
        """The breaks, not to be changed."""
        return self._breaks.rows

    @property
    def reach_km(self) -> float:
        """How far from a break a visit may be that can explain it [km]."""
        return max(reach_km(self._rule), self._water.reach_km)

    @property
    def is_water_unknown(self) -> bool:
        """Whether no ship showed any set of the water."""
        return self._water.is_unknown

    @property
    def least_that_matters(self) -> float:
        """The least ratio that is told, or changes what is said of another break."""
        return min(self._rule.min_ratio, self._least_of_week)

    def visits_since(self, end_us: int) -> Rows:
        """Return the visits settled that ended at a time or later [us]."""
        history = self._history.rows
        return take(history, history["end_us"] >= end_us) if history else {}

    def intensity_at_least(self, visits: Rows, first_us: int) -> Floats:
        """Return what the traffic about visits is at least, shape (n,)."""
        return self._seen.least_intensity(visits, first_us)

    def odds_with(self, visit: Row, rows: Ints, first_us: int) -> tuple[Floats, Floats]:
        """Return the odds of a visit for each of some breaks: what visits are worth, and how many.

        Returns
        -------
        factor, intensity : (n,)
            See `Surroundings`.
        """
        near, breaks = self._near(visit), self._breaks.rows
        keys = breaks["key"][rows]
        around = [self._around(near, visit["key"], visit, first_us)] * rows.size
        # A vessel's own visits tell nothing of others: those that were here have their own odds.
        for one in np.flatnonzero(np.isin(mmsis_of(keys), mmsis_of(near["key"]))):
            around[one] = self._around(near, int(keys[one]), visit, first_us)
        mark = int(visit["is_marked"])
        factor = np.array([one.factors[mark] for one in around])
        return factor, np.array([one.intensity for one in around])

    def densities(self, breaks: Rows, visits: Rows, *, at_most: bool = False) -> Floats:
        """Return how dense pick-ups of what breaks left are where and when visits began.

        Parameters
        ----------
        breaks, visits : Rows
            A row each for a pair.
        at_most : bool
            Not to ask where the water took it: as dense as it can have made them.

        Returns
        -------
        density : (n,)
            See `pickup_density`.
        """
        rule = self._rule
        km = great_circle_m(breaks["lat"], breaks["lon"], visits["lat"], visits["lon"]) / M_PER_KM
        delay_h = (visits["start_us"] - breaks["t_us"]) / US_PER_HOUR
        density = pickup_density(km, delay_h, rule)
        if self._water.is_unknown:
            return density
        within = np.flatnonzero(self._water.is_within_reach(km, delay_h))
        if at_most:
            # No known drift is surer than the place where it was left.
            densest = normal_density_2d(np.zeros(1), rule.drift_spread_km)[0] * _ROUNDING
            most = pickup_density(km[within], delay_h[within], rule, densest)
            density[within] = np.maximum(density[within], most)
            return density
        for at in within:
            broke, visit = row_at(breaks, at), row_at(visits, at)
            drift = self._water.drift(broke, visit)
            if drift is not None:
                off_km = offset_km(broke, visit, drift)
                carried = tilted_density_2d(off_km, drift.covariance_km2)
                density[at] = pickup_density(km[at], delay_h[at], rule, carried)
        return density

    def _near(self, visit: Row) -> Rows:
        """Return the visits known when one began that lie in its region."""
        return joined(self._seen.near(visit), self._new.near(visit))

    def _weighed(self, visit: Row, broke: int, term: float, first_us: int) -> Finding | None:
        """Note what a visit adds to the ratio of a break, and return that if it is enough."""
        row = row_at(self._breaks.rows, broke)
        drift = self._water.drift(row, visit)
        new = {
            **visit,
            "broke_key": row["key"],
            "broke_us": row["start_us"],
            "term": term,
            "n_ships": 0 if drift is None else drift.n_ships,
            "is_led_to": drift is not None,
            "off_km": 0.0 if drift is None else float(np.hypot(*offset_km(row, visit, drift))),
        }
        self._new_terms.setdefault((row["key"], row["start_us"]), []).append(new)
        self._change("evidence", broke, row["evidence"] + self._rule.prior_pickup * term)
        if self._ratios_at_most()[broke] < self._rule.min_ratio:
            return None
        terms = self._terms_of(broke)
        ratio = self._ratio(terms)
        explaining = row_at(terms, int(np.argmax(terms["term"])))
        # The history of the visit that explains it: a later one makes that no surer.
        history_us = explaining["start_us"] - first_us
        if history_us < round(self._rule.short_history_days * US_PER_DAY):
            ratio /= 2
        if ratio < self._rule.min_ratio:
            return None
        self._change("is_told", broke, value=True)
        n_breaks, stands = self._among_the_week(broke, visit["end_us"])
        return Finding(
            broke=row,
            visit=explaining,
            end_us=max(visit["end_us"], explaining["end_us"]),
            ratio=ratio,
            n_outings=n_rows(terms),
            around=self._around(self._near(explaining), row["key"], explaining, first_us),
            n_breaks=n_breaks,
            stands=stands,
        )

    def _change(self, name: str, broke: int, value: float) -> None:
        """Change what is known of one break; saved states keep what they have."""
        column = self._breaks.rows[name].copy()
        column[broke] = value
        self._breaks.rows[name] = column

    def _around(self, near: Rows, dropper: int, visit: Row, first_us: int) -> Surroundings:
        keys = (dropper, visit["key"])
        asked = Place(visit["lat"], visit["lon"], visit["start_us"], keys)
        return surroundings(near, asked, first_us, self._rule)

    def _terms_of(self, broke: int) -> Rows:
        """Return the best visit of each outing for a break: an outing counts once."""
        row, terms = row_at(self._breaks.rows, broke), self._terms.rows
        if terms:
            is_its = (terms["broke_key"] == row["key"]) & (terms["broke_us"] == row["start_us"])
            terms = take(terms, is_its)
        terms = joined(terms, _as_rows(self._new_terms.get((row["key"], row["start_us"]), [])))
        if not terms:
            return terms
        terms = take(terms, np.lexsort((-terms["term"], terms["port_us"], terms["key"])))
        return take(terms, is_change(terms["key"], terms["port_us"]))

    def _ratio(self, terms: Rows) -> float:
        pi = self._rule.prior_pickup
        return (1 - pi) + pi * sum(sorted(terms["term"].tolist()) if terms else ())

    def _among_the_week(self, broke: int, now_us: int) -> tuple[int, bool]:
        """Return how many breaks the last week saw, and whether this one stands among them."""
        t_us = self._breaks.rows["t_us"]
        since_us = now_us - round(self._rule.week_days * US_PER_DAY)
        week = np.union1d(np.flatnonzero((t_us > since_us) & (t_us <= now_us)), [broke])
        ratios = self._ratios_at_most()[week]
        for place in np.flatnonzero(ratios >= self._least_of_week):
            ratios[place] = self._ratio(self._terms_of(int(week[place])))
        stands = discoveries(ratios, self._rule.false_discovery_rate)
        return week.size, bool(stands[np.searchsorted(week, broke)])


def _as_rows(rows: Sequence[Row]) -> Rows:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {}


def _since(rows: Rows, column: str, now_us: int, kept_h: float) -> Rows:
    return take(rows, rows[column] >= now_us - round(kept_h * US_PER_HOUR)) if rows else rows
