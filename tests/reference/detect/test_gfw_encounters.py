"""Encounters as Global Fishing Watch publishes them, stage by stage.

Their raw encounters come once from each side; ours are one row a pair with both sides in it.
"""

import json

import numpy as np
import pytest

from archives import ROOT
from detect_tables import HOUR, events_of, fixes, instant, key, pairs_of, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.settings import with_values
from vesseltrack.core.records import n_rows, take
from vesseltrack.detect import make_detector
from vesseltrack.detect.fold import FixColumns, LastRows
from vesseltrack.detect.together import (
    MeetingRule,
    runs_of,
    samples_of,
    side_of,
    sorted_pairs,
)

CASES = {
    case["id"]: case
    for case in json.loads((ROOT / "fixtures/reference_cases/encounters.json").read_text())[
        "cases"
    ]
}
NEVER = np.iinfo(np.int64).max // 2

# Where we differ on purpose, and what we give instead: (start, end) of each run or encounter.
DIFFERS = {
    "enc-multi-one-neighbour": (
        "every neighbour is paired, not only the nearest: the result is that of enc-multi",
        None,
    ),
    "enc-real-441910000-563418000": (
        (
            "a hole of more than the interpolation limit in either track ends the run; theirs "
            "ends only at holes of the second vessel, so that the two sides differ by 10 h"
        ),
        [("2015-03-19T07:40:00Z", "2015-03-19T10:10:00Z")],
    ),
    "enc-real-merged-24h": (
        (
            "as enc-real-441910000-563418000: of two single samples at 18:30 and 20:10 no run of "
            "30 min is left to merge"
        ),
        [("2015-03-19T07:40:00Z", "2015-03-19T10:10:00Z")],
    ),
    "enc-hole-in-one-track": (
        "both sides break at the hole, and the fix on the grid that ends it (14:00) counts",
        [
            ("2024-01-01T08:00:00Z", "2024-01-01T10:00:00Z"),
            ("2024-01-01T14:00:00Z", "2024-01-01T17:00:00Z"),
        ],
    ),
    "enc-extrapolation-on": (
        "nothing is extrapolated: 220 min are not to be had from 110 min of fixes",
        [],
    ),
}


def of_stage(stage, *, differs=False):
    return [
        name
        for name, case in CASES.items()
        if case["stage"] == stage and (name in DIFFERS) == differs
    ]


def rule_of(parameters):
    distance_km = parameters.get(
        "max_encounter_dist_km", parameters.get("max_adjacency_distance_km")
    )
    return MeetingRule(
        step_us=parameters["resample_step_s"] * 1_000_000,
        max_interpolation_us=parameters["max_interpolation_gap_s"] * 1_000_000,
        max_distance_m=1000 * (distance_km or 0.0),
        min_run_us=parameters.get("min_encounter_time_minutes", 0) * 60 * 1_000_000,
        merge_gap_us=parameters.get("merge_gap_hours", 0) * HOUR,
    )


def fixes_of(case):
    by_vessel = {}
    for position in case["positions"]:
        by_vessel.setdefault(position["mmsi"], []).append(position)
    return fixes(
        *(
            track(
                vessel,
                [instant(p["timestamp"]) for p in positions],
                [p["lat"] for p in positions],
                [p["lon"] for p in positions],
            )
            for vessel, positions in by_vessel.items()
        )
    )


def samples(case):
    names = ("key", "t_us", "lat", "lon", "segment", "anchorage_m")
    rows, is_new = LastRows().before(FixColumns(fixes_of(case)).rows(names))
    found = samples_of(rows, is_new, rule_of(case["parameters"]))
    return take(found, np.lexsort((found["t_us"], found["key"])))


def runs(case):
    """Rows of each run that is long enough, by pair and time."""
    rule = rule_of(case["parameters"])
    pairs = sorted_pairs(pairs_of(samples(case), rule))
    found = runs_of(pairs, NEVER, rule)
    return [
        take(pairs, np.arange(found.start[run], found.stop[run]))
        for run in np.flatnonzero(found.is_long)
    ]


def spans(rows):
    return [(int(run["t_us"][0]), int(run["t_us"][-1])) for run in rows]


def close(expected):
    return pytest.approx(expected, abs=1e-8, rel=1e-5)  # their own tolerance


def test_every_case_is_run_or_explained():
    stages = {
        "positions_to_resampled",
        "positions_to_adjacency",
        "positions_to_raw_encounters",
        "positions_to_merged_encounters",
    }
    assert {case["stage"] for case in CASES.values()} == stages
    assert len(CASES) == 26


@pytest.mark.parametrize("name", of_stage("positions_to_resampled"))
def test_resampling_between_fixes(name):
    # Both cases extrapolate too, one of them with a course in radians read as degrees; we do not,
    # so what lies after the last fix, or before the first, is left out here.
    case = CASES[name]
    times = [instant(p["timestamp"]) for p in case["positions"]]
    expected = [
        row for row in case["expected"] if min(times) <= instant(row["timestamp"]) <= max(times)
    ]
    ours = samples(case)
    assert ours["t_us"].tolist() == [instant(row["timestamp"]) for row in expected]
    assert ours["lat"] == close([row["lat"] for row in expected])
    assert ours["lon"] == close([row["lon"] for row in expected])
    assert ours["density"] == close([row["point_density"] for row in expected])


