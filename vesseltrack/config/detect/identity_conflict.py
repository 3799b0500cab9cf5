"""Settings of `identity_conflict`: several transmitters on one MMSI at once."""

from dataclasses import dataclass

from vesseltrack.config.detect.shared import Checked
from vesseltrack.config.settings import section, setting


@dataclass(frozen=True)
class IdentityConflictDefault(Checked):
    """Ours: the MMSI is heard by turns in places that one hull cannot reach."""

    min_speed_kn: float = setting(
        50.0, unit="kn", source="definitions: a fix implying more is another's; more than"
    )
    min_separation_nm: float = setting(
        5.0, unit="nm", source="ours: a late clock of 10 min shifts a ship of 30 kn so far"
    )
    min_changes: int = setting(
        3, unit="changes", source="ours: there, back, and there again; at least"
    )
    min_positions: int = setting(
        3, unit="positions", source="ours: of each transmitter that is counted; at least"
    )
    min_transmitters: int = setting(2, unit="transmitters", source="definitions; at least")
    max_pause_h: float = setting(
        24.0, unit="h", source="ours: longer without an impossible change ends the event"
    )


@dataclass(frozen=True)
class IdentityConflictConfig:
    """The presets of `identity_conflict`."""

    default: IdentityConflictDefault = section(IdentityConflictDefault)
