"""What a vessel does for a living, from the AIS ship type code."""

import enum
from typing import Final

import numpy as np
import numpy.typing as npt


class ShipClass(enum.Enum):
    """The classes that detectors treat apart; everything else is `UNKNOWN` or a trader."""

    UNKNOWN = "unknown"
    FISHING = "fishing"
    TUG = "tug"
    DREDGER = "dredger"
    DIVING = "diving"
    MILITARY = "military"
    SAILING = "sailing"
    PLEASURE = "pleasure"
    HIGH_SPEED = "high speed"
    PILOT = "pilot"
    SEARCH_AND_RESCUE = "search and rescue"
    PORT_TENDER = "port tender"
    ANTI_POLLUTION = "anti-pollution"
    LAW_ENFORCEMENT = "law enforcement"
    MEDICAL = "medical"
    PASSENGER = "passenger"
    CARGO = "cargo"
    TANKER = "tanker"
    OTHER = "other"


# ITU-R M.1371-5, table 53. Codes not named here are reserved or local: unknown.
_OF_CODE: Final[dict[int, ShipClass]] = {
    30: ShipClass.FISHING,
    31: ShipClass.TUG,  # towing
    32: ShipClass.TUG,  # towing, long or broad
    33: ShipClass.DREDGER,  # dredging or underwater operations
    34: ShipClass.DIVING,
    35: ShipClass.MILITARY,
    36: ShipClass.SAILING,
    37: ShipClass.PLEASURE,
    50: ShipClass.PILOT,
    51: ShipClass.SEARCH_AND_RESCUE,
    52: ShipClass.TUG,
    53: ShipClass.PORT_TENDER,
    54: ShipClass.ANTI_POLLUTION,
    55: ShipClass.LAW_ENFORCEMENT,
    58: ShipClass.MEDICAL,
}
_OF_TENS: Final[dict[int, ShipClass]] = {
    4: ShipClass.HIGH_SPEED,
    6: ShipClass.PASSENGER,
    7: ShipClass.CARGO,
    8: ShipClass.TANKER,
    9: ShipClass.OTHER,
}


def ship_class(code: int) -> ShipClass:
    """Return the class of an AIS ship type code; a negative or reserved one is unknown."""
    return _OF_CODE.get(code) or _OF_TENS.get(code // 10, ShipClass.UNKNOWN)


def codes_of(classes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return the ship type codes of the named classes, in rising order.

    Raises
    ------
    ValueError
        If a name is no ship class.
    """
    wanted = {ShipClass(name) for name in classes}
    return np.array([code for code in range(256) if ship_class(code) in wanted], dtype=np.int64)
