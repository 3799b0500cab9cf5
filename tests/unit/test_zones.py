import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives import ROOT
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.errors import ConfigError
from vesseltrack.zones import read_zones

LINE = ROOT / "fixtures" / "zones" / "over_the_date_line.geojson"


def box(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def written(tmp_path, document):
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps(document))
    return path


def test_points_over_the_date_line_are_in_on_both_sides():
    over, split = read_zones(LINE)
    assert (over.name, split.name) == ("Over the line", "Split at the line")
    lat = np.full(6, 50.0)
    lon = np.array([179.5, 180.0, -179.5, 540.5, -178.9, 178.9])
    assert over.inside(lat, lon).tolist() == [True, True, True, True, False, False]
    assert split.inside(lat + 0.15, lon).tolist() == [True, True, True, True, False, False]


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(0, 40_000))
def test_how_far_is_near(lat, lon, distance_m):
    path = LINE.with_name("unit_box.geojson")
    (zone,) = read_zones(path)  # 0.1 degree about null island
    near_lat, near_lon = np.clip(lat, -0.1, 0.1), np.clip(lon, -0.1, 0.1)
    truth_m = float(great_circle_m(lat, lon, near_lat, near_lon))
    ours = bool(zone.within_m(np.array([lat]), np.array([lon]), distance_m)[0])
    if abs(truth_m - distance_m) > 0.01 * truth_m + 1:
        assert ours == (truth_m <= distance_m)


def test_nowhere_is_in_no_zone():
    (zone, _) = read_zones(LINE)
    nowhere = np.array([np.nan])
    assert not zone.inside(nowhere, nowhere).any()
    assert not zone.within_m(nowhere, nowhere, 1000.0).any()
    assert zone.inside(np.zeros(0), np.zeros(0)).size == 0


def test_a_name_is_made_safe_and_a_number_stands_for_none(tmp_path):
    features = [
        {"type": "Feature", "properties": {"name": "\x1b[31mRED"}, "geometry": box(0, 0, 1, 1)},
        {"type": "Feature", "id": "b7", "properties": None, "geometry": box(2, 0, 3, 1)},
        {"type": "Feature", "properties": {}, "geometry": box(4, 0, 5, 1)},
    ]
    path = written(tmp_path, {"type": "FeatureCollection", "features": features})
    assert [zone.name for zone in read_zones(path)] == ["[31mRED", "b7", "3"]


def test_a_bare_geometry_is_one_zone(tmp_path):
    (zone,) = read_zones(written(tmp_path, box(0, 0, 1, 1)))
    assert zone.inside(np.array([0.5]), np.array([0.5])).all()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"type": "FeatureCollection", "features": []}, "no polygon in it"),
        ({"no": "type"}, "no GeoJSON with polygons"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
            "zone 1: Self-intersection",
        ),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "zone 1: "),
    ],
)
def test_what_is_no_zone_is_refused(tmp_path, document, message):
    with pytest.raises(ConfigError, match=message):
        read_zones(written(tmp_path, document))


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        read_zones(tmp_path / "none.geojson")
