"""The table of sea routes: `make bench ARGS="pairs.csv [variants.csv]"`.

Pairs as in `fixtures/routes`; distances by a named canal may stand among them or in a second file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

import sea_accuracy
import sea_speed
from sea_accuracy import Pair
from sea_coast import IndependentCoast
from sea_peers import Peer, peers
from vesseltrack.errors import RouteError
from vesseltrack.routing import shortest_route

EVERY = 5  # of the pairs, for what takes long
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
    print(f"{'what':<46} {'bar':<16} {'ours':<28} {'searoute':<22} scgraph")
    for what, bar, figures in _rows(pairs, variants):
        ours, searoute, scgraph = (figures.get(name, "") for name in NAMES)
        print(f"{what:<46} {bar:<16} {ours:<28} {searoute:<22} {scgraph}", flush=True)


def _rows(pairs: list[Pair], variants: list[tuple[Pair, str]]) -> Iterator[Row]:
    some, others = pairs[::EVERY], peers()
    absent = {peer.name: peer.reason for peer in others if peer.line is None}
    others = [peer for peer in others if peer.line is not None]
    yield from _alone(sea_speed.loading())
    yield from _accuracy(pairs, others, absent)
    yield from _canals(variants)
    n_inland, n_points = sea_accuracy.inland_points(some)
    yield "route points 1 km inside the shipped land", "0", {"ours": f"{n_inland} of {n_points}"}
    yield from _crossings(some, others)
    excess = 100 * sea_accuracy.aegean_excess()
    middle, high = np.percentile(excess, [50, 95])
    what = f"above the optimum in the Aegean, {excess.size} pairs"
    yield what, "0.2 %, 1 %", {"ours": f"{middle:.2f} %, {high:.2f} %"}
    yield from _speed(some, pairs, others)
    yield from _alone(sea_speed.along_a_voyage())
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


def _canals(variants: list[tuple[Pair, str]]) -> Iterator[Row]:
    """Yield how true distances by a canal are, and whether Suez closed leads round the Cape."""
    for canal in sorted({canal for _, canal in variants}):
        chosen = [pair for pair, by in variants if by == canal]
        found = np.array([_by(pair, canal) / pair.published_nm - 1 for pair in chosen])
        n_within = np.count_nonzero(np.abs(found) <= WITHIN_FRAC)
        middle = 100 * np.median(np.abs(found))
        yield (
            f"by {canal}, {found.size} published",
            "2 %",
            {"ours": f"{middle:.2f} %, {n_within} within 2 %"},
        )
    ends = sea_speed.ROTTERDAM, sea_speed.SINGAPORE
    lengths = [shortest_route(*ends, avoid=avoid).distance_nm for avoid in ((), ("suez",))]
    yield (
        "Rotterdam to Singapore, Suez open and closed",
        "by the Cape",
        {"ours": "{:,.0f} nm, {:,.0f} nm".format(*lengths)},
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


def _speed(some: list[Pair], pairs: list[Pair], others: list[Peer]) -> Iterator[Row]:
    times = sea_speed.query_ms(some, others)
    yield (
        "one warm query, median and p95",
        "10, 40 ms",
        {
            name: "{:.1f}, {:.1f} ms".format(*np.percentile(of_one, [50, 95]))
            for name, of_one in times.items()
        },
    )
    means = {name: f"{of_one.mean():.1f} ms" for name, of_one in times.items()}
    yield "one warm query, mean", "", means
    figures = sea_speed.many(pairs, others)
    n_ports = sea_speed.N_PORTS
    what = f"{sea_speed.N_ORIGINS} origins x up to {n_ports} ports, a pair"
    yield what, f"<= {figures['searoute']}", figures
