"""Port visits against the cases published with Global Fishing Watch's anchorages_pipeline."""

import datetime as dt
import json

import numpy as np
import pytest

from archives import ROOT
from vesseltrack.config.tracks_gfw import PortCallsGfw
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.port_visits import (
    PortEvent,
    PortEvents,
    in_order,
    port_events,
    visit_confidence,
    visits_of,
)
from vesseltrack.tracks.calls_gfw import port_rule
from vesseltrack.units import US_PER_DAY

DOCUMENT = json.loads(
    (ROOT / "fixtures" / "reference_cases" / "port_visits.json").read_text(encoding="utf-8")
)
CASES = {case["id"]: case for case in DOCUMENT["cases"]}
RULE = port_rule(PortCallsGfw())
THEIR_RADIUS_M = 6_371_000.0


def cases(stage):
    found = [pytest.param(case, id=name) for name, case in CASES.items() if case["stage"] == stage]
    assert found
    return found


def t_us(text):
    return round(dt.datetime.fromisoformat(text).timestamp() * 1e6)


def numbered(names):
    order = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([order[name] for name in names], dtype=np.int64)


def test_the_thresholds_are_those_published():
    for case in CASES.values():
        if case["stage"] == "positions_to_visits":
            published = case["parameters"]
            ours = PortCallsGfw()
            assert published == {
                "enter_km": ours.enter_km,
                "exit_km": ours.exit_km,
                "stop_begin_kn": ours.stop_begin_kn,
                "stop_end_kn": ours.stop_end_kn,
                "gap_min": ours.gap_min,
                "max_inter_segment_nm": ours.max_apart_nm,
            }


def visits(events, anchorages, max_apart_nm):
    lat, lon = (np.array([one[name] for one in anchorages]) for name in ("lat", "lon"))
    at = events.anchorage
    for rows in visits_of(events, lat[at], lon[at], max_apart_nm):
        first, last = rows[0], rows[-1]
        yield {
            "start_us": int(events.t_us[first]),
            "end_us": int(events.t_us[last]),
            "start_anchorage": anchorages[at[first]]["id"],
            "end_anchorage": anchorages[at[last]]["id"],
            "confidence": visit_confidence(events.kind[rows]),
            "event_types": [f"PORT_{PortEvent(kind).name}" for kind in events.kind[rows]],
        }


def as_published(expected):
    return [
        {
            "start_us": t_us(visit["start"]),
            "end_us": t_us(visit["end"]),
            **{name: visit[name] for name in ("start_anchorage", "end_anchorage")},
            **{name: visit[name] for name in ("confidence", "event_types")},
        }
        for visit in expected
    ]


@pytest.mark.parametrize("case", cases("port_events_to_visits"))
def test_events_to_visits(case):
    places = {anchorage["id"]: n for n, anchorage in enumerate(case["anchorages"])}
    given = case["events"]
    events = in_order(
        PortEvents(
            np.array([PortEvent[one["type"].removeprefix("PORT_")] for one in given]),
            np.array([t_us(one["timestamp"]) for one in given]),
            np.arange(len(given)),
            np.array([places[one["anchorage"]] for one in given]),
            numbered([one["segment"] for one in given]),
        )
    )
    found = list(visits(events, case["anchorages"], case["parameters"]["max_inter_segment_nm"]))

    assert found == as_published(case["expected"])


@pytest.mark.parametrize("case", cases("positions_to_visits"))
def test_positions_to_visits(case):
    given = case["positions"]
    times = np.array([t_us(one["timestamp"]) for one in given])
    lat, lon = (np.array([one[name] for one in given]) for name in ("lat", "lon"))
    places = case["anchorages"]
    distance_m = np.array([great_circle_m(lat, lon, one["lat"], one["lon"]) for one in places])
    events = port_events(
        times,
        np.array([one["sog_kn"] for one in given]),
        (distance_m.min(axis=0), distance_m.argmin(axis=0)),
        numbered([one["segment"] for one in given]),
        # GFW counts the silence to the end of the last day.
        (int(times.max()) // US_PER_DAY + 1) * US_PER_DAY,
        RULE,
    )
    told = [
        (f"PORT_{PortEvent(kind).name}", int(time))
        for kind, time in zip(events.kind, events.t_us, strict=True)
    ]

    assert told == [(one["type"], t_us(one["timestamp"])) for one in case["expected"]["events"]]
    assert list(visits(events, places, RULE.max_apart_nm)) == as_published(
        case["expected"]["visits"]
    )


def test_distances_are_those_on_their_sphere():
    (case,) = (case for case in CASES.values() if case["stage"] == "distance")
    _, lat, lon = case["from"]
    ours_m = [great_circle_m(lat, lon, one["lat"], one["lon"]) for one in case["points"]]
    # Theirs is a sphere of 6,371.000 km, ours one of 6,371.0088 km.
    theirs_m = [one["distance_km"] * 1_000 for one in case["expected"]]
    np.testing.assert_allclose(
        np.array(ours_m) * THEIR_RADIUS_M / 6_371_008.8, theirs_m, rtol=1e-9, atol=1e-6
    )
