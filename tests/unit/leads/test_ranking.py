import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect_tables import DAY, HOUR, T0, vessels
from vesseltrack.config.leads import LeadsConfig, LeadWeights
from vesseltrack.core.identity import content_id
from vesseltrack.leads import rank_leads
from vesseltrack.leads.clearing import CLEARED_BY
from vesseltrack.leads.ranking import noisy_or, shares
from vesseltrack.schema import EVENTS, KINDS, LEADS

CONFIG = LeadsConfig()


def event(number=1, vessel_id="211000001", kind="loitering", confidence=0.8, **changes):
    start = T0 + number * HOUR
    plain = {
        "event_id": f"ev-{number:04d}",
        "kind": kind,
        "status": "final",
        "revision": 0,
        "vessel_id": vessel_id,
        "mmsi": int(vessel_id.partition("-")[0]),
        "start": start,
        "end": start + HOUR,
        "is_open": False,
        "duration_h": 1.0,
        "cell": 1,
        "preset": "default",
        "confidence": confidence,
        "measures": "{}",
        "innocent": '{"tested": ["working_craft"], "holds": []}',
        "evidence": "[]",
        "explanation": f"Apparent {kind} {number}.",
        **{name: float(number) for name in EVENTS.names if name.endswith(("lat", "lon"))},
    }
    return plain | changes


def ranked(*events, vessels_table=None, config=CONFIG):
    table = EVENTS.of({name: [row.get(name) for row in events] for name in EVENTS.names})
    ships = vessels() if vessels_table is None else vessels_table
    found = rank_leads(table, ships, config=config)
    assert found.schema == LEADS.arrow
    return found.to_pylist()


def reasons(lead):
    return json.loads(lead["reasons"])


def test_a_noisy_or_is_the_chance_of_at_least_one():
    assert noisy_or([]) == 0.0
    assert noisy_or([0.3]) == pytest.approx(0.3)
    assert noisy_or([0.5, 0.5]) == 0.75


@given(st.lists(st.floats(0.001, 0.9), min_size=1, max_size=9))
def test_shares_add_up_and_follow_the_pulls(pulls):
    parts = shares(pulls)
    assert math.fsum(parts) == pytest.approx(1.0)
    order = sorted(range(len(pulls)), key=lambda i: pulls[i])
    assert [parts[i] for i in order] == sorted(parts)


def test_one_event_is_one_lead():
    table = vessels({"vessel_id": "211000001", "name": "ANNA"})
    (lead,) = ranked(event(1, confidence=0.8), vessels_table=table)
    assert (lead["rank"], lead["vessel_id"], lead["mmsi"], lead["name"]) == (
        1,
        "211000001",
        211000001,
        "ANNA",
    )
    assert lead["score"] == pytest.approx(CONFIG.weights.loitering * 0.8)
    assert lead["sentence"] == "Apparent loitering 1."
    assert (lead["lat"], lead["lon"]) == (1.0, 1.0)
    assert lead["lead_id"] == content_id("lead", "211000001", lead["window_start"].isoformat())
    assert reasons(lead) == [
        {
            "event_id": "ev-0001",
            "kind": "loitering",
            "weight": CONFIG.weights.loitering,
            "confidence": 0.8,
            "share": 1.0,
            "explanation": "Apparent loitering 1.",
        }
    ]


def test_reasons_come_largest_first_and_the_score_is_their_noisy_or():
    (lead,) = ranked(
        event(1, kind="drifting", confidence=0.9),
        event(2, kind="encounter", confidence=0.7),
        event(3, kind="loitering", confidence=0.5),
    )
    weights = CONFIG.weights
    pulls = [weights.encounter * 0.7, weights.drifting * 0.9, weights.loitering * 0.5]
    assert [reason["kind"] for reason in reasons(lead)] == ["encounter", "drifting", "loitering"]
    assert lead["score"] == pytest.approx(1 - math.prod(1 - pull for pull in pulls), rel=1e-5)
    assert sum(reason["share"] for reason in reasons(lead)) == pytest.approx(1.0, abs=1e-5)
    assert lead["sentence"] == "Apparent encounter 2. Apparent drifting 1. And 1 more event."
    assert lead["what_would_clear_it"].startswith("A notified transfer")
    assert (lead["lat"], lead["window_start"].hour, lead["window_end"].hour) == (2.0, 1, 4)


