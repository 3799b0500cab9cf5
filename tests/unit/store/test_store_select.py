import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from vesseltrack.errors import InputError, NotFoundError
from vesseltrack.schema import EVENTS, KINDS, TABLES, VOYAGES, Column, Table
from vesseltrack.store import Filter, Store

Rows = Callable[..., pa.Table]
Land = Callable[..., None]
Ints = np.ndarray[Any, np.dtype[np.int64]]

DAY = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)


def some_rows(spec: Table, n: int, seed: int = 0) -> pa.Table:
    """Return seeded rows of a table: few vessels and whole degrees, spans of up to two days."""
    rng = np.random.default_rng(seed)
    start_h = rng.integers(0, 72, n)
    hours = dict.fromkeys(("start", "arrival", "window_start", "first_seen"), start_h)
    end_h = start_h + rng.integers(0, 48, n)
    return spec.of({c.name: _values(c, spec, rng, hours.get(c.name, end_h)) for c in spec.columns})


def _values(column: Column, spec: Table, rng: np.random.Generator, hours: Ints) -> Any:
    n = hours.size
    if pa.types.is_timestamp(column.type):
        return [DAY + dt.timedelta(hours=int(h)) for h in hours]
    if column.name == spec.names[0]:
        return [f"{spec.name}-{i:04}" for i in rng.permutation(n)]
    if pa.types.is_string(column.type):
        return rng.choice(KINDS[:4] if column.name == "kind" else ("A", "B"), n).tolist()
    if pa.types.is_nested(column.type):
        return pa.array([[]] * n, column.type)
    bounds = {"lat": (-90, 91), "lon": (-180, 180), "mmsi": (219_000_000, 219_000_005)}
    low, high = bounds.get(column.name.rpartition("_")[2], (0, 5))
    if pa.types.is_boolean(column.type):
        return rng.integers(0, 2, n).astype(bool)
    return rng.integers(low, high, n).astype(column.type.to_pandas_dtype())


