"""Every number that a user may change, with its unit and source, one module a stage."""

from dataclasses import dataclass
from pathlib import Path

from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.config.leads import LeadsConfig
from vesseltrack.config.live import LiveConfig
from vesseltrack.config.routing import RoutingConfig
from vesseltrack.config.run import RunConfig
from vesseltrack.config.settings import load_toml, section
from vesseltrack.config.tracks import TracksConfig


@dataclass(frozen=True)
class Config:
    """The whole configuration; every default is the `default` preset."""

    run: RunConfig = section(RunConfig)
    ingest: IngestConfig = section(IngestConfig)
    live: LiveConfig = section(LiveConfig)
    tracks: TracksConfig = section(TracksConfig)
    routing: RoutingConfig = section(RoutingConfig)
    detect: DetectConfig = section(DetectConfig)
    leads: LeadsConfig = section(LeadsConfig)


def load_config(path: Path | None = None) -> Config:
    """Return the configuration, with a TOML file's values in place of the defaults.

    Parameters
    ----------
    path : Path or None
        None gives the defaults. In the file each nested section is a table, for example
        ``[detect.loitering.gfw]``.

    Raises
    ------
    ConfigError
        If the file cannot be read or holds an unknown key or a wrong type.
    """
    return Config() if path is None else load_toml(path, Config)
