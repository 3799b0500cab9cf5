"""Rows to fill a store with: few vessels, days and values, so that ties and repeats are many."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from vesseltrack.schema import RECEIVED, REJECTS, STATICS, TIMESTAMP
from vesseltrack.store import Store

MIDNIGHT_US = 1_609_459_200_000_000  # 2021-01-01 00:00 UTC
DAY_US = 86_400_000_000


def times(values_us: object) -> pa.Array:
    return pa.array(values_us, pa.int64()).cast(TIMESTAMP)


@pytest.fixture
def ais_store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store", create=True)


@pytest.fixture(scope="session")
def received_rows() -> Callable[..., pa.Table]:
    """Return a maker of seeded RECEIVED rows around the first days of 2021."""

    def make(n: int, seed: int = 0, *, source_id: int = 1, n_days: int = 3) -> pa.Table:
        rng = np.random.default_rng(seed)
        time_us = MIDNIGHT_US + rng.integers(0, n_days * 24 * 60, n) * 60_000_000
        is_untimed = rng.random(n) < 0.05
        speed = rng.integers(0, 5, n).astype(np.float32)
        speed[rng.random(n) < 0.3] = np.nan
        return RECEIVED.of(
            {
                "mmsi": rng.integers(219_000_000, 219_000_007, n),
                "timestamp": pa.array(time_us, mask=is_untimed).cast(TIMESTAMP),
                "lat_e6": rng.integers(-90, 91, n) * 1_000_000,
                "lon_e6": rng.integers(-180, 180, n) * 1_000_000,
                "sog_kn": speed,
                "msg_type": rng.choice([1, 18], n),
                "quality": np.zeros(n, dtype=np.int32),
                "source_id": np.full(n, source_id),
                "line": np.arange(1, n + 1),
            }
        )

    return make


@pytest.fixture(scope="session")
def landed() -> Callable[..., None]:
    """Return what lands rows as batch `n` of their source, empty tables for what is not given."""

    def land(
        store: Store,
        received: pa.Table | None = None,
        statics: pa.Table | None = None,
        rejects: pa.Table | None = None,
        n: int = 0,
    ) -> None:
        given = [table for table in (received, statics, rejects) if table is not None]
        source_id = given[0]["source_id"][0].as_py() if given and given[0].num_rows else 1
        store.land(
            source_id,
            n,
            RECEIVED.empty() if received is None else received,
            STATICS.empty() if statics is None else statics,
            REJECTS.empty() if rejects is None else rejects,
        )

    return land


@pytest.fixture
def new_year() -> datetime:
    return datetime(2021, 1, 1, tzinfo=UTC)
