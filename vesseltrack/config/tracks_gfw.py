"""Settings of the `gfw` presets of the tracks stage, as Global Fishing Watch publishes them."""

from dataclasses import dataclass

from vesseltrack.config.settings import setting

_SEGMENT = "GFW gpsdio-segment @ 66e00d0"
_ANCHORAGES = "GFW anchorages_pipeline @ 099169e, anchorage_cfg.yaml"


@dataclass(frozen=True)
class SegmentsGfw:
    """Segments as gpsdio-segment cuts them."""

    max_gap_h: float = setting(24.0, unit="h", source=f"{_SEGMENT}, max_hours")
    penalty_h: float = setting(4.0, unit="h", source=f"{_SEGMENT}, penalty_hours")
    penalty_exponent: float = setting(0.5, unit="exponent", source=f"{_SEGMENT}, hours_exp")
    buffer_h: float = setting(0.25, unit="h", source=f"{_SEGMENT}, buffer_hours")
    lookback: int = setting(5, unit="fixes", source=f"{_SEGMENT}, lookback")
    lookback_factor: float = setting(2.0, unit="factor", source=f"{_SEGMENT}, lookback_factor")
    max_kn: float = setting(25.0, unit="kn", source=f"{_SEGMENT}, max_knots")
    penalty_kn: float = setting(5.0, unit="kn", source=f"{_SEGMENT}, penalty_speed")
    shape: float = setting(4.0, unit="factor", source=f"{_SEGMENT}, shape_factor")
    ambiguity: float = setting(10.0, unit="factor", source=f"{_SEGMENT}, ambiguity_factor")
    short_fixes: float = setting(10.0, unit="fixes", source=f"{_SEGMENT}, short_seg_threshold")
    other_class: float = setting(
        0.1, unit="factor", source=f"{_SEGMENT}, transponder_mismatch_weight"
    )
    long_range_h: float = setting(1.0, unit="h", source=f"{_SEGMENT}, min_type_27_hours")
    slow_kn: float = setting(0.35, unit="kn", source=f"{_SEGMENT}, very_slow")
    max_open: int = setting(20, unit="segments", source="GFW: up to 20 open segments an id")
    weigh_by_place: bool = setting(
        default=True,
        unit="yes or no",
        source=f"{_SEGMENT} takes the n-th open segment's length for the n-th that fits; "
        "no: each its own",
    )


@dataclass(frozen=True)
class PortCallsGfw:
    """Port visits as anchorages_pipeline finds them."""

    enter_km: float = setting(3.0, unit="km", source=f"{_ANCHORAGES}; at most")
    exit_km: float = setting(4.0, unit="km", source=f"{_ANCHORAGES}; at least")
    stop_begin_kn: float = setting(0.2, unit="kn", source=f"{_ANCHORAGES}; at most")
    stop_end_kn: float = setting(0.5, unit="kn", source=f"{_ANCHORAGES}; at least")
    gap_min: float = setting(240.0, unit="min", source=f"{_ANCHORAGES}; at least")
    max_apart_nm: float = setting(60.0, unit="nm", source=f"{_ANCHORAGES}; more than: a new visit")
    min_visit_h: float = setting(3.0, unit="h", source="GFW publishes visits of 3 h and more")
    area_km: float = setting(
        35.0, unit="km", source="definitions: a port without an anchorage point so near is told of"
    )
    min_confidence: int = setting(
        2, unit="confidence", source="GFW publishes voyages between visits of 2, 3 and 4; at least"
    )
