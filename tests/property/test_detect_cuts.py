"""However the same fixes are cut into batches, the final events are the same, bit for bit."""

import pickle
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archives import ROOT
from detect_fleets import VESSELS, busy_sea, fleet_for
from detect_tables import HOUR, cut_at, events_of, slice_of
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.settings import with_values
from vesseltrack.detect import DETECTORS, make_detector, presets_of
from vesseltrack.schema import TIMESTAMP

# All presets of a kind at once: each is a fold of its own.
# These read what stands beside the fixes; their own tests cut that.
OTHERS = {"route_deviation", "identity_change", "destination_mismatch"}
CASES = [(kind, presets_of(kind)) for kind in DETECTORS if kind not in OTHERS]
ZONES = str(ROOT / "fixtures" / "zones" / "over_the_date_line.geojson")


# Six ships prove little about reception: gaps are flagged by less here, so that there are some.
# The history is short, so that it runs out while a vessel is silent.
CONFIG = with_values(
    DetectConfig,
    {
        "ais_gap": {
            "default": {"max_chance": 0.3, "min_heard_frac": 0.2},
            "reception": {"history_h": 18.0},
            "gfw_disabling": {"min_gap_h": 5.0, "min_present_h": 2.0, "history_h": 18.0},
        },
        # A day shows a habit here, so that habits form and are forgotten.
        "shore_approach": {
            "default": {"history_days": 1.0, "min_history_h": 12.0, "max_near_frac": 0.4}
        },
        # Little evidence is enough, and what was seen is soon forgotten.
        "zone_entry": {"default": {"file": ZONES, "leave_m": 3000.0}},
        "zone_exit": {"default": {"file": ZONES, "leave_m": 3000.0}},
        "drop_pickup": {
            "default": {
                "min_ratio": 1.0,
                "min_slow_min": 2.0,
                "passage_min": 10.0,
                "short_history_days": 0.0,
                "history_days": 0.5,
                "week_days": 0.25,
                "set_hours": 1.0,
                "set_interval_min": 5.0,
                "max_sets": 20,
            }
        },
    },
)


def detector(kind, presets):
    return make_detector(kind, CONFIG, presets)


@pytest.mark.parametrize(("kind", "presets"), CASES, ids=[kind for kind, _ in CASES])
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 500), max_size=12))
def test_any_cut_gives_the_identical_events(kind, presets, seed, cuts):
    fleet = fleet_for(kind, seed)
    whole = events_of(detector(kind, presets), cut_at(fleet, []), VESSELS)
    cut = events_of(detector(kind, presets), cut_at(fleet, cuts), VESSELS)
    assert cut == whole


@pytest.mark.parametrize(("kind", "presets"), CASES, ids=[kind for kind, _ in CASES])
def test_a_few_fixes_at_a_time_give_the_identical_events(kind, presets):
    fleet = fleet_for(kind, 8)
    every = list(range(0, fleet.num_rows, 3))
    whole = events_of(detector(kind, presets), cut_at(fleet, []), VESSELS)
    each = events_of(detector(kind, presets), cut_at(fleet, every), VESSELS)
    assert whole[0] or whole[1], "the fleet must show the behaviour for the test to say anything"
    assert each == whole


@pytest.mark.parametrize(("kind", "presets"), CASES, ids=[kind for kind, _ in CASES])
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 500), min_size=1, max_size=6))
def test_a_restart_from_saved_state_changes_nothing(kind, presets, seed, cuts):
    fleet = fleet_for(kind, seed)
    going_on, restarted = detector(kind, presets), detector(kind, presets)
    for piece, watermark in cut_at(fleet, cuts):
        batch = slice_of(piece, VESSELS)
        expected = going_on.push(batch, watermark)
        assert restarted.push(batch, watermark).equals(expected)
        saved = pickle.dumps(restarted.state())
        restarted = detector(kind, presets)
        restarted.restore(pickle.loads(saved))  # noqa: S301 - our own
    assert restarted.flush().equals(going_on.flush())


