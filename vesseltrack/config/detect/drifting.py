"""Settings of `drifting`: moving slowly, and not where the bow points."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import Checked
from vesseltrack.config.settings import section, setting

_DMA = "DMA AisAbnormal @ 186e4cc, DriftAnalysis"


@dataclass(frozen=True)
class DriftingDefault(Checked):
    """The rule of the Danish Maritime Authority, made tolerant of single false reports."""

    min_speed_kn: float = setting(1.0, unit="kn", source=f"{_DMA}; at least")
    max_speed_kn: float = setting(5.0, unit="kn", source=f"{_DMA}; at most")
    min_angle_deg: float = setting(45.0, unit="deg", source=f"{_DMA}; more than")
    min_duration_min: float = setting(10.0, unit="min", source=f"{_DMA}; at least")
    min_distance_m: float = setting(500.0, unit="m", source=f"{_DMA}; at least, start to end")
    min_length_m: float = setting(50.0, unit="m", source=f"{_DMA}; at least")
    max_false_reports: int = setting(
        1, unit="reports", source="ours: as many in a row do not end a drift"
    )
    max_gap_min: float = setting(30.0, unit="min", source="ours: a longer silence ends it")
    min_reports: int = setting(5, unit="reports", source="ours: two reports prove no drift")
    astern_angle_deg: float = setting(
        135.0, unit="deg", source=f"{_DMA} leaves out what is within 45 deg of astern; at least"
    )
    port_radius_km: float = setting(5.0, unit="km", source="ours: berthing is sideways and slow")
    sideways_classes: tuple[str, ...] = setting(
        ("fishing", "sailing", "tug", "dredger"),
        unit="ship classes",
        source="ours: gear, wind or a tow set them off their heading at work",
    )


@dataclass(frozen=True)
class DriftingConfig:
    """The presets of `drifting`."""

    default: DriftingDefault = section(DriftingDefault)
