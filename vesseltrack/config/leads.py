"""Settings of the leads stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LeadsConfig:
    """Settings of the leads stage."""
