"""Encounters: two vessels together at sea, by one definition or several side by side."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vesseltrack.config.detect.encounter import EncounterConfig
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.records import Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.detect.base import Carries, Fold, Held
from vesseltrack.detect.close_runs import CloseRuns
from vesseltrack.detect.closeness import criteria_of
from vesseltrack.detect.events import Draft, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.gfw_meetings import GfwMeetings
from vesseltrack.detect.met import Met, met_of_meeting, met_of_run
from vesseltrack.errors import ConfigError

DEFINITIONS: Final = ("gfw", "handover", "starboard", "sts")
_FISHING: Final = ("fishing",)


class Encounter(Fold):
    """Meetings of any of some presets; those of one pair that overlap are one event."""

    kind = "encounter"

    def __init__(
        self, config: EncounterConfig, confidence: ConfidenceConfig, presets: tuple[str, ...]
    ) -> None:
        super().__init__(confidence)
        self._config = config
        self._asked = presets
        named = _named(presets, config.default.presets)
        self._meetings = GfwMeetings(config.gfw) if "gfw" in named else None
        self._close = CloseRuns(config.close, criteria_of(config, named))
        self._ended = Held()  # runs of being close that may yet be part of a longer event
        self._assisting = class_codes(config.innocent.assisting_classes)
        self._paired = class_codes(config.innocent.paired_classes)
        self._fishing = class_codes(_FISHING)

    def _parts(self) -> Mapping[str, Carries]:
        meetings = {} if self._meetings is None else self._meetings.parts()
        return {**meetings, **self._close.parts(), "ended": self._ended}

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        if self._meetings is not None:
            self._meetings.push(batch, self._frontier_us)
        closed = self._close.push(batch, self._frontier_us)
        self._ended.rows = joined(self._ended.rows, closed)
        return [*self._drafts_of_meetings(), *self._drafts_of_runs()]

    def _if_ended(self) -> Sequence[Draft]:
        # Of what is carried little is copied: this is asked every second of a live feed.
        ended = Encounter(self._config, self._confidence, self._asked)
        ended._fleet, ended._frontier_us = self._fleet, self._frontier_us
        ended._meetings, ended._close = self._meetings, self._close.view()
        ended._ended.rows = self._ended.rows
        return [dataclasses.replace(draft, is_open=True) for draft in ended._end()]

    def _end(self) -> list[Draft]:
        """Return the events there would be if no more were to come: what a copy is asked."""
        self._ended.rows = joined(self._ended.rows, self._close.end())
        meetings = [] if self._meetings is None else list(self._meetings.end())
        drafts = [draft for rows in meetings for draft in self._with_runs(rows)]
        runs = self._ended.rows
        return drafts + self._grouped(runs, np.zeros(n_rows(runs), dtype=np.bool_))

    def _drafts_of_meetings(self) -> list[Draft]:
        if self._meetings is None:
            return []
        open_runs = self._close.open_runs()

        def is_held(pairs: Rows) -> bool:
            span = self._span_with_runs(pairs)
            return bool(_overlaps(open_runs, _pair_of(pairs), span).any())

        finished = self._meetings.finished(self._frontier_us, is_held)
        return [draft for pairs in finished for draft in self._with_runs(pairs)]

    def _span_with_runs(self, pairs: Rows) -> tuple[int, int]:
        """Return the span of a meeting and the ended runs that overlap it, one on the other."""
        span = int(pairs["t_us"][0]), int(pairs["t_us"][-1])
        while True:
            runs = take(self._ended.rows, _overlaps(self._ended.rows, _pair_of(pairs), span))
            if not n_rows(runs):
                return span
            first_us, last_us = int(runs["start_us"].min()), int(runs["end_us"].max())
            wider = min(span[0], first_us), max(span[1], last_us)
            if wider == span:
                return span
            span = wider

    def _with_runs(self, pairs: Rows) -> list[Draft]:
        """Return the event of a meeting with the runs in it; none if it proves no meeting."""
        assert self._meetings is not None
        met = met_of_meeting(pairs, self._meetings.rule.step_us, self._config.gfw)
        if met is None:
            return []
        overlaps = _overlaps(self._ended.rows, _pair_of(pairs), self._span_with_runs(pairs))
        runs = take(self._ended.rows, overlaps)
        runs = take(runs, _order(runs)) if runs else runs
        self._ended.rows = take(self._ended.rows, ~overlaps)
        return [self._draft([met, *self._mets(runs)])]

    def _drafts_of_runs(self) -> list[Draft]:
        """Return the events of runs that nothing can be added to any more."""
        runs = self._ended.rows
        if not n_rows(runs):
            return []
        open_runs = self._close.open_runs()
        waits = np.zeros(n_rows(runs), dtype=np.bool_)
        for number in range(n_rows(runs)):
            run = row_at(runs, number)
            pair, span = (run["key_1"], run["key_2"]), (run["start_us"], run["end_us"])
            waits[number] = _overlaps(open_runs, pair, span).any() or self._may_meet(pair, span)
        return self._grouped(runs, waits)

    def _may_meet(self, pair: tuple[int, int], span: tuple[int, int]) -> bool:
        """Return whether a meeting that overlaps a stretch of time is possible still."""
        if self._meetings is None:
            return False
        known_us = self._meetings.next_us(self._frontier_us)
        return known_us <= span[1] or self._meetings.covers(*pair, *span)

    def _grouped(self, runs: Rows, waits: Bools) -> list[Draft]:
        """Return an event for each group of runs that overlap; keep groups of which one waits."""
        if not n_rows(runs):
            return []
        order = _order(runs)
        runs, waits = take(runs, order), waits[order]
        new_pair = is_change(runs["key_1"], runs["key_2"])
        starts, until_us = new_pair.copy(), 0
        for row in range(order.size):
            starts[row] |= runs["start_us"][row] > until_us
            end_us = int(runs["end_us"][row])
            until_us = end_us if starts[row] else max(until_us, end_us)
        group = np.cumsum(starts) - 1
        held = np.isin(group, group[waits])
        self._ended.rows = take(runs, held)
        return [
            self._draft(self._mets(take(runs, group == one))) for one in np.unique(group[~held])
        ]

    def _mets(self, runs: Rows) -> list[Met]:
        return [
            met_of_run(row_at(runs, row), self._close.criteria[runs["criterion"][row]])
            for row in range(n_rows(runs))
        ]

    def _draft(self, mets: Sequence[Met]) -> Draft:
        """Return the event of meetings that overlap: told by the longest, a grid one first."""
        told = max(mets, key=lambda met: (met.preset == "gfw", met.end.t_us - met.start.t_us))
        start = min((met.start for met in mets), key=lambda fix: fix.t_us)
        end = max((met.end for met in mets), key=lambda fix: fix.t_us)
        met_presets = dict.fromkeys(met.preset for met in (told, *mets))
        default = ("default",) if "default" in self._asked else ()
        also = [preset for preset in met_presets if preset != told.preset]
        return Draft(
            kind=self.kind,
            keys=told.keys,
            anchor=start,
            start=start,
            end=end,
            lat=told.lat,
            lon=told.lon,
            measures={
                **told.measures,
                **_measures_besides(told, mets),
                "vessel_class": Measure([self._fleet.class_of(key) for key in told.keys]),
            },
            innocent=self._innocent(told.keys),
            # What is held to every report is mostly the whole of what errors are allowed for.
            evidence=[one for pair in dict.fromkeys(met.evidence for met in mets) for one in pair],
            explanation=told.sentence + (f" It met {' and '.join(also)} too." if also else ""),
            is_open=False,
            presets=(*default, *met_presets),
            quality=told.quality,
        )

    def _innocent(self, keys: Sequence[int]) -> dict[str, bool]:
        return {
            "assisting_craft": self._fleet.any_of(keys, self._assisting),
            "fishing_in_company": all(self._fleet.any_of([key], self._fishing) for key in keys),
            "ferries_meeting": all(self._fleet.any_of([key], self._paired) for key in keys),
        }


def _named(asked: tuple[str, ...], default: tuple[str, ...]) -> set[str]:
    """Return the definitions asked for, those of the default by their own names."""
    unknown = set(default) - set(DEFINITIONS)
    if unknown:
        msg = (
            f"encounter.default.presets: no preset {', '.join(sorted(unknown))}; "
            f"there are {', '.join(DEFINITIONS)}"
        )
        raise ConfigError(msg)
    return {*asked, *(default if "default" in asked else ())} - {"default"}


def _measures_besides(told: Met, mets: Sequence[Met]) -> dict[str, Measure]:
    """Return what the other definitions measured, under their names."""
    return {
        f"{met.preset}_{name}": dataclasses.replace(measure, counts=False)
        for met in mets
        if met is not told and met.preset != told.preset
        for name, measure in met.measures.items()
    }


def _order(runs: Rows) -> Ints:
    """Return runs by pair, start and criterion: they end in an order that batches decide."""
    return np.lexsort((runs["criterion"], runs["start_us"], runs["key_2"], runs["key_1"]))


def _pair_of(pairs: Rows) -> tuple[int, int]:
    return int(pairs["key_1"][0]), int(pairs["key_2"][0])


def _overlaps(runs: Rows, pair: tuple[int, int], span: tuple[int, int]) -> Bools:
    """Return which runs of a pair share a moment with a span of time [us], shape (n,)."""
    if not runs:
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(
        (runs["key_1"] == pair[0])
        & (runs["key_2"] == pair[1])
        & (runs["start_us"] <= span[1])
        & (runs["end_us"] >= span[0])
    )
