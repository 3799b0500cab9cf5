"""Ways that do not lead to the declared port, written down row by row."""

import itertools
import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect_tables import DAY, HOUR, T0, bound, key, slice_of, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.destination_mismatch import DestinationMismatchDefault
from vesseltrack.detect import make_detector
from vesseltrack.detect.bound_rows import away_runs, change_runs

RULE = DestinationMismatchDefault()
SHIP, OTHER = "211000001", "211000002"
TRADER = vessels(*({"vessel_id": ship, "ship_type": 70} for ship in (SHIP, OTHER)))


def way(remaining_nm, *, start_h=0.0, step_h=1.0, **columns):
    """Rows an hour apart, so far from the declared port."""
    remaining_nm = np.asarray(remaining_nm, dtype=float)
    known = [None if np.isnan(nm) else float(nm) for nm in remaining_nm]
    return [
        {
            "timestamp": T0 + round((start_h + nth * step_h) * HOUR),
            "remaining_nm": nm,
            "around_nm": nm,
            "first_nm": known[0],
            "least_nm": float(np.nanmin(remaining_nm[: nth + 1])) if nm is not None else None,
            **columns,
        }
        for nth, nm in enumerate(known)
    ]


def call(after_h=24.0, stay_h=5.0, **columns):
    """A stay in Hamburg, 220 nm from Rotterdam."""
    return {
        "timestamp": T0 + round((after_h + stay_h) * HOUR),
        "arrival": T0 + round(after_h * HOUR),
        "lat": 53.54,
        "lon": 9.99,
        "called_at": "Hamburg",
        "n": 30,
        **columns,
    }


def changed(hour, old, new, **columns):
    """The first row under another declaration."""
    declared = T0 + round((hour - 1) * HOUR)
    return {
        "timestamp": T0 + round(hour * HOUR),
        "changed_from": old,
        "port": new,
        "text": new.upper(),
        "declared": declared,
        **columns,
    }


def found(*rows, ships=TRADER, until_h=1000.0):
    detector = make_detector("destination_mismatch", DetectConfig())
    until_us = T0 + round(until_h * HOUR)
    final = detector.push(slice_of(vessels_table=ships, bound_table=bound(*rows)), until_us)
    return [*final.to_pylist(), *detector.flush().to_pylist()]


def values(event):
    return {name: m["value"] for name, m in json.loads(event["measures"]).items()}


def holds(event):
    return json.loads(event["innocent"])["holds"]


def test_a_way_away_from_the_declared_port_is_one_event_with_its_measures():
    (event,) = found(*way([220, 210, 200, *range(210, 290, 10)]))
    assert (event["status"], event["duration_h"]) == ("final", 8)
    told = values(event)
    assert (told["how"], told["away_h"], told["grown_nm"]) == ("away", 8, 80)
    assert (told["remaining_start_nm"], told["remaining_end_nm"]) == (200, 280)
    assert (told["declared"], told["declared_port"]) == ("NLRTM", "Rotterdam")
    assert json.loads(event["evidence"])[0]["n"] == 1 + 8 * 6
    assert event["explanation"].startswith(
        'Apparent mismatch with the destination: declared "NLRTM" (Rotterdam) and went away '
        "from it for 8.0 h (2024-03-01 02:00 to 10:00 UTC)"
    )
    assert holds(event) == []


@pytest.mark.parametrize(
    ("remaining_nm", "changes", "n_events"),
    [
        (np.linspace(200, 230, 7), {}, 1),
        (np.linspace(200, 229, 7), {}, 0),
        (np.linspace(200, 300, 6), {}, 0),  # 5 h
        (np.linspace(200, 230, 17), {}, 0),  # under 2 kn
        ([200, 210, 220, 230, 228, 240, 250, 260], {}, 1),  # one leg back
        ([200, 210, 220, 230, 228, 226, 240, 250, 260], {}, 0),  # two
        ([200, 210, 220, np.nan, 240, 250, 260], {}, 0),
        ([np.nan] * 9, {}, 0),
        (np.linspace(300, 200, 9), {}, 0),
        ([200, 220, 240], {"step_h": 6.0}, 1),
        ([200, 220, 240], {"step_h": 6.1}, 0),  # silent too long
    ],
)
def test_what_is_away(remaining_nm, changes, n_events):
    assert len(found(*way(remaining_nm, **changes))) == n_events


