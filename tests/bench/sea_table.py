"""The table of sea routes, as Markdown: `make bench ARGS="pairs.csv [variants.csv]"`.

Pairs as in `fixtures/routes`; distances by a named canal may stand among them or in a second file.
"""

import itertools
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

import sea_accuracy
import sea_speed
from sea_accuracy import Pair
from sea_coast import IndependentCoast
from sea_peers import Peer, peers
from vesseltrack.core.paths import densify
from vesseltrack.errors import RouteError
from vesseltrack.routing import distance_field, shortest_route

EVERY = 5  # of the pairs, for what takes long
N_FOR_PROPERTIES = 60
WITHIN_FRAC = 0.02
NAMES = ("ours", "searoute", "scgraph")
BARS = {
    "ocean pairs": "1.2 %, 6 %",
    "regional pairs": "3.5 %",
    "all pairs": "2.0 %",
    "across the date line": "1 %",
    "more than 5 % longer than published": "0.3 %",
    "shorter than the great circle": "0",
    "first use": "8 s, 1.07 GB",
    "a later use": "0.5 s",
    "again, everywhere": "6 us",
    "again, along the track": "1.5 us, 0.2 km",
    "steps of the distance to go": "3 km",
}
Row = tuple[str, str, Mapping[str, str]]


def print_table(paths: list[Path]) -> None:
    """Print every figure as soon as it is known."""
    pairs = [pair for path in paths for pair in sea_accuracy.read_pairs(path)]
    variants = [row for path in paths for row in sea_accuracy.read_variants(path)]
    sea_accuracy.ours_nm(pairs[0])
    print("| what | bar |", " | ".join(NAMES), "|")
    print("| --- | --- |", " | ".join("---" for _ in NAMES), "|")
    for what, bar, figures in _rows(pairs, variants):
        cells = (figures.get(name, "") for name in NAMES)
        print(f"| {what} | {bar} |", " | ".join(cells), "|", flush=True)


def _rows(pairs: list[Pair], variants: list[tuple[Pair, str]]) -> Iterator[Row]:
    some, others = pairs[::EVERY], peers()
    absent = {peer.name: peer.reason for peer in others if peer.line is None}
    others = [peer for peer in others if peer.line is not None]
    yield from _alone(sea_speed.loading())
    yield from _accuracy(pairs, others, absent)
    yield from _canals(some, variants)
    n_inland, n_points = sea_accuracy.inland_points(some)
    yield "route points 1 km inside the shipped land", "0", {"ours": f"{n_inland} of {n_points}"}
    yield from _crossings(some, others)
    excess = 100 * sea_accuracy.aegean_excess()
    middle, high = np.percentile(excess, [50, 95])
    what = f"above the optimum in the Aegean, {excess.size} pairs"
    yield what, "0.2 %, 1 %", {"ours": f"{middle:.2f} %, {high:.2f} %"}
    yield from _properties(some)
    times = sea_speed.query_ms(some, others)
    yield from _speed(times)
    figures = sea_speed.many(pairs, others)
    what = f"{sea_speed.N_ORIGINS} origins x up to {sea_speed.N_PORTS} ports, a pair"
    yield what, f"<= {figures['searoute']}", figures
    yield from _alone(sea_speed.along_a_voyage())
    yield _point_against_call(float(times["searoute"].mean()))
    yield from _alone(sea_speed.dog_leg())


def _alone(figures: Iterator[tuple[str, str]]) -> Iterator[Row]:
    for what, text in figures:
        yield what, BARS.get(what, ""), {"ours": text}


def _accuracy(pairs: list[Pair], others: list[Peer], absent: Mapping[str, str]) -> Iterator[Row]:
    """Yield the errors against published distances: ours of all pairs, the peers' of some."""
    by_name = {"ours": sea_accuracy.measured(pairs, sea_accuracy.ours_nm)}
    for peer in others:
        by_name[peer.name] = sea_accuracy.measured(pairs[::EVERY], peer.distance_nm)
    for what in by_name["ours"]:
        figures = {name: of_one.get(what, "") for name, of_one in by_name.items()}
        yield what, BARS.get(what, ""), figures | dict(absent)


