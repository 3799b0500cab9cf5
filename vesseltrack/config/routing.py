"""Settings of the routing stage."""

from dataclasses import dataclass

from vesseltrack.config.settings import setting
from vesseltrack.errors import ConfigError


@dataclass(frozen=True)
class RoutingConfig:
    """Settings of the routing stage."""

    max_snap_km: float = setting(
        25.0,
        unit="km",
        source="ours: listed ports lie up to 16 km from their berths; farther inland is no port",
    )

    field_cache_mb: float = setting(
        200.0,
        unit="MB",
        source="ours: fields over the whole sea kept on disk, 10 MB a destination; 0 keeps none",
    )

    def __post_init__(self) -> None:
        """Refuse a limit that would refuse everything, or nothing."""
        if not 0 <= self.max_snap_km < float("inf"):
            msg = f"max_snap_km must be zero or more and finite [km]; got {self.max_snap_km}"
            raise ConfigError(msg)
        if not 0 <= self.field_cache_mb < float("inf"):
            msg = f"field_cache_mb must be zero or more and finite [MB]; got {self.field_cache_mb}"
            raise ConfigError(msg)
