"""What the fields of some message types become after pyais: joined, scaled or read again."""

from collections.abc import Callable
from typing import Any, Final, Protocol

Fields = dict[str, Any]


class Bits(Protocol):
    """The bits of a message."""

    def get(self, start: int, width: int) -> int:
        """Return an unsigned field."""

    def get_signed(self, start: int, width: int) -> int:
        """Return a signed field."""

    def get_bytes(self, start: int, width: int) -> bytes:
        """Return a field as bytes, zeros behind its last bit."""

    def __len__(self) -> int:
        """Return how many bits there are."""


# First bit and width of signed fields in tenths of minutes.
_AREA_OF_CHANNELS: Final = {
    "ne_lon": (69, 18),
    "ne_lat": (87, 17),
    "sw_lon": (104, 18),
    "sw_lat": (122, 17),
}
_AREA_OF_GROUP: Final = {
    "ne_lon": (40, 18),
    "ne_lat": (58, 17),
    "sw_lon": (75, 18),
    "sw_lat": (93, 17),
}
_REFERENCE_STATION: Final = {"lon": (40, 18), "lat": (58, 17)}
_NAME_CHARACTERS: Final = 20
_LAST_NAME_CHARACTER: Final = (157, 6)
_RADIO_BITS: Final = 20


def degrees_of_tenth_minutes(value: int) -> float:
    """Return tenths of minutes as degrees, rounded to millionths."""
    return ((10_000 * value + 3) // 6) / 1e6


def _read_tenth_minutes(fields: Fields, bits: Bits, places: dict[str, tuple[int, int]]) -> None:
    for name, (first, width) in places.items():
        fields[name] = degrees_of_tenth_minutes(bits.get_signed(first, width))


def _join(fields: Fields, name: str, parts: tuple[str, ...]) -> None:
    fields[name] = [fields.pop(part) for part in parts]


def _class_a(fields: Fields, bits: Bits) -> None:
    del fields["turn"]  # rounded to whole degrees a minute there
    fields["rot_raw"] = bits.get_signed(42, 8)


def _utc(fields: Fields, bits: Bits) -> None:
    del bits
    _join(fields, "utc", ("year", "month", "day", "hour", "minute", "second"))


def _eta(fields: Fields, bits: Bits) -> None:
    del bits
    _join(fields, "eta", ("month", "day", "hour", "minute"))


def _reference_station(fields: Fields, bits: Bits) -> None:
    _read_tenth_minutes(fields, bits, _REFERENCE_STATION)


def _aid_to_navigation(fields: Fields, bits: Bits) -> None:
    extension = fields.pop("name_ext")
    if extension and bits.get(*_LAST_NAME_CHARACTER):  # 0 is the end mark of a shorter name
        fields["name"] = fields["name"].ljust(_NAME_CHARACTERS) + extension


def _channels(fields: Fields, bits: Bits) -> None:
    fields.pop("empty_1", None)
    fields.pop("empty_2", None)
    if "ne_lon" in fields:
        _read_tenth_minutes(fields, bits, _AREA_OF_CHANNELS)


def _group(fields: Fields, bits: Bits) -> None:
    _read_tenth_minutes(fields, bits, _AREA_OF_GROUP)


def _several_slots(fields: Fields, bits: Bits) -> None:
    """Set binary data apart from the radio status, which stands at the very end."""
    first = 40 + (30 if fields["addressed"] else 0) + (16 if fields["structured"] else 0)
    radio_at = len(bits) - _RADIO_BITS
    if not fields["structured"]:
        fields.pop("app_id", None)
    fields["data"] = bits.get_bytes(first, max(0, radio_at - first)).hex()
    fields["radio"] = bits.get(radio_at, _RADIO_BITS)


FINISH: Final[dict[int, Callable[[Fields, Bits], None]]] = {
    1: _class_a,
    2: _class_a,
    3: _class_a,
    4: _utc,
    5: _eta,
    11: _utc,
    17: _reference_station,
    21: _aid_to_navigation,
    22: _channels,
    23: _group,
    26: _several_slots,
}
