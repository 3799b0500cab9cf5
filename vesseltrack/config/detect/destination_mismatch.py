"""Settings of `destination_mismatch`: bound for one port by word, for another by deed."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import WORKING_CLASSES, Checked
from vesseltrack.config.settings import section, setting


@dataclass(frozen=True)
class DestinationMismatchDefault(Checked):
    """Ours: away from the declared port for hours, a call elsewhere, or ever another port."""

    min_away_h: float = setting(
        6.0, unit="h", source="definitions: the distance by sea grows for so long; at least"
    )
    min_grown_nm: float = setting(
        30.0, unit="nm", source="ours: 5 kn for 6 h; no error of the distances; at least"
    )
    min_straight_nm: float = setting(
        10.0,
        unit="nm",
        source="ours: as the crow flies too; else nobody asks for the way by sea; at least",
    )
    min_away_kn: float = setting(
        2.0, unit="kn", source="ours: slower the distance stands still; of a leg; at least"
    )
    max_other_legs: int = setting(
        1, unit="legs", source="ours: so many in a row, not away from it, do not end it"
    )
    sample_h: float = setting(1.0, unit="h", source="ours: a leg leads so far")
    max_leg_h: float = setting(
        6.0, unit="h", source="ours: over a longer silence nobody knows where it headed"
    )
    min_declared_h: float = setting(
        1.0, unit="h", source="ours: a garbled report is followed by another sooner; at least"
    )
    min_certainty: float = setting(
        0.6, unit="fraction", source="ours: a code or a name, not one misspelt; at least"
    )
    port_reach_km: float = setting(
        35.0, unit="km", source="definitions: of a call and the port it is named by; more than"
    )
    max_changes: int = setting(3, unit="changes", source="definitions: under way; more than")
    changes_days: float = setting(7.0, unit="days", source="definitions: within")
    passed_nm: float = setting(
        30.0, unit="nm", source="ours: who came so near uses it as a waypoint; at most"
    )
    on_the_way_frac: float = setting(
        0.5,
        unit="fraction",
        source="ours: of the miles sailed, made good to the declared port; at least",
    )
    working_classes: tuple[str, ...] = setting(
        WORKING_CLASSES, unit="ship classes", source="ours: they go out and come back"
    )


@dataclass(frozen=True)
class DestinationMismatchConfig:
    """The presets of `destination_mismatch`."""

    default: DestinationMismatchDefault = section(DestinationMismatchDefault)
