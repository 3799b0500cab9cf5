"""The set of the water that ships show, and what follows from it for a packet adrift."""

import dataclasses
import itertools
import json

import numpy as np
import pytest

from detect_tables import DAY, HOUR, T0, cut_at, events_of, fixes, key, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.drop_pickup import DropPickupConfig, DropPickupDefault
from vesseltrack.core.drift import Drift
from vesseltrack.core.e_values import tilted_density_2d
from vesseltrack.currents import currents_id
from vesseltrack.detect import make_detector
from vesseltrack.detect.pickup_odds import pickup_density
from vesseltrack.detect.saved import under
from vesseltrack.detect.set_of_water import SetOfWater, offset_km

MINUTE = 60_000_000
A, B = 211000001, 211000002
RULE = DropPickupDefault()
SHIPS = vessels(
    {"vessel_id": str(A), "length_m": 200.0, "ship_type": 70},
    {"vessel_id": str(B), "length_m": 9.0, "ship_type": 37},
)
KM_PER_DEG = 111.195
PLACE = (57.0, 4.0)
DROPPED = T0 + 9 * DAY
EAST_KN = 0.8  # of the water


def at(east_km, north_km):
    lat = PLACE[0] + np.asarray(north_km) / KM_PER_DEG
    return lat, PLACE[1] + np.asarray(east_km) / KM_PER_DEG / np.cos(np.radians(PLACE[0]))


def straight(vessel, middle_us, course_deg, *, speed_kn=14.0, off_km=(0.0, 0.0), **columns):
    """Two hours and a half on one course, half way at a place at a time; a fix a minute."""
    minutes = np.arange(-75, 76)
    km = minutes / 60 * speed_kn * 1.852
    course = np.radians(course_deg)
    lat, lon = at(off_km[0] + km * np.sin(course), off_km[1] + km * np.cos(course))
    motion = {"sog_kn": speed_kn, "cog_deg": course_deg}
    return track(vessel, middle_us + minutes * MINUTE, lat, lon, **(motion | columns))


def passing(n=24, *, knows=True):
    """Ships about the place for hours, that head up against the water as it sets east."""
    rng = np.random.default_rng(4)
    tracks = []
    for number in range(n):
        course_deg = float(rng.uniform(0, 360))
        crab_deg = np.degrees(EAST_KN / 14.0) * np.cos(np.radians(course_deg)) if knows else 0.0
        heading_deg = round(course_deg - crab_deg + rng.normal(0, 1.0)) % 360
        tracks.append(
            straight(
                219000100 + number,
                DROPPED + round(rng.uniform(-4, 3) * HOUR),
                course_deg,
                off_km=tuple(rng.uniform(-20, 20, 2)),
                heading_deg=float(heading_deg),
            )
        )
    return tracks


def dropper():
    """On passage north, slow for twelve minutes about the place."""
    knots = np.concatenate((np.full(80, 14.0), np.full(12, 2.0), np.full(80, 14.0)))
    km = np.concatenate(([0.0], np.cumsum(knots / 60 * 1.852)))
    lat, lon = at(0.0, km - km[86])
    return track(A, DROPPED + (np.arange(km.size) - 86) * MINUTE, lat, lon)


def boat(hours, east_km, north_km=0.0):
    """Out for 45 min, eight minutes there, and back."""
    knots = np.concatenate((np.full(45, 20.0), np.full(8, 0.2), np.full(45, -20.0)))
    km = np.concatenate(([0.0], np.cumsum(knots / 60 * 1.852)))
    lat, lon = at(east_km + km - km[45], north_km)
    return track(B, DROPPED + round(hours * HOUR) + (np.arange(km.size) - 45) * MINUTE, lat, lon)


def background():
    """A tanker far away, every ten minutes: days of reception."""
    n = 14 * 144
    return track(219000001, T0 + np.arange(n) * 10 * MINUTE, 40 + np.arange(n) * 1e-2 % 5, -30.0)


def found(*tracks, rule=RULE):
    table = fixes(background(), dropper(), *tracks)
    config = DetectConfig(drop_pickup=DropPickupConfig(rule))
    final, open_ = events_of(make_detector("drop_pickup", config), cut_at(table, []), SHIPS)
    return final + open_


