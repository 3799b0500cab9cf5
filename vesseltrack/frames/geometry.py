"""Rows of a store as shapes: points, lines through fixes, and files of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from vesseltrack.schema.plain import iso_times, plain_values
from vesseltrack.store import Filter, Store

CRS: Final = "EPSG:4326"
_WITHOUT_PLACE: Final = frozenset({"statics", "sources", "rejects"})
Shape: TypeAlias = Any  # a shapely geometry, or None: shapely brings no types


def geometries(store: Store, table: str, rows: pa.Table) -> list[Shape]:
    """Return the shape of each row: a point, a line through its fixes, or None.

    Parameters
    ----------
    store : Store
        Asked for the fixes of tracks and voyages.
    table : str
        The stored table that the rows come from.
    rows : pyarrow.Table
        Rows as `Store.select` gives them.
    """
    if table == "segments":
        return _segment_lines(store, rows)
    if table == "voyages":
        return _voyage_lines(store, rows)
    if table in _WITHOUT_PLACE:
        return [None] * rows.num_rows
    lat, lon = rows["lat"].to_numpy(), rows["lon"].to_numpy()
    return list(shapely.points(lon, lat))


def frame_of(store: Store, table: str, rows: pa.Table) -> gpd.GeoDataFrame:
    """Return rows as a GeoDataFrame; nested columns stay as they are."""
    kept = rows.drop_columns([name for name in ("fix_ranges",) if name in rows.column_names])
    shapes = gpd.GeoSeries(geometries(store, table, rows), crs=CRS)
    return gpd.GeoDataFrame(kept.to_pandas(), geometry=shapes, crs=CRS)


def as_points(rows: pa.Table) -> gpd.GeoDataFrame:
    """Return rows with `lat` and `lon` as points."""
    frame = rows.to_pandas()
    shapes = gpd.points_from_xy(frame["lon"], frame["lat"])
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS)


def write_geo_file(store: Store, table: str, rows: pa.Table, path: Path) -> int:
    """Write rows as GeoParquet, FlatGeobuf or GeoPackage by the path's ending; return how many."""
    frame = frame_of(store, table, rows)
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False, compression="zstd")
    else:
        frame = frame.assign(**{n: frame[n].map(_listed) for n in _list_columns(rows)})
        driver = {".fgb": "FlatGeobuf", ".gpkg": "GPKG"}[path.suffix]
        frame.to_file(path, driver=driver, engine="pyogrio", index=False)
    return len(frame)


def moving_feature(store: Store, segment: dict[str, Any]) -> dict[str, Any]:
    """Return a segment as an OGC Moving Features JSON feature.

    Parameters
    ----------
    store : Store
        Asked for its fixes.
    segment : dict
        A plain row of `segments`.
    """
    fixes = store.fixes_of([segment["segment_id"]])
    times = iso_times(fixes["timestamp"])
    coordinates = np.column_stack([fixes["lon"].to_numpy(), fixes["lat"].to_numpy()]).tolist()
    return {
        "type": "Feature",
        "id": segment["segment_id"],
        "temporalGeometry": {
            "type": "MovingPoint",
            "datetimes": times,
            "coordinates": coordinates,
            "interpolation": "Linear",
        },
        "temporalProperties": [
            {
                "datetimes": times,
                "sog_kn": {
                    "type": "Measure",
                    "form": "KNT",
                    "values": plain_values("sog_kn", fixes["sog_kn"]),
                    "interpolation": "Linear",
                },
            }
        ],
        "properties": {k: v for k, v in segment.items() if k != "fix_ranges"},
    }


def line(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> Shape:
    """Return a line through points in order; a point where all lie at one place, None for none.

    A line over the date line goes on beyond 180 degrees, where every library draws it whole.
    """
    if lon.size == 0:
        return None
    if np.ptp(lon) == 0 and np.ptp(lat) == 0:
        return shapely.Point(lon[0], lat[0])  # a line without length is not valid
    return shapely.LineString(np.column_stack([np.unwrap(lon, period=360.0), lat]))


def _segment_lines(store: Store, segments: pa.Table) -> list[Shape]:
    wanted = segments["segment_id"].to_pylist()
    fixes = store.fixes_of(wanted).select(["segment_id", "lon", "lat"]).to_pandas()
    shape_of = {
        segment_id: line(group["lon"].to_numpy(), group["lat"].to_numpy())
        for segment_id, group in fixes.groupby("segment_id", sort=False)
    }
    return [shape_of.get(segment_id) for segment_id in wanted]


def _voyage_lines(store: Store, voyages: pa.Table) -> list[Shape]:
    fixes_of = {
        vessel_id: _fixes_of_vessel(store, vessel_id)
        for vessel_id in set(voyages["vessel_id"].to_pylist())
    }
    shapes = []
    for voyage in voyages.select(["vessel_id", "start", "end"]).to_pylist():
        fixes = fixes_of[voyage["vessel_id"]]
        sailed = fixes[fixes["timestamp"].between(voyage["start"], voyage["end"])]
        shapes.append(line(sailed["lon"].to_numpy(), sailed["lat"].to_numpy()))
    return shapes


def _fixes_of_vessel(store: Store, vessel_id: str) -> pd.DataFrame:
    of_vessel = Filter(equals={"vessel_id": vessel_id})
    segments = store.select("segments", of_vessel, columns=["segment_id"])
    fixes = store.fixes_of(segments["segment_id"].to_pylist())
    return fixes.select(["timestamp", "lon", "lat"]).to_pandas()


def _list_columns(rows: pa.Table) -> Sequence[str]:
    return [f.name for f in rows.schema if pa.types.is_list(f.type) and f.name != "fix_ranges"]


def _listed(values: Sequence[str] | None) -> str:
    return "" if values is None else ", ".join(values)
