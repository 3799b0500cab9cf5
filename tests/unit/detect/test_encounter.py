import json

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from detect_tables import (
    DAY,
    HOUR,
    T0,
    cut_at,
    events_of,
    fixes,
    pairs_of,
    slice_of,
    track,
    vessels,
)
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector
from vesseltrack.detect.together import MeetingRule
from vesseltrack.units import EARTH_RADIUS_M

MINUTE = HOUR // 60
SPHERE = Geodesic(EARTH_RADIUS_M, 0.0)
DEG_PER_M = 1 / 111_195.08  # of latitude on the sphere


def meeting(
    hours=3.0, *, start=T0 + 12 * HOUR, apart_m=200.0, lat=10.0, lon=20.0, step_min=7.0, **columns
):
    """Two vessels: one lies there, the other comes from afar, stays and leaves at 12 kn."""
    t_us = np.arange(start - 3 * HOUR, start + (hours + 3) * HOUR, round(step_min * MINUTE))
    away_h = np.clip((start - t_us) / HOUR, 0, None) + np.clip(
        (t_us - start) / HOUR - hours, 0, None
    )
    lies = track(211000001, t_us, lat, lon, **columns)
    comes = track(
        211000002, t_us + MINUTE, lat + apart_m * DEG_PER_M + away_h * 0.2, lon, **columns
    )
    return lies, comes


def found(*tracks, vessels_table=None):
    detector = make_detector("encounter", DetectConfig(), ("gfw",))
    final, open_ = events_of(detector, cut_at(fixes(*tracks), []), vessels_table)
    return final + open_


def test_a_meeting_at_sea_is_one_event_of_the_pair():
    (event,) = found(*meeting())
    measures = json.loads(event["measures"])
    assert (event["vessel_id"], event["other_vessel_id"]) == ("211000001", "211000002")
    assert event["duration_h"] == pytest.approx(3.0, abs=0.4)
    assert measures["median_distance_m"]["value"] == pytest.approx(200, rel=0.001)
    assert measures["median_speed_kn"]["value"] == pytest.approx(0, abs=1e-6)
    assert event["lat"] == pytest.approx(10 + 100 * DEG_PER_M, abs=0.0005)
    evidence = json.loads(event["evidence"])
    assert [item["vessel_id"] for item in evidence] == ["211000001", "211000002"]
    times = meeting()[0]["timestamp"]
    start, end = (event[name].timestamp() * 1e6 for name in ("start", "end"))
    assert evidence[0]["n"] == np.count_nonzero((times >= start) & (times <= end))


@pytest.mark.parametrize(
    ("changes", "n_events"),
    [
        ({"hours": 2.2}, 1),
        ({"hours": 1.8}, 0),
        ({"apart_m": 499.0}, 1),
        ({"apart_m": 501.0}, 0),
        ({"anchorage_m": 10_001.0}, 1),
        ({"anchorage_m": 9_999.0}, 0),
        ({"port_m": 9_999.0}, 0),
    ],
)
def test_its_limits(changes, n_events):
    assert len(found(*meeting(**changes))) == n_events


@pytest.mark.parametrize(
    "changes",
    [
        {"start": T0 + DAY - 90 * MINUTE},
        {"lon": 179.9999},
        {"lon": -180.0},
        {"lat": 0.0, "lon": 0.0},
        {"lat": -77.0},
    ],
    ids=["midnight", "date line", "date line west", "null island", "far south"],
)
def test_none_is_lost_at_a_border(changes):
    (event,) = found(*meeting(**changes))
    assert event["duration_h"] == pytest.approx(3.0, abs=0.5)


def test_a_pair_under_way_together_is_none():
    t_us = np.arange(T0, T0 + 5 * HOUR, 10 * MINUTE)
    for speed_kn, n_events in ((1.8, 1), (2.2, 0), (8.0, 0)):
        lat = 10 + speed_kn * 1852 * DEG_PER_M * (t_us - T0) / HOUR
        one = track(211000001, t_us, lat, 20.0)
        other = track(211000002, t_us, lat, 20.001)
        assert len(found(one, other)) == n_events


def test_fixes_more_than_an_hour_apart_say_nothing_in_between():
    assert len(found(*meeting(5.0, step_min=59.0))) == 1
    assert found(*meeting(5.0, step_min=61.0)) == []


def test_meetings_less_than_four_hours_apart_are_one():
    def two_meetings(pause_h):
        first = meeting(2.0, start=T0 + 12 * HOUR, step_min=10.0)
        t_us = first[0]["timestamp"]
        pause = T0 + (14 + pause_h) * HOUR
        more = np.arange(t_us[-1] + 10 * MINUTE, pause + 6 * HOUR, 10 * MINUTE)
        lies = track(211000001, np.append(t_us, more), 10.0, 20.0)
        times = lies["timestamp"]
        near = ((times >= T0 + 12 * HOUR) & (times <= T0 + 14 * HOUR)) | (
            (times >= pause) & (times <= pause + 2 * HOUR)
        )
        lat = 10 + np.where(near, 200, 5000) * DEG_PER_M
        return found(lies, track(211000002, times, lat, 20.0))

    (merged,) = two_meetings(3.0)
    assert merged["duration_h"] == pytest.approx(7.0)
    assert json.loads(merged["measures"])["together_frac"]["value"] == pytest.approx(
        26 / 43, rel=1e-4
    )
    assert sorted(event["duration_h"] for event in two_meetings(4.5)) == [2.0, 2.0]


