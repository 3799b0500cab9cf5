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
    min_coverage_frac: float = setting(
        0.5, unit="fraction", source="ours: below it reception is too sparse to tell"
    )
    roaming_classes: tuple[str, ...] = setting(
        ROAMING_CLASSES, unit="ship classes", source="definitions: these zig-zag for a living"
    )


@dataclass(frozen=True)
class RouteDeviationConfig:
    """The presets of `route_deviation`."""

    default: RouteDeviationDefault = section(RouteDeviationDefault)
