"""Drop and pick-up: one vessel breaks her passage at sea, another visits the place later.

The evidence is a likelihood ratio against the place's own traffic. Its mean under chance is at
most 1, so a ratio of c and more has a chance of at most 1 / c, however visits cluster.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.identity import mmsi_of_key
from vesseltrack.core.records import Row, Rows, joined, n_rows, take
from vesseltrack.core.runs import Bools
from vesseltrack.detect.base import Carries, Fold, Held
from vesseltrack.detect.drop_book import Book, Finding
from vesseltrack.detect.drop_cues import BREAK_NAMES, M_PER_KM, US_PER_MINUTE
from vesseltrack.detect.drop_looks import Looks
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.open_breaks import OpenBreaks
from vesseltrack.detect.outings import Outings
from vesseltrack.detect.pickup_odds import chance_of_a_visit
from vesseltrack.detect.recent_legs import NO_LEG
from vesseltrack.detect.reports import SpacedReports, steps
from vesseltrack.detect.saved import State
from vesseltrack.detect.set_of_water import COLUMNS as SET_COLUMNS
from vesseltrack.detect.set_of_water import SetOfWater
from vesseltrack.detect.visits import STOPPED, VISIT_NAMES, Visits
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_DAY, US_PER_HOUR, h_to_us

_PLACE: Final = ("port_m", "anchorage_m")
_COLUMNS: Final = ("key", "t_us", "lat", "lon", "segment", *_PLACE, *SET_COLUMNS)
_REPORT: Final = (*("key", "t_us", "lat", "lon", "fix", "nth", "port_us", "track_us"), *_PLACE)
_CLOCK: Final = ("first_us", "settled_us")
_GRID_US: Final = 10 * US_PER_MINUTE  # breaks and visits are settled so often
_STRIDE_US: Final = 12 * US_PER_HOUR  # and so many at once
_FOREVER: Final = np.iinfo(np.int64).max
_MM_PER_M: Final = 1000.0
_PER_100_KM2_DAY: Final = 100.0 * 24
_SHORT_QUALITY: Final = 0.5  # a short history halves the confidence


class DropPickup(Fold):
    """The `default` preset of `drop_pickup`."""

    kind = "drop_pickup"

    def __init__(self, rule: DropPickupDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._gap_us = round(rule.max_gap_min * US_PER_MINUTE)
        self._interval_us = round(rule.report_interval_min * US_PER_MINUTE)
        self._passage_us = round(rule.passage_min * US_PER_MINUTE)
        # Until a break and the passage after it are known, whatever comes.
        self._horizon_us = (
            round(rule.max_break_min * US_PER_MINUTE)
            + self._passage_us
            + self._gap_us
            + 2 * self._interval_us
        )
        self._small = class_codes(rule.small_classes)
        self._assisting = class_codes(rule.assisting_classes)
        self._gear = class_codes(rule.gear_classes)
        self._reports = SpacedReports(self._interval_us)
        self._outings = Outings(self._gap_us, rule.port_radius_km * M_PER_KM)
        self._visits = Visits(rule)
        self._breaks = OpenBreaks(rule)
        self._pending = Held()  # visits that ended, not yet held against the breaks
        self._clock = Held()  # `first_us` of all fixes, `settled_us` of breaks and visits
        self._water = SetOfWater(rule)
        self._book = Book(rule, self._water)
        self._looks = Looks(rule)

    def restore(self, state: State) -> None:
        """Take up a state that a detector of the same settings gave."""
        super().restore(state)
        self._looks = Looks(self._rule)

    def _parts(self) -> Mapping[str, Carries]:
        return {
            **self._reports.parts(),
            "outings": self._outings,
            "stops": self._visits.stops,
            **self._breaks.parts(),
            "pending": self._pending,
            "clock": self._clock,
            **self._water.parts(),
            **self._book.parts(),
        }

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        rows = batch.columns.rows(_COLUMNS)
        if n_rows(rows):
            self._start_clock(int(rows["t_us"].min()))
        forget_us = self._frontier_us - round(self._rule.history_days * US_PER_DAY)
        reports, is_new = self._reports.push(rows, self._frontier_us - self._horizon_us)
        due_us = (self._frontier_us - self._horizon_us) // _GRID_US * _GRID_US
        if is_new.any():
            reports = self._outings.push(reports, is_new, forget_us)
            reports = self._with_legs(reports, is_new)
            legs, is_new = self._breaks.push(reports)
            ended = self._visits.push(legs, is_new, self._reports.last, self._frontier_us)
            self._pending.rows = joined(self._pending.rows, ended)
            self._breaks.forget(self._settled_us - self._horizon_us)
        elif self._settled_us < due_us:
            ended = self._visits.close(self._reports.last, self._frontier_us)
            self._pending.rows = joined(self._pending.rows, ended)
        return self._settle(due_us) if self._settled_us < due_us else []

    def _if_ended(self) -> Sequence[Draft]:
        if not n_rows(self._clock.rows):
            return []
        book = self._book.copy()
        book.enter(self._breaks.ahead(book.last_breaks_us()))
        visits = self._in_order(joined(self._pending.rows, self._visits.under_way()))
        found = book.look(visits, int(self._clock.rows["first_us"][0]), self._looks)
        return [dataclasses.replace(self._draft(finding), is_open=True) for finding in found]

    @property
    def _settled_us(self) -> int:
        """Until when breaks and visits are settled [us]; never, before the first fix."""
        return int(self._clock.rows["settled_us"][0]) if n_rows(self._clock.rows) else _FOREVER

    def _start_clock(self, first_us: int) -> None:
        if not n_rows(self._clock.rows):
            begin_us = first_us // _GRID_US * _GRID_US
            self._clock.rows = dict(zip(_CLOCK, np.array([[first_us], [begin_us]]), strict=True))

    def _with_legs(self, reports: Rows, is_new: Bools) -> Rows:
        """Return the new reports with the length of the leg that leads to each."""
        start, end = steps(reports, is_new, self._gap_us)
        self._water.push(reports, start, end, self._frontier_us - self._horizon_us)
        at = reports["lat"], reports["lon"]
        path_m = great_circle_m(*(column[row] for row in (start, end) for column in at))
        path_mm = np.full(is_new.size, NO_LEG)
        path_mm[end] = np.rint(path_m * _MM_PER_M)
        return take({**{name: reports[name] for name in _REPORT}, "path_mm": path_mm}, is_new)

    def _settle(self, due_us: int) -> list[Draft]:
        """Find the breaks and weigh the visits up to a time, once and for all."""
        drafts: list[Draft] = []
        first_us, settled_us = (int(self._clock.rows[name][0]) for name in _CLOCK)
        while settled_us < due_us:
            stride_us = _STRIDE_US if self._has_work() else due_us - settled_us
            until_us = min(due_us, settled_us + stride_us)
            self._book.enter(self._breaks.settle(until_us, self._book.last_breaks_us()))
            found = self._book.weigh(self._visits_before(until_us), first_us)
            drafts += [self._draft(finding) for finding in found]
            settled_us = until_us
        self._clock.rows = dict(zip(_CLOCK, np.array([[first_us], [settled_us]]), strict=True))
        self._book.forget(settled_us)
        self._water.forget(settled_us)
        return drafts

    def _has_work(self) -> bool:
        return self._breaks.has_ended or n_rows(self._pending.rows) > 0

    def _visits_before(self, until_us: int) -> Rows:
        """Take the pending visits that ended before a time, by their end."""
        is_due = self._pending.rows["end_us"] < until_us
        visits = take(self._pending.rows, is_due)
        self._pending.rows = take(self._pending.rows, ~is_due)
        return self._in_order(visits)

    def _in_order(self, visits: Rows) -> Rows:
        """Return visits by their end, with whether they bear marks."""
        order = np.lexsort((visits["start_us"], visits["key"], visits["end_us"]))
        visits = take(visits, order)
        return {**visits, "is_marked": self._is_marked(visits)}

    def _is_marked(self, visits: Rows) -> Bools:
        """Return which visits look like those of a craft that came for something, shape (n,).

        A small or fast craft fresh out of port, or a vessel not heard before it was at sea.
        """
        rule, first_us = self._rule, self._clock.rows["first_us"][0]
        appeared_us = round(rule.appeared_min * US_PER_MINUTE)
        keys = visits["key"]
        is_small = (self._fleet.length_m(keys) < rule.small_length_m) | np.isin(
            self._fleet.ship_type(keys), self._small
        )
        is_fresh = visits["start_us"] - visits["port_us"] <= h_to_us(rule.fresh_outing_h)
        has_appeared = (
            (visits["start_us"] - visits["track_us"] <= appeared_us)
            & (visits["port_us"] < visits["track_us"])
            & (visits["track_us"] - first_us > appeared_us)  # when reception began, all appear
        )
        return np.asarray((is_small & is_fresh) | has_appeared)

    def _draft(self, found: Finding) -> Draft:
        rule, broke, visit, around = self._rule, found.broke, found.visit, found.around
        keys = (broke["key"], visit["key"])
        dropped = Fix(broke["t_us"], broke["lat"], broke["lon"])
        km = float(great_circle_m(dropped.lat, dropped.lon, visit["lat"], visit["lon"])) / M_PER_KM
        delay_us = visit["start_us"] - dropped.t_us
        radius_km, expected, chance = chance_of_a_visit(around.intensity, delay_us / US_PER_HOUR)
        currents = self._water.currents_id
        measures = {
            "likelihood_ratio": Measure(found.ratio, ">=", rule.min_ratio),
            "p_bound": Measure(1 / found.ratio),
            "delay_h": Measure(delay_us / US_PER_HOUR, "<=", rule.max_delay_h, counts=False),
            "distance_km": Measure(km),
            "break": Measure(BREAK_NAMES[broke["kind"]]),
            "break_min": Measure((broke["end_us"] - broke["start_us"]) / US_PER_MINUTE),
            "passage_speed_kn": Measure(
                broke["speed_kn"], ">=", rule.min_passage_kn, counts=False
            ),
            "n_ships_showing_set": Measure(visit["n_ships"]),
            **({"off_drift_km": Measure(visit["off_km"])} if visit["is_led_to"] else {}),
            **({"currents": Measure(currents)} if currents else {}),
            "visit": Measure(VISIT_NAMES[visit["kind"]]),
            "visit_min": Measure((visit["end_us"] - visit["start_us"]) / US_PER_MINUTE),
            "has_marks": Measure(bool(visit["is_marked"])),
            "n_outings": Measure(found.n_outings),
            "visits_per_100km2_day": Measure(around.intensity * _PER_100_KM2_DAY),
            "history_days": Measure(around.history_days),
            "disc_km": Measure(radius_km),
            "expected_visits_in_disc": Measure(expected),
            "poisson_p": Measure(chance),
            "n_breaks_of_week": Measure(found.n_breaks),
            "stands_among_week": Measure(found.stands),
            "vessel_class": Measure([self._fleet.class_of(key) for key in keys]),
        }
        is_short = around.history_days < rule.short_history_days
        return Draft(
            kind=self.kind,
            keys=keys,
            is_ordered=True,
            anchor=dropped,
            start=Fix(broke["start_us"], broke["start_lat"], broke["start_lon"]),
            end=Fix(found.end_us, visit["lat"], visit["lon"]),
            lat=dropped.lat,
            lon=dropped.lon,
            measures=measures,
            innocent={
                "assisting_craft": self._fleet.any_of(keys, self._assisting),
                "fetching_gear": self._fleet.any_of(keys[:1], self._gear),
            },
            evidence=[_evidence(broke), _evidence(visit)],
            explanation=_sentence(found, km, rule),
            is_open=False,
            quality=_SHORT_QUALITY if is_short else 1.0,
        )


def _evidence(row: Row) -> Evidence:
    n = row["end_fix"] - row["start_fix"] + 1
    return Evidence(row["key"], row["start_us"], row["end_us"], n)


def _sentence(found: Finding, km: float, rule: DropPickupDefault) -> str:
    broke, visit = found.broke, found.visit
    lasted = duration(broke["end_us"] - broke["start_us"])
    stay = duration(visit["end_us"] - visit["start_us"])
    delay = duration(visit["start_us"] - broke["t_us"])
    how = f"stopped for {stay}" if visit["kind"] == STOPPED else "turned sharply"
    return (
        f"Apparent drop and pick-up: MMSI {mmsi_of_key(broke['key']):09d} on passage at "
        f"{number(broke['speed_kn'])} kn {BREAK_NAMES[broke['kind']]} for {lasted} at "
        f"{place(broke['lat'], broke['lon'])} ({span(broke['start_us'], broke['end_us'])}); "
        f"{delay} later MMSI {mmsi_of_key(visit['key']):09d} {how} {number(km)} km from there, "
        f"{number(found.ratio)} times likelier than by the traffic of the place; "
        f"held against {limit(rule.min_ratio)} times."
    )
