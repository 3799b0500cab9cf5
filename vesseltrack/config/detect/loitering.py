"""Settings of `loitering`: slow for long, away from shore, ports and anchorages."""

from dataclasses import dataclass
from typing import Final

from vesseltrack.config.detect.shared import WORKING_CLASSES, Checked
from vesseltrack.config.settings import section, setting

_STARBOARD: Final = "Starboard Maritime Intelligence"
_RTEC: Final = "Pitsikalis et al. 2019 (RTEC)"


@dataclass(frozen=True)
class LoiteringDefault(Checked):
    """Ours: made good under 2 kn for an hour, outside ports and anchorages, off the shore."""

    max_speed_kn: float = setting(2.0, unit="kn", source="GFW pipe-loitering; less than")
    min_duration_h: float = setting(1.0, unit="h", source="ours; at least")
    min_shore_nm: float = setting(3.0, unit="nm", source="ours; more than")
    port_radius_km: float = setting(5.0, unit="km", source="ours: the radius of a port call")
    anchorage_radius_km: float = setting(5.0, unit="km", source="ours: that of a port call")
    still_speed_kn: float = setting(
        0.5, unit="kn", source="GFW anchorages_pipeline: a stop ends at 0.5 kn"
    )
    anchored_status: tuple[int, ...] = setting(
        (1, 5), unit="AIS navigational status", source="ITU-R M.1371-5: at anchor, moored"
    )
    report_interval_min: float = setting(
        10.0,
        unit="min",
        source="ours: speed between reports of seconds apart is position noise",
    )
    max_gap_h: float = setting(8.0, unit="h", source="ours: the break between segments")
    max_false_reports: int = setting(
        1, unit="reports", source="ours: as many in a row do not end a stay"
    )
    station_radius_nm: float = setting(0.5, unit="nm", source="ours: a swinging circle and more")
    swing_radius_nm: float = setting(
        0.2,
        unit="nm",
        source="ours: chain and ship, 370 m: the spread of a vessel at anchor; at most",
    )
    max_anchoring_nm: float = setting(
        12.0, unit="nm", source="ours: farther out few places are shallow enough; at most"
    )
    min_drift_straightness: float = setting(0.7, unit="fraction", source="ours")
    min_circles: float = setting(2.0, unit="turns", source="ours")
    working_classes: tuple[str, ...] = setting(
        WORKING_CLASSES, unit="ship classes", source="definitions: these loiter for a living"
    )


@dataclass(frozen=True)
class LoiteringGfw(Checked):
    """Global Fishing Watch: slow hourly buckets of a segment, far from shore."""

    max_speed_kn: float = setting(2.0, unit="kn", source="GFW pipe-loitering @ 6d2c5e8; less than")
    min_shore_nm: float = setting(
        20.0, unit="nm", source="GFW: mean distance from shore, Miller et al. 2018; at least"
    )
    min_duration_h: float = setting(
        0.0, unit="h", source="GFW pipe-loitering sets none (transhipment reports use 4 and 8 h)"
    )
    bucket_h: float = setting(1.0, unit="h", source="GFW pipe-loitering: clock hours")
    max_gap_h: float = setting(24.0, unit="h", source="GFW gpsdio-segment: end of a segment")
    working_classes: tuple[str, ...] = setting(
        WORKING_CLASSES, unit="ship classes", source="definitions: these loiter for a living"
    )


@dataclass(frozen=True)
class LoiteringStarboard(Checked):
    """Starboard: under 2 kn for four hours, wherever it is."""

    max_speed_kn: float = setting(2.0, unit="kn", source=f"{_STARBOARD}; less than")
    min_duration_h: float = setting(4.0, unit="h", source=f"{_STARBOARD}; at least")
    report_interval_min: float = setting(10.0, unit="min", source="ours: as `default`")
    max_gap_h: float = setting(8.0, unit="h", source="ours: the break between segments")
    max_false_reports: int = setting(
        1, unit="reports", source="ours: as many in a row do not end a stay"
    )
    working_classes: tuple[str, ...] = setting(
        WORKING_CLASSES, unit="ship classes", source="definitions: these loiter for a living"
    )


@dataclass(frozen=True)
class LoiteringRtec(Checked):
    """RTEC: at low speed or stopped for half an hour, not near the coast, not at anchor."""

    max_speed_kn: float = setting(
        5.0, unit="kn", source="ours: low speed, which the definition leaves open; less than"
    )
    stopped_kn: float = setting(
        0.5, unit="kn", source=f"{_RTEC}, thresholds for Brest: moving from 0.5 kn; less than"
    )
    min_duration_h: float = setting(
        0.5, unit="h", source=f"{_RTEC}, thresholds for Brest: 1,800 s; more than"
    )
    coast_m: float = setting(
        300.0, unit="m", source="French law: at most 5 kn so near the coast; more than"
    )
    port_radius_km: float = setting(5.0, unit="km", source="ours: the radius of a port call")
    anchorage_radius_km: float = setting(5.0, unit="km", source="ours: that of a port call")
    report_interval_min: float = setting(10.0, unit="min", source="ours: as `default`")
    max_gap_h: float = setting(8.0, unit="h", source="ours: the break between segments")
    max_false_reports: int = setting(
        1, unit="reports", source="ours: as many in a row do not end a stay"
    )
    working_classes: tuple[str, ...] = setting(
        WORKING_CLASSES, unit="ship classes", source="definitions: these loiter for a living"
    )


@dataclass(frozen=True)
class LoiteringConfig:
    """The presets of `loitering`."""

    default: LoiteringDefault = section(LoiteringDefault)
    gfw: LoiteringGfw = section(LoiteringGfw)
    starboard: LoiteringStarboard = section(LoiteringStarboard)
    rtec: LoiteringRtec = section(LoiteringRtec)
