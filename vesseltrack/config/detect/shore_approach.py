"""Settings of `shore_approach`: slow close to the shore, by who normally keeps off."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import WORKING_CLASSES, Checked
from vesseltrack.config.settings import section, setting


@dataclass(frozen=True)
class ShoreApproachDefault(Checked):
    """Ours: slow for an hour within 3 nm of shore, outside port approaches, against the habit."""

    max_shore_nm: float = setting(3.0, unit="nm", source="definitions: inside 3 nm; at most")
    port_radius_km: float = setting(
        18.52,
        unit="km",
        source="ours: 10 nm; listed points lie up to 16 km from berths; more than",
    )
    anchorage_radius_km: float = setting(
        5.0, unit="km", source="ours: as for loitering; waiting there is no approach; more than"
    )
    max_speed_kn: float = setting(
        3.0, unit="kn", source="ours: who passes a cape makes more; less than"
    )
    min_duration_h: float = setting(1.0, unit="h", source="ours: as for loitering; at least")
    max_other_legs: int = setting(
        1, unit="legs", source="ours: so many in a row, faster or farther off, do not end it"
    )
    report_interval_min: float = setting(
        10.0, unit="min", source="ours: as for loitering: over seconds speed is position noise"
    )
    max_gap_h: float = setting(2.0, unit="h", source="ours: a longer silence shows no stay")
    history_days: float = setting(14.0, unit="days", source="design: before the event; at most")
    min_history_h: float = setting(
        48.0, unit="h", source="ours: two days outside port approaches show a habit; at least"
    )
    max_near_frac: float = setting(
        0.05, unit="fraction", source="ours: of its hours outside port approaches; at most"
    )
    prior_classes: tuple[str, ...] = setting(
        ("cargo", "tanker"), unit="ship classes", source="definitions: they keep off; the prior"
    )
    prior_min_length_m: float = setting(
        100.0, unit="m", source="ours: smaller traders sail along the coast; at least"
    )
    prior_quality: float = setting(
        0.7, unit="fraction", source="ours: of full confidence where only the class speaks"
    )
    anchored_status: tuple[int, ...] = setting(
        (1, 5), unit="AIS navigational status", source="ITU-R M.1371-5: at anchor, moored"
    )
    min_anchored_frac: float = setting(
        0.5, unit="fraction", source="ours: of the legs, to have lain at anchor; at least"
    )
    still_speed_kn: float = setting(
        0.2, unit="kn", source="GFW anchorages_pipeline: a stop begins at 0.2 kn; at most"
    )
    min_still_h: float = setting(
        3.0, unit="h", source="ours: that of a port call; to have lain at some berth; at least"
    )
    working_classes: tuple[str, ...] = setting(
        WORKING_CLASSES, unit="ship classes", source="ours: the shore is where they work"
    )


@dataclass(frozen=True)
class ShoreApproachConfig:
    """The presets of `shore_approach`."""

    default: ShoreApproachDefault = section(ShoreApproachDefault)
