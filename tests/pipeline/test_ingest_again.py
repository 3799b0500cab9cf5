"""The same archive again, grown, changed, or while another process writes."""

import gzip
import os
import subprocess
import sys
import zipfile

import pytest

from archives import GFW_ARCHIVE
from vesseltrack import engine, ingest
from vesseltrack.config.ingest import ArchiveConfig, IngestConfig
from vesseltrack.engine import ingesting
from vesseltrack.store import Filter, Store

ROWS = ("positions", "statics", "rejects")
LOW = ingesting.Reading(settings=IngestConfig(archive=ArchiveConfig(max_expanded_bytes=100_000)))


@pytest.fixture(scope="module")
def feed():
    return b"".join(gzip.decompress(GFW_ARCHIVE.read_bytes()).splitlines(keepends=True)[:3_000])


@pytest.fixture
def stores(tmp_path):
    """Stores by name, and what ingesting bytes under a name into one comes to."""

    def ingested(content, name="log.nmea", store="s", reading=ingesting.AS_FOUND):
        (tmp_path / name).write_bytes(content)
        opened = Store.open(tmp_path / store, create=True)
        return opened, engine.ingest_paths(opened, [tmp_path / name], reading=reading)

    return ingested


def rows_of(store):
    return {name: store.select(name).drop_columns("source_id").to_pylist() for name in ROWS}


def test_of_a_file_that_has_grown_the_new_part_is_read_under_its_number(stores, feed):
    numbers = set()
    # Cut within lines: what the end made of them does not hold when the file goes on.
    for n_bytes in (100_007, 200_003, len(feed)):
        grown, outcome = stores(feed[:n_bytes], store="grown")
        (source,) = grown.select("sources").to_pylist()
        numbers.add(source["source_id"])
    assert len(numbers) == 1
    assert outcome.read_from == {"log.nmea": feed[:200_003].count(b"\n") + 1}
    whole, _ = stores(feed, "whole.nmea", "whole")
    assert rows_of(grown) == rows_of(whole)
    (expected,) = whole.select("sources").to_pylist()
    same = ("lines", "used", "rejected", "ignored", "messages", "positions", "vessels", "status")
    assert [source[name] for name in same] == [expected[name] for name in same]
    (report,) = outcome.reports
    assert report.lines == report.used + sum(report.ignored.values()) == 3_000
    assert grown.verify() == []


def test_the_same_file_again_is_nothing_new_also_what_it_was_before_it_grew(stores, feed):
    store, _ = stores(feed[:50_000])
    _, outcome = stores(feed[:90_000])
    assert outcome.already_stored == []
    before = store.version()
    for name, n_bytes in (("log.nmea", 90_000), ("copy.nmea", 50_000)):
        _, outcome = stores(feed[:n_bytes], name)
        assert outcome.already_stored == [name]
    assert store.version() == before


def test_a_file_whose_beginning_changed_is_another_source(stores, feed):
    stores(feed[:50_000])
    store, outcome = stores(b"# rotated\n" + feed[:90_000])
    assert outcome.read_from == {}
    assert store.count("sources", Filter()) == 2


def test_a_truncated_archive_that_comes_whole_is_read_on(stores, feed):
    packed = gzip.compress(feed)
    _, outcome = stores(packed[: len(packed) // 2], "feed.gz")
    assert "truncated: the gzip stream" in outcome.problems[0]
    store, outcome = stores(packed, "feed.gz")
    assert outcome.read_from["feed.gz"] > 1_000
    assert rows_of(store) == rows_of(stores(feed, store="whole")[0])
    assert store.select("sources")["status"].to_pylist() == ["complete"]


def test_a_higher_limit_lets_more_of_a_stored_source_be_read(stores, feed):
    packed = gzip.compress(feed)
    _, outcome = stores(packed, reading=LOW)
    assert "max_expanded_bytes" in outcome.problems[0]
    store, outcome = stores(packed)
    assert outcome.read_from["log.nmea"] > 1
    (source,) = store.select("sources").to_pylist()
    assert (source["lines"], source["status"], source["rejected"]) == (3_000, "complete", "{}")


def test_lines_of_a_file_that_has_grown_since_can_still_be_shown(stores, feed, tmp_path):
    store, _ = stores(b"junk\n" + feed[:50_000])
    (tmp_path / "log.nmea").write_bytes(b"junk\n" + feed)
    (source,) = store.select("sources").to_pylist()
    assert list(ingest.original_lines(source, [1])) == [(1, "junk")]


def test_a_second_writer_is_refused_with_the_first_ones_process_id(vesseltrack, feed, tmp_path):
    (tmp_path / "log.nmea").write_bytes(feed[:50_000])
    store = Store.open(tmp_path / "s", create=True)
    with store.writing():
        done = vesseltrack("ingest", "log.nmea", "--store", "s")
    assert done.returncode == 1
    assert done.stderr == (
        f"vesseltrack: process {os.getpid()} is writing to s; try again when it has ended\n"
    )


def test_standard_input_is_known_again_and_said_so(feed, tmp_path):
    command = [sys.executable, "-m", "vesseltrack", "ingest", "-", "--store", tmp_path / "s"]
    for n_bytes, said in ((60_000, "complete"), (60_000, "Nothing new"), (90_000, "from line")):
        done = subprocess.run(command, input=feed[:n_bytes], capture_output=True, check=True)
        assert said in done.stdout.decode()


def test_a_member_that_cannot_be_used_leaves_nothing_behind(tmp_path, feed):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("picture.dat", bytes(range(256)) * 40)
        archive.writestr("feed.nmea", feed[:20_000])
    store = Store.open(tmp_path / "s", create=True)
    outcome = engine.ingest_paths(store, [tmp_path / "a.zip"])
    assert [report.status for report in outcome.reports] == ["failed", "complete"]
    assert len(list(store.known_sources())) == store.count("sources", Filter()) == 1
