"""Voyages that are long for a reason: through the whole pipeline, each is named for what it is."""

import itertools
import json

import numpy as np
import pytest

import vesseltrack as vt
from track_tables import HOUR_S, port_place, positions, statics
from vesseltrack import engine
from vesseltrack.config import Config
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.detect import make_detector
from vesseltrack.schema import STATICS
from vesseltrack.tracks import build_tracks
from vesseltrack.units import METRES_PER_NM

CARGO, FISHING, TUG, FERRY = 70, 30, 52, 60
MMSI = 211000001


def along(lines, speed_kn=14.0, step_s=600.0):
    """Fixes of a vessel along lines of (lat, lon, hours it lies at the end of each)."""
    knots = [(0.0, lines[0][0][0], lines[0][1][0])]
    for lat, lon, hours in lines:
        steps_nm = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) / METRES_PER_NM
        at_s = knots[-1][0] + np.cumsum(steps_nm) / speed_kn * HOUR_S
        knots += list(zip(at_s, lat[1:], lon[1:], strict=True))
        if hours:
            knots.append((knots[-1][0] + hours * HOUR_S, lat[-1], lon[-1]))
    t, lat, lon = np.array(knots).T
    t_s = np.arange(0, t[-1] + 1, step_s)
    return t_s, np.interp(t_s, t, lat), np.interp(t_s, t, np.unwrap(lon, period=360))


def line(*places):
    """The shortest route over places, as latitudes and longitudes."""
    parts = [vt.shortest_route(a, b) for a, b in itertools.pairwise(places)]
    return tuple(
        np.concatenate([getattr(part, name) for part in parts]) for name in ("lat", "lon")
    )


def found(t_s, lat, lon, said=None, **columns):
    """Voyages, port calls and deviations of one vessel, through the whole pipeline."""
    config = Config()
    built = build_tracks(
        positions(MMSI, t_s, lat, lon, **columns),
        STATICS.empty() if said is None else said,
        config=config.tracks,
        sea_distance_nm=engine.sea_distance_nm,
    )
    held = engine.hold_against_routes(built)
    detector = make_detector("route_deviation", config.detect)
    events = engine.find_events([detector], engine.slices(built, held)).to_pylist()
    return held.voyages.to_pylist(), built.port_calls.to_pylist(), events


def is_type(ship_type):
    return statics(MMSI, [0.0], ship_type=[ship_type], name=["X"])


def holds(event):
    return json.loads(event["innocent"])["holds"]


def verdicts(voyages):
    return [voyage["verdict"] for voyage in voyages]


def test_two_days_at_anchor_near_a_port_are_a_call_between_two_direct_voyages():
    there, roads, bound = (36.1, -5.3), (36.79, -2.45), (36.9, 3.2)  # off Almeria
    voyages, (call,), events = found(
        *along([(*line(there, roads), 48.0), (*line(roads, bound), 0.0)])
    )
    assert call["port"] == "Almeria"
    assert verdicts(voyages) == ["direct", "direct"]
    assert events == []


def test_two_days_at_an_anchorage_off_the_way():
    # From Dover to the Tyne, but first to the anchorage off the Scheldt, 40 km from any port.
    dover, anchorage, tyne = (51.05, 1.6), (51.82, 3.33), (55.0, -1.2)
    voyages, calls, (event,) = found(
        *along([(*line(dover, anchorage), 48.0), (*line(anchorage, tyne), 0.0)])
    )
    assert calls == []
    assert verdicts(voyages) == ["waiting at anchorage"]
    assert holds(event) == ["waiting_at_anchorage"]
    (stay,) = json.loads(event["measures"])["stays"]["value"]
    assert (stay["lat"], stay["lon"]) == pytest.approx(anchorage, abs=0.02)
    # Against the way over the anchorage nothing is left.
    assert json.loads(event["measures"])["excess_via_nm"]["value"] == pytest.approx(0, abs=3)


def test_the_same_way_without_the_wait_is_a_detour():
    dover, anchorage, tyne = (51.05, 1.6), (51.82, 3.33), (55.0, -1.2)
    voyages, _, (event,) = found(
        *along([(*line(dover, anchorage), 0.0), (*line(anchorage, tyne), 0.0)])
    )
    assert verdicts(voyages) == ["detour"]
    assert holds(event) == []


