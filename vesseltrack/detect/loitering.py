"""Loitering, our definition: under 2 kn for an hour, away from shore, ports and anchorages."""

from typing import Final

import numpy as np

from vesseltrack.config.detect.loitering import LoiteringDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.records import Row, Rows
from vesseltrack.core.runs import Bools
from vesseltrack.detect.events import Draft, Measure
from vesseltrack.detect.slow_stays import SlowStays, told
from vesseltrack.detect.words import limit, number
from vesseltrack.units import nm_to_m

_M_PER_KM: Final = 1000.0


def shape_name(
    spread_nm: float, net_nm: float, path_nm: float, rounds: float, rule: LoiteringDefault
) -> str:
    """Return what a stay looks like: station keeping, drifting, circling or wandering."""
    if spread_nm <= rule.station_radius_nm:
        return "station keeping"
    if net_nm >= rule.min_drift_straightness * path_nm:
        return "drifting"
    return "circling" if rounds >= rule.min_circles else "wandering"


class Loitering(SlowStays):
    """The `default` preset of `loitering`."""

    def __init__(self, rule: LoiteringDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(rule, confidence)
        self._rule = rule

    def _is_slow(self, legs: Rows) -> Bools:
        rule, speed_kn = self._rule, legs["speed_kn"]
        still = speed_kn <= rule.still_speed_kn
        at_anchor = still & np.isin(legs["status"], rule.anchored_status)
        return np.asarray(
            (speed_kn < rule.max_speed_kn)
            & (legs["min_shore_m"] > nm_to_m(rule.min_shore_nm))
            & (legs["min_port_m"] > rule.port_radius_km * _M_PER_KM)
            & (legs["min_anchorage_m"] > rule.anchorage_radius_km * _M_PER_KM)
            & ~at_anchor
        )

    def _draft(self, run: Row, *, is_open: bool) -> Draft:
        rule, shore_nm = self._rule, run["shore_nm"]
        shape = shape_name(run["spread_nm"], run["net_nm"], run["path_nm"], run["turns"], rule)
        measures = {
            "duration_h": Measure(run["hours"], ">=", rule.min_duration_h),
            "mean_speed_kn": Measure(run["mean_speed_kn"], "<", rule.max_speed_kn),
            "max_speed_kn": Measure(run["max_speed_kn"], "<", rule.max_speed_kn, counts=False),
            "min_shore_nm": Measure(shore_nm, ">", rule.min_shore_nm),
            "min_port_km": Measure(
                run["min_port_m"] / _M_PER_KM, ">", rule.port_radius_km, counts=False
            ),
            "min_anchorage_km": Measure(
                run["min_anchorage_m"] / _M_PER_KM,
                ">",
                rule.anchorage_radius_km,
                counts=False,
            ),
            "path_nm": Measure(run["path_nm"]),
            "net_nm": Measure(run["net_nm"]),
            "spread_nm": Measure(run["spread_nm"]),
            "turns": Measure(run["turns"]),
            "shape": Measure(shape),
        }
        # Whoever sends a status would have said so.
        may_lie_at_anchor = (
            run["n_status"] == 0
            and run["spread_nm"] <= rule.swing_radius_nm
            and run["mean_speed_kn"] <= rule.still_speed_kn
            and shore_nm <= rule.max_anchoring_nm
        )
        explanation = (
            f"{told(run)}, {number(shore_nm)} nm or more from shore, made good "
            f"{number(run['mean_speed_kn'])} kn on average ({shape}, spread "
            f"{number(run['spread_nm'])} nm); held against under {limit(rule.max_speed_kn)} kn "
            f"for {limit(rule.min_duration_h)} h, over {limit(rule.min_shore_nm)} nm from shore."
        )
        return self._stay(
            run,
            measures,
            explanation,
            is_open=is_open,
            innocent={"may_lie_at_anchor": may_lie_at_anchor},
        )
