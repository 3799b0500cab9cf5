"""Rows that come in any order leave in the stored one, and nobody's clock runs away with time."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.config.live import LiveConfig
from vesseltrack.config.settings import with_values
from vesseltrack.engine.reorder import Reorder
from vesseltrack.schema import POSITIONS, RECEIVED, STATICS, TIMESTAMP, Quality
from vesseltrack.store import as_stored, with_cells

S = 1_000_000
T0 = 1_700_000_000 * S
NOTHING = STATICS.empty()


def rows(t_us, mmsi, *, lat_e6=50_000_000, quality=0):
    t_us = np.atleast_1d(np.asarray(t_us, dtype=np.int64))
    n = t_us.size
    return RECEIVED.of(
        {
            "mmsi": np.broadcast_to(np.asarray(mmsi, dtype=np.int32), n),
            "timestamp": pa.array(t_us).cast(TIMESTAMP),
            "lat_e6": np.broadcast_to(np.asarray(lat_e6, dtype=np.int32), n),
            "lon_e6": np.full(n, 180_000_000, dtype=np.int32),
            "sog_kn": np.full(n, -0.0, dtype=np.float32),
            "cog_deg": np.full(n, np.nan, dtype=np.float32),
            "msg_type": np.ones(n, dtype=np.int8),
            "quality": np.full(n, int(quality), dtype=np.int32),
            "source_id": np.ones(n, dtype=np.int64),
            "line": np.arange(n, dtype=np.int32),
        }
    )


def stored(received):
    return as_stored(with_cells(received.select(RECEIVED.names)), POSITIONS)


def heard(t_us, mmsis=(211000001, 211000002, 211000003)):
    """One report each of enough vessels to be believed."""
    return rows([t_us] * len(mmsis), list(mmsis))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n_cuts=st.integers(0, 12))
def test_any_allowed_disorder_leaves_in_the_stored_order(seed, n_cuts):
    rng = np.random.default_rng(seed)
    n = 200
    t_us = T0 + rng.integers(0, 60, n) * S
    sent = rows(t_us, 211000001 + rng.integers(0, 4, n), lat_e6=rng.integers(0, 2, n))
    order = np.argsort(t_us + rng.integers(0, S, n), kind="stable")
    sent = sent.take(pa.array(order))
    reorder, parts, at = Reorder(LiveConfig()), [], 0
    for cut in [*np.sort(rng.integers(0, n, n_cuts)), n]:
        due = reorder.push(sent.slice(at, cut - at), NOTHING)
        at = int(cut)
        if due is not None:
            parts.append(due.positions)
            assert due.positions.equals(stored(due.positions))
    parts.append(reorder.rest().positions)
    assert reorder.n_late == 0
    times = [part["timestamp"].cast("int64").to_numpy() for part in parts if part.num_rows]
    assert all(one.max() < other.min() for one, other in itertools.pairwise(times))
    assert stored(pa.concat_tables(parts).select(RECEIVED.names)).equals(stored(sent))
    assert pa.concat_tables(parts).num_rows == stored(sent).num_rows


def test_what_comes_too_late_is_counted_and_left_out():
    reorder = Reorder(LiveConfig())
    reorder.push(heard(T0 + 10 * S), NOTHING)
    assert reorder.watermark_us == T0 + 9 * S - 1
    due = reorder.push(rows([T0 + 9 * S - 1, T0 + 9 * S], 211000009), NOTHING)
    assert due is not None
    assert due.positions.num_rows == 0
    assert reorder.n_late == 1
    waiting = reorder.rest().positions
    assert waiting["timestamp"].cast("int64").to_pylist().count(T0 + 9 * S) == 1


def test_rows_without_a_time_in_quarantine_or_of_no_vessel_are_left_out():
    reorder = Reorder(LiveConfig())
    untimed = rows([T0], 211000004)
    nothing = pa.nulls(1, TIMESTAMP)
    untimed = untimed.set_column(1, untimed.schema.field("timestamp"), nothing)
    for quality in (Quality.TIME_QUARANTINED, Quality.NOT_A_VESSEL, Quality.NO_TIME):
        reorder.push(
            rows([T0 + 99 * S] * 5, range(211000001, 211000006), quality=quality), NOTHING
        )
    reorder.push(untimed, NOTHING)
    assert reorder.watermark_us is None
    assert reorder.rest().positions.num_rows == 0
    assert reorder.n_late == 0


@pytest.mark.parametrize("n_mad", [1, 2])
def test_a_few_whose_clocks_are_ahead_move_nothing(n_mad):
    reorder = Reorder(LiveConfig())
    mad = [211000007, 211000008][:n_mad]
    for second in range(30):
        reorder.push(heard(T0 + second * S), NOTHING)
        reorder.push(rows([T0 + (540 + second) * S] * n_mad, mad), NOTHING)
    assert reorder.n_late == 0
    # With fewer right clocks than wrong ones beside them the right ones still decide.
    assert reorder.watermark_us == T0 + (29 - 1) * S - 1


def test_a_lone_vessel_is_believed_by_the_callers_clock():
    reorder = Reorder(LiveConfig())
    assert reorder.push(rows(T0, 211000001), NOTHING) is None
    assert reorder.push(rows(T0 + 60 * S, 211000001), NOTHING, now_us=T0 + 61 * S) is not None
    assert reorder.watermark_us == T0 + (60 - 30 - 1) * S - 1
    # Nobody's time counts beyond the caller's own.
    reorder.push(rows(T0 + 600 * S, 211000001), NOTHING, now_us=T0 + 62 * S)
    assert reorder.watermark_us == T0 + (62 - 30 - 1) * S - 1


def test_what_waits_far_ahead_is_bounded_and_counted():
    config = with_values(LiveConfig, {"max_ahead_rows": 10})
    reorder = Reorder(config)
    reorder.push(heard(T0), NOTHING)
    reorder.push(rows(T0 + (100 + np.arange(25)) * S, 211000009), NOTHING)
    assert reorder.n_ahead == 15
    times = reorder.rest().positions["timestamp"].cast("int64").to_numpy()
    assert times.max() == T0 + 109 * S


def test_going_on_from_a_time_takes_only_what_is_later():
    reorder = Reorder(LiveConfig())
    reorder.push(heard(T0), NOTHING)
    reorder.resume(T0 + 5 * S)
    reorder.push(rows([T0 + 5 * S, T0 + 5 * S + 1], 211000001), NOTHING)
    assert reorder.n_late == 1
    assert reorder.rest().positions.num_rows == 1
    assert reorder.watermark_us == T0 + 5 * S


def test_static_reports_wait_and_leave_as_positions_do():
    said = STATICS.of(
        {
            "mmsi": np.array([211000001] * 3, dtype=np.int32),
            "timestamp": pa.array([T0 + S, T0, T0 + S]).cast(TIMESTAMP),
            "name": ["B", "A", "B"],
            "msg_type": np.full(3, 5, dtype=np.int8),
            "source_id": np.array([1, 1, 2], dtype=np.int64),
            "line": np.array([1, 2, 3], dtype=np.int32),
        }
    )
    reorder = Reorder(LiveConfig())
    due = reorder.push(heard(T0 + 10 * S), said)
    assert due is not None
    assert due.statics["name"].to_pylist() == ["A", "B"]
