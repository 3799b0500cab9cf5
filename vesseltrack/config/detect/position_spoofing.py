"""Settings of `position_spoofing`: positions where the vessel cannot have been."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import Checked
from vesseltrack.config.settings import section, setting

_DEF = "ours, DEFINITIONS"
_CIRCLES = "SkyTruth and GFW on circling vessels"


@dataclass(frozen=True)
class PositionSpoofingDefault(Checked):
    """Ours: teleport, circle, frozen and on land, and what many vessels suffered at once."""

    jump_kn: float = setting(50.0, unit="kn", source=f"{_DEF}: implied speed; more than")
    jump_pause_h: float = setting(1.0, unit="h", source=f"{_DEF}: within an hour; at most")
    jump_slack_s: float = setting(60.0, unit="s", source="ours: receivers' clocks, both ends")
    jump_noise_m: float = setting(2000.0, unit="m", source="ours: two fixes cut to 0.01 degree")
    back_kn: float = setting(
        30.0, unit="kn", source="ours: few vessels keep more for hours; to where it is back"
    )
    min_away_nm: float = setting(
        5.0, unit="nm", source="ours: nearer, echoes in port and base stations do it; at least"
    )
    min_away_fixes: int = setting(
        3, unit="fixes", source="ours: that agree with one another; fewer are bad data"
    )
    min_away_s: float = setting(
        60.0, unit="s", source="ours: one garbled message repeated is no stay; at least"
    )
    max_away_h: float = setting(24.0, unit="h", source="ours: until it is back; at most")
    interval_min: float = setting(
        2.0, unit="min", source="ours: seldom in step with a circle, whatever it takes for a round"
    )
    circle_kn: float = setting(3.0, unit="kn", source=f"{_DEF}: SOG; more than")
    circle_spread_nm: float = setting(2.0, unit="nm", source=f"{_DEF}: spread; less than")
    circle_h: float = setting(4.0, unit="h", source=f"{_DEF}: points in 4-8 h; at least")
    circle_points: int = setting(6, unit="reports", source=f"{_DEF}: points; at least")
    circle_look_h: float = setting(
        1.0, unit="h", source="ours: at 3 kn a straight way leaves the spread in it"
    )
    circle_gap_h: float = setting(2.5, unit="h", source="ours: a longer silence ends it")
    circle_min_radius_m: float = setting(
        50.0, unit="m", source="ours: less is the noise of a berth; at least"
    )
    circle_max_off_frac: float = setting(
        0.1,
        unit="fraction",
        source=f"ours, after {_CIRCLES}: of the radius, root mean square; at most",
    )
    circle_stray_frac: float = setting(
        0.25, unit="fraction", source="ours: of the radius; a report farther off is not on it"
    )
    circle_on_frac: float = setting(
        0.8, unit="fraction", source="ours: reports on it between its first and last; at least"
    )
    circle_max_hole_deg: float = setting(
        90.0, unit="deg", source="ours: an arc without a report is no circle; at most"
    )
    frozen_h: float = setting(2.0, unit="h", source=f"{_DEF}: identical position; more than")
    frozen_kn: float = setting(0.5, unit="kn", source=f"{_DEF}: SOG; more than")
    frozen_gap_h: float = setting(1.0, unit="h", source="ours: a longer silence ends it")
    frozen_reports: int = setting(5, unit="reports", source="ours: at least")
    frozen_told_nm: float = setting(
        2.0, unit="nm", source="ours: what SOG says was sailed, beyond coarse digits; at least"
    )
    inland_km: float = setting(
        2.0, unit="km", source="ours: the coast is good to a few hundred metres; at least"
    )
    sea_km: float = setting(1.0, unit="km", source="ours: off shore beyond the same doubt")
    water_km: float = setting(3.0, unit="km", source=f"{_DEF}: to a port; more than")
    land_reports: int = setting(3, unit="reports", source="ours: one or two are bad data")
    land_trip_h: float = setting(24.0, unit="h", source="ours: from sea to sea; at most")
    land_gap_h: float = setting(
        1.0, unit="h", source="ours: a longer silence may hide a lock or a port"
    )
    berth_kn: float = setting(
        0.5, unit="kn", source="GFW anchorages_pipeline: a stop ends at 0.5 kn; less than"
    )
    water_resolution: int = setting(
        6, unit="H3 resolution", source="ours: cells 6 km across, about 3 km to either side"
    )
    water_history_h: float = setting(336.0, unit="h", source="design: the 14 days before")
    max_water_frac: float = setting(
        0.5, unit="fraction", source="ours: land where others sail is water; less than"
    )
    area_nm: float = setting(50.0, unit="nm", source="ours: what a jammer covers; at most")
    area_h: float = setting(1.0, unit="h", source="ours: between their beginnings; at most")
    area_others: int = setting(2, unit="vessels", source="ours: with its own three; at least")
    port_radius_km: float = setting(5.0, unit="km", source="ours: the radius of a port call")
    circling_classes: tuple[str, ...] = setting(
        ("fishing", "dredger", "search and rescue", "military", "law enforcement", "pilot"),
        unit="ship classes",
        source="ours: work, search, wait and exercise in rounds",
    )


@dataclass(frozen=True)
class PositionSpoofingConfig:
    """The presets of `position_spoofing`."""

    default: PositionSpoofingDefault = section(PositionSpoofingDefault)
