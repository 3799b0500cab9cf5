from collections.abc import Callable

import h3
import numpy as np
import pyarrow as pa
import pytest

from vesseltrack.errors import SchemaError
from vesseltrack.schema import RECEIVED, REJECTS, SOURCES, STATICS, TIMESTAMP
from vesseltrack.store import Store

Rows = Callable[..., pa.Table]
Land = Callable[..., None]


def some_statics(n: int) -> pa.Table:
    return STATICS.of(
        {
            "mmsi": [219_000_000] * n,
            "timestamp": pa.array(range(n), pa.int64()).cast(TIMESTAMP),
            "name": [f"SHIP {i}" for i in range(n)],
            "msg_type": [5] * n,
            "source_id": [1] * n,
            "line": list(range(1, n + 1)),
        }
    )


def some_rejects(lines: list[int], source_id: int = 1) -> pa.Table:
    return REJECTS.of(
        {
            "source_id": [source_id] * len(lines),
            "line": lines,
            "reason": ["checksum"] * len(lines),
            "raw": [f"!AIVDM,{line}" for line in lines],
        }
    )


def source_row(source_id: int, **changed: object) -> pa.Table:
    row: dict[str, object] = {
        "source_id": source_id,
        "name": "a.nmea",
        "format": "nmea",
        "size_bytes": 1,
        "content_hash": "00",
        "rejected": "{}",
        "ignored": "{}",
        "status": "complete",
        **dict.fromkeys(("lines", "used", "messages", "positions", "duplicates", "vessels"), 1),
        **changed,
    }
    return SOURCES.of({name: [value] for name, value in row.items()})


def test_a_batch_lands_once_however_often_it_is_handed_over(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    batches = [received_rows(50, seed) for seed in range(3)]
    for n in (0, 1, 1, 0, 2, 2):
        landed(ais_store, batches[n], some_statics(3), some_rejects([n]), n=n)
    again = Store.open(ais_store.path)
    landed(again, batches[2], some_statics(3), some_rejects([2]), n=2)
    again.fold_days()
    expected = {tuple(row.values()) for b in batches for row in without_arrival(b)}
    assert again.tables()["positions"] == len(expected)
    assert again.tables()["rejects"] == 3
    assert again.tables()["statics"] == 3


def without_arrival(rows: pa.Table) -> list[dict[str, object]]:
    plain: list[dict[str, object]] = rows.drop_columns(["source_id", "line"]).to_pylist()
    return plain


def test_a_table_that_missed_a_batch_gets_it_when_it_comes_again(
    ais_store: Store, received_rows: Rows, landed: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = received_rows(20)
    with monkeypatch.context() as patched:
        patched.setattr("vesseltrack.store.landing.with_cells", interrupt)
        with pytest.raises(KeyboardInterrupt):
            landed(ais_store, rows, some_statics(2), some_rejects([1, 2]))
    assert ais_store.tables()["rejects"] == 2
    landed(ais_store, rows, some_statics(2), some_rejects([1, 2]))
    ais_store.fold_days()
    assert ais_store.tables()["positions"] == len(
        {tuple(r.values()) for r in without_arrival(rows)}
    )
    assert ais_store.tables()["rejects"] == 2


def interrupt(_: pa.Table) -> pa.Table:
    raise KeyboardInterrupt


def test_each_position_gets_the_cell_that_h3_gives_it(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    landed(ais_store, received_rows(200))
    ais_store.fold_days()
    rows = ais_store.select("positions", columns=["lat", "lon", "cell"]).to_pylist()
    assert rows
    for row in rows:
        assert f"{row['cell']:x}" == h3.latlng_to_cell(row["lat"], row["lon"], 7)


def test_unknown_numbers_come_out_as_null_and_zero_without_a_sign(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    rows = received_rows(3, n_days=1)
    place = rows.schema.get_field_index("sog_kn")
    hostile = pa.array([float("nan"), -0.0, 2.5], pa.float32())
    landed(ais_store, rows.set_column(place, "sog_kn", hostile))
    ais_store.fold_days()
    speeds = ais_store.select("positions", columns=["sog_kn"])["sog_kn"].to_pylist()
    assert sorted(speeds, key=str) == [0.0, 2.5, None]
    assert not any(np.signbit(speed) for speed in speeds if speed is not None)


def test_the_date_line_has_one_longitude(
    ais_store: Store, received_rows: Rows, landed: Land
) -> None:
    rows = received_rows(1)
    place = rows.schema.get_field_index("lon_e6")
    for n, lon_e6 in enumerate((180_000_000, -180_000_000)):
        there = rows.set_column(place, "lon_e6", pa.array([lon_e6], pa.int32()))
        landed(ais_store, there, n=n)
    ais_store.fold_days()
    assert ais_store.select("positions", columns=["lon_e6"]).to_pylist() == [
        {"lon_e6": -180_000_000}
    ]


def test_a_table_of_another_schema_is_refused_and_nothing_lands(
    ais_store: Store, received_rows: Rows
) -> None:
    rows = received_rows(3).drop_columns(["quality"])
    with pytest.raises(SchemaError, match="quality is missing"):
        ais_store.land(1, 0, rows, STATICS.empty(), some_rejects([1]))
    assert ais_store.tables()["rejects"] == 0


@pytest.mark.parametrize("time_us", [-1, 253_402_214_400_000_000, 2**62])
def test_a_time_without_a_calendar_day_is_refused(ais_store: Store, time_us: int) -> None:
    rows = RECEIVED.of(
        {
            "mmsi": [1],
            "timestamp": pa.array([time_us], pa.int64()).cast(TIMESTAMP),
            **{name: [0] for name in ("lat_e6", "lon_e6", "quality", "source_id", "line")},
            "msg_type": [1],
        }
    )
    with pytest.raises(SchemaError, match=rf"1970 to 9999; got {time_us} us"):
        ais_store.land(1, 0, rows, STATICS.empty(), REJECTS.empty())


def test_a_source_is_known_once_it_is_finished(ais_store: Store) -> None:
    assert ais_store.source(7) is None
    ais_store.finish_source(source_row(7, name="b.nmea", status="partial", error="cut short"))
    ais_store.finish_source(source_row(2**62 + 1))
    found = ais_store.source(7)
    assert found is not None
    assert (found["name"], found["status"], found["error"]) == ("b.nmea", "partial", "cut short")
    assert ais_store.select("sources")["source_id"].to_pylist() == [7, 2**62 + 1]


def test_finishing_a_source_again_replaces_its_row(ais_store: Store) -> None:
    ais_store.finish_source(source_row(7, status="partial"))
    ais_store.finish_source(source_row(7))
    version = ais_store.version()
    ais_store.finish_source(source_row(7))
    assert ais_store.version() == version
    assert ais_store.select("sources")["status"].to_pylist() == ["complete"]


def test_a_finished_source_keeps_its_rejects_in_one_file(ais_store: Store, landed: Land) -> None:
    for n in range(4):
        landed(ais_store, rejects=some_rejects([10 * n + 2, 10 * n + 1]), n=n)
    landed(ais_store, rejects=some_rejects([5], source_id=11), n=0)
    before = ais_store.select("rejects")
    assert before["line"].to_pylist() == [1, 2, 11, 12, 21, 22, 31, 32, 5]
    ais_store.finish_source(source_row(1))
    assert ais_store.select("rejects").equals(before)
    names = [file.path for file in ais_store._ledgers["rejects"].snapshot().files]
    assert len(names) == 2
