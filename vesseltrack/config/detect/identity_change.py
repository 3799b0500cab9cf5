"""Settings of `identity_change`: what a vessel says of itself changes, under way or often."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import Checked
from vesseltrack.config.settings import section, setting


@dataclass(frozen=True)
class IdentityChangeDefault(Checked):
    """Ours: what one transmitter says of itself changes while it is under way."""

    min_speed_kn: float = setting(
        0.5, unit="kn", source="GFW anchorages_pipeline: a stop ends at 0.5 kn; at least"
    )
    max_silence_h: float = setting(
        8.0, unit="h", source="GFW gpsdio-segment: the break between segments; at most"
    )
    min_track_h: float = setting(
        1.0, unit="h", source="ours: ten static reports of class A; heard so long before; at least"
    )
    max_reach_kn: float = setting(
        30.0,
        unit="kn",
        source="ours: few keep more for hours; to the new MMSI's first fix; at most",
    )
    max_settling_h: float = setting(
        24.0, unit="h", source="ours: a new MMSI says who it is within a day of its first fix"
    )
    max_pause_h: float = setting(
        24.0, unit="h", source="ours: changes less far apart are one event"
    )
    port_radius_km: float = setting(5.0, unit="km", source="ours: the radius of a port call")
    size_change_frac: float = setting(
        0.1, unit="fraction", source="ours: of length or beam; crews mend offsets; more than"
    )
    size_change_m: float = setting(
        3.0, unit="m", source="ours: of length or beam; offsets are whole metres; more than"
    )
    min_flags_short: int = setting(2, unit="changes", source="definitions: of flag; at least")
    short_days: float = setting(90.0, unit="days", source="definitions: for the lesser number")
    min_flags_long: int = setting(3, unit="changes", source="definitions: of flag; at least")
    long_days: float = setting(365.0, unit="days", source="definitions: for the greater number")


@dataclass(frozen=True)
class IdentityChangeConfig:
    """The presets of `identity_change`."""

    default: IdentityChangeDefault = section(IdentityChangeDefault)
