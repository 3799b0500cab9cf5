import json

import numpy as np
import pytest

from detect_tables import HOUR, T0, cut_at, events_of, fixes, slice_of, track
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector

MINUTE = HOUR // 60
OFF, ON = T0 + 24 * HOUR, T0 + 34 * HOUR  # a silence of ten hours on the second day
END = T0 + 48 * HOUR


def heard(mmsi, silences=(), *, start=T0, end=END, lat=50.0, lon=3.0, **columns):
    """A vessel heard every ten minutes but in some stretches, its ends included."""
    t_us = np.arange(start, end + 1, 10 * MINUTE)
    for off, on in silences:
        t_us = t_us[(t_us <= off) | (t_us >= on)]
    return track(mmsi, t_us, lat, lon, **columns)


def others(n=6, silences=(), **columns):
    return [heard(219000001 + i, silences, **columns) for i in range(n)]


def suspect(**columns):
    return heard(211000001, [(OFF, ON)], **columns)


def found(*tracks, presets=None):
    final, open_ = events_of(
        make_detector("ais_gap", DetectConfig(), presets), cut_at(fixes(*tracks), [])
    )
    return final, open_


def test_a_silence_among_others_that_are_heard_is_a_gap():
    (event,), open_ = found(suspect(), *others())
    measures = json.loads(event["measures"])
    assert open_ == []
    assert (event["vessel_id"], event["duration_h"]) == ("211000001", 10.0)
    assert (event["start"].timestamp() * 1e6, event["end"].timestamp() * 1e6) == (OFF, ON)
    # Of the 34 hours up to its end those from the sixth on: from there on they are heard steadily.
    assert measures["others_vessel_hours"]["value"] == 6 * 29
    assert measures["others_silences"]["value"] == 0
    assert measures["chance_frac"]["value"] == pytest.approx(1 / (20 + 174), rel=1e-5)
    assert measures["heard_frac"]["value"] == 1.0
    assert measures["others_within"]["value"] == "an area of 20 km"
    assert measures["heard_before_h"]["value"] == 25
    assert json.loads(event["innocent"]) == {
        "tested": ["in_port", "lay_near_shore", "in_lee_of_land", "mmsi_heard_meanwhile"],
        "holds": [],
    }


@pytest.mark.parametrize(("hours", "n_events"), [(6.0, 1), (5.9, 0)])
def test_it_lasts_six_hours_or_more(hours, n_events):
    on = OFF + round(hours * HOUR)
    t_us = np.append(np.arange(T0, OFF + 1, 10 * MINUTE), np.arange(on, END, 10 * MINUTE))
    assert len(found(track(211000001, t_us, 50.0, 3.0), *others())[0]) == n_events


def test_nobody_else_proves_nothing():
    assert found(suspect()) == ([], [])
    assert found(suspect(), *others(1, start=OFF)) == ([], [])


def test_the_hours_of_the_gap_itself_count():
    # Before it too little is known: three others for an hour each from the sixth on.
    start = OFF - 6 * HOUR
    late = [heard(219000001 + i, start=start) for i in range(3)]
    (event,), _ = found(heard(211000001, [(OFF, ON)], start=start), *late)
    measures = json.loads(event["measures"])
    assert measures["others_vessel_hours"]["value"] == 3 * (1 + 10)
    assert found(heard(211000001, [(OFF, OFF + 7 * HOUR)], start=start), *late)[0] == []


def test_others_are_sought_on_the_whole_way():
    t_us = suspect()["timestamp"]
    north = np.where(t_us >= ON, 1.0, 0.0)
    one = track(211000001, t_us, 50.0 + north, 3.0)
    (event,), _ = found(one, *others(lat=50.5))
    assert json.loads(event["measures"])["others_within"]["value"] == "an area of 20 km"


def test_vessels_far_off_tell_only_of_one_that_was_heard_steadily():
    far = others(lat=20.0)
    (event,), _ = found(suspect(), *far)
    assert json.loads(event["measures"])["others_within"]["value"] == "the whole archive"
    (near,), _ = found(suspect(), *others())
    assert event["confidence"] == pytest.approx(0.6 * near["confidence"], rel=1e-4)
    now_and_then = heard(211000001, [(OFF - 3 * HOUR, OFF - HOUR), (OFF, ON)])
    assert found(now_and_then, *far) == ([], [])


