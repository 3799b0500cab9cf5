"""A day of several row groups, which DuckDB reads on several threads."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from vesseltrack.schema import RECEIVED, SEGMENTS, TIMESTAMP
from vesseltrack.store import Filter, Store

N_VESSELS, N_FIXES = 300, 1_000
MIDNIGHT_US = 1_609_459_200_000_000
STEP_US = 60_000_000


@pytest.fixture(scope="module")
def large_day(tmp_path_factory: pytest.TempPathFactory, landed: Callable[..., None]) -> Store:
    """300,000 positions of one day: vessel v is at latitude v / 10,000 from its n-th minute on."""
    store = Store.open(tmp_path_factory.mktemp("large") / "store", create=True)
    vessel, fix = np.divmod(np.arange(N_VESSELS * N_FIXES), N_FIXES)
    n_rows = vessel.size
    received = RECEIVED.of(
        {
            "mmsi": 219_000_000 + vessel,
            "timestamp": pa.array(MIDNIGHT_US + fix * STEP_US).cast(TIMESTAMP),
            "lat_e6": vessel * 100,
            "lon_e6": fix,
            "msg_type": np.ones(n_rows, dtype=np.int8),
            "quality": np.zeros(n_rows, dtype=np.int32),
            "source_id": np.ones(n_rows, dtype=np.int64),
            "line": np.arange(1, n_rows + 1),
        }
    )
    landed(store, received)
    store.fold_days()
    start, end = (
        pa.array([MIDNIGHT_US + at * STEP_US] * N_VESSELS).cast(TIMESTAMP)
        for at in (0, N_FIXES - 1)
    )
    ranges = [
        [{"start": a, "start_nth": 0, "end": b, "end_nth": 0}]
        for a, b in zip(start.to_pylist(), end.to_pylist(), strict=True)
    ]
    zeros = {c.name: [0.0] * N_VESSELS for c in SEGMENTS.columns if c.type == pa.float64()}
    mmsi = 219_000_000 + np.arange(N_VESSELS)
    store.replace(
        "segments",
        SEGMENTS.of(
            zeros
            | {
                "segment_id": [f"seg-{number}" for number in mmsi],
                "vessel_id": [str(number) for number in mmsi],
                "mmsi": mmsi,
                "start": start,
                "end": end,
                "n_positions": [N_FIXES] * N_VESSELS,
                "fix_ranges": ranges,
            }
        ),
    )
    return store


@pytest.mark.parametrize("n_wanted", [1, 75, N_VESSELS])
def test_many_tracks_of_a_large_day_have_exactly_their_fixes(large_day: Store, n_wanted: int):
    wanted = [f"seg-{219_000_000 + v}" for v in range(N_VESSELS)][::-1][:n_wanted]
    fixes = large_day.fixes_of(wanted)
    assert fixes.num_rows == n_wanted * N_FIXES
    expected_vessel = np.repeat(np.arange(N_VESSELS)[::-1][:n_wanted], N_FIXES)
    np.testing.assert_array_equal(fixes["lat_e6"].to_numpy(), expected_vessel * 100)
    np.testing.assert_array_equal(
        fixes["lon_e6"].to_numpy(), np.tile(np.arange(N_FIXES), n_wanted)
    )


def test_a_large_day_is_selected_in_key_order(large_day: Store):
    positions = large_day.select("positions", Filter(), columns=["mmsi", "lon_e6"])
    rank = positions["mmsi"].to_numpy().astype(np.int64) * N_FIXES + positions["lon_e6"].to_numpy()
    assert (np.diff(rank) == 1).all()


def test_pages_of_a_large_day_follow_each_other(large_day: Store):
    filter_ = Filter(bbox=(-1.0, 0.005, 1.0, 0.01))
    whole = large_day.select("positions", filter_)
    pages = [
        large_day.select("positions", filter_, limit=7_000, offset=at)
        for at in range(0, whole.num_rows, 7_000)
    ]
    assert pa.concat_tables(pages).combine_chunks().equals(whole.combine_chunks())
