"""Behaviours found in tracks: each kind a fold over slices of event time."""

from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa

from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect.ais_gap import AisGap
from vesseltrack.detect.destination_mismatch import DestinationMismatch
from vesseltrack.detect.deviation import Judgement, is_deviation, is_round_trip, judge
from vesseltrack.detect.drifting import Drifting
from vesseltrack.detect.drop_pickup import DropPickup
from vesseltrack.detect.encounter import DEFINITIONS, Encounter
from vesseltrack.detect.fold import Detector, Slice
from vesseltrack.detect.identity_change import IdentityChange
from vesseltrack.detect.identity_conflict import IdentityConflict
from vesseltrack.detect.loitering import Loitering
from vesseltrack.detect.loitering_gfw import LoiteringAsGfw
from vesseltrack.detect.position_spoofing import PositionSpoofing
from vesseltrack.detect.route_deviation import RouteDeviation
from vesseltrack.detect.saved import State, named, under
from vesseltrack.detect.shore_approach import ShoreApproach
from vesseltrack.detect.sortie import Sortie
from vesseltrack.detect.sudden_speed_change import SuddenSpeedChange
from vesseltrack.detect.unusual_for_type import UnusualForType
from vesseltrack.detect.zone_crossing import ZoneCrossing
from vesseltrack.errors import ConfigError

__all__ = [
    "DETECTORS",
    "Detector",
    "Judgement",
    "Slice",
    "State",
    "is_deviation",
    "is_round_trip",
    "judge",
    "make_detector",
    "presets_of",
]

Presets = tuple[str, ...]


class _Both:
    """Two definitions of one kind side by side; each gives its own events."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = tuple(detectors)
        self.kind = self._detectors[0].kind

    def push(self, batch: Slice, watermark_us: int) -> pa.Table:
        return pa.concat_tables([one.push(batch, watermark_us) for one in self._detectors])

    def flush(self) -> pa.Table:
        return pa.concat_tables([one.flush() for one in self._detectors])

    def state(self) -> State:
        state: State = {}
        for number, one in enumerate(self._detectors):
            state |= named(str(number), one.state())
        return state

    def restore(self, state: State) -> None:
        for number, one in enumerate(self._detectors):
            one.restore(under(str(number), state))


def _loitering(config: DetectConfig, presets: Presets) -> Detector:
    made: dict[str, Callable[[], Detector]] = {
        "default": lambda: Loitering(config.loitering.default, config.confidence),
        "gfw": lambda: LoiteringAsGfw(config.loitering.gfw, config.confidence),
    }
    detectors = [made[preset]() for preset in presets]
    return detectors[0] if len(detectors) == 1 else _Both(detectors)


def _encounter(config: DetectConfig, presets: Presets) -> Detector:
    return Encounter(config.encounter, config.confidence, presets)


def _ais_gap(config: DetectConfig, presets: Presets) -> Detector:
    return AisGap(config.ais_gap, config.confidence, presets)


def _drifting(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - it has one
    return Drifting(config.drifting.default, config.confidence)


def _drop_pickup(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - it has one
    return DropPickup(config.drop_pickup.default, config.confidence)


def _sudden_speed_change(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - one
    return SuddenSpeedChange(config.sudden_speed_change.default, config.confidence)


def _identity_conflict(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - one
    return IdentityConflict(config.identity_conflict.default, config.confidence)


def _identity_change(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - one
    return IdentityChange(config.identity_change.default, config.confidence)


def _position_spoofing(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - one
    return PositionSpoofing(config.position_spoofing.default, config.confidence)


def _route_deviation(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - one
    return RouteDeviation(config.route_deviation.default, config.confidence)


def _zone_entry(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - it has one
    return ZoneCrossing("zone_entry", config.zone_entry.default, config.confidence)


def _zone_exit(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - it has one
    return ZoneCrossing("zone_exit", config.zone_exit.default, config.confidence)


def _sortie(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - it has one
    return Sortie(config.sortie.default, config.confidence)


def _unusual_for_type(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - one
    return UnusualForType(config.unusual_for_type.default, config.confidence)


def _destination_mismatch(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - one
    return DestinationMismatch(config.destination_mismatch.default, config.confidence)


def _shore_approach(config: DetectConfig, presets: Presets) -> Detector:  # noqa: ARG001 - one
    return ShoreApproach(config.shore_approach.default, config.confidence)


# The presets of each kind, and how a detector for some of them is made.
_KINDS: Final[dict[str, tuple[Presets, Callable[[DetectConfig, Presets], Detector]]]] = {
    "route_deviation": (("default",), _route_deviation),
    "loitering": (("default", "gfw"), _loitering),
    "encounter": (("default", *DEFINITIONS), _encounter),
    "drop_pickup": (("default",), _drop_pickup),
    "ais_gap": (("default", "gfw", "gfw_disabling", "starboard"), _ais_gap),
    "drifting": (("default",), _drifting),
    "sudden_speed_change": (("default",), _sudden_speed_change),
    "position_spoofing": (("default",), _position_spoofing),
    "identity_conflict": (("default",), _identity_conflict),
    "identity_change": (("default",), _identity_change),
    "zone_entry": (("default",), _zone_entry),
    "zone_exit": (("default",), _zone_exit),
    "shore_approach": (("default",), _shore_approach),
    "sortie": (("default",), _sortie),
    "destination_mismatch": (("default",), _destination_mismatch),
    "unusual_for_type": (("default",), _unusual_for_type),
}

DETECTORS: Final = tuple(_KINDS)


def presets_of(kind: str) -> Presets:
    """Return the presets that a kind has.

    Raises
    ------
    ConfigError
        If there is no detector of that kind.
    """
    if kind not in _KINDS:
        msg = f"no detector is called {kind!r}; there are {', '.join(DETECTORS)}"
        raise ConfigError(msg)
    return _KINDS[kind][0]


def make_detector(kind: str, config: DetectConfig, presets: Presets | None = None) -> Detector:
    """Return a detector that has seen nothing yet.

    Parameters
    ----------
    kind : str
        One of `DETECTORS`.
    config : DetectConfig
        The numbers of every preset.
    presets : tuple of str, optional
        Definitions to find events by; the `default` one without it.

    Raises
    ------
    ConfigError
        If the kind, or one of its presets, does not exist, or none is asked for.
    """
    known = presets_of(kind)
    wanted = ("default",) if presets is None else tuple(dict.fromkeys(presets))
    unknown = [preset for preset in wanted if preset not in known]
    if unknown or not wanted:
        what = f"no preset {', '.join(unknown)}" if unknown else "no preset asked for"
        msg = f"{kind}: {what}; there are {', '.join(known)}"
        raise ConfigError(msg)
    return _KINDS[kind][1](config, wanted)
