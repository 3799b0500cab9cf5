import json

import numpy as np
import pytest

from detect_tables import T0, cut_at, events_of, fixes, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector
from vesseltrack.schema import Quality

SECOND = 1_000_000
SHIPS = vessels({"vessel_id": "211000001", "length_m": 180.0, "ship_type": 80})


def drift(minutes=17.0, *, sog_kn=2.0, angle_deg=60.0, every_s=10, spoil=()):
    """A ship under way at 12 kn for ten minutes, adrift sideways, and under way again."""
    n_way = 600 // every_s
    n_drift = round(minutes * 60 / every_s) + 1
    adrift = np.repeat([False, True, False], [n_way, n_drift, n_way])
    t_us = T0 + np.arange(adrift.size) * every_s * SECOND
    speed_kn = np.where(adrift, sog_kn, 12.0)
    moved_deg = np.cumsum(speed_kn * every_s / 3600) / 60.04
    columns = {
        "sog_kn": speed_kn,
        "cog_deg": np.full(adrift.size, 10.0),
        "heading_deg": np.where(adrift, (10.0 - angle_deg) % 360, 10.0),
        "quality": np.zeros(adrift.size, dtype=np.int64),
    }
    one = track(211000001, t_us, 57.0 + moved_deg, 11.0, **columns)
    for name, rows, value in spoil:
        one[name][n_way + np.asarray(rows)] = value
    return one


def found(one, ships=SHIPS):
    detector = make_detector("drifting", DetectConfig())
    final, open_ = events_of(detector, cut_at(fixes(one), []), ships)
    return final + open_


def test_a_drift_is_one_event_with_its_measures():
    (event,) = found(drift(17.0))
    measures = json.loads(event["measures"])
    assert event["start"].timestamp() * 1e6 == T0 + 600 * SECOND
    assert measures["duration_min"]["value"] == pytest.approx(17.0)
    assert measures["mean_angle_deg"]["value"] == pytest.approx(60.0)
    assert measures["mean_speed_kn"]["value"] == pytest.approx(2.0)
    assert measures["distance_m"]["value"] == pytest.approx(17 / 60 * 2 * 1852, rel=0.001)
    assert measures["n_false_reports"]["value"] == 0
    assert event["status"] == "final"


@pytest.mark.parametrize(
    ("changes", "n_events"),
    [
        ({"minutes": 10.0, "sog_kn": 4.0}, 1),
        ({"minutes": 9.8, "sog_kn": 4.0}, 0),
        ({"minutes": 12.0, "sog_kn": 1.3}, 0),  # 480 m
        ({"sog_kn": 5.0}, 1),
        ({"sog_kn": 5.1}, 0),
        ({"minutes": 60.0, "sog_kn": 0.9}, 0),
        ({"angle_deg": 46.0}, 1),
        ({"angle_deg": 45.0}, 0),
        ({"angle_deg": 180.0}, 1),
        ({"angle_deg": 314.0}, 1),
        ({"angle_deg": 316.0}, 0),
    ],
)
def test_its_limits(changes, n_events):
    assert len(found(drift(**changes))) == n_events


@pytest.mark.parametrize(
    ("spoil", "durations"),
    [
        (("sog_kn", 50, 102.2), [17.0]),
        (("heading_deg", [20, 70], 10.0), [17.0]),
        (("sog_kn", [36, 37], 102.2), [64 / 6]),  # what is left before is too short
    ],
    ids=["one", "two apart", "two in a row"],
)
def test_a_single_false_report_does_not_cut_it(spoil, durations):
    events = found(drift(spoil=[spoil]))
    minutes = [json.loads(event["measures"])["duration_min"]["value"] for event in events]
    assert minutes == pytest.approx(durations, abs=0.01)


def test_a_false_report_is_counted_and_a_doubtful_one_is_not_there():
    aligned = ("heading_deg", 50, 10.0)
    (false,) = found(drift(spoil=[aligned]))
    assert json.loads(false["measures"])["n_false_reports"]["value"] == 1
    (doubtful,) = found(drift(spoil=[aligned, ("quality", 50, int(Quality.SPIKE))]))
    assert json.loads(doubtful["measures"])["n_false_reports"]["value"] == 0
    denied = ("quality", range(103), int(Quality.BAD_SPEED))
    assert found(drift(spoil=[denied])) == []


@pytest.mark.parametrize("name", ["sog_kn", "cog_deg", "heading_deg"])
def test_what_is_unknown_raises_no_flag(name):
    one = drift()
    one[name] = np.full(one["lat"].size, np.nan)
    assert found(one) == []


@pytest.mark.parametrize(
    ("ship", "n_events"), [({"length_m": 50.0}, 1), ({"length_m": 49.0}, 0), ({}, 0)]
)
def test_ships_of_fifty_metres_and_more_whose_length_is_known(ship, n_events):
    assert len(found(drift(), vessels({"vessel_id": "211000001", **ship}))) == n_events


def test_few_reports_or_a_long_silence_prove_no_drift():
    assert len(found(drift(40.0, every_s=600))) == 1
    assert found(drift(30.0, every_s=600)) == []
    assert found(drift(20.0 * 31, every_s=31 * 60)) == []


@pytest.mark.parametrize(
    ("ship_type", "columns", "holds"),
    [
        (80, {}, []),
        (80, {"heading_deg": 190.0}, ["going_astern"]),
        (80, {"port_m": 4000.0}, ["in_port"]),
        (30, {}, ["sideways_at_work"]),
        (36, {}, ["sideways_at_work"]),
    ],
)
def test_innocent_explanations(ship_type, columns, holds):
    one = drift()
    for name, value in columns.items():
        one[name] = np.full(one["lat"].size, value)
    ships = vessels({"vessel_id": "211000001", "length_m": 80.0, "ship_type": ship_type})
    (event,) = found(one, ships)
    assert json.loads(event["innocent"])["holds"] == holds


def test_a_drift_under_way_is_open():
    one = {name: column[:150] for name, column in drift(30.0).items()}
    (event,) = found(one)
    assert event["status"] == "open"
