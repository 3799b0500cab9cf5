"""Loitering as Starboard defines it, and as RTEC's library of maritime patterns does."""

from typing import Final

import numpy as np

from vesseltrack.config.detect.loitering import LoiteringRtec, LoiteringStarboard
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.records import Row, Rows
from vesseltrack.core.runs import Bools
from vesseltrack.detect.events import Draft, Measure
from vesseltrack.detect.slow_stays import SlowStays, told
from vesseltrack.detect.words import limit, number
from vesseltrack.units import h_to_us, m_to_nm

_M_PER_KM: Final = 1000.0
_MIN_PER_H: Final = 60.0


class LoiteringAsStarboard(SlowStays):
    """The `starboard` preset of `loitering`: slow for hours, wherever it is."""

    def __init__(self, rule: LoiteringStarboard, confidence: ConfidenceConfig) -> None:
        super().__init__(rule, confidence)
        self._rule = rule

    def _is_slow(self, legs: Rows) -> Bools:
        return np.asarray(legs["speed_kn"] < self._rule.max_speed_kn)

    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        rule = self._rule
        measures = {
            "duration_h": Measure(run["hours"], ">=", rule.min_duration_h),
            "mean_speed_kn": Measure(run["mean_speed_kn"], "<", rule.max_speed_kn),
            "min_shore_nm": Measure(run["shore_nm"]),
            "path_nm": Measure(run["path_nm"]),
        }
        explanation = (
            f"{told(run)}, made good {number(run['mean_speed_kn'])} kn on average; held against "
            f"under {limit(rule.max_speed_kn)} kn for {limit(rule.min_duration_h)} h (Starboard)."
        )
        return self._stay(run, measures, explanation, is_open=is_open, preset="starboard")


class LoiteringAsRtec(SlowStays):
    """The `rtec` preset of `loitering`: slow or stopped, not near the coast, not at anchor."""

    def __init__(self, rule: LoiteringRtec, confidence: ConfidenceConfig) -> None:
        super().__init__(rule, confidence)
        self._rule = rule

    def _is_slow(self, legs: Rows) -> Bools:
        rule, speed_kn = self._rule, legs["speed_kn"]
        is_stopped = speed_kn < rule.stopped_kn
        # Its stops count only far from ports, and outside anchorages: there it lies at anchor.
        is_away = (legs["min_port_m"] > rule.port_radius_km * _M_PER_KM) & (
            legs["min_anchorage_m"] > rule.anchorage_radius_km * _M_PER_KM
        )
        return np.asarray(
            (speed_kn < rule.max_speed_kn)
            & (legs["min_shore_m"] > rule.coast_m)
            & (~is_stopped | is_away)
        )

    def _counts(self, runs: Rows) -> Bools:
        lasted_us = runs["end_us"] - runs["start_us"]
        return np.asarray(lasted_us > h_to_us(self._rule.min_duration_h))

    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        rule, coast_nm = self._rule, m_to_nm(self._rule.coast_m)
        measures = {
            "duration_h": Measure(run["hours"], ">", rule.min_duration_h),
            "mean_speed_kn": Measure(run["mean_speed_kn"], "<", rule.max_speed_kn),
            "min_shore_nm": Measure(run["shore_nm"], ">", coast_nm, counts=False),
            "path_nm": Measure(run["path_nm"]),
        }
        explanation = (
            f"{told(run)}, {number(run['shore_nm'])} nm or more from shore, made good "
            f"{number(run['mean_speed_kn'])} kn on average; held against under "
            f"{limit(rule.max_speed_kn)} kn for more than "
            f"{limit(rule.min_duration_h * _MIN_PER_H)} min, over {limit(rule.coast_m)} m from "
            f"shore and not at anchor (RTEC)."
        )
        return self._stay(run, measures, explanation, is_open=is_open, preset="rtec")