def _canals(pairs: list[Pair], variants: list[tuple[Pair, str]]) -> Iterator[Row]:
    """Yield how true distances by a canal are, and whether Suez closed leads round the Cape."""
    lengths: dict[str, list[float]] = {}
    for pair, canal in variants:
        lengths.setdefault(canal, []).append(_by(pair, canal) / pair.published_nm - 1)
    for pair in pairs:  # of which no way is named: those that lead through a canal
        route = shortest_route(pair.start, pair.end)
        for canal in set(route.passages) & set(sea_accuracy.CANALS):
            lengths.setdefault(canal, []).append(route.distance_nm / pair.published_nm - 1)
    for canal, excess in sorted(lengths.items()):
        found = np.array(excess)
        n_within = np.count_nonzero(np.abs(found) <= WITHIN_FRAC)
        middle = 100 * np.median(np.abs(found))
        yield (
            f"by {canal}, {found.size} published",
            "2 %",
            {"ours": f"{middle:.2f} %, {n_within} within 2 %"},
        )
    ends = sea_speed.ROTTERDAM, sea_speed.SINGAPORE
    ways_nm = [shortest_route(*ends, avoid=avoid).distance_nm for avoid in ((), ("suez",))]
    yield (
        "Rotterdam to Singapore, Suez open and closed",
        "by the Cape",
        {"ours": "{:,.0f} nm, {:,.0f} nm".format(*ways_nm)},
    )


def _by(pair: Pair, canal: str) -> float:
    try:
        return shortest_route(pair.start, pair.end, via=[canal]).distance_nm
    except RouteError:
        return float("nan")


def _crossings(pairs: list[Pair], others: list[Peer]) -> Iterator[Row]:
    """Yield how many routes cross a coast that none was made from."""
    coast = IndependentCoast()
    counts = {}
    routers = {peer.name: peer.line for peer in others} | {"ours": _our_line}
    for name, line in routers.items():
        crossed = np.array([coast.crossed(pair, *line(pair)) for pair in pairs])
        counts[name] = crossed.sum(axis=0)
    for nth, what in enumerate(("3 km inside the land of OSM", "on the land of OSM for 3 km")):
        figures = {name: f"{count[nth]} of {len(pairs)}" for name, count in counts.items()}
        yield f"routes {what}", f"below {figures['searoute']}", figures


def _our_line(pair: Pair) -> tuple[sea_accuracy.Floats, sea_accuracy.Floats]:
    route = shortest_route(pair.start, pair.end)
    return route.lat, route.lon


def _properties(pairs: list[Pair]) -> Iterator[Row]:
    """Yield how far the way back, and the way by a third port, break what a distance must keep."""
    there, back, by_way = [], [], []
    for pair, other in itertools.pairwise(pairs[:N_FOR_PROPERTIES]):
        try:
            ways = [
                shortest_route(a, b).distance_nm
                for a, b in (
                    (pair.start, pair.end),
                    (pair.end, pair.start),
                    (pair.start, other.start),
                    (other.start, pair.end),
                )
            ]
        except RouteError:
            continue
        there.append(ways[0])
        back.append(ways[1])
        by_way.append(ways[2] + ways[3])
    unlike = 100 * np.abs(np.array(back) / np.array(there) - 1).max()
    short_cut = 100 * (np.array(there) / np.array(by_way) - 1).max()
    yield "the way back, most unlike", "0.5 %", {"ours": f"{unlike:.2f} %"}
    what = "longer than the way by a third port, at most"
    yield what, "0.5 %", {"ours": f"{max(0.0, short_cut):.2f} %"}


def _speed(times: Mapping[str, sea_speed.Floats]) -> Iterator[Row]:
    yield (
        "one warm query",
        "10, 40 ms",
        {
            name: "{:.1f}, {:.1f} ms".format(*np.percentile(of_one, [50, 95]))
            for name, of_one in times.items()
        },
    )
    means = {name: f"{of_one.mean():.1f} ms" for name, of_one in times.items()}
    yield "one warm query, mean", "", means


def _point_against_call(call_ms: float) -> Row:
    """Return how many points of a voyage are answered in the time of one call of searoute."""
    route = shortest_route(sea_speed.ROTTERDAM, sea_speed.SINGAPORE)
    lat, lon = densify(route.lat, route.lon, 2_000.0)
    field = distance_field(sea_speed.SINGAPORE)
    field.remaining_along_nm(lat, lon)
    begun = time.perf_counter()
    field.remaining_along_nm(lat, lon)
    point_ms = 1e3 * (time.perf_counter() - begun) / lat.size
    return (
        "points of a voyage in one call of searoute",
        "100",
        {"ours": f"{call_ms / point_ms:,.0f}"},
    )
