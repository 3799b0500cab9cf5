"""Settings of the tracks stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TracksConfig:
    """Settings of the tracks stage."""
