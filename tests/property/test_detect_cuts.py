"""However the same fixes are cut into batches, the final events are the same, bit for bit."""

import pickle
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archives import ROOT
from detect_tables import HOUR, T0, cut_at, events_of, fixes, key, slice_of, track, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.settings import with_values
from vesseltrack.detect import DETECTORS, make_detector, presets_of
from vesseltrack.schema import TIMESTAMP

# All presets of a kind at once: each is a fold of its own.
# These read what stands beside the fixes; their own tests cut that.
OTHERS = {"route_deviation", "identity_change", "destination_mismatch"}
CASES = [(kind, presets_of(kind)) for kind in DETECTORS if kind not in OTHERS]
SHIPS = ("211000001", "211000002", "211000003", "211000003-0000000a", "211000004", "211000005")
ZONES = str(ROOT / "fixtures" / "zones" / "over_the_date_line.geojson")
STEPS_S = [0, 60, 300, 600, 601, 3600, 25_000, 100_000]
MOVES = {  # degrees a second, SOG [kn], heading with a course of 10 degrees
    "still": (0.0, 0.2, 10.0),
    "adrift": (9e-6, 2.0, 100.0),
    "under way": (6e-5, 12.0, 10.0),
}


def random_fleet(seed: int) -> pa.Table:
    """Fixes of ships that stop, meet, drift, fall silent and share an MMSI, over several days.

    Times lie on whole ten minutes now and then, and some fixes are doubtful, without a speed, or
    exactly simultaneous, so that the borders of every rule are touched.
    """
    rng = np.random.default_rng(seed)
    return fixes(*(random_track(rng, number, ship) for number, ship in enumerate(SHIPS)))


