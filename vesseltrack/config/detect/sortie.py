"""Settings of `sortie`: out to a place at sea and back, within a day."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import WORKING_CLASSES, Checked
from vesseltrack.config.settings import section, setting


@dataclass(frozen=True)
class SortieDefault(Checked):
    """Ours: a straight trip to no port and back, fast, or with a short stop at its end."""

    max_hours: float = setting(24.0, unit="h", source="ours: port to port; at most")
    port_radius_km: float = setting(
        5.0, unit="km", source="ours: that of a port call; out and in again"
    )
    max_return_km: float = setting(
        10.0, unit="km", source="ours: back where it left, or beside it; at most"
    )
    min_far_nm: float = setting(
        10.0, unit="nm", source="ours: out of sight of who stands ashore; at least"
    )
    min_far_port_km: float = setting(
        10.0, unit="km", source="ours: the far point is no call and no anchorage of one; at least"
    )
    min_directness: float = setting(
        0.6,
        unit="fraction",
        source="ours: straight way there and back of the way sailed; at least",
    )
    max_silence_h: float = setting(
        2.0, unit="h", source="ours: after a longer one nobody knows where it was"
    )
    report_interval_min: float = setting(1.0, unit="min", source="ours: of speeds made good")
    max_leg_min: float = setting(
        10.0, unit="min", source="ours: between two reports; over a longer leg no speed is known"
    )
    max_stop_kn: float = setting(2.0, unit="kn", source="ours: stopped, or adrift; less than")
    min_stop_min: float = setting(
        3.0, unit="min", source="ours: enough to take something; at least"
    )
    max_stop_min: float = setting(
        60.0, unit="min", source="ours: longer is work there; all stops at the far point; at most"
    )
    stop_radius_nm: float = setting(
        2.0, unit="nm", source="ours: a stop at the turning point is so near the far point"
    )
    slow_top_kn: float = setting(15.0, unit="kn", source="ours: the slow classes do less; above")
    trade_top_kn: float = setting(
        25.0, unit="kn", source="ours: cargo vessels and tankers do less; above"
    )
    fast_top_kn: float = setting(40.0, unit="kn", source="ours: the fast classes do less; above")
    other_top_kn: float = setting(
        30.0, unit="kn", source="ours: all others, and where the class is not known; above"
    )
    slow_classes: tuple[str, ...] = setting(
        ("fishing", "tug", "dredger", "diving", "sailing"),
        unit="ship classes",
        source="ours: gear, towing or sails",
    )
    fast_classes: tuple[str, ...] = setting(
        ("high speed", "passenger", "military", "law enforcement", "search and rescue", "pilot"),
        unit="ship classes",
        source="ours: built for it",
    )
    working_classes: tuple[str, ...] = setting(
        WORKING_CLASSES, unit="ship classes", source="ours: out and back is their day"
    )
    angling_classes: tuple[str, ...] = setting(
        ("pleasure", "sailing"), unit="ship classes", source="ours: they stop to fish or to swim"
    )
    anchorage_radius_km: float = setting(
        5.0, unit="km", source="ours: a trip to those who lie there"
    )


@dataclass(frozen=True)
class SortieConfig:
    """The presets of `sortie`."""

    default: SortieDefault = section(SortieDefault)
