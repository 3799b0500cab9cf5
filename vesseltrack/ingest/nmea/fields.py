"""Fields of the common message types, of many messages at once, straight from their bits.

References
----------
.. [1] ITU-R M.1371-5, Annex 8, section 3.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import UNKNOWN, Bools, Ints
from vesseltrack.ingest.nmea.calendar import utc_us_of
from vesseltrack.ingest.nmea.packing import Bits, Payloads
from vesseltrack.ingest.nmea.statics import StaticReports

Place = tuple[int, int]  # first bit and width
_AUXILIARY_CRAFT: Final = 98  # an MMSI that begins with it belongs to a mother ship
_CRAFT_DIGITS: Final = 10_000_000


@dataclass(frozen=True)
class Layout:
    """Where a type of position report has its fields; None for one that it has not."""

    lon: Place
    lat: Place
    sog: Place | None = None
    cog: Place | None = None
    heading: Place | None = None
    second: Place | None = None


_CLASS_B: Final = Layout((57, 28), (85, 27), (46, 10), (112, 12), (124, 9), (133, 6))
_UTC: Final = Layout((79, 28), (107, 27))
# Fields in the steps of class A. The speed of aircraft (type 9) is in knots.
LAYOUTS: Final = {
    4: _UTC,
    9: Layout((61, 28), (89, 27), None, (116, 12), second=(128, 6)),
    11: _UTC,
    18: _CLASS_B,
    19: _CLASS_B,
    21: Layout((164, 28), (192, 27), second=(253, 6)),
}
AIRCRAFT_SOG_KN: Final = (50, 10)
LONG_RANGE: Final = 27
_STATION: Final = ((38, 14), (52, 4), (56, 5), (61, 5), (66, 6), (72, 6))


def station_us(bits: Bits) -> Ints:
    """Return the times that base stations tell [us]; UNKNOWN for none."""
    if not bits.words.shape[1]:
        return np.full(0, UNKNOWN)
    return utc_us_of(*(bits.unsigned(*place) for place in _STATION))


@dataclass(frozen=True)
class StaticLayout:
    """Where a type of static report has its fields."""

    texts: dict[str, Place]  # first bit and characters
    integers: dict[str, Place]


def _extents(first: int) -> dict[str, Place]:
    return {
        "to_bow": (first, 9),
        "to_stern": (first + 9, 9),
        "to_port": (first + 18, 6),
        "to_starboard": (first + 24, 6),
    }


VOYAGE: Final = StaticLayout(
    {"callsign": (70, 7), "name": (112, 20), "destination": (302, 20)},
    {
        "imo": (40, 30),
        "ship_type": (232, 8),
        **_extents(240),
        "month": (274, 4),
        "day": (278, 5),
        "hour": (283, 5),
        "minute": (288, 6),
        "draught_tenths": (294, 8),
    },
)
EXTENDED: Final = StaticLayout({"name": (143, 20)}, {"ship_type": (263, 8), **_extents(271)})
PART_A: Final = StaticLayout({"name": (40, 20)}, {})
PART_B: Final = StaticLayout({"callsign": (90, 7)}, {"ship_type": (40, 8), **_extents(132)})
CRAFT: Final = StaticLayout(
    {"callsign": (90, 7)}, {"ship_type": (40, 8), "mothership_mmsi": (132, 30)}
)


def is_craft(mmsi: Ints) -> Bools:
    """Return whether MMSI are of auxiliary craft, which name their mother ship."""
    return np.asarray(mmsi // _CRAFT_DIGITS == _AUXILIARY_CRAFT)


def static(row: Ints, payloads: Payloads, bits: Bits, layout: StaticLayout) -> StaticReports:
    """Return what static reports say that are these messages of a block."""
    return StaticReports(
        row,
        {name: payloads.codes(*place) for name, place in layout.texts.items()},
        {name: bits.unsigned(*place) for name, place in layout.integers.items()},
    )
