"""Settings of the routing stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RoutingConfig:
    """Settings of the routing stage."""
