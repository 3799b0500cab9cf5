import dataclasses
import json

import numpy as np
import pytest

from detect_tables import T0, cut_at, events_of, fixes, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector
from vesseltrack.schema import Quality

SECOND = 1_000_000
DEG_PER_KN_S = 1852 / 3600 / 111_195.08
SHIPS = vessels({"vessel_id": "211000001", "length_m": 180.0, "ship_type": 80})


def stopping(*, before_kn=14.0, after_kn=0.3, within_s=10, kept_s=600, every_s=10, n_before=30):
    """A ship under way that stops, with the positions to it; the stop is report `n_before`."""
    t_s = np.arange(n_before) * every_s
    t_s = np.concatenate((t_s, t_s[-1] + within_s + np.arange(0, kept_s + 1, every_s)))
    is_before = np.arange(t_s.size) < n_before
    speed = np.where(is_before, before_kn, after_kn)
    lat = 57 + np.concatenate(([0], np.cumsum(np.diff(t_s) * speed[:-1]))) * DEG_PER_KN_S
    return track(211000001, T0 + t_s * SECOND, lat, 11.0, sog_kn=speed)


def found(one, ships=SHIPS):
    detector = make_detector("sudden_speed_change", DetectConfig())
    final, open_ = events_of(detector, cut_at(fixes(one), []), ships)
    return final + open_


def test_a_sudden_stop_is_one_event_with_its_measures():
    (event,) = found(stopping())
    measures = json.loads(event["measures"])
    assert event["start"].timestamp() * 1e6 == T0 + 290 * SECOND
    assert event["end"].timestamp() * 1e6 == T0 + 360 * SECOND
    assert event["status"] == "final"
    assert measures["before_kn"]["value"] == pytest.approx(14.0)
    assert measures["within_s"]["value"] == 10
    assert measures["kept_s"]["value"] == 60
    assert measures["made_good_kn"]["value"] == pytest.approx(14.0, rel=0.02)


@pytest.mark.parametrize(
    ("changes", "n_events"),
    [
        ({"before_kn": 7.1}, 1),
        ({"before_kn": 7.0}, 0),
        ({"after_kn": 0.9}, 1),
        ({"after_kn": 1.0}, 0),
        ({"within_s": 30}, 1),
        ({"within_s": 31}, 0),
        ({"kept_s": 60}, 1),
        ({"kept_s": 50}, 0),
        ({"n_before": 2}, 1),
        ({"n_before": 1}, 0),
    ],
)
def test_its_limits(changes, n_events):
    assert len(found(stopping(**changes))) == n_events


@pytest.mark.parametrize("n_false", [1, 2, 3])
def test_false_speeds_at_anchor_are_bad_data_and_nothing_else(n_false):
    one = track(211000001, T0 + np.arange(200) * 10 * SECOND, 57.0, 11.0, sog_kn=0.1)
    one["sog_kn"][100 : 100 + n_false] = 102.2
    assert found(one) == []


def test_a_stop_that_is_not_kept_is_none():
    one = stopping()
    one["sog_kn"][33] = 5.0
    assert found(one) == []


def test_a_silence_keeps_nothing():
    one = stopping(kept_s=1000)
    gone = np.arange(one["lat"].size)
    kept = (gone < 31) | (gone > 45)  # 150 s without a report
    assert found({name: column[kept] for name, column in one.items()}) == []


def test_what_is_unknown_or_denied_raises_no_flag():
    assert found(stopping(), vessels({"vessel_id": "211000001"})) == []
    assert found(stopping(), vessels({"vessel_id": "211000001", "length_m": 49.0})) == []
    one = stopping()
    one["sog_kn"][30:] = np.nan
    assert found(one) == []
    one = stopping()
    one["quality"][:30] = int(Quality.BAD_SPEED)
    assert found(one) == []


def test_in_port_it_is_innocent():
    one = stopping()
    one["port_m"][:] = 4000.0
    (event,) = found(one)
    assert json.loads(event["innocent"])["holds"] == ["in_port"]


def test_a_stop_is_final_the_moment_it_has_been_kept():
    (event,) = found(stopping(kept_s=60))
    assert event["status"] == "final"
    assert found(stopping(kept_s=59, every_s=1)) == []


def kept_stops(t_s, sog_kn, rule):
    """Return first and last report of each stop that was kept, read off the definition."""
    stops = []
    for row in range(2, t_s.size):
        is_stop = sog_kn[row - 1] > rule.min_before_kn and sog_kn[row] < rule.max_after_kn
        is_quick = t_s[row] - t_s[row - 1] <= rule.within_s
        is_way_on = (
            sog_kn[row - 2] > rule.min_before_kn
            and t_s[row - 1] - t_s[row - 2] <= rule.max_silence_s
        )
        later = row
        while later < t_s.size and sog_kn[later] < rule.max_after_kn:
            if later > row and t_s[later] - t_s[later - 1] > rule.max_silence_s:
                break
            if t_s[later] - t_s[row] >= rule.kept_s:
                if is_stop and is_quick and is_way_on:
                    stops.append((t_s[row - 1], t_s[later]))
                break
            later += 1
    return stops


@pytest.mark.parametrize("seed", range(20))
def test_random_speeds_are_read_as_the_definition_reads_however_they_are_cut(seed):
    rng = np.random.default_rng(seed)
    n = 400
    t_s = np.cumsum(rng.choice([5, 15, 29, 31, 100, 130], n, p=[0.5, 0.3, 0.1, 0.06, 0.02, 0.02]))
    runs = np.repeat(rng.choice([14.0, 0.2, 3.0], n, p=[0.4, 0.5, 0.1]), rng.integers(1, 12, n))
    sog_kn = runs[:n]
    config = DetectConfig()
    rule = dataclasses.replace(config.sudden_speed_change.default, min_made_good_frac=0.0)
    told = dataclasses.replace(config.sudden_speed_change, default=rule)
    config = dataclasses.replace(config, sudden_speed_change=told)
    one = track(211000001, T0 + t_s * SECOND, 57.0, 11.0, sog_kn=sog_kn)
    cuts = np.sort(rng.choice(t_s, int(rng.integers(0, 60)), replace=False))
    pieces = cut_at(fixes(one), [T0 + int(cut) * SECOND for cut in cuts])
    final, open_ = events_of(make_detector("sudden_speed_change", config), pieces, SHIPS)
    spans = [
        tuple(round(event[name].timestamp() - T0 / SECOND) for name in ("start", "end"))
        for event in final
    ]
    assert sorted(spans) == kept_stops(t_s, sog_kn, rule)
    assert open_ == []
