"""Positions to voyages, held against movingpandas."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import movingpandas as mpd
import numpy as np

from ratios import Comparison
from vesseltrack import engine, schema
from vesseltrack.config import Config
from vesseltrack.frames.own import own_positions
from vesseltrack.tracks import build_tracks

MAX_GAP = dt.timedelta(hours=8)


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
