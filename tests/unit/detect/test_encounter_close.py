"""Encounters of minutes, at the report times of both vessels."""

import json

import numpy as np
import pytest

from detect_tables import DAY, HOUR, T0, cut_at, events_of, fixes, slice_of, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.settings import with_values
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.neighbours import OpenBins
from vesseltrack.core.records import n_rows
from vesseltrack.core.vessel_keys import pair_keys
from vesseltrack.detect import make_detector
from vesseltrack.detect.close_quarters import Pairs, Window, checks_of, instants_of
from vesseltrack.detect.fold import LastRows
from vesseltrack.errors import ConfigError

SECOND = 1_000_000
MINUTE = 60 * SECOND
NEVER = np.iinfo(np.int64).max
A, B = 211000001, 211000002
DEG_PER_M = 1 / 111_195.08


def passing(
    minutes=3.2, *, apart_m=100.0, speed_kn=3.0, every_s=20, start=T0 + 12 * HOUR, **where
):
    """One comes up to another that goes north at a speed, stays beside her, and leaves."""
    lat, lon = where.pop("lat", 50.0), where.pop("lon", 4.0)
    t_us = np.arange(start - 20 * MINUTE, start + (minutes + 20) * MINUTE, every_s * SECOND)
    t_us = t_us.astype(np.int64)
    north = lat + speed_kn * 1852 * DEG_PER_M * (t_us - start) / HOUR
    away_s = np.clip((start - t_us) / SECOND, 0, None)
    away_s += np.clip((t_us - start) / SECOND - minutes * 60, 0, None)
    off_m = apart_m + 5.0 * away_s  # ten knots across
    one = track(A, t_us, north, lon, **where)
    east = lon + off_m * DEG_PER_M / np.cos(np.radians(lat))
    other = track(B, t_us + 7 * SECOND, north + 7 * speed_kn * 0.5144 * DEG_PER_M, east, **where)
    return one, other


def found(*tracks, presets=("handover",), vessels_table=None, config=None):
    detector = make_detector("encounter", config or DetectConfig(), presets)
    final, open_ = events_of(detector, cut_at(fixes(*tracks), []), vessels_table)
    return final + open_


@pytest.mark.parametrize(
    ("changes", "n_events"),
    [
        ({}, 1),
        ({"minutes": 2.0}, 0),
        ({"apart_m": 140.0, "minutes": 4.0}, 1),
        ({"apart_m": 155.0, "minutes": 10.0}, 0),
        ({"speed_kn": 5.7, "minutes": 5.0}, 1),
        ({"speed_kn": 6.3, "minutes": 10.0}, 0),
        ({"speed_kn": 14.0, "apart_m": 30.0, "minutes": 4.0}, 1),  # alongside at any speed
        ({"speed_kn": 14.0, "apart_m": 60.0, "minutes": 10.0}, 0),
        ({"port_m": 4900.0}, 0),
        ({"anchorage_m": 4900.0}, 0),
        ({"shore_m": 2100.0}, 1),
        ({"shore_m": 1900.0}, 0),
        ({"shore_m": 5000.0, "speed_kn": 0.3, "minutes": 20.0, "sog_kn": 0.3}, 0),  # moored
        ({"shore_m": 5600.0, "speed_kn": 0.3, "minutes": 20.0, "sog_kn": 0.3}, 1),
        ({"shore_m": 5000.0, "speed_kn": 1.3, "minutes": 20.0, "sog_kn": 1.3}, 1),
        ({"start": T0 + DAY - 90 * SECOND}, 1),
        ({"lon": 179.9995}, 1),
        ({"lat": -71.0, "lon": -180.0}, 1),
        ({"minutes": 9.0, "every_s": 180}, 1),
    ],
)
def test_a_hand_over_of_minutes(changes, n_events):
    assert len(found(*passing(**changes))) == n_events


def noisy(*tracks, seed):
    """Return tracks as receivers give them: each report errs by 5 m along each axis."""
    rng = np.random.default_rng(seed)
    for one in tracks:
        n = one["lat"].size
        one["lat"] = one["lat"] + rng.normal(0, 5, n) * DEG_PER_M
        one["lon"] = one["lon"] + rng.normal(0, 5, n) * DEG_PER_M / np.cos(np.radians(50))
    return tracks


@pytest.mark.parametrize(
    ("apart_m", "minutes", "n_events"),
    [(20, 4.5, 1), (40, 4.5, 1), (60, 4.5, 0), (60, 60, 0), (40, 2.5, 0)],
)
def test_receivers_errors_neither_hide_a_hand_over_under_way_nor_make_one(
    apart_m, minutes, n_events
):
    for seed in range(8):
        tracks = passing(minutes, apart_m=apart_m, speed_kn=10.0)
        events = found(*noisy(*tracks, seed=seed))
        assert len(events) == n_events, seed
        for event in events:
            measures = json.loads(event["measures"])
            assert measures["mean_distance_m"]["value"] == pytest.approx(apart_m, abs=5)


