import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vesseltrack.errors import StoreDamagedError
from vesseltrack.schema import POSITIONS, RECEIVED, STATICS, TIMESTAMP
from vesseltrack.store import Filter, Store
from vesseltrack.store.fold import Fold

Rows = Callable[..., pa.Table]
Land = Callable[..., None]

CONTENT = [name for name in RECEIVED.names if name not in {"source_id", "line"}]
SERVED = [*CONTENT, "source_id", "line"]


def expected_rows(*batches: pa.Table) -> list[dict[str, object]]:
    """Every content once, with its smallest source and line, in order: by pandas."""
    frame = pd.concat([batch.to_pandas() for batch in batches])
    frame = frame.sort_values(["mmsi", "timestamp", *CONTENT, "source_id", "line"])
    frame = frame.drop_duplicates(CONTENT, keep="first")[SERVED]
    schema = pa.schema([RECEIVED.arrow.field(name) for name in SERVED])
    rows: list[dict[str, object]] = pa.Table.from_pandas(
        frame, schema=schema, preserve_index=False
    ).to_pylist()
    return rows


def stored_rows(store: Store) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = store.select("positions", columns=SERVED).to_pylist()
    return rows


def test_positions_are_every_content_once_in_order(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    first, second = received_rows(900, 1, source_id=5), received_rows(900, 2, source_id=3)
    repeated = first.slice(0, 300)
    for n, rows in enumerate((first, repeated)):
        landed(ais_store, rows, n=n)
    landed(ais_store, second)
    ais_store.fold_days()
    assert stored_rows(ais_store) == expected_rows(first, second)


def test_a_fold_says_which_days_changed(
    ais_store: Store, received_rows: Rows, landed: Land, new_year: dt.datetime
) -> None:
    days = [new_year.date() + dt.timedelta(days=n) for n in range(3)]
    landed(ais_store, received_rows(300))
    assert ais_store.fold_days() == days
    assert ais_store.fold_days() == []
    landed(ais_store, received_rows(300), n=1)  # the same rows once more
    assert ais_store.fold_days() == []
    landed(ais_store, received_rows(300, 4, n_days=1), n=2)
    assert ais_store.fold_days() == days[:1]


def test_rows_merge_with_what_their_day_holds_and_leave_other_days_alone(
    ais_store: Store, received_rows: Rows, landed: Land, new_year: dt.datetime
) -> None:
    old, late = received_rows(500, 1), received_rows(200, 2, n_days=1, source_id=2)
    landed(ais_store, old)
    ais_store.fold_days()
    before = {f.day: f.path for f in ais_store._ledgers["positions"].snapshot().files}
    landed(ais_store, late)
    ais_store.fold_days()
    after = {f.day: f.path for f in ais_store._ledgers["positions"].snapshot().files}
    assert stored_rows(ais_store) == expected_rows(old, late)
    changed = {day for day, path in after.items() if before[day] != path}
    assert changed == {new_year.date(), None}


def test_every_day_is_one_file_with_its_rows_and_the_untimed_lie_apart(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    landed(ais_store, received_rows(500))
    ais_store.fold_days()
    stored = ais_store._ledgers["positions"].snapshot().files
    days = [file.day for file in stored]
    assert len(days) == len(set(days)) == 4
    for file in stored:
        rows = pq.read_table(ais_store.path / "positions" / file.path, partitioning=None)
        assert rows.num_rows == file.n_rows
        assert rows.schema.equals(POSITIONS.arrow)
        found = {time and time.date() for time in rows["timestamp"].to_pylist()}
        assert found == {file.day}


def test_a_day_cut_into_ranges_of_vessels_is_the_same_file(
    tmp_path: Path, received_rows: Rows, landed: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vesseltrack.store.files.ROW_GROUP_ROWS", 64)
    versions = set()
    for fold_rows in (1, 100, 10_000):
        monkeypatch.setattr("vesseltrack.store.fold.FOLD_ROWS", fold_rows)
        store = Store.open(tmp_path / str(fold_rows), create=True)
        for n in range(3):
            landed(store, received_rows(400, n), n=n)
        store.fold_days()
        versions.add(store.version())
    assert len(versions) == 1


def test_what_lands_while_a_fold_runs_is_there_for_the_next(
    ais_store: Store, received_rows: Rows, landed: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = received_rows(300, 1), received_rows(300, 2, source_id=2)
    landed(ais_store, early)
    finish = Fold.finish

    def land_then_finish(fold: Fold) -> None:
        if fold.landing.spec.name == "landing":
            landed(ais_store, late)
        finish(fold)

    with monkeypatch.context() as patched:
        patched.setattr(Fold, "finish", land_then_finish)
        ais_store.fold_days()
    assert stored_rows(ais_store) == expected_rows(early)
    ais_store.fold_days()
    assert stored_rows(ais_store) == expected_rows(early, late)


def test_an_interrupted_fold_names_the_days_it_changed_when_it_is_done_again(
    ais_store: Store, received_rows: Rows, landed: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed(ais_store, received_rows(300))

    def die(_: Fold) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Fold, "finish", die)
        patched.setattr("vesseltrack.store.store.Changes.follow", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            ais_store.fold_days()
    landed(ais_store, received_rows(100, 9), n=1)
    assert len(ais_store.fold_days()) == 3
    assert ais_store.fold_days() == []


def test_landed_files_go_once_they_are_folded(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    landed(ais_store, received_rows(50))
    assert list(ais_store.path.glob("landing/*.parquet"))
    ais_store.fold_days()
    assert not list(ais_store.path.glob("landing/*.parquet"))


def test_midnight_belongs_to_the_day_it_begins(
    ais_store: Store, landed: Land, new_year: dt.datetime
) -> None:
    midnight_us = int(new_year.timestamp()) * 1_000_000
    times = pa.array([midnight_us - 1, midnight_us, midnight_us + 1], pa.int64()).cast(TIMESTAMP)
    rows = RECEIVED.of(
        {
            "mmsi": [1, 1, 1],
            "timestamp": times,
            **{name: [0, 0, 0] for name in ("lat_e6", "lon_e6", "quality", "source_id")},
            "msg_type": [1, 1, 1],
            "line": [1, 2, 3],
        }
    )
    landed(ais_store, rows)
    ais_store.fold_days()
    counts = {f.day: f.n_rows for f in ais_store._ledgers["positions"].snapshot().files}
    assert counts == {dt.date(2020, 12, 31): 1, dt.date(2021, 1, 1): 2}
    at_midnight = Filter(since=new_year, until=new_year)
    assert ais_store.select("positions", at_midnight)["line"].to_pylist() == [2]


def test_a_damaged_day_is_not_merged_into_a_new_one(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    landed(ais_store, received_rows(300, n_days=1))
    ais_store.fold_days()
    stored = next(ais_store.path.glob("positions/day=2021-01-01/*.parquet"))
    damaged = bytearray(stored.read_bytes())
    damaged[len(damaged) // 3] ^= 4
    stored.write_bytes(damaged)
    landed(ais_store, received_rows(10, 5, n_days=1), n=1)
    with pytest.raises(StoreDamagedError, match=r"day=2021-01-01/.* is damaged; .*--repair"):
        ais_store.fold_days()
    assert stored.read_bytes() == damaged


def test_live_rows_and_the_same_rows_of_an_archive_are_one(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    rows = received_rows(200)
    for start in (0, 100, 100):
        ais_store.land_live(rows.slice(start, 100), STATICS.empty())
    ais_store.fold_days()
    assert stored_rows(ais_store) == expected_rows(rows)
    landed(ais_store, rows)
    assert ais_store.fold_days() == []


def test_old_day_files_stay_for_readers_and_go_after_their_grace(
    ais_store: Store, received_rows: Rows, landed: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed(ais_store, received_rows(100, n_days=1))
    ais_store.fold_days()
    old = set(ais_store.path.glob("positions/*/*.parquet"))
    landed(ais_store, received_rows(100, 3, n_days=1), n=1)
    ais_store.fold_days()
    assert all(path.exists() for path in old)
    monkeypatch.setattr("vesseltrack.store.store.READER_GRACE_H", 0.0)
    ais_store.fold_days()
    assert not any(path.exists() for path in old)
    assert ais_store.verify() == []


def test_folding_nothing_makes_no_table(ais_store: Store, landed: Land) -> None:
    landed(ais_store, RECEIVED.empty(), STATICS.empty())
    assert ais_store.fold_days() == []
    assert not (ais_store.path / "positions").exists()
