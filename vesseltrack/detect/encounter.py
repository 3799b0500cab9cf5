"""Encounters: two vessels together at sea, by the definition of Global Fishing Watch."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vesseltrack.config.detect.encounter import EncounterGfw
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.records import Rows, joined, take
from vesseltrack.core.shape import halfway
from vesseltrack.detect.base import Carries, Fold, Held
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.together import (
    SIDES,
    MeetingRule,
    Side,
    meetings_of,
    pairs_of,
    samples_of,
    side_of,
    sorted_pairs,
    without_short,
)
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_HOUR, h_to_us

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "segment", "port_m", "anchorage_m")
_US_PER_MINUTE: Final = US_PER_HOUR // 60
_M_PER_KM: Final = 1000.0
_END_OF_TIME_US: Final = np.iinfo(np.int64).max // 2  # half: differences to it must not overflow
_FISHING: Final = ("fishing",)


class Encounter(Fold):
    """The `gfw` preset of `encounter`, which is the default too."""

    kind = "encounter"

    def __init__(
        self, rule: EncounterGfw, confidence: ConfidenceConfig, presets: tuple[str, ...]
    ) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._presets = presets
        self._meeting = MeetingRule(
            step_us=round(rule.grid_step_min * _US_PER_MINUTE),
            max_interpolation_us=h_to_us(rule.max_interpolation_h),
            max_distance_m=rule.max_distance_m,
            min_run_us=h_to_us(rule.min_run_h),
            merge_gap_us=h_to_us(rule.merge_gap_h),
        )
        self._assisting = class_codes(rule.assisting_classes)
        self._fishing = class_codes(_FISHING)
        self._fixes = LastRows()
        self._samples = Held()  # of grid times at which other vessels may still be sampled
        self._pairs = Held()  # of meetings that may still go on

    def _parts(self) -> Mapping[str, Carries]:
        return {"fixes": self._fixes, "samples": self._samples, "pairs": self._pairs}

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        rule = self._meeting
        rows, is_new = self._fixes.before(_with_anchorage(batch.columns.rows(_COLUMNS)))
        self._fixes.keep(rows, self._frontier_us - rule.max_interpolation_us)
        samples = samples_of(rows, is_new, rule)
        # Not at sea: meeting in an anchorage is what anchorages are for.
        away = samples["anchorage_m"] >= self._rule.min_anchorage_km * _M_PER_KM
        samples = joined(self._samples.rows, take(samples, away))
        next_us = self._next_us()
        is_known = samples["t_us"] < next_us
        self._samples.rows = take(samples, ~is_known)
        pairs = joined(self._pairs.rows, pairs_of(take(samples, is_known), rule))
        pairs = without_short(sorted_pairs(pairs), next_us, rule)
        return self._settled(pairs, next_us)

    def _next_us(self) -> int:
        """Return the first grid time at which a vessel may still be sampled by a fix to come."""
        rule = self._meeting
        step = (self._frontier_us - rule.max_interpolation_us) // rule.step_us
        return (step + 1) * rule.step_us

    def _settled(self, pairs: Rows, next_us: int) -> list[Draft]:
        """Return the events of finished meetings and keep the rows of the others."""
        meetings = meetings_of(pairs, next_us, self._meeting)
        drafts = []
        unfinished = np.ones(pairs["t_us"].size, dtype=np.bool_)
        for meeting in np.flatnonzero(meetings.is_finished):
            first = meetings.runs.start[meetings.start[meeting]]
            stop = meetings.runs.stop[meetings.stop[meeting] - 1]
            unfinished[first:stop] = False
            rows = take(pairs, np.arange(first, stop))
            drafts += self._drafts(rows, is_open=False)
        self._pairs.rows = take(pairs, unfinished)
        return drafts

    def _if_ended(self) -> Sequence[Draft]:
        if not self._pairs.rows:
            return []
        rule = self._meeting
        pairs = joined(self._pairs.rows, pairs_of(self._samples.rows, rule))
        pairs = without_short(sorted_pairs(pairs), _END_OF_TIME_US, rule)
        meetings = meetings_of(pairs, _END_OF_TIME_US, rule)
        drafts = []
        for start, stop in zip(meetings.start, meetings.stop, strict=True):
            first, last = meetings.runs.start[start], meetings.runs.stop[stop - 1]
            drafts += self._drafts(take(pairs, np.arange(first, last)), is_open=True)
        return drafts

    def _drafts(self, pairs: Rows, *, is_open: bool) -> list[Draft]:
        """Return the event of one meeting's rows, if it is long and slow enough."""
        sides = [side_of(pairs, suffix, self._meeting.step_us) for suffix in SIDES]
        speed_kn = (sides[0].median_speed_kn + sides[1].median_speed_kn) / 2
        passed_us = int(pairs["t_us"][-1] - pairs["t_us"][0])
        if passed_us < h_to_us(self._rule.min_duration_h):
            return []
        if not speed_kn < self._rule.max_median_speed_kn:
            return []
        return [self._draft(pairs, sides, speed_kn, is_open=is_open)]

    def _draft(
        self, pairs: Rows, sides: Sequence[Side], speed_kn: float, *, is_open: bool
    ) -> Draft:
        rule, keys = self._rule, (sides[0].key, sides[1].key)
        start, end = _fix(pairs, 0), _fix(pairs, -1)
        one, other = sides
        lat, lon = halfway(one.mean_lat, one.mean_lon, other.mean_lat, other.mean_lon)
        passed_us = end.t_us - start.t_us
        distance_m = float(np.median(pairs["distance_m"]))
        anchorage_m = min(float(np.min(pairs[f"anchorage_m_{suffix}"])) for suffix in SIDES)
        together_frac = pairs["t_us"].size / (passed_us // self._meeting.step_us + 1)
        measures = {
            "duration_h": Measure(passed_us / US_PER_HOUR, ">=", rule.min_duration_h),
            "max_distance_m": Measure(
                float(np.max(pairs["distance_m"])), "<=", rule.max_distance_m, counts=False
            ),
            "median_speed_kn": Measure(speed_kn, "<", rule.max_median_speed_kn),
            "min_anchorage_km": Measure(anchorage_m / _M_PER_KM, ">=", rule.min_anchorage_km),
            "median_distance_m": Measure(distance_m, "<=", rule.max_distance_m),
            "together_frac": Measure(together_frac),
            "n_points": Measure([side.n_points for side in sides]),
            "vessel_class": Measure([self._fleet.class_of(key) for key in keys]),
        }
        explanation = (
            f"Apparent encounter: two vessels {number(distance_m)} m apart (median) for "
            f"{duration(passed_us)} ({span(start.t_us, end.t_us)}) at {place(lat, lon)}, moving "
            f"at {number(speed_kn)} kn, {number(anchorage_m / _M_PER_KM)} km or more from any "
            f"known anchorage; held against {limit(rule.max_distance_m)} m for "
            f"{limit(rule.min_duration_h)} h under {limit(rule.max_median_speed_kn)} kn."
        )
        return Draft(
            kind=self.kind,
            keys=keys,
            anchor=start,
            start=start,
            end=end,
            lat=lat,
            lon=lon,
            measures=measures,
            innocent={
                "assisting_craft": self._fleet.any_of(keys, self._assisting),
                "fishing_in_company": all(
                    self._fleet.any_of([key], self._fishing) for key in keys
                ),
            },
            evidence=[
                Evidence(side.key, start.t_us, end.t_us, side.n_fixes)
                for side in sorted(sides, key=lambda side: side.key)
            ],
            explanation=explanation,
            is_open=is_open,
            presets=self._presets,
            quality=together_frac,
        )


def _with_anchorage(rows: Rows) -> Rows:
    """Return rows whose `anchorage_m` counts ports too, as GFW's anchorages do."""
    nearest = np.minimum(rows.pop("port_m"), rows["anchorage_m"])
    return {**rows, "anchorage_m": nearest}


def _fix(pairs: Rows, row: int) -> Fix:
    """Return where vessel 1 was at one row."""
    return Fix(int(pairs["t_us"][row]), float(pairs["lat_1"][row]), float(pairs["lon_1"][row]))
