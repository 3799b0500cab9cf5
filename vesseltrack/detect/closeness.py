"""What being close together means to each preset that looks at report times."""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.config.detect.encounter import (
    EncounterConfig,
    EncounterHandover,
    EncounterStarboard,
    EncounterSts,
)
from vesseltrack.core.records import Rows, n_rows
from vesseltrack.core.runs import Bools
from vesseltrack.detect.together import SIDES
from vesseltrack.units import US_PER_HOUR

_US_PER_MINUTE: Final = US_PER_HOUR // 60
_M_PER_KM: Final = 1000.0


@dataclass(frozen=True)
class Criterion:
    """One way of being close for long enough."""

    preset: str
    max_distance_m: float
    includes_limit: bool
    min_duration_us: int
    min_port_m: float
    min_shore_m: float
    max_speed_kn: float = np.inf
    max_heading_off_deg: float = np.inf
    still_kn: float = 0.0  # two that stay slower than this
    still_min_shore_m: float = 0.0  # are moored if closer to the shore than this
    # Errors of positions allowed for, which last for minutes: so much farther ends nothing if they
    # are back before it is as long as the least duration, and within it at this share of instants.
    slack_m: float = 0.0
    min_within_frac: float = 1.0
    max_false_reports: int = 0  # of one vessel in a row, which do not part the two

    def bridges_us(self, interval_us: int) -> int:
        """Return across how long between two instants that meet it a run goes on [us]."""
        return max(interval_us, self.min_duration_us) if self.slack_m else interval_us

    def forgives(self, before: Rows, after: Rows) -> Bools:
        """Return whether what parts two runs may be false reports of one vessel, shape (n,)."""
        forgiven = np.zeros(n_rows(before), dtype=np.bool_)
        for suffix in SIDES:
            n_between = after[f"next_fix_{suffix}"] - before[f"last_fix_{suffix}"] - 1
            forgiven |= (n_between >= 1) & (n_between <= self.max_false_reports)
        return forgiven

    def is_met(self, instants: Rows) -> Bools:
        """Return at which instants two vessels meet it, shape (n,); the unknown never does."""
        return self._is_met(instants, self.max_distance_m)

    def is_denied(self, instants: Rows) -> Bools:
        """Return which instants end a run, whatever follows, shape (n,)."""
        return ~self._is_met(instants, self.max_distance_m + self.slack_m)

    def _is_met(self, instants: Rows, max_distance_m: float) -> Bools:
        close = instants["distance_m"] < max_distance_m
        if self.includes_limit:
            close |= instants["distance_m"] == max_distance_m
        close &= (instants["port_m"] > self.min_port_m) & (instants["shore_m"] >= self.min_shore_m)
        if np.isfinite(self.max_speed_kn):
            close &= instants["max_speed_kn"] < self.max_speed_kn
        if np.isfinite(self.max_heading_off_deg):
            close &= instants["heading_off_deg"] <= self.max_heading_off_deg
        return np.asarray(close)

    def is_long_enough(self, runs: Rows) -> Bools:
        """Return which runs last, and are no two vessels moored side by side, shape (n,)."""
        is_moored = (runs["max_speed_kn"] < self.still_kn) & (
            runs["min_shore_m"] < self.still_min_shore_m
        )
        is_long = runs["end_us"] - runs["start_us"] >= self.min_duration_us
        is_within = runs["n"] >= self.min_within_frac * (runs["until_n"] - runs["before_n"])
        return np.asarray(is_long & is_within & ~is_moored)


def criteria_of(config: EncounterConfig, presets: Collection[str]) -> tuple[Criterion, ...]:
    """Return the criteria of those presets that look at report times."""
    handover, starboard, sts = config.handover, config.starboard, config.sts
    # Preset, distance [m], time [min], speed [kn] and angle [deg], and where.
    every = (
        ("handover", handover.near_distance_m, handover.near_min, handover.near_speed_kn, np.inf),
        ("handover", handover.touch_distance_m, handover.touch_min, np.inf, np.inf),
        ("starboard", starboard.near_distance_m, starboard.near_min, np.inf, np.inf),
        ("starboard", starboard.touch_distance_m, starboard.touch_min, np.inf, np.inf),
        ("sts", sts.near_distance_m, sts.near_min, sts.near_speed_kn, sts.max_heading_off_deg),
    )
    where: Mapping[str, EncounterHandover | EncounterStarboard | EncounterSts] = {
        "handover": handover,
        "starboard": starboard,
        "sts": sts,
    }
    exact = tuple(
        Criterion(
            preset,
            max_distance_m=distance_m,
            includes_limit=preset == "handover",
            min_duration_us=round(minutes * _US_PER_MINUTE),
            min_port_m=where[preset].min_port_km * _M_PER_KM,
            min_shore_m=where[preset].min_shore_km * _M_PER_KM,
            max_speed_kn=speed_kn,
            max_heading_off_deg=off_deg,
            still_kn=handover.still_speed_kn if preset == "handover" else 0.0,
            still_min_shore_m=handover.still_min_shore_km * _M_PER_KM,
            max_false_reports=handover.max_false_reports if preset == "handover" else 0,
        )
        for preset, distance_m, minutes, speed_kn, off_deg in every
        if preset in presets
    )
    # What others published is held to every report, and so is what is far wider than any error.
    return exact + tuple(
        dataclasses.replace(
            one, slack_m=handover.touch_slack_m, min_within_frac=handover.touch_within_frac
        )
        for one in exact
        if one.preset == "handover" and one.max_speed_kn == np.inf
    )