@pytest.mark.parametrize(("kind", "presets"), CASES, ids=[kind for kind, _ in CASES])
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 500), min_size=1, max_size=6))
def test_flushing_is_a_view(kind, presets, seed, cuts):
    fleet = fleet_for(kind, seed)
    asked, not_asked = detector(kind, presets), detector(kind, presets)
    for piece, watermark in cut_at(fleet, cuts):
        batch = slice_of(piece, VESSELS)
        assert asked.push(batch, watermark).equals(not_asked.push(batch, watermark))
        assert asked.flush().equals(asked.flush())
    assert asked.flush().equals(not_asked.flush())


@pytest.mark.parametrize(("kind", "presets"), CASES, ids=[kind for kind, _ in CASES])
def test_a_saved_state_is_not_touched_by_what_comes_after(kind, presets):
    """It shares arrays with the detector: none of them may be written to."""
    fleet = fleet_for(kind, 8)
    one = detector(kind, presets)
    for piece, watermark in cut_at(fleet, [fleet.num_rows // 2, fleet.num_rows // 2 + 40]):
        saved = one.state()
        before = pickle.dumps(saved)
        one.push(slice_of(piece, VESSELS), watermark)
        one.flush()
        assert pickle.dumps(saved) == before


@pytest.mark.parametrize("min_ratio", [1.0, 3.0])
def test_what_is_open_is_final_if_nothing_follows(min_ratio):
    """A look at drop-offs leaves out what cannot be told: it must tell what is told at last."""
    rule = replace(CONFIG.drop_pickup.default, min_ratio=min_ratio)
    config = replace(CONFIG, drop_pickup=replace(CONFIG.drop_pickup, default=rule))
    n_told = 0
    for seed in range(6):
        fleet = busy_sea(seed)
        t_us = fleet["timestamp"].cast("int64").to_numpy()
        for end_us in np.quantile(t_us, np.linspace(0.3, 1.0, 6)):
            known = fleet.slice(0, int(np.searchsorted(t_us, end_us, side="right")))
            one = make_detector("drop_pickup", config)
            ((piece, watermark),) = cut_at(known, [])
            one.push(slice_of(piece, VESSELS), watermark)
            looked = [
                row | {"status": "final", "is_open": False} for row in one.flush().to_pylist()
            ]
            at_last = one.push(slice_of(fleet.slice(0, 0), VESSELS), watermark + 7 * 24 * HOUR)
            assert at_last.to_pylist() == looked
            n_told += len(looked)
    assert n_told > 0


@pytest.mark.parametrize("min_ratio", [1.0, 3.0])
def test_a_look_after_many_finds_what_a_first_one_does(min_ratio):
    """What looks at drop-offs keep for one another changes nothing of what they tell."""
    rule = replace(CONFIG.drop_pickup.default, min_ratio=min_ratio)
    config = replace(CONFIG, drop_pickup=replace(CONFIG.drop_pickup, default=rule))
    n_told = 0
    for seed in range(3):
        fleet = busy_sea(seed)
        often = make_detector("drop_pickup", config)
        for piece, watermark in cut_at(fleet, list(range(40, fleet.num_rows, 40))):
            often.push(slice_of(piece, VESSELS), watermark)
            first = make_detector("drop_pickup", config)
            first.restore(often.state())
            looked = often.flush().to_pylist()
            assert looked == first.flush().to_pylist()
            n_told += len(looked)
    assert n_told > 0


@pytest.mark.parametrize(("kind", "presets"), CASES, ids=[kind for kind, _ in CASES])
def test_the_same_events_twelve_hours_earlier(kind, presets):
    """No artefact at midnight: a fleet moved by half a day gives the same durations."""
    fleet = fleet_for(kind, 8)
    moved_us = pa.array(fleet["timestamp"].cast("int64").to_numpy() - 12 * HOUR)
    earlier = fleet.set_column(
        fleet.column_names.index("timestamp"),
        fleet.schema.field("timestamp"),
        moved_us.cast(TIMESTAMP),
    )
    found = [
        events_of(detector(kind, presets), cut_at(one, []), VESSELS) for one in (fleet, earlier)
    ]
    durations = [
        [sorted((e["vessel_id"], e["duration_h"], e["confidence"]) for e in rows) for rows in both]
        for both in found
    ]
    assert durations[0] == durations[1]
