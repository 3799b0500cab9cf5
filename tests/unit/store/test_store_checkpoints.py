from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from vesseltrack.schema import RECEIVED, REJECTS, STATICS, TIMESTAMP, Checkpoint
from vesseltrack.store import Store

Rows = Callable[..., pa.Table]
SOURCE = 7


def rejects(lines: list[int]) -> pa.Table:
    n = len(lines)
    return REJECTS.of(
        {"source_id": [SOURCE] * n, "line": lines, "reason": ["x"] * n, "raw": ["y"] * n}
    )


def static(line: int, name: str, time_us: int) -> pa.Table:
    return STATICS.of(
        {
            "mmsi": [219_000_000],
            "timestamp": pa.array([time_us], pa.int64()).cast(TIMESTAMP),
            "name": [name],
            "msg_type": [5],
            "source_id": [SOURCE],
            "line": [line],
        }
    )


def at(n: int) -> Checkpoint:
    return Checkpoint({"size_bytes": n}, b"\0state\n%d" % n)


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def land(store: Store, n: int, lines: list[int], received: pa.Table | None = None) -> None:
    rows = RECEIVED.empty() if received is None else received
    store.land(SOURCE, n, rows, STATICS.empty(), rejects(lines), at(n))


def test_the_newest_checkpoint_comes_back_as_it_was_given(ais_store: Store) -> None:
    assert (ais_store.checkpoint(SOURCE), ais_store.next_batch(SOURCE)) == (None, 0)
    for n in range(3):
        land(ais_store, n, [n])
    again = Store.open(ais_store.path)
    assert (again.checkpoint(SOURCE), again.next_batch(SOURCE)) == (at(2), 3)
    assert list(again.known_sources()) == [(SOURCE, {"size_bytes": 2})]
    assert len(list((ais_store.path / "checkpoints").iterdir())) == 1
    assert again.checkpoint(SOURCE + 1) is None


def test_a_checkpoint_counts_only_once_its_batch_does(
    ais_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(ais_store, 0, [1])
    with monkeypatch.context() as patched:
        patched.setattr("vesseltrack.store.landing.with_cells", interrupt)
        with pytest.raises(KeyboardInterrupt):
            land(ais_store, 1, [2])
    again = Store.open(ais_store.path)
    assert (again.checkpoint(SOURCE), again.next_batch(SOURCE)) == (at(0), 1)


def test_what_a_killed_writer_left_of_a_batch_that_is_cut_elsewhere_now_is_replaced(
    ais_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("vesseltrack.store.landing.with_cells", interrupt)
        with pytest.raises(KeyboardInterrupt):
            land(ais_store, 0, [1, 2, 3])
    land(ais_store, 0, [1, 2])
    land(ais_store, 1, [3, 4])
    assert ais_store.select("rejects")["line"].to_pylist() == [1, 2, 3, 4]


@pytest.mark.parametrize("damage", [b"", b"no hash\n{}\n", b"\xff"])
def test_a_damaged_checkpoint_is_as_none(ais_store: Store, damage: bytes) -> None:
    land(ais_store, 0, [1])
    (path,) = (ais_store.path / "checkpoints").iterdir()
    path.write_bytes(damage)
    assert ais_store.checkpoint(SOURCE) is None
    assert ais_store.next_batch(SOURCE) == 1


def test_a_changed_bit_is_damage(ais_store: Store) -> None:
    land(ais_store, 0, [1])
    (path,) = (ais_store.path / "checkpoints").iterdir()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert ais_store.checkpoint(SOURCE) is None


def test_an_unfinished_source_that_lost_rows_begins_anew(
    ais_store: Store, received_rows: Rows
) -> None:
    land(ais_store, 0, [1], received_rows(20, source_id=SOURCE))
    (landed,) = (ais_store.path / "landing").glob("*.parquet")
    landed.write_bytes(b"gone")
    ais_store.verify(repair=True)
    assert (ais_store.checkpoint(SOURCE), ais_store.next_batch(SOURCE)) == (None, 0)


@pytest.mark.parametrize("is_folded", [False, True])
def test_lines_are_taken_back_wherever_their_rows_are(
    ais_store: Store, received_rows: Rows, new_year: datetime, *, is_folded: bool
) -> None:
    received = received_rows(40, source_id=SOURCE, n_days=1)
    others = received_rows(40, seed=1, source_id=SOURCE + 1, n_days=1)
    day_us = 1_609_459_200_000_000
    ais_store.land(SOURCE, 0, received, static(1, "RIGHT", day_us), rejects([2, 3]), Checkpoint())
    ais_store.land(
        SOURCE, 1, RECEIVED.empty(), static(3, "WRONG", day_us + 1), rejects([]), Checkpoint()
    )
    ais_store.land(SOURCE + 1, 0, others, STATICS.empty(), REJECTS.empty())
    if is_folded:
        ais_store.fold_days()
    ais_store.take_back(SOURCE, [3], [new_year.date(), None])
    ais_store.take_back(SOURCE, [3], [new_year.date(), None])
    ais_store.fold_days()
    positions = ais_store.select("positions", columns=["source_id", "line"]).to_pylist()
    assert {"source_id": SOURCE, "line": 3} not in positions
    expected = Store.open(ais_store.path.parent / "expected", create=True)
    kept = received.filter(pc.not_equal(received["line"], 3))
    expected.land(SOURCE, 0, kept, STATICS.empty(), REJECTS.empty())
    expected.land(SOURCE + 1, 0, others, STATICS.empty(), REJECTS.empty())
    expected.fold_days()
    assert ais_store.select("positions").equals(expected.select("positions"))
    assert ais_store.select("rejects")["line"].to_pylist() == [2]
    assert ais_store.select("statics")["name"].to_pylist() == ["RIGHT"]
    assert ais_store.verify() == []


def test_a_source_of_an_older_store_has_none(ais_store: Store, tmp_path: Path) -> None:
    ais_store.land(SOURCE, 0, RECEIVED.empty(), STATICS.empty(), rejects([1]))
    assert (ais_store.checkpoint(SOURCE), ais_store.next_batch(SOURCE)) == (None, 1)
    assert list(Store.open(tmp_path / "new", create=True).known_sources()) == []
