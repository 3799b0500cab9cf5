"""Every export is read back by somebody else's reader."""

import csv
import json

import geopandas as gpd
import pytest

from vesseltrack import exports
from vesseltrack.errors import InputError
from vesseltrack.exports import safe_cell
from vesseltrack.schema import TABLES
from vesseltrack.store import Filter

POLAR = Filter(mmsi=209515000)


@pytest.mark.parametrize("table", [*TABLES, "tracks"])
def test_csv_and_jsonl_hold_every_row_and_column(demo_store, tmp_path, table):
    wanted = POLAR if "mmsi" in TABLES[exports.stored_name(table)].names else Filter()
    n_rows = exports.export(demo_store, table, tmp_path / "rows.csv", wanted)
    assert n_rows == exports.export(demo_store, table, tmp_path / "rows.jsonl", wanted)
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        in_csv = list(csv.DictReader(file))
    in_jsonl = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert len(in_csv) == len(in_jsonl) == n_rows
    for flat, nested in zip(in_csv, in_jsonl, strict=True):
        assert set(TABLES[exports.stored_name(table)].names) <= set(flat) == set(nested)
        for name, value in nested.items():
            assert (flat[name] == "") == (value in (None, "")), name


@pytest.mark.parametrize("suffix", ["geojson", "geojsonl", "parquet", "fgb", "gpkg"])
@pytest.mark.parametrize("table", ["events", "tracks", "voyages", "vessels", "leads"])
def test_geographic_formats_are_read_by_ogr(demo_store, tmp_path, table, suffix):
    path = tmp_path / f"out.{suffix}"
    n_rows = exports.export(demo_store, table, path, Filter())
    assert n_rows > 0
    frame = gpd.read_parquet(path) if suffix == "parquet" else gpd.read_file(path)
    assert len(frame) == n_rows
    assert frame.crs is not None
    assert frame.crs.is_geographic
    shapes = frame.geometry[frame.geometry.notna()]
    assert shapes.is_valid.all()
    assert shapes.bounds["miny"].ge(-90).all()


def test_a_line_export_has_the_fixes_of_its_track(demo_store, tmp_path):
    exports.export(demo_store, "tracks", tmp_path / "t.geojson", POLAR)
    collection = json.loads((tmp_path / "t.geojson").read_text())
    for feature in collection["features"]:
        geometry = feature["geometry"]
        assert geometry["type"] == "LineString"
        assert feature["properties"]["n_positions"] == len(geometry["coordinates"])


def test_moving_features_have_a_time_and_a_speed_a_vertex(demo_store, tmp_path):
    n_rows = exports.export(demo_store, "tracks", tmp_path / "t.mfjson", POLAR)
    collection = json.loads((tmp_path / "t.mfjson").read_text())
    assert len(collection["features"]) == n_rows > 0
    for feature in collection["features"]:
        geometry = feature["temporalGeometry"]
        speeds = feature["temporalProperties"][0]["sog_kn"]["values"]
        assert len(geometry["datetimes"]) == len(geometry["coordinates"]) == len(speeds)
        assert geometry["datetimes"] == sorted(geometry["datetimes"])


def test_withdrawn_events_are_left_out(demo_store, tmp_path):
    exports.export(demo_store, "events", tmp_path / "e.jsonl", Filter())
    rows = [json.loads(line) for line in (tmp_path / "e.jsonl").read_text().splitlines()]
    assert {row["status"] for row in rows} <= {"open", "final"}


def test_an_unknown_table_or_ending_is_refused_by_name(demo_store, tmp_path):
    with pytest.raises(InputError, match="no table 'evnets'; there are"):
        exports.export(demo_store, "evnets", tmp_path / "x.csv", Filter())
    with pytest.raises(InputError, match=r"x\.doc: the ending must be one of \.csv"):
        exports.export(demo_store, "events", tmp_path / "x.doc", Filter())
    with pytest.raises(InputError, match="made of tracks only; got events"):
        exports.export(demo_store, "events", tmp_path / "x.mfjson", Filter())


def test_a_failed_export_leaves_nothing_behind(demo_store, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("before")
    with pytest.raises(InputError):
        exports.export(demo_store, "events", path, Filter(bbox=(0, 50, 10, 40)))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["=SUM(A1:A9)", "+1", "-1", "@x", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_kept_as_text(text):
    assert safe_cell(text) == f"'{text}"


def test_numbers_and_plain_text_are_left_alone():
    assert safe_cell(-1.5) == -1.5
    assert safe_cell("A-B") == "A-B"
    assert safe_cell(None) == ""
    assert safe_cell({"a": None}) == '{"a": null}'
