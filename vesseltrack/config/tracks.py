"""Settings of the tracks stage."""

from dataclasses import dataclass, fields
from typing import Final

from vesseltrack.config.settings import section, setting
from vesseltrack.config.tracks_gfw import PortCallsGfw, SegmentsGfw
from vesseltrack.errors import ConfigError

_OURS = "ours, DEFINITIONS"
_GFW = "GFW gpsdio-segment"
DEFAULT: Final = "default"
GFW: Final = "gfw"
PRESETS: Final = (DEFAULT, GFW)


@dataclass(frozen=True)
class TrackPresets:
    """By which definition segments and port calls are found.

    Raises
    ------
    ConfigError
        If there is no preset of that name.
    """

    segments: str = setting(DEFAULT, unit="preset", source="default or gfw")
    port_calls: str = setting(DEFAULT, unit="preset", source="default or gfw")

    def __post_init__(self) -> None:
        """Check both names."""
        for field in fields(self):
            name = getattr(self, field.name)
            if name not in PRESETS:
                msg = f"{field.name}: no preset {name}; there are {', '.join(PRESETS)}"
                raise ConfigError(msg)


@dataclass(frozen=True)
class AdmissionConfig:
    """Which positions take part in tracks."""

    default_mmsi: tuple[int, ...] = setting(
        (123456789, 1193046),
        unit="MMSI",
        source="factory settings of common transponders (1193046 is 0x123456)",
    )
    repeat_window_s: float = setting(5.0, unit="s", source=f"{_GFW}: repeats within 5 s are noise")


@dataclass(frozen=True)
class TransmitterConfig:
    """How several transmitters on one MMSI are told apart."""

    burst_kn: float = setting(50.0, unit="kn", source=f"{_OURS}: a fix implying more is skipped")
    sustained_kn: float = setting(30.0, unit="kn", source="ours: few vessels keep more for hours")
    burst_h: float = setting(1.0, unit="h", source="ours")
    clock_slack_s: float = setting(60.0, unit="s", source="ours: receivers' clocks, both ends")
    min_reach_m: float = setting(500.0, unit="m", source=f"{_OURS}: the sleeve's tolerance")
    min_fixes: int = setting(8, unit="fixes", source=f"{_OURS}: a rival chain")
    min_span_h: float = setting(0.5, unit="h", source=f"{_OURS}: a rival chain")
    candidate_h: float = setting(12.0, unit="h", source="ours: two satellite passes a day")
    max_open: int = setting(20, unit="chains", source=f"{_GFW}: up to 20 open segments")
    reckoning_h: float = setting(1.0, unit="h", source=f"{_GFW}: an hour without penalty")
    stray_kn: float = setting(15.0, unit="kn", source="ours: tried on 567000000")
    min_interleaved: int = setting(3, unit="fixes", source="ours: more than a stray fix or two")


@dataclass(frozen=True)
class SegmentConfig:
    """Where a vessel's fixes are cut into segments, and which speeds are doubted."""

    max_gap_h: float = setting(8.0, unit="h", source=f"{_GFW} (GFW itself runs 24 h)")
    speed_margin_kn: float = setting(10.0, unit="kn", source="ours: SOG against speed made good")
    speed_max_dt_min: float = setting(10.0, unit="min", source="ours: speeds change within it")
    speed_noise_m: float = setting(30.0, unit="m", source="GNSS, 95 % (IMO A.915: 10 m, twice)")


@dataclass(frozen=True)
class SailedConfig:
    """How the distance sailed is measured."""

    tolerance_m: float = setting(500.0, unit="m", source=f"{_OURS}: travelled_nm")
    stay_tolerance_m: float = setting(200.0, unit="m", source=f"{_OURS}: stop")
    land_gap_h: float = setting(1.0, unit="h", source=f"{_OURS}: gaps whose line crosses land")
    turn_gap_h: float = setting(
        1.0, unit="h", source="ours: turns are reckoned in gaps longer than that"
    )
    turn_max_gap_h: float = setting(
        3.0, unit="h", source=f"{_OURS}: the least call; a longer gap may hide one"
    )
    turn_miss_frac: float = setting(
        0.05, unit="fraction", source="ours: error of the course, of the way by log"
    )
    turn_log_frac: float = setting(
        0.15, unit="fraction", source="ours: error of the way by log: speed changes on the way"
    )
    way_step_m: float = setting(1_000.0, unit="m", source="ours: points that a way is known by")


