import json

import numpy as np
import pytest

from detect_tables import DAY, HOUR, T0, cut_at, events_of, fixes, slice_of, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.loitering import LoiteringDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.detect import make_detector
from vesseltrack.detect.loitering import shape_name
from vesseltrack.detect.reports import is_apart, is_due
from vesseltrack.schema import Quality

MINUTE = HOUR // 60
DEG_PER_NM = 1 / 60.04  # of latitude on the sphere of the design


def stay(hours=24.0, *, speed_kn=0.5, step_min=10.0, start=T0, **columns):
    """A vessel going north slowly, with an hour at 12 kn before and after."""
    step = round(step_min * MINUTE)
    t_us = np.arange(start - HOUR, start + round(hours * HOUR) + HOUR + 1, step)
    fast_h = np.clip((t_us - start) / HOUR, -1, 0) + np.clip(
        (t_us - start) / HOUR - hours, 0, None
    )
    slow_h = np.clip((t_us - start) / HOUR, 0, hours)
    lat = 50.0 + DEG_PER_NM * (12 * fast_h + speed_kn * slow_h)
    return track(211000001, t_us, lat, 3.0, **columns)


def found(*tracks, vessels_table=None, presets=None, config=None):
    detector = make_detector("loitering", config or DetectConfig(), presets)
    final, open_ = events_of(detector, cut_at(fixes(*tracks), []), vessels_table)
    return final + open_


def test_a_day_offshore_is_one_event_with_its_measures():
    (event,) = found(stay(24.0, shore_m=90_000.0))
    measures = json.loads(event["measures"])
    assert event["start"].timestamp() * 1e6 == T0
    assert event["duration_h"] == pytest.approx(24.0)
    assert event["status"] == "final"
    assert measures["duration_h"]["margin"] == pytest.approx(23.0)
    assert measures["mean_speed_kn"]["value"] == pytest.approx(0.5, rel=0.001)
    assert measures["min_shore_nm"]["value"] == pytest.approx(90_000 / 1852, rel=1e-5)
    assert measures["path_nm"]["value"] == pytest.approx(12.0, rel=0.001)
    assert measures["net_nm"]["value"] == pytest.approx(12.0, rel=0.001)
    assert measures["spread_nm"]["value"] == pytest.approx(12 / np.sqrt(12), rel=0.02)
    assert measures["shape"]["value"] == "drifting"
    assert measures["n_positions"]["value"] == 145
    assert event["lat"] == pytest.approx(50.0 + 6 * DEG_PER_NM, abs=0.001)
    assert "24.0 h (2024-03-01 00:00 to 2024-03-02 00:00 UTC)" in event["explanation"]


@pytest.mark.parametrize(
    ("hours", "speed_kn", "n_events"),
    [(1.0, 0.5, 1), (5 / 6, 0.5, 0), (3.0, 1.9, 1), (3.0, 2.1, 0)],
)
def test_its_limits(hours, speed_kn, n_events):
    assert len(found(stay(hours, speed_kn=speed_kn))) == n_events


@pytest.mark.parametrize(
    "columns",
    [
        {"shore_m": 3 * 1852.0},
        {"port_m": 5000.0},
        {"anchorage_m": 4000.0},
        {"shore_m": np.nan},
        {"port_m": np.nan},
    ],
    ids=["at 3 nm", "at a port", "at an anchorage", "shore unknown", "port unknown"],
)
def test_where_it_is_none(columns):
    # A distance that tracks cannot give would come as NaN; it must never raise a flag.
    columns = {name: np.float64(value) for name, value in columns.items()}
    if any(np.isnan(value) for value in columns.values()):
        table = fixes(stay())
        name = next(iter(columns))
        column = np.full(table.num_rows, np.nan, dtype=np.float32)
        table = table.set_column(table.column_names.index(name), name, [column])
        detector = make_detector("loitering", DetectConfig())
        assert detector.push(slice_of(table), T0 + 2 * DAY).num_rows == 0
    else:
        assert found(stay(**columns)) == []


def test_an_anchored_vessel_lies_still_and_a_dragging_one_does_not():
    assert found(stay(speed_kn=0.1, nav_status=1)) == []
    assert found(stay(speed_kn=0.1, nav_status=5)) == []
    assert len(found(stay(speed_kn=0.1, nav_status=0))) == 1
    assert len(found(stay(speed_kn=1.0, nav_status=1))) == 1


def test_position_noise_between_reports_of_seconds_breaks_nothing():
    rng = np.random.default_rng(5)
    t_us = T0 + np.arange(0, 4 * HOUR, 5_000_000)
    noise_m = rng.normal(0, 10, (2, t_us.size))
    lat, lon = 50 + noise_m[0] / 111_195, 3 + noise_m[1] / (111_195 * np.cos(np.radians(50)))
    successive = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) / 5 * 3600 / 1852
    assert np.median(successive) > 2  # speeds between the reports themselves are noise
    (event,) = found(track(211000001, t_us, lat, lon))
    assert event["duration_h"] > 3.8
    assert json.loads(event["measures"])["n_positions"]["value"] > 2700


