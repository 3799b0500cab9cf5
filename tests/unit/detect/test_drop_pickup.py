"""Breaks of passages, visits, the ratio between them, and the events."""

import json

import numpy as np
import pytest

from detect_tables import DAY, HOUR, T0, cut_at, events_of, fixes, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.e_values import discoveries, normal_density_2d
from vesseltrack.detect import make_detector
from vesseltrack.detect.pickup_odds import Place, pickup_density, surroundings

MINUTE = 60_000_000
A, B = 211000001, 211000002
RULE = DropPickupDefault()
SHIPS = vessels(
    {"vessel_id": str(A), "length_m": 200.0, "ship_type": 70},
    {"vessel_id": str(B), "length_m": 9.0, "ship_type": 37},
)
DEG_PER_NM = 1852 / 6_371_008.8 * 180 / np.pi


def sailed(vessel, start_us, legs, *, lat=57.0, lon=4.0, every_s=60, **columns):
    """A track of (minutes, speed [kn], course [deg]) legs from a place, a fix a minute."""
    speed, course = (
        np.concatenate([np.full(round(leg[0] * 60 / every_s), leg[i]) for leg in legs])
        for i in (1, 2)
    )
    step = speed * every_s / 3600 * DEG_PER_NM
    north = np.concatenate(([0], np.cumsum(step * np.cos(np.radians(course)))))
    east = np.concatenate(([0], np.cumsum(step * np.sin(np.radians(course)))))
    t_us = start_us + np.arange(north.size) * every_s * 1_000_000
    lats = lat + north
    return track(vessel, t_us, lats, lon + east / np.cos(np.radians(lat)), **columns)


def dropper(slow=(10, 3.0, 0.0), **changes):
    """On passage at 14 kn for two hours, a break, two hours more; the break begins at 57.467 N."""
    return sailed(A, T0 + 9 * DAY, [(120, 14.0, 0.0), slow, (120, 14.0, 0.0)], **changes)


PLACE = 57.0 + (28 + 0.25) * DEG_PER_NM  # half way through ten minutes at 3 kn


def boat(hours_later=6.0, *, stop_min=8.0, off_nm=0.0, vessel=B, **columns):
    """Out of a port 20 nm west of the place, a stop there, and back."""
    out_min = 60.0
    legs = [(out_min, 20.0, 90.0), (stop_min, 0.3, 0.0), (out_min, 20.0, 270.0)]
    begin = T0 + 9 * DAY + 125 * MINUTE + round(hours_later * HOUR) - round(out_min) * MINUTE
    lat = PLACE + off_nm * DEG_PER_NM
    lon = 4.0 - 20 * DEG_PER_NM / np.cos(np.radians(lat))
    one = sailed(vessel, begin, legs, lat=lat, lon=lon, **columns)
    one["port_m"] = np.where(np.abs(one["lon"] - lon) < 0.05, 1000.0, 40_000.0)
    return one


def background():
    """A tanker that passes far away, every ten minutes: days of reception, no visits."""
    n = 14 * 144
    return track(219000001, T0 + np.arange(n) * 10 * MINUTE, 40 + np.arange(n) * 1e-2 % 5, -30.0)


def found(*tracks, ships=SHIPS):
    table = fixes(background(), *tracks)
    final, open_ = events_of(
        make_detector("drop_pickup", DetectConfig()), cut_at(table, []), ships
    )
    return final + open_


def test_a_packet_left_and_fetched_is_one_event():
    (event,) = found(dropper(), boat(6.0))
    measures = json.loads(event["measures"])
    assert (event["mmsi"], event["other_mmsi"]) == (A, B)
    assert event["lat"] == pytest.approx(PLACE, abs=0.003)
    assert measures["delay_h"]["value"] == pytest.approx(6.0, abs=0.1)
    assert measures["distance_km"]["value"] < 0.3
    assert measures["likelihood_ratio"]["value"] > 20
    assert measures["p_bound"]["value"] == pytest.approx(
        1 / measures["likelihood_ratio"]["value"], rel=1e-4
    )
    assert measures["break"]["value"] == "slowed down"
    assert measures["break_min"]["value"] == pytest.approx(10, abs=1.1)
    assert measures["has_marks"]["value"] is True
    assert measures["stands_among_week"]["value"] is True
    evidence = json.loads(event["evidence"])
    assert [item["mmsi"] for item in evidence] == [A, B]
    assert evidence[0]["n"] == pytest.approx(11, abs=1)


