import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vesseltrack.errors import StoreDamagedError, StoreError
from vesseltrack.store import Filter, Store
from vesseltrack.store.reader import Condition, Reader

Rows = Callable[..., pa.Table]
Land = Callable[..., None]

ENDLESS = "count(*) AS n, (SELECT count(*) FROM range(1000000000) a, range(1000000000) b) AS m"


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    path = tmp_path / "store" / "rows.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({"x": [1, 2, 3]}), path)
    return path


def test_values_are_bound(small_file: Path) -> None:
    found = Reader(small_file.parent).scan([str(small_file)], "x", Condition("x >= ?", (2,)))
    assert found["x"].to_pylist() == [2, 3]


@pytest.mark.parametrize(
    "columns",
    [
        "(SELECT content FROM read_text('/etc/hostname'))",
        "(SELECT count(*) FROM read_csv('/etc/passwd'))",
        "(SELECT count(*) FROM glob('/etc/*'))",
    ],
)
def test_nothing_outside_the_store_can_be_read(small_file: Path, columns: str) -> None:
    with pytest.raises(duckdb.PermissionException):
        Reader(small_file.parent).scan([str(small_file)], columns)


def test_a_file_outside_the_store_is_out_of_reach(small_file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.parquet"
    pq.write_table(pa.table({"x": [1]}), outside)
    for path in (outside, small_file.parent / ".." / "outside.parquet"):
        with pytest.raises(duckdb.PermissionException):
            Reader(small_file.parent).scan([str(path)])


def test_the_configuration_is_locked(small_file: Path) -> None:
    database = Reader(small_file.parent)._connection()
    with pytest.raises(duckdb.InvalidInputException, match="configuration has been locked"):
        database.execute("SET enable_external_access = true")


def test_a_folder_with_a_quote_in_its_name_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "it's"
    folder.mkdir()
    pq.write_table(pa.table({"x": [1]}), folder / "a.parquet")
    assert Reader(folder).scan([str(folder / "a.parquet")])["x"].to_pylist() == [1]


@pytest.mark.slow
def test_a_query_that_runs_too_long_is_stopped(
    small_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(small_file.parent)
    with monkeypatch.context() as patched:
        patched.setattr("vesseltrack.store.reader.QUERY_LIMIT_S", 0.2)
        with pytest.raises(StoreError, match=r"took longer than 0\.2 s; ask for less"):
            reader.scan([str(small_file)], ENDLESS)
    assert reader.scan([str(small_file)], "x")["x"].to_pylist() == [1, 2, 3]


def test_a_query_that_needs_too_much_memory_is_refused(
    small_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vesseltrack.store.reader.QUERY_MEMORY_MIB", 20)
    reader = Reader(small_file.parent)
    many = "unnest(range(3000000)) AS n, random() AS r"
    with pytest.raises(StoreError, match="needs more than 20 MiB; ask for less"):
        reader.scan([str(small_file)], many, tail=Condition("ORDER BY r"))


@pytest.mark.parametrize("damage", ["missing", "cut", "empty"])
def test_a_file_that_cannot_be_read_is_damage(small_file: Path, damage: str) -> None:
    content = small_file.read_bytes()
    small_file.unlink()
    if damage != "missing":
        small_file.write_bytes(content[: len(content) // 2] if damage == "cut" else b"")
    with pytest.raises(StoreDamagedError, match="cannot be read; run 'vesseltrack verify'"):
        Reader(small_file.parent).scan([str(small_file)])


def test_threads_ask_one_store_at_once(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    landed(ais_store, received_rows(400))
    ais_store.fold_days()
    expected = {
        m: ais_store.count("positions", Filter(mmsi=m)) for m in range(219_000_000, 219_000_007)
    }
    found: list[tuple[int, int]] = []

    def ask(mmsi: int) -> None:
        where = Filter(mmsi=mmsi)
        found.extend((mmsi, ais_store.select("positions", where).num_rows) for _ in range(5))

    threads = [threading.Thread(target=ask, args=(mmsi,)) for mmsi in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(item for item in expected.items() for _ in range(5))


@pytest.mark.slow
def test_a_process_that_read_ends_without_a_word(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    landed(ais_store, received_rows(50))
    ais_store.fold_days()
    script = (
        "import sys\nfrom pathlib import Path\nfrom vesseltrack.store import Store\n"
        "store = Store.open(Path(sys.argv[1]))\nstore.select('positions')\n"
    )
    command = [sys.executable, "-W", "error", "-c", script, str(ais_store.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""
