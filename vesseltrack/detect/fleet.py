"""What is known of the vessels themselves: class, length and names, by vessel key."""

import functools
import json
from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, take
from vesseltrack.core.runs import Ints
from vesseltrack.core.ship_class import ShipClass, codes_of, ship_class
from vesseltrack.core.text import printable
from vesseltrack.core.vessel_keys import keys_of
from vesseltrack.errors import ConfigError

UNKNOWN_TYPE: Final = -1


@functools.cache
def class_codes(names: tuple[str, ...]) -> Ints:
    """Return the ship type codes of classes named in the configuration.

    Raises
    ------
    ConfigError
        If a name is no ship class.
    """
    try:
        codes = codes_of(names)
    except ValueError as error:
        known = ", ".join(ship_class.value for ship_class in ShipClass)
        msg = f"{error}; ship classes are {known}"
        raise ConfigError(msg) from error
    codes.flags.writeable = False  # all who ask get the same
    return codes


def fleet_rows(vessels: pa.Table) -> Rows:
    """Return a `VESSELS` table as columns: key, ship_type, length_m and names (a list each).

    By key, each once: the last row of a key is the latest word on it.
    """
    names = np.empty(vessels.num_rows, dtype=object)
    for place, row in enumerate(vessels.select(["name", "identities"]).to_pylist()):
        names[place] = _names(row)
    rows: Rows = {
        "key": keys_of(vessels["vessel_id"].to_pylist()),
        "ship_type": vessels["ship_type"].fill_null(UNKNOWN_TYPE).to_numpy().astype(np.int64),
        "length_m": vessels["length_m"].to_numpy().astype(np.float64),
        "names": names,
    }
    _, from_end = np.unique(rows["key"][::-1], return_index=True)
    return take(rows, names.size - 1 - from_end)


def _names(row: dict[str, Any]) -> list[str]:
    sent = [identity.get("name") for identity in json.loads(row["identities"] or "[]")]
    return [printable(name) for name in dict.fromkeys([*sent, row["name"]]) if name]


class Telling(Protocol):
    """Whatever tells of vessels: a slice."""

    @property
    def vessels(self) -> pa.Table:
        """A `VESSELS` table."""

    @property
    def fleet(self) -> Rows:
        """The rows of it, see `fleet_rows`."""


class Fleet:
    """The vessels heard of so far; what a later slice says replaces what an earlier one said."""

    def __init__(self) -> None:
        self._known = Latest()
        self._told: pa.Table | None = None

    @property
    def rows(self) -> Rows:
        """What is known, by key; a copy."""
        return self._known.rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._known.rows = rows

    def learn(self, batch: Telling) -> None:
        """Take in what a slice tells; nothing new, or the very table told last, costs nothing."""
        if batch.vessels is self._told or not batch.vessels.num_rows:
            return
        self._told = batch.vessels
        self._known.put(batch.fleet)

    def ship_type(self, keys: Ints) -> Ints:
        """Return the ship type code of each vessel, `UNKNOWN_TYPE` where not known, shape (n,)."""
        return self._looked_up("ship_type", keys, UNKNOWN_TYPE)

    def length_m(self, keys: Ints) -> npt.NDArray[np.float64]:
        """Return the length of each vessel, NaN where not known [m], shape (n,)."""
        return self._looked_up("length_m", keys, np.nan)

    def class_of(self, key: int) -> str:
        """Return the class of one vessel, in words."""
        return ship_class(int(self.ship_type(np.array([key]))[0])).value

    def any_of(self, keys: Sequence[int], codes: Ints) -> bool:
        """Return whether any of these vessels has one of the ship type codes."""
        return bool(np.isin(self.ship_type(np.array(keys, dtype=np.int64)), codes).any())

    def names(self, keys: Sequence[int]) -> list[str]:
        """Return the names that these vessels sent, each once, in order of the keys."""
        place, is_known = self._known.find(np.array(keys, dtype=np.int64))
        sent = self._known.column("names")[place[is_known]]
        return list(dict.fromkeys(name for names in sent for name in names))

    def _looked_up(self, name: str, keys: Ints, unknown: float) -> npt.NDArray[Any]:
        place, is_known = self._known.find(keys)
        if not is_known.any():
            return np.full(keys.size, unknown)
        return np.where(is_known, self._known.column(name)[place], unknown)
