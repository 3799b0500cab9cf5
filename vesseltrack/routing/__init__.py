"""Shortest ways by sea, and how far remains from anywhere to one destination.

The names below are the whole interface. Behind it lies a graph of 1.3 million points of the sea,
made from the shipped coast and unfolded at the first use; see `docs/methods/routing.md`.
"""

from vesseltrack.routing.passages import Passage, closed_to, passages, passages_crossed
from vesseltrack.routing.routes import (
    Alternative,
    Route,
    distance_field,
    forget,
    shortest_route,
    shortest_routes,
)

__all__ = [
    "Alternative",
    "Passage",
    "Route",
    "closed_to",
    "distance_field",
    "forget",
    "passages",
    "passages_crossed",
    "shortest_route",
    "shortest_routes",
]