@pytest.mark.parametrize("name", of_stage("positions_to_adjacency"))
def test_neighbours_at_each_grid_time(name):
    case = CASES[name]
    ours = pairs_of(samples(case), rule_of(case["parameters"]))
    found = {}
    for row in range(n_rows(ours)):
        one, other = int(ours["key_1"][row]), int(ours["key_2"][row])
        distance_km = ours["distance_m"][row] / 1000
        found[ours["t_us"][row].item(), one, other] = distance_km
        found[ours["t_us"][row].item(), other, one] = distance_km
    expected = {
        (instant(row["timestamp"]), key(row["mmsi"]), key(near["mmsi"])): near["distance_km"]
        for row in case["expected"]
        for near in row["neighbours"]
    }
    assert found == {pair: close(distance) for pair, distance in expected.items()}


@pytest.mark.parametrize("name", of_stage("positions_to_raw_encounters"))
def test_runs_before_merging(name):
    case = CASES[name]
    ours = runs(case)
    expected = case["expected"]
    assert 2 * len(ours) == len(expected)
    for row in expected:
        side, other = ("1", "2") if row["vessel_1"] < row["vessel_2"] else ("2", "1")
        keys = key(row["vessel_1"]), key(row["vessel_2"])
        span = instant(row["start"]), instant(row["end"])
        (run,) = (
            one
            for one, times in zip(ours, spans(ours), strict=True)
            if times == span and (one[f"key_{side}"][0], one[f"key_{other}"][0]) == keys
        )
        seen = side_of(run, side, rule_of(case["parameters"]).step_us)
        unseen = side_of(run, other, rule_of(case["parameters"]).step_us)
        assert np.median(run["distance_m"]) / 1000 == close(row["median_distance_km"])
        assert seen.median_speed_kn == close(row["median_speed_kn"])
        assert (seen.mean_lat, seen.mean_lon) == close((row["mean_lat"], row["mean_lon"]))
        assert (seen.n_points, unseen.n_points) == (row["vessel_1_points"], row["vessel_2_points"])
        for place, index in (("start", 0), ("end", -1)):
            assert run[f"lat_{side}"][index] == close(row[f"{place}_lat"])
            assert run[f"lon_{side}"][index] == close(row[f"{place}_lon"])


@pytest.mark.parametrize("name", of_stage("positions_to_raw_encounters", differs=True))
def test_runs_where_we_differ_on_purpose(name):
    _, wanted = DIFFERS[name]
    if wanted is None:
        case = {**CASES["enc-multi"], "positions": CASES[name]["positions"]}
        assert spans(runs(CASES[name])) == spans(runs(case))
        assert len(runs(case)) == 3
    else:
        ours = spans(runs(CASES[name]))
        assert ours == [(instant(start), instant(end)) for start, end in wanted]


def detector_for(parameters):
    merged_min = parameters["merged_min_encounter_time_minutes"]
    gfw = {
        "grid_step_min": parameters["resample_step_s"] / 60,
        "max_interpolation_h": parameters["max_interpolation_gap_s"] / 3600,
        "max_distance_m": parameters["max_encounter_dist_km"] * 1000,
        "min_run_h": parameters["min_encounter_time_minutes"] / 60,
        "min_duration_h": (merged_min or parameters["min_encounter_time_minutes"]) / 60,
        "merge_gap_h": parameters["merge_gap_hours"],
        "max_median_speed_kn": 1000.0,  # their events filter by speed later
    }
    config = with_values(DetectConfig, {"encounter": {"gfw": gfw}})
    return make_detector("encounter", config, ("gfw",))


def merged_events(case):
    table = fixes_of(case)
    final, open_ = events_of(detector_for(case["parameters"]), [(table, NEVER)])
    assert not open_
    return sorted(final, key=lambda event: event["start"])


def event_span(event):
    return round(event["start"].timestamp() * 1e6), round(event["end"].timestamp() * 1e6)


@pytest.mark.parametrize("name", of_stage("positions_to_merged_encounters"))
def test_merged_encounters(name):
    case = CASES[name]
    events = merged_events(case)
    assert len(events) == len(case["expected"])
    for event, row in zip(events, case["expected"], strict=True):
        measures = json.loads(event["measures"])
        assert event_span(event) == (instant(row["start"]), instant(row["end"]))
        assert (event["mmsi"], event["other_mmsi"]) == (row["vessel_1"], row["vessel_2"])
        assert measures["median_distance_m"]["value"] / 1000 == close(row["median_distance_km"])
        assert measures["median_speed_kn"]["value"] == close(row["median_speed_kn"])
        for ours, theirs in (
            ("lat", "mean_lat"),
            ("lon", "mean_lon"),
            ("start_lat", "start_lat"),
            ("start_lon", "start_lon"),
            ("end_lat", "end_lat"),
            ("end_lon", "end_lon"),
        ):
            assert event[ours] == close(row[theirs])
        if "vessel_1_points" in row:
            # Theirs add up both directions, so each vessel counts twice.
            counted = [2 * n for n in measures["n_points"]["value"]]
            assert counted == [row["vessel_1_points"], row["vessel_2_points"]]


@pytest.mark.parametrize("name", of_stage("positions_to_merged_encounters", differs=True))
def test_merged_encounters_where_we_differ_on_purpose(name):
    _, wanted = DIFFERS[name]
    ours = [event_span(event) for event in merged_events(CASES[name])]
    assert ours == [(instant(start), instant(end)) for start, end in wanted]
