"""Sudden speed change: from way on to a standstill within seconds, and kept (Danish authority)."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.config.detect.sudden_speed_change import SuddenSpeedChangeDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Rows, is_change, joined, n_rows, take
from vesseltrack.core.runs import Ints
from vesseltrack.detect.base import Carries, Fold, Held
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.recent_fixes import RecentFixes
from vesseltrack.detect.words import iso, limit, number, place
from vesseltrack.units import US_PER_S, mps_to_kn

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "sog_kn", "port_m")
_M_PER_KM: Final = 1000.0
_NEVER: Final = np.iinfo(np.int64).min // 2
_END_OF_TIME_US: Final = np.iinfo(np.int64).max // 2


class SuddenSpeedChange(Fold):
    """The `default` preset of `sudden_speed_change`.

    The reports of the last minutes are carried; a stop is judged once everything within reach of
    it is known, so that it does not matter how the reports came.
    """

    kind = "sudden_speed_change"

    def __init__(self, rule: SuddenSpeedChangeDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._before_us = _us(rule.within_s + rule.made_good_s + 2 * rule.max_silence_s)
        self._after_us = _us(rule.kept_s + rule.max_silence_s)
        self._last = LastRows()
        self._reports = RecentFixes()
        self._stops = Held()  # `key` and `t_us` of the first report of each not judged yet
        self._clock = Held()  # `judged_us`: stops that began before it are judged

    def _parts(self) -> Mapping[str, Carries]:
        return {
            "last": self._last,
            "reports": self._reports,
            "stops": self._stops,
            "clock": self._clock,
        }

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        rows = batch.columns.rows(_COLUMNS)
        rows = take(rows, ~np.isnan(rows["sog_kn"]))
        self._reports.add(rows)
        both, is_new = self._last.before(rows)
        self._last.keep(both, self._frontier_us - _us(self._rule.within_s))
        stops = _stops(both, self._rule)
        stops = stops[is_new[stops]]
        new = {"key": both["key"][stops], "t_us": both["t_us"][stops]}
        self._stops.rows = joined(self._stops.rows, new)
        judged_us, due_us = self._judged_us(), self._frontier_us - self._after_us
        drafts = self._drafts(judged_us, due_us)
        self._clock.rows = {"judged_us": np.array([max(judged_us, due_us)])}
        self._stops.rows = take(self._stops.rows, self._stops.rows["t_us"] >= due_us)
        past_us = due_us - self._before_us
        self._reports.forget(past_us, past_us)
        return drafts

    def _if_ended(self) -> Sequence[Draft]:
        return self._drafts(self._judged_us(), _END_OF_TIME_US, is_open=True)

    def _judged_us(self) -> int:
        return int(self._clock.rows["judged_us"][0]) if self._clock.rows else _NEVER

    def _drafts(self, first_us: int, stop_us: int, *, is_open: bool = False) -> list[Draft]:
        """Judge the stops of a stretch of time, by the reports of their vessels alone."""
        stops, drafts = self._stops.rows, []
        if not n_rows(stops):
            return []
        is_asked = (stops["t_us"] >= first_us) & (stops["t_us"] < stop_us)
        keys = np.unique(stops["key"][is_asked])
        if not keys.size:
            return []
        reports = self._reports.of(keys)
        for row in _stops(reports, self._rule):
            if first_us <= reports["t_us"][row] < stop_us:
                draft = self._draft(reports, int(row), is_open=is_open)
                drafts += [draft] if draft is not None else []
        return drafts

    def _draft(self, reports: Rows, row: int, *, is_open: bool) -> Draft | None:
        """Return the event of a stop that begins with a report, if it is one."""
        rule, key = self._rule, int(reports["key"][row])
        length_m = float(self._fleet.length_m(np.array([key]))[0])
        kept = _kept_until(reports, row, rule)
        fast = _way_on_before(reports, row, rule)
        if kept is None or fast is None or not length_m >= rule.min_length_m:
            return None
        made_good_kn = _made_good_kn(reports, fast, row - 1)
        before_kn, after_kn = float(reports["sog_kn"][row - 1]), float(reports["sog_kn"][row])
        if not made_good_kn >= rule.min_made_good_frac * before_kn:
            return None
        start, end = _fix(reports, row - 1), _fix(reports, kept)
        stopped_s = (int(reports["t_us"][row]) - start.t_us) / US_PER_S
        kept_s = (end.t_us - int(reports["t_us"][row])) / US_PER_S
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=end.lat,
            lon=end.lon,
            measures={
                "before_kn": Measure(before_kn, ">", rule.min_before_kn),
                "after_kn": Measure(after_kn, "<", rule.max_after_kn, counts=False),
                "within_s": Measure(stopped_s, "<=", rule.within_s),
                "kept_s": Measure(kept_s, ">=", rule.kept_s, counts=False),
                "made_good_kn": Measure(
                    made_good_kn, ">=", rule.min_made_good_frac * before_kn, counts=False
                ),
                "length_m": Measure(length_m, ">=", rule.min_length_m, counts=False),
                "vessel_class": Measure(self._fleet.class_of(key)),
            },
            innocent={"in_port": bool(reports["port_m"][row] <= rule.port_radius_km * _M_PER_KM)},
            evidence=[
                Evidence(key, int(reports["t_us"][fast]), end.t_us, kept - fast + 1),
            ],
            explanation=(
                f"Apparent sudden stop: from {number(before_kn)} to {number(after_kn)} kn within "
                f"{number(stopped_s)} s at {iso(start.t_us)}, {place(end.lat, end.lon)}, kept for "
                f"{number(kept_s)} s and more; held against more than "
                f"{limit(rule.min_before_kn)} kn, less than {limit(rule.max_after_kn)} kn, "
                f"{limit(rule.within_s)} s and {limit(rule.kept_s)} s."
            ),
            is_open=is_open,
        )


def _stops(reports: Rows, rule: SuddenSpeedChangeDefault) -> Ints:
    """Return the rows of reports, by vessel and time, that are the first of a standstill."""
    sog_kn, t_us = reports["sog_kn"], reports["t_us"]
    is_stop = ~is_change(reports["key"]) & (sog_kn < rule.max_after_kn)
    is_stop[1:] &= (sog_kn[:-1] > rule.min_before_kn) & (np.diff(t_us) <= _us(rule.within_s))
    return np.flatnonzero(is_stop)


def _kept_until(reports: Rows, row: int, rule: SuddenSpeedChangeDefault) -> int | None:
    """Return the report that shows a standstill to be kept for long enough; None if none does."""
    due_us = int(reports["t_us"][row]) + _us(rule.kept_s)
    before_us = int(reports["t_us"][row])
    for later in range(row, n_rows(reports)):
        t_us = int(reports["t_us"][later])
        is_its = reports["key"][later] == reports["key"][row]
        is_heard = t_us - before_us <= _us(rule.max_silence_s)
        if not (is_its and is_heard and reports["sog_kn"][later] < rule.max_after_kn):
            return None
        if t_us >= due_us:
            return later
        before_us = t_us
    return None


def _way_on_before(reports: Rows, row: int, rule: SuddenSpeedChangeDefault) -> int | None:
    """Return the first report of the way on before a standstill; None without enough of them."""
    since_us = int(reports["t_us"][row - 1]) - _us(rule.made_good_s)
    first = row - 1
    while (
        first > 0
        and reports["key"][first - 1] == reports["key"][row]
        and reports["sog_kn"][first - 1] > rule.min_before_kn
        and reports["t_us"][first] - reports["t_us"][first - 1] <= _us(rule.max_silence_s)
        and reports["t_us"][first] > since_us
    ):
        first -= 1
    return first if row - first >= rule.min_fast_reports else None


def _made_good_kn(reports: Rows, first: int, last: int) -> float:
    lat, lon, t_us = reports["lat"], reports["lon"], reports["t_us"]
    moved_m = float(great_circle_m(lat[first], lon[first], lat[last], lon[last]))
    return mps_to_kn(moved_m / max((int(t_us[last]) - int(t_us[first])) / US_PER_S, 1.0))


def _fix(reports: Rows, row: int) -> Fix:
    return Fix(int(reports["t_us"][row]), float(reports["lat"][row]), float(reports["lon"][row]))


def _us(seconds: float) -> int:
    return round(seconds * US_PER_S)
