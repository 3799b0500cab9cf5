"""Gaps of suspected disabling, planted on both sides of every limit, and counted one by one."""

import itertools
import json

import numpy as np
import pytest

from detect_tables import DAY, HOUR, T0, cut_at, events_of, fixes, key, slice_of, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.settings import with_values
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect import make_detector
from vesseltrack.hexgrid import cells_of, parents

MINUTE = HOUR // 60
SUSPECT, OTHER = 211000001, 219000001
OFF = T0 + 2 * DAY
NM = 1852.0


def suspect(gap_h=13.0, *, n_before=14, shore_nm=50.0, open_=False):
    """A day of reports, so many in the last 12 h with the last, a silence, and two days more."""
    before = OFF - np.arange(n_before)[::-1] * (12 * HOUR // max(n_before - 1, 1))
    early = np.arange(OFF - DAY, OFF - 12 * HOUR, HOUR)
    after = OFF + round(gap_h * HOUR) + np.arange(72) * HOUR
    t_us = np.concatenate([early, before, [] if open_ else after]).astype(np.int64)
    return track(SUSPECT, t_us, 10.0, -30.0, shore_m=shore_nm * NM)


def other(per_day=24.0, *, mmsi=OTHER, end=OFF + 3 * DAY, lat=10.0):
    """A vessel nearby, heard so often at even times."""
    return track(mmsi, np.arange(T0, end, round(DAY / per_day)), lat, -30.0)


def found(*tracks, presets=("gfw_disabling",), **changes):
    config = with_values(DetectConfig, {"ais_gap": {"gfw_disabling": changes}})
    final, open_ = events_of(make_detector("ais_gap", config, presets), cut_at(fixes(*tracks), []))
    return [event for event in final + open_ if event["mmsi"] == SUSPECT]


def test_a_gap_far_out_of_a_vessel_well_heard_where_others_are():
    (event,) = found(suspect(), other())
    measures = json.loads(event["measures"])
    limits = {name: m["threshold"] for name, m in measures.items() if "threshold" in m}
    assert limits == {
        "duration_h": 12.0,
        "off_shore_nm": 50.0,
        "n_positions_before": 14,
        "positions_per_day": 10.0,
    }
    values = {name: measures[name]["value"] for name in limits}
    assert values == pytest.approx(
        {
            "duration_h": 13.0,
            "off_shore_nm": 50.0,
            "n_positions_before": 14,
            "positions_per_day": 24.0,
        }
    )
    assert event["preset"] == "gfw_disabling"
    assert event["start"].timestamp() * 1e6 == OFF
    assert "suspected disabling" in event["explanation"]
    assert "14 positions in the 12 h before and 24 a day of other" in event["explanation"]


@pytest.mark.parametrize(
    ("own", "others", "n_events"),
    [
        ({"gap_h": 12.01}, {}, 1),
        ({"gap_h": 12.0}, {}, 0),
        ({"shore_nm": 49.9}, {}, 0),
        ({"n_before": 13}, {}, 0),
        ({}, {"per_day": 11}, 1),
        ({}, {"per_day": 10}, 0),
        ({}, {"lat": 13.0}, 0),
        ({}, {"mmsi": f"{SUSPECT}-0000000a"}, 0),
        ({}, {"end": T0 + DAY + MINUTE}, 1),
        ({}, {"end": T0 + 23 * HOUR}, 0),
        ({"open_": True}, {}, 1),
        ({"open_": True, "n_before": 13}, {}, 0),
    ],
)
def test_its_limits(own, others, n_events):
    assert len(found(suspect(**own), other(**others))) == n_events


def test_without_others_reception_is_unknown_however_little_is_asked():
    least = {"min_present_h": 0.0, "min_positions_per_day": 0.0}
    assert found(suspect(), **least) == []
    assert len(found(suspect(), other(per_day=2), **least)) == 1


def test_it_is_told_by_the_strictest_definition_that_it_meets():
    presets = ("gfw", "gfw_disabling", "starboard")
    (event,) = found(suspect(), other(), presets=presets)
    assert set(event["preset"].split(",")) == set(presets)
    assert "suspected disabling" in event["explanation"]
    (event,) = found(suspect(), presets=presets)
    assert set(event["preset"].split(",")) == {"gfw", "starboard"}
    measures = json.loads(event["measures"])
    assert measures["n_positions_before"] == {"value": 14}
    assert "threshold" not in measures["off_shore_nm"]


def test_what_comes_later_changes_nothing():
    often = other(end=OFF + 13 * HOUR)
    later = track(OTHER, OFF + 13 * HOUR + np.arange(500) * MINUTE, 10.0, -30.0)
    assert found(suspect(), often) == found(
        suspect(), {name: np.append(often[name], later[name]) for name in often}
    )


def counted(table, off, end_us, resolution, history_h):
    """Positions of others and hours over which they were heard, one vessel after the other."""
    cells = parents(table["cell"].to_numpy(), resolution)
    here = parents(
        cells_of(np.array([off["start_lat"]]), np.array([off["start_lon"]])), resolution
    )
    until = end_us // HOUR * HOUR
    t_us, keys = (
        table["timestamp"].cast("int64").to_numpy(),
        table["vessel_key"].to_numpy(),
    )
    n, hours = 0, 0.0
    for vessel in np.unique(keys):
        if mmsis_of(np.array([vessel]))[0] == off["mmsi"]:
            continue
        own = np.flatnonzero(keys == vessel)
        for first, second in itertools.pairwise(own):
            is_asked = until - history_h * HOUR <= t_us[second] < until
            if cells[first] == here[0] and is_asked:
                n += 1
                hours += (t_us[second] - t_us[first]) / HOUR
    return n, hours


@pytest.mark.parametrize("seed", range(3))
def test_reception_is_what_brute_force_counts(seed):
    rng = np.random.default_rng(seed)
    tracks = []
    for number in range(7):
        t_us = (
            T0
            + np.cumsum(
                rng.choice([20, 61, 600, 7200, 50_000], 200, p=[0.2, 0.2, 0.3, 0.28, 0.02])
            )
            * 1_000_000
        )
        lat, lon = (place + np.cumsum(rng.normal(0, 0.1, 200)) for place in (0.0, 179.9))
        tracks.append(track(211000001 + number, t_us, lat, (lon + 180) % 360 - 180))
    table = fixes(*tracks)
    least = {
        "min_present_h": 0.0,
        "min_positions_per_day": 0.0,
        "min_positions_before": 0,
        "history_h": 30.0,
    }
    config = with_values(DetectConfig, {"ais_gap": {"gfw_disabling": least}})
    detector = make_detector("ais_gap", config, ("gfw_disabling",))
    cuts = np.sort(rng.integers(0, table.num_rows, 9)).tolist()
    final, open_ = events_of(detector, cut_at(table, cuts))
    assert final + open_
    for event in final + open_:
        measures = json.loads(event["measures"])
        end_us = round(event["end"].timestamp() * 1e6)
        n, hours = counted(table, event, end_us, 3, 30)
        assert measures["others_present_h"]["value"] == pytest.approx(hours, rel=1e-5)
        assert measures["positions_per_day"]["value"] == pytest.approx(n / hours * 24, rel=1e-5)


def test_rows_carried_do_not_grow_with_the_number_of_batches():
    table = fixes(other(per_day=2400))
    detector = make_detector("ais_gap", DetectConfig(), ("gfw_disabling",))
    for piece, watermark in cut_at(table, list(range(0, table.num_rows, 7))):
        detector.push(slice_of(piece), watermark)
    assert detector.state()["received.key"].size == 5 * 24
    assert (detector.state()["received.key"] == key(OTHER)).all()
