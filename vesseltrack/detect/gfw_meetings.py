"""The fold from fixes to meetings on a ten-minute grid, as Global Fishing Watch defines them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from vesseltrack.config.detect.encounter import EncounterGfw
from vesseltrack.core.records import Rows, joined, take
from vesseltrack.detect.base import Carries, Held
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.together import (
    MeetingRule,
    OpenSamples,
    meetings_of,
    samples_of,
    sorted_pairs,
    without_short,
)
from vesseltrack.units import US_PER_HOUR, h_to_us

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "segment", "port_m", "anchorage_m")
_US_PER_MINUTE: Final = US_PER_HOUR // 60
_M_PER_KM: Final = 1000.0
_BEFORE_ALL_US: Final = np.iinfo(np.int64).min
_END_OF_TIME_US: Final = np.iinfo(np.int64).max // 2  # half: differences to it must not overflow


class GfwMeetings:
    """Pairs of samples, kept until nothing can be added to their meeting."""

    def __init__(self, rule: EncounterGfw) -> None:
        self._min_anchorage_m = rule.min_anchorage_km * _M_PER_KM
        self.rule = MeetingRule(
            step_us=round(rule.grid_step_min * _US_PER_MINUTE),
            max_interpolation_us=h_to_us(rule.max_interpolation_h),
            max_distance_m=rule.max_distance_m,
            min_run_us=h_to_us(rule.min_run_h),
            merge_gap_us=h_to_us(rule.merge_gap_h),
        )
        self._fixes = LastRows()
        self._samples = OpenSamples(self.rule)  # of times at which others may still be sampled
        self._pairs = Held()  # of meetings that may still go on

    def parts(self) -> Mapping[str, Carries]:
        """Return what is carried from one push to the next, by name."""
        return {"fixes": self._fixes, "samples": self._samples, "pairs": self._pairs}

    def push(self, batch: Slice, frontier_us: int) -> None:
        """Take the fixes of a slice."""
        rows, is_new = self._fixes.before(_with_anchorage(batch.columns.rows(_COLUMNS)))
        # Fixes are numbered on over every silence that a meeting may hold.
        silence_us = max(self.rule.max_interpolation_us, self.rule.merge_gap_us)
        self._fixes.keep(rows, frontier_us - silence_us)
        samples = samples_of(rows, is_new, self.rule)
        # Not at sea: meeting in an anchorage is what anchorages are for.
        away = samples["anchorage_m"] >= self._min_anchorage_m
        self._samples.add(take(samples, away))
        next_us = self.next_us(frontier_us)
        pairs = joined(self._pairs.rows, self._samples.pairs(next_us))
        self._samples.forget(next_us)
        if pairs:
            self._pairs.rows = without_short(sorted_pairs(pairs), next_us, self.rule)

    def next_us(self, frontier_us: int) -> int:
        """Return the first grid time at which a vessel may still be sampled by a fix to come."""
        step = (frontier_us - self.rule.max_interpolation_us) // self.rule.step_us
        return (step + 1) * self.rule.step_us

    def finished(self, frontier_us: int, is_held: Callable[[Rows], bool]) -> Iterator[Rows]:
        """Yield the pairs of each finished meeting, and forget them; not those that are held."""
        pairs = self._pairs.rows
        if not pairs:
            return
        meetings = meetings_of(pairs, self.next_us(frontier_us), self.rule)
        unfinished = np.ones(pairs["t_us"].size, dtype=np.bool_)
        for meeting in np.flatnonzero(meetings.is_finished):
            first = meetings.runs.start[meetings.start[meeting]]
            stop = meetings.runs.stop[meetings.stop[meeting] - 1]
            rows = take(pairs, np.arange(first, stop))
            if not is_held(rows):
                unfinished[first:stop] = False
                yield rows
        self._pairs.rows = take(pairs, unfinished)

    def end(self) -> Iterator[Rows]:
        """Yield the pairs of each meeting there would be if the data ended here."""
        pairs = joined(self._pairs.rows, self._samples.pairs(_END_OF_TIME_US))
        if not pairs:
            return
        pairs = without_short(sorted_pairs(pairs), _END_OF_TIME_US, self.rule)
        meetings = meetings_of(pairs, _END_OF_TIME_US, self.rule)
        for start, stop in zip(meetings.start, meetings.stop, strict=True):
            first, last = meetings.runs.start[start], meetings.runs.stop[stop - 1]
            yield take(pairs, np.arange(first, last))

    def covers(self, key_1: int, key_2: int, start_us: int, end_us: int) -> bool:
        """Return whether a meeting of two vessels overlaps a stretch of time, or may come to."""
        pairs = self._pairs.rows
        if not pairs:
            return False
        is_its = (pairs["key_1"] == key_1) & (pairs["key_2"] == key_2)
        t_us = pairs["t_us"][is_its]
        # What is to come may be merged with it, and the time between is the meeting's then.
        until_us = t_us.max(initial=_BEFORE_ALL_US) + self.rule.merge_gap_us
        return bool(t_us.min(initial=_END_OF_TIME_US) <= end_us and until_us > start_us)


def _with_anchorage(rows: Rows) -> Rows:
    """Return rows whose `anchorage_m` counts ports too, as GFW's anchorages do."""
    nearest = np.minimum(rows.pop("port_m"), rows["anchorage_m"])
    return {**rows, "anchorage_m": nearest}