@pytest.fixture
def a_current(tmp_path):
    """Settings with a field that runs so fast to the east, from an hour before to seven after."""

    def made(east_kn, sigma_kn=None, *, hours=(-1, 2, 7)):
        lines = ["time,lat,lon,east_mps,north_mps" + ("" if sigma_kn is None else ",sigma_kn")]
        for hour, lat, lon in itertools.product(hours, (56, 57, 58), (2, 4, 6)):
            time = np.datetime64(DROPPED + hour * HOUR, "us")
            row = f"{time}Z,{lat},{lon},{east_kn * 1852 / 3600},0"
            lines.append(row + ("" if sigma_kn is None else f",{sigma_kn}"))
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return dataclasses.replace(RULE, currents=str(path))

    return made


THREE_HOURS_EAST_KM = 3 * EAST_KN * 1.852


def test_a_packet_is_found_where_ships_show_that_the_water_took_it():
    fetch = boat(3.0, THREE_HOURS_EAST_KM)
    (event,) = found(fetch, *passing())
    measures = json.loads(event["measures"])
    assert (event["mmsi"], event["other_mmsi"]) == (A, B)
    assert measures["n_ships_showing_set"]["value"] >= 15
    assert measures["distance_km"]["value"] == pytest.approx(THREE_HOURS_EAST_KM, abs=0.3)
    assert measures["off_drift_km"]["value"] < 1.5  # little is known beforehand of 0.8 kn
    assert found(fetch) == []  # nobody shows it
    assert found(fetch, *passing(knows=False)) == []  # they show still water
    assert found(boat(3.0, -THREE_HOURS_EAST_KM), *passing()) == []


def test_what_lies_where_it_was_left_is_found_whatever_the_water_does():
    assert len(found(boat(6.0, 0.0), *passing())) == 1


def a_fold(*tracks, rule=RULE):
    water = SetOfWater(rule)
    for one in tracks:
        rows = {name: one[name] for name in ("lat", "lon", "sog_kn", "cog_deg", "heading_deg")}
        n = one["lat"].size
        keys = np.full(n, one["vessel_key"][0])
        rows |= {"key": keys, "t_us": one["timestamp"], "port_m": one["port_m"]}
        water.push(rows, np.arange(n - 1), np.arange(1, n), 0)
    return water


BROKE = {"key": key(A), "t_us": DROPPED, "lat": PLACE[0], "lon": PLACE[1]}


def visit(hours, who=B):
    return {"key": key(who), "start_us": DROPPED + round(hours * HOUR), "lat": 57.1, "lon": 4.1}


def test_the_drift_is_that_of_the_water():
    drift = a_fold(*passing(40)).drift(BROKE, visit(3.0))
    off_km = drift.mean_km - [THREE_HOURS_EAST_KM, 0.0]
    assert off_km @ np.linalg.solve(drift.covariance_km2, off_km) < 9.21  # 99 of 100
    assert drift.mean_km[0] > 0.7 * THREE_HOURS_EAST_KM
    free_km = np.hypot(0.5, 0.45 * 1.852 * 3 / np.sqrt(2))
    assert np.sqrt(np.diag(drift.covariance_km2)).max() < 0.6 * free_km


def test_what_is_received_after_a_visit_began_or_from_the_visitor_plays_no_part():
    ships = passing()
    before = a_fold(*ships).drift(BROKE, visit(2.0))
    late = straight(219000999, DROPPED + round(3.4 * HOUR), 90.0, heading_deg=80.0)
    hers = straight(B, DROPPED, 90.0, heading_deg=88.0)
    after = a_fold(*ships, late, hers).drift(BROKE, visit(2.0))
    assert after.mean_km.tolist() == before.mean_km.tolist()
    another = a_fold(*ships, hers).drift(BROKE, visit(2.0, who=219000998))
    assert another.n_ships == before.n_ships + 1


