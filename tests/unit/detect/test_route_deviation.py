import json
import pickle

import pyarrow as pa
import pytest

from detect_tables import DAY, T0, slice_of, vessels, voyages
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.detect import make_detector
from vesseltrack.detect.route_deviation import is_deviation, min_ratio

RULE = RouteDeviationDefault()


def detector():
    return make_detector("route_deviation", DetectConfig())


def found(voyage, ships=None, reroutes=None):
    one = detector()
    batch = slice_of(vessels_table=ships, voyages_table=voyages(voyage), reroutes=reroutes)
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
    assert is_deviation(travelled_nm, shortest_nm, RULE) is flagged


def test_a_detour_is_one_event_of_the_voyage():
    (event,) = final({"travelled_nm": 1300.0})
    measures = json.loads(event["measures"])
    assert event["start"].timestamp() * 1e6 == T0
    assert (event["lat"], event["lon"]) == (57.0, 24.1)
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


def test_missing_coverage_lowers_the_confidence():
    (full,), (half,) = (
        final({"travelled_nm": 1300.0, "coverage_frac": frac}) for frac in (1.0, 0.5)
    )
    assert half["confidence"] == pytest.approx(full["confidence"] / 2, rel=1e-5)
    assert json.loads(half["innocent"])["holds"] == []
    (sparse,) = final({"travelled_nm": 1300.0, "coverage_frac": 0.49})
    assert json.loads(sparse["innocent"])["holds"] == ["sparse_reception"]


def test_fishing_vessels_zigzag_for_a_living():
    ships = vessels({"vessel_id": "211000001", "ship_type": 30})
    (event,) = final({"travelled_nm": 1300.0}, ships=ships)
    assert json.loads(event["innocent"])["holds"] == ["working_craft"]


def reroute(shortest_nm):
    rows = {"voyage_id": ["voyage-1"], "passages": [["kiel"]], "shortest_nm": [shortest_nm]}
    return pa.table(
        rows,
        pa.schema(
            [
                ("voyage_id", pa.string()),
                ("passages", pa.list_(pa.string())),
                ("shortest_nm", pa.float64()),
            ]
        ),
    )


@pytest.mark.parametrize(
    ("without_nm", "holds"), [(1250.0, ["passage_not_taken"]), (1100.0, []), (None, [])]
)
def test_a_passage_not_taken_explains_what_it_explains(without_nm, holds):
    voyage = {"travelled_nm": 1300.0, "passages": ["kiel"]}
    (event,) = final(voyage, reroutes=reroute(without_nm))
    assert "passage_not_taken" in json.loads(event["innocent"])["tested"]
    assert json.loads(event["innocent"])["holds"] == holds
    assert json.loads(event["measures"])["passages_not_taken"]["value"] == ["kiel"]


def test_what_was_not_looked_into_is_not_tested():
    (event,) = final({"travelled_nm": 1300.0, "passages": ["kiel"]})
    assert "passage_not_taken" not in json.loads(event["innocent"])["tested"]
    (event,) = final({"travelled_nm": 1300.0}, reroutes=reroute(1250.0).slice(0, 0))
    assert "passage_not_taken" in json.loads(event["innocent"])["tested"]


def test_a_voyage_under_way_is_open_until_it_ends():
    under_way = {"travelled_nm": 1250.0, "is_open": True, "end": T0 + 3 * DAY}
    one = detector()
    batch = slice_of(voyages_table=voyages(under_way), reroutes=reroute(1200.0))
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