def test_another_declaration_and_another_voyage_begin_anew():
    half = np.linspace(200, 240, 5)
    for column, other in (("declared", T0), ("voyage_id", "voyage-2"), ("vessel_key", key(OTHER))):
        rest = way(half + 50, start_h=5.0, **{column: other})
        assert found(*way(half), *rest) == []
    assert len(found(*way(half), *way(half + 50, start_h=5.0))) == 1


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"left": T0 - DAY + 1}, "left_over"),
        ({"text": "GIBRALTAR FOR ORDERS"}, "for_orders"),
        ({"text": "Rotterdam via Suez"}, "by_way_of"),
        ({"least_nm": 30.0}, "passed_by"),
        ({"around_nm": 100.0}, "another_passage"),
    ],
)
def test_what_explains_a_way_away(columns, name):
    (event,) = found(*way(np.linspace(200, 280, 9), **columns))
    assert holds(event) == [name]


def test_who_works_at_sea_is_explained():
    (event,) = found(
        *way(np.linspace(200, 280, 9)), ships=vessels({"vessel_id": SHIP, "ship_type": 30})
    )
    assert holds(event) == ["working_craft"]


def test_orders_that_change_under_way_explain_it_when_they_are_declared():
    rows = way(np.linspace(200, 280, 9))
    (event,) = found(*rows, changed(9.0, "Rotterdam", "Riga"))
    assert holds(event) == ["new_orders"]
    assert event["end"].timestamp() * 1e6 == T0 + 9 * HOUR  # known then, not before
    (late,) = found(*rows, changed(14.1, "Rotterdam", "Riga"))
    assert holds(late) == []


def test_a_call_elsewhere():
    (event,) = found(call(first_nm=300.0, remaining_nm=290.0, sailed_nm=250.0))
    told = values(event)
    assert (told["how"], told["called_at"], told["stay_h"]) == ("elsewhere", "Hamburg", 5)
    assert told["apart_nm"] == pytest.approx(235.6, abs=0.5)  # 98.4 nm north, 214 nm east
    assert event["duration_h"] == 5
    assert event["start"].timestamp() * 1e6 == T0 + DAY
    assert holds(event) == []
    assert "lay at Hamburg for 5.0 h" in event["explanation"]


def test_a_call_on_the_way_is_explained():
    (event,) = found(call(first_nm=500.0, remaining_nm=300.0, sailed_nm=250.0))
    assert holds(event) == ["on_the_way"]


def test_a_stay_that_lasts_is_open_until_it_is_over():
    detector = make_detector("destination_mismatch", DetectConfig())
    for stay_h in (3.0, 4.0):
        batch = slice_of(bound_table=bound(call(stay_h=stay_h, is_open=True)))
        assert detector.push(batch, T0 + 2 * DAY).num_rows == 0
        (event,) = detector.flush().to_pylist()
        assert (event["status"], event["duration_h"]) == ("open", stay_h)
    over = detector.push(slice_of(bound_table=bound(call())), T0 + 2 * DAY).to_pylist()
    assert [one["event_id"] for one in over] == [event["event_id"]]
    assert detector.flush().num_rows == 0


def changes(hours):
    names = ["Rotterdam", "Riga", "Gdansk", "Oslo", "Bergen", "Hull", "Leith"]
    return [
        changed(hour, *pair) for hour, pair in zip(hours, itertools.pairwise(names), strict=False)
    ]


@pytest.mark.parametrize(
    ("hours", "counts"),
    [
        ([0, 24, 48], []),
        ([0, 24, 48, 7 * 24], [4]),
        ([0, 24, 48, 7 * 24 + 1], []),
        ([0, 24, 48, 72, 96, 300], [5]),
    ],
)
def test_ever_another_destination(hours, counts):
    events = found(*changes(hours))
    assert [values(event)["n_changes"] for event in events] == counts
    for event in events:
        assert values(event)["declared_ports"][:2] == ["Rotterdam", "Riga"]


def test_foreign_text_is_made_safe():
    (event,) = found(*way(np.linspace(200, 280, 9), text="\x1b[31mRTM\u202e"))
    assert "\x1b" not in event["explanation"]
    assert "\u202e" not in json.dumps(values(event), ensure_ascii=False)


def test_runs_against_a_walk_row_by_row():
    """The kernel against a plain loop over every block."""
    rng = np.random.default_rng(5)
    for _ in range(50):
        n = 60
        block = np.sort(rng.integers(0, 4, n))
        t_us = np.arange(n) * HOUR
        nm = 500 + np.cumsum(rng.choice([-9.0, 1.0, 8.0, 12.0], n, p=[0.2, 0.1, 0.4, 0.3]))
        nm[rng.random(n) < 0.02] = np.nan
        first, last = away_runs(block, t_us, nm, RULE)
        assert list(zip(first.tolist(), last.tolist(), strict=True)) == walked(block, t_us, nm)