@pytest.mark.parametrize(
    "columns",
    [
        {"heading_deg": np.nan},
        {"heading_deg": 60.0},  # so far off her course that she has no way on
        {"heading_deg": np.arange(151) % 2 * 8.0},  # turning
        {"heading_deg": 2.0, "speed_kn": 6.0},
        {"heading_deg": 2.0, "port_m": 3000.0},
    ],
)
def test_who_shows_nothing(columns):
    water = a_fold(straight(219000101, DROPPED, 0.0, **columns))
    assert water.is_unknown
    assert water.drift(BROKE, visit(1.0)) is None
    assert not a_fold(straight(219000101, DROPPED, 0.0, heading_deg=2.0)).is_unknown


def test_a_ship_shows_one_set_an_hour():
    water = a_fold(straight(219000101, DROPPED + 30 * MINUTE, 0.0, heading_deg=2.0))
    sets = under("0", water.parts()["sets"].rows)
    assert sets["t_us"].size == 3  # of two hours and a half that touch three of the clock
    assert sets["across_kn"] == pytest.approx(14.0 * np.sin(np.radians(-2.0)))


def test_what_is_forgotten_is_not_asked_for_again():
    water = a_fold(*passing())
    water.forget(DROPPED + 8 * HOUR)
    asked, whole = (one.drift(BROKE, visit(7.0)) for one in (water, a_fold(*passing())))
    assert asked.n_ships == whole.n_ships > 0
    assert np.array_equal(asked.mean_km, whole.mean_km)
    water.forget(DROPPED + 4 * DAY)
    assert water.is_unknown


def test_the_density_is_one_over_the_plane_with_a_known_drift():
    """Whatever the ships show: so a visit by chance adds at most its share on average."""
    drift = Drift(np.array([3.0, -1.5]), np.array([[0.9, 0.4], [0.4, 1.4]]), 5)
    step_km = 0.4
    axis = np.arange(-40, 40, step_km)
    east, north = np.meshgrid(axis, axis)
    km = np.hypot(east, north)
    offsets = np.stack((east - 3.0, north + 1.5), axis=-1).reshape(-1, 2)
    carried = np.array([tilted_density_2d(one, drift.covariance_km2) for one in offsets])
    carried = carried.reshape(km.shape)
    density = pickup_density(km, np.full(km.shape, 3.0), RULE, carried)
    expected = np.exp(-3.0 / 14) / 14
    assert density.sum() * step_km**2 == pytest.approx(expected, rel=0.01)


def test_an_offset_is_from_where_the_water_took_it():
    lat, lon = at(5.0, 1.0)
    drift = Drift(np.array([4.0, 1.0]), np.eye(2), 1)
    asked = {"lat": float(lat), "lon": float(lon)}
    assert offset_km(BROKE, asked, drift) == pytest.approx([1.0, 0.0], abs=0.01)


@pytest.mark.parametrize("has_field", [False, True])
def test_the_ratio_is_at_most_one_on_average_in_water_that_is_shown(a_current, has_field):
    """Visits by chance about a break, in water that ships show: exact intensity, no marks."""
    rng = np.random.default_rng(9)
    rule = a_current(-0.5, 0.3) if has_field else RULE  # wrong, and sure of itself
    water, side_km, hours = a_fold(*passing(), rule=rule), 60.0, 12.0
    per_km2_h = 3.0 / 100 / 24
    ratios = np.full(1500, 0.5)
    for number in range(ratios.size):
        n = rng.poisson(per_km2_h * side_km**2 * hours)
        east, north = rng.uniform(-side_km / 2, side_km / 2, (2, n))
        delay_h = rng.uniform(0, hours, n)
        km = np.hypot(east, north)
        density = pickup_density(km, delay_h, RULE)
        lat, lon = at(east, north)
        for row in np.flatnonzero(water.is_within_reach(km, delay_h)):
            came = visit(delay_h[row]) | {"lat": lat[row], "lon": lon[row]}
            drift = water.drift(BROKE, came)
            carried = tilted_density_2d(offset_km(BROKE, came, drift), drift.covariance_km2)
            density[row] = pickup_density(km[row], delay_h[row], RULE, carried)
        ratios[number] += 0.5 * density.sum() / per_km2_h
    error = ratios.std() / np.sqrt(ratios.size)
    assert ratios.mean() <= 1.0 + 3 * error
    assert ratios.mean() >= 0.6  # the visits do count
    assert np.mean(ratios >= 20) <= 1 / 20


