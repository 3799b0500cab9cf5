"""What all kinds share: how confidence grows, and the check of a table's numbers."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

from vesseltrack.config.settings import setting
from vesseltrack.errors import ConfigError

# Names of `core.ship_class.ShipClass`.
ASSISTING_CLASSES: Final = (
    "tug",
    "pilot",
    "search and rescue",
    "port tender",
    "anti-pollution",
    "law enforcement",
    "medical",
)
WORKING_CLASSES: Final = (
    *ASSISTING_CLASSES,
    "dredger",
    "diving",
    "military",
    "passenger",
    "fishing",
)
ROAMING_CLASSES: Final = (*WORKING_CLASSES, "sailing", "pleasure")


class Checked:
    """A table of settings whose numbers must not be negative, nor fractions above 1.

    Raises
    ------
    ConfigError
        Naming every setting that is out of range, the value and what is allowed.
    """

    def __post_init__(self) -> None:
        """Check every number."""
        complaints = []
        for field in dataclasses.fields(self):  # type: ignore[arg-type]  # every heir is a dataclass
            value = getattr(self, field.name)
            complaints += _complaints(field.name, value, field.metadata.get("unit", ""))
        if complaints:
            raise ConfigError("; ".join(complaints))


def _complaints(name: str, value: Any, unit: str) -> list[str]:  # noqa: ANN401 - a setting of any type
    if isinstance(value, int | float) and not value >= 0:
        return [f"{name} must be at least 0 [{unit}]; got {value}"]
    if unit == "fraction" and value > 1:
        return [f"{name} must be at most 1 [{unit}]; got {value}"]
    return []


@dataclass(frozen=True)
class ConfidenceConfig(Checked):
    """How confidence grows with the margins.

    ``(at_threshold + (far_beyond - at_threshold) * s) * quality``, where ``s`` is the geometric
    mean of the strengths of the measures that count: ``1 - threshold / value`` for one that must
    be at least its threshold, ``1 - value / threshold`` for one that must be at most. So a rule
    that is only just met in one respect is only just met. The whole times `innocent_factor` where
    an innocent explanation holds.
    """

    at_threshold: float = setting(
        0.3, unit="fraction", source="ours: a rule just met says more no than yes"
    )
    far_beyond: float = setting(
        0.95, unit="fraction", source="ours: AIS alone never makes it certain"
    )
    innocent_factor: float = setting(
        1 / 3, unit="fraction", source="design: a third where an innocent explanation holds"
    )
