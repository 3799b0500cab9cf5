"""The destination that a crew typed, read as ports of the list."""

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vesseltrack.core.flags import country_codes
from vesseltrack.tracks.ports import listed_ports

# English or shortened names that crews type for ports listed under their own, by `port_key`.
_ALIASES: Final[Mapping[str, str]] = {
    "ANTWERP": "BEANR",
    "BUSAN": "KRPUS",
    "COPENHAGEN": "DKCPH",
    "CPH": "DKCPH",
    "ELSINORE": "DKHLS",
    "FLUSHING": "NLVLI",
    "GENOA": "ITGOA",
    "GOTHENBURG": "SEGOT",
    "HELSINGFORS": "FIHEL",
    "LEGHORN": "ITLIV",
    "LENINGRAD": "RULED",
    "LISBON": "PTLIS",
    "NYC": "USNYC",
    "PORTBOTANY": "AUBTB",
    "PORTKELANG": "MYPKG",
    "NAPLES": "ITNAP",
    "RDAM": "NLRTM",
    "ROTTERDAMMAASVLAKTE": "NLRTM",
    "MAASVLAKTE": "NLRTM",
    "SAINTPETE": "RULED",
    "SEVILLE": "ESSVQ",
    "SHUAYBAH": "KWSAA",
    "SPB": "RULED",
    "VENICE": "ITVCE",
}
# Words that stand where a place should, though ports bear such names, or nearly.
_NOT_PLACES: Final = frozenset(
    {
        *("ANCHOR", "ANCHORAGE", "FISHING", "HARBOUR", "HOME", "MOORED", "ORDER", "ORDERS"),
        *("PATROL", "PORT", "SEA", "SEATRIAL", "SERVICE", "TOWING", "WORKING"),
    }
)
# How crews write countries, beside their full names and two-letter codes.
_COUNTRIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("UK", "ENGLAND", "SCOTLAND", "WALES"), "GB"),
    **dict.fromkeys(("AUS", "AUST", "AUSTR", "TAS"), "AU"),
    **dict.fromkeys(("JPN", "JAP"), "JP"),
    **dict.fromkeys(("KOR", "KOREA", "SKOREA"), "KR"),
    **dict.fromkeys(("POL", "POLEN"), "PL"),
    **dict.fromkeys(("BRA", "BRASIL"), "BR"),
    **dict.fromkeys(("ARG", "ARGENTINE"), "AR"),
    **dict.fromkeys(("USA", "AMERICA"), "US"),
    "NZ": "NZ",
    "PNG": "PG",
    "UAE": "AE",
    "HOLLAND": "NL",
    "NETHERLAND": "NL",
    "CHN": "CN",
    "INDO": "ID",
    "MEX": "MX",
    "SRILANKA": "LK",
    "SAUDIARABIA": "SA",
}
# States of the USA whose codes or names stand behind a port.
_STATES: Final = frozenset(
    {
        *("AK", "AL", "CA", "CT", "DE", "FL", "GA", "HI", "LA", "MA", "MD", "ME", "MI", "MN"),
        *("MS", "NC", "NH", "NJ", "NY", "OH", "OR", "PA", "RI", "SC", "TX", "VA", "WA", "WI"),
        *("ALASKA", "CALIFORNIA", "FLORIDA", "LOUISIANA", "MAINE", "MISS", "OREGON", "TEXAS"),
    }
)
_SHORT: Final[Mapping[str, str]] = {"ST": "SAINT", "FT": "FORT", "PT": "PORT", "P": "PORT"}
_END_OF_TEXT: Final = "@"  # what stands behind it is left over from an older text (M.1371)
_TELEPHONE: Final = re.compile(r"MOB(ILE)?[ :]*\+?[0-9][0-9 ]{5,}")
_CUT: Final = re.compile(r"\b(?:VIA|ETA|FOR ORDERS?|FO)\b.*")
_LOCODE: Final = re.compile(r"([A-Z]{2})[ ./^-]?([A-Z2-9]{3})")
_LOCODE_BEFORE: Final = re.compile(r"([A-Z]{2})[ ./^-]?([A-Z2-9]{3})(?![A-Z])")
_BETWEEN: Final = re.compile(r"[<>=/|]+|-+| TO ")
_MIN_PREFIX_LETTERS: Final = 5

