import json
import pickle

import pytest

from detect_tables import DAY, T0, slice_of, vessels, voyages
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.detect import make_detector
from vesseltrack.detect.deviation import is_deviation, min_ratio
from vesseltrack.schema import DETOURS

RULE = RouteDeviationDefault()


def detector():
    return make_detector("route_deviation", DetectConfig())


def found(voyage, ships=None, detours=None):
    one = detector()
    batch = slice_of(vessels_table=ships, voyages_table=voyages(voyage), detours=detours)
    return (one.push(batch, T0 + 10 * DAY).to_pylist(), one.flush().to_pylist())


def final(voyage, **others):
    events, open_ = found(voyage, **others)
    assert open_ == []
    return events


@pytest.mark.parametrize(
    ("shortest_nm", "ratio"),
    [(20.0, 1.20), (200.0, 1.20), (600.0, 1.15), (1000.0, 1.10), (9000.0, 1.10)],
)
def test_the_ratio_asked_for_falls_with_the_length(shortest_nm, ratio):
    assert min_ratio(shortest_nm, RULE) == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("travelled_nm", "shortest_nm", "flagged"),
    [
        (1100.0, 1000.0, True),
        (1099.0, 1000.0, False),
        (115.0, 90.0, True),
        (109.9, 90.0, False),  # 19.9 nm more
        (90.0, 19.9, False),  # a round trip
        (960.0, 1000.0, False),  # the reference is too long
        (float("nan"), 1000.0, False),
        (1100.0, float("nan"), False),
    ],
)
def test_ratio_and_excess_both(travelled_nm, shortest_nm, flagged):
    assert is_deviation(travelled_nm - shortest_nm, shortest_nm, RULE) is flagged


def test_a_detour_is_one_event_of_the_voyage():
    (event,) = final({"travelled_nm": 1300.0})
    measures = json.loads(event["measures"])
    assert event["start"].timestamp() * 1e6 == T0
    assert (event["lat"], event["lon"]) == (57.0, 24.1)  # its legs were not looked for
    assert measures["detour_ratio"]["value"] == pytest.approx(1.3)
    assert measures["detour_ratio"]["margin"] == pytest.approx(0.2)
    assert measures["excess_nm"]["value"] == 300.0
    assert "sailed 1,300 nm from Rotterdam to Riga" in event["explanation"]
    assert "held against 1.10 times and 20 nm" in event["explanation"]
    assert json.loads(event["evidence"])[0]["n"] == 1000


@pytest.mark.parametrize(
    "voyage",
    [
        {"shortest_nm": None},
        {"destination": "Rotterdam", "destination_locode": "NLRTM"},
        {"destination": "Rotterdam", "destination_locode": None},
        {"travelled_nm": 1001.0},
    ],
    ids=["no route", "round trip by code", "round trip by name", "direct"],
)
def test_no_detour(voyage):
    assert final({"travelled_nm": 1300.0, **voyage}) == []


def test_places_without_a_call_are_named_by_position():
    voyage = {"travelled_nm": 1300.0, "origin": None, "origin_by": "edge", "origin_locode": None}
    voyage |= {"destination": "GBTEE", "destination_by": "declared"}
    (event,) = final(voyage)
    assert "from 51.900 N 4.100 E to 57.000 N 24.100 E (declared GBTEE)" in event["explanation"]


def test_miles_taken_from_the_shortest_way_are_named():
    (event,) = final({"travelled_nm": 1300.0, "by_sea_nm": 120.0})
    assert "120 nm of these are the shortest way by sea over gaps" in event["explanation"]
    (event,) = final({"travelled_nm": 1300.0})
    assert "over gaps" not in event["explanation"]


def test_missing_coverage_lowers_the_confidence():
    (full,), (half,) = (
        final({"travelled_nm": 1300.0, "coverage_frac": frac}) for frac in (1.0, 0.5)
    )
    assert half["confidence"] == pytest.approx(full["confidence"] / 2, rel=1e-5)
    assert json.loads(half["innocent"])["holds"] == []
    (sparse,) = final({"travelled_nm": 1300.0, "coverage_frac": 0.49})
    assert json.loads(sparse["innocent"])["holds"] == ["sparse_reception"]


