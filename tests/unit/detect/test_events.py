import json

import numpy as np
import pytest

from detect_tables import HOUR, T0, key
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.identity import content_id
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure, confidence, event_table
from vesseltrack.detect.words import duration, iso, limit, listed, number, place, span
from vesseltrack.hexgrid import cells_of
from vesseltrack.schema import EVENTS

CONFIG = ConfidenceConfig()


def draft(**changes):
    start = Fix(T0, 55.5, 4.6)
    plain = {
        "kind": "loitering",
        "keys": (key(211000001),),
        "anchor": start,
        "start": start,
        "end": Fix(T0 + 2 * HOUR, 55.6, 4.7),
        "lat": 55.55,
        "lon": 4.65,
        "measures": {"duration_h": Measure(2.0, ">=", 1.0)},
        "innocent": {"working_craft": False},
        "evidence": [Evidence(key(211000001), T0, T0 + 2 * HOUR, 7)],
        "explanation": "Apparent loitering.",
        "is_open": False,
    }
    return Draft(**(plain | changes))


def only_row(one):
    return event_table([one], CONFIG).to_pylist()[0]


@pytest.mark.parametrize(
    ("measure", "margin", "strength"),
    [
        (Measure(4.0, ">=", 1.0), 3.0, 0.75),
        (Measure(1.0, ">", 1.0), 0.0, 0.0),
        (Measure(0.5, "<", 2.0), 1.5, 0.75),
        (Measure(0.0, "<=", 2.0), 2.0, 1.0),
        (Measure(1.4, ">=", 1.2, zero=1.0), 0.2, 0.5),
        (Measure(0.5, ">=", 1.0), -0.5, 0.0),
    ],
)
def test_margin_and_strength(measure, margin, strength):
    assert measure.margin == pytest.approx(margin)
    assert measure.strength == pytest.approx(strength)


def test_confidence_follows_its_formula():
    measures = {
        "a": Measure(4.0, ">=", 1.0),  # strength 0.75
        "b": Measure(1.0, "<", 4.0),  # strength 0.75
        "c": Measure(1.0, ">=", 1.0, counts=False),
        "d": Measure(17),
    }
    expected = 0.3 + (0.95 - 0.3) * 0.75
    assert confidence(draft(measures=measures), CONFIG) == pytest.approx(expected)
    halved = draft(measures=measures, quality=0.5)
    assert confidence(halved, CONFIG) == pytest.approx(expected / 2)
    excused = draft(measures=measures, innocent={"a": False, "b": True})
    assert confidence(excused, CONFIG) == pytest.approx(expected / 3, rel=1e-5)


def test_a_rule_only_just_met_in_one_respect_is_only_just_met():
    measures = {"a": Measure(1e9, ">=", 1.0), "b": Measure(1.0, ">=", 1.0)}
    assert confidence(draft(measures=measures), CONFIG) == CONFIG.at_threshold


def test_a_row_of_the_table():
    row = only_row(draft())
    assert row["event_id"] == content_id("ev", "loitering", "211000001", T0, 55_500_000, 4_600_000)
    assert (row["status"], row["revision"], row["is_open"]) == ("final", 0, False)
    assert (row["vessel_id"], row["mmsi"], row["other_vessel_id"]) == (
        "211000001",
        211000001,
        None,
    )
    assert row["duration_h"] == 2.0
    assert row["cell"] == cells_of([55.55], [4.65])[0]
    assert json.loads(row["measures"]) == {
        "duration_h": {"value": 2.0, "threshold": 1.0, "rule": ">=", "margin": 1.0}
    }
    assert json.loads(row["innocent"]) == {"tested": ["working_craft"], "holds": []}
    assert json.loads(row["evidence"]) == [
        {
            "mmsi": 211000001,
            "vessel_id": "211000001",
            "start": "2024-03-01T00:00:00Z",
            "end": "2024-03-01T02:00:00Z",
            "n": 7,
        }
    ]


def test_an_open_event_has_the_identifier_that_it_will_close_under():
    opened = only_row(draft(is_open=True, end=Fix(T0 + HOUR, 1.0, 1.0)))
    assert opened["status"] == "open"
    assert opened["event_id"] == only_row(draft())["event_id"]


def test_another_anchor_or_definition_is_another_event():
    identifiers = {
        only_row(one)["event_id"]
        for one in (
            draft(),
            draft(anchor=Fix(T0 + 1, 55.5, 4.6)),
            draft(kind="drifting"),
            draft(keys=(key(211000002),)),
            draft(anchor_parts=("gfw",)),
        )
    }
    assert len(identifiers) == 5


def test_a_pair_is_one_row_with_the_smaller_identifier_first():
    one, other = key(211000001), key("211000001-0000000a")
    rows = [only_row(draft(keys=keys)) for keys in ((one, other), (other, one))]
    assert rows[0] == rows[1]
    assert rows[0]["vessel_id"] < rows[0]["other_vessel_id"] == "211000001-0000000a"
    assert rows[0]["other_mmsi"] == 211000001


def test_no_nan_or_infinity_leaves_and_numbers_are_plain():
    measures = {
        "duration_h": Measure(np.float64(1.23456789), ">=", 1.0),
        "speed_kn": Measure(float("nan")),
        "far_nm": Measure(float("inf")),
        "n": Measure(np.int64(3)),
        "names": Measure(["Ä", '"']),
    }
    row = only_row(draft(measures=measures))
    found = {name: m["value"] for name, m in json.loads(row["measures"]).items()}
    assert found == {
        "duration_h": 1.23457,
        "speed_kn": None,
        "far_nm": None,
        "n": 3,
        "names": ["Ä", '"'],
    }


def test_rows_come_in_the_order_of_the_tables_key():
    drafts = [draft(), draft(start=Fix(T0 - 1, 0.0, 0.0)), draft(kind="drifting")]
    rows = event_table(drafts, CONFIG).to_pylist()
    keys = [tuple(row[name] for name in EVENTS.key) for row in rows]
    assert keys == sorted(keys)
    assert event_table([], CONFIG).schema == EVENTS.arrow


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (place(55.5712, 4.6012), "55.571 N 4.601 E"),
        (place(-5.0, -120.25), "5.000 S 120.250 W"),
        (span(T0, T0 + HOUR), "2024-03-01 00:00 to 01:00 UTC"),
        (span(T0, T0 + 25 * HOUR), "2024-03-01 00:00 to 2024-03-02 01:00 UTC"),
        (duration(HOUR // 2), "30 min"),
        (duration(1500 * HOUR), "1,500.0 h"),
        (number(2.44), "2.4"),
        (number(9340.4), "9,340"),
        (limit(2.0), "2"),
        (limit(0.02), "0.02"),
        (limit(1000.0), "1,000"),
        (iso(T0 + 250_000), "2024-03-01T00:00:00.250000Z"),
        (listed(["a", "b"], 4), "a, b"),
        (listed(["a", "b", "c"], 2), "a, b and 1 more"),
    ],
)
def test_words(words, expected):
    assert words == expected
