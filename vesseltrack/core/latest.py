"""The latest row of each of many keys, changed in place: what a fold carries of every vessel."""

from typing import Any

import numpy as np
import numpy.typing as npt

from vesseltrack.core.records import Rows, n_rows, take
from vesseltrack.core.rows_in_place import RowsInPlace
from vesseltrack.core.runs import Bools, Ints


class Latest(RowsInPlace):
    """One row a key, in order of the keys.

    Rows that are put in place of others cost nothing but their own columns; only new keys move
    the others. So a second of a whole fleet's reports does not cost a pass over the fleet.
    """

    def __init__(self, key: str = "key") -> None:
        super().__init__()
        self._key = key

    @property
    def keys(self) -> Ints:
        """The keys, rising."""
        return self._rows.get(self._key, np.zeros(0, dtype=np.int64))

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return one column, not to be changed; empty without any rows."""
        return self._rows.get(name, np.zeros(0, dtype=np.int64))

    def look_up(self, name: str, keys: Ints, unknown: int) -> Ints:
        """Return one column of whole numbers by key, `unknown` where there is no row; (n,)."""
        place, is_known = self.find(keys)
        column = self.column(name)
        return np.where(is_known, column[place], unknown) if column.size else place + unknown

    def find(self, keys: Ints) -> tuple[Ints, Bools]:
        """Return the row of each key, and whether there is one; shape (n,)."""
        known = self.keys
        if not known.size:
            return np.zeros(keys.size, dtype=np.int64), np.zeros(keys.size, dtype=np.bool_)
        place = np.minimum(np.searchsorted(known, keys), known.size - 1)
        return place, known[place] == keys

    def of(self, keys: Ints) -> Rows:
        """Return the rows of those of some keys that have one; none without any rows."""
        place, is_known = self.find(keys)
        return take(self._rows, place[is_known])

    def put(self, rows: Rows) -> None:
        """Take in rows of different keys, in order of the keys, in place of what was known."""
        if not n_rows(rows):
            return
        if not self._rows:
            self.rows = rows
            return
        keys = rows[self._key]
        place, is_known = self.find(keys)
        at = place[is_known]
        for name, column in self._rows.items():
            column[at] = rows[name][is_known]
        if not is_known.all():
            new = take(rows, ~is_known)
            before = np.searchsorted(self.keys, new[self._key])
            self._rows = {
                name: np.insert(column, before, new[name]) for name, column in self._rows.items()
            }

    def keep(self, is_kept: Bools) -> None:
        """Forget the other rows."""
        if not is_kept.all():
            self._rows = take(self._rows, is_kept)
