"""Planted jumps, circles, frozen positions and land, at their limits."""

import itertools
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect_tables import HOUR, T0, US, fixes, slice_of, strays, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.detect import make_detector
from vesseltrack.detect.spoof_circle import drawn_through

SHIP, MINUTE = "211000001", 60 * US
KN_DEG_PER_MIN = 1 / 60 / 60  # a knot, as degrees of latitude a minute
VESSELS = vessels({"vessel_id": SHIP, "ship_type": 70})


def passage(minutes=300, step_min=2, speed_kn=12.0, ship=SHIP, lon=-30.0, **columns):
    t_min = np.arange(0, minutes, step_min)
    lat = 40.0 + t_min * speed_kn * KN_DEG_PER_MIN
    return track(ship, T0 + t_min * MINUTE, lat, lon, **{"sog_kn": speed_kn, **columns})


def away(whole, first, n, north=1.0, east=0.0):
    """A passage of which `n` fixes from one on are reported elsewhere [deg]."""
    moved = {name: column.copy() for name, column in whole.items()}
    moved["lat"][first : first + n] += north
    moved["lon"][first : first + n] += east
    return moved


def rows_of(whole, chosen):
    return {name: column[chosen] for name, column in whole.items()}


def circling(hours=5.0, radius_nm=0.4, step_min=2, speed_kn=9.0, off_frac=0.0, ship=SHIP):
    """A vessel sent round and round, each report off the circle by as much on either side."""
    t_min = np.arange(0, hours * 60 + 1e-9, step_min)
    angle = t_min / 60 * speed_kn / radius_nm
    radius_deg = radius_nm / 60 * (1 + off_frac * np.where(np.arange(t_min.size) % 2, 1, -1))
    lat = 40.0 + radius_deg * np.sin(angle)
    lon = -30.0 + radius_deg * np.cos(angle) / np.cos(np.radians(40.0))
    t_us = T0 + np.rint(t_min * MINUTE).astype(np.int64)
    return track(ship, t_us, lat, lon, sog_kn=speed_kn)


def found(fixes_table, strays_table=None, vessels_table=VESSELS, **values):
    """Final and open events, each as (form, event, measures)."""
    rule = DetectConfig().position_spoofing.default
    detector = make_detector("position_spoofing", DetectConfig())
    assert set(values) <= set(vars(rule))
    batch = slice_of(fixes_table, vessels_table, strays_table=strays_table)
    rows = [*detector.push(batch, 0).to_pylist(), *detector.flush().to_pylist()]
    told = [(row, json.loads(row["measures"])) for row in rows]
    return [(measures["form"]["value"], row, measures) for row, measures in told]


def forms(*args, **kwargs):
    return [form for form, _, _ in found(*args, **kwargs)]


def test_an_excursion_in_the_track_is_one_teleport():
    whole = away(passage(), 60, 20)
    ((form, event, measures),) = found(fixes(whole))
    assert (form, event["status"]) == ("teleport", "final")
    assert event["start"].timestamp() * US == whole["timestamp"][60]
    assert event["end"].timestamp() * US == whole["timestamp"][79]
    assert event["lat"] == whole["lat"][59], "the place that is believed stands for it"
    assert measures["n_reports"]["value"] == 20
    out_m = great_circle_m(*(whole[name][row] for row in (59, 60) for name in ("lat", "lon")))
    assert measures["away_nm"]["value"] == pytest.approx(out_m / 1852, rel=1e-5)
    assert measures["out_kn"]["value"] == pytest.approx(out_m / 1852 * 30, rel=1e-5)


def test_stray_fixes_that_agree_are_the_same_teleport():
    whole = away(passage(), 60, 20)
    is_away = (np.arange(150) >= 60) & (np.arange(150) < 80)
    split = found(fixes(rows_of(whole, ~is_away)), strays(rows_of(whole, is_away)))
    assert split == found(fixes(whole))


