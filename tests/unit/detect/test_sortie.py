"""Trips out to sea and back, planted, on both sides of every limit."""

import json

import numpy as np
import pytest

from detect_tables import HOUR, T0, cut_at, events_of, fixes, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector

MINUTE = 60_000_000
BOAT = 211000001
DEG_PER_NM = 1852 / 6_371_008.8 * 180 / np.pi


def trip(
    far_nm=20.0, *, knots=20.0, stop_min=8.0, stop_kn=0.3, back_nm=0.0, sideways_deg=0.0, **columns
):
    """An hour in port, north to a place at sea, a stop, and back, a fix a minute."""
    legs = [(60, 0.0), (far_nm / knots * 60, knots), (stop_min, stop_kn)]
    legs += [((far_nm - back_nm) / knots * 60, -knots), (30, 0.0)]
    speed = np.concatenate([np.full(round(minutes), kn) for minutes, kn in legs])
    north_nm = np.concatenate(([0], np.cumsum(speed / 60)))
    t_us = T0 + 20 * HOUR + np.arange(north_nm.size) * MINUTE
    lon = np.where(north_nm % 2 < 1, 179.999, 179.999 + sideways_deg)
    one = track(
        BOAT,
        t_us,
        57.0 + north_nm * DEG_PER_NM,
        (lon + 180) % 360 - 180,
        **{"sog_kn": np.abs(np.append(speed, 0)), **columns},
    )
    one["port_m"] = 1852.0 * np.abs(north_nm - back_nm)
    one["port_m"] = np.minimum(one["port_m"], 1852.0 * np.abs(north_nm))
    return one


def found(one, **ship):
    ships = vessels({"vessel_id": str(BOAT), **ship})
    detector = make_detector("sortie", DetectConfig())
    final, open_ = events_of(detector, cut_at(fixes(one), []), ships)
    assert open_ == []
    return final


def values(event):
    return {name: m["value"] for name, m in json.loads(event["measures"]).items()}


def test_a_trip_with_a_short_stop_is_one_event_with_its_measures():
    (event,) = found(trip())
    measured = values(event)
    # Out from the last report within 5 km of the port, 8 minutes out; adrift for 8 minutes.
    assert measured["far_nm"] == pytest.approx(20.04 - 8 / 60 * 20, abs=0.01)
    assert measured["stop_min"] == pytest.approx(8)
    assert measured["top_kn"] == pytest.approx(20, rel=1e-3)
    assert measured["directness"] == pytest.approx(1, abs=0.01)
    assert measured["out_h"] == pytest.approx((52 + 8 + 52) / 60, abs=1.1 / 60)
    assert measured["far_lat"] == pytest.approx(57 + 20.04 * DEG_PER_NM, abs=1e-4)
    assert event["status"] == "final"
    assert json.loads(event["evidence"])[0]["n"] == pytest.approx(event["duration_h"] * 60 + 1)
    assert "stopping there for 8.0 min" in event["explanation"]


@pytest.mark.parametrize(
    ("changes", "n_events"),
    [
        ({"far_nm": 13.0}, 1),
        ({"far_nm": 12.0}, 0),  # 9.3 nm from the last report in port
        ({"stop_min": 4.0}, 1),
        ({"stop_min": 2.0}, 0),
        ({"stop_min": 60.0}, 1),
        ({"stop_min": 62.0}, 0),
        ({"stop_min": 30.0, "stop_kn": 1.9}, 1),
        ({"stop_min": 30.0, "stop_kn": 2.1}, 0),
        ({"far_nm": 100.0, "knots": 10.0, "stop_min": 60.0}, 1),  # 20 h out
        ({"far_nm": 130.0, "knots": 10.0, "stop_min": 60.0}, 0),  # 26 h out
        ({"sideways_deg": 0.02}, 1),
        ({"sideways_deg": 0.06}, 0),
        ({"back_nm": 5.0}, 1),  # the next harbour
        ({"back_nm": 12.0}, 0),  # another port
    ],
)
def test_its_limits(changes, n_events):
    assert len(found(trip(**changes))) == n_events


@pytest.mark.parametrize(
    ("ship_type", "knots", "n_events"),
    [(30, 16, 1), (30, 14, 0), (70, 26, 1), (70, 24, 0), (40, 39, 0), (37, 31, 1), (37, 29, 0)],
)
def test_without_a_stop_more_speed_than_the_class_has(ship_type, knots, n_events):
    assert len(found(trip(knots=knots, stop_min=0.0), ship_type=ship_type)) == n_events


def test_speed_that_the_reports_do_not_agree_on_is_none():
    assert len(found(trip(knots=40.0, stop_min=0.0))) == 1
    for sog_kn in (5.0, np.nan):
        assert found(trip(knots=40.0, stop_min=0.0, sog_kn=sog_kn)) == []


def test_a_call_at_the_far_end_is_no_sortie():
    one = trip()
    one["port_m"] = np.where(one["lat"] > 57.3, 2_000.0, one["port_m"])
    assert found(one) == []


def test_near_a_port_at_the_far_end_is_not_away_from_any():
    one = trip()
    one["port_m"] = np.where(one["lat"] > 57.3, 9_000.0, one["port_m"])
    assert found(one) == []


@pytest.mark.parametrize(("silence_min", "n_events"), [(110, 1), (130, 0)])
def test_who_was_silent_for_long_may_have_been_anywhere(silence_min, n_events):
    one = trip()
    later = np.arange(one["lat"].size) > 90  # on the way out
    one["timestamp"] = one["timestamp"] + later * silence_min * MINUTE
    assert len(found(one)) == n_events


def test_who_was_not_seen_to_leave_a_port_is_not_judged():
    one = trip()
    assert len(found(one)) == 1
    one["port_m"][:100] = 50_000.0
    assert found(one) == []


@pytest.mark.parametrize(
    ("ship", "columns", "holds"),
    [
        ({"ship_type": 51}, {}, ["working_craft"]),
        ({"ship_type": 60}, {}, ["working_craft"]),
        ({"ship_type": 37}, {}, ["angling"]),
        ({"ship_type": 70}, {"anchorage_m": 4_000.0}, ["to_an_anchorage"]),
        ({}, {}, []),
    ],
)
def test_what_is_innocent(ship, columns, holds):
    (event,) = found(trip(**columns), **ship)
    assert json.loads(event["innocent"])["holds"] == holds
