"""Settings of `route_deviation`: sailed much farther than the shortest sea route."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import ROAMING_CLASSES, Checked
from vesseltrack.config.settings import section, setting

_OURS = "ours: above the reference route's own error"


@dataclass(frozen=True)
class RouteDeviationDefault(Checked):
    """Ours: ratio and absolute excess, both above what the reference route may be wrong by."""

    long_voyage_nm: float = setting(1000.0, unit="nm", source=_OURS)
    min_ratio_long: float = setting(1.10, unit="ratio", source=f"{_OURS}; at least")
    short_voyage_nm: float = setting(200.0, unit="nm", source=_OURS)
    min_ratio_short: float = setting(1.20, unit="ratio", source=f"{_OURS}; at least")
    min_excess_nm: float = setting(20.0, unit="nm", source=f"{_OURS}; at least")
    min_shortest_nm: float = setting(
        20.0, unit="nm", source="definitions: below it is a round trip; at least"
    )
    min_seen_frac: float = setting(
        0.5, unit="fraction", source="ours: below it reception is too sparse to tell"
    )
    sparse_gap_h: float = setting(
        3.0, unit="h", source="definitions: the least call; a gap up to it hides none"
    )
    too_long_ratio: float = setting(
        0.97, unit="ratio", source="definitions: below it the reference is too long"
    )
    min_peers: int = setting(
        20, unit="voyages", source="definitions: fewer of the same ports and class say nothing"
    )
    min_percentile_frac: float = setting(0.95, unit="fraction", source="definitions; above")
    screen_frac: float = setting(
        0.01, unit="fraction", source="ours: a single route is within it of the distance field"
    )
    leg_expected_frac: float = setting(
        0.1, unit="fraction", source="definitions: extra way that is no leg, of the way sailed"
    )
    leg_steep_frac: float = setting(
        0.5, unit="fraction", source="ours: a ship off its way sails one mile in two for nothing"
    )
    leg_opens_nm: float = setting(5.0, unit="nm", source="definitions: rise that opens a leg")
    leg_closes_nm: float = setting(2.0, unit="nm", source="definitions: fall that closes it")
    leg_min_nm: float = setting(10.0, unit="nm", source="definitions: legs listed; at least")
    lane_nm: float = setting(
        10.0, unit="nm", source="ours: lanes lie within it of the shortest line; at most"
    )
    stay_radius_nm: float = setting(
        5.0, unit="nm", source="ours: dragging, drifting and shifting in a roadstead"
    )
    stay_min_h: float = setting(6.0, unit="h", source="ours: seen to stay; at least")
    stay_place_km: float = setting(
        5.0, unit="km", source="definitions: a port's and an anchorage's reach; at most"
    )
    anchored_status: tuple[int, ...] = setting(
        (1, 5), unit="AIS navigational status", source="ITU-R M.1371-5: at anchor, moored"
    )
    frechet_points: int = setting(
        200, unit="points", source="ours: both lines cut into as many equal steps"
    )
    roaming_classes: tuple[str, ...] = setting(
        ROAMING_CLASSES, unit="ship classes", source="definitions: these zig-zag for a living"
    )


@dataclass(frozen=True)
class RouteDeviationConfig:
    """The presets of `route_deviation`."""

    default: RouteDeviationDefault = section(RouteDeviationDefault)
