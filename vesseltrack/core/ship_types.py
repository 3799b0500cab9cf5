"""Ship types in words, by the code that a vessel sends (ITU-R M.1371-5, table 53)."""

from typing import Final

_BY_CODE: Final = {
    30: "fishing",
    31: "towing",
    32: "towing, long or wide",
    33: "dredging or underwater operations",
    34: "diving operations",
    35: "military operations",
    36: "sailing",
    37: "pleasure craft",
    50: "pilot vessel",
    51: "search and rescue",
    52: "tug",
    53: "port tender",
    54: "anti-pollution",
    55: "law enforcement",
    56: "local use",
    57: "local use",
    58: "medical transport",
    59: "non-party to an armed conflict",
}
_BY_FIRST_DIGIT: Final = {
    2: "wing in ground",
    4: "high-speed craft",
    6: "passenger",
    7: "cargo",
    8: "tanker",
    9: "other",
}
_HAZARDOUS: Final = {1: "A", 2: "B", 3: "C", 4: "D"}
_MAX_CODE: Final = 99


def ship_type_name(code: int | None) -> str | None:
    """Return a ship type in words, such as ``cargo, hazardous category A``.

    None for codes that say nothing: unknown, 0, reserved ones, and those above 99.
    """
    if code is None or not 0 < code <= _MAX_CODE:
        return None
    if code in _BY_CODE:
        return _BY_CODE[code]
    name = _BY_FIRST_DIGIT.get(code // 10)
    category = _HAZARDOUS.get(code % 10)
    return f"{name}, hazardous category {category}" if name and category else name
