"""How fast sea routes are, and how true and smooth the distance still to go along a voyage is."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import searoute

from sea_accuracy import Pair
from vesseltrack.core.geodesy import great_circle_m, unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.core.slack import close_tracks, slack
from vesseltrack.routing import Route, distance_field, shortest_route, shortest_routes
from vesseltrack.routing.field import DistanceField
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.passages import closed_to
from vesseltrack.units import nm_to_m

Floats = npt.NDArray[np.float64]

N_ORIGINS, N_PORTS = 20, 598
N_VOYAGES, N_AGAIN = 20, 6
N_SEAROUTE = 400  # of those pairs, to know searoute's mean
ROTTERDAM, SINGAPORE = (51.95, 4.05), (1.25, 103.85)
_LOAD = """
import resource, time
begun = time.perf_counter()
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.passages import closed_to
imported = time.perf_counter()
with open_sea(closed_to()):
    pass
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(imported - begun, time.perf_counter() - imported, peak)
"""


def loading() -> Iterator[tuple[str, str]]:
    """Yield what the first and a later use cost, each in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first use", "a later use"):
            done = subprocess.run(
                [sys.executable, "-c", _LOAD],
                env={**os.environ, "VESSELTRACK_CACHE": folder},
                capture_output=True,
                text=True,
                check=True,
            )
            imported_s, loaded_s, peak_gb = map(float, done.stdout.split())
            yield (
                name,
                f"{loaded_s:.2f} s after {imported_s:.2f} s of imports, {peak_gb:.2f} GB at most",
            )


