"""Settings of `encounter`: two vessels together at sea."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import ASSISTING_CLASSES, Checked
from vesseltrack.config.settings import section, setting

_GFW = "GFW pipe-encounters @ df93ee4"


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
    assisting_classes: tuple[str, ...] = setting(
        ASSISTING_CLASSES, unit="ship classes", source="ours: meeting others is their service"
    )


@dataclass(frozen=True)
class EncounterConfig:
    """The presets of `encounter`; `default` is the gfw definition."""

    default: EncounterGfw = section(EncounterGfw)
    gfw: EncounterGfw = section(EncounterGfw)
