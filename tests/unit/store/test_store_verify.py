import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from vesseltrack.errors import StoreDamagedError
from vesseltrack.schema import PORTS, REJECTS, SOURCES, STATICS, TIMESTAMP
from vesseltrack.store import Store
from vesseltrack.store.files import described

Rows = Callable[..., pa.Table]
Land = Callable[..., None]

N_ROWS = 400


def some_statics() -> pa.Table:
    n = 60
    return STATICS.of(
        {
            "mmsi": [219_000_000 + i % 3 for i in range(n)],
            "timestamp": pa.array(
                [1_609_459_200_000_000 + i * 3_000_000_000 for i in range(n)], pa.int64()
            ).cast(TIMESTAMP),
            "name": [f"SHIP {i // 7}" for i in range(n)],
            "msg_type": [5] * n,
            "source_id": [1] * n,
            "line": list(range(1, n + 1)),
        }
    )


def some_rejects() -> pa.Table:
    return REJECTS.of(
        {"source_id": [1, 1], "line": [7, 9], "reason": ["checksum"] * 2, "raw": ["!A", "!B"]}
    )


def a_port() -> pa.Table:
    return PORTS.of(
        {
            "port_id": ["DKAAR"],
            "name": ["Aarhus"],
            "is_large": [True],
            "lat": [56.15],
            "lon": [10.22],
            "source": ["test"],
        }
    )


def a_source(source_id: int = 1, first_us: int | None = None) -> pa.Table:
    times = pa.array([first_us], pa.int64()).cast(TIMESTAMP)
    return SOURCES.of(
        {
            "source_id": [source_id],
            "name": [f"archive-{source_id}.nmea"],
            "format": ["nmea"],
            "size_bytes": [1],
            "content_hash": ["00"],
            "first_time": times,
            "last_time": times,
            **{
                name: [1]
                for name in ("lines", "used", "messages", "positions", "duplicates", "vessels")
            },
            "rejected": ["{}"],
            "ignored": ["{}"],
            "status": ["complete"],
        }
    )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, received_rows: Rows, landed: Land) -> Store:
    """A store with rows in every kind of table, some of them still to be folded."""
    store = Store.open(tmp_path_factory.mktemp("verify") / "store", create=True)
    landed(store, received_rows(N_ROWS), some_statics(), some_rejects())
    store.finish_source(a_source())
    store.fold_days()
    store.replace("ports", a_port())
    landed(store, received_rows(20, 8), some_statics().slice(3, 4), n=1)
    return store


@pytest.fixture
def full_store(template: Store, tmp_path: Path) -> Store:
    return Store.open(shutil.copytree(template.path, tmp_path / "full"))


def data_files(store: Store) -> list[Path]:
    return [led.folder / f.path for led in store._ledgers.values() for f in led.snapshot().files]


def oldest_logs(store: Store) -> list[Path]:
    return sorted(store.path.glob("*/_delta_log/00000000000000000000.json"))


def newest_logs(store: Store) -> list[Path]:
    return [max(log.glob("*.json")) for log in store.path.glob("*/_delta_log")]


def flip(path: Path, place: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)


def test_a_sound_store_has_no_findings(full_store: Store) -> None:
    assert full_store.verify() == []
    assert full_store.verify(repair=True) == []
    assert {path.relative_to(full_store.path).parts[0] for path in data_files(full_store)} == {
        *("landing", "landing_statics", "positions", "reports", "statics"),
        *("rejects", "sources", "ports"),
    }


@pytest.mark.parametrize("damage", ["first", "middle", "last", "cut", "missing", "empty"])
@pytest.mark.parametrize("which", ["data", "oldest log", "newest log"])
def test_each_damaged_file_is_found_and_named(full_store: Store, damage: str, which: str) -> None:
    chosen = {"data": data_files, "oldest log": oldest_logs, "newest log": newest_logs}
    paths = chosen[which](full_store)
    for path in paths:
        if damage in {"first", "middle", "last"}:
            flip(path, {"first": 0.0, "middle": 0.5, "last": 0.999}[damage])
        elif damage == "missing":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-1] if damage == "cut" else b"")
    findings = Store.open(full_store.path).verify()
    assert {f.file for f in findings} == {p.relative_to(full_store.path).as_posix() for p in paths}
    expected = "is missing" if damage == "missing" else "has other bytes than recorded"
    for finding in findings:
        assert finding.problem.startswith(expected)
        assert finding.remedy.startswith("'vesseltrack verify --repair' ")