def queries(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    """Yield the time of warm single queries, ours beside searoute's."""
    ours_ms, theirs_ms = [], []
    for pair in pairs:
        begun = time.perf_counter()
        shortest_route(pair.start, pair.end)
        between = time.perf_counter()
        searoute.searoute(pair.start[::-1], pair.end[::-1])
        ours_ms.append(1e3 * (between - begun))
        theirs_ms.append(1e3 * (time.perf_counter() - between))
    for name, times in (("ours", ours_ms), ("searoute", theirs_ms)):
        middle, high = np.percentile(times, [50, 95])
        mean = statistics.fmean(times)
        yield f"one query, {name}", f"median {middle:.1f}, p95 {high:.1f}, mean {mean:.1f} ms"


def many(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    """Yield the time per pair of many origins and ports, ours beside searoute's."""
    places = np.unique(
        np.array([point for pair in pairs for point in (pair.start, pair.end)]), axis=0
    )
    rng = np.random.default_rng(0)
    origins = places[rng.choice(len(places), N_ORIGINS, replace=False)]
    ports = places[rng.choice(len(places), min(N_PORTS, len(places)), replace=False)]
    start, end = (array.reshape(-1, 2) for array in _all_pairs(origins, ports))
    begun = time.perf_counter()
    shortest_routes(*start.T, *end.T)
    ours_ms = 1e3 * (time.perf_counter() - begun) / len(start)
    some = rng.choice(len(start), N_SEAROUTE, replace=False)
    begun = time.perf_counter()
    for row in some:
        searoute.searoute(start[row, ::-1].tolist(), end[row, ::-1].tolist())
    theirs_ms = 1e3 * (time.perf_counter() - begun) / some.size
    yield f"{len(origins)} x {len(ports)} routes", f"{ours_ms:.2f} ms a pair"
    yield f"the same, searoute ({some.size} of them)", f"{theirs_ms:.2f} ms a pair"


def _all_pairs(origins: Floats, ports: Floats) -> tuple[Floats, Floats]:
    shape = (len(origins), len(ports), 2)
    return (
        np.broadcast_to(origins[:, None, :], shape),
        np.broadcast_to(ports[None, :, :], shape),
    )


def along_a_voyage() -> Iterator[tuple[str, str]]:
    """Yield cost and smoothness of the remaining distance along Rotterdam to Singapore."""
    route = shortest_route(ROTTERDAM, SINGAPORE)
    lat, lon = densify(route.lat, route.lon, 2_000.0)
    field = distance_field(SINGAPORE)
    begun = time.perf_counter()
    field.remaining_nm(lat, lon)
    yield "a new voyage against a field", f"{time.perf_counter() - begun:.2f} s, {lat.size} points"
    begun = time.perf_counter()
    everywhere_m = nm_to_m(field.remaining_nm(lat, lon))
    everywhere_us = 1e6 * (time.perf_counter() - begun) / lat.size
    yield "again, everywhere", f"{everywhere_us:.1f} us a point"
    error_km = np.abs(nm_to_m(field.remaining_along_nm(lat, lon)) - everywhere_m) / 1e3
    yield "along the track against everywhere", f"p99 {np.percentile(error_km, 99):.2f} km off"
    leg_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    points = unit_xyz(lat, lon)
    with open_sea(closed_to()) as sea:
        clear = sea.water.sees(points[:-1], points[1:])
    step_km = (np.abs(np.diff(everywhere_m)) - leg_m)[clear] / 1e3
    yield (
        "steps of the distance to go",
        f"{(step_km > 1).sum()} above 1 km, most {step_km.max():.1f} km",
    )


def along_tracks(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    """Yield the time per point along tracks of many fixes, new ones and those asked about."""
    field = distance_field(SINGAPORE)
    voyages = [shortest_route(ROTTERDAM, SINGAPORE)]
    for step_m in (1_500.0, 150.0, 15.0):
        yield from _timed_along(field, voyages, step_m)
    starts = [pair.start for pair in pairs[: 8 * N_VOYAGES : 8]]
    yield from _timed_along(field, [shortest_route(a, SINGAPORE) for a in starts], 1_000.0)


def _timed_along(
    field: DistanceField, voyages: list[Route], step_m: float
) -> Iterator[tuple[str, str]]:
    tracks = [densify(route.lat, route.lon, step_m) for route in voyages]
    lat, lon = (np.concatenate(column) for column in zip(*tracks, strict=True))
    offsets = np.cumsum([0, *(track[0].size for track in tracks)])
    times_us = []
    for _ in range(N_AGAIN):
        begun = time.perf_counter()
        field.remaining_along_nm(lat, lon, offsets=offsets)
        times_us.append(1e6 * (time.perf_counter() - begun) / lat.size)
    first_us, *again_us = times_us
    yield (
        f"along {len(voyages)} tracks, {lat.size:,} fixes",
        f"new {first_us:.2f}, again {statistics.median(again_us):.2f} us a point",
    )


def dog_leg() -> Iterator[tuple[str, str]]:
    """Yield where the slack of a planted detour of some 400 km is found."""
    route = shortest_route(ROTTERDAM, SINGAPORE, avoid=["suez"])
    lat, lon = densify(route.lat, route.lon, 2_000.0)
    # Off West Africa the way is open: two legs out to a point abeam and back.
    first = int(np.argmin(great_circle_m(lat, lon, 8.0, -15.5)))
    last = first + 500
    middle = ((lat[first] + lat[last]) / 2, (lon[first] + lon[last]) / 2 - 4.9)
    out = densify([lat[first], middle[0], lat[last]], [lon[first], middle[1], lon[last]], 2_000.0)
    track_lat = np.concatenate([lat[:first], out[0], lat[last + 1 :]])
    track_lon = np.concatenate([lon[:first], out[1], lon[last + 1 :]])
    travelled_m = np.concatenate(
        [
            [0.0],
            np.cumsum(
                great_circle_m(track_lat[:-1], track_lon[:-1], track_lat[1:], track_lon[1:])
            ),
        ]
    )
    extra_m = travelled_m[-1] - nm_to_m(route.distance_nm)
    field = distance_field(SINGAPORE, avoid=["suez"])
    offsets = np.array([0, track_lat.size])
    remaining_m = close_tracks(
        travelled_m, nm_to_m(field.remaining_nm(track_lat, track_lon)), offsets
    )
    found_m = slack(travelled_m, remaining_m, offsets)
    inside = found_m[first + out[0].size - 1] - found_m[first]
    outside = found_m[-1] - inside
    shares = 100 * (found_m[-1] / extra_m - 1), 100 * outside / extra_m
    yield (
        f"a dog-leg of {extra_m / 1e3:.0f} km in {route.distance_nm:,.0f} nm",
        "excess off by {:.2f} %, {:.2f} % of it elsewhere".format(*shares),
    )
