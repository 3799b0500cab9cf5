"""The demo tells a true story: it says what is known of the shipped tracks from outside."""

import json

import pytest

from vesseltrack.store import Filter

POLAR = 209515000


def _voyages(store, mmsi):
    return store.select("voyages", Filter(mmsi=mmsi)).to_pylist()


def test_the_container_ship_sails_from_rotterdam_through_kiel_to_st_petersburg(demo_store):
    first, second, third = _voyages(demo_store, POLAR)[:3]
    assert (first["origin_locode"], first["destination_locode"]) == ("NLRTM", "RULED")
    assert (first["origin_by"], first["destination_by"]) == ("call", "call")
    # Sailed by an independent computation on the same fixes (1,102 nm, SOG integrated 1,106 nm).
    assert first["travelled_nm"] == pytest.approx(1102, abs=15)
    assert "kiel" in first["passages"]
    assert 0.97 <= first["detour_ratio"] <= 1.08
    assert (second["origin_locode"], second["destination_locode"]) == ("RULED", "LVRIX")
    assert second["travelled_nm"] == pytest.approx(454, abs=7)
    assert third["is_open"]
    assert third["origin_locode"] == "LVRIX"


def test_she_sails_direct_and_is_no_lead(demo_store):
    assert demo_store.count("leads", Filter(mmsi=POLAR)) == 0
    assert demo_store.count("events", Filter(mmsi=POLAR, kinds=("route_deviation",))) == 0


def test_the_transit_through_the_skagerrak_is_as_long_as_its_fixes_say(demo_store):
    sailed = sum(v["travelled_nm"] for v in _voyages(demo_store, 257136000))
    assert sailed == pytest.approx(347, abs=5)


def test_two_hulls_on_one_mmsi_are_two_vessels_and_a_lead(demo_store):
    vessels = demo_store.select("vessels", Filter(mmsi=412331088)).to_pylist()
    names = {v["name"] for v in vessels if v["n_positions"] > 100}
    assert names == {"LUYANYUANYU 017", "LU HUANG YUAN YU 118"}
    leads = demo_store.select("leads", Filter(mmsi=412331088)).to_pylist()
    kinds = {reason["kind"] for lead in leads for reason in json.loads(lead["reasons"])}
    assert "identity_conflict" in kinds


def test_the_shared_default_mmsi_is_a_lead(demo_store):
    leads = demo_store.select("leads", Filter(mmsi=567000000)).to_pylist()
    kinds = {reason["kind"] for lead in leads for reason in json.loads(lead["reasons"])}
    assert "identity_conflict" in kinds


def test_the_vessel_that_lay_offshore_for_a_day_is_a_lead(demo_store):
    (lead,) = demo_store.select("leads", Filter(mmsi=566948000)).to_pylist()
    kinds = {reason["kind"] for reason in json.loads(lead["reasons"])}
    assert "loitering" in kinds


def test_every_reason_is_an_event_with_evidence_in_the_store(demo_store):
    leads = demo_store.select("leads", Filter()).to_pylist()
    assert leads
    for lead in leads:
        for reason in json.loads(lead["reasons"]):
            event = demo_store.get("events", reason["event_id"])
            assert event["explanation"] == reason["explanation"]
            assert not json.loads(event["innocent"])["holds"]
            for span in json.loads(event["evidence"]):
                assert span["n"] > 0


def test_scores_fall_with_rank(demo_store):
    leads = demo_store.select("leads", Filter())
    scores = leads["score"].to_pylist()
    assert scores == sorted(scores, reverse=True)
    assert leads["rank"].to_pylist() == list(range(1, len(scores) + 1))
