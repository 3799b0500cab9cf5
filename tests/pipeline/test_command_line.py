"""The command line as its users meet it: output, exit codes, and what a failure leaves behind."""

import csv
import datetime as dt
import functools
import gzip
import json
import shutil
import signal
import socket
import subprocess
import sys
import time

import httpx
import pyarrow.parquet as pq
import pytest

from archives import DMA_ARCHIVE, GFW_ARCHIVE, SOLENT_ARCHIVE
from vesseltrack import engine
from vesseltrack.store import Filter, Store

COMMANDS = [
    "demo",
    "run",
    "decode",
    "ingest",
    "rejects",
    "detect",
    "leads",
    "show",
    "export",
    "route",
    "replay",
    "steer",
    "listen",
    "serve",
    "plant",
    "evaluate",
    "anchorages",
    "verify",
]


@pytest.fixture(scope="module")
def small_archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("archive") / "small.nmea"
    lines = gzip.decompress(GFW_ARCHIVE.read_bytes()).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2_000]))
    return path


@pytest.fixture(scope="module")
def small_store(small_archive, tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "store"
    engine.run(Store.open(path, create=True), [small_archive])
    return path


@pytest.fixture
def stored(small_store, tmp_path):
    """A store of its own for each test, where the command line looks for one."""
    return Store.open(shutil.copytree(small_store, tmp_path / "vesseltrack-store"))


def _one_line(text):
    assert text.startswith("vesseltrack: ")
    assert text.count("\n") == 1
    return text


def test_run_prints_what_became_of_the_lines_and_the_leads(vesseltrack, small_archive):
    done = vesseltrack("run", small_archive)
    assert done.returncode == 0, done.stderr
    for shown in ("small.nmea", "Rejected", "Ignored", "complete", "Ranked leads"):
        assert shown in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(vesseltrack, command):
    done = vesseltrack(command, "--help")
    assert done.returncode == 0
    assert f"Example: vesseltrack {command}" in " ".join(done.stdout.split())


def test_wrong_usage_is_exit_2(vesseltrack):
    assert vesseltrack("run").returncode == 2
    assert vesseltrack("nosuch").returncode == 2
    assert vesseltrack("route", "--from", "95,4", "--to", "1,2").returncode == 2


def test_a_file_that_is_not_there_ends_with_one_line(vesseltrack, stored, tmp_path):
    before = stored.version()
    done = vesseltrack("run", "gone.nmea", "--report", "report.json")
    assert done.returncode == 1
    assert "gone.nmea does not exist" in _one_line(done.stderr)
    assert stored.version() == before
    (source,) = json.loads((tmp_path / "report.json").read_text())["sources"]
    assert (source["name"], source["status"]) == ("gone.nmea", "failed")


def test_a_current_that_cannot_be_used_ends_with_one_line_before_anything_is_read(
    vesseltrack, stored, small_archive, tmp_path
):
    before = stored.version()
    (tmp_path / "field.csv").write_text("time,lat,lon,u,v\n", encoding="utf-8")
    done = vesseltrack("run", str(small_archive), "--currents", "field.csv")
    assert done.returncode == 1
    assert "currents field.csv: no column east_mps, north_mps" in _one_line(done.stderr)
    assert stored.version() == before
    rows = [
        f"2021-01-01T{hour:02}:00Z,{lat},{lon},0.5,0\n"
        for hour in (0, 6)
        for lat in (54, 56)
        for lon in (2, 4)
    ]
    text = "time,lat,lon,east_mps,north_mps\n" + "".join(rows)
    (tmp_path / "field.csv").write_text(text, encoding="utf-8")
    assert vesseltrack("detect", "--currents", "field.csv").returncode == 0
    with_it = stored.made_with("events")
    assert vesseltrack("detect").returncode == 0
    assert stored.made_with("events") not in (with_it, None)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.nmea", b"", "empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "AIS"),
        ("letter.txt", b"Dear Sir,\nthe ship has sailed.\nYours, M.\n" * 50, "AIS"),
    ],
)
def test_a_file_without_ais_ends_with_one_line(
    vesseltrack, stored, tmp_path, name, content, reason
):
    before = stored.version()
    (tmp_path / name).write_bytes(content)
    done = vesseltrack("run", name)
    assert done.returncode == 1
    assert name in _one_line(done.stderr)
    assert reason in done.stderr
    assert stored.version() == before