def test_the_dropper_stands_first_whatever_the_numbers():
    legs = [(120, 14.0, 0.0), (10, 3.0, 0.0), (120, 14.0, 0.0)]
    (event,) = found(sailed(B, T0 + 9 * DAY, legs), boat(6.0, vessel=A))
    assert (event["mmsi"], event["other_mmsi"]) == (B, A)


@pytest.mark.parametrize(
    ("slow", "n_events"),
    [
        ((4.0, 3.0, 0.0), 0),  # too short
        ((12.0, 3.0, 0.0), 1),
        ((12.0, 6.8, 0.0), 1),  # below half of 14
        ((12.0, 7.3, 0.0), 0),
        ((95.0, 0.2, 0.0), 0),  # too long
        ((6.0, 14.0, 90.0), 0),  # turned aside, but far from the boat
    ],
)
def test_what_breaks_a_passage(slow, n_events):
    assert len(found(dropper(slow), boat(6.0, off_nm=(slow[1] * slow[0] / 120 - 0.25)))) == (
        n_events
    )


def test_a_turn_taken_back_is_a_break_and_a_new_course_is_none():
    aside = [(120, 14.0, 0.0), (6, 14.0, 80.0), (120, 14.0, 0.0)]
    legs = sailed(A, T0 + 9 * DAY, aside)
    place = 3  # minutes into the turn
    lat, lon = legs["lat"][120 + place], legs["lon"][120 + place]
    fetch = boat(6.0)
    fetch["lat"] += lat - PLACE
    fetch["lon"] += lon - 4.0
    (event,) = found(legs, fetch)
    assert json.loads(event["measures"])["break"]["value"] == "turned aside"
    for_good = sailed(A, T0 + 9 * DAY, [(120, 14.0, 0.0), (126, 14.0, 80.0)])
    assert found(for_good, fetch) == []


@pytest.mark.parametrize(
    ("changes", "n_events"),
    [
        ({"hours_later": 0.12, "stop_min": 4.0}, 0),  # within ten minutes: an encounter
        ({"hours_later": 24.0}, 1),
        ({"hours_later": 71.0}, 0),  # so late that chance explains it as well
        ({"stop_min": 130.0}, 0),
        ({"off_nm": 8.0}, 0),
    ],
)
def test_what_may_have_fetched_it(changes, n_events):
    assert len(found(dropper(), boat(**changes))) == n_events


def test_a_busy_place_explains_a_visit():
    numbers = range(211001000, 211001096)
    others = [
        boat(-2.0 * (1 + hours), vessel=number) for hours, number in enumerate(numbers)
    ]  # every two hours for eight days
    anglers = [{"vessel_id": str(one), "length_m": 9.0, "ship_type": 37} for one in (B, *numbers)]
    ships = vessels({"vessel_id": str(A), "length_m": 200.0, "ship_type": 70}, *anglers)
    assert len(found(dropper(), boat(6.0), ships=ships)) == 1
    both = found(dropper(), boat(6.0), *others, ships=ships)
    assert [event for event in both if event["mmsi"] == A] == []


def test_a_short_history_halves_ratio_and_confidence():
    (long_known,) = found(dropper(), boat(1.0))
    table = fixes(dropper(), boat(1.0))
    detector = make_detector("drop_pickup", DetectConfig())
    final, open_ = events_of(detector, cut_at(table, []), SHIPS)
    (new,) = final + open_
    assert new["confidence"] <= 0.5 < long_known["confidence"]


def test_a_later_visit_makes_a_short_history_no_longer():
    """What halves a ratio is the history of the visit that explains it."""

    def earlier(one):
        return {**one, "timestamp": one["timestamp"] - round(4.8 * DAY)}

    assert len(found(dropper(), boat(58.0))) == 1
    both = [earlier(dropper()), earlier(boat(58.0))]  # within the first week
    assert found(*both) == []
    passing = earlier(boat(68.0, vessel=211000009, off_nm=5.0))  # after it, and far off
    assert found(*both, passing) == []