@pytest.mark.parametrize(("n", "expected"), [(1, []), (2, []), (3, ["teleport"])])
def test_one_or_two_fixes_elsewhere_are_bad_data(n, expected):
    assert forms(fixes(away(passage(), 60, n))) == expected


def test_single_false_fixes_do_not_cut_an_excursion():
    whole = away(away(away(passage(), 60, 20), 66, 1, north=5.0), 30, 1, north=-7.0)
    ((_, event, measures),) = found(fixes(whole))
    assert event["end"].timestamp() * US == whole["timestamp"][79]
    assert measures["n_places"]["value"] == 1


def test_fixes_that_do_not_agree_are_no_place():
    scattered = away(passage(), 60, 20)
    scattered["lat"][60:80] += np.arange(20) * 1.5
    assert forms(fixes(scattered)) == []


@pytest.mark.parametrize(("nm", "expected"), [(4.5, []), (6.0, ["teleport"])])
def test_what_is_near_is_no_teleport(nm, expected):
    assert (
        forms(fixes(away(passage(step_min=1), 60, 20, north=0.0, east=nm / 60 / 0.76))) == expected
    )


def test_a_vessel_that_stays_away_did_not_come_back():
    assert forms(fixes(away(passage(), 60, 1000))) == []


def test_within_an_hour_of_the_track_or_not_at_all():
    whole = away(passage(600), 60, 20, north=3.0)
    for silent, expected in ((29, ["teleport"]), (31, [])):
        kept = np.ones(300, dtype=bool)
        kept[60 - silent : 60] = False
        assert forms(fixes(rows_of(whole, kept))) == expected


def test_a_fast_craft_is_no_teleport():
    assert forms(fixes(passage(speed_kn=49.0))) == []


def test_several_that_jump_at_once_are_a_jamming_area():
    fleet = [away(passage(ship=f"21100000{n}", lon=-30 + 0.1 * n), 60, 20) for n in (1, 2, 3)]
    alone = found(fixes(fleet[0]))
    two, three = found(fixes(*fleet[:2])), found(fixes(*fleet))
    held = [json.loads(event["innocent"])["holds"] for _, event, _ in [*alone, *two, *three]]
    assert held == [[], [], [], *([["jamming_area"]] * 3)]
    assert {measures["n_others_jumping"]["value"] for _, _, measures in three} == {2}
    assert three[0][1]["confidence"] < alone[0][1]["confidence"]


def test_others_far_away_or_hours_later_have_nothing_to_do_with_it():
    fleet = [away(passage(ship=f"21100000{n}", lon=-30 + 2.0 * n), 60, 20) for n in (1, 2, 3)]
    later = [away(passage(600, ship=f"21100000{n}"), 60 * n, 20) for n in (1, 2, 3)]
    for ships in (fleet, later):
        events = found(fixes(*ships))
        assert len(events) == 3
        assert {measures["n_others_jumping"]["value"] for _, _, measures in events} == {0}


def test_a_circle_for_hours():
    ((form, event, measures),) = found(fixes(circling()))
    assert form == "circle"
    assert measures["radius_m"]["value"] == pytest.approx(0.4 * 1852, rel=0.01)
    assert measures["duration_h"]["value"] == pytest.approx(5.0)
    assert (event["lat"], event["lon"]) == pytest.approx((40.0, -30.0), abs=1e-4)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"hours": 4.0}, ["circle"]),
        ({"hours": 3.9}, []),
        ({"radius_nm": 0.95}, ["circle"]),
        ({"radius_nm": 1.05}, []),
        ({"radius_nm": 0.02}, []),
        ({"speed_kn": 3.2}, ["circle"]),
        ({"speed_kn": 3.0}, []),
        ({"off_frac": 0.08}, ["circle"]),
        ({"off_frac": 0.12}, []),
        ({"step_min": 40, "speed_kn": 8.3}, ["circle"]),
    ],
)
def test_limits_of_a_circle(case, expected):
    assert forms(fixes(circling(**case))) == expected


