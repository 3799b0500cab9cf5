"""The book of the evidence: what was left where, who visited since, how much each visit says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.e_values import discoveries, tilted_density_2d
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.runs import Bools
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries, Held
from vesseltrack.detect.drop_cues import M_PER_KM
from vesseltrack.detect.pickup_odds import Place, Surroundings, pickup_density, surroundings
from vesseltrack.detect.set_of_water import SetOfWater, is_within_reach, offset_km
from vesseltrack.units import EARTH_RADIUS_M, US_PER_DAY, US_PER_HOUR

Floats = npt.NDArray[np.float64]

_VISITS_AT_ONCE: Final = 128  # held against all breaks
_LEAST_TERM: Final = 0.01  # visits that add less to a ratio count for nothing
_HOURS: Final = 24
_KM2_PER_100: Final = 100.0
_KM_PER_DEG: Final = EARTH_RADIUS_M * np.pi / 180 / M_PER_KM


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

    def parts(self) -> Mapping[str, Carries]:
        """Return what is carried from one push to the next, by name."""
        return {"breaks": self._breaks, "terms": self._terms, "history": self._history}

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
        both = joined(
            self._breaks.rows, {**breaks, "is_told": np.zeros(n_rows(breaks), dtype=np.bool_)}
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
        self._history.rows = joined(self._history.rows, visits)
        for visit, breaks in self._worth_a_look(visits):
            near = self._near(visit)
            for broke, density in breaks:
                if not self._breaks.rows["is_told"][broke]:
                    found = self._weighed(visit, broke, density, near, first_us)
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

    def _worth_a_look(self, visits: Rows) -> Iterator[tuple[Row, list[tuple[int, float]]]]:
        """Yield visits by their end, each with the breaks that it might explain.

        These by their row, each with the density of pick-ups there.
        """
        rule, breaks = self._rule, self._breaks.rows
        prior = rule.prior_visits / _KM2_PER_100 / _HOURS
        share = rule.prior_days / (rule.prior_days + rule.history_days)
        most = rule.prior_pickup * rule.marked_factor / (rule.region_frac * prior * share)
        for start in range(0, n_rows(visits), _VISITS_AT_ONCE):
            stop = min(start + _VISITS_AT_ONCE, n_rows(visits))
            some = take(visits, np.arange(start, stop))
            is_other = mmsis_of(breaks["key"]) != mmsis_of(some["key"])[:, None]
            density = self._densities(some, is_other)
            might = is_other & (most * density >= _LEAST_TERM)
            for number in np.flatnonzero(might.any(axis=1)):
                rows = np.flatnonzero(might[number])
                told = zip(rows.tolist(), density[number, rows].tolist(), strict=True)
                yield row_at(some, number), list(told)

    def _densities(self, visits: Rows, is_other: Bools) -> Floats:
        """Return how dense pick-ups of what each break left are where and when each visit began.

        A row of shape (n_breaks,) for each of the visits, as `is_other`: whether it is of another
        vessel than the break.
        """
        rule, breaks = self._rule, self._breaks.rows
        start_us, lat, lon = (visits[name][:, None] for name in ("start_us", "lat", "lon"))
        km = great_circle_m(breaks["lat"], breaks["lon"], lat, lon) / M_PER_KM
        delay_h = (start_us - breaks["t_us"]) / US_PER_HOUR
        density = pickup_density(km, delay_h, rule)
        if self._water.is_unknown:
            return density
        for at in zip(*np.nonzero(is_other & is_within_reach(km, delay_h, rule)), strict=True):
            visit, broke = row_at(visits, at[0]), row_at(breaks, at[1])
            drift = self._water.drift(broke, visit)
            if drift is not None:
                off_km = offset_km(broke, visit, drift)
                carried = tilted_density_2d(off_km, drift.covariance_km2)
                density[at] = pickup_density(km[at], delay_h[at], rule, carried)
        return density

    def _near(self, visit: Row) -> Rows:
        """Return the visits known when one began that lie in its region."""
        rule, history = self._rule, self._history.rows
        lat_deg = np.abs(history["lat"] - visit["lat"])
        known = take(
            history,
            (history["end_us"] <= visit["start_us"])
            & (lat_deg * _KM_PER_DEG <= rule.region_km + 1),
        )
        m = great_circle_m(known["lat"], known["lon"], visit["lat"], visit["lon"])
        return take(known, m <= (rule.region_km + 1) * M_PER_KM)

    def _weighed(
        self, visit: Row, broke: int, density: float, near: Rows, first_us: int
    ) -> Finding | None:
        row = row_at(self._breaks.rows, broke)
        around = self._around(near, row, visit, first_us)
        term = density * around.factors[int(visit["is_marked"])] / around.intensity
        if self._rule.prior_pickup * term < _LEAST_TERM:
            return None
        drift = self._water.drift(row, visit)
        new = {
            **visit,
            "broke_key": row["key"],
            "broke_us": row["start_us"],
            "term": term,
            "n_ships": 0 if drift is None else drift.n_ships,
            "off_km": 0.0 if drift is None else float(np.hypot(*offset_km(row, visit, drift))),
        }
        self._terms.rows = joined(
            self._terms.rows, {name: np.array([value]) for name, value in new.items()}
        )
        terms = self._terms_of(broke)
        ratio = self._ratio(terms)
        explaining = row_at(terms, int(np.argmax(terms["term"])))
        # The history of the visit that explains it: a later one makes that no surer.
        history_us = explaining["start_us"] - first_us
        if history_us < round(self._rule.short_history_days * US_PER_DAY):
            ratio /= 2
        if ratio < self._rule.min_ratio:
            return None
        is_told = self._breaks.rows["is_told"].copy()
        is_told[broke] = True
        self._breaks.rows["is_told"] = is_told
        n_breaks, stands = self._among_the_week(broke, visit["end_us"])
        return Finding(
            broke=row,
            visit=explaining,
            end_us=max(visit["end_us"], explaining["end_us"]),
            ratio=ratio,
            n_outings=n_rows(terms),
            around=self._around(self._near(explaining), row, explaining, first_us),
            n_breaks=n_breaks,
            stands=stands,
        )

    def _around(self, near: Rows, broke: Row, visit: Row, first_us: int) -> Surroundings:
        keys = (broke["key"], visit["key"])
        asked = Place(visit["lat"], visit["lon"], visit["start_us"], keys)
        return surroundings(near, asked, first_us, self._rule)

    def _terms_of(self, broke: int) -> Rows:
        """Return the best visit of each outing for a break: an outing counts once."""
        terms, breaks = self._terms.rows, self._breaks.rows
        if not terms:
            return terms
        is_its = (terms["broke_key"] == breaks["key"][broke]) & (
            terms["broke_us"] == breaks["start_us"][broke]
        )
        terms = take(terms, is_its)
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
        ratios = [self._ratio(self._terms_of(int(row))) for row in week]
        stands = discoveries(ratios, self._rule.false_discovery_rate)
        return week.size, bool(stands[np.searchsorted(week, broke)])


def _since(rows: Rows, column: str, now_us: int, kept_h: float) -> Rows:
    return take(rows, rows[column] >= now_us - round(kept_h * US_PER_HOUR)) if rows else rows