def test_in_port_nothing_is_left_and_nothing_fetched():
    assert found(dropper(port_m=3000.0), boat(6.0)) == []
    assert found(dropper(anchorage_m=3000.0), boat(6.0)) == []
    inside = boat(6.0)
    inside["port_m"][:] = 1000.0
    assert found(dropper(), inside) == []


@pytest.mark.parametrize(
    ("types", "holds"), [((70, 50), ["assisting_craft"]), ((30, 37), ["fetching_gear"])]
)
def test_innocent_explanations(types, holds):
    ships = vessels(
        {"vessel_id": str(A), "ship_type": types[0]},
        {"vessel_id": str(B), "ship_type": types[1], "length_m": 9.0},
    )
    (event,) = found(dropper(), boat(2.0), ships=ships)
    assert json.loads(event["innocent"])["holds"] == holds


def test_the_density_of_pick_ups_is_one_in_all():
    # Over the plane and all delays: what the delays allowed leave of the exponential.
    edge_km, step_km = 60.0, 0.05
    radius = np.arange(step_km / 2, edge_km, step_km)
    hours = np.linspace(RULE.min_delay_min / 60, 20.0, 400)
    rings = 2 * np.pi * radius * step_km
    per_hour = [pickup_density(radius, np.full(radius.size, h), RULE) @ rings for h in hours]
    expected = np.exp(-hours[0] / 14) - np.exp(-20 / 14)
    assert np.trapezoid(per_hour, hours) == pytest.approx(expected, rel=0.01)


def test_the_ratio_is_at_most_one_on_average_under_chance():
    """A thousand breaks in traffic that knows nothing of them."""
    rng = np.random.default_rng(5)
    n, side_km, days = 4000, 60.0, 14.0
    deg = 1 / 111.195
    lat = 50 + rng.uniform(0, side_km, n) * deg
    lon = rng.uniform(0, side_km, n) * deg / np.cos(np.radians(50))
    t_us = np.sort(rng.uniform(0, days * DAY, n)).astype(np.int64) + T0
    visits = {
        "key": np.arange(n) + 1000 << 32,
        "start_us": t_us,
        "end_us": t_us,
        "lat": lat,
        "lon": lon,
        "is_marked": rng.random(n) < 0.1,
    }
    ratios = []
    for _ in range(300):
        # Breaks in the middle of the last three days, visits of the hours after.
        t0 = T0 + round((days - 3) * DAY)
        lat0, lon0 = 50 + 30 * deg, 30 * deg / np.cos(np.radians(50))
        lat0 += rng.uniform(-10, 10) * deg
        lon0 += rng.uniform(-10, 10) * deg
        later = np.flatnonzero((t_us > t0) & (t_us < t0 + 12 * HOUR))
        km = np.hypot(
            (lat[later] - lat0) / deg, (lon[later] - lon0) / deg * np.cos(np.radians(50))
        )
        density = pickup_density(km, (t_us[later] - t0) / HOUR, RULE)
        ratio = 0.5
        for one in np.flatnonzero(density > 1e-6):
            row = later[one]
            place = Place(lat[row], lon[row], int(t_us[row]), (1 << 32, int(visits["key"][row])))
            around = surroundings(visits, place, T0, RULE)
            factor = around.factors[int(visits["is_marked"][row])]
            ratio += 0.5 * density[one] * factor / around.intensity
        ratios.append(ratio)
    assert np.mean(ratios) <= 1.05
    assert np.mean(np.array(ratios) >= 20) <= 1 / 20


def test_a_round_normal_distribution_adds_up_to_one():
    radius = np.arange(0.005, 10, 0.01)
    assert normal_density_2d(radius, 1.3) @ (2 * np.pi * radius * 0.01) == pytest.approx(
        1, abs=1e-4
    )


def test_which_e_values_stand_together():
    assert discoveries([200.0, 15.0, 1.0], 0.1).tolist() == [True, True, False]
    assert discoveries([200.0, 14.0, 1.0], 0.1).tolist() == [True, False, False]
    assert discoveries([25.0, np.nan, 0.5], 0.1).tolist() == [False, False, False]
    assert discoveries([], 0.1).size == 0
