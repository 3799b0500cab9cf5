"""What vessels say of themselves, settled report by report: a value counts when two agree."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.core.names import is_one_name
from vesseltrack.core.records import Rows
from vesseltrack.core.runs import Ints

SIZE: Final = "size"
FIELDS: Final = ("name", "imo", "callsign", SIZE)
_NONE: Final = ""
_BETWEEN: Final = " x "


@dataclass(frozen=True)
class Saying:
    """One field of one report."""

    key: int
    t_us: int
    field: str
    value: str


@dataclass
class Known:
    """What a vessel is known as in one field, and what it is doubted to be since a time [us].

    What it was said to be before the known value was said again is `refuted`.
    """

    value: str
    n_reports: int = 1
    doubt: str = _NONE
    doubt_us: int = 0
    refuted: str = _NONE


@dataclass(frozen=True)
class Settled:
    """A value that two reports agree on: the first one known, or in place of another."""

    saying: Saying  # the report that agreed
    since_us: int  # the first report of the value
    before: str  # the value it replaces; empty: none


def sayings(table: pa.Table | None) -> list[Saying]:
    """Return the fields of `SAID` one by one, in order of time, vessel and field."""
    if table is None:
        return []
    t_us = table["timestamp"].cast(pa.int64()).to_pylist()
    columns = {field: table[field].to_pylist() for field in FIELDS if field != SIZE}
    extents = (table[name].to_pylist() for name in ("length_m", "beam_m"))
    columns[SIZE] = [_size(*size) for size in zip(*extents, strict=True)]
    return [
        Saying(key, t_us[row], field, str(columns[field][row]))
        for row, key in enumerate(table["vessel_key"].to_pylist())
        for field in FIELDS
        if columns[field][row]
    ]


def _size(length_m: float | None, beam_m: float | None) -> str:
    return f"{length_m:g}{_BETWEEN}{beam_m:g}" if length_m and beam_m else _NONE


@dataclass(frozen=True)
class Slip:
    """By how much length and beam may differ and still be those of one ship."""

    frac: float
    at_least_m: float

    def covers(self, one: str, other: str) -> bool:
        """Return whether two sizes as told by `sayings` are one, but for such a slip."""
        pairs = zip(*(map(float, size.split(_BETWEEN)) for size in (one, other)), strict=True)
        return all(abs(a - b) <= max(self.at_least_m, self.frac * max(a, b)) for a, b in pairs)


class Identities:
    """The identity of each vessel so far, carried from one batch to the next."""

    def __init__(self, slip: Slip) -> None:
        self._slip = slip
        self._known: dict[tuple[int, str], Known] = {}
        self._keys: defaultdict[tuple[str, str], set[int]] = defaultdict(set)  # by field and value

    @property
    def rows(self) -> Rows:
        """The whole state as columns."""
        return {
            "key": np.array([key for key, _ in self._known], dtype=np.int64),
            "field": np.array([field for _, field in self._known], dtype=np.str_),
            **{
                name: np.array([getattr(one, name) for one in self._known.values()], dtype=kind)
                for name, kind in _COLUMNS.items()
            },
        }

    @rows.setter
    def rows(self, rows: Rows) -> None:
        columns: list[list[Any]] = [rows[name].tolist() for name in ("key", "field", *_COLUMNS)]
        self._known = {
            (key, field): Known(*values) for key, field, *values in zip(*columns, strict=True)
        }
        self._keys = defaultdict(set)
        for (key, field), known in self._known.items():
            if field != SIZE:
                self._keys[field, known.value].add(key)

    def hear(self, saying: Saying) -> Settled | None:
        """Take in a report; return the value when it is the second to agree on one.

        Another spelling of the known name is no other name.
        """
        place = saying.key, saying.field
        known = self._known.get(place)
        if known is None:
            self._know(saying, Known(saying.value, doubt_us=saying.t_us))
            return None
        if self._is_same(saying.field, known.value, saying.value):
            known.n_reports += 1
            known.refuted, known.doubt = known.doubt or known.refuted, _NONE
            return Settled(saying, known.doubt_us, _NONE) if known.n_reports == 2 else None  # noqa: PLR2004 - two agree
        if not self._is_same(saying.field, known.doubt, saying.value):
            known.doubt, known.doubt_us = saying.value, saying.t_us
            return None
        before, is_settled = known.value, known.n_reports > 1
        # Two sets aboard one hull send different sizes in turn: neither is a change.
        takes_turns = saying.field == SIZE and self._is_same(SIZE, known.refuted, saying.value)
        self._keys.get((saying.field, before), set()).discard(saying.key)
        self._know(saying, Known(saying.value, 2, refuted=before))
        is_told = is_settled and not takes_turns
        return Settled(saying, known.doubt_us, before if is_told else _NONE)

    def _is_same(self, field: str, one: str, other: str) -> bool:
        if field == "name":
            return is_one_name(one, other)
        return one == other or (field == SIZE and bool(one) and self._slip.covers(one, other))

    def _know(self, saying: Saying, known: Known) -> None:
        self._known[saying.key, saying.field] = known
        if saying.field != SIZE:  # a size is that of many, and says nothing of who it is
            self._keys[saying.field, known.value].add(saying.key)

    def is_doubted_since(self, saying: Saying) -> bool:
        """Return whether this report is the first of what may become the vessel's new value."""
        known = self._known[saying.key, saying.field]
        return bool(known.doubt) and known.doubt_us == saying.t_us

    def settled(self, key: int) -> dict[str, str]:
        """Return the fields of a vessel that two reports agree on."""
        found = ((field, self._known.get((key, field))) for field in FIELDS)
        return {field: known.value for field, known in found if known and known.n_reports > 1}

    def is_shared(self, field: str, value: str) -> bool:
        """Return whether several vessels are known as this in a field."""
        return len(self._keys.get((field, value), ())) > 1

    def of_value(self, field: str, value: str) -> Ints:
        """Return the vessels that are known as this in a field, in order of their keys."""
        keys = self._keys.get((field, value), ())
        return np.sort(np.fromiter(keys, np.int64, len(keys)))


_COLUMNS: Final = {
    "value": np.str_,
    "n_reports": np.int64,
    "doubt": np.str_,
    "doubt_us": np.int64,
    "refuted": np.str_,
}
