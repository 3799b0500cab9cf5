"""Reception measured from the vessels themselves: who was heard where, hour by hour.

A *vessel-hour* is a clock hour in which a vessel was heard, at the cell of its last fix in it; a
*silence* is an hour after which a vessel was not heard for at least the length of a gap. The
chance of a silence in a cell is the share of other vessels' vessel-hours there that silences
followed: near 1 at the edge of reception, near 0 in well covered water.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.ais_gap import ReceptionConfig
from vesseltrack.core.records import Rows, is_change, joined, n_rows, take
from vesseltrack.core.runs import Ints
from vesseltrack.core.vessel_keys import mmsis_of

Floats = npt.NDArray[np.float64]

_HOUR_BITS: Final = 24  # hours since 1970 for 1,900 years, beside a number of a cell or a pair
_CELL_BITS: Final = 24  # numbers of cells beside an MMSI, which has 30


@dataclass(frozen=True)
class Places:
    """Cells asked about, and the vessel that asks: its MMSI is left out of the answer, (n,)."""

    key: Ints
    cell: Ints


class Ledger:
    """Who was where in which hour: columns `hour` (since 1970-01-01 UTC), `cell` and `key`."""

    def __init__(self) -> None:
        none = np.zeros(0, dtype=np.int64)
        self.rows: Rows = {"hour": none, "cell": none, "key": none}

    def add(self, rows: Rows) -> None:
        """Take in rows; a vessel has at most one an hour."""
        if n_rows(rows):
            self.rows = joined(self.rows, rows)

    def forget(self, oldest_hour: int) -> None:
        """Drop what lies before an hour."""
        is_old = self.rows["hour"] < oldest_hour
        if is_old.any():
            self.rows = take(self.rows, ~is_old)

    def count(self, asked: Places, first_hour: Ints, stop_hour: Ints) -> tuple[Ints, Ints]:
        """Return how often others stand in the asked cells, between hours.

        Parameters
        ----------
        asked : Places
            No transmitter on the asking vessel's MMSI is another.
        first_hour, stop_hour : (n,)
            Half-open ranges of hours; an empty or reversed one counts nothing.

        Returns
        -------
        n_rows : (n,)
            Rows of others.
        n_hours : (n,)
            Hours with at least one of them.
        """
        stop_hour = np.maximum(first_hour, stop_hour)
        cells, cell_number = np.unique(asked.cell, return_inverse=True)
        # Only the cells asked about matter: a few of all.
        rows = take(self.rows, np.isin(self.rows["cell"], cells))
        row_cell = np.searchsorted(cells, rows["cell"])
        all_of_cell = np.sort((row_cell << _HOUR_BITS) | rows["hour"])

        pair = (mmsis_of(asked.key) << _CELL_BITS) | cell_number
        pairs, pair_number = np.unique(pair, return_inverse=True)
        row_pair = (mmsis_of(rows["key"]) << _CELL_BITS) | row_cell
        is_own = np.isin(row_pair, pairs)
        own_number = np.searchsorted(pairs, row_pair[is_own])
        own = np.sort((own_number << _HOUR_BITS) | rows["hour"][is_own])

        hours = np.unique(all_of_cell)
        own_hours, n_own = np.unique(own, return_counts=True)
        own_cell = cell_number[_first_of(pair_number)][own_hours >> _HOUR_BITS]
        in_cell = (own_cell << _HOUR_BITS) | (own_hours & ((1 << _HOUR_BITS) - 1))
        n_all = _n_between(all_of_cell, in_cell, in_cell + 1)
        # Hours in which none but the asking vessel's own MMSI was heard.
        lonely = own_hours[n_all == n_own]

        spans = (cell_number << _HOUR_BITS) + first_hour, (cell_number << _HOUR_BITS) + stop_hour
        own_spans = (
            (pair_number << _HOUR_BITS) + first_hour,
            (pair_number << _HOUR_BITS) + stop_hour,
        )
        n_others = _n_between(all_of_cell, *spans) - _n_between(own, *own_spans)
        return n_others, _n_between(hours, *spans) - _n_between(lonely, *own_spans)


def _n_between(sorted_values: Ints, first: Ints, stop: Ints) -> Ints:
    return np.searchsorted(sorted_values, stop) - np.searchsorted(sorted_values, first)


def _first_of(number: Ints) -> Ints:
    """Return where each number from 0 up first stands, shape (max + 1,)."""
    return np.unique(number, return_index=True)[1]


class CurrentHour:
    """The vessel-hours whose hour is not over."""

    def __init__(self) -> None:
        self.rows: Rows = {}

    def push(self, fixes: Rows, frontier_hour: int) -> Rows:
        """Take in fixes (`hour`, `cell`, `key`) by vessel and time.

        Returns
        -------
        vessel_hours : Rows
            Those of hours before the frontier, with the cell of the last fix in them.
        """
        is_last = np.append(is_change(fixes["key"], fixes["hour"])[1:], True)[: n_rows(fixes)]
        both = joined(self.rows, take(fixes, is_last))
        # Sorting keeps what was carried before what came now, so the last one counts.
        both = take(both, np.lexsort((both["hour"], both["key"])))
        is_last = np.append(is_change(both["key"], both["hour"])[1:], True)[: n_rows(both)]
        both = take(both, is_last)
        is_over = both["hour"] < frontier_hour
        self.rows = take(both, ~is_over)
        return take(both, is_over)


def chance_of_silence(n_silences: Ints, n_vessel_hours: Ints, config: ReceptionConfig) -> Floats:
    """Return the chance that a vessel heard in a cell goes unheard for long, shape (n,).

    The share of silences among vessel-hours, with the prior of the configuration added to both:
    without any record it is the prior's own share.
    """
    return (n_silences + config.prior_silences) / (n_vessel_hours + config.prior_hours)