def test_the_share_of_the_free_drift_bounds_what_a_wrong_current_costs():
    km, delay_h = np.array([2.0]), np.array([3.0])
    rule = dataclasses.replace(RULE, buoyed_frac=0.0)
    free = pickup_density(km, delay_h, rule)
    assert pickup_density(km, delay_h, rule, 0.0) == pytest.approx(rule.free_frac * free)


def test_a_packet_is_found_where_a_given_current_took_it(a_current):
    fast, hours = 3.0, 4.0  # further off than any free drift
    fetch = boat(hours, fast * hours * 1.852)
    rule = a_current(fast, 0.1)
    (event,) = found(fetch, rule=rule)
    measures = json.loads(event["measures"])
    assert measures["off_drift_km"]["value"] < 0.5
    assert measures["n_ships_showing_set"]["value"] == 0
    assert measures["currents"]["value"] == currents_id(rule.currents)
    assert found(fetch) == []
    assert found(boat(hours, -fast * hours * 1.852), rule=rule) == []
    assert found(fetch, rule=a_current(fast, 2.0)) == []  # that is no sure knowledge
    assert found(fetch, rule=a_current(fast, 0.1)) == [event]  # another file of the same content


def test_the_error_of_a_given_current_lasts(a_current):
    """The integral of an error that is forgotten within 24 h, as of any such process."""
    drift = a_fold(rule=a_current(EAST_KN, 0.2)).drift(BROKE, visit(5.9))
    delay_h, error_km_h = 35.5 / 6, 0.2 * 1.852
    lags = delay_h / 24
    path = 2 * (error_km_h * 24) ** 2 * (lags - 1 + np.exp(-lags))
    expected = path + 0.5**2 + (0.05 * 1.852 * delay_h) ** 2
    assert drift.covariance_km2 == pytest.approx(np.eye(2) * expected, abs=1e-6)
    assert drift.mean_km == pytest.approx([EAST_KN * 1.852 * delay_h, 0.0], rel=1e-6)
    unstated = a_fold(rule=a_current(EAST_KN)).drift(BROKE, visit(5.9))
    assert unstated.covariance_km2[0, 0] > drift.covariance_km2[0, 0]  # 0.3 kn


def test_ships_tell_where_a_given_current_errs(a_current):
    ships = passing(40)
    alone = a_fold(*ships).drift(BROKE, visit(3.0))
    true, wrong = (
        a_fold(*ships, rule=a_current(east_kn, error_kn)).drift(BROKE, visit(3.0))
        for east_kn, error_kn in ((EAST_KN, 0.2), (0.0, 0.3))
    )
    unheard = a_fold(rule=a_current(0.0, 0.3)).drift(BROKE, visit(3.0))
    assert unheard.mean_km[0] == 0.0
    assert 0.5 * THREE_HOURS_EAST_KM < wrong.mean_km[0] < 1.1 * THREE_HOURS_EAST_KM
    off_km = true.mean_km - [THREE_HOURS_EAST_KM, 0.0]
    assert off_km @ np.linalg.solve(true.covariance_km2, off_km) < 9.21  # 99 of 100
    assert np.trace(true.covariance_km2) < np.trace(alone.covariance_km2)
    assert np.trace(true.covariance_km2) < np.trace(unheard.covariance_km2)
    assert 0 < true.n_ships < alone.n_ships  # those that passed before the field began tell less


def test_where_a_given_current_ends_ships_are_asked_alone(a_current):
    ships = passing()
    rule = a_current(-2.0, 0.1, hours=(-1, 1, 3))
    both, alone = a_fold(*ships, rule=rule), a_fold(*ships)
    for hours, is_covered in ((2.0, True), (5.0, False)):
        asked, shown = (one.drift(BROKE, visit(hours)) for one in (both, alone))
        assert (asked.mean_km.tolist() != shown.mean_km.tolist()) is is_covered
    assert a_fold(rule=rule).drift(BROKE, visit(5.0)) is None
