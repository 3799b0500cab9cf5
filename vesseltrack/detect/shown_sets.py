"""What ships showed of the water, in pieces that do not change: those about a place are asked."""

import functools
from typing import Final

import numpy as np

from vesseltrack.core.by_place import ByPlace
from vesseltrack.core.records import Rows, n_rows, take
from vesseltrack.detect.saved import named, under

_MAX_NEW: Final = 64  # batches before they become one piece
_MAX_ROWS: Final = 100_000  # of a piece that takes in the next: a few for the hours of a fleet


class _Piece:
    """Sets of some batches one after the other."""

    def __init__(self, rows: Rows, distance_m: float) -> None:
        self.rows = rows
        self._distance_m = distance_m
        self.first_us, self.last_us = int(rows["t_us"].min()), int(rows["t_us"].max())

    @functools.cached_property
    def _places(self) -> ByPlace:
        return ByPlace(self.rows["lat"], self.rows["lon"], self._distance_m)

    def about(self, lat: float, lon: float, span_us: tuple[int, int]) -> Rows:
        """Return the sets of a span of time about a place."""
        _, near = self._places.near(np.array([lat]), np.array([lon]))
        t_us = self.rows["t_us"][near]
        return take(self.rows, near[(t_us >= span_us[0]) & (t_us <= span_us[1])])


class ShownSets:
    """Sets in the order in which they came, of a fleet for hours: none is copied with each push.

    Parameters
    ----------
    distance_m : float
        From a place that is asked about [m].
    """

    def __init__(self, distance_m: float) -> None:
        self._distance_m = distance_m
        self._old: list[_Piece] = []
        self._new: list[_Piece] = []

    @property
    def rows(self) -> Rows:
        """All of them: the columns of each piece, by its number."""
        pieces = enumerate(self._pieces)
        return {
            at: column
            for number, piece in pieces
            for at, column in named(str(number), piece.rows).items()
        }

    @rows.setter
    def rows(self, rows: Rows) -> None:
        n = sum(name.endswith(".t_us") for name in rows)
        self._old = [self._piece(under(str(number), rows)) for number in range(n)]
        self._new = []

    @property
    def _pieces(self) -> list[_Piece]:
        return [*self._old, *self._new]

    @property
    def is_empty(self) -> bool:
        """Whether nobody showed anything."""
        return not self._old and not self._new

    def add(self, rows: Rows) -> None:
        """Take in sets: `t_us`, `lat`, `lon` and any other columns."""
        if n_rows(rows):
            self._new.append(self._piece(rows))
        if len(self._new) > _MAX_NEW:
            is_small = bool(self._old) and n_rows(self._old[-1].rows) < _MAX_ROWS
            parts = [*([self._old.pop()] if is_small else []), *self._new]
            columns = {
                name: np.concatenate([piece.rows[name] for piece in parts])
                for name in parts[0].rows
            }
            self._old.append(self._piece(columns))
            self._new = []

    def about(self, lat: float, lon: float, span_us: tuple[int, int]) -> Rows:
        """Return the sets of a span of time, both ends in it, about a place.

        All within the distance of the place, and some beyond it; at least one must be held.
        """
        first_us, last_us = span_us
        asked = [
            piece
            for piece in self._pieces
            if piece.first_us <= last_us and piece.last_us >= first_us
        ] or self._pieces[:1]  # for its columns
        found = [piece.about(lat, lon, span_us) for piece in asked]
        return {name: np.concatenate([rows[name] for rows in found]) for name in found[0]}

    def forget(self, oldest_us: int) -> None:
        """Drop the pieces that end before a time."""
        self._old = [piece for piece in self._old if piece.last_us >= oldest_us]
        self._new = [piece for piece in self._new if piece.last_us >= oldest_us]

    def _piece(self, rows: Rows) -> _Piece:
        return _Piece(rows, self._distance_m)
