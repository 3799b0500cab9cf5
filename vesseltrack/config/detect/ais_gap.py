"""Settings of `ais_gap`: a vessel not heard for long."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import Checked
from vesseltrack.config.settings import section, setting


@dataclass(frozen=True)
class ReceptionConfig(Checked):
    """How reception is measured from the other vessels of the archive."""

    cell_resolution: int = setting(
        5,
        unit="H3 resolution",
        source="ours: 20 km across, less than a receiver's reach; the first area asked",
    )
    near_resolution: int = setting(
        3,
        unit="H3 resolution",
        source="ours: 140 km across, two receivers; the last area for vessels not heard steadily",
    )
    min_vessel_hours: int = setting(
        30, unit="vessel-hours", source="ours: with fewer a larger area is asked; at least"
    )
    steady_h: float = setting(
        6.0, unit="h", source="ours: heard in every hour for as long as a gap must last; at least"
    )
    history_h: float = setting(336.0, unit="h", source="design: the 14 days before")
    prior_silences: float = setting(
        1.0, unit="vessel-hours", source="ours: where nothing is known one hour in twenty"
    )
    prior_hours: float = setting(20.0, unit="vessel-hours", source="ours: with that weight")
    still_heard_h: float = setting(
        2.0, unit="h", source="ours: an open gap needs others heard in the area so lately"
    )
    far_quality: float = setting(
        0.6, unit="fraction", source="ours: of the confidence, where only vessels far off tell"
    )


@dataclass(frozen=True)
class AisGapDefault(Checked):
    """Ours: 6 hours of silence that reception does not explain."""

    min_gap_h: float = setting(6.0, unit="h", source="ours; at least")
    max_chance: float = setting(
        0.02, unit="fraction", source="ours: chance of such a silence there; at most"
    )
    min_heard_frac: float = setting(
        0.5, unit="fraction", source="ours: hours of it in which others were heard; at least"
    )
    port_radius_km: float = setting(5.0, unit="km", source="ours: the radius of a port call")
    same_place_nm: float = setting(1.0, unit="nm", source="ours: swinging room at anchor")
    still_speed_kn: float = setting(
        0.5, unit="kn", source="GFW anchorages_pipeline: a stop ends at 0.5 kn"
    )
    near_shore_nm: float = setting(3.0, unit="nm", source="ours: small harbours are not listed")


@dataclass(frozen=True)
class AisGapGfw(Checked):
    """Global Fishing Watch: more than 12 hours between two positions."""

    min_gap_h: float = setting(12.0, unit="h", source="GFW pipe-gaps @ 9d9426e; more than")
    look_back_h: float = setting(12.0, unit="h", source="GFW pipe-gaps: positions counted before")


@dataclass(frozen=True)
class AisGapGfwDisabling(Checked):
    """Global Fishing Watch: gaps far out, where reception was good, of vessels well heard."""

    min_gap_h: float = setting(12.0, unit="h", source="Welch et al. 2022; more than, as `gfw`")
    min_shore_nm: float = setting(
        50.0, unit="nm", source="Welch et al. 2022: at its start; at least"
    )
    look_back_h: float = setting(
        12.0, unit="h", source="Welch et al. 2022: positions counted before"
    )
    min_positions_before: int = setting(
        14, unit="positions", source="Welch et al. 2022, of satellites only there; at least"
    )
    min_positions_per_day: float = setting(
        10.0, unit="positions a day", source="Welch et al. 2022: reception there; more than"
    )
    reception_resolution: int = setting(
        3, unit="H3 resolution", source="ours: 140 km across; theirs are squares of one degree"
    )
    history_h: float = setting(
        336.0, unit="h", source="design: the 14 days before; theirs a month"
    )
    min_present_h: float = setting(
        24.0,
        unit="vessel-hours",
        source="ours: with less of others reception is unknown; at least",
    )


@dataclass(frozen=True)
class AisGapStarboard(Checked):
    """Starboard: more than 4 hours between two positions."""

    min_gap_h: float = setting(4.0, unit="h", source="Starboard Maritime Intelligence; more than")


@dataclass(frozen=True)
class AisGapConfig:
    """The presets of `ais_gap`, and the measurement of reception."""

    default: AisGapDefault = section(AisGapDefault)
    gfw: AisGapGfw = section(AisGapGfw)
    gfw_disabling: AisGapGfwDisabling = section(AisGapGfwDisabling)
    starboard: AisGapStarboard = section(AisGapStarboard)
    reception: ReceptionConfig = section(ReceptionConfig)
