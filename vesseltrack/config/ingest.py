"""Settings of the ingest stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IngestConfig:
    """Settings of the ingest stage."""
