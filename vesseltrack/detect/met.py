"""One stretch of two vessels together, in numbers and words, by the definition that found it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.config.detect.encounter import EncounterGfw
from vesseltrack.core.identity import mmsi_of_key
from vesseltrack.core.records import Row, Rows
from vesseltrack.core.shape import halfway
from vesseltrack.detect.closeness import Criterion
from vesseltrack.detect.events import Evidence, Fix, Measure
from vesseltrack.detect.together import SIDES, side_of
from vesseltrack.detect.words import duration, limit, number, pair, place, span
from vesseltrack.units import US_PER_HOUR, h_to_us

_US_PER_MINUTE: Final = US_PER_HOUR // 60
_M_PER_KM: Final = 1000.0
_MM_PER_M: Final = 1000.0


@dataclass(frozen=True)
class Met:
    """What one definition says of two vessels, the smaller key first."""

    preset: str
    keys: tuple[int, int]
    start: Fix
    end: Fix
    lat: float
    lon: float
    measures: Mapping[str, Measure]
    evidence: tuple[Evidence, Evidence]
    sentence: str
    quality: float = 1.0


def met_of_meeting(pairs: Rows, step_us: int, rule: EncounterGfw) -> Met | None:
    """Return the pairs of one meeting in numbers; None if it is too short or too fast."""
    one, other = (side_of(pairs, suffix, step_us) for suffix in SIDES)
    speed_kn = (one.median_speed_kn + other.median_speed_kn) / 2
    start, end = _fix(pairs, 0), _fix(pairs, -1)
    passed_us = end.t_us - start.t_us
    if passed_us < h_to_us(rule.min_duration_h) or not speed_kn < rule.max_median_speed_kn:
        return None
    lat, lon = halfway(one.mean_lat, one.mean_lon, other.mean_lat, other.mean_lon)
    distance_m = float(np.median(pairs["distance_m"]))
    anchorage_m = min(float(np.min(pairs[f"anchorage_m_{suffix}"])) for suffix in SIDES)
    together_frac = pairs["t_us"].size / (passed_us // step_us + 1)
    return Met(
        preset="gfw",
        keys=(one.key, other.key),
        start=start,
        end=end,
        lat=lat,
        lon=lon,
        measures={
            "duration_h": Measure(passed_us / US_PER_HOUR, ">=", rule.min_duration_h),
            "max_distance_m": Measure(
                float(np.max(pairs["distance_m"])), "<=", rule.max_distance_m, counts=False
            ),
            "median_speed_kn": Measure(speed_kn, "<", rule.max_median_speed_kn),
            "min_anchorage_km": Measure(anchorage_m / _M_PER_KM, ">=", rule.min_anchorage_km),
            "median_distance_m": Measure(distance_m, "<=", rule.max_distance_m),
            "together_frac": Measure(together_frac),
            "n_points": Measure([one.n_points, other.n_points]),
        },
        evidence=(
            Evidence(one.key, start.t_us, end.t_us, one.n_fixes),
            Evidence(other.key, start.t_us, end.t_us, other.n_fixes),
        ),
        sentence=(
            f"Apparent encounter: {_who(one.key, other.key)} {number(distance_m)} m apart "
            f"(median) for {duration(passed_us)} ({span(start.t_us, end.t_us)}) at "
            f"{place(lat, lon)}, moving at {number(speed_kn)} kn, "
            f"{number(anchorage_m / _M_PER_KM)} km or more from any known anchorage; "
            f"held against {limit(rule.max_distance_m)} m for "
            f"{limit(rule.min_duration_h)} h under {limit(rule.max_median_speed_kn)} kn."
        ),
        quality=together_frac,
    )


def met_of_run(run: Row, criterion: Criterion) -> Met:
    """Return a run of being close in numbers."""
    start = Fix(run["start_us"], run["start_lat"], run["start_lon"])
    end = Fix(run["end_us"], run["end_lat"], run["end_lon"])
    lat, lon = halfway(start.lat, start.lon, run["start_lat_2"], run["start_lon_2"])
    passed_us, mean_m = end.t_us - start.t_us, _mean_m(run)
    minutes, least_min = (us / _US_PER_MINUTE for us in (passed_us, criterion.min_duration_us))
    near = "<=" if criterion.includes_limit else "<"
    measures = {
        "duration_min": Measure(minutes, ">=", least_min),
        **_held_together(run, criterion, near),
        "mean_distance_m": Measure(mean_m, near, criterion.max_distance_m),
        "min_distance_m": Measure(run["min_distance_m"]),
        "max_speed_kn": _held(run["max_speed_kn"], "<", criterion.max_speed_kn),
        "max_heading_off_deg": _held(
            run["max_heading_off_deg"], "<=", criterion.max_heading_off_deg
        ),
        "min_port_km": Measure(
            run["min_port_m"] / _M_PER_KM, ">", criterion.min_port_m / _M_PER_KM, counts=False
        ),
        "min_shore_km": Measure(
            run["min_shore_m"] / _M_PER_KM, ">=", criterion.min_shore_m / _M_PER_KM, counts=False
        ),
        "n_instants": Measure(_n_instants(run)),
    }
    has_speed = np.isfinite(criterion.max_speed_kn)
    speed = f" under {limit(criterion.max_speed_kn)} kn" if has_speed else ""
    off_deg = criterion.max_heading_off_deg
    is_told = np.isfinite(off_deg)
    bows = f", bows parallel or opposite within {limit(off_deg)} degrees" if is_told else ""
    return Met(
        preset=criterion.preset,
        keys=(run["key_1"], run["key_2"]),
        start=start,
        end=end,
        lat=lat,
        lon=lon,
        measures=measures,
        evidence=(_evidence(run, "1"), _evidence(run, "2")),
        sentence=(
            f"Apparent encounter: {_who(run['key_1'], run['key_2'])} {number(mean_m)} m apart "
            f"(mean) for {duration(passed_us)} ({span(start.t_us, end.t_us)}) from "
            f"{place(lat, lon)}, both at {number(run['max_speed_kn'])} kn at most, "
            f"{number(run['min_port_m'] / _M_PER_KM)} km or more from any known port or "
            f"anchorage; held against {limit(criterion.max_distance_m)} m for "
            f"{limit(least_min)} min{speed}{bows}."
        ),
    )


def _held_together(run: Row, criterion: Criterion, near: str) -> dict[str, Measure]:
    """Return what says that they kept so close: the farthest, or how often they were."""
    if criterion.slack_m:
        within_frac = run["n"] / _n_instants(run)
        return {"within_frac": Measure(within_frac, ">=", criterion.min_within_frac, counts=False)}
    limit_m = criterion.max_distance_m
    return {"max_distance_m": Measure(run["max_distance_m"], near, limit_m, counts=False)}


def _n_instants(run: Row) -> int:
    """Return at how many instants they were judged, the farther ones among them."""
    return int(run["until_n"] - run["before_n"])


def _mean_m(run: Row) -> float:
    """Return the mean distance over all of these [m]."""
    return float((run["until_mm"] - run["before_mm"]) / _n_instants(run) / _MM_PER_M)


def _held(value: float, rule: str, limit_: float) -> Measure:
    """Return a measure, held against a limit where there is one."""
    return Measure(value, rule, limit_, counts=False) if np.isfinite(limit_) else Measure(value)


def _evidence(run: Row, suffix: str) -> Evidence:
    """Return the fixes of one vessel from the last before to the first after a run."""
    n = run[f"fix_to_{suffix}"] - run[f"fix_from_{suffix}"] + 1
    return Evidence(run[f"key_{suffix}"], run[f"from_us_{suffix}"], run[f"to_us_{suffix}"], n)


def _fix(pairs: Rows, row: int) -> Fix:
    """Return where vessel 1 was at one row."""
    return Fix(int(pairs["t_us"][row]), float(pairs["lat_1"][row]), float(pairs["lon_1"][row]))


def _who(one_key: int, other_key: int) -> str:
    return pair(mmsi_of_key(one_key), mmsi_of_key(other_key))
