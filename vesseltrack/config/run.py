"""Settings of how a run takes its work to pieces; none of them changes what it finds."""

from dataclasses import dataclass, fields

from vesseltrack.config.settings import setting
from vesseltrack.errors import ConfigError


@dataclass(frozen=True)
class RunConfig:
    """How much a run holds at a time.

    Raises
    ------
    ConfigError
        If a number is not 1 or more.
    """

    shard_rows: int = setting(
        500_000, unit="positions", source="ours: of so many, tracks are made at a time"
    )
    slice_rows: int = setting(
        500_000, unit="fixes", source="ours: of so many, a day is shown to the detectors at a time"
    )

    def __post_init__(self) -> None:
        """Check both numbers."""
        for field in fields(self):
            if getattr(self, field.name) < 1:
                msg = f"{field.name} must be 1 or more; got {getattr(self, field.name)}"
                raise ConfigError(msg)