def test_reports_are_about_ten_minutes_apart():
    minutes = np.array([0, 9, 11, 14, 19, 21, 30, 50])
    rows = {"key": np.ones(8, dtype=np.int64), "t_us": T0 + minutes * MINUTE}
    new = np.ones(8, dtype=bool)
    due = is_due(rows, new, 10 * MINUTE)
    assert minutes[due].tolist() == [0, 11, 21, 30, 50]
    opened = {name: column[due] for name, column in rows.items()}
    kept = is_apart(opened, new[due], 10 * MINUTE)
    assert minutes[due][kept].tolist() == [0, 11, 21, 30, 50]
    late = {"key": np.ones(3, dtype=np.int64), "t_us": T0 + np.array([9, 10, 20]) * MINUTE}
    assert is_apart(late, np.ones(3, dtype=bool), 10 * MINUTE).tolist() == [True, False, True]


def test_a_doubtful_position_changes_nothing():
    def spoilt(quality, **changes):
        one = stay()
        one["quality"] = np.where(np.arange(one["lat"].size) == 50, quality, 0)
        for name, value in changes.items():
            one[name][50] = value
        return found(one)

    (counted,) = spoilt(0, lat=55.0)
    assert json.loads(counted["measures"])["n_positions"]["value"] == 145
    (event,) = spoilt(int(Quality.SPIKE), lat=55.0)
    (plain,) = found(stay())
    assert (event["start"], event["end"]) == (plain["start"], plain["end"])
    assert json.loads(event["measures"])["n_positions"]["value"] == 144


def test_working_craft_loiter_for_a_living():
    def confidence(ship_type):
        table = vessels({"vessel_id": "211000001", "ship_type": ship_type})
        (event,) = found(stay(), vessels_table=table)
        return event["confidence"], json.loads(event["innocent"])["holds"]

    trader, tug = confidence(70), confidence(52)
    assert trader[1] == []
    assert tug == (pytest.approx(trader[0] / 3, rel=1e-4), ["working_craft"])