def walked(block, t_us, nm):
    runs, begun, end, misses = [], None, None, 0
    for row in range(1, block.size + 1):
        ends = row == block.size or block[row] != block[row - 1]
        if not ends and nm[row] - nm[row - 1] >= RULE.min_away_kn:
            begun, end, misses = (row - 1 if begun is None else begun), row, 0
            continue
        misses += 1
        if begun is not None and (ends or misses > RULE.max_other_legs):
            runs.append((begun, end))
            begun = None
        misses = 0 if begun is None else misses
    return [
        (a, b)
        for a, b in runs
        if t_us[b] - t_us[a] >= RULE.min_away_h * HOUR and nm[b] - nm[a] >= RULE.min_grown_nm
    ]


def test_stretches_of_changes_against_every_pair():
    rng = np.random.default_rng(6)
    for _ in range(50):
        key_ = np.sort(rng.integers(0, 3, 30))
        t_us = np.sort(rng.integers(0, 60, 30))
        t_us = t_us[np.lexsort((t_us, key_))]
        t_us = np.concatenate([np.sort(t_us[key_ == one]) for one in range(3)])
        inside = np.zeros(30, dtype=bool)
        for row in range(27):
            if key_[row + 3] == key_[row] and t_us[row + 3] - t_us[row] <= 5:
                inside[row : row + 4] = True
        first, last = change_runs(key_, t_us, 3, 5)
        shown = np.zeros(30, dtype=bool)
        for a, b in zip(first, last, strict=True):
            assert key_[a] == key_[b]
            shown[a : b + 1] = True
        assert (shown == inside).all()


def fleet(seed):
    """Rows of two vessels that go there and back, change their minds, and call elsewhere."""
    rng = np.random.default_rng(seed)
    rows = []
    for ship in (SHIP, OTHER):
        hour, port = float(rng.integers(0, 5)), "Rotterdam"
        for nth in range(12):
            n = int(rng.integers(1, 14))
            nm = 300 + np.cumsum(rng.choice([-8.0, 9.0, 14.0], n, p=[0.2, 0.4, 0.4]))
            declared = T0 + round((hour - 1) * HOUR)
            step_h = float(rng.choice([1.0, 1.0, 1.0, 6.0]))
            of_ship = {"vessel_key": key(ship), "voyage_id": f"voyage-{ship}-{nth // 4}"}
            some = way(nm, start_h=hour, step_h=step_h, declared=declared, port=port, **of_ship)
            if nth % 4:
                some[0]["changed_from"] = f"PORT {nth - 1}"
            rows += some
            hour += n * step_h
            if nth % 4 == 3:
                rows.append(call(hour, 3.0, **of_ship, is_open=bool(nth == 11)))
                hour += 4.0
            port = f"PORT {nth}"
    return rows


def told(detector, rows, edges_h, *, restart=False):
    """What is found of rows in pieces, each up to an hour."""
    found_, start_us = [], 0
    for edge_h in [*edges_h, 2000.0]:
        stop_us = T0 + round(edge_h * HOUR)
        piece = bound(*(row for row in rows if start_us <= row["timestamp"] < stop_us))
        batch = slice_of(vessels_table=TRADER, bound_table=piece)
        found_ += detector.push(batch, stop_us if edge_h < 2000 else T0 + 400 * HOUR).to_pylist()
        if restart:
            saved = pickle.dumps(detector.state())
            detector = make_detector("destination_mismatch", DetectConfig())
            detector.restore(pickle.loads(saved))  # noqa: S301 - our own
        start_us = stop_us
    in_order = sorted(found_, key=lambda event: event["event_id"])
    return in_order, detector.flush().to_pylist()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    edges_h=st.lists(st.floats(0, 400), max_size=10).map(sorted),
    restart=st.booleans(),
)
def test_any_cut_and_any_restart_give_the_identical_events(seed, edges_h, restart):
    rows = fleet(seed)
    detectors = [make_detector("destination_mismatch", DetectConfig()) for _ in range(2)]
    assert told(detectors[1], rows, edges_h, restart=restart) == told(detectors[0], rows, [])


def test_the_fleet_of_the_test_above_shows_all_three():
    detector = make_detector("destination_mismatch", DetectConfig())
    final, open_ = told(detector, fleet(8), [])
    assert {values(event)["how"] for event in final} == {"away", "elsewhere", "changing"}
    assert open_