def test_a_circle_in_the_middle_of_a_passage_begins_and_ends_with_it():
    ring = circling()
    before = passage(120)
    before["timestamp"] -= 120 * MINUTE
    before["lat"] -= 0.4
    before["lon"] = np.full(60, ring["lon"][0])
    after = passage(120)
    after["timestamp"] += ring["timestamp"][-1] - T0 + 2 * MINUTE
    ((_, event, _),) = found(fixes(before, ring, after))
    assert abs(event["start"].timestamp() * US - T0) <= 6 * MINUTE
    assert abs(event["end"].timestamp() * US - ring["timestamp"][-1]) <= 6 * MINUTE


@pytest.mark.parametrize(("hours", "n_others"), [(7.0, 0), (8.0, 1)])
def test_a_circle_counts_with_others_once_nothing_can_extend_it(hours, n_others):
    """Counted from its last report, the number would hang on how the fixes were cut."""
    events = found(fixes(circling(5.0), circling(hours, ship="211000002")))
    of_longer = [measures for _, event, measures in events if event["mmsi"] == 211000002]
    assert [measures["n_others_jumping"]["value"] for measures in of_longer] == [n_others]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_what_works_to_and_fro_runs_no_circle(seed):
    """A trawler's turns: straight tows of half an hour within two miles, at 3.5 kn."""
    rng = np.random.default_rng(seed)
    east, north, course = [0.0], [0.0], rng.uniform(0, 2 * np.pi)
    for minute in range(2, 420, 2):
        if minute % 30 == 0:
            course += np.pi + rng.normal(0, 0.4)
        east.append(east[-1] + 3.5 / 30 * np.sin(course))
        north.append(north[-1] + 3.5 / 30 * np.cos(course))
    t_us = T0 + np.arange(0, 420, 2) * MINUTE
    lon = -30 + np.array(east) / 60 / np.cos(np.radians(40.0))
    trawler = track(SHIP, t_us, 40 + np.array(north) / 60, lon, sog_kn=3.5)
    assert forms(fixes(trawler)) == []


def test_a_vessel_that_works_in_rounds_is_named():
    fishing = vessels({"vessel_id": SHIP, "ship_type": 30})
    ((_, event, _),) = found(fixes(circling()), vessels_table=fishing)
    assert json.loads(event["innocent"])["holds"] == ["circles_at_work"]


@settings(max_examples=30, deadline=None)
@given(
    radius_m=st.floats(50, 2000),
    centre=st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)),
    n=st.integers(4, 40),
)
def test_the_circle_through_points_of_a_circle_is_that_circle(radius_m, centre, n):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    drawn = drawn_through(
        centre[0] + radius_m * np.sin(angle), centre[1] + radius_m * np.cos(angle)
    )
    assert (drawn.east_m, drawn.north_m) == pytest.approx(centre, abs=1e-4)
    assert drawn.radius_m == pytest.approx(radius_m, rel=1e-6)
    assert drawn.off_m == pytest.approx(0.0, abs=1e-4)
    assert drawn.hole_deg == pytest.approx(360 / n, rel=1e-6)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, ["frozen"]),
        ({"minutes": 122}, []),  # the last report comes at 120 minutes: not more than two hours
        ({"minutes": 124}, ["frozen"]),
        ({"sog_kn": 0.5}, []),
        ({"sog_kn": 0.6, "minutes": 180}, []),  # what it would have sailed is within the digits
        ({"sog_kn": np.nan}, []),
        ({"quality": 128}, []),
    ],
)
def test_limits_of_a_frozen_position(case, expected):
    values = {"minutes": 300, "sog_kn": 8.0, **case}
    assert forms(fixes(passage(speed_kn=0.0, **values))) == expected


def test_a_position_that_trembles_is_not_frozen():
    trembling = passage(speed_kn=0.0, sog_kn=8.0)
    trembling["lat"][::20] += 1e-6
    assert forms(fixes(trembling)) == []


