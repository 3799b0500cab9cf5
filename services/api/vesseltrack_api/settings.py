"""What an operator may change about the service, read from `VESSELTRACK_API_*` variables."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Count = Annotated[int, Field(ge=1)]


class ApiSettings(BaseSettings):
    """Settings of one service; built explicitly, never at import."""

    model_config = SettingsConfigDict(env_prefix="VESSELTRACK_API_", extra="forbid", frozen=True)

    title: str = "vesseltrack"
    public_url: Annotated[str | None, Field(pattern=r"^https?://[^\s?#]+$")] = None
    """Where clients find the service, for its links; by default what each request was sent to."""

    cors_origins: tuple[str, ...] = ("*",)
    """Origins whose pages may read the service."""

    default_limit: Count = 100
    """Features a page when the request does not say."""

    max_limit: Count = 10_000
    """Features a page at most."""

    max_page_fixes: Count = 1_000_000
    """Fixes in the lines of one page at most: with long tracks it ends before its limit."""

    max_layer_fixes: Count = 10_000_000
    """Fixes that the tracks layer holds in memory, the newest tracks first: 16 bytes a fix,
    and some 10 more for each zoom in use."""

    max_tile_features: Count = 20_000
    """Features in one tile at most, the strongest first."""

    tile_cache_entries: Count = 2_000
    """Encoded tiles that are kept."""

    max_live_clients: Count = 100
    """Clients that follow `/live` at once; more are answered with 503."""

    live_window_h: Annotated[float, Field(gt=0)] = 48.0
    """Alerts of `/live/events` ended so long before the time that is shown at most [h]."""

    max_live_vessels: Count = 5_000
    """Vessels in an answer of `/live/vessels` at most."""

    steer_replays: bool = False
    """Whether whoever reaches the service may hold, move and end a replay into the store."""

    replay_archives: Path | None = None
    """Folder of archives that whoever reaches the service may replay into the store."""

    heartbeat_s: Annotated[float, Field(gt=0)] = 15.0
    """How often `/live` says that it is there while there is nothing to tell [s]."""

    max_stall_s: Annotated[float, Field(gt=0)] = 30.0
    """A client of `/live` that takes nothing for so long is let go [s]."""

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        if self.default_limit > self.max_limit:
            msg = f"default_limit must be at most {self.max_limit}; got {self.default_limit}"
            raise ValueError(msg)
        return self
