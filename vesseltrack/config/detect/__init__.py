"""Settings of the detect stage: one module a kind, and what all kinds share."""

from dataclasses import dataclass

from vesseltrack.config.detect.ais_gap import AisGapConfig
from vesseltrack.config.detect.destination_mismatch import DestinationMismatchConfig
from vesseltrack.config.detect.drifting import DriftingConfig
from vesseltrack.config.detect.drop_pickup import DropPickupConfig
from vesseltrack.config.detect.encounter import EncounterConfig
from vesseltrack.config.detect.identity_change import IdentityChangeConfig
from vesseltrack.config.detect.identity_conflict import IdentityConflictConfig
from vesseltrack.config.detect.loitering import LoiteringConfig
from vesseltrack.config.detect.position_spoofing import PositionSpoofingConfig
from vesseltrack.config.detect.route_deviation import RouteDeviationConfig
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.config.detect.shore_approach import ShoreApproachConfig
from vesseltrack.config.detect.sortie import SortieConfig
from vesseltrack.config.detect.sudden_speed_change import SuddenSpeedChangeConfig
from vesseltrack.config.detect.unusual_for_type import UnusualForTypeConfig
from vesseltrack.config.detect.zones import ZoneCrossingConfig
from vesseltrack.config.settings import section


@dataclass(frozen=True)
class DetectConfig:
    """Settings of the detect stage; in each kind a table for each preset."""

    confidence: ConfidenceConfig = section(ConfidenceConfig)
    loitering: LoiteringConfig = section(LoiteringConfig)
    encounter: EncounterConfig = section(EncounterConfig)
    drop_pickup: DropPickupConfig = section(DropPickupConfig)
    ais_gap: AisGapConfig = section(AisGapConfig)
    drifting: DriftingConfig = section(DriftingConfig)
    sudden_speed_change: SuddenSpeedChangeConfig = section(SuddenSpeedChangeConfig)
    position_spoofing: PositionSpoofingConfig = section(PositionSpoofingConfig)
    identity_conflict: IdentityConflictConfig = section(IdentityConflictConfig)
    identity_change: IdentityChangeConfig = section(IdentityChangeConfig)
    route_deviation: RouteDeviationConfig = section(RouteDeviationConfig)
    zone_entry: ZoneCrossingConfig = section(ZoneCrossingConfig)
    zone_exit: ZoneCrossingConfig = section(ZoneCrossingConfig)
    shore_approach: ShoreApproachConfig = section(ShoreApproachConfig)
    sortie: SortieConfig = section(SortieConfig)
    destination_mismatch: DestinationMismatchConfig = section(DestinationMismatchConfig)
    unusual_for_type: UnusualForTypeConfig = section(UnusualForTypeConfig)