def test_an_archive_cut_short_keeps_what_was_read_and_says_partial(vesseltrack, tmp_path):
    cut = tmp_path / "cut.nmea.gz"
    cut.write_bytes(GFW_ARCHIVE.read_bytes()[:200_000])
    done = vesseltrack("run", cut.name, "--report", "report.json")
    assert done.returncode == 1
    assert "cut.nmea.gz" in _one_line(done.stderr)
    (source,) = json.loads((tmp_path / "report.json").read_text())["sources"]
    assert source["status"] == "partial"
    store = Store.open(tmp_path / "vesseltrack-store")
    assert store.count("positions", Filter()) > 1_000
    assert store.count("voyages", Filter()) > 0


def test_one_bad_archive_does_not_keep_the_others_out(vesseltrack, small_archive, tmp_path):
    (tmp_path / "empty.nmea").touch()
    done = vesseltrack("run", small_archive, "empty.nmea")
    assert done.returncode == 1
    assert "empty.nmea" in _one_line(done.stderr)
    assert Store.open(tmp_path / "vesseltrack-store").count("positions", Filter()) > 0


def test_the_report_adds_up(vesseltrack, small_archive, tmp_path):
    assert vesseltrack("ingest", small_archive, "--report", "report.json").returncode == 0
    report = json.loads((tmp_path / "report.json").read_text())
    (source,) = report["sources"]
    n_lines = sum(1 for line in small_archive.read_bytes().splitlines() if line.strip())
    rejected, ignored = sum(source["rejected"].values()), sum(source["ignored"].values())
    assert source["lines"] == n_lines == source["used"] + rejected + ignored
    assert report["totals"]["lines"] == n_lines


def test_no_store_is_one_line_that_says_how_to_make_one(vesseltrack):
    done = vesseltrack("leads", "--store", "nowhere")
    assert done.returncode == 1
    assert "vesseltrack run" in _one_line(done.stderr)


def test_decode_gives_one_object_a_message(vesseltrack, small_archive):
    done = vesseltrack("decode", small_archive)
    assert done.returncode == 0, done.stderr
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(messages) > 1_000
    assert {"source", "line", "timestamp", "type", "mmsi"} <= set(messages[0])
    assert messages[0]["source"] == "small.nmea"


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_decode_writes_the_same_messages_in_every_format(
    vesseltrack, small_archive, tmp_path, suffix
):
    assert vesseltrack("decode", small_archive, "--output", f"m.{suffix}").returncode == 0
    path = tmp_path / f"m.{suffix}"
    if suffix == "jsonl":
        mmsis = [json.loads(line)["mmsi"] for line in path.read_text().splitlines()]
    elif suffix == "csv":
        with path.open(newline="") as file:
            mmsis = [int(row["mmsi"]) for row in csv.DictReader(file)]
    else:
        mmsis = pq.read_table(path)["mmsi"].to_pylist()
    done = vesseltrack("decode", small_archive)
    assert mmsis == [json.loads(line)["mmsi"] for line in done.stdout.splitlines()]


def test_show_traces_a_track_to_its_raw_sentences(vesseltrack, stored, small_archive):
    segment = stored.select("segments", Filter(), limit=1).to_pylist()[0]
    done = vesseltrack("show", segment["segment_id"], "--raw")
    assert done.returncode == 0, done.stderr
    lines = small_archive.read_text().splitlines()
    shown = [line for line in done.stdout.splitlines() if line.startswith("small.nmea:")]
    assert shown
    for line in shown:
        number, _, text = line.removeprefix("small.nmea:").partition(": ")
        assert text == lines[int(number) - 1]


def test_show_draws_a_chart(vesseltrack, stored, tmp_path):
    vessel = stored.select("segments", Filter(), limit=1).to_pylist()[0]["vessel_id"]
    done = vesseltrack("show", vessel, "--plot", "chart.png")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("stored")
