import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from vesseltrack.errors import NotFoundError
from vesseltrack.schema import SEGMENTS
from vesseltrack.store import Store

Rows = Callable[..., pa.Table]
Land = Callable[..., None]
Fix = dict[str, Any]


def tracks_of(store: Store, seed: int) -> dict[str, list[Fix]]:
    """Deal the stored positions of each vessel out to segments, some of them to none."""
    rng = np.random.default_rng(seed)
    dealt: dict[str, list[Fix]] = {}
    for fix in store.select("positions").to_pylist():
        part = int(rng.integers(0, 3))
        if fix["timestamp"] is not None and part < 2:
            dealt.setdefault(f"{fix['mmsi']}-{part}", []).append(fix)
    return dealt


def as_segments(dealt: dict[str, list[Fix]], order: list[Fix]) -> pa.Table:
    """Return segments whose ranges are worked out row by row from the stored order."""
    nth: dict[tuple[int, dt.datetime, int], int] = {}
    seen: dict[tuple[int, dt.datetime], int] = {}
    for place, fix in enumerate(order):
        instant = (fix["mmsi"], fix["timestamp"])
        nth[(*instant, place)] = seen.get(instant, 0)
        seen[instant] = seen.get(instant, 0) + 1
    place_of = {id_of(fix): place for place, fix in enumerate(order)}
    rows = []
    for segment_id, fixes in dealt.items():
        ranges: list[Fix] = []
        last_place = -2
        for fix in fixes:
            place = place_of[id_of(fix)]
            number = nth[fix["mmsi"], fix["timestamp"], place]
            if place != last_place + 1:
                ranges.append({"start": fix["timestamp"], "start_nth": number})
            ranges[-1].update(end=fix["timestamp"], end_nth=number)
            last_place = place
        rows.append((segment_id, fixes[0]["mmsi"], fixes[0], fixes[-1], ranges))
    numbers = ("start_lat", "start_lon", "end_lat", "end_lon", "min_lat", "min_lon", "max_lat")
    return SEGMENTS.of(
        {
            "segment_id": [row[0] for row in rows],
            "vessel_id": [str(row[1]) for row in rows],
            "mmsi": [row[1] for row in rows],
            "start": [row[2]["timestamp"] for row in rows],
            "end": [row[3]["timestamp"] for row in rows],
            **{
                name: [0.0] * len(rows) for name in (*numbers, "max_lon", "length_nm", "max_gap_h")
            },
            "n_positions": [len(dealt[row[0]]) for row in rows],
            "fix_ranges": [row[4] for row in rows],
        }
    )


def id_of(fix: Fix) -> tuple[object, ...]:
    return fix["source_id"], fix["line"]


@pytest.fixture(params=[(60, 131_072), (24, 40)], ids=["three days", "one day, many row groups"])
def store_with_ties(
    ais_store: Store,
    received_rows: Rows,
    landed: Land,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Store:
    """Many positions of few vessels at the same instants."""
    n_hours, row_group_rows = request.param
    monkeypatch.setattr("vesseltrack.store.files.ROW_GROUP_ROWS", row_group_rows)
    rows = received_rows(600)
    coarse = pa.array(np.random.default_rng(3).integers(0, n_hours, 600) * 3_600_000_000)
    times = pa.compute.add(coarse, 1_609_459_200_000_000).cast(pa.timestamp("us", "UTC"))
    landed(ais_store, rows.set_column(1, "timestamp", times))
    ais_store.fold_days()
    return ais_store


def test_a_segment_has_exactly_its_own_fixes_in_time_order(store_with_ties: Store) -> None:
    store = store_with_ties
    dealt = tracks_of(store, 1)
    store.replace("segments", as_segments(dealt, store.select("positions").to_pylist()))
    wanted = sorted(dealt, reverse=True)
    found = store.fixes_of(wanted)
    assert found.column_names == ["segment_id", *store.select("positions").column_names]
    expected = [{"segment_id": s, **fix} for s in wanted for fix in dealt[s]]
    assert found.to_pylist() == expected


def test_one_segment_alone(store_with_ties: Store) -> None:
    store = store_with_ties
    dealt = tracks_of(store, 2)
    store.replace("segments", as_segments(dealt, store.select("positions").to_pylist()))
    for segment_id, fixes in dealt.items():
        found = store.fixes_of([segment_id])
        assert found.drop_columns("segment_id").to_pylist() == fixes


def test_no_segments_have_no_fixes(store_with_ties: Store) -> None:
    found = store_with_ties.fixes_of([])
    assert found.num_rows == 0
    assert found.schema.field("lat").type == pa.float64()


def test_an_unknown_segment_is_named(store_with_ties: Store) -> None:
    with pytest.raises(NotFoundError, match="segments has no 'seg-9'"):
        store_with_ties.fixes_of(["seg-9"])