def test_silence_that_hides_no_call_explains_nothing():
    rows = [detour(seen_frac=frac) for frac in (1.0, 0.49)]
    (seen,), (unseen,) = (
        final({"travelled_nm": 1300.0, "coverage_frac": 0.1}, detours=row) for row in rows
    )
    assert held(seen) == []
    assert held(unseen) == ["sparse_reception"]
    assert seen["confidence"] > unseen["confidence"]


def test_fishing_vessels_zigzag_for_a_living():
    ships = vessels({"vessel_id": "211000001", "ship_type": 30})
    (event,) = final({"travelled_nm": 1300.0}, ships=ships)
    assert json.loads(event["innocent"])["holds"] == ["working_craft"]


def detour(**columns):
    """A row of DETOURS of the plain voyage; what is not given was looked for and not found."""
    row = {
        "voyage_id": "voyage-1",
        "lat": 55.0,
        "lon": 12.0,
        "legs": "[]",
        "passages_not_taken": [],
        "seen_frac": 1.0,
        "stays": "[]",
        "n_peers": 0,
        **columns,
    }
    return DETOURS.of({name: [row.get(name)] for name in DETOURS.names})


def without_kiel(shortest_nm, travelled_nm=1300.0):
    excess_nm = None if shortest_nm is None else travelled_nm - shortest_nm
    return detour(
        passages_not_taken=["kiel"], shortest_without_nm=shortest_nm, excess_without_nm=excess_nm
    )


def held(event):
    return json.loads(event["innocent"])["holds"]


@pytest.mark.parametrize(
    ("without_nm", "holds"), [(1250.0, ["passage_not_taken"]), (1100.0, []), (None, [])]
)
def test_a_passage_not_taken_explains_what_it_explains(without_nm, holds):
    voyage = {"travelled_nm": 1300.0, "passages": ["kiel"]}
    (event,) = final(voyage, detours=without_kiel(without_nm))
    assert "passage_not_taken" in json.loads(event["innocent"])["tested"]
    assert held(event) == holds
    assert json.loads(event["measures"])["passages_not_taken"]["value"] == ["kiel"]


def test_what_was_not_looked_into_is_not_tested():
    (event,) = final({"travelled_nm": 1300.0, "passages": ["kiel"]})
    assert "passage_not_taken" not in json.loads(event["innocent"])["tested"]
    (event,) = final({"travelled_nm": 1300.0}, detours=detour())
    assert "passage_not_taken" in json.loads(event["innocent"])["tested"]


def test_the_event_lies_where_most_of_the_miles_arose():
    leg = {"start": "2024-03-02T06:00:00Z", "end": "2024-03-02T18:30:00Z", "nm": 120.0}
    leg |= {"start_lat": 55.0, "start_lon": 12.0, "end_lat": 55.5, "end_lon": 12.0}
    (event,) = final({"travelled_nm": 1300.0}, detours=detour(legs=json.dumps([leg])))
    assert (event["lat"], event["lon"]) == (55.0, 12.0)
    assert json.loads(event["measures"])["legs"]["value"] == [leg]
    assert event["explanation"].endswith(
        "from 55.000 N 12.000 E on (2024-03-02 06:00 to 2024-03-02 18:30 UTC)."
    )


@pytest.mark.parametrize("kind", ["waiting_at_anchorage", "port_stay"])
@pytest.mark.parametrize(("excess_nm", "holds"), [(50.0, True), (200.0, False)])
def test_a_stay_explains_the_miles_of_the_way_over_it(kind, excess_nm, holds):
    stay = {"kind": kind, "start": "2024-03-02T06:00:00Z", "end": "2024-03-04T06:00:00Z"}
    stay |= {"lat": 55.0, "lon": 12.0, "nm": 5.0}
    rows = detour(stays=json.dumps([stay]), shortest_via_nm=1200.0, excess_via_nm=excess_nm)
    (event,) = final({"travelled_nm": 1300.0}, detours=rows)
    assert held(event) == ([kind] if holds else [])
    assert {"waiting_at_anchorage", "port_stay"} <= set(json.loads(event["innocent"])["tested"])