def test_what_follows_a_hand_over_does_not_take_it_back():
    one, other = passing(60.0, apart_m=60.0, speed_kn=10.0)
    minute = (other["timestamp"] - T0 - 12 * HOUR) / MINUTE
    for first, stop in ((20, 24), *((at, at + 0.7) for at in np.arange(26.0, 50.0, 2.5))):
        there = (minute > first) & (minute < stop)
        other["lon"][there] = 4.0 + 45 * DEG_PER_M / np.cos(np.radians(50))
    (event,) = found(one, other)
    measures = json.loads(event["measures"])
    assert measures["max_distance_m"]["value"] < 50
    assert measures["duration_min"]["value"] == pytest.approx(4, abs=0.5)


def test_published_definitions_are_held_to_every_report():
    tracks = passing(20.0, apart_m=40.0, speed_kn=10.0)
    assert found(*tracks, presets=("starboard",))
    assert not found(*noisy(*tracks, seed=1), presets=("starboard",))


@pytest.mark.parametrize("seed", [1, 2])
def test_errors_are_allowed_for_alike_however_the_fixes_were_cut(seed):
    tracks = noisy(*passing(12.0, apart_m=48.0, speed_kn=10.0), seed=seed)
    later = track(211000003, T0 + 22 * HOUR + np.arange(2) * MINUTE, 40.0, 4.0)
    table = fixes(*tracks, later)
    whole, cut = (
        events_of(make_detector("encounter", DetectConfig()), cut_at(table, rows))
        for rows in ([], list(range(0, table.num_rows, 3)))
    )
    assert [*whole[0], *whole[1]] == [*cut[0], *cut[1]]
    assert len(whole[0]) == 1


def test_a_hand_over_in_its_measures():
    (event,) = found(*passing(4.0, apart_m=120.0))
    measures = json.loads(event["measures"])
    assert measures["duration_min"]["value"] == pytest.approx(4.0, abs=0.5)
    assert measures["mean_distance_m"]["value"] == pytest.approx(122, abs=5)
    assert measures["max_speed_kn"]["value"] < 6
    assert event["preset"] == "handover"
    for item in json.loads(event["evidence"]):
        assert item["n"] == pytest.approx(13, abs=3)


def test_unknown_speeds_are_made_good_and_reported_ones_count():
    still_too_fast = passing(10.0, sog_kn=8.0)
    assert found(*still_too_fast) == []
    assert len(found(*passing(10.0, sog_kn=2.0, speed_kn=7.0))) == 1


def test_a_silence_on_one_side_ends_it():
    one, other = passing(8.0, every_s=60)
    gone = (other["timestamp"] > T0 + 12 * HOUR + 2 * MINUTE) & (
        other["timestamp"] < T0 + 12 * HOUR + 14 * MINUTE
    )
    assert len(found(one, other)) == 1
    assert found(one, {name: column[~gone] for name, column in other.items()}) == []


@pytest.mark.parametrize(
    ("preset", "changes", "n_events"),
    [
        ("starboard", {"apart_m": 40.0, "minutes": 10.5}, 1),
        ("starboard", {"apart_m": 40.0, "minutes": 9.0}, 0),
        ("starboard", {"apart_m": 60.0, "minutes": 25.0}, 0),
        ("starboard", {"apart_m": 190.0, "minutes": 31.0}, 1),
        ("starboard", {"apart_m": 190.0, "minutes": 31.0, "shore_m": 9_000.0}, 0),
        ("starboard", {"apart_m": 190.0, "minutes": 31.0, "port_m": 9_000.0}, 0),
        ("sts", {"minutes": 125.0, "speed_kn": 0.5, "heading_deg": 90.0}, 1),
        ("sts", {"minutes": 115.0, "speed_kn": 0.5, "heading_deg": 90.0}, 0),
        ("sts", {"minutes": 125.0, "speed_kn": 1.5, "heading_deg": 90.0}, 0),
        ("sts", {"minutes": 125.0, "speed_kn": 0.5}, 0),  # headings unknown
    ],
)
def test_published_limits(preset, changes, n_events):
    assert len(found(*passing(every_s=60, **changes), presets=(preset,))) == n_events


@pytest.mark.parametrize(("turned", "n_events"), [(25.0, 1), (160.0, 1), (90.0, 0), (35.0, 0)])
def test_bows_the_same_way_or_opposite(turned, n_events):
    one, other = passing(125.0, speed_kn=0.5, every_s=60, heading_deg=350.0)
    other["heading_deg"][:] = (350.0 + turned) % 360
    assert len(found(one, other, presets=("sts",))) == n_events