# What ASCII spellings write for one letter, each reduced to the plain one: Koebenhavn, Aabenraa.
_DIGRAPHS: Final = re.compile(r"([AOU])E|AA")

_SURE, _NAMED, _SHARED, _BEGINS, _MISSPELT = 1.0, 0.9, 0.7, 0.6, 0.5
_MIN_MISSPELT_LETTERS: Final = 7  # of shorter names another is too often one letter off


@dataclass(frozen=True)
class Destination:
    """The ports that a text may mean, as rows of the list, and how sure that is (0 to 1)."""

    ports: tuple[int, ...]
    confidence: float


NOWHERE: Final = Destination((), 0.0)


@functools.lru_cache(maxsize=65_536)
def resolve_destination(text: str | None) -> Destination:
    """Return the ports that a declared destination means.

    Read are UN/LOCODE (``NLRTM``, ``NL RTM``, ``>NL RTM``), the last part of ways (``A>B``,
    ``A-B`` and ``A/B`` mean B), and names of listed ports, with a country or state before or
    behind, with words behind (``HAMBURG ANCH``), or with one letter wrong, missing or too many.
    What follows ``VIA`` is cut.

    The confidence is 1 for a code, 0.9 for a name, 0.7 for a name of several ports, 0.6 for one
    with other words behind it, 0.5 for one misspelt.

    Parameters
    ----------
    text : str or None
        As transmitted: foreign text.

    Returns
    -------
    destination : Destination
        Without ports (`NOWHERE`) when it means none; with several, when they bear one name.
    """
    told = _plain((text or "").partition(_END_OF_TEXT)[0])
    plain = _CUT.sub("", told).strip()
    if _TELEPHONE.search(plain):
        return NOWHERE
    parts = [part.strip() for part in _BETWEEN.split(plain) if _key(part)]
    last = _without_country_apart(parts)
    # The whole first: a code or a name may itself hold the sign that parts ways.
    forms = [words for words in dict.fromkeys((plain.strip("<>=/|- "), last)) if words]
    forms += [words.replace(".", " ") for words in forms if "." in words]
    for read in (_read_code, _read_name, _read_with_country):
        found = next((found for words in forms if (found := read(words)).ports), NOWHERE)
        if found.ports:
            return found
    # Of a way its end, before the beginning of the whole.
    for read in (_read_beginning_code, _read_beginning, _read_misspelt):
        found = next((found for words in forms[::-1] if (found := read(words)).ports), NOWHERE)
        if found.ports:
            return found
    return NOWHERE


def _without_country_apart(parts: list[str]) -> str:
    """Return the last part of a way; with the one before it, when it is a country or a code."""
    if len(parts) > 1 and _is_country(parts[-1]):
        return f"{parts[-2]} {parts[-1]}"
    if len(parts) > 1 and len(parts[-2]) == 2 and len(parts[-1]) == 3:  # noqa: PLR2004 - NL>RTM
        return f"{parts[-2]} {parts[-1]}"
    return parts[-1] if parts else ""


def port_key(name: str) -> str:
    """Return a port name with accents, brackets, signs and blanks dropped, ST read as SAINT."""
    return _key(_plain(re.sub(r"\(.*?\)", " ", name)))


@dataclass(frozen=True)
class _Gazetteer:
    by_locode: Mapping[str, int]
    by_name: Mapping[str, tuple[int, ...]]
    by_spelling: Mapping[str, tuple[int, ...]]  # names with their digraphs reduced
    by_defect: Mapping[str, tuple[str, ...]]  # names by what is left of them without one letter
    country: tuple[str | None, ...]


@functools.cache
def _gazetteer() -> _Gazetteer:
    table = listed_ports()
    locodes = {code: row for row, code in enumerate(table["locode"].to_pylist()) if code}
    names = defaultdict(list)
    for row, name in enumerate(table["name"].to_pylist()):
        names[port_key(name)].append(row)
    for alias, code in _ALIASES.items():
        names[alias].append(locodes[code])
    spellings: dict[str, list[int]] = defaultdict(list)
    for name, rows in names.items():
        spellings[_reduced(name)] += rows
    defects: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for defect in _defects(name) if len(name) >= _MIN_MISSPELT_LETTERS else ():
            defects[defect].append(name)
    return _Gazetteer(
        locodes,
        {name: tuple(rows) for name, rows in names.items()},
        {name: tuple(rows) for name, rows in spellings.items()},
        {defect: tuple(found) for defect, found in defects.items()},
        tuple(table["country"].to_pylist()),
    )


