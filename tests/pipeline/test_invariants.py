"""Same input, same output: in one file or several, once or twice, in this order or that."""

import gzip

import pytest

from archives import GFW_ARCHIVE
from vesseltrack import engine
from vesseltrack.store import Filter, Store

DERIVED = ("vessels", "segments", "port_calls", "voyages", "events", "leads")


def _contents(store):
    tables = {name: store.select(name, Filter()) for name in DERIVED}
    positions = store.select("positions", Filter())
    tables["positions"] = positions.drop_columns(["source_id", "line"])
    return tables


def _assert_same(one, other):
    for name, table in one.items():
        assert table.equals(other[name]), name


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """The first 12,000 lines of the GFW archive in two files, cut between two messages."""
    folder = tmp_path_factory.mktemp("halves")
    lines = gzip.decompress(GFW_ARCHIVE.read_bytes()).splitlines(keepends=True)[:12_000]
    middle = next(n for n in range(6_000, 7_000) if b"!AIVDM,1,1," in lines[n])
    paths = [folder / "whole.nmea", folder / "first.nmea", folder / "second.nmea"]
    for path, part in zip(paths, (lines, lines[:middle], lines[middle:]), strict=True):
        path.write_bytes(b"".join(part))
    return paths


@pytest.fixture(scope="module")
def whole(halves, tmp_path_factory):
    store = Store.open(tmp_path_factory.mktemp("whole") / "store", create=True)
    engine.run(store, [halves[0]])
    return _contents(store)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_an_archive_in_two_files_gives_what_the_whole_gives(halves, whole, order, tmp_path):
    store = Store.open(tmp_path / "store", create=True)
    engine.run(store, [halves[order[0]], halves[order[1]]])
    _assert_same(_contents(store), whole)


def test_two_runs_give_what_one_gives(halves, whole, tmp_path):
    store = Store.open(tmp_path / "store", create=True)
    engine.run(store, [halves[2]])
    engine.run(store, [halves[1]])
    _assert_same(_contents(store), whole)


def test_the_same_archive_again_changes_nothing_and_says_so(halves, whole, tmp_path):
    store = Store.open(tmp_path / "store", create=True)
    engine.run(store, [halves[0]])
    before = store.version()
    outcome, _ = engine.run(store, [halves[0]])
    assert outcome.already_stored == ["whole.nmea"]
    assert store.version() == before
    _assert_same(_contents(store), whole)


def test_an_archive_and_its_half_count_each_position_once(halves, whole, tmp_path):
    store = Store.open(tmp_path / "store", create=True)
    engine.run(store, [halves[1], halves[0]])
    _assert_same(_contents(store), whole)
