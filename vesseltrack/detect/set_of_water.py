"""The set of the water, as ships that cross it show it: they head off the course they make.

And as a field of current tells it, if the user gave one: ships then show where it errs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.drift import Drift, Errors, Sets, Water, known_drift
from vesseltrack.core.geodesy import angle_between_deg, great_circle_m
from vesseltrack.core.records import Row, Rows, take
from vesseltrack.core.runs import Ints
from vesseltrack.core.shape import metres_from
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries
from vesseltrack.detect.drop_cues import M_PER_KM, US_PER_MINUTE
from vesseltrack.detect.fold import LastRows
from vesseltrack.detect.given_current import GivenCurrent
from vesseltrack.detect.reports import is_due
from vesseltrack.detect.shown_sets import ShownSets
from vesseltrack.units import METRES_PER_NM, US_PER_HOUR, h_to_us

Floats = npt.NDArray[np.float64]

COLUMNS: Final = ("sog_kn", "cog_deg", "heading_deg")  # of reports, besides time and place
_KM_PER_NM: Final = METRES_PER_NM / M_PER_KM
_STEP_US: Final = 10 * US_PER_MINUTE  # of the times for which a drift is asked
_MARGIN_H: Final = 6.0  # of a visit and of what is settled at a time
_INTEGER, _NUMBER = np.dtype(np.int64), np.dtype(np.float64)
_NO_SETS: Final = {
    **dict.fromkeys(("key", "t_us"), _INTEGER),
    **dict.fromkeys(("lat", "lon", "heading_deg", "across_kn"), _NUMBER),
}


@dataclass(frozen=True)
class _Answer:
    """A drift, None where nobody showed anything, and the MMSI of those who did."""

    drift: Drift | None
    heard: frozenset[int]


class SetOfWater:
    """The fold from reports to sets, and the drift that they tell.

    A ship under way that heads `h` and makes good `v` over ground on the course `c` is set to
    starboard by `v sin(c - h)`.
    """

    def __init__(self, rule: DropPickupDefault) -> None:
        self._rule = rule
        self._sets = ShownSets(rule.max_set_km * M_PER_KM)
        self._last = LastRows()
        self._given = GivenCurrent(rule)
        self._answers: dict[tuple[int, int, int, int | None], _Answer] = {}
        self._water = Water(
            (rule.drift_kn * _KM_PER_NM) ** 2 / 2,
            rule.tide_frac,
            rule.set_memory_h,
            rule.set_range_km,
        )
        self._errors = Errors(rule.set_error_kn * _KM_PER_NM, rule.yaw_error_kn * _KM_PER_NM)

    def parts(self) -> Mapping[str, Carries]:
        """Return what is carried from one push to the next, by name."""
        return {"sets": self._sets, "sets_last": self._last}

    def push(self, reports: Rows, start: Ints, end: Ints, oldest_us: int) -> None:
        """Take in the ends of new legs between reports: of each ship and interval the first.

        Parameters
        ----------
        reports : Rows
            By vessel and time, with `key`, `t_us`, `lat`, `lon`, `port_m` and `COLUMNS`.
        start, end : (n_legs,)
            Rows of them.
        oldest_us : int
            Vessels without a set since then are forgotten [us].
        """
        rule = self._rule
        before, after = take(reports, start), take(reports, end)
        shows = (
            (after["sog_kn"] >= rule.min_set_speed_kn)
            & (angle_between_deg(after["cog_deg"], after["heading_deg"]) <= rule.max_set_angle_deg)
            & (
                angle_between_deg(before["heading_deg"], after["heading_deg"])
                <= rule.max_swing_deg
            )
            & (after["port_m"] > rule.port_radius_km * M_PER_KM)
        )
        names = ("key", "t_us", "lat", "lon", *COLUMNS)
        rows, is_new = self._last.before({name: after[name][shows] for name in names})
        self._last.keep(rows, oldest_us)
        interval_us = round(rule.set_interval_min * US_PER_MINUTE)
        due = take(rows, is_due(rows, is_new, interval_us))
        across_kn = due["sog_kn"] * np.sin(np.radians(due["cog_deg"] - due["heading_deg"]))
        new = {name: due[name] for name in ("key", "t_us", "lat", "lon", "heading_deg")}
        self._sets.add({**new, "across_kn": across_kn})

    def forget(self, settled_us: int) -> None:
        """Drop what no visit still to be weighed may ask for."""
        rule = self._rule
        kept_us = settled_us - h_to_us(rule.set_hours + rule.max_set_delay_h + _MARGIN_H)
        self._sets.forget(kept_us)
        self._answers = {at: one for at, one in self._answers.items() if at[1] >= kept_us}
        self._given.forget(kept_us)

    @property
    def is_unknown(self) -> bool:
        """Whether no ship showed anything anywhere, and no field was given."""
        return self._sets.is_empty and not self._given.is_given

    @property
    def currents_id(self) -> str:
        """Which field of current was given; empty without one."""
        return self._given.currents_id

    @property
    def reach_km(self) -> float:
        """How far off a visit may be that a known drift leads to [km]."""
        most_h = np.array([self._rule.max_set_delay_h])
        return float(self._reach_km(most_h)[0])

    def is_within_reach(self, km: Floats, delay_h: Floats) -> npt.NDArray[np.bool_]:
        """Return where a known drift may tell more than a free one, of the shape of both.

        Further off than three times the spread of a free drift nothing is looked for, or so much
        further as the given current runs in the time.
        """
        rule = self._rule
        is_soon = (delay_h >= rule.min_delay_min / 60) & (delay_h <= rule.max_set_delay_h)
        return np.asarray(is_soon & (km <= self._reach_km(delay_h)))

    def _reach_km(self, delay_h: Floats) -> Floats:
        rule = self._rule
        free_km = rule.drift_kn * _KM_PER_NM * delay_h / np.sqrt(2)
        spread_km = np.hypot(rule.drift_spread_km, free_km)
        return np.asarray(3 * spread_km + self._given.most_km_h * delay_h)

    def drift(self, broke: Row, visit: Row) -> Drift | None:
        """Return how far the water carried what a break left, until a visit began.

        Parameters
        ----------
        broke, visit : Row
            The break (`key`, `t_us`, `lat`, `lon`) and the visit (`key`, `start_us`). Where the
            visit is plays no part, and what the visitor showed of the water does not either: the
            drift must be the same wherever she went.

        Returns
        -------
        drift : Drift or None
            For the delay in the middle of the ten minutes in which she came, by what was received
            before these; None where no ship showed anything and no field is known all the way, or
            after `max_set_delay_h`.
        """
        step = (visit["start_us"] - broke["t_us"]) // _STEP_US
        delay_h = (step + 0.5) * _STEP_US / US_PER_HOUR
        if self.is_unknown or not 0 <= delay_h <= self._rule.max_set_delay_h:
            return None
        # Whoever sends no heading near there asks the same.
        answer = self._answer(broke, step, None)
        mmsi = int(mmsis_of(np.array([visit["key"]]))[0])
        return (answer if mmsi not in answer.heard else self._answer(broke, step, mmsi)).drift

    def _answer(self, broke: Row, step: int, without: int | None) -> _Answer:
        """Return what is known of a drift after so many steps, without what one MMSI showed."""
        asked = (broke["key"], broke["t_us"], step, without)
        if asked not in self._answers:
            delay_h = (step + 0.5) * _STEP_US / US_PER_HOUR
            flow = self._flow(broke, delay_h)
            rows = self._rows_about(broke, step, without)
            rows = rows if flow is None else self._given.beyond(rows)
            heard = frozenset(mmsis_of(rows["key"]).tolist())
            is_told = bool(heard) or flow is not None
            told = self._told(_sets_from(broke, rows), delay_h, flow) if is_told else None
            self._answers[asked] = _Answer(told, heard)
        return self._answers[asked]

    def _flow(self, broke: Row, delay_h: float) -> tuple[Floats, float] | None:
        """Return how far the field takes what a break left, and its error [km, km/h]; if known."""
        way = self._given.way(broke)
        if way is None:
            return None
        moved_km, error_km_h = way.until(delay_h)
        return None if np.isnan(moved_km).any() else (moved_km, error_km_h)

    def _rows_about(self, broke: Row, step: int, without: int | None) -> Rows:
        """Return the sets about a break that were received up to a time, at most the nearest.

        Near in distance and, before the break, in time, by how both make the water unlike.
        """
        rule, t_us = self._rule, broke["t_us"]
        span_us = t_us - h_to_us(rule.set_hours), t_us + step * _STEP_US
        if self._sets.is_empty:
            return {name: np.zeros(0, dtype=kind) for name, kind in _NO_SETS.items()}
        rows = self._sets.about(broke["lat"], broke["lon"], span_us)
        km = great_circle_m(broke["lat"], broke["lon"], rows["lat"], rows["lon"]) / M_PER_KM
        is_asked = km <= rule.max_set_km
        if without is not None:
            is_asked &= mmsis_of(rows["key"]) != without
        kept = np.flatnonzero(is_asked)
        before_h = np.maximum(t_us - rows["t_us"][kept], 0) / US_PER_HOUR
        unlike = km[kept] / rule.set_range_km + before_h / rule.set_memory_h
        order = np.lexsort((rows["key"][kept], rows["t_us"][kept], unlike))
        kept = kept[order[: rule.max_sets]]
        return take(rows, kept)

    def _told(self, sets: Sets, delay_h: float, flow: tuple[Floats, float] | None) -> Drift:
        rule = self._rule
        # What the sets tell about: the water, or where it is other than the field says. That may
        # be so for long: no tide takes it back.
        moved_km, water = np.zeros(2), self._water
        if flow is not None:
            moved_km, error_km_h = flow
            water = replace(water, variance=error_km_h**2, tide_frac=0.0)
        drift = known_drift(sets, delay_h, water, self._errors, rule.max_set_deviations)
        # What floats slips through the water, and is not quite where it was left.
        slip_km = rule.slip_kn * _KM_PER_NM * delay_h
        spread = np.eye(2) * (rule.drift_spread_km**2 + slip_km**2)
        return Drift(drift.mean_km + moved_km, drift.covariance_km2 + spread, drift.n_ships)


def _sets_from(broke: Row, rows: Rows) -> Sets:
    """Return sets as seen from where and when a break left something."""
    n = rows["t_us"].size
    origin = np.full(n, broke["lat"]), np.full(n, broke["lon"])
    east_m, north_m = metres_from(*origin, rows["lat"], rows["lon"])
    return Sets(
        rows["key"],
        (rows["t_us"] - broke["t_us"]) / US_PER_HOUR,
        east_m / M_PER_KM,
        north_m / M_PER_KM,
        rows["heading_deg"],
        rows["across_kn"] * _KM_PER_NM,
    )


def offset_km(broke: Row, visit: Row, drift: Drift) -> Floats:
    """Return where a visit lies from where the water carried what a break left, east and north."""
    asked = (np.array([row[name]]) for row in (broke, visit) for name in ("lat", "lon"))
    east_m, north_m = metres_from(*asked)
    return np.array([east_m[0], north_m[0]]) / M_PER_KM - drift.mean_km
