"""Rows that are changed in place: who asks for them gets a copy, or looks at them as they are."""

import numpy as np

from vesseltrack.core.records import Rows


class RowsInPlace:
    """Rows by key, whose columns change where they stand."""

    def __init__(self) -> None:
        self._rows: Rows = {}

    @property
    def rows(self) -> Rows:
        """The rows by key; a copy, as those held here change."""
        return {name: column.copy() for name, column in self._rows.items()}

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._rows = {name: np.array(column) for name, column in rows.items()}

    @property
    def shared(self) -> Rows:
        """The rows by key as they are held: not to be changed, nor kept beyond the next change."""
        return self._rows
