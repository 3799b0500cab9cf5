from pathlib import Path

import pytest

from vesseltrack.errors import StoreDamagedError, StoreError, StoreMissingError
from vesseltrack.schema import TABLES
from vesseltrack.store import Store


def test_a_missing_store_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError, match=r"no store at .*nowhere; 'vesseltrack run "):
        Store.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreMissingError):
        Store.open(tmp_path)


def test_a_new_store_has_every_table_and_no_row(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "deep" / "store", create=True)
    assert store.tables() == dict.fromkeys(TABLES, 0)
    for name, spec in TABLES.items():
        rows = store.select(name)
        assert rows.num_rows == 0
        assert set(spec.names) <= set(rows.column_names)
        assert store.count(name) == 0
    assert store.verify() == []
    assert store.fold_days() == []


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    first = Store.open(tmp_path, create=True)
    assert Store.open(tmp_path, create=True).version() == first.version()


def test_a_store_of_a_later_format_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path, create=True)
    (tmp_path / "store.json").write_text('{"format_version": 99, "epoch": 0}')
    with pytest.raises(StoreError, match="has format 99; this vesseltrack reads up to 1"):
        Store.open(tmp_path)


@pytest.mark.parametrize("mark", ["", "{", "[]", "{}", '{"format_version": "x", "epoch": 0}'])
def test_a_damaged_mark_is_named(tmp_path: Path, mark: str) -> None:
    Store.open(tmp_path, create=True)
    (tmp_path / "store.json").write_text(mark)
    with pytest.raises(StoreDamagedError, match=r"store\.json is damaged"):
        Store.open(tmp_path)
