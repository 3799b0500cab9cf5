"""Loitering as Global Fishing Watch publishes it, stage by stage, under the `gfw` preset."""

import json

import numpy as np
import pytest

from archives import ROOT
from detect_tables import HOUR, T0, fixes, instant, slice_of, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.loitering import LoiteringGfw
from vesseltrack.config.settings import with_values
from vesseltrack.core.records import Merge, merged
from vesseltrack.detect import make_detector
from vesseltrack.detect.loitering_gfw import is_slow, mean_shore_m, mean_speed_kn

CASES = {
    case["id"]: case
    for case in json.loads((ROOT / "fixtures/reference_cases/loitering.json").read_text())["cases"]
}
NEVER = np.iinfo(np.int64).max // 2
MS_PER_H = 3_600_000

NOT_APPLICABLE = {
    "loi-hour-no-distance": "between two fixes the distance is always known",
    "loi-bucket-speed-no-distance": "between two fixes the distance is always known",
    "loi-shore-unknown": "every fix knows its distance from shore",
    "loi-event-two-messages": (
        "its literals contradict each other: 23.7 hours between fixes one hour apart"
    ),
    "loi-day-none": (
        "exactly 2 kn by its given metres, 1.99999 kn by its rounded positions; that the limit is "
        "strict is run as loi-slow-exactly-2"
    ),
    "loi-group-from-midnight": "no day begins anew: the run goes on from the day before",
    "loi-midnight-daily": "as loi-group-from-midnight; loi-midnight-merged is run",
}


def of_stage(stage):
    return [
        name
        for name, case in CASES.items()
        if case["stage"] == stage and name not in NOT_APPLICABLE
    ]


def close(expected):
    return pytest.approx(expected, abs=1e-8, rel=1e-5)  # their own tolerance


def close_to_rounded(expected):
    # Theirs are given metres, ours come from positions rounded to 1e-7 degree: a centimetre of
    # the 463 m that a vessel of 0.5 kn makes in half an hour.
    return pytest.approx(expected, abs=1e-8, rel=1e-4)


def test_every_case_is_run_or_explained():
    run = {
        name
        for case in CASES.values()
        for name in of_stage(case["stage"])
        if case["stage"] in STAGES
    }
    assert len(CASES) == 29
    assert run | set(NOT_APPLICABLE) == set(CASES)


STAGES = {
    "messages_to_hour_bucket",
    "hour_bucket_to_speed",
    "speed_to_slow",
    "messages_to_event_speed",
    "messages_to_shore_distance",
    "slow_messages_to_event",
    "hour_buckets_to_slow_groups",
    "positions_to_daily_events",
    "positions_to_merged_events",
}


def whole(value, per):
    """A number of theirs as ours are carried; what is missing adds nothing."""
    return round((value or 0) * per)


def summed(positions):
    records = {
        "ms": np.array([whole(p.get("hours"), MS_PER_H) for p in positions]),
        "mm": np.array([whole(p.get("metres_from_previous"), 1000) for p in positions]),
    }
    total = merged(records, np.array([0]), dict.fromkeys(records, Merge.SUM))
    return total["ms"], total["mm"]


@pytest.mark.parametrize("name", of_stage("messages_to_hour_bucket"))
def test_sums_of_an_hour(name):
    ms, mm = summed(CASES[name]["positions"])
    expected = CASES[name]["expected"]
    if "hours" in expected:
        assert (ms[0] / MS_PER_H or None) == expected["hours"]
    else:
        assert mm[0] / 1000 == expected["metres"]


@pytest.mark.parametrize("name", of_stage("hour_bucket_to_speed"))
def test_mean_speed_of_an_hour(name):
    bucket = CASES[name]["bucket"]
    ms = np.array([whole(bucket["hours"], MS_PER_H)])
    mm = np.array([whole(bucket["metres"], 1000)])
    expected = CASES[name]["expected"]["avg_speed_kn"]
    expected = np.nan if expected is None else expected
    assert mean_speed_kn(ms, mm)[0] == pytest.approx(expected, rel=1e-5, nan_ok=True)


@pytest.mark.parametrize("name", of_stage("messages_to_event_speed"))
def test_mean_speed_of_an_event(name):
    speed_kn = mean_speed_kn(*summed(CASES[name]["positions"]))
    assert speed_kn[0] == close(CASES[name]["expected"]["avg_speed_kn"])