def test_recorded_hashes_are_those_of_another_tool(full_store: Store) -> None:
    sealed = sorted(full_store.path.glob("seals/*.b2sum"))
    assert sealed
    for line in "".join(path.read_text() for path in sealed).splitlines():
        recorded, _, name = line.partition("  ")
        found = hashlib.blake2b((full_store.path / name).read_bytes(), digest_size=16)
        assert recorded == found.hexdigest()
    for path in full_store.path.glob("positions/*/*.parquet"):
        assert path.stem == hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("has 1 rows; 2 were recorded", {"numRecords": 2}),
        ("is one of 2 files of its day", {}),
    ],
)
def test_a_log_that_does_not_fit_its_files_is_found(
    full_store: Store, name: str, change: dict[str, int]
) -> None:
    """The log is rewritten and sealed again: only holding it against the files can tell."""
    if change:
        table, day = "ports", ""
    else:
        table, day = "positions", "day=2021-01-01/"
    log = sorted((full_store.path / table / "_delta_log").glob("*.json"))
    target = next(path for path in reversed(log) if '"add"' in path.read_text())
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    added = next(line["add"] for line in lines if "add" in line)
    if change:
        added["stats"] = json.dumps({**json.loads(added["stats"]), **change})
    else:
        other = next((full_store.path / table).glob("day=2021-01-02/*.parquet"))
        copy = full_store.path / table / day / other.name
        shutil.copy(other, copy)
        lines.append(
            {
                "add": {
                    **added,
                    "path": f"{day}{other.name}",
                    "partitionValues": {"day": "2021-01-01"},
                }
            }
        )
    target.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (full_store.path / "seals" / f"{table}.b2sum").unlink()
    damaged = Store.open(full_store.path)
    assert name in [finding.problem for finding in damaged.verify()]
    remedies = {finding.remedy for finding in damaged.verify(repair=True)}
    again = {finding.problem for finding in damaged.verify()}
    if table == "ports":
        assert remedies == {"table dropped, 'vesseltrack detect' makes it anew"}
        assert again == set()
    else:
        assert "merged into one file" in remedies
        assert not any("is one of" in problem for problem in again)


def test_rows_out_of_order_are_found(full_store: Store) -> None:
    """A file written by something else, named by its hash and in the log."""
    ledger = full_store._ledgers["positions"]
    stored = next(file for file in ledger.snapshot().files if file.n_rows > 10)
    rows = pq.read_table(ledger.folder / stored.path, partitioning=None)
    upside_down = rows.take(pa.array(range(rows.num_rows - 1, -1, -1)))
    wrong = ledger.folder / "wrong.parquet"
    pq.write_table(upside_down, wrong)
    digest = hashlib.blake2b(wrong.read_bytes(), digest_size=16).hexdigest()
    named = wrong.rename(ledger.folder / Path(stored.path).parent / f"{digest}.parquet")
    written = described(ledger.folder, named.relative_to(ledger.folder).as_posix(), ledger.spec)
    with full_store.writing():
        ledger.commit(add=[written], remove=[stored])
    (finding,) = full_store.verify()
    assert "rows out of order" in finding.problem
    (finding,) = full_store.verify(repair=True)
    assert finding.remedy == "left as it is: report this"


def test_a_damaged_derived_table_is_dropped_and_can_be_written_again(full_store: Store) -> None:
    flip(next(full_store.path.glob("ports/*.parquet")), 0.4)
    (finding,) = full_store.verify(repair=True)
    assert finding.remedy == "table dropped, 'vesseltrack detect' makes it anew"
    assert full_store.verify() == []
    assert full_store.select("ports").num_rows == 0
    full_store.replace("ports", a_port())
    assert full_store.select("ports").equals(a_port())


def test_another_process_reads_on_after_a_repair(full_store: Store) -> None:
    reader = Store.open(full_store.path)
    assert reader.select("ports").num_rows == 1
    flip(next(full_store.path.glob("ports/_delta_log/*.json")), 0.5)
    full_store.verify(repair=True)
    assert reader.select("ports").num_rows == 0
    full_store.replace("ports", a_port())
    assert reader.select("ports").num_rows == 1


def rows_of(store: Store) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = store.select("positions").to_pylist()
    return rows


