"""However the same rows are cut, ordered and folded, the store holds the same."""

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.schema import RECEIVED, REJECTS, STATICS, TIMESTAMP, Table
from vesseltrack.store import Store

Row = dict[str, Any]

MIDNIGHT_US = 1_609_459_200_000_000
# Few values, so that equal vessels, instants and contents meet often, also at midnight.
TIMES_US = st.sampled_from(
    [None, *(MIDNIGHT_US + s * 1_000_000 for s in (-1, 0, 1, 60, 86_399, 86_400, 200_000))]
)
MMSI = st.sampled_from([219_000_001, 219_000_002])

POSITION = st.fixed_dictionaries(
    {
        "mmsi": MMSI,
        "timestamp": TIMES_US,
        "lat_e6": st.sampled_from([-1_000_000, 55_000_000]),
        "lon_e6": st.sampled_from([-180_000_000, 10_000_000]),
        "sog_kn": st.sampled_from([None, 0.0, 10.5]),
        "msg_type": st.sampled_from([1, 18]),
        "quality": st.sampled_from([0, 16]),
    }
)
REPORT = st.fixed_dictionaries(
    {
        "mmsi": MMSI,
        "timestamp": TIMES_US,
        "name": st.sampled_from([None, "A", "B"]),
        "callsign": st.sampled_from([None, "OX"]),
        "draught_m": st.sampled_from([None, 5.5]),
        "msg_type": st.sampled_from([5, 24]),
    }
)


@st.composite
def deliveries(draw: st.DrawFn, rows: st.SearchStrategy[Row]) -> tuple[list[Row], list[list[Row]]]:
    """Return rows and the same rows as batches: reordered, cut, some of them more than once."""
    given_rows = draw(st.lists(rows, min_size=1, max_size=24))
    again = draw(st.lists(st.sampled_from(given_rows), max_size=6))
    shuffled = draw(st.permutations([*given_rows, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(shuffled)), max_size=4)))
    edges = [0, *cuts, len(shuffled)]
    pieces = [shuffled[a:b] for a, b in itertools.pairwise(edges)]
    return given_rows, [piece for piece in pieces if piece]


def as_table(rows: list[Row], spec: Table, source_id: int) -> pa.Table:
    columns: dict[str, Any] = {name: [row.get(name) for row in rows] for name in spec.names}
    columns["timestamp"] = pa.array(columns["timestamp"], pa.int64()).cast(TIMESTAMP)
    columns["source_id"] = [source_id] * len(rows)
    columns["line"] = list(range(1, len(rows) + 1))
    return spec.of(columns)


def content_order(spec: Table) -> Callable[[Row], tuple[Any, ...]]:
    """Return a key: MMSI and time, then every other column; what is unknown comes last."""
    rest = [n for n in spec.names if n not in {*spec.key, "source_id", "line"}]
    names = [*spec.key, *rest]
    return lambda row: tuple((row.get(n) is None, row.get(n) or 0) for n in names if n in row)


def each_once(rows: list[Row], spec: Table) -> list[Row]:
    unique = {tuple(row[name] for name in sorted(row)): row for row in rows}
    return sorted(unique.values(), key=content_order(spec))


def changes(rows: list[Row]) -> list[Row]:
    """Return the reports that differ from the vessel's one before, and what confirms them.

    One row after the other.
    """
    last: dict[object, object] = {}
    times: dict[object, int] = {}
    kept = []
    for row in each_once(rows, STATICS):
        says_part_b = row["callsign"] is not None or row["draught_m"] is not None
        form = (row["mmsi"], row["msg_type"], row["msg_type"] == 24 and says_part_b)
        content = (row["name"], row["callsign"], row["draught_m"])
        if row["timestamp"] is None:
            kept.append(row)
            continue
        times[form] = times.get(form, 0) + 1 if last.get(form) == content else 1
        last[form] = content
        if times[form] <= 2:
            kept.append(row)
    return kept


def stored(store: Store, name: str, like: Row) -> list[Row]:
    rows = store.select(name)
    times = rows["timestamp"].cast(pa.int64())
    rows = rows.set_column(rows.schema.get_field_index("timestamp"), "timestamp", times)
    plain: list[Row] = rows.select(list(like)).to_pylist()
    return plain


@settings(max_examples=12, deadline=None)
@given(
    deliveries(POSITION),
    deliveries(REPORT),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.booleans(),
)
def test_any_delivery_of_the_same_rows_gives_the_same_tables(
    positions: tuple[list[Row], list[list[Row]]],
    reports: tuple[list[Row], list[list[Row]]],
    folds: list[bool],
    is_one_source: bool,  # noqa: FBT001 - drawn
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder), create=True)
        for n in range(5):
            received = positions[1][n] if n < len(positions[1]) else []
            statics = reports[1][n] if n < len(reports[1]) else []
            source_id, batch = (1, n) if is_one_source else (100 - n, 0)
            store.land(
                source_id,
                batch,
                as_table(received, RECEIVED, source_id),
                as_table(statics, STATICS, source_id),
                REJECTS.empty(),
            )
            if folds[n]:
                store.fold_days()
        store.fold_days()
        expected = each_once(positions[0], RECEIVED)
        assert stored(store, "positions", positions[0][0]) == expected
        assert stored(store, "statics", reports[0][0]) == changes(reports[0])
        assert store.verify() == []
