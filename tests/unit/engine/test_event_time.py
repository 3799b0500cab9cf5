"""What a store holds, in the order of event time: all of it once, a bounded part at a time."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesseltrack.engine.event_time import Stretch, in_event_time
from vesseltrack.schema import RECEIVED, STATICS, TIMESTAMP, Quality
from vesseltrack.store import Store

T0 = datetime(2021, 1, 1, 22, tzinfo=UTC)
T0_US = int(T0.timestamp() * 1e6)


def times(values_us):
    return pa.array(values_us, pa.int64()).cast(TIMESTAMP)


def received(times_us, quality=0):
    n = len(times_us)
    return RECEIVED.of(
        {
            "mmsi": 219_000_000 + np.arange(n) % 7,
            "timestamp": times(times_us),
            "lat_e6": np.arange(n),
            "lon_e6": np.arange(n),
            "msg_type": [1] * n,
            "quality": [quality] * n,
            "source_id": [1] * n,
            "line": np.arange(n),
        }
    )


def statics(times_us):
    n = len(times_us)
    return STATICS.of(
        {
            "mmsi": 219_000_000 + np.arange(n),
            "timestamp": times(times_us),
            "name": [f"SHIP {i}" for i in range(n)],
            "msg_type": [5] * n,
            "source_id": [1] * n,
            "line": np.arange(n),
        }
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two thousand positions about a midnight, a day with static reports alone, a false time."""
    store = Store.open(tmp_path_factory.mktemp("store"), create=True)
    rng = np.random.default_rng(1)
    when_us = T0_US + rng.integers(0, 4 * 3_600_000_000, 2_000)
    store.land_live(received(when_us), statics(when_us[:20]))
    store.land_live(
        received([T0_US + 10**15], Quality.TIME_QUARANTINED), statics([T0_US + 10**14])
    )
    store.fold_days()
    return store


def rows_of(table):
    return [(row["timestamp"], row["mmsi"]) for row in table.to_pylist()]


def test_all_that_is_believed_comes_once_in_order_and_no_more_at_a_time(store):
    stretches = list(in_event_time(store, None, None, max_rows=300))
    found = [row for stretch in stretches for row in rows_of(stretch.received)]
    assert found == sorted(found)
    assert len(found) == 2_000
    assert max(stretch.received.num_rows for stretch in stretches) <= 300
    said = [row for stretch in stretches for row in rows_of(stretch.statics)]
    assert said == sorted(said)
    assert len(said) == 21


def test_both_ends_are_included(store):
    (whole,) = in_event_time(
        store, T0 + timedelta(hours=2), T0 + timedelta(hours=3), max_rows=10**6
    )
    when = whole.received["timestamp"].to_pylist()
    first, last = when[10], when[-10]
    found = [s.received for s in in_event_time(store, first, last, max_rows=50)]
    assert rows_of(pa.concat_tables(found)) == [
        row for row in rows_of(whole.received) if first <= row[0] <= last
    ]


MOMENTS = st.lists(st.integers(0, 200).map(lambda s: T0_US + s * 1_000_000), max_size=30)


@given(MOMENTS, MOMENTS, st.integers(1, 100))
def test_parts_are_all_of_a_stretch_in_order_and_within_their_time(times_us, said_us, most_s):
    stretch = Stretch(received(sorted(times_us)), statics(sorted(said_us)))
    parts = list(stretch.parts(most_s * 1e6))
    for name in ("received", "statics"):
        tables = [getattr(part, name) for part in parts]
        whole = getattr(stretch, name)
        assert pa.concat_tables([whole.slice(0, 0), *tables]).equals(whole)
    last_us = 0
    for part in parts:
        both = [*rows_of(part.received), *rows_of(part.statics)]
        when = [int(row[0].timestamp() * 1e6) for row in both]
        assert max(when) == part.end_us
        assert min(when) > last_us
        assert max(when) - min(when) <= most_s * 1e6
        last_us = part.end_us
