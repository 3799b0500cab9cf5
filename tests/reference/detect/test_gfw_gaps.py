"""Gaps as Global Fishing Watch publishes them, under the `gfw` preset."""

import json

import pytest

from archives import ROOT
from detect_tables import DAY, fixes, instant, slice_of, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.settings import with_values
from vesseltrack.detect import make_detector
from vesseltrack.schema import Quality

CASES = {
    case["id"]: case
    for case in json.loads((ROOT / "fixtures/reference_cases/gaps.json").read_text())["cases"]
}
NOT_APPLICABLE = {
    "gap-missing-coordinates": "a fix without coordinates never reaches a track",
    "gap-range-period-1-day-no-duplicated-open-gap": (
        "their run leaves out what an earlier run reported; a fold has no runs, and an event that "
        "is still open is given under the same identifier"
    ),
}
# Positions before the gap, where theirs depend on how much their run has read.
BEFORE_INSTEAD = {
    # Their window begins at noon the day before and misses the fix at 10:00, 10 h before the gap.
    "gap-range-period-1-day-no-duplicated-closed-gap-2": 3,
}
# Their counts by kind of receiver are left out throughout: a fix does not know its receiver.


def of_stage(*stages):
    return [
        name
        for name, case in CASES.items()
        if case["stage"] in stages and name not in NOT_APPLICABLE
    ]


def detector(parameters):
    gfw = {
        "min_gap_h": float(parameters["min_gap_hours"]),
        "look_back_h": float(parameters.get("look_back_hours", 12)),
    }
    return make_detector("ais_gap", with_values(DetectConfig, {"ais_gap": {"gfw": gfw}}), ("gfw",))


def fixes_of(positions):
    by_vessel = {}
    for position in sorted(positions, key=lambda p: p["timestamp"]):
        by_vessel.setdefault(position["mmsi"], []).append(position)
    tracks = []
    for vessel, own in by_vessel.items():
        times = [instant(p["timestamp"]) for p in own]
        # Tracks flag the same report within seconds; only the first one counts.
        repeats = [i > 0 and times[i] == times[i - 1] for i in range(len(times))]
        quality = [int(Quality.NEAR_REPEAT) if repeat else 0 for repeat in repeats]
        lat, lon = ([p[name] for p in own] for name in ("lat", "lon"))
        tracks.append(track(vessel, times, lat, lon, quality=quality))
    return fixes(*tracks)


