"""Detectors of vessels by themselves, and encounters against geopandas and bare scipy trees.

Made-up days by a seed: a third of the vessels lie in port, a sixth creep about at sea, the others
sail on; one in ten shows her side. Process time: others on the machine then weigh less.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.spatial import cKDTree

from detect_tables import DAY, HOUR, T0, key, slice_of, vessels
from vesseltrack.config.detect import DetectConfig
from vesseltrack.core.geodesy import chord_of_m, unit_xyz
from vesseltrack.detect import make_detector
from vesseltrack.hexgrid import cells_of
from vesseltrack.schema import FIXES

ALONE = ("loitering", "ais_gap", "drifting", "sudden_speed_change")
N_FIXES = 4_000_000
FIXES_A_VESSEL = 1_000  # one in a minute and a half
SLICE_FIXES = 500_000  # as a run shows them
BIN_US = 10 * 60 * 1_000_000
PAIR_M = 500.0
ROUNDS = 3
M_PER_DEG = 111_195.0
FIRST_MMSI = 211_000_000


def print_detectors(n_fixes: int = N_FIXES) -> None:
    """Print how many positions a second each takes, in slices as a run shows them."""
    fixes, fleet = day(n_fixes)
    print(f"positions a second on one core, {n_fixes:,} in slices of {SLICE_FIXES:,}")
    for kind in ALONE:
        took_s = statistics.median(pushed_s(kind, fixes, fleet) for _ in range(ROUNDS))
        print(f"{kind:<24} {n_fixes / took_s:>12,.0f}/s", flush=True)


def print_encounters(n_fixes: int = N_FIXES) -> None:
    """Print encounters of a quarter of the rows against both peers, and how they grow."""
    few, few_vessels = day(n_fixes // 4)
    peers = {
        "geopandas sjoin of discs": joined_with_discs,
        "geopandas sjoin by distance": joined,
        "bare cKDTree": paired,
    }
    ours_s: list[float] = []
    ratios: dict[str, list[float]] = {peer: [] for peer in peers}
    for _ in range(ROUNDS):
        ours_s.append(pushed_s("encounter", few, few_vessels))
        for peer, theirs in peers.items():
            ratios[peer].append(timed(lambda theirs=theirs: theirs(few)) / ours_s[-1])
    one_s = statistics.median(ours_s)
    print(f"encounters of {n_fixes // 4:,} rows: {n_fixes / 4 / one_s:,.0f}/s")
    for peer, seen in ratios.items():
        spread = f"({min(seen):.2f} to {max(seen):.2f})"
        print(f"  {statistics.median(seen):.2f}x {peer}, pairs within {PAIR_M:g} m {spread}")
    many_s = pushed_s("encounter", *day(n_fixes))
    print(f"  of {n_fixes:,} rows: {many_s / one_s:.2f} times as long", flush=True)


def day(n_fixes: int) -> tuple[pa.Table, pa.Table]:
    """Return the `FIXES` of a day, FIXES_A_VESSEL of each vessel, and the `VESSELS`."""
    rng = np.random.default_rng(7)
    n_vessels = n_fixes // FIXES_A_VESSEL
    t_us = (np.arange(FIXES_A_VESSEL) + rng.random((n_vessels, FIXES_A_VESSEL))) * (
        DAY / FIXES_A_VESSEL
    )
    part = rng.random((n_vessels, 1))
    fast_kn = rng.uniform(6, 18, part.shape)
    sog_kn = np.select([part < 1 / 3, part < 1 / 2], [0.05, 1.5], fast_kn)
    cog_deg = rng.uniform(0, 360, part.shape)
    off_deg = np.where(rng.random(part.shape) < 0.1, 90, 3)
    sailed_deg = sog_kn * t_us / HOUR / 60
    # As wide as it takes that vessels stand as near each other however many they are.
    width_deg = 8 * n_fixes / N_FIXES
    lat = 53 + (rng.uniform(0, 6, part.shape) + np.cos(np.radians(cog_deg)) * sailed_deg) % 6
    east_deg = np.sin(np.radians(cog_deg)) * sailed_deg / np.cos(np.radians(56))
    lon = 7 + (rng.uniform(0, width_deg, part.shape) + east_deg) % width_deg
    far_m = np.where(part < 1 / 3, 500.0, 60_000.0)
    of_each = {
        "sog_kn": sog_kn,
        "cog_deg": cog_deg,
        "heading_deg": (cog_deg + off_deg) % 360,
        "segment": np.arange(n_vessels)[:, None],
        **dict.fromkeys(("shore_m", "port_m", "anchorage_m"), far_m),
    }
    keys = np.array([key(FIRST_MMSI + number) for number in range(n_vessels)])
    columns = {
        "vessel_key": np.repeat(keys, FIXES_A_VESSEL),
        "timestamp": T0 + t_us.astype(np.int64).ravel(),
        "lat": lat.ravel(),
        "lon": lon.ravel(),
        **{name: np.repeat(column, FIXES_A_VESSEL) for name, column in of_each.items()},
    }
    order = np.lexsort((columns["vessel_key"], columns["timestamp"]))
    columns = {name: column[order] for name, column in columns.items()}
    table = FIXES.of(
        {
            **{name: columns[name] for name in FIXES.names if name in columns},
            **{name: columns[name].astype(np.float32) for name in of_each if name != "segment"},
            "timestamp": pa.array(columns["timestamp"], pa.timestamp("us", tz="UTC")),
            "cell": cells_of(columns["lat"], columns["lon"]),
            "nav_status": np.zeros(order.size, np.int8),
            "quality": np.zeros(order.size, np.int32),
        }
    )
    about = {"length_m": 120.0, "ship_type": 70}
    return table, vessels(
        *({"vessel_id": str(FIRST_MMSI + number), **about} for number in range(n_vessels))
    )


def pushed_s(kind: str, fixes: pa.Table, fleet: pa.Table) -> float:
    """Return what a detector takes for all fixes [s], columns made for it alone."""
    starts = range(0, fixes.num_rows, SLICE_FIXES)
    slices = [slice_of(fixes.slice(start, SLICE_FIXES), fleet) for start in starts]
    ends_us = [int(pc.max(one.fixes["timestamp"]).cast(pa.int64()).as_py()) for one in slices]
    detector = make_detector(kind, DetectConfig())

    def push() -> None:
        for one, end_us in zip(slices, ends_us, strict=True):
            detector.push(one, end_us)
        detector.flush()

    return timed(push)


def bins(fixes: pa.Table) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the places of each ten minutes [deg]."""
    t_us = fixes["timestamp"].cast(pa.int64()).to_numpy()
    cuts = np.flatnonzero(np.diff(t_us // BIN_US)) + 1
    lat, lon = fixes["lat"].to_numpy(), fixes["lon"].to_numpy()
    return zip(np.split(lat, cuts), np.split(lon, cuts), strict=True)


def joined(fixes: pa.Table) -> int:
    """Pair fixes of the same ten minutes with geopandas, on a plane of metres."""
    n_pairs = 0
    for points in planes(fixes):
        n_pairs += len(gpd.sjoin(points, points, predicate="dwithin", distance=PAIR_M))
    return n_pairs


def joined_with_discs(fixes: pa.Table) -> int:
    """Pair fixes as it is usually done: with discs around them."""
    n_pairs = 0
    for points in planes(fixes):
        discs = gpd.GeoDataFrame(geometry=points.buffer(PAIR_M))
        n_pairs += len(gpd.sjoin(points, discs, predicate="within"))
    return n_pairs


def planes(fixes: pa.Table) -> Iterator[gpd.GeoDataFrame]:
    """Yield the places of each ten minutes on a plane of metres."""
    for lat, lon in bins(fixes):
        x_m = lon * np.cos(np.radians(lat)) * M_PER_DEG
        yield gpd.GeoDataFrame(geometry=gpd.points_from_xy(x_m, lat * M_PER_DEG))


def paired(fixes: pa.Table) -> int:
    """Pair fixes of the same ten minutes with a tree of scipy, and nothing else."""
    n_pairs, chord = 0, float(chord_of_m(PAIR_M))
    for lat, lon in bins(fixes):
        tree = cKDTree(unit_xyz(lat, lon), balanced_tree=False, compact_nodes=False)
        n_pairs += len(tree.query_pairs(chord, output_type="ndarray"))
    return n_pairs


def timed(work: Callable[[], object]) -> float:
    """Return the processor time of some work [s]."""
    gc.collect()
    begun_s = time.process_time()
    work()
    return time.process_time() - begun_s