def test_by_default_hours_and_minutes_alike():
    (short,) = found(*passing(), presets=("default",))
    assert short["preset"] == "default,handover"
    (both,) = found(*passing(200.0, speed_kn=0.5, every_s=60), presets=("default",))
    assert both["preset"] == "default,gfw,handover"
    assert "It met handover too." in both["explanation"]
    assert json.loads(both["measures"])["handover_duration_min"]["value"] > 190
    (hours,) = found(
        *passing(200.0, apart_m=300.0, speed_kn=0.5, every_s=60), presets=("default",)
    )
    assert hours["preset"] == "default,gfw"


def test_overlapping_runs_of_a_pair_are_one_event():
    """At 100 m for ten minutes, at 30 m within them: near and touching."""
    one, other = passing(10.0)
    middle = np.abs(other["timestamp"] - T0 - 12 * HOUR - 5 * MINUTE) < 2 * MINUTE
    other["lon"][middle] = 4.0 + 30 * DEG_PER_M / np.cos(np.radians(50))
    assert len(found(one, other)) == 1


def test_the_parts_of_an_event_stand_in_one_order_however_its_fixes_were_cut():
    """Hours together; within them twice near for minutes, and the first time touching too."""
    one, other = passing(200.0, apart_m=300.0, speed_kn=0.5, every_s=60)
    minute = (other["timestamp"] - T0 - 12 * HOUR) / MINUTE
    for first, stop, apart_m in ((20, 50, 100), (30, 40, 30), (80, 110, 100)):
        there = (minute > first) & (minute < stop)
        other["lon"][there] = 4.0 + apart_m * DEG_PER_M / np.cos(np.radians(50))
    later = track(211000003, T0 + 22 * HOUR + np.arange(2) * MINUTE, 40.0, 4.0)
    table = fixes(one, other, later)
    whole, cut = (
        events_of(make_detector("encounter", DetectConfig()), cut_at(table, rows))
        for rows in ([], list(range(0, table.num_rows, 15)))
    )
    (event,) = [*whole[0], *whole[1]]
    (same,) = [*cut[0], *cut[1]]
    assert same == event
    parts = json.loads(event["evidence"])[2::2]
    assert len(parts) == 3
    assert [part["start"] for part in parts] == sorted(part["start"] for part in parts)


@pytest.mark.parametrize(
    ("types", "holds"),
    [
        ((70, 80), []),
        ((30, 30), ["fishing_in_company"]),
        ((70, 50), ["assisting_craft"]),
        ((60, 60), ["ferries_meeting"]),
    ],
)
def test_innocent_explanations(types, holds):
    table = vessels(
        {"vessel_id": str(A), "ship_type": types[0]}, {"vessel_id": str(B), "ship_type": types[1]}
    )
    (event,) = found(*passing(), vessels_table=table)
    assert json.loads(event["innocent"])["holds"] == holds


def test_a_hand_over_under_way_is_open():
    one, other = passing(30.0)
    now = T0 + 12 * HOUR + 10 * MINUTE
    table = fixes(
        *(
            {name: column[side["timestamp"] < now] for name, column in side.items()}
            for side in (one, other)
        )
    )
    detector = make_detector("encounter", DetectConfig())
    assert detector.push(slice_of(table), now).num_rows == 0
    (event,) = detector.flush().to_pylist()
    assert event["status"] == "open"
    assert event["duration_h"] == pytest.approx(1 / 6, abs=0.02)