def in_box(lat: float, lon: float, bbox: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bbox
    inside = west <= lon <= east if west <= east else lon >= west or lon <= east
    same_meridian = abs(lon) == 180 and 180 in (abs(west), abs(east))
    return south <= lat <= north and (inside or same_meridian)


SPANS = {
    "vessels": ("first_seen", "last_seen"),
    "segments": ("start", "end"),
    "port_calls": ("arrival", "departure"),
    "voyages": ("start", "end"),
    "events": ("start", "end"),
    "leads": ("window_start", "window_end"),
}
BOXES = [(-10.0, -20.0, 40.0, 60.0), (150.0, -90.0, -150.0, 90.0), (140.0, -30.0, 180.0, 90.0)]


@pytest.mark.parametrize("name", sorted(SPANS))
@pytest.mark.parametrize(("since_h", "until_h"), [(None, 20), (30, None), (24, 48), (40, 40)])
def test_a_row_counts_when_its_span_touches_the_time(
    ais_store: Store, name: str, since_h: int | None, until_h: int | None
) -> None:
    rows = some_rows(TABLES[name], 120)
    ais_store.replace(name, rows)
    first, last = SPANS[name]
    since, until = (h if h is None else DAY + dt.timedelta(hours=h) for h in (since_h, until_h))
    expected = {
        row[rows.column_names[0]]
        for row in rows.to_pylist()
        if (since is None or row[last] >= since) and (until is None or row[first] <= until)
    }
    found = ais_store.select(name, Filter(since=since, until=until))
    assert set(found[found.column_names[0]].to_pylist()) == expected
    assert 0 < len(expected) < 120


@pytest.mark.parametrize("bbox", BOXES)
@pytest.mark.parametrize("name", ["vessels", "port_calls", "ports", "events", "leads"])
def test_a_row_with_one_place_counts_inside_the_box(
    ais_store: Store, name: str, bbox: tuple[float, float, float, float]
) -> None:
    rows = some_rows(TABLES[name], 150)
    ais_store.replace(name, rows)
    expected = sum(in_box(row["lat"], row["lon"], bbox) for row in rows.to_pylist())
    assert ais_store.count(name, Filter(bbox=bbox)) == expected
    assert 0 < expected < 150


@pytest.mark.parametrize("bbox", BOXES)
def test_a_voyage_counts_by_either_end(
    ais_store: Store, bbox: tuple[float, float, float, float]
) -> None:
    rows = some_rows(VOYAGES, 150)
    ais_store.replace("voyages", rows)
    expected = sum(
        in_box(row["start_lat"], row["start_lon"], bbox)
        or in_box(row["end_lat"], row["end_lon"], bbox)
        for row in rows.to_pylist()
    )
    assert ais_store.count("voyages", Filter(bbox=bbox)) == expected


@pytest.mark.parametrize("bbox", [*BOXES, (-180.0, -90.0, -170.0, 90.0)])
def test_positions_count_by_their_own_place(
    ais_store: Store,
    received_rows: Rows,
    landed: Land,
    bbox: tuple[float, float, float, float],
) -> None:
    landed(ais_store, received_rows(500))
    ais_store.fold_days()
    rows = ais_store.select("positions").to_pylist()
    expected = sum(in_box(row["lat"], row["lon"], bbox) for row in rows)
    assert ais_store.count("positions", Filter(bbox=bbox)) == expected


def test_a_place_on_the_border_counts_to_the_last_millionth(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    rows = received_rows(1)
    place = rows.schema.get_field_index("lat_e6")
    rows = rows.set_column(place, "lat_e6", pa.array([55_000_001], pa.int32()))
    landed(ais_store, rows)
    ais_store.fold_days()
    for north, n in ((55.000001, 1), (55.0000009, 0), (55.0000011, 1)):
        assert ais_store.count("positions", Filter(bbox=(-180, 50, 180, north))) == n


def test_positions_come_in_degrees_beside_their_millionths(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    landed(ais_store, received_rows(50))
    ais_store.fold_days()
    rows = ais_store.select("positions")
    place = rows.column_names.index("lat_e6")
    assert rows.column_names[place : place + 4] == ["lat_e6", "lon_e6", "lat", "lon"]
    for row in rows.to_pylist():
        assert row["lat"] == row["lat_e6"] / 1e6
        assert row["lon"] == row["lon_e6"] / 1e6


def test_rows_without_a_time_never_meet_a_time(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    landed(ais_store, received_rows(500))
    ais_store.fold_days()
    n_untimed = ais_store.select("positions")["timestamp"].null_count
    assert n_untimed > 0
    always = Filter(since=DAY - dt.timedelta(days=9), until=DAY + dt.timedelta(days=9))
    assert ais_store.count("positions", always) == ais_store.count("positions") - n_untimed


def test_rows_come_in_key_order_and_pages_follow_on_each_other(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    for n in range(3):
        landed(ais_store, received_rows(300, n), n=n)
    ais_store.fold_days()
    everything = ais_store.select("positions")
    keys = everything.select(["mmsi", "timestamp"]).to_pylist()
    far = DAY + dt.timedelta(days=999)
    assert keys == sorted(keys, key=lambda key: (key["mmsi"], key["timestamp"] or far))
    pages = [ais_store.select("positions", limit=97, offset=start) for start in range(0, 900, 97)]
    assert pa.concat_tables(pages).equals(everything)
    one_day = Filter(since=DAY, until=DAY + dt.timedelta(hours=23))
    whole = ais_store.select("positions", one_day)
    assert ais_store.select("positions", one_day, limit=10, offset=20).equals(whole.slice(20, 10))


@pytest.mark.parametrize("name", sorted(SPANS))
def test_a_derived_table_comes_in_key_order_whatever_order_it_was_given_in(
    ais_store: Store, name: str
) -> None:
    rows = some_rows(TABLES[name], 60)
    ais_store.replace(name, rows)
    spec = TABLES[name]
    rest = [n for n in spec.names if not pa.types.is_nested(spec.arrow.field(n).type)]
    expected = rows.sort_by([(key, "ascending") for key in dict.fromkeys((*spec.key, *rest))])
    assert ais_store.select(name).equals(expected)
    version = ais_store.version()
    shuffled = np.random.default_rng(1).permutation(60)
    ais_store.replace(name, rows.take(pa.array(shuffled)))
    assert ais_store.version() == version


def test_events_by_kind_and_by_either_vessel_of_a_pair(ais_store: Store) -> None:
    rows = some_rows(EVENTS, 200)
    ais_store.replace("events", rows)
    plain = rows.to_pylist()
    wanted = KINDS[:2]
    by_kind = sum(row["kind"] in wanted for row in plain)
    assert ais_store.count("events", Filter(kinds=wanted)) == by_kind
    mmsi = 219_000_002
    by_vessel = sum(mmsi in (row["mmsi"], row["other_mmsi"]) for row in plain)
    assert ais_store.count("events", Filter(mmsi=mmsi)) == by_vessel
    both = sum(r["kind"] in wanted and mmsi in (r["mmsi"], r["other_mmsi"]) for r in plain)
    assert ais_store.count("events", Filter(kinds=wanted, mmsi=mmsi)) == both
    assert 0 < both < min(by_kind, by_vessel)


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("events", "preset", "A"),
        ("events", "is_open", True),
        ("events", "revision", 3),
        ("events", "confidence", 2),
        ("events", "confidence", 2.0),
        ("events", "cell", 4),
        ("vessels", "length_m", 3.0),
        ("voyages", "start", "2021-01-02T03:00:00Z"),
        ("voyages", "start", "2021-01-02T03:00:00+00:00"),
        ("voyages", "start", "2021-01-02T04:00:00+01:00"),
    ],
)
def test_a_column_equals_a_value_of_its_type(
    ais_store: Store, name: str, column: str, value: Any
) -> None:
    rows = some_rows(TABLES[name], 200)
    ais_store.replace(name, rows)
    comparable: object = value
    if pa.types.is_timestamp(rows.schema.field(column).type):
        comparable = DAY + dt.timedelta(hours=27)
    expected = sum(row[column] == comparable for row in rows.to_pylist())
    assert ais_store.count(name, Filter(equals={column: value})) == expected
    assert expected > 0


def test_a_single_precision_number_equals_the_decimal_it_was_given_as(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    rows = received_rows(1)
    place = rows.schema.get_field_index("sog_kn")
    landed(ais_store, rows.set_column(place, "sog_kn", pa.array([12.3], pa.float32())))
    ais_store.fold_days()
    assert ais_store.count("positions", Filter(equals={"sog_kn": 12.3})) == 1


@pytest.mark.parametrize(
    "equals",
    [
        {"kind": 3},
        {"revision": "3"},
        {"revision": True},
        {"revision": 2**40},
        {"is_open": 1},
        {"confidence": "high"},
        {"start": "yesterday"},
        {"start": 5},
        {"kind' OR true --": "x"},
        {"no_such": 1},
    ],
)
def test_a_value_or_column_that_cannot_be_is_refused(
    ais_store: Store, equals: dict[str, str | float | bool]
) -> None:
    with pytest.raises(InputError, match=r"cannot equal|has no column"):
        ais_store.select("events", Filter(equals=equals))


@pytest.mark.parametrize("text", ["' OR 1=1 --", '"; DROP TABLE x', "\x00", "%", "?"])
def test_text_is_compared_and_never_run(ais_store: Store, text: str) -> None:
    rows = some_rows(EVENTS, 5)
    place = rows.schema.get_field_index("preset")
    field = rows.schema.field(place)
    rows = rows.set_column(place, field, pa.array([text, "a", "b", "c", "d"]))
    ais_store.replace("events", rows)
    assert ais_store.count("events", Filter(equals={"preset": text})) == 1


@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        (Filter(bbox=(0, 10, 10, 0)), "bbox must be"),
        (Filter(bbox=(-181, 0, 10, 10)), "bbox must be"),
        (Filter(bbox=(float("nan"), 0, 10, 10)), "bbox must be"),
        (Filter(since=dt.datetime(2021, 1, 1)), "since must have a time zone"),  # noqa: DTZ001
        (Filter(kinds=("piracy",)), "no kind piracy"),
    ],
)
def test_a_filter_out_of_range_is_refused(ais_store: Store, where: Filter, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        ais_store.select("events", where)
    with pytest.raises(InputError, match=complaint):
        ais_store.count("events", where)


def test_a_filter_that_does_not_fit_the_table_is_refused(ais_store: Store) -> None:
    with pytest.raises(InputError, match="ports has no mmsi"):
        ais_store.select("ports", Filter(mmsi=1))
    with pytest.raises(InputError, match="no kind any in table ports"):
        ais_store.select("ports", Filter(kinds=("loitering",)))


def test_a_table_without_place_or_time_ignores_them(ais_store: Store) -> None:
    ais_store.replace("ports", some_rows(TABLES["ports"], 5))
    assert ais_store.count("ports", Filter(since=DAY, until=DAY)) == 5
    assert ais_store.count("sources", Filter(bbox=(0, 0, 1, 1))) == 0


def test_columns_come_as_asked_for(ais_store: Store) -> None:
    rows = some_rows(EVENTS, 5)
    ais_store.replace("events", rows)
    found = ais_store.select("events", columns=["end", "event_id"])
    assert found.column_names == ["end", "event_id"]
    with pytest.raises(InputError, match="events has no column nope; it has event_id"):
        ais_store.select("events", columns=["nope"])


def test_tables_and_rows_that_are_not_there_are_named(ais_store: Store) -> None:
    with pytest.raises(NotFoundError, match="no table 'landing'; there are positions"):
        ais_store.select("landing")
    with pytest.raises(NotFoundError, match="events has no 'e-1'"):
        ais_store.get("events", "e-1")
    ais_store.replace("events", some_rows(EVENTS, 5))
    with pytest.raises(NotFoundError, match="events has no 'e-1'"):
        ais_store.get("events", "e-1")


def test_a_row_is_got_by_its_identifier(ais_store: Store) -> None:
    rows = some_rows(EVENTS, 20)
    ais_store.replace("events", rows)
    for row in rows.slice(7, 3).to_pylist():
        assert ais_store.get("events", row["event_id"]) == row


@pytest.mark.parametrize("page", [{"limit": -1}, {"offset": -1}])
def test_a_negative_page_is_refused(ais_store: Store, page: dict[str, int]) -> None:
    with pytest.raises(InputError, match="limit and offset must be 0 or more"):
        ais_store.select("events", **page)