def test_show_of_nothing_says_so(vesseltrack):
    done = vesseltrack("show", "999999999")
    assert done.returncode == 1
    assert "'999999999'" in _one_line(done.stderr)


def test_evaluate_without_a_truth_counts_the_alerts(vesseltrack, stored):
    done = vesseltrack("evaluate", "vesseltrack-store")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.strip()}
    events = stored.select("events", Filter()).to_pylist()
    told = [json.loads(event["innocent"])["holds"] for event in events]
    assert [int(n) for n in rows["all"][:2]] == [len(told), sum(bool(holds) for holds in told)]
    assert "destination_mismatch" in rows


def test_evaluate_without_a_truth_needs_a_store(vesseltrack, tmp_path):
    (tmp_path / "events.csv").write_text("kind\n")
    done = vesseltrack("evaluate", "events.csv")
    assert done.returncode == 1
    assert "events.csv" in _one_line(done.stderr)


def test_route_gives_geojson_and_pairs_give_distances(vesseltrack, tmp_path):
    done = vesseltrack("route", "--from", "51.95,4.05", "--to", "59.93,29.7")
    assert done.returncode == 0, done.stderr
    feature = json.loads(done.stdout)
    assert feature["type"] == "Feature"
    assert "kiel" in feature["properties"]["passages"]
    (around,) = (w for w in feature["properties"]["alternatives"] if w["avoiding"] == "kiel")
    lengths_nm = feature["properties"]["distance_nm"], around["distance_nm"]
    assert done.stderr == "{:,.0f} nm by kiel; without kiel {:,.0f} nm\n".format(*lengths_nm)
    (tmp_path / "pairs.csv").write_text(
        "name,from_lat,from_lon,to_lat,to_lon\na,51.95,4.05,59.93,29.7\nb,47.5,9.0,51.95,4.05\n"
    )
    done = vesseltrack("route", "--pairs", "pairs.csv", "--output", "out.csv")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out.csv").open(newline="") as file:
        first, inland = csv.DictReader(file)
    expected = feature["properties"]["distance_nm"]
    assert float(first["distance_nm"]) == pytest.approx(expected)
    assert (first["name"], first["status"]) == ("a", "ok")
    assert inland["distance_nm"] == ""
    assert "km" in inland["status"]
    shown = vesseltrack("route", "--pairs", "pairs.csv")
    assert shown.stdout.splitlines() == (tmp_path / "out.csv").read_text().splitlines()


def test_replay_ends_with_the_leads_of_run(vesseltrack, small_archive, tmp_path):
    assert vesseltrack("run", small_archive, "--store", "run").returncode == 0
    assert vesseltrack("replay", small_archive, "--store", "replay").returncode == 0
    for table in ("events", "leads", "voyages"):
        run, replay = (Store.open(tmp_path / n).select(table, Filter()) for n in ("run", "replay"))
        assert run.equals(replay), table


def test_replay_takes_event_time_at_its_speed(vesseltrack):
    # The Solent archive spans 85 minutes: 5,130 s at 1,000 times real time are 5.1 s.
    begun = time.monotonic()
    done = vesseltrack("replay", SOLENT_ARCHIVE, "--speed", 1000, "--store", "s")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun > 5.0


