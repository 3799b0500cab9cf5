"""Settings of the detect stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DetectConfig:
    """Settings of the detect stage."""
