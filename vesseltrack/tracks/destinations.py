"""The destination that a crew typed, read as ports of the list."""

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vesseltrack.tracks.flags import country_codes
from vesseltrack.tracks.ports import listed_ports

# English or shortened names that crews type for ports listed under their own, by `port_key`.
_ALIASES: Final[Mapping[str, str]] = {
    "ANTWERP": "BEANR",
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
    "NAPLES": "ITNAP",
    "RDAM": "NLRTM",
    "ROTTERDAMMAASVLAKTE": "NLRTM",
    "MAASVLAKTE": "NLRTM",
    "SAINTPETE": "RULED",
    "SEVILLE": "ESSVQ",
    "SPB": "RULED",
    "VENICE": "ITVCE",
}
# Words that stand where a place should, though ports bear such names.
_NOT_PLACES: Final = frozenset(
    {"ANCHOR", "ANCHORAGE", "FISHING", "HOME", "ORDER", "ORDERS", "PORT", "SEA"}
)
_BRITAIN: Final = frozenset({"UK", "U.K.", "ENGLAND", "SCOTLAND", "WALES"})
_CUT: Final = re.compile(r"\b(?:VIA|ETA|FOR ORDERS?|FO)\b.*")
_LOCODE: Final = re.compile(r"([A-Z]{2})[ ./^-]?([A-Z2-9]{3})")
_BETWEEN: Final = re.compile(r"[<>=/|]+|-+| TO ")
_MIN_PREFIX_LETTERS: Final = 5

# What ASCII spellings write for one letter, each reduced to the plain one: Koebenhavn, Aabenraa.
_DIGRAPHS: Final = re.compile(r"([AOU])E|AA")

_SURE, _NAMED, _SHARED, _BEGINS = 1.0, 0.9, 0.7, 0.6


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
    ``A-B`` and ``A/B`` mean B), and names of listed ports, with a country code before or behind,
    or with words behind (``HAMBURG ANCH``). What follows ``VIA`` is cut.

    Parameters
    ----------
    text : str or None
        As transmitted: foreign text.

    Returns
    -------
    destination : Destination
        Without ports (`NOWHERE`) when it means none; with several, when they bear one name.
    """
    plain = _CUT.sub("", _plain(text or "")).strip()
    parts = [part.strip() for part in _BETWEEN.split(plain)]
    last = next((part for part in reversed(parts) if _key(part)), "")
    # The whole first: a code or a name may itself hold the sign that parts ways.
    for words in dict.fromkeys((plain.strip("<>=/|- "), last)):
        found = _read(words)
        if found.ports:
            return found
    return NOWHERE


def port_key(name: str) -> str:
    """Return a port name with accents, brackets, signs and blanks dropped, ST read as SAINT."""
    return _key(_plain(re.sub(r"\(.*?\)", " ", name)))


@dataclass(frozen=True)
class _Gazetteer:
    by_locode: Mapping[str, int]
    by_name: Mapping[str, tuple[int, ...]]
    by_spelling: Mapping[str, tuple[int, ...]]  # names with their digraphs reduced
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
    return _Gazetteer(
        locodes,
        {name: tuple(rows) for name, rows in names.items()},
        {name: tuple(rows) for name, rows in spellings.items()},
        tuple(table["country"].to_pylist()),
    )


def _reduced(key: str) -> str:
    return _DIGRAPHS.sub(lambda digraph: digraph.group(1) or "A", key)


def _read(words: str) -> Destination:
    gazetteer = _gazetteer()
    code = _LOCODE.fullmatch(words)
    if code and "".join(code.groups()) in gazetteer.by_locode:
        return Destination((gazetteer.by_locode["".join(code.groups())],), _SURE)
    key = _key(words)
    if key in _NOT_PLACES:
        return NOWHERE
    ports = gazetteer.by_name.get(key) or gazetteer.by_spelling.get(_reduced(key), ())
    if ports:
        return Destination(ports, _NAMED if len(ports) == 1 else _SHARED)
    return _read_parts(words.split())


def _read_parts(words: list[str]) -> Destination:
    """Read a name with its country beside it, or with other words behind it."""
    gazetteer = _gazetteer()
    for name, country in ((words[:-1], words[-1:]), (words[1:], words[:1])):
        ports = gazetteer.by_name.get(_key(" ".join(name)), ())
        code = _country_code(" ".join(country))
        there = tuple(row for row in ports if gazetteer.country[row] == code)
        if there:
            return Destination(there, _NAMED)
    for n_words in range(len(words) - 1, 0, -1):
        key = _key(" ".join(words[:n_words]))
        if len(key) >= _MIN_PREFIX_LETTERS and key in gazetteer.by_name and key not in _NOT_PLACES:
            return Destination(gazetteer.by_name[key], _BEGINS)
    return NOWHERE


def _country_code(word: str) -> str:
    """Return the ISO code that a word stands for: a country's name, or the word itself."""
    return country_codes().get(word, "GB" if word in _BRITAIN else word)


def _plain(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Z0-9<>=/|.^-]+", " ", ascii_text.upper()).strip()


def _key(plain: str) -> str:
    words = re.sub(r"[^A-Z0-9]+", " ", plain).split()
    return "".join("SAINT" if word == "ST" else word for word in words)
