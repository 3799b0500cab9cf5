"""Tracks told fix by fix are those of the whole, but for what only later fixes tell."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archives import DMA_ARCHIVE, GFW_ARCHIVE, SOLENT_ARCHIVE
from track_tables import BEGIN_US, HOUR_S, positions, read_archive, statics, tracks_of
from vesseltrack.config.settings import with_values
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.kinematics import denied_speeds, doubted_speeds
from vesseltrack.errors import ConfigError
from vesseltrack.schema import FIXES, SAID, STATICS, STRAYS, Quality
from vesseltrack.tracks import Following, Memory
from vesseltrack.tracks.fixes import speed_doubt

US = 1_000_000
HOUR_US = 3600 * US
MEMORY = Memory(48 * HOUR_US, 1000, 100, 600 * US)
SHARED = (412331088, 567000000)
BAD_SPEED = int(Quality.BAD_SPEED)


def times(rows):
    return rows["timestamp"].cast(pa.int64()).fill_null(0).to_numpy()


def followed(sent, said, edges_us, *, restart=False, memory=MEMORY):
    """Everything that was told of rows cut at times, and cut where names are told."""
    following = Following(TracksConfig(), memory)
    told = {"fixes": [FIXES.empty()], "strays": [STRAYS.empty()], "said": [SAID.empty()]}
    vessels = []
    last_us = max([int(times(rows).max()) for rows in (sent, said) if rows.num_rows]) + 1
    steps = np.arange(times(sent).min() // memory.told_us, last_us // memory.told_us + 1)
    stops = np.unique([*edges_us, *(steps * memory.told_us), last_us])
    start_us = 0
    for stop_us in stops[(stops > 0) & (stops <= last_us)].tolist():
        part, words = (
            rows.filter(pa.array((times(rows) >= start_us) & (times(rows) < stop_us)))
            for rows in (sent, said)
        )
        batch = following.push(part, words, stop_us)
        for name, tables in told.items():
            tables.append(getattr(batch, name))
        vessels += batch.vessels.to_pylist()
        start_us = stop_us
        if restart:
            parts = following.parts()
            following = Following(TracksConfig(), memory)
            following.restore(parts)
    tables = {name: pa.concat_tables(parts) for name, parts in told.items()}
    return tables | {"vessels": {row["vessel_id"]: row for row in vessels}}


def without_quality(fixes):
    return fixes.drop_columns(["quality"])


@pytest.mark.parametrize(
    ("archive", "n_doubted", "n_told_false"),
    [(DMA_ARCHIVE, 29, 0), (SOLENT_ARCHIVE, 2, 1), (GFW_ARCHIVE, None, 0)],
    ids=["dma", "solent", "gfw"],
)
def test_ordinary_vessels_have_the_fixes_of_the_whole_archive(archive, n_doubted, n_told_false):
    sent, said = read_archive(archive)
    ordinary = pa.compute.invert(pa.compute.is_in(sent["mmsi"], pa.array(SHARED, pa.int32())))
    sent = sent.filter(ordinary)
    whole = tracks_of(sent, said=said)
    span_us = int(times(sent)[times(sent) > 0].min()), int(times(sent).max())
    hours = np.arange(span_us[0], span_us[1], max(HOUR_US, (span_us[1] - span_us[0]) // 20))
    live = followed(sent, said, hours, memory=Memory(48 * HOUR_US, 1000, 100, 24 * HOUR_US))
    assert without_quality(live["fixes"]).equals(without_quality(whole.fixes))
    assert live["strays"].equals(whole.strays)
    assert live["strays"].num_rows == n_told_false
    ours, theirs = (table["quality"].to_numpy() for table in (live["fixes"], whole.fixes))
    # A speed that the step before denies is unknown until the next step could clear it.
    assert ((ours ^ theirs) & ~BAD_SPEED == 0).all()
    assert ((theirs & ~ours) == 0).all()
    if n_doubted is not None:
        assert np.count_nonzero(ours != theirs) == n_doubted


def random_fleet(seed):
    """Ships that report at odd times, some twice, some at once, one of them in two places."""
    rng = np.random.default_rng(seed)
    tables = []
    for number in range(4):
        n = 80
        step_s = rng.choice(
            [0, 1, 3, 5, 10, 600, 40_000], n, p=[0.1, 0.2, 0.2, 0.2, 0.2, 0.09, 0.01]
        )
        t_s = np.cumsum(step_s).astype(float)
        north = np.cumsum(step_s * rng.choice([0.0, 5e-5], n))
        away = (rng.random(n) < (0.3 if number == 0 else 0.02)) * 3.0
        tables.append(
            positions(
                211000001 + number,
                t_s,
                50 + north + away,
                (179.99 + 180) % 360 - 180 + 0.01 * number,
                sog_kn=rng.choice([0.0, 10.0, 60.0, np.nan], n).astype(np.float32),
                msg_type=rng.choice([1, 18], n, p=[0.8, 0.2]).astype(np.int8),
            )
        )
    names = statics(
        211000001,
        sorted(rng.integers(0, 4000, 30).tolist()),
        name=list(rng.choice(["A", "B"], 30)),
    )
    return pa.concat_tables(tables), names


def same(one, other):
    return all(one[name] == other[name] for name in ("fixes", "strays", "said", "vessels"))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 5000), max_size=8))
def test_any_cut_and_any_restart_tells_the_same(seed, cuts):
    sent, said = random_fleet(seed)
    edges_us = BEGIN_US + np.array(cuts, dtype=np.int64) * US
    memory = Memory(10 * HOUR_US, 40, 5, 4 * HOUR_US)
    whole = followed(sent, said, [], memory=memory)
    assert same(whole, followed(sent, said, edges_us, memory=memory))
    assert same(whole, followed(sent, said, edges_us, restart=True, memory=memory))


def hourly(mmsi, n, lat, *, start_s=0.0, step_s=300.0, **columns):
    return positions(mmsi, start_s + np.arange(n) * step_s, lat, 4.0, **columns)


def test_two_transmitters_are_told_apart_once_both_were_heard_in_turn():
    at_home = hourly(211000001, 40, 50.0)
    elsewhere = hourly(211000001, 40, 10.0, start_s=150.0)
    sent = pa.concat_tables([at_home, elsewhere])
    live = followed(sent, STATICS.empty(), [])
    keys = live["fixes"]["vessel_key"].to_numpy()
    lat = live["fixes"]["lat"].to_numpy()
    assert np.unique(keys[lat == 50.0]).size == 1
    # Half an hour and eight fixes make a transmitter of what were stray fixes until then.
    assert live["strays"]["lat"].to_pylist() == [10.0] * live["strays"].num_rows
    assert 7 <= live["strays"].num_rows <= 12
    assert np.unique(keys).size == 2
    assert keys[-1] != keys[-2]


def test_a_vessel_that_jumps_and_stays_is_one_vessel_in_two_segments():
    sent = pa.concat_tables(
        [hourly(211000001, 20, 50.0), hourly(211000001, 20, 10.0, start_s=6000)]
    )
    live = followed(sent, STATICS.empty(), [])
    assert np.unique(live["fixes"]["vessel_key"].to_numpy()).size == 1
    assert np.unique(live["fixes"]["segment"].to_numpy()).size == 2
    assert live["strays"].num_rows == 7  # until it is believed that it is there


def test_a_lone_first_fix_elsewhere_does_not_hide_the_vessel():
    sent = pa.concat_tables([hourly(211000001, 1, 10.0), hourly(211000001, 20, 50.0, start_s=60)])
    live = followed(sent, STATICS.empty(), [])
    assert live["fixes"].num_rows == 20  # the false one, which nothing denied, and all but one
    assert live["strays"]["lat"].to_pylist() == [50.0]


def test_a_vessel_silent_for_longer_than_the_memory_is_as_one_never_heard():
    sent = pa.concat_tables(
        [hourly(211000001, 20, 50.0), hourly(211000001, 20, 10.0, start_s=3 * HOUR_S)]
    )
    live = followed(sent, STATICS.empty(), [], memory=Memory(HOUR_US, 10, 10, 600 * US))
    assert live["fixes"].num_rows == 40
    assert live["strays"].num_rows == 0


def test_names_are_told_at_whole_multiples_of_a_time():
    said = statics(211000001, [30.0, 40.0], name=["A", "A"], ship_type=[70, 70])
    sent = hourly(211000001, 10, 50.0)
    live = followed(sent, said, [BEGIN_US + 35 * US, BEGIN_US + 50 * US])
    assert live["said"]["name"].to_pylist() == ["A", "A"]
    assert live["vessels"]["211000001"]["ship_type"] == 70
    following = Following(TracksConfig(), MEMORY)
    first = following.push(sent.slice(0, 1), said, BEGIN_US + 100 * US)
    assert first.vessels.num_rows == 0
    assert following.due_us == [BEGIN_US + 600 * US]
    later = following.push(sent.slice(9, 1), STATICS.empty(), BEGIN_US + 601 * US)
    assert later.vessels["name"].to_pylist() == ["A"]


def test_a_doubted_speed_is_one_that_the_step_before_denies():
    doubt = speed_doubt(TracksConfig().segments)
    t_us = np.arange(4) * 60 * US
    lat = 50 + np.array([0.0, 0.0, 0.006, 0.012])
    sog_kn = np.array([0.0, 22.0, 22.0, 60.0])
    first = np.array([True, False, False, False])
    place = (t_us, lat, np.full(4, 4.0), first, doubt)
    assert doubted_speeds(sog_kn, *place).tolist() == [False, True, False, True]
    assert not denied_speeds(sog_kn, *place).any()


def test_a_preset_that_takes_back_what_it_told_is_refused():
    config = with_values(TracksConfig, {"presets": {"segments": "gfw"}})
    with pytest.raises(ConfigError, match="gfw"):
        Following(config, MEMORY)
