import datetime as dt
import itertools
import pkgutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.schema import RECEIVED, TIMESTAMP
from vesseltrack.store import Filter, Store
from vesseltrack.store.ledger import StoredFile

Rows = Callable[..., pa.Table]
Land = Callable[..., None]

NEW_YEAR_US = 1_609_459_200_000_000
MINUTE_US = 60_000_000
A_DAY_US = 86_400_000_000
PART_ROWS = 50


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vesseltrack.store.parts.PART_ROWS", PART_ROWS)


def rows_at(t_us: list[int], *, source_id: int = 1, first_line: int = 0) -> pa.Table:
    """Positions of five vessels at some times."""
    n = len(t_us)
    numbers = np.arange(n)
    return RECEIVED.of(
        {
            "mmsi": (200_000_000 + np.array(t_us) // 1_000 % 5).astype(np.int32),
            "timestamp": pa.array(t_us, pa.int64()).cast(TIMESTAMP),
            "lat_e6": (np.array(t_us) // 1_000_000 % 80_000).astype(np.int32),
            "lon_e6": np.zeros(n, np.int32),
            "msg_type": np.ones(n, np.int8),
            "quality": np.zeros(n, np.int32),
            "source_id": np.full(n, source_id, np.int64),
            "line": (first_line + numbers).astype(np.int32),
        }
    )


def minute(k: int, n: int = 30, **said: int) -> pa.Table:
    """The rows of a minute of a feed."""
    start_us = NEW_YEAR_US + k * MINUTE_US
    return rows_at([start_us + i * (MINUTE_US // n) for i in range(n)], **said)


def files_of(store: Store) -> list[StoredFile]:
    return list(store._ledgers["positions"].snapshot().files)


def contents(store: Store) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = store.select("positions").to_pylist()
    return rows


def folded_whole(path: Path, batches: list[pa.Table], landed: Land) -> Store:
    store = Store.open(path, create=True)
    for n, rows in enumerate(batches):
        landed(store, rows, n=n)
    store.fold_days()
    return store


def test_a_day_in_parts_is_read_as_one_file_of_it_is(
    ais_store: Store, landed: Land, tmp_path: Path
) -> None:
    batches = [minute(k) for k in range(8)]
    for n, rows in enumerate(batches):
        landed(ais_store, rows, n=n)
        ais_store.fold_days(may_part=True)
    assert len(files_of(ais_store)) > 3
    whole = folded_whole(tmp_path / "whole", batches, landed)
    assert contents(ais_store) == contents(whole)
    assert ais_store.days() == whole.days() == {dt.date(2021, 1, 1): 240}
    assert ais_store.shards(100) == whole.shards(100)
    where = Filter(
        since=dt.datetime(2021, 1, 1, 0, 2, 30, tzinfo=dt.UTC),
        until=dt.datetime(2021, 1, 1, 0, 5, tzinfo=dt.UTC),
    )
    assert ais_store.select("positions", where).equals(whole.select("positions", where))
    page = {"limit": 70, "offset": 35}
    assert ais_store.select("positions", **page).equals(whole.select("positions", **page))
    assert ais_store.verify() == []


def test_the_next_fold_makes_one_file_of_parts_that_is_the_file_there_would_have_been(
    ais_store: Store, landed: Land, tmp_path: Path
) -> None:
    batches = [minute(k) for k in range(6)]
    for n, rows in enumerate(batches):
        landed(ais_store, rows, n=n)
        ais_store.fold_days(may_part=True)
    assert ais_store.fold_days() == []  # the same rows
    whole = folded_whole(tmp_path / "whole", batches, landed)
    assert [f.path for f in files_of(ais_store)] == [f.path for f in files_of(whole)]
    assert ais_store.verify() == []


def test_only_what_rows_come_to_is_written_again(ais_store: Store, landed: Land) -> None:
    for k in range(6):
        landed(ais_store, minute(k), n=k)
        ais_store.fold_days(may_part=True)
    before = {file.path for file in files_of(ais_store)}
    landed(ais_store, minute(6), n=6)
    ais_store.fold_days(may_part=True)
    assert len(before - {file.path for file in files_of(ais_store)}) <= 1
    before = {file.path for file in files_of(ais_store)}
    late = rows_at([NEW_YEAR_US + 90 * 1_000_000 + 7], first_line=900)  # in the second minute
    landed(ais_store, pa.concat_tables([late, minute(7)]), n=7)
    ais_store.fold_days(may_part=True)
    assert len(before - {file.path for file in files_of(ais_store)}) <= 2


def test_a_row_that_comes_again_is_found_in_its_part_and_keeps_the_smallest_source(
    ais_store: Store, landed: Land
) -> None:
    for k in range(6):
        landed(ais_store, minute(k, source_id=5), n=k)
        ais_store.fold_days(may_part=True)
    landed(ais_store, minute(1, source_id=3))
    ais_store.fold_days(may_part=True)
    found = contents(ais_store)
    assert len(found) == 180
    assert sum(row["source_id"] == 3 for row in found) == 30


def test_a_file_that_the_log_says_ends_where_another_begins_stays(
    ais_store: Store, landed: Land, tmp_path: Path
) -> None:
    """Its last row is less than a millisecond before."""
    first = rows_at([NEW_YEAR_US + k * 10**6 - 1 for k in range(1, 41)])
    then = rows_at([NEW_YEAR_US + 40 * 10**6 + k for k in range(40)], first_line=100)
    for n, rows in enumerate((first, then)):
        landed(ais_store, rows, n=n)
        ais_store.fold_days(may_part=True)
    assert len(files_of(ais_store)) == 2
    assert contents(ais_store) == contents(folded_whole(tmp_path / "w", [first, then], landed))


@settings(max_examples=8, deadline=None)
@given(
    batches=st.lists(
        st.lists(st.integers(0, 400), min_size=1, max_size=40),  # half seconds: many are repeats
        min_size=1,
        max_size=6,
    ),
    begins=st.integers(-100, 0),
)
def test_rows_in_any_order_and_across_midnight_are_each_there_once(
    tmp_path_factory: pytest.TempPathFactory, landed: Land, batches: list[list[int]], begins: int
) -> None:
    # As late in its millisecond as can be: the log rounds it up, to a whole second half the time.
    first_us = NEW_YEAR_US + A_DAY_US + begins * 10**6 - 1
    tables = [rows_at([first_us + h * 500_000 for h in halves]) for halves in batches]
    path = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("vesseltrack.store.parts.PART_ROWS", 20)
        store = Store.open(path / "parted", create=True)
        for n, rows in enumerate(tables):
            landed(store, rows, n=n)
            store.fold_days(may_part=True)
    whole = folded_whole(path / "whole", tables, landed)
    assert contents(store) == contents(whole)
    assert store.verify() == []
    store.fold_days()
    assert store.version() == whole.version()


@pytest.mark.parametrize("step", ["files.write", "ledger.Ledger.commit"])
def test_a_fold_into_parts_that_is_killed_anywhere_leaves_each_row_once_for_the_next(
    tmp_path: Path, landed: Land, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    late = rows_at([NEW_YEAR_US + 7], first_line=900)
    batches = [*(minute(k) for k in range(5)), late]
    whole = contents(folded_whole(tmp_path / "whole", batches, landed))
    for nth in itertools.count():
        store = Store.open(tmp_path / str(nth), create=True)
        for n, rows in enumerate([*batches[:3], pa.concat_tables(batches[3:])]):
            landed(store, rows, n=n)
            if n < 3:
                store.fold_days(may_part=True)
        with monkeypatch.context() as patched:
            is_killed = killed_at(f"vesseltrack.store.{step}", nth, store, patched)
        assert len(contents(store)) in (90, 151)
        store.fold_days(may_part=True)
        assert contents(store) == whole
        assert store.verify() == []
        if not is_killed:
            break
    assert nth > 1


class KilledError(BaseException):
    """As if the process ended there."""


def killed_at(name: str, nth: int, store: Store, patched: pytest.MonkeyPatch) -> bool:
    """Fold, but end at the n-th call of a function; return whether it came to that."""
    module, _, attribute = name.rpartition(".")
    target = pkgutil.resolve_name(module)
    call = getattr(target, attribute)
    calls = itertools.count()

    def counted(*arguments: object, **named: object) -> object:
        if next(calls) == nth:
            raise KilledError
        return call(*arguments, **named)

    patched.setattr(target, attribute, counted)
    try:
        store.fold_days(may_part=True)
    except KilledError:
        return True
    return False
