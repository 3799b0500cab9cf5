"""How true sea routes are: against published distances, and against an exact optimum."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.ndimage as ndi
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from vesseltrack import sea
from vesseltrack.core.geodesy import great_circle_m, m_of_chord, unit_xyz
from vesseltrack.core.paths import densify
from vesseltrack.errors import RouteError
from vesseltrack.routing import Route, shortest_route
from vesseltrack.routing.graph import open_sea
from vesseltrack.routing.grid import N_COLUMNS, PIXEL_M, PIXELS_PER_DEG, band, centre_of, pixel_of
from vesseltrack.routing.passages import closed_to, passages
from vesseltrack.routing.water import Water
from vesseltrack.units import m_to_nm

Floats = npt.NDArray[np.float64]
Point = tuple[float, float]

KINDS = {"short": 150, "regional": 800, "ocean": float("inf")}  # published below [nm]
CANALS = {  # as the files name them
    name: canal
    for canal in ("suez", "panama", "kiel", "corinth")
    for name in (canal, f"{canal.title()} Canal")
}
AEGEAN = (35.0, 23.0, 40.0, 27.0)  # south, west, north, east [deg]
N_AEGEAN_PAIRS = 200  # of 60, the 95th percentile is anything from 0.8 to 1.4 %
SHORE_PIXELS = 5  # ends lie within some 4 km of the shore
CHANNELS = Path(__file__).parents[2] / "fixtures" / "make" / "sea_channels.json"
INLAND_M = 1_000.0
CUT_M = 100.0
DRAWN_STEP_M = 2_000.0


@dataclass(frozen=True)
class Pair:
    """A pair of ports with its published distance."""

    start: Point
    end: Point
    published_nm: float

    @property
    def kind(self) -> str:
        """How far apart they are, in a word."""
        limits = [name for name, below in KINDS.items() if self.published_nm < below]
        return limits[0]

    @property
    def crosses_date_line(self) -> bool:
        """Whether the shorter way round in longitude leads over 180 degrees."""
        return abs(self.start[1] - self.end[1]) > 180

    @property
    def straight_nm(self) -> float:
        """The great circle."""
        return float(m_to_nm(great_circle_m(*self.start, *self.end)))


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of a file as in `fixtures/routes`, without those by a named passage."""
    return [pair for pair, via in _rows(path) if not via]


def read_variants(path: Path) -> list[tuple[Pair, str]]:
    """Return the pairs of a file whose distance is by a canal, and the canal's id."""
    return [(pair, CANALS[via]) for pair, via in _rows(path) if via in CANALS]