def test_who_is_heard_now_and_then_is_held_against_others_like_it():
    rare = [(T0 + h * HOUR, T0 + (h + 2) * HOUR) for h in range(0, 48, 4)]
    now_and_then = heard(211000001, [*rare[:6], (OFF - 2 * HOUR, OFF - HOUR), (OFF, ON)])
    assert found(now_and_then, *others()) == ([], [])
    (event,), _ = found(now_and_then, *others(silences=rare))
    assert json.loads(event["measures"])["others_within"]["value"] == "an area of 20 km"


def test_a_silence_nearby_tells_more_than_vessels_far_off():
    far = [heard(219000011 + i, lat=20.0) for i in range(9)]
    assert len(found(suspect(), *far)[0]) == 1
    another = heard(219000001, [(T0 + 8 * HOUR, T0 + 18 * HOUR)], end=T0 + 20 * HOUR, lat=50.1)
    final, _ = found(suspect(), another, *far)
    assert [e for e in final if e["mmsi"] == 211000001] == []


def test_a_receiver_that_failed_is_no_gap_of_the_vessels():
    final, open_ = found(suspect(), *others(silences=[(OFF, ON)]))
    assert final == open_ == []


def test_the_edge_of_reception_is_no_gap():
    # Others are heard for two hours there and then not for twelve, again and again.
    passing = [
        heard(
            219000001 + i, [(T0 + (h + i) * HOUR, T0 + (h + i + 12) * HOUR) for h in (2, 16, 30)]
        )
        for i in range(12)
    ]
    assert found(suspect(), *passing)[0] == []


def test_the_end_of_the_archive_is_no_gap():
    assert found(*others()) == ([], [])
    ended = [heard(219000001 + i, end=OFF) for i in range(6)]
    early = heard(211000001, end=OFF - 7 * HOUR)
    last = heard(219000009, start=OFF, end=END, lat=20.0)
    assert found(*ended, early, last) == ([], [])


def test_an_open_gap_while_others_are_still_heard_there():
    gone = heard(211000001, end=OFF)
    _, (event,) = found(gone, *others())
    assert (event["status"], event["is_open"]) == ("open", True)
    assert event["start"].timestamp() * 1e6 == OFF
    assert event["duration_h"] == 24.0
    assert (event["end_lat"], event["end_lon"]) == (event["start_lat"], event["start_lon"])
    assert "not heard again yet" in event["explanation"]


def test_an_open_gap_closes_under_its_identifier():
    table = fixes(suspect(), *others())
    t_us = table["timestamp"].cast("int64").to_numpy()
    half = int(np.searchsorted(t_us, ON - HOUR))
    detector = make_detector("ais_gap", DetectConfig())
    assert detector.push(slice_of(table.slice(0, half)), int(t_us[half])).num_rows == 0
    (open_event,) = detector.flush().to_pylist()
    (closed,) = detector.push(slice_of(table.slice(half)), END).to_pylist()
    assert closed["event_id"] == open_event["event_id"]
    assert detector.flush().num_rows == 0


def test_what_comes_later_changes_nothing():
    # The others fall silent after the gap: what it says rests on what was known at its end.
    later = [heard(219000001 + i, [(ON + HOUR, END)]) for i in range(6)]
    final, _ = found(suspect(), *later)
    assert [e for e in final if e["mmsi"] == 211000001] == found(suspect(), *others())[0]


def test_a_gap_longer_than_the_history_is_judged_by_its_last_part():
    end = T0 + 40 * 24 * HOUR
    off, on = T0 + 2 * 24 * HOUR, end - 24 * HOUR
    table = fixes(
        heard(211000001, [(off, on)], end=end),
        *(heard(219000001 + i, end=end) for i in range(3)),
    )
    t_us = table["timestamp"].cast("int64").to_numpy()
    days = np.searchsorted(t_us, np.arange(T0, end, 24 * HOUR)).tolist()
    whole, _ = events_of(make_detector("ais_gap", DetectConfig()), cut_at(table, []))
    daily, _ = events_of(make_detector("ais_gap", DetectConfig()), cut_at(table, days))
    assert whole == daily
    measures = json.loads(daily[0]["measures"])
    assert measures["others_vessel_hours"]["value"] == 3 * 14 * 24
    assert measures["heard_frac"]["value"] == 1.0
    assert measures["heard_before_h"]["value"] == 49


