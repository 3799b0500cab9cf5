import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from vesseltrack.errors import InputError, SchemaError, StoreDamagedError
from vesseltrack.schema import EVENTS, LEADS, PORTS, SEGMENTS, VOYAGES
from vesseltrack.store import Store, files
from vesseltrack.store.ledger import Ledger
from vesseltrack.store.reader import Reader

Rows = Callable[..., pa.Table]


def ports(*names: str) -> pa.Table:
    return PORTS.of(
        {
            "port_id": list(names),
            "name": list(names),
            "is_large": [True] * len(names),
            "lat": [1.0] * len(names),
            "lon": [2.0] * len(names),
            "source": ["test"] * len(names),
        }
    )


def test_a_table_is_replaced_whole(ais_store: Store) -> None:
    ais_store.replace("ports", ports("A", "B"))
    ais_store.replace("ports", ports("C"))
    assert ais_store.select("ports")["name"].to_pylist() == ["C"]
    assert ais_store.tables()["ports"] == 1
    ais_store.replace("ports", PORTS.empty())
    assert ais_store.select("ports").num_rows == ais_store.tables()["ports"] == 0


def test_the_log_says_which_settings_a_table_was_made_with(ais_store: Store) -> None:
    path = ais_store.path
    ais_store.replace("ports", ports("A"))
    assert ais_store.made_with("ports") is None
    for number in (2**63 - 1, 7):  # of the same rows
        ais_store.replace_all({"ports": ports("A")}, made_with=number)
        assert Store.open(path).made_with("ports") == number
    before = ais_store.version()
    ais_store.replace_all({"ports": ports("A")}, made_with=7)
    assert ais_store.version() == before
    assert ais_store.select("ports")["name"].to_pylist() == ["A"]
    assert ais_store.verify() == []


def test_the_version_follows_the_content_and_nothing_else(ais_store: Store) -> None:
    versions = []
    for names in (("A",), ("A", "B"), ("B", "A"), ("A",), ("A",)):
        ais_store.replace("ports", ports(*names))
        versions.append(ais_store.version())
    one, two, *_ = versions
    assert versions == [one, two, two, one, one]
    assert one != two
    assert Store.open(ais_store.path).version() == one


def test_another_process_sees_a_new_version_without_opening_again(ais_store: Store) -> None:
    reader = Store.open(ais_store.path)
    before = reader.version()
    for names in (("A",), ("A", "B"), ("A",)):
        ais_store.replace("ports", ports(*names))
        assert reader.select("ports")["name"].to_pylist() == list(names)
        assert reader.version() == ais_store.version() != before


def test_lists_and_structures_come_out_as_they_went_in(ais_store: Store) -> None:
    start = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
    ranges = [
        [{"start": start, "start_nth": 0, "end": start + dt.timedelta(hours=n), "end_nth": n}] * n
        for n in range(3)
    ]
    required: dict[str, object] = {
        column.name: [start] * 3
        if pa.types.is_timestamp(column.type)
        else ["x"] * 3
        if pa.types.is_string(column.type)
        else [0] * 3
        for column in SEGMENTS.columns
        if column.name != "fix_ranges"
    }
    segments = SEGMENTS.of({**required, "vessel_id": ["1", "2", "3"], "fix_ranges": ranges})
    ais_store.replace("segments", segments)
    assert ais_store.select("segments").equals(segments)
    assert VOYAGES.arrow.field("passages").type == pa.list_(pa.string())


@pytest.mark.parametrize("name", ["positions", "statics", "sources", "rejects", "landing", "x"])
def test_only_derived_tables_can_be_replaced(ais_store: Store, name: str) -> None:
    with pytest.raises(
        InputError, match=rf"'{name}' is not a derived table; those are anchorages, events"
    ):
        ais_store.replace(name, PORTS.empty())


def test_one_wrong_table_keeps_all_from_being_written(ais_store: Store) -> None:
    tables = {"ports": ports("A"), "events": LEADS.empty()}
    with pytest.raises(SchemaError, match="table events: event_id is missing"):
        ais_store.replace_all(tables)
    assert ais_store.tables()["ports"] == 0


def test_a_number_that_must_be_known_may_not_be_nan(ais_store: Store) -> None:
    nowhere = ports("A").set_column(5, PORTS.arrow.field("lat"), pa.array([float("nan")]))
    with pytest.raises(SchemaError, match="lat must not be null; 1 of 1 are"):
        ais_store.replace("ports", nowhere)


def test_all_tables_are_on_disk_before_the_first_is_committed(
    ais_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    become = Ledger.become

    def note_and_become(ledger: Ledger, written: list[object], *rest: object) -> None:
        seen.append(sorted(p.parent.name for p in ais_store.path.glob("*/*.parquet")))
        become(ledger, written, *rest)

    monkeypatch.setattr(Ledger, "become", note_and_become)
    ais_store.replace_all({"ports": ports("A"), "events": EVENTS.empty()})
    assert seen == [["events", "ports"]] * 2


def test_readers_see_whole_tables_while_one_is_replaced(ais_store: Store) -> None:
    ais_store.replace("ports", ports("A"))
    folder = ais_store.path / "ports"
    before = ais_store.select("ports")
    files = [set(folder.glob("*.parquet"))]
    for names in (("B",), ("C",)):
        ais_store.replace("ports", ports(*names))
        files.append(set(folder.glob("*.parquet")))
    assert before["name"].to_pylist() == ["A"]
    # What an older reader resolved is still there.
    assert all(old <= new for old, new in itertools.pairwise(files))


def test_a_file_that_is_not_in_order_after_writing_is_not_committed(tmp_path: Path) -> None:
    upside_down = ports("B", "A")
    with pytest.raises(StoreDamagedError, match="1 rows are not in order after writing"):
        files.write(tmp_path / "ports", "", [upside_down], PORTS)
    assert list((tmp_path / "ports").iterdir()) == []


def test_what_a_killed_writer_left_is_swept_away(ais_store: Store) -> None:
    ais_store.replace("ports", ports("A"))
    left_over = ais_store.path / "ports" / ".4711.writing"
    left_over.write_bytes(b"half")
    ais_store.replace("ports", ports("B"))
    assert not left_over.exists()


def test_a_reader_whose_files_went_meanwhile_looks_again(
    ais_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ais_store.replace("ports", ports("A"))
    reader = Store.open(ais_store.path)
    scan = Reader.scan

    def replace_then_scan(self: Reader, uris: list[str], *arguments: object) -> pa.Table:
        if "B" not in ais_store.select("ports")["name"].to_pylist():
            ais_store.replace("ports", ports("B"))
            Path(uris[0]).unlink()
        return scan(self, uris, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(reader._reader, "scan", replace_then_scan.__get__(reader._reader))
        assert reader.select("ports")["name"].to_pylist() == ["B"]
    next(ais_store.path.glob("ports/*.parquet")).unlink()
    with pytest.raises(StoreDamagedError, match="cannot be read; run 'vesseltrack verify'"):
        reader.select("ports")
