"""Archives and positions of one's own, without a store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import engine, ingest, schema
from vesseltrack.config import Config
from vesseltrack.detect import make_detector
from vesseltrack.errors import SchemaError
from vesseltrack.frames.geometry import CRS, as_points
from vesseltrack.frames.research import Instant, as_utc
from vesseltrack.hexgrid import cells_of
from vesseltrack.tracks import build_tracks
from vesseltrack.units import E6


@dataclass(frozen=True)
class AisData:
    """What an archive holds, without cells or vessels, and the account of its lines.

    Attributes
    ----------
    positions : pyarrow.Table
        Columns of `schema.RECEIVED`.
    statics : pyarrow.Table
        Columns of `schema.STATICS`.
    report : dict
        The `--report` document: every source, and totals.
    """

    positions: pa.Table
    statics: pa.Table
    report: dict[str, Any]

    def to_geopandas(self) -> gpd.GeoDataFrame:
        """Return the positions as points with `lat`, `lon` in degrees."""
        return as_points(_with_degrees(self.positions))


def read_ais(
    path: str | Path,
    *,
    format: str = "auto",  # noqa: A002 - the word of the command line
    start: Instant = None,
) -> AisData:
    """Read an AIS archive into memory, without a store.

    Parameters
    ----------
    path : str or Path
        NMEA, DMA CSV or MarineCadastre CSV, plain or compressed.
    format : str
        "auto" finds it by content; else "nmea", "dma" or "marinecadastre".
    start : datetime or str, optional
        Time of the first line of an archive without times.

    Raises
    ------
    SourceError
        If the file is missing, empty or not AIS. A file that is cut short is read as far as it
        goes, and its `report` says `partial`.
    """
    positions, statics, reports = [schema.RECEIVED.empty()], [schema.STATICS.empty()], []
    config = Config().ingest
    for source in ingest.open_sources(
        Path(path), format=format, start=as_utc(start), config=config
    ):
        for batch in source.batches():
            positions.append(batch.received)
            statics.append(batch.statics)
        reports.append(source.report)
    return AisData(
        pa.concat_tables(positions), pa.concat_tables(statics), ingest.report_document(reports)
    )


def _with_degrees(positions: pa.Table) -> pa.Table:
    for name in ("lat", "lon"):
        degrees = pc.divide(positions[f"{name}_e6"].cast(pa.float64()), float(E6))
        positions = positions.append_column(name, degrees)
    return positions


def detect(
    kind: str,
    positions: pd.DataFrame | pa.Table,
    *,
    preset: str = "default",
    config: Config | None = None,
) -> gpd.GeoDataFrame:
    """Look for one behaviour in positions of your own.

    Parameters
    ----------
    kind : str
        One of `schema.KINDS` that has a detector.
    positions : DataFrame, GeoDataFrame or pyarrow.Table
        Columns `mmsi`, `timestamp` (UTC) and `lat`, `lon` [deg] (a GeoDataFrame may give points
        instead); `sog_kn`, `cog_deg`, `heading_deg`, `nav_status` when known. Any order.
    preset : str
        A preset of that kind: "default", or a published one such as "gfw".
    config : Config, optional
        Settings; the defaults without it.

    Returns
    -------
    events : GeoDataFrame
        Columns of `schema.EVENTS`; empty when nothing is flagged.

    Raises
    ------
    SchemaError
        If a column is missing or has values that cannot be taken.
    """
    config = config or Config()
    built = build_tracks(
        own_positions(positions),
        schema.STATICS.empty(),
        config=config.tracks,
        sea_distance_nm=engine.sea_distance_nm,
    )
    rule = config.detect.route_deviation.default
    held = engine.hold_against_routes(built, rule=rule)
    detector = make_detector(kind, config.detect, (preset,))
    return as_points(engine.find_events([detector], engine.slices(built, held)))


_OPTIONAL: Final = ("sog_kn", "cog_deg", "heading_deg", "nav_status")


def own_positions(positions: pd.DataFrame | pa.Table) -> pa.Table:
    """Return positions of one's own as `schema.POSITIONS`; see `detect` for what they need."""
    frame = positions.to_pandas() if isinstance(positions, pa.Table) else positions
    if "timestamp" not in frame.columns and isinstance(frame.index, pd.DatetimeIndex):
        frame = frame.rename_axis("timestamp").reset_index()
    if isinstance(frame, gpd.GeoDataFrame) and "lat" not in frame.columns:
        geographic = frame.geometry.to_crs(CRS) if frame.crs else frame.geometry
        frame = frame.assign(lat=geographic.y, lon=geographic.x)
    missing = {"mmsi", "timestamp", "lat", "lon"} - set(frame.columns)
    if missing:
        listed = ", ".join(sorted(missing))
        msg = f"positions need columns mmsi, timestamp, lat, lon; missing: {listed}"
        raise SchemaError(msg)
    frame = frame.assign(timestamp=pd.to_datetime(frame["timestamp"], utc=True))
    frame = frame.sort_values(["mmsi", "timestamp", "lat", "lon"], kind="stable")
    n_rows = len(frame)
    return schema.POSITIONS.of(
        {
            "mmsi": frame["mmsi"].to_numpy(),
            "timestamp": pa.Array.from_pandas(frame["timestamp"]).cast(schema.TIMESTAMP),
            "lat_e6": np.round(frame["lat"].to_numpy() * E6).astype(np.int32),
            "lon_e6": np.round(frame["lon"].to_numpy() * E6).astype(np.int32),
            **{name: frame[name].to_numpy() for name in _OPTIONAL if name in frame.columns},
            "msg_type": np.ones(n_rows, dtype=np.int8),
            "cell": cells_of(frame["lat"], frame["lon"]),
            "quality": np.zeros(n_rows, dtype=np.int32),
            "source_id": np.zeros(n_rows, dtype=np.int64),
            "line": np.arange(1, n_rows + 1, dtype=np.int32),
        }
    )
