"""How fast sea routes are, and how true and smooth the distance still to go along a voyage is."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from sea_accuracy import Pair
from sea_peers import Peer
from vesseltrack.core.geodesy import great_circle_m, unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.core.slack import close_tracks, slack
from vesseltrack.routing import distance_field, shortest_route, shortest_routes
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.passages import closed_to
from vesseltrack.units import nm_to_m

Floats = npt.NDArray[np.float64]

N_ORIGINS, N_PORTS = 20, 598
N_BY_PEERS = 400  # of those pairs, to know a peer's mean
ROTTERDAM, SINGAPORE = (51.95, 4.05), (1.25, 103.85)
_LOAD = """
import resource, time
begun = time.perf_counter()
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.passages import closed_to
imported = time.perf_counter()
open_sea(closed_to())
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


def query_ms(pairs: list[Pair], peers: list[Peer]) -> dict[str, Floats]:
    """Return the times of warm single queries [ms] by library, ours first, by turns."""
    routers = {"ours": lambda pair: shortest_route(pair.start, pair.end)}
    routers |= {peer.name: peer.line for peer in peers if peer.line is not None}
    times: dict[str, list[float]] = {name: [] for name in routers}
    for pair in pairs:
        for name, route in routers.items():
            begun = time.perf_counter()
            route(pair)
            times[name].append(1e3 * (time.perf_counter() - begun))
    return {name: np.array(of_one) for name, of_one in times.items()}


def many(pairs: list[Pair], peers: list[Peer]) -> dict[str, str]:
    """Return the mean time a pair of many origins and ports, by library."""
    places = np.unique(
        np.array([point for pair in pairs for point in (pair.start, pair.end)]), axis=0
    )
    rng = np.random.default_rng(0)
    origins = places[rng.choice(len(places), N_ORIGINS, replace=False)]
    ports = places[rng.choice(len(places), min(N_PORTS, len(places)), replace=False)]
    start, end = (array.reshape(-1, 2) for array in _all_pairs(origins, ports))
    begun = time.perf_counter()
    shortest_routes(*start.T, *end.T)
    figures = {"ours": f"{1e3 * (time.perf_counter() - begun) / len(start):.2f} ms"}
    some = rng.choice(len(start), N_BY_PEERS, replace=False)
    asked = [Pair(tuple(start[i].tolist()), tuple(end[i].tolist()), np.nan) for i in some]
    for peer in peers:
        if peer.line is None:
            continue
        begun = time.perf_counter()
        for pair in asked:
            peer.line(pair)
        figures[peer.name] = f"{1e3 * (time.perf_counter() - begun) / some.size:.2f} ms"
    return figures


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
    begun = time.perf_counter()
    along_m = nm_to_m(field.remaining_along_nm(lat, lon))
    along_us = 1e6 * (time.perf_counter() - begun) / lat.size
    error_km = np.abs(along_m - everywhere_m) / 1e3
    yield "again, everywhere", f"{everywhere_us:.1f} us a point"
    yield (
        "again, along the track",
        f"{along_us:.1f} us a point, error p99 {np.percentile(error_km, 99):.2f} km",
    )
    leg_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    points = unit_xyz(lat, lon)
    clear = open_sea(closed_to()).water.sees(points[:-1], points[1:])
    step_km = (np.abs(np.diff(everywhere_m)) - leg_m)[clear] / 1e3
    yield (
        "steps of the distance to go",
        f"{(step_km > 1).sum()} above 1 km, most {step_km.max():.1f} km",
    )


def dog_leg() -> Iterator[tuple[str, str]]:
    """Yield where the slack of a planted detour of some 400 km is found."""
    route = shortest_route(ROTTERDAM, SINGAPORE, avoid=["suez"])
    lat, lon = densify(route.lat, route.lon, 2_000.0)
    # Off West Africa the way is open: two legs out to a point abeam and back.
    first = int(np.argmin(great_circle_m(lat, lon, 8.0, -15.5)))
    last = first + 500
    middle = ((lat[first] + lat[last]) / 2, (lon[first] + lon[last]) / 2 - 6.2)
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
