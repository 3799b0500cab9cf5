"""Some rows of each of many keys, of which few change at a time: what a fold has of vessels."""

import numpy as np

from vesseltrack.core.records import Rows, joined, n_rows, take
from vesseltrack.core.rows_in_place import RowsInPlace
from vesseltrack.core.runs import Bools, Ints, ranges


class Several(RowsInPlace):
    """Any number of rows a key, in order of the keys.

    Those of some keys are taken out and put back without a pass over the others, as long as their
    numbers stay what they were.
    """

    def of(self, keys: Ints) -> Rows:
        """Return the rows of some keys, each given once and in order, key after key."""
        if not self._rows:
            return {}
        return take(self._rows, ranges(*self._blocks(keys)))

    def put(self, keys: Ints, rows: Rows) -> None:
        """Hold these rows, by key, in place of all of some keys, which are in order."""
        if not self._rows:
            self.rows = rows
            return
        start, stop = self._blocks(keys)
        first = np.searchsorted(rows["key"], keys)
        n_new = np.searchsorted(rows["key"], keys, side="right") - first
        is_same = n_new == stop - start
        at, source = ranges(start[is_same], stop[is_same]), ranges(first, first + n_new)
        some = np.repeat(is_same, n_new)
        for name, column in self._rows.items():
            column[at] = rows[name][source[some]]
        if is_same.all():
            return
        gone = ranges(start[~is_same], stop[~is_same])
        left = take(self._rows, np.delete(np.arange(n_rows(self._rows)), gone))
        both = joined(left, take(rows, source[~some]))
        # Two rising stretches one behind the other: a stable sort merges them.
        self._rows = take(both, np.argsort(both["key"], kind="stable"))

    def keep(self, is_kept: Bools) -> None:
        """Forget the other rows."""
        if not is_kept.all():
            self._rows = take(self._rows, is_kept)

    def _blocks(self, keys: Ints) -> tuple[Ints, Ints]:
        held = self._rows["key"]
        return np.searchsorted(held, keys), np.searchsorted(held, keys, side="right")
