"""Words of CSV archives and the codes of the standard that they stand for.

References
----------
.. [1] ITU-R M.1371-5, Annex 8, table 48 (navigational status) and table 53 (ship type).
.. [2] Danish Maritime Authority, AIS data in CSV, description of columns.
"""

from typing import Final

# Keys are lower case: archives differ in their capitals.
MSG_TYPES: Final = {
    "class a": 1,
    "class b": 18,
    "base station": 4,
    "aton": 21,
    "sar airborne": 9,
    "search and rescue transponder": 1,
    "man overboard device": 1,
    "a": 1,
    "b": 18,
}
CLASS_A_TYPE: Final = 1

_STATUS: Final = {
    "under way using engine": 0,
    "at anchor": 1,
    "not under command": 2,
    "restricted maneuverability": 3,
    "restricted manoeuvrability": 3,
    "constrained by her draught": 4,
    "moored": 5,
    "aground": 6,
    "engaged in fishing": 7,
    "under way sailing": 8,
    "reserved for future amendment [hsc]": 9,
    "reserved for future amendment [wig]": 10,
    "reserved for future use [11]": 11,
    "reserved for future use [12]": 12,
    "reserved for future use [13]": 13,
    "power-driven vessel towing astern": 11,
    "power-driven vessel pushing ahead or towing alongside": 12,
    "ais-sart is active": 14,
    "ais-sart (active)": 14,
    "ais-sart": 14,
}

_SHIP_TYPES: Final = {
    "fishing": 30,
    "towing": 31,
    "towing long/wide": 32,
    "dredging": 33,
    "diving": 34,
    "military": 35,
    "sailing": 36,
    "pleasure": 37,
    "pilot": 50,
    "sar": 51,
    "tug": 52,
    "port tender": 53,
    "anti-pollution": 54,
    "law enforcement": 55,
    "spare 1": 56,
    "spare 2": 57,
    "medical": 58,
    "not party to conflict": 59,
    "ships according to rr": 59,
}
_SHIP_FAMILIES: Final = {  # their second digit says what they carry
    "wig": 20,
    "hsc": 40,
    "passenger": 60,
    "cargo": 70,
    "tanker": 80,
    "other": 90,
}
_CARGO: Final = {
    "category x": 1,
    "category a": 1,
    "category y": 2,
    "category b": 2,
    "category z": 3,
    "category c": 3,
    "category os": 4,
    "category d": 4,
    "no additional information": 9,
}
_MAX_SHIP_TYPE: Final = 255
BETWEEN: Final = "|"


def nav_status_code(word: str) -> int | None:
    """Return the code of a navigational status given in words or as a number."""
    return int(word) if word.isdecimal() and word.isascii() else _STATUS.get(word)


def ship_type_of_number(word: str) -> int | None:
    """Return a ship type that is given as its code; None for 0 and what is no code."""
    code = word.removesuffix(BETWEEN)
    if not (code.isdecimal() and code.isascii() and len(code) <= 3):  # noqa: PLR2004 - digits
        return None
    return int(code) if 0 < int(code) <= _MAX_SHIP_TYPE else None


def ship_type_of_words(words: str) -> int | None:
    """Return the code of `ship type|cargo type`; None for words that stand for none."""
    kind, _, cargo = words.partition(BETWEEN)
    kind = kind.strip()
    if kind in _SHIP_FAMILIES:
        return _SHIP_FAMILIES[kind] + _CARGO.get(cargo.strip(), 0)
    return _SHIP_TYPES.get(kind)