@dataclass(frozen=True)
class AnchorageConfig:
    """What an anchorage found in the data is."""

    stay_radius_m: float = setting(500.0, unit="m", source="GFW anchorages_pipeline: 0.5 km")
    min_stay_h: float = setting(12.0, unit="h", source="GFW anchorages_pipeline; at least")
    min_vessels: int = setting(20, unit="vessels", source="GFW anchorages_pipeline; at least")
    cell_resolution: int = setting(
        8, unit="H3 resolution", source="GFW: cells of about 0.5 km; edges of 0.53 km"
    )


@dataclass(frozen=True)
class PortCallConfig:
    """What a port call is (`default`)."""

    stop_radius_m: float = setting(1_000.0, unit="m", source=f"{_OURS}: stop")
    stop_min_h: float = setting(3.0, unit="h", source=f"{_OURS}: stop; GFW publishes calls >= 3 h")
    stop_max_kn: float = setting(0.25, unit="kn", source=f"{_OURS}: sailed distance / duration")
    near_port_m: float = setting(5_000.0, unit="m", source=f"{_OURS}: stop")
    near_anchorage_m: float = setting(5_000.0, unit="m", source=f"{_OURS}: stop")
    near_shore_m: float = setting(3_000.0, unit="m", source=f"{_OURS}: stop")
    port_area_m: float = setting(35_000.0, unit="m", source=f"{_OURS}: points lie 16 km off")
    naming_m: float = setting(10_000.0, unit="m", source=f"{_OURS}: naming without a destination")
    turn_radius_m: float = setting(300.0, unit="m", source=f"{_OURS}: turn-round")
    turn_min_min: float = setting(20.0, unit="min", source=f"{_OURS}: turn-round")
    turn_min_deg: float = setting(120.0, unit="deg", source=f"{_OURS}: turn-round")
    turn_course_nm: float = setting(8.0, unit="nm", source=f"{_OURS}: turn-round")
    turn_min_course_nm: float = setting(1.0, unit="nm", source="ours: shorter gives no course")
    same_call_m: float = setting(5_000.0, unit="m", source="ours: a shift of berth is one call")
    seen_h: float = setting(6.0, unit="h", source="ours: entry or exit seen, for the confidence")


@dataclass(frozen=True)
class VoyageConfig:
    """Where a voyage ends when no call was seen, and which voyages are told at all."""

    hidden_gap_h: float = setting(6.0, unit="h", source=f"{_OURS}: voyage, gap tau")
    hidden_call_h: float = setting(3.0, unit="h", source=f"{_OURS}: voyage, time for a call")
    speed_window_h: float = setting(24.0, unit="h", source=f"{_OURS}: voyage, v")
    speed_min_kn: float = setting(3.0, unit="kn", source=f"{_OURS}: voyage, v")
    speed_default_kn: float = setting(10.0, unit="kn", source=f"{_OURS}: voyage, v")
    approach_h: float = setting(6.0, unit="h", source=f"{_OURS}: voyage, by declared")
    hidden_ports: int = setting(6, unit="ports", source="ours: nearest ones asked by sea a gap")
    min_reach_nm: float = setting(10.0, unit="nm", source="ours: a day's drift at 0.4 kn")
    coverage_gap_h: float = setting(1.0, unit="h", source="coverage_frac, schema")


@dataclass(frozen=True)
class TracksConfig:
    """Settings of the tracks stage."""

    presets: TrackPresets = section(TrackPresets)
    admission: AdmissionConfig = section(AdmissionConfig)
    transmitters: TransmitterConfig = section(TransmitterConfig)
    segments: SegmentConfig = section(SegmentConfig)
    segments_gfw: SegmentsGfw = section(SegmentsGfw)
    sailed: SailedConfig = section(SailedConfig)
    anchorages: AnchorageConfig = section(AnchorageConfig)
    port_calls: PortCallConfig = section(PortCallConfig)
    port_calls_gfw: PortCallsGfw = section(PortCallsGfw)
    voyages: VoyageConfig = section(VoyageConfig)
