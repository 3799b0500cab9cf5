import json
import math

import pytest

from vesseltrack import planting
from vesseltrack.errors import FormatError
from vesseltrack.planting import Truth

US_PER_H = 3_600_000_000


def truth(number, kind="loitering", strength="4 h", mmsi=1, other=None):
    span = (10 * US_PER_H, 14 * US_PER_H)
    return Truth(f"t{number}", "made", strength, kind, mmsi, other, *span, 1.0, 2.0)


def event(kind="loitering", mmsi=1, other=None, *, start_h=10.5, end_h=13.0, **changes):
    plain = {
        "kind": kind,
        "mmsi": mmsi,
        "other_mmsi": other,
        "start_us": round(start_h * US_PER_H),
        "end_us": round(end_h * US_PER_H),
        "confidence": 0.5,
        "holds": False,
    }
    return plain | changes


@pytest.mark.parametrize(
    ("one", "is_found"),
    [
        (event(), True),
        (event(mmsi=2), False),
        (event(kind="drifting"), False),
        (event(start_h=14.4, end_h=15.0), True),
        (event(start_h=14.6, end_h=15.0), False),
        (event(start_h=8.0, end_h=9.4), False),
        (event(mmsi=3, other=1), True),
    ],
)
def test_what_matches(one, is_found):
    (score,) = planting.score([one], [truth(1)]).by_strength
    assert score.n_found == int(is_found)


def test_of_a_pair_both_must_be_named_in_any_order():
    pair = truth(1, "encounter", mmsi=1, other=2)
    found = [
        planting.score([event("encounter", mmsi, other)], [pair]).by_strength[0].n_found
        for mmsi, other in ((1, 2), (2, 1), (1, 3), (1, None))
    ]
    assert found == [1, 1, 0, 0]


def test_an_innocent_event_is_found_but_not_flagged():
    scores = planting.score([event(holds=True)], [truth(1)])
    assert (scores.by_strength[0].n_found, scores.by_strength[0].n_flagged) == (1, 0)
    assert scores.by_kind[0].n_events == 0
    assert math.isnan(scores.by_kind[0].precision)


def test_recall_precision_alerts_and_curve():
    truths = [truth(1), truth(2, mmsi=2), truth(3, strength="10 h", mmsi=3)]
    events = [
        event(confidence=0.9),
        event(mmsi=2, confidence=0.4),
        event(mmsi=9, confidence=0.6),
        event("drifting", mmsi=9),
    ]
    scores = planting.score(events, truths, vessel_days=500.0)
    assert [(one.strength, one.recall) for one in scores.by_strength] == [
        ("4 h", 1.0),
        ("10 h", 0.0),
    ]
    drifting, loitering = scores.by_kind
    assert loitering.precision == pytest.approx(2 / 3)
    assert loitering.per_1000_vessel_days == pytest.approx(2.0)
    assert loitering.curve == (
        (0.9, 1.0, pytest.approx(1 / 3)),
        (0.6, 0.5, pytest.approx(1 / 3)),
        (0.4, pytest.approx(2 / 3), pytest.approx(2 / 3)),
    )
    assert drifting.per_1000_vessel_days == pytest.approx(2.0)


def test_nothing_found_and_nothing_planted():
    assert planting.score([], [truth(1)]).by_strength[0].recall == 0.0
    assert planting.score([event()], []).by_strength == ()


def test_exported_events_are_taken(tmp_path):
    row = {
        "kind": "encounter",
        "mmsi": 1,
        "other_mmsi": 2,
        "start": "2024-01-01T00:00:00Z",
        "end": "2024-01-01T02:00:00Z",
        "confidence": 0.5,
        "innocent": {"tested": ["assisting_craft"], "holds": ["assisting_craft"]},
    }
    lines = tmp_path / "events.jsonl"
    lines.write_text(json.dumps(row) + "\n")
    ((event_,), days) = planting.events_at(lines)
    assert (event_["mmsi"], event_["other_mmsi"], event_["holds"]) == (1, 2, True)
    assert event_["end_us"] - event_["start_us"] == 2 * US_PER_H
    assert math.isnan(days)
    table = tmp_path / "events.csv"
    innocent = '"{""tested"": [], ""holds"": []}"'
    table.write_text(
        "kind,mmsi,other_mmsi,start,end,confidence,innocent\n"
        f"ais_gap,1,,2024-01-01T00:00:00Z,2024-01-01T02:00:00Z,0.5,{innocent}\n"
    )
    ((gap,), _) = planting.events_at(table)
    assert (gap["other_mmsi"], gap["holds"]) == (None, False)


def test_what_holds_no_events_is_refused(tmp_path):
    path = tmp_path / "ports.csv"
    path.write_text("name,lat\nRiga,57\n")
    with pytest.raises(FormatError, match="neither a store nor exported events"):
        planting.events_at(path)


def test_alerts_by_kind_and_by_how_long_was_watched():
    events = [
        {"kind": kind, "holds": holds, "is_working": is_working}
        for kind, holds, is_working in (
            ("loitering", False, False),
            ("loitering", False, True),
            ("loitering", True, True),
            ("loitering", True, False),
            ("drifting", False, False),
        )
    ]
    watched = planting.Watched(vessel_days=50.0, heard_days=4.0)
    kinds = ("loitering", "drifting", "sortie")
    rates = planting.alert_rates(events, watched, kinds)
    assert [one.kind for one in rates] == [*kinds, "all"]
    counts = [(one.n_events, one.n_explained, one.n_working, one.n_alerts) for one in rates]
    assert counts == [(4, 2, 1, 1), (1, 0, 0, 1), (0, 0, 0, 0), (5, 2, 1, 2)]
    assert [one.per_100_vessel_days for one in rates] == [2.0, 2.0, 0.0, 4.0]
    assert rates[-1].per_100_heard_days == 50.0
    unwatched = planting.alert_rates(events, planting.Watched(0.0, 0.0), kinds)
    assert math.isnan(unwatched[0].per_100_vessel_days)


def test_of_a_scenario_the_weakest_strength_stands_first():
    planted = ["20 %", "5 %", "2 h", "10 min", "3 min", "12 h", "1.5 h"]
    truths = [truth(number, strength=strength) for number, strength in enumerate(planted)]
    said = [one.strength for one in planting.score([], truths).by_strength]
    assert said == ["3 min", "5 %", "10 min", "20 %", "1.5 h", "2 h", "12 h"]