def random_track(rng: np.random.Generator, number: int, ship: str) -> dict[str, np.ndarray]:
    n = 220
    steps_s = rng.choice(STEPS_S, n, p=[0.02, 0.15, 0.15, 0.3, 0.15, 0.217, 0.01, 0.003])
    t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
    spell = np.repeat(rng.choice(list(MOVES), n // 20), 20)
    speed_deg, sog_kn, heading_deg = (
        np.array([MOVES[name][column] for name in spell]) for column in range(3)
    )
    is_other = ship.endswith("a")
    north = np.cumsum(speed_deg * steps_s * rng.choice([-1, 1], n))
    return track(
        ship,
        t_us,
        (60.0 if is_other else 50.0) + north,
        (179.999 + 0.001 * number + 180) % 360 - 180,
        sog_kn=np.where(rng.random(n) < 0.05, np.nan, sog_kn),
        cog_deg=np.where(rng.random(n) < 0.02, np.nan, 10.0),
        heading_deg=heading_deg,
        nav_status=rng.choice([-1, 0, 1], n),
        quality=rng.choice([0, 64], n, p=[0.95, 0.05]),
        segment=key(ship) % 1_000_003 + np.cumsum(steps_s > 20_000),
    )


def busy_sea(seed: int) -> pa.Table:
    """Traders that break their passages at random, and boats that stop near where they did."""
    rng, bows = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    tracks, places = [], []
    for number, ship in enumerate(SHIPS[:3]):
        legs = rng.choice([0.0003, 0.00002, 0.00006], 20, p=[0.7, 0.2, 0.1])
        north = np.cumsum(np.repeat(legs, rng.integers(3, 70, 20)) * 5)  # per five seconds
        t_us = T0 + 20 * HOUR + number * HOUR + np.arange(north.size) * 60_000_000
        # Now and then a heading, a little off the course made good: the set of the water.
        heading_deg = bows.choice([np.nan, 0.0, 1.0, 15.0], north.size, p=[0.2, 0.5, 0.28, 0.02])
        motion = {"sog_kn": 12.0, "cog_deg": 0.0, "heading_deg": heading_deg}
        tracks.append(track(ship, t_us, 50.0 + north, 179.999 + 0.001 * number, **motion))
        places += list(zip(t_us, 50.0 + north, strict=True))[:: max(1, north.size // 40)]
    for number, ship in enumerate(SHIPS[3:]):
        stops = rng.choice(len(places), 4)
        t_us, lat = np.array([places[row] for row in np.sort(stops)]).T
        t_us = t_us.astype(np.int64) + rng.integers(1, 8 * 60) * 60_000_000
        minutes = np.arange(t_us[0] - HOUR, t_us[-1] + HOUR, 60_000_000)
        away = np.min(np.abs(minutes[:, None] - t_us), axis=1) / 60_000_000
        where = np.interp(minutes, t_us, lat)
        lon = 179.999 + 0.004 * np.maximum(away - rng.integers(2, 20), 0) % 1
        port_m = np.where(rng.random(minutes.size) < 0.001, 1000.0, 50_000.0)
        tracks.append(track(ship, minutes, where, (lon + 180) % 360 - 180, port_m=port_m))
        tracks[-1]["lat"] += 0.0005 * number
    return fixes(*tracks)


def stops_and_starts(seed: int) -> pa.Table:
    """Ships under way that stop dead now and then, reporting every few seconds."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        steps_s = rng.choice([5, 10, 30, 31, 100, 130], 400, p=[0.4, 0.4, 0.1, 0.04, 0.03, 0.03])
        speed = np.repeat(rng.choice([0.2, 12.0], 40), 10)
        t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
        north = np.cumsum(np.append(0, speed[:-1]) * steps_s) * 4.6e-6
        lon = (179.99 + 0.01 * number + 180) % 360 - 180
        tracks.append(track(ship, t_us, 50 + north, lon, sog_kn=speed))
    return fixes(*tracks)


def boats_out_and_back(seed: int) -> pa.Table:
    """Boats that go out of a port, stop at times, turn at random and mostly come back."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        north_nm = [np.zeros(30)]
        for _ in range(6):
            far_nm = rng.uniform(6, 40)
            out = np.arange(0, far_nm, rng.choice([0.3, 0.5, 0.8]))
            stop = np.full(rng.integers(0, 90), far_nm)
            north_nm += [out, stop, out[::-1][: rng.integers(20, 200)], np.zeros(30)]
        north = np.concatenate(north_nm) / 60
        steps_s = rng.choice([20, 60, 61, 300, 8000], north.size, p=[0.2, 0.6, 0.15, 0.049, 0.001])
        t_us = T0 + 20 * HOUR + number * HOUR + np.cumsum(steps_s) * 1_000_000
        lon = (179.99 + 0.01 * number + 180) % 360 - 180
        tracks.append(track(ship, t_us, 50 + north, lon, sog_kn=25.0, port_m=north * 60 * 1852.0))
    return fixes(*tracks)


def dashes(seed: int) -> pa.Table:
    """Cargo vessels that go faster than they can now and then, and report of it at random."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        n = 240
        knots = np.repeat(rng.choice([12.0, 29.9, 36.0], 12, p=[0.4, 0.1, 0.5]), 20)
        steps_s = rng.choice([10, 60, 61, 300, 601, 700], n, p=[0.2, 0.4, 0.2, 0.17, 0.02, 0.01])
        t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
        north = np.cumsum(knots * steps_s) / 3600 / 60
        sog_kn = np.where(rng.random(n) < 0.05, rng.choice([12.0, np.nan], n), knots)
        lon = (179.99 + 0.01 * number + 180) % 360 - 180
        tracks.append(track(ship, t_us, 10 + north, lon, sog_kn=sog_kn))
    return fixes(*tracks)


def along_the_shore(seed: int) -> pa.Table:
    """Cargo vessels that come close to the shore and slow down there at random, for days."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        n = 360
        knots = np.repeat(rng.choice([12.0, 2.9, 0.5], 36, p=[0.6, 0.2, 0.2]), 10)
        shore_nm = np.repeat(rng.choice([0.0, 1.0, 3.0, 30.0], 24, p=[0.1, 0.2, 0.2, 0.5]), 15)
        port_km = np.repeat(rng.choice([10.0, 100.0], 6, p=[0.1, 0.9]), 60)
        steps_s = rng.choice(
            [60, 600, 601, 1200, 7200, 7300], n, p=[0.2, 0.5, 0.2, 0.09, 0.005, 0.005]
        )
        t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
        lon = 179.9 + 0.01 * number + np.cumsum(knots * steps_s) / 3600 / 60
        tracks.append(
            track(
                ship,
                t_us,
                0.1 * number,
                (lon + 180) % 360 - 180,
                shore_m=shore_nm * 1852.0,
                port_m=port_km * 1000.0,
                nav_status=rng.choice([-1, 0, 1], n),
            )
        )
    return fixes(*tracks)


def false_positions(seed: int) -> pa.Table:
    """Ships whose positions jump, circle, freeze and lie on land now and then, each in turn."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number, ship in enumerate(SHIPS):
        steps_s = rng.choice([240, 300, 310, 3600, 5400], 330, p=[0.3, 0.4, 0.28, 0.01, 0.01])
        t_us = T0 + 20 * HOUR + np.cumsum(steps_s) * 1_000_000
        north = np.cumsum(steps_s) * 4.6e-5
        lon = np.full(north.size, 179.99 + 0.01 * number)
        shore_m = np.full(north.size, 1e6)
        turn = np.cumsum(steps_s) / rng.uniform(400, 900)
        begin = int(rng.integers(20, 60))
        circled = slice(begin, begin + 70)
        north[circled] = north[begin] + 0.006 * np.sin(turn[circled])
        lon[circled] = lon[begin] + 0.006 * np.cos(turn[circled]) / np.cos(np.radians(50.0))
        frozen = slice(begin + 100, begin + 130)
        north[frozen], lon[frozen] = north[begin + 100], lon[begin + 100]
        away = rng.integers(begin + 150, 325, 6)
        for first, n in zip(away, rng.integers(1, 9, 6), strict=True):
            on_land = rng.random() < 0.5
            north[first : first + n], lon[first : first + n] = (17.5, 178.0) if on_land else (2, 5)
            shore_m[first : first + n] = 0.0 if on_land else 1e6
        tracks.append(
            track(
                ship,
                t_us,
                50 + north,
                (lon + 180) % 360 - 180,
                sog_kn=np.where(rng.random(north.size) < 0.01, np.nan, 10.0),
                shore_m=shore_m,
            )
        )
    return fixes(*tracks)


FLEETS = {
    "position_spoofing": false_positions,
    "shore_approach": along_the_shore,
    "drop_pickup": busy_sea,
    "sudden_speed_change": stops_and_starts,
    "sortie": boats_out_and_back,
    "unusual_for_type": dashes,
}


def fleet_for(kind: str, seed: int) -> pa.Table:
    """Fixes in which a kind is to be seen."""
    return FLEETS.get(kind, random_fleet)(seed)


VESSELS = vessels(
    *(
        {"vessel_id": ship, "length_m": 120.0, "ship_type": 70, "name": f"SHIP {ship}"}
        for ship in SHIPS
    )
)


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
