"""Settings of `zone_entry` and `zone_exit`: areas of the user's own."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import Checked
from vesseltrack.config.settings import section, setting


@dataclass(frozen=True)
class ZoneCrossingDefault(Checked):
    """In when a fix lies within; out only when one lies some way off."""

    file: str = setting("", unit="GeoJSON file", source="yours; without one there are no zones")
    leave_m: float = setting(
        500.0, unit="m", source="ours: hysteresis, so that noise along an edge is no crossing"
    )
    max_gap_h: float = setting(
        8.0, unit="h", source="ours: the break between segments; after it nobody saw the crossing"
    )


@dataclass(frozen=True)
class ZoneCrossingConfig:
    """The presets of `zone_entry` or `zone_exit`."""

    default: ZoneCrossingDefault = section(ZoneCrossingDefault)
