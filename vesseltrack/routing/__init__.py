"""Shortest ways by sea, and how far remains from anywhere to one destination.

The names below are the whole interface. Its first engine is the searoute network with our own
table of passages; nothing of that shows here, so a better engine can take its place.
"""

from vesseltrack.routing.passages import Passage, passages, passages_crossed
from vesseltrack.routing.routes import (
    Alternative,
    Route,
    distance_field,
    shortest_route,
    shortest_routes,
)

__all__ = [
    "Alternative",
    "Passage",
    "Route",
    "distance_field",
    "passages",
    "passages_crossed",
    "shortest_route",
    "shortest_routes",
]
