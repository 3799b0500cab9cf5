"""However rows reach the live engine, it says the same in the end, and what the archive says."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archives import DEMO, DMA_ARCHIVE, GFW_ARCHIVE, SOLENT_ARCHIVE
from live_batches import differences, in_archive, told_live, without_revision
from track_tables import positions, read_archive, statics
from vesseltrack.config import Config
from vesseltrack.config.settings import with_values
from vesseltrack.engine import LiveEngine
from vesseltrack.errors import ConfigError
from vesseltrack.schema import STATICS

MARINE_ARCHIVE = DEMO / "marinecadastre_2022-01-03.csv.zst"
# Names are told more rarely than by default: each time costs a push.
CONFIG = with_values(Config, {"live": {"told_s": 21_600.0}})
MINUTE = 60.0
HOUR = 3600.0
MIDNIGHT = 24 * HOUR

# What later rows alone tell, by archive: kind, vessel and what is different, each with its reason.
CLASS_HEARD_LATER = "confidence,innocent,measures"  # the ship type came after the event
OTHERS_COUNTED = "confidence,measures"  # vessel-hours of others, and the chance by them
DIFFERENT = {
    "dma": set(),
    "marine": set(),
    "solent": set(),
    "gfw": {
        ("loitering", "416004378", CLASS_HEARD_LATER),
        ("loitering", "273444660", CLASS_HEARD_LATER),
        ("loitering", "633310367", "measures"),  # the same, but a class that excuses nothing
        # Two transmitters on one MMSI are two from when both were heard in turn: the event begins
        # there, and so is another; what came before stands as one vessel's.
        ("identity_conflict", "412331088", "live"),
        ("identity_conflict", "412331088", "archive"),
        ("identity_conflict", "567000000", "live"),
        ("identity_conflict", "567000000", "archive"),
        ("drifting", "412331088", "live"),
        ("drifting", "412331088", "archive"),
        # Names on such an MMSI go to whom they were heard along with so far.
        ("identity_change", "567000000", "live"),
        ("identity_change", "567000000-98bb1bd9", "archive"),
        # Others are counted by vessel and hour: up to five hours of these two are one vessel's.
        ("ais_gap", "538071200", OTHERS_COUNTED),
        ("ais_gap", "567000000", OTHERS_COUNTED),
        ("ais_gap", "663092000", OTHERS_COUNTED),
        ("ais_gap", "725000929", OTHERS_COUNTED),
    },
}


@pytest.fixture(scope="module")
def read():
    known = {}

    def read_once(name):
        if name not in known:
            path = {
                "dma": DMA_ARCHIVE,
                "marine": MARINE_ARCHIVE,
                "solent": SOLENT_ARCHIVE,
                "gfw": GFW_ARCHIVE,
            }[name]
            known[name] = read_archive(path)
        return known[name]

    return read_once


@pytest.mark.parametrize("name", ["solent", "gfw", "dma", "marine"])
def test_real_archives_are_told_as_they_are_found_but_for_what_later_rows_tell(read, name):
    sent, said = read(name)
    config = CONFIG if name != "marine" else Config()
    archive = in_archive(sent, said, config)
    assert archive
    live = told_live(sent, said, config, n=8, seed=2)
    assert differences(live, archive) == DIFFERENT[name]


@pytest.mark.parametrize("name", ["solent", "gfw"])
def test_a_long_run_in_any_order_with_restarts_says_what_one_batch_says(read, name):
    sent, said = read(name)
    whole = told_live(sent, said, CONFIG)
    for seed, n in ((1, 60), (2, 7)):
        cut = told_live(sent, said, CONFIG, n=n, seed=seed, restart_frac=0.1)
        assert without_revision(cut) == without_revision(whole)


def wandering(rng, number, t_s):
    """One ship that goes, stops, drifts and jumps."""
    n = t_s.size
    knots = np.repeat(rng.choice([0.3, 2.0, 12.0], n // 20 + 1), 20)[:n]
    north = np.cumsum(knots * np.diff(t_s, prepend=t_s[0])) / HOUR / 60
    sideways = knots == 2.0
    away = np.where((np.arange(n) > 150) & (np.arange(n) < 170), 4.0, 0.0) * (number == 1)
    return positions(
        211000001 + number,
        t_s,
        10.0 + north + away,
        (179.998 + 0.001 * number + 180) % 360 - 180,
        sog_kn=knots.astype(np.float32),
        cog_deg=np.zeros(n, dtype=np.float32),
        heading_deg=np.where(sideways, 90, 0).astype(np.float32),
    )


def small_feed(seed):
    rng = np.random.default_rng(seed)
    ships = [
        wandering(rng, number, 18 * HOUR + np.cumsum(rng.choice([10.0, 60, 180, 600], 240)))
        for number in range(4)
    ]
    said = [
        statics(211000001 + number, [18 * HOUR + 600, 18 * HOUR + 900], length_m=[120.0] * 2,
                name=[f"SHIP {number}"] * 2, ship_type=[70] * 2)
        for number in range(4)
    ]  # fmt: skip
    return pa.concat_tables(ships), pa.concat_tables(said)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 15))
def test_any_cut_disorder_and_restart_says_the_same(seed, n):
    sent, said = small_feed(seed)
    whole = told_live(sent, said, CONFIG)
    assert whole
    cut = told_live(sent, said, CONFIG, n=n, seed=seed, restart_frac=0.4)
    assert without_revision(cut) == without_revision(whole)


def beside(mmsi, t_s, lon, lat=10.0, *, off_m=0.0, sog_kn=0.5):
    return positions(
        mmsi,
        t_s,
        lat + off_m / 111_195,
        (lon + 180) % 360 - 180,
        sog_kn=np.float32([sog_kn] * t_s.size),
    )


def test_what_lies_across_midnight_and_the_date_line_is_told_once():
    """One loiters, two meet; all from 20:00 to 04:00, drifting over 180 degrees at midnight."""
    t_s = np.arange(MIDNIGHT - 4 * HOUR, MIDNIGHT + 4 * HOUR, MINUTE)
    lon = 180 + (t_s - MIDNIGHT) / HOUR * 0.005
    sent = pa.concat_tables(
        [
            beside(211000001, t_s, lon),
            beside(211000002, t_s + 20, lon, lat=12.0),
            beside(211000003, t_s + 40, lon, lat=12.0, off_m=100.0),
        ]
    )
    live = told_live(sent, STATICS.empty(), CONFIG, n=20, restart_frac=0.2)
    assert sorted((event["kind"], event["vessel_id"]) for event in live.values()) == [
        ("encounter", "211000002"),
        ("loitering", "211000001"),
        ("loitering", "211000002"),
        ("loitering", "211000003"),
    ]
    assert all(event["duration_h"] > 7.4 for event in live.values())
    assert differences(live, in_archive(sent, STATICS.empty(), CONFIG)) == set()


def test_an_alert_comes_with_the_position_that_completes_it():
    """Of loitering of an hour: by the first push whose rows have passed the hour."""
    t_s = np.arange(0, 2 * HOUR, MINUTE)
    lon = -40 + t_s * 0
    engine, first_us = LiveEngine(CONFIG), {}
    fleet = [beside(211000001 + number, t_s + number, lon, 10.0 + number) for number in range(4)]
    for row in range(t_s.size):
        batch = pa.concat_tables([ship.slice(row, 1) for ship in fleet])
        changed = engine.push(batch, STATICS.empty())
        for event in changed.filter(pa.compute.equal(changed["kind"], "loitering")).to_pylist():
            first_us.setdefault(event["vessel_id"], (row, event["status"], event["revision"]))
    assert engine.watermark_us is not None
    assert {status for _, status, _ in first_us.values()} == {"open"}
    assert {revision for *_, revision in first_us.values()} == {1}
    # Reports count some ten minutes apart, and the last row of a push waits for the next one.
    assert all(60 <= row <= 71 for row, *_ in first_us.values())
    assert len(first_us) == 4


def test_a_state_of_other_settings_is_refused():
    state = LiveEngine(CONFIG).state()
    for other in (
        LiveEngine(Config()),
        LiveEngine(CONFIG, kinds=["loitering"]),
        LiveEngine(CONFIG, presets={"loitering": ("default", "gfw")}),
    ):
        with pytest.raises(ConfigError, match="other settings"):
            other.restore(state)
    LiveEngine(CONFIG).restore(state)


def test_a_state_made_with_another_current_is_refused(tmp_path):
    path = tmp_path / "field.csv"
    of_kind = {"drop_pickup": {"default": {"currents": str(path)}}}
    config = with_values(Config, {"detect": of_kind})

    def an_engine(east_mps):
        rows = [
            f"2021-01-01T{hour:02}:00Z,{lat},{lon},{east_mps},0\n"
            for hour in (0, 6)
            for lat in (54, 56)
            for lon in (2, 4)
        ]
        path.write_text("time,lat,lon,east_mps,north_mps\n" + "".join(rows), encoding="utf-8")
        return LiveEngine(config)

    state = an_engine(0.5).state()
    an_engine(0.5).restore(state)
    with pytest.raises(ConfigError, match="other settings"):
        an_engine(0.6).restore(state)


@pytest.mark.parametrize("kinds", [["route_deviation"], ["loitering", "smuggling"]])
def test_kinds_that_cannot_be_told_live_are_refused(kinds):
    with pytest.raises(ConfigError, match=kinds[-1]):
        LiveEngine(Config(), kinds=kinds)


def test_nothing_comes_of_nothing():
    engine = LiveEngine(Config())
    empty = positions(1, [], [], [])
    assert engine.push(empty, STATICS.empty()).num_rows == 0
    assert engine.finish().num_rows == 0
    assert engine.watermark_us is None