def test_two_transmitters_of_one_mmsi_do_not_meet():
    lies, comes = meeting()
    comes["vessel_key"][:] = lies["vessel_key"][0] + 10
    assert found(lies, comes) == []


@pytest.mark.parametrize(
    ("types", "holds"),
    [
        ((70, 80), []),
        ((30, 70), []),
        ((30, 30), ["fishing_in_company"]),
        ((70, 52), ["assisting_craft"]),
        ((50, 70), ["assisting_craft"]),
    ],
)
def test_tugs_pilots_and_fishing_fleets_are_told_apart(types, holds):
    table = vessels(
        {"vessel_id": "211000001", "ship_type": types[0]},
        {"vessel_id": "211000002", "ship_type": types[1]},
    )
    (event,) = found(*meeting(), vessels_table=table)
    assert json.loads(event["innocent"])["holds"] == holds


def test_three_vessels_make_three_pairs():
    lies, comes = meeting()
    third = track(211000003, lies["timestamp"], 10.0, 20.001)
    pairs = {(e["vessel_id"], e["other_vessel_id"]) for e in found(lies, comes, third)}
    assert pairs == {
        ("211000001", "211000002"),
        ("211000001", "211000003"),
        ("211000002", "211000003"),
    }


def test_a_meeting_under_way_is_open_and_keeps_its_identifier():
    table = fixes(*meeting(6.0))
    t_us = table["timestamp"].cast("int64").to_numpy()
    half = int(np.searchsorted(t_us, T0 + 15 * HOUR))
    detector = make_detector("encounter", DetectConfig(), ("gfw",))
    assert detector.push(slice_of(table.slice(0, half)), int(t_us[half])).num_rows == 0
    (open_event,) = detector.flush().to_pylist()
    assert open_event["status"] == "open"
    closed = detector.push(slice_of(table.slice(half)), T0 + 3 * DAY).to_pylist()
    assert [event["event_id"] for event in closed] == [open_event["event_id"]]
    assert closed[0]["duration_h"] > open_event["duration_h"]
    assert detector.flush().num_rows == 0


def test_candidate_pairs_are_those_of_brute_force():
    rng = np.random.default_rng(8)
    n = 150
    samples = {
        "key": rng.permutation(n).astype(np.int64) << 32,
        "t_us": T0 + rng.integers(0, 3, n) * 10 * MINUTE,
        "lat": 40 + rng.normal(0, 0.01, n),
        "lon": (180 + rng.normal(0, 0.01, n) + 180) % 360 - 180,
        "density": np.ones(n),
        "fix_from": np.zeros(n, dtype=np.int64),
        "fix_to": np.zeros(n, dtype=np.int64),
        "anchorage_m": np.full(n, 1e6),
    }
    rule = MeetingRule(10 * MINUTE, HOUR, 500.0, HOUR, 4 * HOUR)
    pairs = pairs_of(samples, rule)
    ours = set(zip(pairs["key_1"].tolist(), pairs["key_2"].tolist(), strict=True))
    wanted = set()
    for i in range(n):
        for j in range(n):
            is_pair = (
                samples["key"][i] < samples["key"][j] and samples["t_us"][i] == samples["t_us"][j]
            )
            places = (samples[name][row] for row in (i, j) for name in ("lat", "lon"))
            if is_pair and SPHERE.Inverse(*places)["s12"] <= 500.0:
                wanted.add((int(samples["key"][i]), int(samples["key"][j])))
    assert ours == wanted
    assert wanted


@pytest.mark.parametrize("cut_min", [95, 215, 245])
def test_a_silence_within_a_meeting_does_not_change_the_count_of_fixes(cut_min):
    t_us = T0 + np.append(np.arange(0, 130, 10), np.arange(340, 470, 10)) * MINUTE
    other = track(211000003, T0 + np.arange(470) * MINUTE, 40.0, 20.0)
    table = fixes(track(211000001, t_us, 10.0, 20.0), track(211000002, t_us, 10.001, 20.0), other)
    t_us = table["timestamp"].cast("int64").to_numpy()
    cuts = [int(np.searchsorted(t_us, T0 + cut_min * MINUTE))]
    one, two = (make_detector("encounter", DetectConfig(), ("gfw",)) for _ in range(2))
    whole = events_of(one, cut_at(table, []))
    assert [item["n"] for item in json.loads(whole[1][0]["evidence"])] == [26, 26]
    assert events_of(two, cut_at(table, cuts)) == whole


@pytest.mark.parametrize("cut_min", [190, 205, 219, 225])
def test_alongside_between_two_parts_of_a_meeting_is_told_with_it(cut_min):
    """Together for 90 min twice, and alongside for 5 min between two grid times in between."""
    minute = np.arange(400)
    is_near = (minute < 91) | ((minute >= 160) & (minute < 251))
    is_alongside = (minute >= 131) & (minute < 137)
    apart_m = np.where(is_near, 200.0, np.where(is_alongside, 30.0, 1200.0))
    t_us = T0 + minute * MINUTE
    table = fixes(
        track(211000001, t_us, 10.0, 20.0, sog_kn=0.2),
        track(211000002, t_us, 10.0 + apart_m * DEG_PER_M, 20.0, sog_kn=0.2),
    )
    one, two = (make_detector("encounter", DetectConfig()) for _ in range(2))
    whole = events_of(one, cut_at(table, []))
    assert [event["preset"] for event in whole[0] + whole[1]] == ["default,gfw,handover"]
    assert events_of(two, cut_at(table, [2 * cut_min])) == whole
