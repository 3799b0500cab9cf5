"""Ships faster than their type and length allow, planted, on both sides of every limit."""

import json

import numpy as np
import pytest

from detect_tables import HOUR, T0, cut_at, events_of, fixes, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector
from vesseltrack.detect.unusual_for_type import froude
from vesseltrack.schema import Quality

MINUTE = 60_000_000
SHIP = 211000001
DEG_PER_NM = 1852 / 6_371_008.8 * 180 / np.pi
TANKER = {"ship_type": 80, "length_m": 180.0}


def dash(knots=36.0, minutes=20.0, *, every_s=60, **columns):
    """Half an hour at 12 kn, a dash, and half an hour at 12 kn, due north."""
    n_way, n_fast = 1800 // every_s, round(minutes * 60 / every_s)
    speed = np.repeat([12.0, knots, 12.0], [n_way, n_fast, n_way])
    north_nm = np.concatenate(([0], np.cumsum(speed * every_s / 3600)))
    t_us = T0 + 23 * HOUR + np.arange(north_nm.size) * every_s * 1_000_000
    sog_kn = np.maximum(np.append(speed[0], speed), np.append(speed, speed[-1]))
    given = {"sog_kn": sog_kn, **columns}
    return track(SHIP, t_us, 10.0 + north_nm * DEG_PER_NM, 179.999, **given)


def found(one, ship=TANKER):
    detector = make_detector("unusual_for_type", DetectConfig())
    ships = vessels({"vessel_id": str(SHIP), **ship})
    final, open_ = events_of(detector, cut_at(fixes(one), []), ships)
    return final + open_


def values(event):
    return {name: m["value"] for name, m in json.loads(event["measures"]).items()}


def test_a_dash_is_one_event_with_its_measures():
    (event,) = found(dash())
    measured = values(event)
    assert measured["speed_kn"] == pytest.approx(36, rel=1e-3)
    assert measured["duration_min"] == 20
    assert measured["n_legs"] == 20
    # Froude number by hand: 36 kn are 18.52 m/s, root of 9.80665 x 180 is 42.01 m/s.
    assert measured["froude"] == pytest.approx(18.52 / 42.01, rel=1e-3)
    assert event["start"].timestamp() * 1e6 == T0 + 23 * HOUR + 30 * MINUTE
    assert event["status"] == "final"
    assert json.loads(event["evidence"])[0]["n"] == 21
    assert json.loads(event["innocent"])["holds"] == []


@pytest.mark.parametrize(
    ("changes", "n_events"),
    [
        ({"knots": 31.0}, 1),
        ({"knots": 29.9}, 0),
        ({"minutes": 10.0}, 1),
        ({"minutes": 9.0}, 0),
        ({"every_s": 300, "minutes": 15.0}, 1),
        ({"every_s": 300, "minutes": 10.0}, 0),  # two legs
        ({"every_s": 900, "minutes": 90.0}, 0),  # silences too long to know a speed
    ],
)
def test_its_limits(changes, n_events):
    assert len(found(dash(**changes))) == n_events


@pytest.mark.parametrize(
    ("ship_type", "length_m", "believable_kn"),
    [
        (70, 300.0, 30.0),
        (80, 60.0, 30.0),
        (80, 59.0, 37.4),  # 0.8 x root of (9.80665 x 59), in knots
        (80, 9.0, 14.6),
        (52, 30.0, 22.0),
        (52, 23.0, 23.36),
        (33, 100.0, 22.0),
        (30, 24.0, 25.0),
    ],
)
def test_the_greatest_believable_speed_by_class_and_length(ship_type, length_m, believable_kn):
    ship = {"ship_type": ship_type, "length_m": length_m}
    assert len(found(dash(believable_kn + 0.3), ship)) == 1
    assert found(dash(believable_kn - 0.3), ship) == []


@pytest.mark.parametrize(
    "ship",
    [
        {"ship_type": 40, "length_m": 60.0},
        {"ship_type": 60, "length_m": 200.0},
        {"ship_type": 37, "length_m": 12.0},
        {"ship_type": 30, "length_m": 12.0},
        {"ship_type": 70},
        {"length_m": 200.0},
        {"ship_type": 70, "length_m": 0.0},
    ],
    ids=["high speed", "passenger", "pleasure", "small fishing", "no length", "no type", "0 m"],
)
def test_of_other_classes_and_of_what_is_unknown_nothing_is_said(ship):
    assert found(dash(45.0), ship) == []


def test_bad_data_raise_no_flag():
    fast = dash(36.0)
    assert found({**fast, "sog_kn": np.full(fast["lat"].size, 12.0)}) == []
    assert found({**fast, "sog_kn": np.full(fast["lat"].size, np.nan)}) == []
    assert found(dash(12.0, sog_kn=36.0)) == []
    assert found({**fast, "quality": np.full(fast["lat"].size, int(Quality.SPIKE))}) == []
    jumps = dash(12.0, sog_kn=36.0)  # back and forth by more than the speed sent
    jumps["lat"][1::2] += 0.02
    assert found(jumps) == []


def test_one_slower_report_does_not_cut_it_and_more_do():
    fast = dash(36.0)
    for slower, n_events, minutes in (([40], 1, 20), ([40, 41, 42], 0, None)):
        one = {name: column.copy() for name, column in fast.items()}
        one["sog_kn"][slower] = 12.0
        events = found(one)
        assert len(events) == n_events
        assert minutes is None or values(events[0])["duration_min"] == minutes


def test_fast_supply_craft_are_often_sent_as_cargo():
    (event,) = found(dash(36.0), {"ship_type": 70, "length_m": 50.0})
    assert json.loads(event["innocent"])["holds"] == ["supply_craft"]
    (event,) = found(dash(36.0), {"ship_type": 80, "length_m": 9.0})
    assert json.loads(event["innocent"])["holds"] == []


def test_froude_numbers():
    assert froude([0.0, 20.0], [10.0, 100.0]) == pytest.approx([0, 10.289 / 31.316], rel=1e-4)
    assert np.isnan(froude(np.nan, 10.0))
