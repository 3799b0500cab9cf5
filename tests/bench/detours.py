"""Speed of tracks and detours: `python tests/bench/detours.py`.

Split, length and speed against movingpandas on the same positions; then the detours of a million
positions, fields at hand, and what a process that does it takes in memory.
"""

import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from ratios import Comparison, measured  # noqa: E402 - found through the path set above
from vesseltrack import engine, schema  # noqa: E402 - as above
from vesseltrack.config import Config  # noqa: E402 - as above
from vesseltrack.core.geodesy import great_circle_m  # noqa: E402 - as above
from vesseltrack.core.kinematics import step_m  # noqa: E402 - as above
from vesseltrack.frames.own import own_positions  # noqa: E402 - as above
from vesseltrack.routing import shortest_route  # noqa: E402 - as above
from vesseltrack.tracks import build_tracks  # noqa: E402 - as above
from vesseltrack.tracks.course import course  # noqa: E402 - as above
from vesseltrack.tracks.fleet import fleet  # noqa: E402 - as above
from vesseltrack.tracks.received import admit, received  # noqa: E402 - as above
from vesseltrack.tracks.segments import cut_segments, segment_table  # noqa: E402 - as above

warnings.simplefilter("ignore")
import movingpandas as mpd  # noqa: E402 - it warns at import

N_VESSELS, N_FIXES = 500, 200
GAP_H = 8.0
N_LONG, N_LONG_FIXES = 20, 50_000
SPEED_KN = 14.0
ENDS = [(51.98, 3.9), (57.05, 24.05), (43.3, 5.2), (36.1, -5.3)]
STARTS = [(59.95, 29.5), (40.5, -73.9), (31.3, 32.4), (35.9, 14.6), (57.5, 8.0)]

Floats = npt.NDArray[np.float64]


def fleet_frame() -> gpd.GeoDataFrame:
    """Return vessels that wander, each with one silence of a day."""
    rng = np.random.default_rng(3)
    steps = rng.normal(0, 0.003, (2, N_VESSELS, N_FIXES)).cumsum(axis=2)
    minutes = np.arange(N_FIXES) * 2 + (np.arange(N_FIXES) >= N_FIXES // 2) * 1_440
    begun = np.datetime64("2024-05-01")
    return gpd.GeoDataFrame(
        {
            "mmsi": np.repeat(219000000 + np.arange(N_VESSELS), N_FIXES),
            "timestamp": np.tile(begun + minutes * np.timedelta64(60, "s"), N_VESSELS),
        },
        geometry=gpd.points_from_xy(
            (rng.uniform(7, 12, (N_VESSELS, 1)) + steps[0]).ravel(),
            (rng.uniform(55, 58, (N_VESSELS, 1)) + steps[1]).ravel(),
        ),
        crs="EPSG:4326",
    )


def split_length_speed(positions: pa.Table) -> tuple[pa.Table, Floats]:
    """Return the segments with their lengths, and the speed made good to each fix [m/s]."""
    config = Config().tracks
    everything = received(positions)
    vessels, _ = fleet(everything, admit(everything, config.admission), config.transmitters)
    way = course(everything, vessels, config)
    segments = cut_segments(vessels, way, config.segments)
    table = segment_table(everything, vessels, way, segments, config.sailed.tolerance_m)
    dt_s = np.diff(way.t_us, prepend=0) / 1e6
    return table, np.where(way.is_first, np.nan, step_m(way.xyz) / dt_s)


def their_split_length_speed(frame: gpd.GeoDataFrame) -> list[float]:
    """Do the same with movingpandas."""
    collection = mpd.TrajectoryCollection(frame, "mmsi", t="timestamp")
    split = mpd.ObservationGapSplitter(collection).split(gap=np.timedelta64(8, "h").astype(object))
    split.add_speed()
    return [trajectory.get_length() for trajectory in split]


def long_voyages() -> pa.Table:
    """Return a million positions of vessels on long ways that weave by 15 %, with jitter."""
    rng = np.random.default_rng(7)
    tables = []
    for number in range(N_LONG):
        start, end = STARTS[number % len(STARTS)], ENDS[number % len(ENDS)]
        route = shortest_route(start, end)
        lat, lon = route.lat, np.unwrap(route.lon, period=360)
        way = np.append(0, np.cumsum(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])))
        at = np.linspace(0, way[-1], N_LONG_FIXES)
        t_s = at / 1_852 / SPEED_KN * 3_600
        jitter = rng.normal(0, 1e-4, (2, N_LONG_FIXES))
        weave = 0.15 * np.sin(at / 20_000) * np.sin(np.pi * at / way[-1])
        tables.append(
            schema.POSITIONS.of(
                {
                    "mmsi": np.full(N_LONG_FIXES, 219000000 + number, dtype=np.int32),
                    "timestamp": (1_700_000_000_000_000 + t_s * 1e6).astype(np.int64),
                    "lat_e6": np.rint((np.interp(at, way, lat) + weave + jitter[0]) * 1e6).astype(
                        np.int32
                    ),
                    "lon_e6": np.rint((np.interp(at, way, lon) + jitter[1]) * 1e6).astype(
                        np.int32
                    ),
                    "msg_type": np.ones(N_LONG_FIXES, dtype=np.int8),
                    "cell": np.zeros(N_LONG_FIXES, dtype=np.int64),
                    "quality": np.zeros(N_LONG_FIXES, dtype=np.int32),
                    "source_id": np.zeros(N_LONG_FIXES, dtype=np.int64),
                    "line": np.arange(1, N_LONG_FIXES + 1, dtype=np.int32),
                }
            )
        )
    return pa.concat_tables(tables)


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of some work [s]: other processes do not count."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    """Print what was measured."""
    frame = fleet_frame()
    positions = own_positions(frame)
    comparison = Comparison(
        "split, length and speed",
        N_VESSELS * N_FIXES,
        lambda: split_length_speed(positions),
        "movingpandas gap splitter + length + speed",
        lambda: their_split_length_speed(frame),
        warm_up=False,
        rounds=1,
    )
    print(measured(comparison))

    made = long_voyages()
    build = lambda: build_tracks(  # noqa: E731 - timed twice
        made,
        schema.STATICS.empty(),
        config=Config().tracks,
        sea_distance_nm=engine.sea_distance_nm,
    )
    built = build()
    n_points = built.ways.num_rows
    first_s = seconds(lambda: engine.hold_against_routes(built))
    begun = time.process_time()
    held = engine.hold_against_routes(built)
    again_s = time.process_time() - begun
    print(
        f"detours of {made.num_rows:,} positions ({n_points:,} points of their ways, "
        f"{held.detours.num_rows} of {built.voyages.num_rows} voyages may be one): "
        f"{first_s:.1f} s, with fields at hand {again_s:.1f} s; "
        f"tracks before that {seconds(build):.1f} s"
    )
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak_mib:,.0f} MiB")


if __name__ == "__main__":
    main()
