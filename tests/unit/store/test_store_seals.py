"""The hashes of the logs are all there, whoever commits, and once each."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from vesseltrack.store import Store


def log_and_seals(store: Store, table: str) -> tuple[list[str], list[str]]:
    log = sorted(path.name for path in (store.path / table / "_delta_log").glob("0*"))
    lines = (store.path / "seals" / f"{table}.b2sum").read_text().splitlines()
    return log, [line.rpartition("/")[2] for line in lines]


def test_writers_that_take_turns_seal_every_commit_once(
    ais_store: Store, received_rows: Callable[..., pa.Table], landed: Callable[..., None]
) -> None:
    other = Store.open(ais_store.path)
    for n, store in enumerate([ais_store, ais_store, other, ais_store, other, other]):
        landed(store, received_rows(20, seed=n), n=n)
    log, sealed = log_and_seals(ais_store, "landing")
    assert len(log) == 6 + 1  # the table's own making
    assert sealed == log
    assert Store.open(ais_store.path).verify() == []


def test_a_seal_that_was_lost_is_made_up_for_by_the_next_commit(
    ais_store: Store, received_rows: Callable[..., pa.Table], landed: Callable[..., None]
) -> None:
    for n in range(3):
        landed(ais_store, received_rows(20, seed=n), n=n)
    seals: Path = ais_store.path / "seals" / "landing.b2sum"
    seals.write_text("".join(seals.read_text().splitlines(keepends=True)[:2]))
    landed(ais_store, received_rows(20, seed=3), n=3)
    log, sealed = log_and_seals(ais_store, "landing")
    assert sorted(sealed) == log
