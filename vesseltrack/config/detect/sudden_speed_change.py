"""Settings of `sudden_speed_change`: from way on to a standstill within seconds."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import Checked
from vesseltrack.config.settings import section, setting

_DMA = "DMA AisAbnormal @ 186e4cc, SuddenSpeedChangeAnalysis"


@dataclass(frozen=True)
class SuddenSpeedChangeDefault(Checked):
    """The rule of the Danish Maritime Authority, held against the positions as well."""

    min_before_kn: float = setting(7.0, unit="kn", source=f"{_DMA}; more than")
    max_after_kn: float = setting(1.0, unit="kn", source=f"{_DMA}; less than")
    within_s: float = setting(30.0, unit="s", source=f"{_DMA}; at most")
    kept_s: float = setting(60.0, unit="s", source=f"{_DMA}; at least")
    min_length_m: float = setting(50.0, unit="m", source=f"{_DMA}; at least")
    made_good_s: float = setting(
        60.0, unit="s", source="ours: the positions of so long before must show the way on too"
    )
    min_made_good_frac: float = setting(
        0.5, unit="fraction", source="ours: of the speed sent; a false report moves nothing"
    )
    min_fast_reports: int = setting(
        2, unit="reports", source="ours: one report alone is bad data, not a speed"
    )
    max_silence_s: float = setting(
        120.0, unit="s", source="ours: with a longer one nothing was kept or made good"
    )
    port_radius_km: float = setting(5.0, unit="km", source="ours: locks and berths are stops")


@dataclass(frozen=True)
class SuddenSpeedChangeConfig:
    """The presets of `sudden_speed_change`."""

    default: SuddenSpeedChangeDefault = section(SuddenSpeedChangeDefault)
