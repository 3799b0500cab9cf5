"""The `starboard` and `rtec` presets of loitering, against tracks whose speed is known."""

import json

import numpy as np
import pytest

from detect_tables import HOUR, T0, cut_at, events_of, fixes, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector

MINUTE = HOUR // 60
DEG_PER_NM = 1 / 60.04  # of latitude on the sphere of the design


def slow(minutes, speed_kn, **columns):
    """A vessel that goes north slowly, between half hours at 12 kn."""
    t_us = np.arange(T0 - 30 * MINUTE, T0 + (minutes + 30) * MINUTE + 1, 10 * MINUTE)
    at_h = (t_us - T0) / HOUR
    slow_h = np.clip(at_h, 0, minutes / 60)
    north_nm = 12 * (at_h - slow_h) + speed_kn * slow_h
    return track(211000001, t_us, 50 + DEG_PER_NM * north_nm, 3.0, **columns)


def found(stay, *presets):
    detector = make_detector("loitering", DetectConfig(), presets)
    final, open_ = events_of(detector, cut_at(fixes(stay), []))
    return final + open_


@pytest.mark.parametrize(
    ("minutes", "speed_kn", "n_events"),
    [(240, 1.9, 1), (230, 1.9, 0), (600, 0.1, 1), (600, 2.1, 0)],
)
def test_starboard_asks_for_four_hours_under_two_knots(minutes, speed_kn, n_events):
    assert len(found(slow(minutes, speed_kn), "starboard")) == n_events


def test_starboard_asks_nothing_of_the_place():
    for place in ({"shore_m": 100.0}, {"port_m": 100.0}, {"nav_status": 1}):
        assert len(found(slow(300, 0.4, **place), "starboard")) == 1
        assert found(slow(300, 0.4, **place), "default") == []


@pytest.mark.parametrize(
    ("minutes", "speed_kn", "columns", "n_events"),
    [
        (40, 4.9, {}, 1),
        (40, 5.1, {}, 0),
        (30, 1.0, {}, 0),  # more than half an hour
        (40, 1.0, {"shore_m": 301.0}, 1),
        (40, 1.0, {"shore_m": 300.0}, 0),
        (40, 1.0, {"port_m": 1000.0}, 1),  # low speed counts in ports, stops do not
        (40, 0.4, {"port_m": 1000.0}, 0),
        (40, 0.4, {"anchorage_m": 1000.0}, 0),
        (40, 0.4, {}, 1),
    ],
)
def test_rtec_is_low_speed_or_a_stop_off_the_coast_and_not_at_anchor(
    minutes, speed_kn, columns, n_events
):
    assert len(found(slow(minutes, speed_kn, **columns), "rtec")) == n_events


def test_each_says_what_it_was_held_against():
    (starboard,) = found(slow(300, 1.0), "starboard")
    (rtec,) = found(slow(300, 1.0), "rtec")
    assert starboard["preset"] == "starboard"
    assert rtec["preset"] == "rtec"
    measures = json.loads(starboard["measures"])
    assert measures["duration_h"] == {"value": 5.0, "threshold": 4.0, "rule": ">=", "margin": 1.0}
    measures = json.loads(rtec["measures"])
    assert measures["duration_h"] == {"value": 5.0, "threshold": 0.5, "rule": ">", "margin": 4.5}
    assert measures["mean_speed_kn"]["value"] == pytest.approx(1.0, rel=0.001)
    assert "under 5 kn for more than 30 min, over 300 m from shore" in rtec["explanation"]


def test_definitions_that_begin_with_one_fix_are_events_of_their_own():
    events = found(slow(300, 1.0), "default", "starboard", "rtec")
    assert {event["preset"] for event in events} == {"default", "starboard", "rtec"}
    assert len({event["start"] for event in events}) == 1
    assert len({event["event_id"] for event in events}) == 3
