"""Settings of `encounter`: two vessels together at sea."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import ASSISTING_CLASSES, Checked
from vesseltrack.config.settings import section, setting

_GFW = "GFW pipe-encounters @ df93ee4"
_STARBOARD = "Starboard Maritime Intelligence"


@dataclass(frozen=True)
class EncounterGfw(Checked):
    """Global Fishing Watch: 500 m for 2 h, slowly, away from anchorages."""

    max_distance_m: float = setting(500.0, unit="m", source="Miller et al. 2018; at most")
    min_duration_h: float = setting(2.0, unit="h", source="Miller et al. 2018; at least")
    min_run_h: float = setting(1.0, unit="h", source=f"{_GFW}: 60 min before merging; at least")
    merge_gap_h: float = setting(4.0, unit="h", source=f"{_GFW}: merged below this")
    max_median_speed_kn: float = setting(2.0, unit="kn", source="Miller et al. 2018; less than")
    min_anchorage_km: float = setting(
        10.0, unit="km", source="Miller et al. 2018; at least, at every grid time"
    )
    grid_step_min: float = setting(10.0, unit="min", source=_GFW)
    max_interpolation_h: float = setting(1.0, unit="h", source=f"{_GFW}; at most")


@dataclass(frozen=True)
class EncounterHandover(Checked):
    """Ours: minutes side by side, too short for any grid of ten minutes."""

    near_distance_m: float = setting(150.0, unit="m", source="ours; at most")
    near_speed_kn: float = setting(6.0, unit="kn", source="ours: of both; less than")
    near_min: float = setting(3.0, unit="min", source="ours; at least")
    touch_distance_m: float = setting(50.0, unit="m", source="ours: at any speed; at most")
    touch_min: float = setting(3.0, unit="min", source="ours; at least")
    touch_slack_m: float = setting(
        20.0,
        unit="m",
        source="ITU-R M.1371-5: positions of high accuracy err by 10 m, of two; at most",
    )
    touch_within_frac: float = setting(
        0.5, unit="fraction", source="ours: the median distance counts; at least"
    )
    max_false_reports: int = setting(
        1, unit="reports", source="ours: as many of one vessel in a row do not part the two"
    )
    min_port_km: float = setting(5.0, unit="km", source="ours: the radius of a port call")
    min_shore_km: float = setting(
        2.0,
        unit="km",
        source="ours: closer in lie marinas and rivers that no list names; at least",
    )
    still_speed_kn: float = setting(1.0, unit="kn", source="ours: both lie still; less than")
    still_min_shore_km: float = setting(
        5.556, unit="km", source="ours: 3 nm; closer in, two that both lie still are moored"
    )


@dataclass(frozen=True)
class EncounterStarboard(Checked):
    """Starboard: 50 m for ten minutes or 200 m for half an hour, away from shore and port."""

    touch_distance_m: float = setting(50.0, unit="m", source=f"{_STARBOARD}; less than")
    touch_min: float = setting(10.0, unit="min", source=f"{_STARBOARD}; at least")
    near_distance_m: float = setting(200.0, unit="m", source=f"{_STARBOARD}; less than")
    near_min: float = setting(30.0, unit="min", source=f"{_STARBOARD}; at least")
    min_port_km: float = setting(10.0, unit="km", source=f"{_STARBOARD}; more than")
    min_shore_km: float = setting(10.0, unit="km", source=f"{_STARBOARD}; at least")


@dataclass(frozen=True)
class EncounterSts(Checked):
    """Ship to ship transfer: side by side for hours, both still, bows the same way or opposite."""

    near_distance_m: float = setting(200.0, unit="m", source="definitions; less than")
    near_speed_kn: float = setting(1.0, unit="kn", source="definitions: of both; less than")
    near_min: float = setting(120.0, unit="min", source="definitions; at least")
    max_heading_off_deg: float = setting(
        30.0, unit="deg", source="definitions: from parallel or opposite; at most"
    )
    min_port_km: float = setting(5.0, unit="km", source="ours: the radius of a port call")
    min_shore_km: float = setting(
        2.0,
        unit="km",
        source="ours: closer in lie marinas and rivers that no list names; at least",
    )


@dataclass(frozen=True)
class EncounterClose(Checked):
    """What the presets that look at report times share."""

    check_interval_min: float = setting(
        1.0, unit="min", source="ours: all pairs are found so often; below the shortest rule"
    )
    max_interpolation_min: float = setting(
        10.0, unit="min", source="ours: no place is known within a longer silence; at most"
    )
    max_leg_kn: float = setting(
        130.0, unit="kn", source="ours: more than any report says and tracks believe; at most"
    )
    leg_slack_km: float = setting(
        12.0, unit="km", source="ours: as much as tracks allow wrong clocks; beyond the speed"
    )


@dataclass(frozen=True)
class EncounterDefault:
    """The presets whose union is looked for."""

    presets: tuple[str, ...] = setting(
        ("gfw", "handover"), unit="presets", source="definitions: hours and minutes alike"
    )


@dataclass(frozen=True)
class EncounterInnocent:
    """Who meets others for a living."""

    assisting_classes: tuple[str, ...] = setting(
        ASSISTING_CLASSES, unit="ship classes", source="ours: meeting others is their service"
    )
    paired_classes: tuple[str, ...] = setting(
        ("passenger", "high speed"), unit="ship classes", source="ours: ferries of one line meet"
    )


@dataclass(frozen=True)
class EncounterConfig:
    """The presets of `encounter`."""

    default: EncounterDefault = section(EncounterDefault)
    gfw: EncounterGfw = section(EncounterGfw)
    handover: EncounterHandover = section(EncounterHandover)
    starboard: EncounterStarboard = section(EncounterStarboard)
    sts: EncounterSts = section(EncounterSts)
    close: EncounterClose = section(EncounterClose)
    innocent: EncounterInnocent = section(EncounterInnocent)