def test_damaged_positions_keep_what_can_be_read_and_come_back_from_their_archive(
    ais_store: Store, received_rows: Rows, landed: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vesseltrack.store.files.ROW_GROUP_ROWS", 50)
    batch = received_rows(N_ROWS, n_days=1)
    landed(ais_store, batch)
    ais_store.finish_source(a_source(1, 1_609_459_200_000_000))
    ais_store.finish_source(a_source(2, 1_700_000_000_000_000))  # of another day
    ais_store.fold_days()
    before = rows_of(ais_store)
    day = next(ais_store.path.glob("positions/day=2021-01-01/*.parquet"))
    damaged_at = pq.ParquetFile(day).metadata.row_group(2).column(3).data_page_offset + 30
    flip(day, damaged_at / day.stat().st_size)
    (finding,) = ais_store.verify(repair=True)
    assert "50 lost; read again: archive-1.nmea" in finding.remedy
    assert "set aside in damaged/" in finding.remedy
    assert len(list(ais_store.path.glob("damaged/*/positions/day=2021-01-01/*.parquet"))) == 1
    kept = rows_of(ais_store)
    assert len(kept) == len(before) - 50
    assert all(row in before for row in kept)
    assert ais_store.verify() == []
    assert ais_store.source(1) is None
    assert ais_store.source(2) is not None
    landed(ais_store, batch)
    ais_store.finish_source(a_source(1, 1_609_459_200_000_000))
    assert len(ais_store.fold_days()) == 1
    assert rows_of(ais_store) == before


@pytest.mark.parametrize("table", ["positions", "reports", "landing", "rejects", "sources"])
def test_a_damaged_log_is_made_anew_from_the_files_there_are(
    full_store: Store, table: str
) -> None:
    full_store.fold_days()
    expected = {
        name: full_store.select(name) for name in ("positions", "statics", "rejects", "sources")
    }
    flip(next((full_store.path / table / "_delta_log").glob("*0.json")), 0.5)
    findings = full_store.verify(repair=True)
    assert [finding.table for finding in findings] == [table]
    assert "a new log names the " in findings[0].remedy
    assert full_store.verify() == []
    for name, rows in expected.items():
        assert full_store.select(name).equals(rows)
    assert full_store.fold_days() == []


def test_a_data_file_damaged_along_with_its_log_is_named_as_well(full_store: Store) -> None:
    flip(next(full_store.path.glob("rejects/_delta_log/*0.json")), 0.5)
    data = next(full_store.path.glob("rejects/*.parquet"))
    data.write_bytes(b"")
    log, file = full_store.verify(repair=True)
    assert log.file.startswith("rejects/_delta_log/")
    assert file.file == f"rejects/{data.name}"
    assert file.problem == "is damaged as well"
    assert "0 rows kept, an unknown number lost; read again: archive-1.nmea" in file.remedy
    assert full_store.source(1) is None
    assert full_store.verify() == []
    assert full_store.select("rejects").num_rows == 0


def test_damaged_statics_are_found_again_from_the_reports(full_store: Store) -> None:
    full_store.fold_days()
    before = full_store.select("statics")
    for path in full_store.path.glob("statics/*/*.parquet"):
        flip(path, 0.5)
    findings = full_store.verify(repair=True)
    assert {finding.remedy for finding in findings} == {"found again from all reports"}
    assert full_store.select("statics").equals(before)
    assert full_store.verify() == []


def test_reports_that_are_lost_leave_the_changes_that_were_known(full_store: Store) -> None:
    full_store.fold_days()
    before = full_store.select("statics")
    next(full_store.path.glob("reports/day=2021-01-01/*.parquet")).unlink()
    (finding,) = full_store.verify(repair=True)
    assert "lost; read again: archive-1.nmea" in finding.remedy
    assert full_store.select("statics").equals(before)
    assert full_store.verify() == []


def test_a_landed_file_that_is_lost_has_its_source_read_again(
    full_store: Store, received_rows: Rows, landed: Land
) -> None:
    next(full_store.path.glob("landing/*.parquet")).unlink()
    with pytest.raises(StoreDamagedError, match=r"landing/.* is damaged"):
        full_store.fold_days()
    (finding,) = full_store.verify(repair=True)
    assert "0 rows kept, 20 lost; read again: archive-1.nmea" in finding.remedy
    full_store.fold_days()
    landed(full_store, received_rows(N_ROWS), n=0)
    landed(full_store, received_rows(20, 8), n=1)
    full_store.fold_days()
    expected = {
        tuple(row.values())
        for b in (received_rows(N_ROWS), received_rows(20, 8))
        for row in b.drop_columns(["source_id", "line"]).to_pylist()
    }
    assert full_store.tables()["positions"] == len(expected)


def test_a_repair_that_is_cut_short_can_be_done_again(
    full_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_store.fold_days()
    expected = rows_of(full_store)
    flip(next((full_store.path / "positions" / "_delta_log").glob("*0.json")), 0.5)
    with monkeypatch.context() as patched:
        patched.setattr("vesseltrack.store.repair.shutil.rmtree", _die)
        with pytest.raises(KeyboardInterrupt):
            full_store.verify(repair=True)
    assert full_store.verify() != []
    full_store.verify(repair=True)
    assert full_store.verify() == []
    assert rows_of(full_store) == expected


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_damaged_checkpoint_hint_is_found_and_repaired(full_store: Store) -> None:
    DeltaTable(full_store.path / "ports").create_checkpoint()
    hint = full_store.path / "ports" / "_delta_log" / "_last_checkpoint"
    assert full_store.verify() == []
    hint.write_text(hint.read_text().replace("version", "v3rsion"))
    findings = Store.open(full_store.path).verify()
    assert "ports/_delta_log/_last_checkpoint" in {finding.file for finding in findings}
    full_store.verify(repair=True)
    assert full_store.verify() == []


def test_any_flipped_byte_of_a_day_is_found(full_store: Store) -> None:
    path = max(full_store.path.glob("positions/*/*.parquet"), key=lambda p: p.stat().st_size)
    sound = path.read_bytes()
    for place in np.random.default_rng(5).random(12):
        flip(path, float(place))
        assert [finding.table for finding in full_store.verify()] == ["positions"]
        path.write_bytes(sound)


def test_rows_that_are_not_in_their_order_are_not_taken_for_the_ones_written(
    full_store: Store,
) -> None:
    day = max(full_store.path.glob("positions/*/*.parquet"), key=lambda p: p.stat().st_size)
    rows = pq.read_table(day, partitioning=None)
    pq.write_table(rows.take(pa.array(range(rows.num_rows - 1, -1, -1))), day)
    (finding,) = full_store.verify(repair=True)
    assert f"0 rows kept, {rows.num_rows} lost" in finding.remedy
    assert full_store.verify() == []


def test_a_new_log_of_sources_keeps_the_reading_that_got_furthest(ais_store: Store) -> None:
    further = a_source().set_column(
        SOURCES.names.index("lines"), SOURCES.arrow.field("lines"), pa.array([9])
    )
    ais_store.finish_source(a_source())
    ais_store.finish_source(further)
    ais_store.finish_source(a_source(2))
    flip(next(ais_store.path.glob("sources/_delta_log/*1.json")), 0.5)
    ais_store.verify(repair=True)
    assert ais_store.select("sources", columns=["source_id", "lines"]).to_pylist() == [
        {"source_id": 1, "lines": 9},
        {"source_id": 2, "lines": 1},
    ]


def test_a_log_that_cannot_be_read_is_found_without_its_seals(full_store: Store) -> None:
    next(full_store.path.glob("ports/_delta_log/*.json")).write_text("{")
    (full_store.path / "seals" / "ports.b2sum").unlink()
    store = Store.open(full_store.path)
    with pytest.raises(StoreDamagedError, match=r"the log of table ports in .* cannot be read"):
        store.select("ports")
    assert [(f.file, f.problem) for f in store.verify()] == [
        ("ports/_delta_log", "cannot be read")
    ]
    store.verify(repair=True)
    assert store.verify() == []


def test_a_seal_cut_short_by_a_full_disk_is_written_again(full_store: Store) -> None:
    seals = full_store.path / "seals" / "ports.b2sum"
    seals.write_bytes(seals.read_bytes()[:-20])
    assert full_store.verify() == []  # not sealed is not damaged
    full_store.replace("ports", PORTS.empty())
    n_commits = len(list(full_store.path.glob("ports/_delta_log/*.json")))
    assert len(full_store._ledgers["ports"].seals.recorded()) == n_commits
    assert full_store.verify() == []


def test_a_folder_in_place_of_a_file_is_found(full_store: Store) -> None:
    path = next(full_store.path.glob("ports/*.parquet"))
    path.unlink()
    path.mkdir()
    (finding,) = full_store.verify()
    assert finding.problem.startswith("cannot be read (")
