"""Boxes on a sphere: held against the points they are made of."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.schema import PORTS, SEGMENTS
from vesseltrack.store.filter import Filter, conditions
from vesseltrack.store.reader import Reader

# Every fifth degree, so that borders meet; both ways to write the date line.
LON = st.integers(-36, 36).map(lambda n: n * 5.0)
LAT = st.integers(-18, 18).map(lambda n: n * 5.0)
BOX = st.tuples(LON, st.tuples(LAT, LAT).map(sorted), LON).map(
    lambda box: (box[0], box[1][0], box[2], box[1][1])
)


def meridians(west: float, east: float) -> set[float]:
    """Return every fifth meridian from west eastwards to east, -180 for the date line."""
    n_steps = int((east - west) // 5) if west <= east else int((east + 360 - west) // 5)
    return {(west + 5 * n + 180) % 360 - 180 for n in range(n_steps + 1)}


@pytest.fixture(scope="module")
def boxes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("boxes")


@pytest.fixture(scope="module")
def boxes_reader(boxes_folder: Path) -> Reader:
    return Reader(boxes_folder)


@settings(max_examples=60, deadline=None)
@given(query=BOX, extent=BOX)
def test_a_segment_counts_when_its_extent_and_the_box_have_a_point(
    boxes_folder: Path,
    boxes_reader: Reader,
    query: tuple[float, float, float, float],
    extent: tuple[float, float, float, float],
) -> None:
    path = boxes_folder / "extent.parquet"
    names = ("min_lon", "min_lat", "max_lon", "max_lat")
    pq.write_table(pa.table({name: [v] for name, v in zip(names, extent, strict=True)}), path)
    found = boxes_reader.scan([str(path)], where=conditions(Filter(bbox=query), SEGMENTS))
    shares_lat = query[1] <= extent[3] and extent[1] <= query[3]
    shares_lon = meridians(query[0], query[2]) & meridians(extent[0], extent[2])
    assert found.num_rows == bool(shares_lat and shares_lon)


@settings(max_examples=60, deadline=None)
@given(query=BOX, lat=LAT, lon=LON)
def test_a_point_counts_when_its_meridian_and_parallel_cross_the_box(
    boxes_folder: Path,
    boxes_reader: Reader,
    query: tuple[float, float, float, float],
    lat: float,
    lon: float,
) -> None:
    path = boxes_folder / "point.parquet"
    pq.write_table(pa.table({"lat": [lat], "lon": [lon]}), path)
    found = boxes_reader.scan([str(path)], where=conditions(Filter(bbox=query), PORTS))
    expected = query[1] <= lat <= query[3] and meridians(lon, lon) <= meridians(query[0], query[2])
    assert found.num_rows == expected
