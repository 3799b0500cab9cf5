"""Boxes on a sphere: held against the points they are made of."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from vesseltrack.schema import PORTS, SEGMENTS, Table
from vesseltrack.store.filter import Filter, conditions
from vesseltrack.store.reader import Reader

Box = tuple[float, float, float, float]

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


def n_found(row: dict[str, float], query: Box, spec: Table) -> int:
    """Return how many of one row a box lets through."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "row.parquet")
        pq.write_table(pa.table({name: [value] for name, value in row.items()}), path)
        where = conditions(Filter(bbox=query), spec)
        return Reader(Path(folder)).scan([str(path)], where=where).num_rows


@settings(max_examples=40, deadline=None)
@given(query=BOX, extent=BOX)
def test_a_segment_counts_when_its_extent_and_the_box_have_a_point(
    query: Box, extent: Box
) -> None:
    names = ("min_lon", "min_lat", "max_lon", "max_lat")
    shares_lat = query[1] <= extent[3] and extent[1] <= query[3]
    shares_lon = meridians(query[0], query[2]) & meridians(extent[0], extent[2])
    row = dict(zip(names, extent, strict=True))
    assert n_found(row, query, SEGMENTS) == bool(shares_lat and shares_lon)


@settings(max_examples=40, deadline=None)
@given(query=BOX, lat=LAT, lon=LON)
def test_a_point_counts_when_its_meridian_and_parallel_cross_the_box(
    query: Box, lat: float, lon: float
) -> None:
    expected = query[1] <= lat <= query[3] and meridians(lon, lon) <= meridians(query[0], query[2])
    assert n_found({"lat": lat, "lon": lon}, query, PORTS) == expected
