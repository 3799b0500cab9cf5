"""Settings of `unusual_for_type`: speeds that a ship of the type and length sent cannot keep."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import Checked
from vesseltrack.config.settings import section, setting


@dataclass(frozen=True)
class UnusualForTypeDefault(Checked):
    """Ours: the greatest believable speed by class and length, and for how long it is exceeded."""

    trade_top_kn: float = setting(
        30.0, unit="kn", source="ours: the fastest container ships keep 25 to 27 kn; above"
    )
    trade_min_length_m: float = setting(
        60.0, unit="m", source="ours: shorter ones are held to the Froude number only"
    )
    service_top_kn: float = setting(
        22.0, unit="kn", source="ours: tugs and dredgers keep 10 to 16 kn; above"
    )
    fishing_top_kn: float = setting(
        25.0, unit="kn", source="ours: large fishing vessels keep 10 to 18 kn; above"
    )
    service_min_length_m: float = setting(
        24.0, unit="m", source="load line convention: shorter ones may plane; also for fishing"
    )
    max_froude: float = setting(
        0.8,
        unit="ratio",
        source="ours: displacement hulls stay below 0.5, planing begins at about 1; above",
    )
    min_duration_min: float = setting(
        10.0, unit="min", source="ours: no gust, surf or false report lasts so long; at least"
    )
    min_legs: int = setting(
        3, unit="legs", source="ours: four reports whose positions and SOG agree; at least"
    )
    max_slower_legs: int = setting(
        2, unit="legs", source="ours: so many in a row do not end it; a false report spoils two"
    )
    min_directness: float = setting(
        0.5,
        unit="fraction",
        source="ours: of the way sailed; positions that leap back and forth go nowhere; at least",
    )
    report_interval_min: float = setting(1.0, unit="min", source="ours: of speeds made good")
    max_leg_min: float = setting(
        10.0, unit="min", source="ours: between two reports; over a longer leg no speed is known"
    )
    trade_classes: tuple[str, ...] = setting(
        ("cargo", "tanker"), unit="ship classes", source="ours: displacement hulls"
    )
    service_classes: tuple[str, ...] = setting(
        ("tug", "dredger"), unit="ship classes", source="ours: displacement hulls"
    )
    fishing_classes: tuple[str, ...] = setting(
        ("fishing",), unit="ship classes", source="ours: small ones may plane"
    )
    supply_classes: tuple[str, ...] = setting(
        ("cargo", "tug", "dredger"),
        unit="ship classes",
        source="ours: what fast crew and supply boats are often sent as",
    )
    supply_min_length_m: float = setting(12.0, unit="m", source="ours: of such boats; at least")
    supply_max_length_m: float = setting(60.0, unit="m", source="ours: of such boats; at most")


@dataclass(frozen=True)
class UnusualForTypeConfig:
    """The presets of `unusual_for_type`."""

    default: UnusualForTypeDefault = section(UnusualForTypeDefault)