def _rows(path: Path) -> Iterator[tuple[Pair, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            start = float(row["from_lat"]), float(row["from_lon"])
            end = float(row["to_lat"]), float(row["to_lon"])
            yield Pair(start, end, float(row["published_nm"])), row.get("via") or ""


def ours_nm(pair: Pair) -> float:
    """Return the distance of our route; NaN where there is none."""
    try:
        return shortest_route(pair.start, pair.end).distance_nm
    except RouteError:
        return float("nan")


def measured(pairs: list[Pair], method: Callable[[Pair], float]) -> dict[str, str]:
    """Return the figures of one method, by what is measured."""
    found_nm = np.array([method(pair) for pair in pairs])
    published_nm = np.array([pair.published_nm for pair in pairs])
    excess = 100 * (found_nm / published_nm - 1)
    kind = np.array([pair.kind for pair in pairs])
    over = np.array([pair.crosses_date_line for pair in pairs])
    groups = [(f"{name} pairs", kind == name) for name in KINDS]
    groups += [("all pairs", np.ones(kind.size, dtype=bool)), ("across the date line", over)]
    figures = {}
    for name, chosen in groups:
        error = np.abs(excess[chosen & np.isfinite(excess)])
        if error.size:
            middle, high = np.percentile(error, [50, 95])
            figures[name] = f"{middle:.2f} %, {high:.1f} %"
    figures["more than 5 % longer than published"] = f"{100 * np.mean(excess > 5):.2f} %"
    straight_nm = np.array([pair.straight_nm for pair in pairs])
    below = found_nm < straight_nm * (1 - 1e-9)
    figures["shorter than the great circle"] = f"{below.sum()} of {below.size}"
    figures["without a route"] = f"{np.isnan(found_nm).sum()} of {below.size}"
    return figures


def inland_points(pairs: list[Pair]) -> tuple[int, int]:
    """Return how many points of routes lie 1 km inside the shipped land, and how many there are.

    The legs between ends and water are left out, and so are passages, which are carved into it.
    """
    carved = carved_pixels()
    n_inland = n_points = 0
    for pair in pairs:
        try:
            route = shortest_route(pair.start, pair.end)
        except RouteError:
            continue
        lat, lon = at_sea(route)
        open_water = ~is_carved(lat, lon, carved)
        lat, lon = lat[open_water], lon[open_water]
        n_points += lat.size
        n_inland += int(np.count_nonzero(is_inland(lat, lon)))
    return n_inland, n_points


def carved_pixels() -> npt.NDArray[np.int64]:
    """Return the pixels that the makers of the mask carved along passages and channels."""
    bands = [band(*line, PIXEL_M) for line in carved_lines()]
    return np.unique(np.concatenate([code_of(*pixels) for pixels in bands]))


def carved_lines() -> list[Floats]:
    """Return those passages and channels, each as latitudes and longitudes [deg]."""
    lines = [p.line for p in passages() if p.kind != "ice"]
    lines += json.loads(CHANNELS.read_text(encoding="utf-8"))["lines"].values()
    return [np.array(line, dtype=float).T for line in lines]


def is_carved(lat: Floats, lon: Floats, carved: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which points lie in such pixels, or beside one: legs may cut a corner so far."""
    beside_lat = CUT_M / PIXEL_M / PIXELS_PER_DEG
    beside_lon = beside_lat / np.cos(np.radians(lat))
    around = [(0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    return np.any(
        [
            np.isin(code_of(*pixel_of(lat + i * beside_lat, lon + j * beside_lon)), carved)
            for i, j in around
        ],
        axis=0,
    )


def code_of(row: npt.NDArray[np.int64], column: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return one number a pixel."""
    return row * N_COLUMNS + column


def at_sea(route: Route) -> tuple[Floats, Floats]:
    """Return points along a route between its places on the water [deg]."""
    first, last = (1 if snap_km > 0 else 0 for snap_km in route.snap_km)
    stop = route.lat.size - last
    if stop - first < 2:
        return route.lat[:0], route.lon[:0]
    return densify(route.lat[first:stop], route.lon[first:stop], DRAWN_STEP_M)


def is_inland(lat: Floats, lon: Floats) -> npt.NDArray[np.bool_]:
    """Return which points lie on land 1 km in every one of eight directions."""
    inland = sea.is_land(lat, lon)
    for bearing in np.radians(np.arange(0, 360, 45)):
        rows = np.flatnonzero(inland)
        north = np.degrees(INLAND_M / 6_371_008.8) * np.cos(bearing)
        east = np.degrees(INLAND_M / 6_371_008.8) * np.sin(bearing)
        beside = lon[rows] + east / np.cos(np.radians(lat[rows]))
        inland[rows] = sea.is_land(lat[rows] + north, beside)
    return inland


def aegean_excess() -> Floats:
    """Return how much longer our routes are than the optimum over the same mask, as fractions.

    The optimum is the shortest way over a visibility graph of every convex corner of the coast.
    """
    with open_sea(closed_to()) as at_sea:
        least_m, lat, lon = aegean_optimum(at_sea.water)
    excess = []
    for i in range(N_AEGEAN_PAIRS):
        j = i + N_AEGEAN_PAIRS
        if np.isfinite(least_m[i, j]):
            route = shortest_route((lat[i], lon[i]), (lat[j], lon[j]), avoid=["corinth"])
            if is_in_aegean(route):
                excess.append(route.distance_nm / m_to_nm(least_m[i, j]) - 1)
    return np.array(excess)


def is_in_aegean(route: Route) -> bool:
    """Return whether a route stays where the optimum was looked for."""
    south, west, north, east = AEGEAN
    return bool(
        np.all((route.lat > south) & (route.lat < north))
        and np.all((route.lon > west) & (route.lon < east))
    )


def aegean_optimum(water: Water) -> tuple[Floats, Floats, Floats]:
    """Return the shortest ways from some ends to all vertices [m], and the vertices [deg].

    The first vertices are the ends: where the ways start, and as many where they lead.
    """
    south, west, north, east = AEGEAN
    rows = np.arange(int((90 - north) * PIXELS_PER_DEG), int((90 - south) * PIXELS_PER_DEG))
    columns = np.arange(int((west + 180) * PIXELS_PER_DEG), int((east + 180) * PIXELS_PER_DEG))
    row, column = np.meshgrid(rows, columns, indexing="ij")
    wet = water.is_water(*centre_of(row, column))
    corner = np.zeros_like(wet)
    inner = (slice(1, -1), slice(1, -1))
    for down in (-1, 1):
        for right in (-1, 1):
            diagonal = ~np.roll(wet, (down, right), (0, 1))
            beside = np.roll(wet, down, 0) & np.roll(wet, right, 1)
            corner[inner] |= (wet & diagonal & beside)[inner]
    rng = np.random.default_rng(0)
    near_land = np.flatnonzero((wet & ndi.binary_dilation(~wet, iterations=SHORE_PIXELS)).ravel())
    ends = rng.choice(near_land, 2 * N_AEGEAN_PAIRS, replace=False)
    vertex = np.concatenate([ends, np.setdiff1d(np.flatnonzero(corner.ravel()), ends)])
    lat, lon = centre_of(row.ravel()[vertex], column.ravel()[vertex])
    xyz = unit_xyz(lat, lon)
    graph = csr_matrix((vertex.size, vertex.size))
    for first in range(0, vertex.size, 200):
        start, end = np.meshgrid(
            np.arange(first, min(first + 200, vertex.size)), np.arange(vertex.size), indexing="ij"
        )
        start, end = start[start < end], end[start < end]
        seen = water.sees(xyz[start], xyz[end])
        start, end = start[seen], end[seen]
        length_m = m_of_chord(np.linalg.norm(xyz[start] - xyz[end], axis=1))
        graph += csr_matrix((length_m, (start, end)), shape=graph.shape)
    least_m = dijkstra(graph, directed=False, indices=np.arange(N_AEGEAN_PAIRS))
    return least_m, lat, lon