def test_a_repetition_weighs_half_of_the_one_before():
    (lead,) = ranked(*(event(number, confidence=0.8) for number in range(1, 5)))
    weight = CONFIG.weights.loitering
    assert [reason["weight"] for reason in reasons(lead)] == pytest.approx(
        [weight, weight / 2, weight / 4, weight / 8]
    )
    assert lead["what_would_clear_it"].count(";") == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "withdrawn"},
        {"innocent": '{"tested": ["working_craft"], "holds": ["working_craft"]}'},
    ],
)
def test_withdrawn_and_innocent_events_give_no_reason(changes):
    assert ranked(event(1, **changes)) == []
    (lead,) = ranked(event(1, **changes), event(2))
    assert [reason["event_id"] for reason in reasons(lead)] == ["ev-0002"]


def test_an_open_event_counts():
    assert len(ranked(event(1, status="open", is_open=True))) == 1


def test_a_pair_is_a_reason_for_both():
    pair = event(1, kind="encounter", other_vessel_id="219000001", other_mmsi=219000001)
    assert [lead["vessel_id"] for lead in ranked(pair)] == ["211000001", "219000001"]


def test_transmitters_that_share_an_mmsi_are_one_lead():
    first = event(
        1,
        "412331088-0000000a",
        "identity_conflict",
        other_vessel_id="412331088-0000000b",
        other_mmsi=412331088,
    )
    (lead,) = ranked(first)
    assert (lead["vessel_id"], lead["mmsi"]) == ("412331088", 412331088)


@given(st.permutations(range(8)))
def test_ranks_do_not_depend_on_the_order_of_rows(order):
    events = [
        event(n, vessel_id=f"21100000{n % 4}", kind=("loitering", "drifting")[n // 6])
        for n in range(8)
    ]
    assert ranked(*(events[n] for n in order)) == ranked(*events)


def test_equal_scores_are_ranked_by_identifier():
    leads = ranked(
        event(1, "219000002"), event(2, "219000001"), event(3, "211000009", confidence=0.9)
    )
    assert [(lead["rank"], lead["vessel_id"]) for lead in leads] == [
        (1, "211000009"),
        (2, "219000001"),
        (3, "219000002"),
    ]


def test_no_events_make_no_leads():
    assert ranked() == []


def watching(**entries):
    return dataclasses.replace(CONFIG, **entries)


def test_a_vessel_on_the_watch_list_is_a_lead_without_any_event():
    table = vessels({"vessel_id": "211000001", "name": "ANNA"}, {"vessel_id": "211000002"})
    (lead,) = ranked(vessels_table=table, config=watching(watch_mmsi=(211000001, 999)))
    assert lead["watch_list"] == ["MMSI 211000001"]
    assert lead["score"] == CONFIG.watch_weight
    assert reasons(lead) == []
    assert lead["sentence"] == "On the watch list: MMSI 211000001."
    assert lead["what_would_clear_it"] == "Its removal from the watch list."
    assert lead["window_end"].timestamp() * 1e6 == T0 + DAY


def test_an_event_adds_to_a_hit():
    table = vessels({"vessel_id": "211000001", "imo": 9074729})
    config = watching(watch_imo=(9074729,))
    (lead,) = ranked(event(1, confidence=0.8), vessels_table=table, config=config)
    pull = CONFIG.weights.loitering * 0.8
    assert lead["score"] == pytest.approx(1 - (1 - pull) * (1 - CONFIG.watch_weight))
    assert lead["sentence"] == "On the watch list: IMO 9074729. Apparent loitering 1."
    (reason,) = reasons(lead)
    assert 0 < reason["share"] < 1


def test_a_former_imo_number_is_a_hit_too():
    sent = '[{"imo": 9074729, "name": "OLD"}, {"imo": null}]'
    table = vessels({"vessel_id": "211000001", "imo": 1000019, "identities": sent})
    (lead,) = ranked(vessels_table=table, config=watching(watch_imo=(9074729,)))
    assert lead["watch_list"] == ["IMO 9074729"]


def test_every_kind_has_a_weight_a_reason_and_a_way_to_be_cleared():
    fields = {field.name: field for field in dataclasses.fields(LeadWeights)}
    assert set(fields) == set(KINDS) == set(CLEARED_BY)
    for field in fields.values():
        assert 0 < field.default < 1
        assert field.metadata["source"]