@pytest.mark.parametrize(
    ("columns", "holds"),
    [
        ({"port_m": 4000.0}, ["in_port"]),
        ({"anchorage_m": 4000.0}, ["in_port"]),
        ({"sog_kn": 0.0, "shore_m": 2000.0}, ["lay_near_shore"]),
        ({"sog_kn": 9.0, "shore_m": 2000.0}, []),
        ({"sog_kn": 0.0, "shore_m": 20_000.0}, []),
    ],
)
def test_innocent_explanations(columns, holds):
    (event,), _ = found(suspect(**columns), *others())
    assert json.loads(event["innocent"])["holds"] == holds


@pytest.mark.parametrize(("shore_m", "holds"), [(2000.0, ["in_lee_of_land"]), (6000.0, [])])
def test_from_far_off_nobody_sees_behind_a_coast(shore_m, holds):
    (event,), _ = found(suspect(shore_m=shore_m, sog_kn=9.0), *others(lat=20.0))
    assert json.loads(event["innocent"])["holds"] == holds


def test_another_transmitter_heard_on_the_mmsi_meanwhile():
    second = heard("211000001-0000000a", start=OFF + HOUR, end=ON - HOUR, lat=10.0)
    final, _ = found(suspect(), second, *others())
    (event,) = (e for e in final if e["vessel_id"] == "211000001")
    assert json.loads(event["innocent"])["holds"] == ["mmsi_heard_meanwhile"]


def test_how_far_it_got():
    t_us = suspect()["timestamp"]
    north = np.where(t_us >= ON, 1.0, 0.0)  # a degree, 60.04 nm, in ten hours
    one = track(211000001, t_us, 50.0 + north, 3.0, sog_kn=10.0, cog_deg=0.0)
    (event,), _ = found(one, *others())
    measures = {name: m["value"] for name, m in json.loads(event["measures"]).items()}
    assert measures["distance_nm"] == pytest.approx(60.04, abs=0.01)
    assert measures["implied_speed_kn"] == pytest.approx(6.004, abs=0.001)
    assert measures["off_dead_reckoning_nm"] == pytest.approx(100 - 60.04, abs=0.1)
    semi_minor_nm = np.sqrt(50**2 - 30.02**2)
    assert measures["reachable_area_nm2"] == pytest.approx(np.pi * 50 * semi_minor_nm, rel=1e-3)


def test_both_definitions_give_one_event_that_names_both():
    longer = heard(211000001, [(OFF, OFF + 13 * HOUR)])
    for one, presets in ((longer, "default,gfw"), (suspect(), "default")):
        (event,), _ = found(one, *others(), presets=("default", "gfw"))
        assert event["preset"] == presets
    (alone,), _ = found(longer, presets=("default", "gfw"))
    assert alone["preset"] == "gfw"
    assert json.loads(alone["measures"])["duration_h"]["rule"] == ">"


@pytest.mark.parametrize(
    ("hours", "presets", "threshold"),
    [
        (4.0, None, None),
        (4.5, "starboard", 4.0),
        (12.0, "starboard", 4.0),
        (13.0, "gfw,starboard", 12.0),
    ],
)
def test_the_length_alone(hours, presets, threshold):
    silent = heard(211000001, [(OFF, OFF + round(hours * HOUR))])
    final, _ = found(silent, presets=("gfw", "starboard"))
    assert [event["preset"] for event in final] == ([presets] if presets else [])
    for event in final:
        assert json.loads(event["measures"])["duration_h"]["threshold"] == threshold
        assert f"held against {threshold:g} h (" in event["explanation"]


def test_an_open_gap_of_the_length_alone():
    gone = heard(211000001, end=OFF)
    _, open_ = found(gone, *others(lat=20.0, end=OFF + 5 * HOUR), presets=("starboard",))
    assert [event["mmsi"] for event in open_] == [211000001]
