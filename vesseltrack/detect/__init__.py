"""Behaviours found in tracks: each kind a fold over slices of event time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pyarrow as pa

from vesseltrack.config.detect import DetectConfig
from vesseltrack.config.detect.shared import ConfidenceConfig
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
from vesseltrack.detect.loitering_elsewhere import LoiteringAsRtec, LoiteringAsStarboard
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


class _Several:
    """Definitions of one kind side by side; each gives its own events."""

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
        "starboard": lambda: LoiteringAsStarboard(config.loitering.starboard, config.confidence),
        "rtec": lambda: LoiteringAsRtec(config.loitering.rtec, config.confidence),
    }
    detectors = [made[preset]() for preset in presets]
    return detectors[0] if len(detectors) == 1 else _Several(detectors)


def _encounter(config: DetectConfig, presets: Presets) -> Detector:
    return Encounter(config.encounter, config.confidence, presets)


def _ais_gap(config: DetectConfig, presets: Presets) -> Detector:
    return AisGap(config.ais_gap, config.confidence, presets)


@dataclass(frozen=True)
class _ByPreset:
    """A kind with several definitions: their names, and how a detector for some is made."""

    presets: Presets
    made: Callable[[DetectConfig, Presets], Detector]


# Of a kind with one definition the detector, made from its table of settings.
_KINDS: Final[Mapping[str, _ByPreset | Callable[[Any, ConfidenceConfig], Detector]]] = {
    "route_deviation": RouteDeviation,
    "loitering": _ByPreset(("default", "gfw", "starboard", "rtec"), _loitering),
    "encounter": _ByPreset(("default", *DEFINITIONS), _encounter),
    "drop_pickup": DropPickup,
    "ais_gap": _ByPreset(("default", "gfw", "gfw_disabling", "starboard"), _ais_gap),
    "drifting": Drifting,
    "sudden_speed_change": SuddenSpeedChange,
    "position_spoofing": PositionSpoofing,
    "identity_conflict": IdentityConflict,
    "identity_change": IdentityChange,
    "zone_entry": partial(ZoneCrossing, "zone_entry"),
    "zone_exit": partial(ZoneCrossing, "zone_exit"),
    "shore_approach": ShoreApproach,
    "sortie": Sortie,
    "destination_mismatch": DestinationMismatch,
    "unusual_for_type": UnusualForType,
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
    made = _KINDS[kind]
    return made.presets if isinstance(made, _ByPreset) else ("default",)


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
    made = _KINDS[kind]
    if isinstance(made, _ByPreset):
        return made.made(config, wanted)
    return made(getattr(config, kind).default, config.confidence)
