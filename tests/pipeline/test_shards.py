"""However a run takes its work to pieces, the tables are the same, bit for bit."""

import gzip

import pytest

from archives import GFW_ARCHIVE
from vesseltrack import engine
from vesseltrack.config import Config
from vesseltrack.config.settings import with_values
from vesseltrack.store import Filter, Store

DERIVED = ("vessels", "segments", "port_calls", "voyages", "events", "leads")
SIZES = [(1, 500_000), (1_500, 700)]  # of shards and of slices [rows]
N_LINES = 6_000


def contents(store, summary):
    tables = {name: store.select(name, Filter()) for name in DERIVED}
    return tables | {"discarded": summary.discarded, "notes": summary.notes}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Nine days of few vessels: the first lines of the GFW archive, as `run` leaves them."""
    folder = tmp_path_factory.mktemp("shards")
    lines = gzip.decompress(GFW_ARCHIVE.read_bytes()).splitlines(keepends=True)
    (folder / "some.nmea").write_bytes(b"".join(lines[:N_LINES]))
    store = Store.open(folder / "store", create=True)
    engine.run(store, [folder / "some.nmea"])
    return store


@pytest.fixture(scope="module")
def after_run(store):
    return {name: store.select(name) for name in DERIVED}


def analysed(store, preset, shard_rows, slice_rows):
    run = {"shard_rows": shard_rows, "slice_rows": slice_rows}
    presets = {"segments": preset, "port_calls": preset}
    config = with_values(Config, {"run": run, "tracks": {"presets": presets}})
    return contents(store, engine.analyse(store, config=config))


@pytest.fixture(scope="module", params=["default", "gfw"])
def whole(request, store, after_run):  # noqa: ARG001 - taken before anything is found anew
    """What comes of it in one piece, and by which preset."""
    return request.param, analysed(store, request.param, 10**9, 10**9)


@pytest.mark.parametrize(("shard_rows", "slice_rows"), SIZES)
def test_shards_and_slices_of_any_size_give_what_one_piece_gives(
    store, whole, shard_rows, slice_rows
):
    preset, expected = whole
    found = analysed(store, preset, shard_rows, slice_rows)
    assert found["events"].num_rows > 0
    for name, table in expected.items():
        assert found[name] == table, name


def test_detect_gives_what_run_gave_and_tells_how_far_it_is(store, after_run):
    told = []
    config = with_values(Config, {"run": {"shard_rows": 1_500, "slice_rows": 700}})
    engine.analyse(store, config=config, progress=lambda *step: told.append(step))
    for name in DERIVED:
        assert store.select(name).equals(after_run[name]), name
    n_vessels = len(set(store.select("positions")["mmsi"].to_pylist()))
    n_days = len({time.date() for time in store.select("positions")["timestamp"].to_pylist()})
    for what, total in (("vessels", n_vessels), ("days", n_days)):
        done = [(n_done, n) for name, n_done, n in told if name == what]
        assert done == sorted(done)
        assert (done[0], done[-1]) == ((0, total), (total, total))
