"""Shortest routes, held against searoute."""

from pathlib import Path

import searoute

from ratios import Comparison
from vesseltrack.routing import shortest_route

PORT_PAIRS = [
    ((51.95, 4.05), (59.93, 29.7)),
    ((51.95, 4.05), (1.26, 103.8)),
    ((40.6, -74.0), (33.7, -118.2)),
    ((35.4, 139.8), (33.7, -118.2)),
    ((37.9, 23.6), (31.3, 32.4)),
    ((60.4, 5.3), (57.7, 11.9)),
]


def routes(folder: Path) -> Comparison:  # noqa: ARG001 - every job takes the folder
    """Shortest routes with passages, against the bare package (which is often wrong)."""
    return Comparison(
        "routes: one query",
        len(PORT_PAIRS),
        lambda: [shortest_route(a, b) for a, b in PORT_PAIRS],
        "searoute.searoute",
        lambda: [searoute.searoute(a[::-1], b[::-1]) for a, b in PORT_PAIRS],
    )