def instants_within(rows, limit_m, window):
    checks = checks_of(rows, np.ones(n_rows(rows), dtype=bool), 0.0, window)
    bins = OpenBins(limit_m)
    bins.add(checks, checks["t_us"] // window.interval_us)
    return instants_of(rows, Pairs.of(bins.pairs(0, NEVER), window), window)


def test_behind_the_last_fix_of_all_nothing_is_known():
    """The vessel of the greater number is heard for two minutes, the other for an hour."""
    one = track(A, T0 + np.arange(60) * MINUTE, 50.0, 4.0)
    other = track(B, T0 + np.arange(3) * MINUTE, 50.0, 4.0)
    names = ("key", "t_us", "lat", "lon", "segment", "sog_kn", "heading_deg", "port_m", "shore_m")
    rows, _ = LastRows().before(slice_of(fixes(one, other)).columns.rows(names))
    instants = instants_within(rows, 150.0, Window(T0, T0 + HOUR, MINUTE, 10 * MINUTE))
    assert instants["t_us"].tolist() == [T0 + n * MINUTE for n in range(3)]


def test_a_preset_that_does_not_exist_is_refused():
    config = with_values(DetectConfig, {"encounter": {"default": {"presets": ["gfw", "rtec"]}}})
    with pytest.raises(ConfigError, match="rtec"):
        make_detector("encounter", config)


def test_instants_are_those_of_brute_force():
    rng = np.random.default_rng(12)
    parts = []
    for number in range(12):
        t_us = T0 + np.sort(rng.choice(3600, 120, replace=False)) * SECOND
        walk = rng.normal(0, 25, (2, t_us.size)).cumsum(axis=1) * DEG_PER_M
        parts.append(
            track(211000001 + number, t_us, 50 + walk[0], (179.9999 + walk[1] + 180) % 360 - 180)
        )
    rows, _ = LastRows().before(slice_of(fixes(*parts)).columns.rows(
        ("key", "t_us", "lat", "lon", "segment", "sog_kn", "heading_deg", "port_m", "shore_m")
    ))  # fmt: skip
    window = Window(T0, T0 + HOUR, MINUTE, 10 * MINUTE)
    limit_m = 150.0
    instants = instants_within(rows, limit_m, window)
    ours = {}
    close = instants["distance_m"] <= limit_m
    for pair, t_us, distance_m in zip(
        instants["key"][close], instants["t_us"][close], instants["distance_m"][close], strict=True
    ):
        ours[int(pair), int(t_us)] = distance_m
    tracks = {key: np.flatnonzero(rows["key"] == key) for key in np.unique(rows["key"])}
    keys = sorted(tracks)
    n_checked = 0
    for i, one in enumerate(keys):
        for other in keys[i + 1 :]:
            pair = int(pair_keys(np.array([one]), np.array([other]))[0])
            times = np.arange(T0, T0 + HOUR, SECOND)
            places = []
            for key in (one, other):
                own = tracks[key]
                lon = (rows["lon"][own] + 360) % 360
                inside = (times >= rows["t_us"][own[0]]) & (times <= rows["t_us"][own[-1]])
                lat = np.interp(times, rows["t_us"][own], rows["lat"][own])
                places += [np.where(inside, lat, np.nan), np.interp(times, rows["t_us"][own], lon)]
            distance_m = great_circle_m(places[0], places[1], places[2], places[3])
            near = distance_m <= limit_m
            # Runs of being close for more than a check interval must be there, to the report.
            edges = np.flatnonzero(np.diff(np.concatenate(([0], near.astype(int), [0]))))
            for first, stop in edges.reshape(-1, 2):
                if stop - first <= 61:
                    continue
                reports = np.concatenate([rows["t_us"][tracks[one]], rows["t_us"][tracks[other]]])
                within = reports[(reports >= times[first]) & (reports < times[stop - 1])]
                for t_us in np.unique(within):
                    expected = distance_m[(t_us - T0) // SECOND]
                    assert ours[pair, int(t_us)] == pytest.approx(expected, abs=0.01)
                    n_checked += 1
    assert n_checked > 300


@pytest.mark.parametrize("every_s", [5, 20, 30])
@pytest.mark.parametrize(
    ("name", "change"), [("lat", 0.5 / 60), ("lat", -2 / 60), ("sog_kn", 20.0)]
)
@pytest.mark.parametrize("side", [0, 1])
def test_a_single_false_report_does_not_cut_a_hand_over(every_s, name, change, side):
    ships = passing(10.0, every_s=every_s, sog_kn=3.0)
    (expected,) = found(*ships)
    row = int(np.searchsorted(ships[side]["timestamp"], T0 + 12 * HOUR + 5 * MINUTE))
    ships[side][name][row] += change
    (event,) = found(*ships)
    for column in ("event_id", "start", "end"):
        assert event[column] == expected[column]


def test_two_false_reports_in_a_row_cut_a_hand_over():
    one, other = passing(10.0)
    row = int(np.searchsorted(one["timestamp"], T0 + 12 * HOUR + 5 * MINUTE))
    one["lat"][row : row + 2] += 0.5 / 60
    assert len(found(one, other)) == 2


def test_who_went_away_between_two_reports_of_the_other_was_away():
    one, other = passing(10.0, every_s=5, sog_kn=3.0)
    one = {name: column[::36] for name, column in one.items()}  # every three minutes
    row = int(np.searchsorted(other["timestamp"], one["timestamp"][one["lat"].size // 2] + MINUTE))
    other["lat"][row : row + 6] += 0.3 / 60  # for half a minute
    assert len(found(one, other)) == 2


def test_the_sentence_says_who_met_and_how_the_bows_lay():
    aboard = passing(125.0, speed_kn=0.5, every_s=60, heading_deg=90.0)
    (event,) = found(*aboard, presets=("sts",))
    assert event["explanation"].startswith(
        "Apparent encounter: MMSI 211000001 and MMSI 211000002 "
    )
    assert (
        "120 min under 1 kn, bows parallel or opposite within 30 degrees." in event["explanation"]
    )
    (short,) = found(*passing())
    assert short["explanation"].endswith("held against 150 m for 3 min under 6 kn.")