def on_land(n=20, lat=64.5, lon=27.0, **columns):
    """A passage in the Gulf of Bothnia with reports from the middle of Finland."""
    whole = passage(600, lon=22.0)
    whole["lat"] = 63.0 + (whole["lat"] - 40.0) / 10
    middle = slice(150, 150 + n)
    whole["lat"][middle], whole["lon"][middle], whole["shore_m"][middle] = lat, lon, 0.0
    for name, value in columns.items():
        whole[name][middle] = value
    return whole


def test_a_trip_over_land():
    events = found(fixes(on_land()))
    assert sorted(form for form, _, _ in events) == ["on_land", "teleport"]
    _, event, measures = max(events, key=lambda event: event[0] == "on_land")
    assert (event["lat"], event["lon"]) == (64.5, 27.0)
    assert measures["inland_km"]["value"] == pytest.approx(80, abs=15)
    assert measures["water_frac"]["value"] == 0.0


@pytest.mark.parametrize(
    "columns",
    [
        {"port_m": 2900.0},  # a harbour
        {"anchorage_m": 2900.0},
        {"sog_kn": 0.2},  # a berth
        {"lat": 63.9, "lon": 23.2},  # on the coast: closer than the mask can tell
        {"n": 2},
        {"n": 150},  # the data end on land
    ],
    ids=["port", "anchorage", "berth", "shore", "two reports", "never at sea again"],
)
def test_no_trip_over_land(columns):
    assert "on_land" not in forms(fixes(on_land(**columns)))


def test_land_where_others_sail_is_water():
    lake = passage(600, ship="211000009", sog_kn=0.2)
    lake["lat"][:], lake["lon"][:], lake["shore_m"][:] = 64.5, 27.0, 0.0
    lake["timestamp"] -= 10 * HOUR
    assert forms(fixes(lake, on_land())) == ["teleport"]
    assert "on_land" in forms(fixes(lake, on_land(lat=64.9)))


def test_a_vessel_that_was_never_at_sea_is_inland():
    inland = on_land()
    inland["shore_m"][:] = 0.0
    assert forms(fixes(inland)) == ["teleport"]


def by_time(table: pa.Table, low_us: int, high_us: int) -> pa.Table:
    t_us = table["timestamp"].cast(pa.int64())
    return table.filter(pc.and_(pc.greater_equal(t_us, low_us), pc.less(t_us, high_us)))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    cuts=st.lists(st.integers(1, 599), max_size=12, unique=True),
)
def test_strays_and_fixes_cut_at_any_time_give_the_same_events(seed, cuts):
    rng = np.random.default_rng(seed)
    tracks, odd = [], []
    for ship in (SHIP, "211000002", "211000003"):
        whole = passage(600, ship=ship)
        is_stray = np.zeros(300, dtype=bool)
        for first, n in zip(rng.integers(10, 280, 8), rng.integers(1, 20, 8), strict=True):
            whole = away(whole, int(first), int(n), north=float(rng.choice([1.0, 4.0])))
            is_stray[first : first + n] = n < 8
        tracks.append(rows_of(whole, ~is_stray))
        odd.append(rows_of(whole, is_stray))
    all_fixes, all_strays = fixes(*tracks), strays(*odd)
    one = make_detector("position_spoofing", DetectConfig())
    expected = one.push(slice_of(all_fixes, VESSELS, strays_table=all_strays), 0).to_pylist()
    cut = make_detector("position_spoofing", DetectConfig())
    rows, edges = (
        [],
        [T0 - 1, *(T0 + minute * MINUTE for minute in sorted(cuts)), T0 + 600 * MINUTE],
    )
    for low_us, high_us in itertools.pairwise(edges):
        parts = [by_time(table, low_us, high_us) for table in (all_fixes, all_strays)]
        rows += cut.push(slice_of(parts[0], VESSELS, strays_table=parts[1]), high_us).to_pylist()
    by_id = [sorted(events, key=lambda row: row["event_id"]) for events in (rows, expected)]
    assert by_id[0] == by_id[1]
    assert expected