@pytest.mark.parametrize("name", of_stage("speed_to_slow"))
def test_slow_is_strictly_below_the_limit(name):
    expected = CASES[name]["expected"]
    speed_kn = np.array([row["avg_speed_kn"] for row in expected], dtype=np.float64)
    slow = is_slow(speed_kn, LoiteringGfw(max_speed_kn=CASES[name]["parameters"]["slow_below_kn"]))
    assert slow.tolist() == [row["slow"] for row in expected]


@pytest.mark.parametrize("name", of_stage("messages_to_shore_distance"))
def test_distance_from_shore_is_weighed_by_time(name):
    known = [p for p in CASES[name]["positions"] if p.get("distance_from_shore_m") is not None]
    ms = np.array([whole(p["hours"], MS_PER_H) for p in known])
    shore_m_ms = np.array([whole(p["distance_from_shore_m"], 1) for p in known]) * ms
    shore_m = mean_shore_m(ms.sum(keepdims=True), shore_m_ms.sum(keepdims=True))
    assert shore_m[0] / 1852 == close(CASES[name]["expected"]["mean_distance_from_shore_nm"])


def events(*tracks):
    config = with_values(DetectConfig, {"loitering": {"gfw": {"min_shore_nm": 0.0}}})
    detector = make_detector("loitering", config, ("gfw",))
    final = detector.push(slice_of(fixes(*tracks)), NEVER).to_pylist()
    assert detector.flush().num_rows == 0
    return final


@pytest.mark.parametrize("name", of_stage("slow_messages_to_event"))
def test_one_message_is_no_event(name):
    (position,) = CASES[name]["positions"]
    one = track(1, [instant(position["timestamp"])], [position["lat"]], [position["lon"]])
    assert events(one) == CASES[name]["expected"] == []


@pytest.mark.parametrize("name", of_stage("hour_buckets_to_slow_groups"))
def test_a_run_takes_the_last_message_before_it(name):
    # Two messages an hour; a vessel of a bucket that is not slow jumps 0.1 degree to each.
    buckets = CASES[name]["buckets"]
    messages = [(hour, m) for hour, bucket in enumerate(buckets) for m in bucket["messages"]]
    number_at, lat, moved = {}, [], 0.0
    for place, (hour, number) in enumerate(messages):
        moved += 0.0 if buckets[hour]["slow"] else 0.1
        lat.append(moved)
        number_at[T0 + hour * HOUR + HOUR // 4 + (place % 2) * HOUR // 2] = number
    found = events(track(1, list(number_at), lat, 20.0))
    numbers = [
        [n for t_us, n in number_at.items() if us(event["start"]) <= t_us <= us(event["end"])]
        for event in found
    ]
    # They ask for the groups of one day; ours are those that reach into it.
    first = next(m for bucket in buckets for m in bucket["messages"] if in_day(bucket, name))
    assert [group for group in numbers if group[-1] >= first] == CASES[name]["expected"]


def in_day(bucket, name):
    return bucket["start"].startswith(CASES[name]["parameters"]["day"])


def us(time):
    return round(time.timestamp() * 1e6)


@pytest.mark.parametrize(
    "name", of_stage("positions_to_daily_events") + of_stage("positions_to_merged_events")
)
def test_events_from_positions(name):
    positions, expected = CASES[name]["positions"], CASES[name]["expected"]
    segments = list(dict.fromkeys(p["segment"] for p in positions))
    found = events(
        track(
            positions[0]["mmsi"],
            [instant(p["timestamp"]) for p in positions],
            [p["lat"] for p in positions],
            [p["lon"] for p in positions],
            segment=[segments.index(p["segment"]) for p in positions],
            shore_m=[p["distance_from_shore_m"] for p in positions],
        )
    )
    assert len(found) == len(expected)
    for event, row in zip(found, expected, strict=True):
        measures = {m: json.loads(event["measures"])[m]["value"] for m in MEASURES}
        assert us(event["start"]) == instant(row["start"])
        assert us(event["end"]) == instant(row["end"])
        for place in ("start_lat", "start_lon", "end_lat", "end_lon"):
            assert event[place] == row[place]
        for ours, theirs in MEASURES.items():
            assert measures[ours] == close_to_rounded(row[theirs])


MEASURES = {
    "hours": "hours",
    "path_nm": "distance_nm",
    "mean_speed_kn": "avg_speed_kn",
    "mean_shore_nm": "mean_distance_from_shore_nm",
}