@pytest.mark.usefixtures("stored")
def test_verify_finds_a_flipped_byte(vesseltrack, tmp_path):
    assert vesseltrack("verify").returncode == 0
    victim = min((tmp_path / "vesseltrack-store" / "positions").rglob("*.parquet"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 0x40
    victim.write_bytes(content)
    done = vesseltrack("verify")
    assert done.returncode == 1
    assert victim.name in done.stdout


def test_rejects_are_listed_escaped(vesseltrack, small_archive, tmp_path):
    dirty = tmp_path / "dirty.nmea"
    lines = small_archive.read_bytes().splitlines(keepends=True)[:50]
    dirty.write_bytes(b"".join([*lines, b"!AIVDM,1,1,,A,\x1b[2J\xff13,0*00\n", lines[0]]))
    assert vesseltrack("run", dirty.name).returncode == 0
    done = vesseltrack("rejects", "dirty.nmea")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\\x1b" in done.stdout


def test_times_can_be_given_for_an_archive_without_any(vesseltrack, small_archive, tmp_path):
    bare = tmp_path / "bare.nmea"
    lines = small_archive.read_bytes().splitlines()
    bare.write_bytes(b"\n".join(line.rpartition(b"\\")[2] for line in lines))
    done = vesseltrack("run", bare.name)
    assert done.returncode == 1
    assert "--start" in _one_line(done.stderr)
    done = vesseltrack("run", bare.name, "--start", "2021-01-01T00:00:00Z")
    assert done.returncode == 0, done.stderr
    store = Store.open(tmp_path / "vesseltrack-store")
    assert store.count("segments", Filter()) > 0
    first = store.select("vessels", Filter(), columns=["first_seen"])["first_seen"][0].as_py()
    assert first.date() == dt.date(2021, 1, 1)


def test_a_dma_day_is_read_from_standard_input(vesseltrack, tmp_path):
    head = b"\n".join(gzip.decompress(DMA_ARCHIVE.read_bytes()).splitlines()[:500])
    (tmp_path / "in.csv").write_bytes(head)
    with (tmp_path / "in.csv").open() as stream:
        done = vesseltrack("ingest", "-", stdin=stream)
    assert done.returncode == 0, done.stderr
    assert Store.open(tmp_path / "vesseltrack-store").count("positions", Filter()) > 400


def _tagged(t_s, sentence):
    tag = f"s:demo,c:{t_s}"
    return f"\\{tag}*{functools.reduce(int.__xor__, tag.encode()):02X}\\{sentence}\n"


def test_rejected_lines_can_be_read_again_with_other_settings(vesseltrack, tmp_path):
    # A two-part type 5 (from gpsd's published samples) whose halves came half a minute apart.
    halves = (
        "!AIVDM,2,1,8,A,53Rab7800001=W?G7@04h85A8u=<00000000000T1@541t0005@000000000,0*59",
        "!AIVDM,2,2,8,A,00000000001,2*2D",
    )
    position = "!AIVDM,1,1,,A,B3KWfJ0000LU2k`Vob:I9rP63P06,0*27"
    (tmp_path / "slow.nmea").write_text(
        _tagged(1709294400, position)
        + _tagged(1709294401, halves[0])
        + _tagged(1709294431, halves[1])
        + _tagged(1709294490, position)
    )
    assert vesseltrack("run", "slow.nmea").returncode == 0
    store = Store.open(tmp_path / "vesseltrack-store")
    assert store.count("rejects", Filter()) == 2
    assert store.count("statics", Filter()) == 0

    (tmp_path / "patient.toml").write_text("[ingest]\nmax_part_age_s = 60.0\n")
    done = vesseltrack("rejects", "slow.nmea", "--retry", "--config", "patient.toml")
    assert done.returncode == 0, done.stderr
    (report,) = store.select("statics", Filter()).to_pylist()
    assert (report["mmsi"], report["name"]) == (237660700, "ALBATROSS")


def test_rejects_of_an_unknown_source_name_those_there_are(vesseltrack, stored):
    assert stored.count("sources", Filter()) == 1
    done = vesseltrack("rejects", "other.nmea")
    assert done.returncode == 1
    assert "small.nmea" in _one_line(done.stderr)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_serve_says_where_the_map_is_and_ends_when_interrupted(small_store):
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "vesseltrack",
        "serve",
        "--store",
        small_store,
        "--port",
        port,
    ]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert f"http://127.0.0.1:{port}/map" in server.stdout.readline()
            transport = httpx.HTTPTransport(retries=10)  # until the server listens
            with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}") as client:
                assert client.get("/readyz").status_code == 200
                assert "<!doctype html>" in client.get("/map/").text
                found = client.get("/collections/vessels/items").json()
                assert found["numberMatched"] > 0
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=20) == 0
        finally:
            server.kill()


def test_a_port_in_use_is_one_line_that_names_another(vesseltrack, small_store):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = vesseltrack("serve", "--store", small_store, "--port", port)
    assert done.returncode == 1
    assert f"--port {port + 1}" in _one_line(done.stderr)