def test_a_ferry_to_and_fro():
    gedser, rostock = (54.573, 11.925), (54.15, 12.1)
    over, back = line(gedser, rostock), line(rostock, gedser)
    lines = [(*way, 0.75) for _ in range(3) for way in (over, back)]
    voyages, calls, events = found(*along(lines, step_s=120.0), said=is_type(FERRY))
    assert len(calls) >= 4
    assert len(voyages) >= 4
    assert set(verdicts(voyages)) <= {"direct", "short trip"}
    assert events == []


def test_a_real_ferry(demo_store):
    rows = demo_store.select("voyages", vt.store.Filter(mmsi=219027804)).to_pylist()
    assert set(verdicts(rows)) == {"short trip"}


def test_a_fishing_trip_back_to_its_own_port():
    skagen = port_place("DKSKA")
    ground = (57.9, 9.2)
    out, back = line(skagen, ground), line(ground, skagen)
    towing = np.linspace(0, 12 * np.pi, 400)
    tows = (ground[0] + 0.1 * np.sin(towing), ground[1] + 0.15 * np.cos(towing) - 0.15)
    lie = (np.array([skagen[0]] * 2), np.array([skagen[1]] * 2))
    lines = [(*lie, 5.0), (*out, 0.0), (*tows, 0.0), (*back, 6.0)]
    voyages, calls, events = found(*along(lines, speed_kn=6.0), said=is_type(FISHING))
    assert {call["locode"] for call in calls} == {"DKSKA"}
    assert verdicts(voyages) == ["round trip"]
    assert events == []


def test_a_tug_working_a_harbour():
    berth, lock = (51.955, 4.05), (51.99, 3.85)  # Europoort and its pilot grounds, 8 nm apart
    t_s, lat, lon = along(
        [(*line(berth, lock), 0.5), (*line(lock, berth), 4.0)] * 4, speed_kn=8.0, step_s=120.0
    )
    voyages, calls, events = found(t_s, lat, lon, said=is_type(TUG))
    assert calls
    assert set(verdicts(voyages)) <= {"round trip", "short trip"}
    assert events == []


def test_round_the_cape_with_suez_open():
    singapore, rotterdam = (1.2, 103.8), (51.98, 3.9)
    route = vt.shortest_route(singapore, rotterdam, avoid=("suez",))
    voyages, _, (event,) = found(*along([(route.lat, route.lon, 0.0)], step_s=1_800.0))
    assert voyages[0]["passages"] == ["suez"]
    assert voyages[0]["detour_ratio"] > 1.3
    assert verdicts(voyages) == ["passage not taken"]
    assert holds(event) == ["passage_not_taken"]
    assert json.loads(event["measures"])["passages_not_taken"]["value"] == ["suez"]
    assert "It did not take suez" in event["explanation"]


def test_a_ship_that_vanishes_for_days_and_returns_with_another_destination():
    skagerrak, off_rotterdam, felixstowe = (57.5, 8.0), (52.4, 3.6), (51.93, 1.7)
    before, after = line(skagerrak, off_rotterdam), line(off_rotterdam, felixstowe)
    t_s, lat, lon = along([(*before, 72.0), (*after, 0.0)])
    left_s = t_s[np.flatnonzero(lat == lat[np.argmin(np.abs(lat - off_rotterdam[0]))])[0]]
    is_lying = (np.abs(lat - off_rotterdam[0]) < 1e-6) & (np.abs(lon - off_rotterdam[1]) < 1e-6)
    heard = ~is_lying
    said = statics(
        MMSI, [0.0, left_s + 72 * HOUR_S], destination=["NLRTM", "GBFXT"], ship_type=[CARGO] * 2
    )
    voyages, calls, events = found(t_s[heard], lat[heard], lon[heard], said=said)
    assert calls == []
    first, second = voyages
    assert (first["destination_locode"], first["destination_by"]) == ("NLRTM", "declared")
    assert (second["origin_by"], second["is_open"]) == ("edge", True)
    assert second["start"] - first["end"] > np.timedelta64(70, "h").astype(object)
    assert second["by_sea_nm"] == 0.0
    assert verdicts(voyages) == ["direct", "direct"]
    assert events == []
