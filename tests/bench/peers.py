"""The jobs that are compared, each with a peer that does the same on the same input."""

import datetime as dt
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import movingpandas as mpd
import numpy as np
import searoute

from feed import feed
from one_reader import decoded_by_pyais, read_by_us
from ratios import Comparison
from vesseltrack import engine, schema
from vesseltrack.config import Config
from vesseltrack.frames.own import own_positions
from vesseltrack.routing import shortest_route
from vesseltrack.tracks import build_tracks

N_MESSAGES = 300_000
N_FEEDS = 9
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
        for make in (nmea, nmea_process, tracks, routes):
            if not wanted or make.__name__ in wanted:
                yield make(Path(folder))


def nmea(folder: Path) -> Comparison:
    """Sentences to columns, against pyais decoding the same lines."""
    path = folder / "feed.nmea"
    path.write_bytes(feed(N_MESSAGES, seed=1))
    n_messages = read_by_us(path)
    return Comparison(
        "nmea: sentences to positions and statics",
        n_messages,
        lambda: read_by_us(path),
        "pyais FileReaderStream + decode",
        lambda: decoded_by_pyais(path),
    )


def nmea_process(folder: Path) -> Comparison:
    """The same with a process of its own for each, on a file that fits in no cache."""
    path = folder / "long.nmea"
    with path.open("wb") as file:
        for seed in range(N_FEEDS):
            file.write(feed(N_MESSAGES, seed))
    n_messages, peak_mib = _in_process("ours", path)
    print(f"peak memory of the process that reads {n_messages:,} messages: {peak_mib:.0f} MiB")
    return Comparison(
        "nmea_process: a whole process",
        n_messages,
        lambda: _in_process("ours", path),
        "pyais FileReaderStream + decode",
        lambda: _in_process("pyais", path),
        rounds=1,
    )


def _in_process(reader: str, path: Path) -> tuple[int, float]:
    """Return how many messages a process of its own reads, and its peak memory [MiB]."""
    script = Path(__file__).with_name("one_reader.py")
    done = subprocess.run(
        [sys.executable, str(script), reader, str(path)], capture_output=True, check=True
    )
    n_messages, peak_kib = done.stdout.split()
    return int(n_messages), int(peak_kib) / 1024


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
