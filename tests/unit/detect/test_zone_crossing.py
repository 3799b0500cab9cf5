import json

import numpy as np
import pytest

from archives import ROOT
from detect_tables import HOUR, T0, cut_at, events_of, fixes, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.settings import with_values
from vesseltrack.detect import make_detector

ZONES = str(ROOT / "fixtures" / "zones" / "unit_box.geojson")
MINUTE = 60_000_000


def found(kind, *tracks, **settings):
    values = {kind: {"default": {"file": ZONES, **settings}}}
    detector = make_detector(kind, with_values(DetectConfig, values))
    final, open_ = events_of(detector, cut_at(fixes(*tracks), []))
    assert open_ == []
    return sorted(final, key=lambda event: event["start"])


def crossing(lons, *, every=MINUTE, vessel=211000001):
    t_us = T0 + np.arange(len(lons)) * every
    return track(vessel, t_us, 0.0, np.asarray(lons, dtype=float))


def test_in_and_out_of_a_zone():
    through = crossing(np.arange(-0.3, 0.3, 0.01))
    (entry,) = found("zone_entry", through)
    (leave,) = found("zone_exit", through)
    assert (entry["start_lon"], entry["end_lon"]) == pytest.approx((-0.11, -0.1), abs=0.011)
    assert leave["end_lon"] == pytest.approx(0.11, abs=0.011)
    measures = json.loads(leave["measures"])
    assert measures["zone"]["value"] == "1"
    assert measures["stay_h"]["value"] == pytest.approx(20 / 60, abs=0.04)
    assert measures["speed_kn"]["value"] == pytest.approx(36, abs=1)
    assert "left between" in leave["explanation"]


def test_noise_along_the_edge_is_one_crossing():
    edge = 0.1 + 0.002 * np.resize([1, -1], 30)  # 220 m in and out
    lons = np.concatenate(([0.3, 0.2], edge, [0.2, 0.3]))
    assert len(found("zone_entry", crossing(lons))) == 1
    assert len(found("zone_exit", crossing(lons))) == 1
    assert len(found("zone_entry", crossing(lons), leave_m=0.0)) == 15


def test_who_is_first_heard_inside_has_not_entered():
    out = crossing(np.arange(0.0, 0.3, 0.01))
    assert found("zone_entry", out) == []
    (leave,) = found("zone_exit", out)
    assert "stay_h" not in json.loads(leave["measures"])


def test_after_a_long_silence_nobody_saw_a_crossing():
    assert len(found("zone_entry", crossing([0.5, 0.0], every=8 * HOUR))) == 1
    assert found("zone_entry", crossing([0.5, 0.0], every=9 * HOUR)) == []


def test_what_was_before_a_long_silence_counts_for_nothing():
    """In the zone, nine hours of silence, then near the edge outside: out, wherever it is cut."""
    one = crossing([0.0, 0.103, 0.103, 0.3])
    one["timestamp"][1:] += 9 * HOUR
    table = fixes(one)
    values = {"zone_exit": {"default": {"file": ZONES}}}
    for cuts in ([], [1], [2], [1, 2, 3]):
        detector = make_detector("zone_exit", with_values(DetectConfig, values))
        assert events_of(detector, cut_at(table, cuts)) == ([], [])


def test_vessels_and_zones_are_told_apart():
    one, other = crossing([0.3, 0.0]), crossing([0.0, 0.3], vessel=211000002)
    (entry,) = found("zone_entry", one, other)
    assert entry["mmsi"] == 211000001
    (leave,) = found("zone_exit", one, other)
    assert leave["mmsi"] == 211000002


def test_without_a_file_there_are_no_zones():
    detector = make_detector("zone_entry", DetectConfig())
    final, open_ = events_of(detector, cut_at(fixes(crossing([0.3, 0.0])), []))
    assert final + open_ == []
