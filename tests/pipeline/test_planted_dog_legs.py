"""Dog-legs planted into real voyages, through the whole pipeline: how much, and where."""

import datetime as dt
import functools
import json

import numpy as np
import pytest

from dog_legs import (
    VOYAGES,
    Found,
    Plant,
    Track,
    found_in,
    jittered,
    real_track,
    rounded,
    thinned,
    turned,
    with_dog_leg,
    without_motion,
)

SHARES = (0.05, 0.1, 0.2, 0.5)
CHANGES = {
    "turned east": lambda track: turned(track, 360.0),
    "turned west": lambda track: turned(track, -360.0),
    "thinned": thinned,
    "thinned, nothing but places": lambda track: without_motion(thinned(track)),
    "rounded": rounded,
    "jittered": jittered,
}
# Closed and under way, sparse and dense: every change on each would take minutes.
CHANGED = ("St Petersburg to Riga", "Skagerrak to Baltic")


@functools.cache
def track_of(name: str) -> Track:
    mmsi, _, archive = VOYAGES[name]
    return real_track(mmsi, archive)


@functools.cache
def found_before(name: str, change: str = "") -> Found:
    return found_in(CHANGES.get(change, lambda track: track)(track_of(name)))


def voyage_before(name: str, change: str = "") -> dict:
    return found_before(name, change).voyages[VOYAGES[name][1]]


@functools.cache
def planted(name: str, share: float, change: str = "") -> tuple[Plant, dict, list[dict]]:
    """What was planted into a voyage, the voyage afterwards, and its deviations."""
    before = voyage_before(name)
    track, plant = with_dog_leg(track_of(name), before, share * before["shortest_nm"])
    found = found_in(CHANGES.get(change, lambda same: same)(track))
    assert len(found.voyages) == len(found_before(name, change).voyages)
    voyage = found.voyages[VOYAGES[name][1]]
    own = [
        event
        for event in found.events
        if json.loads(event["measures"])["voyage_id"]["value"] == voyage["voyage_id"]
    ]
    return plant, voyage, own


def error_frac(name: str, share: float, change: str = "") -> float:
    """Extra miles found less those planted, over the length of the voyage."""
    plant, voyage, _ = planted(name, share, change)
    before = voyage_before(name, change)
    return (voyage["excess_nm"] - before["excess_nm"] - plant.nm) / before["shortest_nm"]


def overlap_frac(leg: dict, plant: Plant) -> float:
    """Time that leg and plant share over the time of either."""
    start, end = (
        dt.datetime.fromisoformat(leg[name]).timestamp() * 1e6 for name in ("start", "end")
    )
    shared = min(end, plant.end_us) - max(start, plant.start_us)
    return shared / (max(end, plant.end_us) - min(start, plant.start_us))


@pytest.mark.parametrize("name", VOYAGES)
def test_nothing_is_flagged_on_the_originals(name):
    assert found_before(name).events == []
    assert voyage_before(name)["verdict"] == "direct"


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("change", ["", "thinned", "thinned, nothing but places"])
def test_the_planted_miles_are_recovered(share, change):
    errors = [abs(error_frac(name, share, change)) for name in VOYAGES]
    assert np.median(errors) <= 0.02
    assert max(errors) <= (0.04 if share == 0.05 else 0.05)


@pytest.mark.parametrize("name", VOYAGES)
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_dog_leg_is_flagged_and_the_right_leg_named(name, share):
    plant, voyage, events = planted(name, share)
    (event,) = events
    assert voyage["verdict"] == "detour"
    assert json.loads(event["innocent"])["holds"] == []
    leg = json.loads(event["measures"])["legs"]["value"][0]
    assert overlap_frac(leg, plant) >= 0.8
    assert leg["nm"] == pytest.approx(plant.nm, abs=0.1 * plant.nm + 5)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", CHANGED)
def test_other_sampling_flags_the_same(name, change):
    assert found_before(name, change).events == []
    plant, _, (event,) = planted(name, 0.2, change)
    assert json.loads(event["innocent"])["holds"] == []
    leg = json.loads(event["measures"])["legs"]["value"][0]
    assert overlap_frac(leg, plant) >= 0.8
    assert leg["nm"] == pytest.approx(plant.nm, abs=0.1 * plant.nm + 5)
    assert abs(error_frac(name, 0.2, change)) <= 0.05


@pytest.mark.parametrize("name", CHANGED)
def test_rounding_changes_the_way_sailed_by_less_than_a_hundredth(name):
    sailed_nm = voyage_before(name)["travelled_nm"]
    assert voyage_before(name, "rounded")["travelled_nm"] == pytest.approx(sailed_nm, rel=0.01)


@pytest.mark.parametrize("change", ["turned east", "turned west"])
def test_turns_of_longitude_change_nothing(change):
    name = CHANGED[0]
    before, after = voyage_before(name), voyage_before(name, change)
    for column in ("travelled_nm", "shortest_nm", "excess_nm"):
        assert after[column] == pytest.approx(before[column], rel=1e-6)