def end_of_day(t_us):
    return (t_us // DAY + 1) * DAY


def judged_at(case):
    """When open gaps are judged: the end of the range, or of the day of the last fix."""
    if "date_range" in case["parameters"]:
        return instant(case["parameters"]["date_range"][1] + "T00:00:00+00:00")
    return end_of_day(max(instant(p["timestamp"]) for p in case["positions"]))


def found(case, *, with_open):
    one = detector(case["parameters"])
    positions = [*case["positions"], *left_open(case)]
    events = one.push(slice_of(fixes_of(positions)), judged_at(case)).to_pylist()
    if with_open:
        events += one.flush().to_pylist()
    kept = [e for e in events if is_asked_for(e, case["parameters"])]
    return sorted(kept, key=lambda e: (e["start"], e["mmsi"]))


def left_open(case):
    """The fixes that an earlier run left as open gaps, and those before them."""
    for gap in case.get("open_gaps", []):
        yield from gap.get("previous_positions", [])
        if gap["timestamp"] not in {p["timestamp"] for p in case["positions"]}:
            yield gap


def is_asked_for(event, parameters):
    """A run of theirs reports gaps that start late enough, or that do not end before its range."""
    since = parameters.get("detect_from")
    if since is not None and us(event["start"]) < instant(since):
        return False
    first_day = parameters.get("date_range", [None])[0]
    return first_day is None or us(event["end"]) >= instant(f"{first_day}T00:00:00+00:00")


def us(time):
    return round(time.timestamp() * 1e6)


def assert_same(event, expected, n_before=None):
    measures = json.loads(event["measures"])
    assert event["vessel_id"] == expected["mmsi"].lstrip("0")
    assert us(event["start"]) == instant(expected["start"])
    assert event["is_open"] is not expected["is_closed"]
    assert (event["start_lat"], event["start_lon"]) == (
        expected["start_lat"],
        expected["start_lon"],
    )
    if "positions_before" in expected:
        counted = expected["positions_before"] if n_before is None else n_before
        assert measures["n_positions_before"]["value"] == counted
    if expected["is_closed"]:
        assert us(event["end"]) == instant(expected["end"])
        assert event["duration_h"] == pytest.approx(expected["duration_h"], rel=1e-9)
        assert (event["end_lat"], event["end_lon"]) == (expected["end_lat"], expected["end_lon"])
        # Theirs on the ellipsoid, ours on the sphere: up to 0.6 % apart.
        distance_m = measures["distance_nm"]["value"] * 1852
        assert distance_m == pytest.approx(expected["distance_m"], rel=0.006, abs=1e-6)
        speed_kn = measures["implied_speed_kn"]["value"]
        assert speed_kn == pytest.approx(expected["implied_speed_kn"], rel=0.006, abs=1e-6)


def test_every_case_is_run_or_explained():
    run = of_stage(
        "positions_to_gaps",
        "positions_to_gaps_with_open_gaps",
        "last_position_to_open_gap",
        "daily_runs_to_gaps",
    )
    assert len(CASES) == 32
    assert set(run) | set(NOT_APPLICABLE) == set(CASES)


@pytest.mark.parametrize("name", of_stage("positions_to_gaps"))
def test_closed_gaps(name):
    events = found(CASES[name], with_open=False)
    expected = sorted(CASES[name]["expected"], key=lambda row: (row["start"], row["mmsi"]))
    assert len(events) == len(expected)
    for event, row in zip(events, expected, strict=True):
        assert_same(event, row)


@pytest.mark.parametrize("name", of_stage("positions_to_gaps_with_open_gaps"))
def test_gaps_and_open_gaps(name):
    events = found(CASES[name], with_open=True)
    expected = sorted(CASES[name]["expected"], key=lambda row: (row["start"], row["mmsi"]))
    assert len(events) == len(expected)
    for event, row in zip(events, expected, strict=True):
        assert_same(event, row, BEFORE_INSTEAD.get(name))


@pytest.mark.parametrize("name", of_stage("last_position_to_open_gap"))
def test_whether_a_last_position_opens_a_gap(name):
    case = CASES[name]
    for position, row in zip(case["positions"], case["expected"], strict=True):
        alone = {**case, "positions": [position]}
        assert bool(found(alone, with_open=True)) is row["open_gap"]


@pytest.mark.parametrize("name", of_stage("daily_runs_to_gaps"))
def test_a_gap_keeps_its_identifier_from_day_to_day(name):
    case = CASES[name]
    one = detector(case["parameters"])
    table = fixes_of(case["positions"])
    t_us = table["timestamp"].cast("int64").to_numpy()
    reported, known = [], set()
    low = t_us[0]
    for day in case["parameters"]["daily_runs"]:
        high = instant(f"{day}T00:00:00+00:00") + DAY
        first, stop = t_us.searchsorted([low, high])
        events = one.push(slice_of(table.slice(first, stop - first)), high).to_pylist()
        events += one.flush().to_pylist()
        for event in events:
            # Their runs report an open gap once, and again when it closes.
            if (event["event_id"], event["is_open"]) not in known:
                reported.append((day, event))
                known.add((event["event_id"], event["is_open"]))
        low = high
    assert [day for day, _ in reported] == [row["run_day"] for row in case["expected"]]
    for (_, event), row in zip(reported, case["expected"], strict=True):
        assert_same(event, row)
    identifiers = [event["event_id"] for _, event in reported]
    assert identifiers[1] == identifiers[2]
    assert len(set(identifiers)) == 3
