"""The jobs that are compared, each with a peer that does the same on the same input."""

import datetime as dt
import gzip
import tempfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import movingpandas as mpd
import numpy as np
import polars as pl
import searoute
from pyais.stream import FileReaderStream

from archives import DMA_ARCHIVE, GFW_ARCHIVE
from ratios import Comparison
from vesseltrack import engine, ingest, schema
from vesseltrack.config import Config
from vesseltrack.frames.own import own_positions
from vesseltrack.routing import shortest_route
from vesseltrack.tracks import build_tracks

DMA_COLUMNS = ["# Timestamp", "Type of mobile", "MMSI", "Latitude", "Longitude", "SOG", "COG"]
DMA_COLUMNS += ["Navigational status", "ROT", "Heading", "IMO", "Callsign", "Name", "Ship type"]
DMA_COLUMNS += ["Width", "Length", "Draught", "Destination", "ETA", "A", "B", "C", "D"]
MAX_GAP = dt.timedelta(hours=8)
PORT_PAIRS = [
    ((51.95, 4.05), (59.93, 29.7)),
    ((51.95, 4.05), (1.26, 103.8)),
    ((40.6, -74.0), (33.7, -118.2)),
    ((35.4, 139.8), (33.7, -118.2)),
    ((37.9, 23.6), (31.3, 32.4)),
    ((60.4, 5.3), (57.7, 11.9)),
]


def comparisons(wanted: set[str]) -> Iterator[Comparison]:
    """Yield the jobs whose name begins with a wanted word; all when none is given."""
    with tempfile.TemporaryDirectory() as folder:
        for make in (nmea, dma_csv, tracks, routes):
            if not wanted or make.__name__ in wanted:
                yield make(Path(folder))


def nmea(folder: Path) -> Comparison:
    """Sentences to columns, against pyais decoding the same lines."""
    path = folder / "gfw.nmea"
    path.write_bytes(gzip.decompress(GFW_ARCHIVE.read_bytes()))
    n_messages = sum(report.messages for report in _read(path))
    return Comparison(
        "nmea: sentences to positions and statics",
        n_messages,
        lambda: _read(path),
        "pyais FileReaderStream + decode",
        lambda: [message.decode() for message in FileReaderStream(str(path))],
    )


def dma_csv(folder: Path) -> Comparison:
    """A DMA day to cleaned rows, against polars reading the same columns."""
    path = folder / "dma.csv"
    path.write_bytes(gzip.decompress(DMA_ARCHIVE.read_bytes()))
    n_rows = sum(report.used for report in _read(path))
    return Comparison(
        "dma_csv: rows to positions and statics",
        n_rows,
        lambda: _read(path),
        f"polars.read_csv of {len(DMA_COLUMNS)} columns",
        lambda: pl.read_csv(path, columns=DMA_COLUMNS, infer_schema_length=0),
    )


def _read(path: Path) -> list[ingest.SourceReport]:
    reports = []
    for source in ingest.open_sources(path, config=Config().ingest):
        for _ in source.batches():
            pass
        reports.append(source.report)
    return reports


def tracks(folder: Path) -> Comparison:  # noqa: ARG001 - every job takes the folder
    """Vessels, segments, calls, voyages; movingpandas splits by gap and sums lengths only."""
    rng = np.random.default_rng(3)
    n_vessels, n_fixes = 200, 250
    steps = rng.normal(0, 0.003, (2, n_vessels, n_fixes)).cumsum(axis=2)
    frame = gpd.GeoDataFrame(
        {
            "mmsi": np.repeat(219000000 + np.arange(n_vessels), n_fixes),
            "timestamp": np.tile(
                np.arange(n_fixes) * np.timedelta64(120, "s") + np.datetime64("2024-05-01"),
                n_vessels,
            ),
        },
        geometry=gpd.points_from_xy(
            (rng.uniform(7, 12, (n_vessels, 1)) + steps[0]).ravel(),
            (rng.uniform(55, 58, (n_vessels, 1)) + steps[1]).ravel(),
        ),
        crs="EPSG:4326",
    )
    positions, statics = own_positions(frame), schema.STATICS.empty()

    def theirs() -> list[float]:
        collection = mpd.TrajectoryCollection(frame, "mmsi", t="timestamp")
        split = mpd.ObservationGapSplitter(collection).split(gap=MAX_GAP)
        return [trajectory.get_length() for trajectory in split]

    return Comparison(
        "tracks: vessels, segments, calls, voyages",
        n_vessels * n_fixes,
        lambda: build_tracks(
            positions,
            statics,
            config=Config().tracks,
            sea_distance_nm=engine.sea_distance_nm,
        ),
        "movingpandas gap splitter + length",
        theirs,
    )


def routes(folder: Path) -> Comparison:  # noqa: ARG001 - every job takes the folder
    """Shortest routes with passages, against the bare package (which is often wrong)."""
    return Comparison(
        "routes: one query",
        len(PORT_PAIRS),
        lambda: [shortest_route(a, b) for a, b in PORT_PAIRS],
        "searoute.searoute",
        lambda: [searoute.searoute(a[::-1], b[::-1]) for a, b in PORT_PAIRS],
    )
