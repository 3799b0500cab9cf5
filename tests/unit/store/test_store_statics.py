from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pytest

from vesseltrack.schema import STATICS, TIMESTAMP
from vesseltrack.store import Store

Land = Callable[..., None]

HOUR_US = 3_600_000_000
NEW_YEAR_US = 1_609_459_200_000_000


def reports(rows: Iterable[dict[str, object]], source_id: int = 1) -> pa.Table:
    """Return STATICS of rows that may leave out all but `hour` (None: no time)."""
    given = list(rows)
    hours = [row.get("hour") for row in given]
    times = [None if h is None else NEW_YEAR_US + int(float(str(h)) * HOUR_US) for h in hours]
    columns: dict[str, object] = {
        name: [row.get(name) for row in given]
        for name in STATICS.names
        if name not in {"mmsi", "timestamp", "msg_type", "source_id", "line"}
    }
    return STATICS.of(
        {
            **columns,
            "mmsi": [row.get("mmsi", 219_000_001) for row in given],
            "timestamp": pa.array(times, pa.int64()).cast(TIMESTAMP),
            "msg_type": [row.get("msg_type", 5) for row in given],
            "source_id": [source_id] * len(given),
            "line": list(range(1, len(given) + 1)),
        }
    )


def hours_and_names(store: Store) -> list[tuple[float | None, object]]:
    kept = store.select("statics", columns=["timestamp", "name"])
    hours = [
        None if t is None else (t.timestamp() * 1e6 - NEW_YEAR_US) / HOUR_US
        for t in kept["timestamp"].to_pylist()
    ]
    return list(zip(hours, kept["name"].to_pylist(), strict=True))


def test_a_report_stays_when_it_says_something_new_or_confirms_it(
    ais_store: Store, landed: Land
) -> None:
    names = "AAABBBA"
    landed(ais_store, statics=reports({"hour": h, "name": n} for h, n in enumerate(names)))
    ais_store.fold_days()
    assert hours_and_names(ais_store) == [(0, "A"), (1, "A"), (3, "B"), (4, "B"), (6, "A")]


def test_a_late_report_parts_equal_neighbours(ais_store: Store, landed: Land) -> None:
    landed(ais_store, statics=reports({"hour": h, "name": "A"} for h in (0, 6, 12, 18)))
    ais_store.fold_days()
    assert hours_and_names(ais_store) == [(0, "A"), (6, "A")]
    landed(ais_store, statics=reports([{"hour": 7, "name": "B"}]), n=1)
    ais_store.fold_days()
    expected = [(0, "A"), (6, "A"), (7, "B"), (12, "A"), (18, "A")]
    assert hours_and_names(ais_store) == expected


def test_midnight_makes_no_change_and_a_change_before_it_reaches_the_days_after(
    ais_store: Store, landed: Land
) -> None:
    landed(ais_store, statics=reports({"hour": h, "name": "A"} for h in (1, 25, 49, 73)))
    ais_store.fold_days()
    assert hours_and_names(ais_store) == [(1, "A"), (25, "A")]
    landed(ais_store, statics=reports([{"hour": 2, "name": "B"}]), n=1)
    ais_store.fold_days()
    assert hours_and_names(ais_store) == [(1, "A"), (2, "B"), (25, "A"), (49, "A")]
    landed(ais_store, statics=reports([{"hour": -1, "name": "A"}, {"hour": 26, "name": "B"}]), n=2)
    ais_store.fold_days()
    expected = [
        (-1, "A"),
        (1, "A"),
        (2, "B"),
        (25, "A"),
        (26, "B"),
        (49, "A"),
        (73, "A"),
    ]
    assert hours_and_names(ais_store) == expected


def test_days_landed_one_by_one_in_any_order_leave_the_same(
    ais_store: Store, landed: Land, tmp_path: Path
) -> None:
    names = "AAABBABBBBAAAB"
    rows = [{"hour": 9 * h, "name": name} for h, name in enumerate(names)]
    landed(ais_store, statics=reports(rows))
    ais_store.fold_days()
    again = Store.open(tmp_path / "again", create=True)
    for n, part in enumerate((rows[9:], rows[3:6], rows[:3], rows[6:9])):
        landed(again, statics=reports(part), n=n)
        again.fold_days()
    assert hours_and_names(again) == hours_and_names(ais_store)
    kept = [n for n in range(len(names)) if names[max(n - 2, 0) : n + 1] != 3 * names[n]]
    assert hours_and_names(ais_store) == [(9 * n, names[n]) for n in kept]


def test_the_two_parts_of_message_24_are_compared_each_with_its_own(
    ais_store: Store, landed: Land
) -> None:
    part_a = {"msg_type": 24, "name": "A"}
    part_b = {"msg_type": 24, "callsign": "OXYZ", "ship_type": 36}
    rows = [{"hour": h, **(part_b if h % 2 else part_a)} for h in range(6)]
    landed(ais_store, statics=reports([*rows, {"hour": 7, **part_b, "ship_type": 37}]))
    ais_store.fold_days()
    assert [hour for hour, _ in hours_and_names(ais_store)] == [0, 1, 2, 3, 7]
    landed(ais_store, statics=reports([{"hour": 30, **part_a}, {"hour": 31, **part_b}]), n=1)
    ais_store.fold_days()
    assert [hour for hour, _ in hours_and_names(ais_store)] == [0, 1, 2, 3, 7, 31]


def test_every_message_that_carries_its_place_stays(ais_store: Store, landed: Land) -> None:
    rows = [{"hour": h, "msg_type": kind, "name": "A"} for h in range(4) for kind in (5, 19)]
    landed(ais_store, statics=reports(rows[:6]))
    ais_store.fold_days()
    landed(ais_store, statics=reports(rows[6:]), n=1)
    ais_store.fold_days()
    kept = ais_store.select("statics", columns=["timestamp", "msg_type"]).to_pylist()
    assert [row["msg_type"] for row in kept] == [5, 19, 5, 19, 19, 19]


def test_vessels_do_not_mix(ais_store: Store, landed: Land) -> None:
    rows = [{"hour": h, "mmsi": 219_000_000 + h % 2, "name": "A"} for h in range(6)]
    landed(ais_store, statics=reports(rows))
    ais_store.fold_days()
    assert [hour for hour, _ in hours_and_names(ais_store)] == [0, 2, 1, 3]


def test_without_a_time_every_different_report_stays(ais_store: Store, landed: Land) -> None:
    rows = [{"hour": None, "name": name} for name in "BABA"]
    landed(ais_store, statics=reports([*rows, {"hour": 3, "name": "B"}]))
    ais_store.fold_days()
    assert hours_and_names(ais_store) == [(3, "B"), (None, "A"), (None, "B")]


def test_becoming_unknown_is_a_change(ais_store: Store, landed: Land) -> None:
    rows = [{"hour": h, "name": "A", "draught_m": d} for h, d in enumerate((5.0, None, 5.0))]
    landed(ais_store, statics=reports(rows))
    ais_store.fold_days()
    assert ais_store.select("statics")["draught_m"].to_pylist() == [5.0, None, 5.0]


@pytest.mark.parametrize("text", ["\x00", "\x1b[31m", "<SCRIPT>", "'; --", "Å" * 20, ""])
def test_foreign_text_comes_out_as_it_went_in(ais_store: Store, landed: Land, text: str) -> None:
    landed(ais_store, statics=reports([{"hour": 1, "name": text, "destination": text}]))
    ais_store.fold_days()
    row = ais_store.select("statics").to_pylist()[0]
    assert (row["name"], row["destination"]) == (text, text)