def _reduced(key: str) -> str:
    return _DIGRAPHS.sub(lambda digraph: digraph.group(1) or "A", key)


def _defects(name: str) -> set[str]:
    """Return a name, and the name without each of its letters."""
    return {name, *(name[:place] + name[place + 1 :] for place in range(len(name)))}


def _read_code(words: str) -> Destination:
    return _of_code(_LOCODE.fullmatch(words), _SURE)


def _read_beginning_code(words: str) -> Destination:
    """Read a UN/LOCODE with other words behind it."""
    return _of_code(_LOCODE_BEFORE.match(words), _BEGINS)


def _of_code(match: re.Match[str] | None, confidence: float) -> Destination:
    row = _gazetteer().by_locode.get("".join(match.groups())) if match else None
    return NOWHERE if row is None else Destination((row,), confidence)


def _read_name(words: str) -> Destination:
    gazetteer, key = _gazetteer(), _key(words)
    if key in _NOT_PLACES:
        return NOWHERE
    ports = gazetteer.by_name.get(key, ())
    if not ports and not _is_country(words):
        ports = gazetteer.by_spelling.get(_reduced(key), ())
    return Destination(ports, _NAMED if len(ports) == 1 else _SHARED) if ports else NOWHERE


def _read_with_country(words: str) -> Destination:
    """Read a name with its country or state beside it."""
    gazetteer, each = _gazetteer(), words.split()
    for n_country in range(1, min(3, len(each))):
        for name, beside in (
            (each[:-n_country], each[-n_country:]),
            (each[n_country:], each[:n_country]),
        ):
            codes = _country_codes(" ".join(beside))
            key = _key(" ".join(name))
            meant = gazetteer.by_name.get(key) or gazetteer.by_spelling.get(_reduced(key), ())
            there = tuple(row for row in meant if gazetteer.country[row] in codes)
            if there:
                return Destination(there, _NAMED)
    return NOWHERE


def _read_beginning(words: str) -> Destination:
    """Read a name with other words behind it."""
    gazetteer, each = _gazetteer(), words.split()
    for n_words in range(len(each) - 1, 0, -1):
        key = _key(" ".join(each[:n_words]))
        if len(key) >= _MIN_PREFIX_LETTERS and key in gazetteer.by_name and key not in _NOT_PLACES:
            return Destination(gazetteer.by_name[key], _BEGINS)
    return NOWHERE


def _read_misspelt(words: str) -> Destination:
    """Read a name that is one letter off, with or without its country behind it."""
    gazetteer, each = _gazetteer(), words.split()
    if len(each) > 1 and _is_country(each[-1]):
        each = each[:-1]
    key = _key(" ".join(each))
    if len(key) < _MIN_MISSPELT_LETTERS or key in _NOT_PLACES or _is_country(words):
        return NOWHERE
    near = {name for defect in _defects(key) for name in gazetteer.by_defect.get(defect, ())}
    names = [name for name in near if _is_one_slip(key, name)]
    if len(names) != 1:
        return NOWHERE
    return Destination(gazetteer.by_name[names.pop()], _MISSPELT)


def _is_one_slip(typed: str, name: str) -> bool:
    """Return whether two texts that begin alike differ by one letter, or by two swapped ones."""
    start = next(
        (n for n, (a, b) in enumerate(zip(typed, name, strict=False)) if a != b),
        min(len(typed), len(name)),
    )
    rest, right = typed[start:], name[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return start > 0 and (
        rest[1:] == right[1:] or rest[1:] == right or rest == right[1:] or swapped == right
    )


def _is_country(words: str) -> bool:
    key = _key(words)
    return words in country_codes() or key in _COUNTRIES or (" " not in words and key in _STATES)


def _country_codes(words: str) -> frozenset[str]:
    """Return the ISO codes that words may stand for: a country, a state, or a code itself."""
    key = _key(words)
    codes = {country_codes().get(words, words), _COUNTRIES.get(key, "")}
    return frozenset(codes | ({"US"} if key in _STATES else set()))


def _plain(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Z0-9<>=/|.^-]+", " ", ascii_text.upper()).strip()


def _key(plain: str) -> str:
    words = re.sub(r"[^A-Z0-9]+", " ", plain).split()
    return "".join(_SHORT.get(word, word) for word in words)