@pytest.mark.parametrize(("off_nm", "holds"), [(10.0, ["traffic_separation"]), (10.1, [])])
def test_extra_miles_within_the_lanes_are_no_detour(off_nm, holds):
    (event,) = final({"travelled_nm": 1300.0, "max_cross_track_nm": off_nm})
    assert held(event) == holds
    measure = json.loads(event["measures"])["max_cross_track_nm"]
    assert measure["margin"] == pytest.approx(off_nm - 10.0)


def test_who_goes_straight_to_another_place_is_bound_elsewhere():
    under_way = {"travelled_nm": 500.0, "excess_nm": 300.0, "is_open": True}
    rows = detour(shortest_so_far_nm=490.0, excess_so_far_nm=10.0)
    one = detector()
    one.push(slice_of(voyages_table=voyages(under_way), detours=rows), T0 + 4 * DAY)
    (event,) = one.flush().to_pylist()
    assert held(event) == ["bound_elsewhere"]


@pytest.mark.parametrize(
    ("n_peers", "percentile_frac", "excess_nm", "flagged"),
    [
        (20, 0.96, 20.0, True),
        (19, 0.96, 20.0, False),  # too few to say
        (20, 0.95, 20.0, False),
        (20, 0.96, 19.9, False),
    ],
)
def test_a_ratio_beyond_that_of_the_peers_is_flagged(n_peers, percentile_frac, excess_nm, flagged):
    rows = detour(n_peers=n_peers, percentile_frac=percentile_frac)
    events = final({"travelled_nm": 1000.0 + excess_nm}, detours=rows)
    assert bool(events) is flagged
    if flagged:
        (event,) = events
        assert (
            "Of 20 earlier voyages between these ports 96 % were more direct"
            in (event["explanation"])
        )
        assert 0.3 <= event["confidence"] < 0.5  # its ratio under the threshold does not count


def test_a_voyage_under_way_is_open_until_it_ends():
    under_way = {"travelled_nm": 1250.0, "is_open": True, "end": T0 + 3 * DAY}
    one = detector()
    batch = slice_of(voyages_table=voyages(under_way), detours=without_kiel(1200.0, 1250.0))
    assert one.push(batch, T0 + 3 * DAY).num_rows == 0
    (open_event,) = one.flush().to_pylist()
    assert (open_event["status"], open_event["is_open"]) == ("open", True)
    assert json.loads(open_event["innocent"])["holds"] == ["passage_not_taken"]

    restarted = detector()
    restarted.restore(pickle.loads(pickle.dumps(one.state())))  # noqa: S301 - our own
    assert restarted.flush().to_pylist() == [open_event]
    ended = slice_of(voyages_table=voyages({"travelled_nm": 1300.0}))
    (closed,) = restarted.push(ended, T0 + 5 * DAY).to_pylist()
    assert closed["event_id"] == open_event["event_id"]
    assert (closed["status"], closed["duration_h"]) == ("final", 96.0)
    assert restarted.flush().num_rows == 0


def test_any_order_of_slices_gives_the_same_events():
    rows = [
        {"voyage_id": f"voyage-{n}", "vessel_id": f"{n}", "mmsi": n, "travelled_nm": 1300.0}
        for n in range(1, 6)
    ]
    whole, cut = detector(), detector()
    once = whole.push(slice_of(voyages_table=voyages(*rows)), T0).to_pylist()
    several = [
        event
        for row in rows
        for event in cut.push(slice_of(voyages_table=voyages(row)), T0).to_pylist()
    ]
    assert sorted(several, key=str) == sorted(once, key=str)
    assert len(once) == 5
