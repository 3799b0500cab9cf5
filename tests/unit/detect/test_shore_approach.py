"""Stays close to the shore by vessels that keep off it or do not, planted."""

import json

import numpy as np
import pytest

from detect_tables import DAY, HOUR, T0, cut_at, events_of, fixes, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector
from vesseltrack.detect.habits import Habits

MINUTE = 60_000_000
SHIP = 211000001
TRADER = {"ship_type": 70, "length_m": 150.0}
NM = 1852.0


def stay(hours=2.0, *, knots=1.0, days_before=0.5, near_before_h=0.0, shore_nm=1.5, **columns):
    """On passage far out for days, some hours of them close in, then a stay, then off again."""
    n_before, n_near, n_stay = (round(h * 6) for h in (days_before * 24, near_before_h, hours))
    speed = np.repeat([12.0, 12.0, knots, 12.0], [n_before - n_near, n_near, n_stay + 1, 36])
    shore = np.repeat([50.0, 1.0, shore_nm, 50.0], [n_before - n_near, n_near, n_stay + 1, 36])
    t_us = T0 + np.arange(speed.size) * 10 * MINUTE
    north_nm = np.cumsum(np.append(0, speed[:-1])) / 6
    # Due east along the equator, over the date line.
    lon = (179.0 + north_nm / 60.0 + 180) % 360 - 180
    return track(SHIP, t_us, 0.0, lon, **{"shore_m": shore * NM, **columns})


def found(one, ship=TRADER):
    detector = make_detector("shore_approach", DetectConfig())
    ships = vessels({"vessel_id": str(SHIP), **ship})
    final, open_ = events_of(detector, cut_at(fixes(one), []), ships)
    return final + open_


def values(event):
    return {name: m["value"] for name, m in json.loads(event["measures"]).items()}


def test_a_stay_is_one_event_with_its_measures():
    (event,) = found(stay())
    measured = values(event)
    assert measured["duration_h"] == 2
    assert measured["speed_kn"] == pytest.approx(1, rel=0.01)
    assert measured["shore_nm"] == pytest.approx(1.5)
    assert measured["normally_by"] == "its class"
    assert measured["history_h"] == 12
    assert event["start"].timestamp() * 1e6 == T0 + DAY // 2
    # A stay over the date line lies where it was, not on the other side of the world.
    assert event["lon"] == pytest.approx(179 + (12 * 12 + 1) / 60 - 360)
    assert json.loads(event["evidence"])[0]["n"] == 13
    assert json.loads(event["innocent"])["holds"] == []


@pytest.mark.parametrize(
    ("changes", "n_events"),
    [
        ({"hours": 1.0}, 1),
        ({"hours": 5 / 6}, 0),
        ({"knots": 2.9}, 1),
        ({"knots": 3.1}, 0),
        ({"knots": 12.0, "hours": 10.0}, 0),  # along a cape
        ({"shore_nm": 3.0}, 1),
        ({"shore_nm": 3.1}, 0),
        ({"shore_nm": 0.0}, 0),  # on what the map calls land: a river, a harbour
        ({"port_m": 18_600.0}, 1),
        ({"port_m": 18_500.0}, 0),
        ({"anchorage_m": 5_100.0}, 1),
        ({"anchorage_m": 5_000.0}, 0),
    ],
)
def test_its_limits(changes, n_events):
    assert len(found(stay(**changes))) == n_events


@pytest.mark.parametrize(
    ("days", "near_h", "n_events", "by"),
    [
        (4.0, 0.0, 1, "its own days before"),
        (4.0, 4.0, 1, "its own days before"),  # 4 of 96 h
        (4.0, 6.0, 0, None),  # 6 of 96 h: what it does
        (1.75, 20.0, 1, "its class"),  # 42 h are too short for a habit
        (20.0, 16.0, 1, "its own days before"),  # 16 of the last 336 h
        (20.0, 17.5, 0, None),
    ],
)
def test_a_habit_of_its_own_outweighs_the_class(days, near_h, n_events, by):
    events = found(stay(days_before=days, near_before_h=near_h))
    assert [values(event)["normally_by"] for event in events] == [by] * n_events


@pytest.mark.parametrize(
    "ship",
    [{"ship_type": 70, "length_m": 99.0}, {"ship_type": 70}, {"ship_type": 30, "length_m": 150.0}],
)
def test_without_a_habit_only_the_prior_speaks(ship):
    assert found(stay(), ship) == []
    (event,) = found(stay(days_before=3), ship)
    assert values(event)["near_frac"] == 0


def test_own_days_give_more_confidence_than_the_class():
    (by_class,), (by_habit,) = found(stay()), found(stay(days_before=3))
    assert by_class["confidence"] == pytest.approx(0.7 * by_habit["confidence"], rel=1e-4)


@pytest.mark.parametrize(
    ("ship", "columns", "holds"),
    [
        ({"ship_type": 33}, {}, ["working_craft"]),
        (TRADER, {"nav_status": 1}, ["at_anchor"]),
        (TRADER, {"nav_status": 0}, []),
    ],
)
def test_what_is_innocent(ship, columns, holds):
    (event,) = found(stay(days_before=3, **columns), ship)
    assert json.loads(event["innocent"])["holds"] == holds


@pytest.mark.parametrize(("hours", "knots", "is_berth"), [(4, 0.0, 1), (2, 0.0, 0), (4, 0.5, 0)])
def test_who_lies_still_for_hours_has_a_berth_there(hours, knots, is_berth):
    (event,) = found(stay(hours, knots=knots))
    assert json.loads(event["innocent"])["holds"] == ["at_a_berth"] * is_berth


def test_a_stay_that_is_under_way_is_open():
    one = stay(hours=3)
    going_on = {name: column[:-36] for name, column in one.items()}
    (event,) = found(going_on)
    assert event["is_open"]
    assert found({name: column[:76] for name, column in one.items()}) == []


def test_habits_count_whole_buckets_before_a_moment():
    habits = Habits(days=1.0)
    start_us = T0 + np.arange(0, 48) * HOUR
    legs = {"key": np.full(48, 7), "start_us": start_us, "end_us": start_us + HOUR}
    nothing = habits.before(np.array([7]), np.array([T0]))
    assert [times.tolist() for times in nothing] == [[0], [0]]
    habits.push(legs, np.arange(48) % 6 == 0)
    asked = T0 + np.array([0, 6, 7, 11, 12, 30, 47]) * HOUR
    met_us, all_us = habits.before(np.full(7, 7), asked)
    assert (all_us // HOUR).tolist() == [0, 6, 6, 6, 12, 24, 24]
    assert (met_us // HOUR).tolist() == [0, 1, 1, 1, 2, 4, 4]
    assert habits.before(np.array([8]), asked[-1:])[1].tolist() == [0]
    habits.forget(T0 + 48 * HOUR)
    assert (habits.before(np.array([7]), asked[-1:])[1] // HOUR).tolist() == [18]
