"""Settings of `drop_pickup`: something left at sea, and another vessel at the place later."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import ASSISTING_CLASSES, Checked
from vesseltrack.config.settings import section, setting

_OURS = "ours, tried in simulation"


@dataclass(frozen=True)
class DropPickupDefault(Checked):
    """Ours: a break in a passage, and a visit too well placed to be the place's own traffic."""

    min_passage_kn: float = setting(6.0, unit="kn", source="ours: on passage; at least")
    passage_min: float = setting(30.0, unit="min", source="ours: before and after the break")
    max_slow_frac: float = setting(
        0.5, unit="fraction", source="ours: of the speed before; less than"
    )
    min_slow_min: float = setting(5.0, unit="min", source="ours; at least")
    max_break_min: float = setting(90.0, unit="min", source="ours; at most")
    min_turn_deg: float = setting(60.0, unit="deg", source="ours: off the course; at least")
    max_taken_back_deg: float = setting(
        30.0, unit="deg", source="ours: from the course before, when on passage again; at most"
    )
    min_straightness: float = setting(
        0.9, unit="fraction", source="ours: a turn is seen only after a straight course"
    )
    port_radius_km: float = setting(5.0, unit="km", source="ours: that of a port call; more than")
    anchorage_radius_km: float = setting(5.0, unit="km", source="ours: as for loitering")
    visit_speed_kn: float = setting(3.0, unit="kn", source="ours: of a visit; less than")
    min_visit_min: float = setting(3.0, unit="min", source="ours; at least")
    max_visit_min: float = setting(120.0, unit="min", source="ours; at most")
    visit_turn_deg: float = setting(120.0, unit="deg", source="ours: a visit without a stop")
    min_delay_min: float = setting(10.0, unit="min", source="ours: shorter is an encounter")
    max_delay_h: float = setting(72.0, unit="h", source="ours; at most")
    report_interval_min: float = setting(1.0, unit="min", source="ours: of speeds made good")
    max_gap_min: float = setting(10.0, unit="min", source="ours: a longer silence tells nothing")
    prior_pickup: float = setting(0.5, unit="fraction", source="ours: pi of the formula")
    buoyed_frac: float = setting(0.5, unit="fraction", source="ours: packets that stay in place")
    buoyed_spread_km: float = setting(0.35, unit="km", source=_OURS)
    drift_spread_km: float = setting(0.5, unit="km", source=_OURS)
    drift_kn: float = setting(0.45, unit="kn", source=_OURS)
    free_frac: float = setting(
        0.2, unit="fraction", source="ours: of what drifts, unlike what ships show of the water"
    )
    tide_frac: float = setting(0.5, unit="fraction", source="ours: of the water's variance, M2")
    set_memory_h: float = setting(
        24.0, unit="h", source="LaCasce 2008: integral times of drifters are 1 to 3 days"
    )
    set_range_km: float = setting(
        100.0, unit="km", source="ours, measured: sets of ships so far apart agree by half"
    )
    set_error_kn: float = setting(
        0.42, unit="kn", source="ours, measured: between ships on one course, compass and leeway"
    )
    yaw_error_kn: float = setting(
        0.15, unit="kn", source="ours, measured: of one ship from report to report"
    )
    slip_kn: float = setting(
        0.05, unit="kn", source="Allen and Plourde 1999: 0.5 % of the wind, low in the water"
    )
    currents: str = setting(
        "", unit="CSV or Parquet file", source="yours; without one ships alone show the water"
    )
    current_error_kn: float = setting(
        0.3, unit="kn", source="ours: of a field that states none, east and north each"
    )
    min_set_speed_kn: float = setting(8.0, unit="kn", source="ours: slow ships drift; at least")
    max_set_angle_deg: float = setting(
        20.0, unit="deg", source="ours: from heading to course; at most"
    )
    max_swing_deg: float = setting(
        3.0, unit="deg", source="ours: a ship that turns skids; from report to report; at most"
    )
    set_interval_min: float = setting(60.0, unit="min", source="ours: one set of a ship in")
    set_hours: float = setting(24.0, unit="h", source="ours: two tides before the break; at most")
    max_set_km: float = setting(150.0, unit="km", source="ours: from the break; at most")
    max_sets: int = setting(200, unit="sets", source="ours: the nearest; at most")
    max_set_deviations: float = setting(
        3.5, unit="standard deviations", source="ours: from what the others show; at most"
    )
    max_set_delay_h: float = setting(8.0, unit="h", source="ours: of the visit; at most")
    mean_delay_h: float = setting(14.0, unit="h", source=_OURS)
    marked_factor: float = setting(5.0, unit="ratio", source="ours: an outing with the marks")
    unmarked_factor: float = setting(0.3, unit="ratio", source="ours: an outing without them")
    small_length_m: float = setting(24.0, unit="m", source="load line convention; less than")
    fresh_outing_h: float = setting(12.0, unit="h", source="ours: since port; at most")
    appeared_min: float = setting(60.0, unit="min", source="ours: first heard so long before")
    kernel_km: float = setting(4.0, unit="km", source="ours: of the local intensity")
    region_km: float = setting(50.0, unit="km", source="ours: of the regional mean")
    region_frac: float = setting(0.1, unit="fraction", source="ours: of the regional mean in it")
    history_days: float = setting(14.0, unit="days", source="design: local traffic; at most")
    prior_visits: float = setting(
        0.3, unit="visits per 100 km2 and day", source="ours: offshore, where little is known"
    )
    prior_days: float = setting(7.0, unit="days", source="ours: weight of the prior")
    short_history_days: float = setting(
        7.0, unit="days", source="ours: with less, the ratio and the confidence are halved"
    )
    min_ratio: float = setting(20.0, unit="ratio", source="ours: chance at most 1 in 20")
    week_days: float = setting(
        7.0, unit="days", source="ours: breaks among which an event is said to stand"
    )
    false_discovery_rate: float = setting(
        0.1, unit="fraction", source="ours: of the e-Benjamini-Hochberg procedure"
    )
    small_classes: tuple[str, ...] = setting(
        ("fishing", "pleasure", "sailing", "high speed"),
        unit="ship classes",
        source="ours: small or fast craft",
    )
    assisting_classes: tuple[str, ...] = setting(
        ASSISTING_CLASSES, unit="ship classes", source="ours: meeting others is their service"
    )
    gear_classes: tuple[str, ...] = setting(
        ("fishing", "diving"), unit="ship classes", source="ours: they leave gear and fetch it"
    )


@dataclass(frozen=True)
class DropPickupConfig:
    """The presets of `drop_pickup`."""

    default: DropPickupDefault = section(DropPickupDefault)
