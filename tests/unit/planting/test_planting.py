"""What is planted lies where the truth says, and nothing else of the archive changes."""

import csv
import gzip

import numpy as np
import pytest

from archives import DMA_ARCHIVE, GFW_ARCHIVE, SOLENT_ARCHIVE
from track_tables import port_place
from vesseltrack import ingest, planting, sea, shortest_route
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.errors import FormatError, InputError
from vesseltrack.frames.own import read_ais
from vesseltrack.planting.host import Host
from vesseltrack.planting.port_to_port import roundabout
from vesseltrack.planting.sailing import Ship, Way, heard
from vesseltrack.units import E6

US = 1_000_000
HEADER = "plant_id,scenario,strength,kind,mmsi,other_mmsi,start,end,lat,lon\n"
SOME = ["encounter:3min", "drop_buoyed:1h", "loiter:1.5h", "gap:7h", "clone:3h", "circle"]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A Danish day with some of each, its truth, and its positions."""
    output = tmp_path_factory.mktemp("planted") / "day.csv.gz"
    scenarios = planting.asked([*SOME, "teleport:40min"])
    done = planting.plant(scenarios, into=DMA_ARCHIVE, output=output, seed=3)
    return output, done, positions_of(output)


def positions_of(path):
    table = read_ais(path).positions
    return {
        "mmsi": table["mmsi"].to_numpy(),
        "t_us": table["timestamp"].cast("int64").to_numpy(),
        "lat": table["lat_e6"].to_numpy() / E6,
        "lon": table["lon_e6"].to_numpy() / E6,
    }


def at(positions, mmsi, t_us):
    rows = np.flatnonzero(positions["mmsi"] == mmsi)
    row = rows[np.argmin(np.abs(positions["t_us"][rows] - t_us))]
    return positions["lat"][row], positions["lon"][row], positions["t_us"][row]


def test_every_line_of_the_archive_is_still_there_in_its_order(planted):
    output, done, _ = planted
    lines = iter(gzip.decompress(output.read_bytes()).splitlines())
    gap = next(truth for truth in done.truths if truth.scenario == "gap")
    n_missing = 0
    waiting = None
    for line in gzip.decompress(DMA_ARCHIVE.read_bytes()).splitlines():
        if str(gap.mmsi).encode() in line:
            n_missing += 1  # may be silenced
            continue
        waiting = next((one for one in lines if one == line), None)
        assert waiting == line
    assert n_missing >= 0


def test_each_truth_is_where_its_vessel_was(planted):
    _, done, positions = planted
    for truth in done.truths:
        if truth.scenario in {"clone", "teleport"}:
            continue  # elsewhere at once: the report nearest in time may be either
        lat, lon, t_us = at(positions, truth.mmsi, truth.start_us)
        assert abs(t_us - truth.start_us) < 30 * US, truth
        assert great_circle_m(lat, lon, truth.lat, truth.lon) < 500, truth


def test_a_hand_over_is_one(planted):
    _, done, positions = planted
    truth = next(one for one in done.truths if one.scenario == "encounter")
    assert 3 * 60 <= (truth.end_us - truth.start_us) / US <= 4 * 60
    for t_us in range(truth.start_us + 20 * US, truth.end_us - 20 * US, 20 * US):
        one, other = (at(positions, mmsi, t_us) for mmsi in (truth.mmsi, truth.other_mmsi))
        assert great_circle_m(*one[:2], *other[:2]) < 170


def test_a_gap_is_silent_and_a_teleport_far_away(planted):
    _, done, positions = planted
    gap = next(one for one in done.truths if one.scenario == "gap")
    own = positions["t_us"][positions["mmsi"] == gap.mmsi]
    assert not ((own > gap.start_us + US) & (own < gap.end_us - 21 * US)).any()
    jump = next(one for one in done.truths if one.scenario == "teleport")
    before = at(positions, jump.mmsi, jump.start_us - 60 * US)
    within = at(positions, jump.mmsi, (jump.start_us + jump.end_us) // 2)
    assert great_circle_m(*before[:2], *within[:2]) > 50 * 1852


def test_where_nobody_is_left_to_fall_silent_one_is_added_in_company(tmp_path, planted):
    output = tmp_path / "gaps.csv"
    done = planting.plant(
        planting.asked(["gap:12h"]), into=DMA_ARCHIVE, output=output, count=2, seed=1
    )
    positions, before = positions_of(output), planted[2]
    real = set(positions_of(DMA_ARCHIVE)["mmsi"].tolist())
    (gap,) = (one for one in done.truths if one.mmsi not in real)
    others = sorted(set(positions["mmsi"].tolist()) - real - {gap.mmsi})
    assert len(others) == 8
    own = positions["t_us"][positions["mmsi"] == gap.mmsi]
    assert (gap.start_us - own.min()) / US == pytest.approx(7 * 3600, abs=60)
    assert not ((own > gap.start_us + US) & (own < gap.end_us - 21 * US)).any()
    for mmsi in others:
        t_us = positions["t_us"][positions["mmsi"] == mmsi]
        within = t_us[(t_us >= gap.start_us) & (t_us <= gap.end_us)]
        assert np.diff(within).max() <= 120 * US
        lat, lon, _ = at(positions, mmsi, gap.start_us)
        assert great_circle_m(lat, lon, gap.lat, gap.lon) < 3.2 * 1852
    assert positions["t_us"].max() <= before["t_us"].max()


def test_a_silence_takes_the_repeats_of_a_line_too(tmp_path):
    # Two receivers in one second: the archive holds many sentences twice.
    output = tmp_path / "gaps.nmea"
    done = planting.plant(
        planting.asked(["gap:12h"]), into=GFW_ARCHIVE, output=output, count=2, seed=1
    )
    positions = positions_of(output)
    for gap in done.truths:
        own = positions["t_us"][positions["mmsi"] == gap.mmsi]
        assert own.size > 100
        assert not ((own > gap.start_us + US) & (own < gap.end_us)).any()


def test_who_is_silenced_or_copied_is_a_vessel_and_alone_on_its_number():
    (source,) = ingest.open_sources(GFW_ARCHIVE)
    host = Host(source, np.random.default_rng(1))
    hosts = {mmsi for mmsi, _, _ in host.well_heard(3.0, 0.5)}
    assert len(hosts) > 10
    # Two and seven transmitters, and a number that no administration assigns (ITU-R M.585).
    assert hosts.isdisjoint({412331088, 567000000, 200000010})
    assert hosts < set(host.mmsi.tolist())


def test_another_passage_is_no_detour():
    """Of a ship too large for it Kiel is closed: with it the same way would be a detour."""
    ends = port_place("DEHAM"), port_place("SESMD")
    taken = {}
    for seed in range(6):
        rng = np.random.default_rng(seed)
        parts = roundabout(*ends, 0.2, 900.0, 203.0, rng)
        if parts is None:
            continue
        names = {name for part in parts for name in part.passages}
        direct = shortest_route(*ends, length_m=203.0)
        not_taken = sorted(set(direct.passages) - names)
        shortest = shortest_route(*ends, length_m=203.0, avoid=not_taken)
        assert set(shortest.passages) <= names
        longer = sum(part.distance_nm for part in parts) / shortest.distance_nm
        assert 1.2 <= longer <= 1.22
        taken[seed] = names
    assert set() in taken.values()  # round Skagen


@pytest.mark.parametrize(
    ("noise", "expected"),
    # Reports 20 s apart, of a correlation time of 4 min.
    [({}, [np.exp(-20 / 240), np.exp(-1)]), ({"noise_s": 0.0}, [0.0, 0.0])],
)
def test_the_noise_of_a_receiver_comes_and_goes_over_minutes_or_with_each_report(noise, expected):
    n = 20_000
    way = Way(0, np.full(2 * n, 0.0), np.full(2 * n, 0.0))
    ship = Ship(219_900_000, "STILL", 70, 100, 14, **noise)
    reports = heard(ship, way, np.random.default_rng(1))
    error_m = np.radians(np.stack([reports.lat, reports.lon])) * 6_371_008.8
    assert error_m.std(axis=1) == pytest.approx([5.0, 5.0], rel=0.1)
    for one in error_m:
        later = [np.corrcoef(one[:-step], one[step:])[0, 1] for step in (1, 12)]
        assert later == pytest.approx(expected, abs=0.1)


def test_hard_gaps_are_those_of_vessels_of_the_archive_as_long_as_there_are_any(tmp_path):
    output = tmp_path / "gaps.nmea"
    gaps = planting.asked(["gap:7h"])
    done = planting.plant(gaps, into=GFW_ARCHIVE, output=output, count=5, is_hard=True)
    before, after = positions_of(GFW_ARCHIVE), positions_of(output)
    assert set(after["mmsi"].tolist()) <= set(before["mmsi"].tolist())
    lasting_h = []
    for gap in done.truths:
        t_us = after["t_us"][after["mmsi"] == gap.mmsi]
        assert not ((t_us > gap.start_us) & (t_us <= gap.end_us)).any()
        t_us = np.unique(before["t_us"][before["mmsi"] == gap.mmsi])
        near = t_us[(t_us > gap.start_us - 7 * 3600 * US) & (t_us <= gap.start_us)]
        lasting_h.append(np.diff(near).max(initial=0) / 3600 / US)
    assert max(lasting_h) > 1  # some were not heard every hour
    with pytest.raises(InputError, match="nobody at sea is left to fall silent for 7 h"):
        planting.plant(gaps, into=DMA_ARCHIVE, output=output, count=6, is_hard=True)


def test_planted_vessels_keep_to_the_sea(planted):
    _, done, positions = planted
    afloat = [one for one in done.truths if one.scenario in {"encounter", "loiter", "circle"}]
    rows = np.isin(positions["mmsi"], [one.mmsi for one in afloat])
    assert rows.any()
    assert not sea.is_land(positions["lat"][rows], positions["lon"][rows]).any()


def test_the_same_seed_plants_the_same(tmp_path):
    written = []
    for name in ("one.csv", "other.csv"):
        done = planting.plant(
            planting.asked(["loiter:1.5h"]), into=DMA_ARCHIVE, output=tmp_path / name, seed=5
        )
        written.append(((tmp_path / name).read_bytes(), done.truths))
    assert written[0] == written[1]
    other = planting.plant(
        planting.asked(["loiter:1.5h"]), into=DMA_ARCHIVE, output=tmp_path / "x.csv", seed=6
    )
    assert other.truths != written[0][1]


def test_sentences_are_read_back_as_planted(tmp_path):
    output = tmp_path / "planted.nmea.zst"
    (truth,) = planting.plant(
        planting.asked(["loiter:4h"]), into=SOLENT_ARCHIVE, output=output, seed=2
    ).truths
    data = read_ais(output)
    (source,) = data.report["sources"]
    before = read_ais(SOLENT_ARCHIVE).report["sources"][0]
    assert source["rejected"] == before["rejected"]
    assert source["positions"] > before["positions"]
    lat, lon, _ = at(positions_of(output), truth.mmsi, truth.start_us)
    assert great_circle_m(lat, lon, truth.lat, truth.lon) < 500
    names = data.statics.filter(data.statics["mmsi"].to_numpy() == truth.mmsi)["name"].to_pylist()
    assert names
    assert set(names) == {f"SHIP {truth.mmsi % 100_000}"}


def test_a_truth_table_is_read_back(tmp_path, planted):
    path = tmp_path / "truth.csv"
    planting.write_truth(path, planted[1].truths)
    assert planting.read_truth(path) == [
        one.__class__(**{**vars(one), "lat": round(one.lat, 5), "lon": round(one.lon, 5)})
        for one in planted[1].truths
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mutiny"], "no scenario is called 'mutiny'; there are all, detour"),
        (["loiter:2min"], "loiter has no strength '2min'; there are 4 h"),
    ],
)
def test_what_cannot_be_planted_is_said(words, message):
    with pytest.raises(InputError, match=message):
        planting.asked(words)


def test_all_is_every_strength_of_every_scenario():
    every = planting.asked(["all"])
    assert len(every) == sum(len(one.strengths) for one in planting.SCENARIOS.values())
    assert planting.asked(["encounter:10 min"]) == [("encounter", "10 min")]


def test_where_nothing_can_be_planted(tmp_path):
    some = planting.asked(["loiter:4h"])
    archive = tmp_path / "own.csv"
    archive.write_bytes(gzip.decompress(DMA_ARCHIVE.read_bytes())[:200_000])
    with pytest.raises(InputError, match="is the archive itself"):
        planting.plant(some, into=archive, output=archive)
    with pytest.raises(InputError, match=r"plain files, \.gz and \.zst; got \.zip"):
        planting.plant(some, into=archive, output=tmp_path / "planted.zip")
    untimed = tmp_path / "untimed.nmea"
    untimed.write_text("!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\n")
    with pytest.raises(InputError, match="no position with a time"):
        planting.plant(some, into=untimed, output=tmp_path / "out.nmea")
    assert not (tmp_path / "out.nmea").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "no truth table: it has no column"),
        (
            f"{HEADER}x,loiter,4 h,loitering,many,,2024-01-01T00:00Z,2024-01-01T00:00Z,1,2\n",
            "line 2: invalid literal",
        ),
    ],
)
def test_a_truth_table_that_is_none_is_refused(tmp_path, text, message):
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        planting.read_truth(path)
    with pytest.raises(FormatError, match="cannot be read"):
        planting.read_truth(tmp_path / "none.csv")


def test_the_columns_of_an_archive_are_kept(planted):
    rows = list(csv.reader(gzip.decompress(planted[0].read_bytes()).decode().splitlines()))
    assert {len(row) for row in rows} == {len(rows[0])}


def test_who_declares_the_port_behind_gets_farther_from_it(tmp_path):
    output = tmp_path / "day.csv"
    (truth,) = planting.plant(
        planting.asked(["misdeclared:7h"]), into=DMA_ARCHIVE, output=output, seed=4
    ).truths
    with output.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["MMSI"] == str(truth.mmsi)]
    (locode,) = {row["Destination"] for row in rows}
    positions = positions_of(output)
    far_nm = [
        shortest_route(port_place(locode), at(positions, truth.mmsi, t_us)[:2]).distance_nm
        for t_us in (truth.start_us, truth.end_us)
    ]
    assert far_nm[0] > 50
    assert far_nm[1] - far_nm[0] > 7 * 10 * 0.95