def test_a_stay_that_has_not_ended_is_open_and_keeps_its_identifier():
    table = fixes(stay(6.0))
    half = table.slice(0, table.num_rows // 2)
    detector = make_detector("loitering", DetectConfig())
    assert detector.push(slice_of(half), T0).num_rows == 0
    (open_event,) = detector.flush().to_pylist()
    assert (open_event["status"], open_event["is_open"]) == ("open", True)
    rest = table.slice(table.num_rows // 2)
    (closed,) = detector.push(slice_of(rest), T0 + DAY).to_pylist()
    assert closed["event_id"] == open_event["event_id"]
    assert closed["duration_h"] > open_event["duration_h"]


def test_time_alone_closes_a_stay():
    table = fixes({name: column[6:20] for name, column in stay(6.0).items()})
    last_us = table["timestamp"].cast("int64").to_numpy()[-1]
    detector = make_detector("loitering", DetectConfig())
    assert detector.push(slice_of(table), int(last_us)).num_rows == 0
    assert detector.push(slice_of(), int(last_us + 8 * HOUR)).num_rows == 0
    assert detector.push(slice_of(), int(last_us + 8 * HOUR + 1)).num_rows == 1
    assert detector.flush().num_rows == 0


def test_sparse_reports_lower_the_confidence():
    (dense,), (sparse,) = found(stay()), found(stay(step_min=120.0))
    assert json.loads(sparse["measures"])["coverage_frac"]["value"] == 0.0
    assert json.loads(dense["measures"])["coverage_frac"]["value"] == 1.0
    assert sparse["confidence"] == pytest.approx(dense["confidence"] / 2, rel=0.05)


def test_a_new_segment_is_a_new_stay():
    two = stay(6.0)
    two["segment"] = two["segment"] + (two["timestamp"] > T0 + 3 * HOUR)
    assert sorted(e["duration_h"] for e in found(two)) == pytest.approx([17 / 6, 3.0])


@pytest.mark.parametrize(
    ("measured", "name"),
    [
        ((0.4, 0.3, 9.0, 8.0), "station keeping"),
        ((3.0, 9.0, 10.0, 0.0), "drifting"),
        ((3.0, 1.0, 40.0, 2.5), "circling"),
        ((3.0, 1.0, 12.0, 0.4), "wandering"),
    ],
)
def test_names_of_shapes(measured, name):
    assert shape_name(*measured, LoiteringDefault()) == name


def test_a_vessel_going_round_and_round_is_circling():
    t_us = T0 + np.arange(0, 12 * HOUR, 10 * MINUTE)
    angle = 2 * np.pi * np.arange(t_us.size) / 18  # a round in 3 h
    lat = 50 + np.cos(angle) * 0.8 * DEG_PER_NM
    lon = 3 + np.sin(angle) * 0.8 * DEG_PER_NM / np.cos(np.radians(50))
    (event,) = found(track(211000001, t_us, lat, lon))
    measures = json.loads(event["measures"])
    assert measures["shape"]["value"] == "circling"
    assert measures["turns"]["value"] == pytest.approx(71 / 18, rel=0.05)
    assert measures["spread_nm"]["value"] == pytest.approx(0.8, rel=0.02)


def test_across_the_date_line_as_anywhere():
    here, there = stay(), stay()
    there["lon"] = (there["lon"] + 176.9999 + 180) % 360 - 180
    there["lon"] = np.where(np.arange(there["lon"].size) % 2, -179.9999, 179.9999)
    (plain,), (wrapped,) = found(here), found(there)
    assert wrapped["duration_h"] == plain["duration_h"]
    assert json.loads(wrapped["measures"])["net_nm"]["value"] == pytest.approx(12.0, rel=0.01)
    assert abs(wrapped["lon"]) == pytest.approx(180, abs=0.001)


def test_both_definitions_side_by_side():
    events = found(stay(6.0, shore_m=50 * 1852.0), presets=("default", "gfw"))
    assert sorted(event["preset"] for event in events) == ["default", "gfw"]
    assert len({event["event_id"] for event in events}) == 2


def test_gfw_asks_for_twenty_miles_from_shore_on_average():
    assert len(found(stay(6.0, shore_m=20.01 * 1852.0), presets=("gfw",))) == 1
    assert found(stay(6.0, shore_m=19.9 * 1852.0), presets=("gfw",)) == []


def test_gfw_counts_the_hours_under_way_when_asked_in_between():
    table = fixes(stay(6.0, step_min=20))
    t_us = table["timestamp"].cast("int64").to_numpy()
    half = table.slice(0, int(np.searchsorted(t_us, T0 + 3 * HOUR + 40 * MINUTE)))
    detector = make_detector("loitering", DetectConfig(), ("gfw",))
    detector.push(slice_of(half), T0)
    first = detector.flush().to_pylist()
    # The first hour holds the last fast interval, so the event begins with its last message.
    assert [(e["status"], round(e["duration_h"], 3)) for e in first] == [("open", 2.667)]
    assert detector.flush().to_pylist() == first


@pytest.mark.parametrize(
    ("columns", "holds"),
    [
        ({}, ["may_lie_at_anchor"]),
        ({"nav_status": 0}, []),  # under way, it says
        ({"speed_kn": 0.6}, []),  # it moves away
        ({"shore_m": 13 * 1852.0}, []),  # too far out
    ],
)
def test_without_a_status_a_vessel_that_lies_still_near_the_shore_may_be_at_anchor(columns, holds):
    (event,) = found(stay(2.0, **{"speed_kn": 0.1, "shore_m": 5 * 1852.0, **columns}))
    assert json.loads(event["innocent"])["holds"] == holds


def with_false_report(kind, ship, row):
    """The stay with one report that is wrong about one thing."""
    wrong = {name: column.copy() for name, column in ship.items()}
    if kind == "place":
        wrong["lat"][row] += 1.5 * DEG_PER_NM
    elif kind == "shore":
        wrong["lat"][row], wrong["shore_m"][row] = wrong["lat"][row] + DEG_PER_NM, 2000.0
    elif kind == "status":
        wrong["nav_status"][row] = 1
    return wrong


@pytest.mark.parametrize("kind", ["place", "shore", "status"])
@pytest.mark.parametrize("row", [9, 18, 27])
@pytest.mark.parametrize("is_cut", [False, True])
def test_a_single_false_report_does_not_cut_a_stay(kind, row, is_cut):
    ship = stay(4.0, speed_kn=0.3, nav_status=0)
    (expected,) = found(ship)
    table = fixes(with_false_report(kind, ship, row))
    detector = make_detector("loitering", DetectConfig())
    cuts = range(table.num_rows) if is_cut else []
    final, open_ = events_of(detector, cut_at(table, list(cuts)))
    (event,) = final + open_
    for name in ("event_id", "start", "end", "duration_h"):
        assert event[name] == expected[name]


def test_two_false_reports_in_a_row_end_a_stay():
    ship = stay(4.0, speed_kn=0.3)
    wrong = with_false_report("place", with_false_report("place", ship, 18), 19)
    assert len(found(wrong)) == 2


def test_a_stay_that_goes_on_elsewhere_is_another():
    ship = stay(4.0, speed_kn=0.3)
    ship["lat"][18:] += 1.5 * DEG_PER_NM
    assert len(found(ship)) == 2
