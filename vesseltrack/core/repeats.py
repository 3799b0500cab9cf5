"""Reports that came twice: the same content again within seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.records import Rows, joined, n_rows, take
from vesseltrack.core.runs import Bools, Ints

Column = npt.NDArray[Any]

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio: spreads bits


def originals(identity: Column, content: Sequence[Column], t_us: Ints, window_us: int) -> Ints:
    """Return for each report the one that it repeats; itself, when it repeats none.

    Several receivers hear one report, each with a clock of its own. Of reports with equal content,
    each at most the window after the one before, the first of every window from the first on is an
    original: a vessel that goes on sending the same is not silenced for good.

    Parameters
    ----------
    identity : (n,)
        Who sent it; equal ones are neighbours.
    content : sequence of (n,)
        Columns that must be equal; NaN equals NaN.
    t_us : (n,)
        Times, rising within each identity [us].
    window_us : int
        How far apart repeats may be, above 0 [us].

    Returns
    -------
    original : (n,)
        Row numbers.
    """
    original = np.arange(t_us.size)
    rows = _with_close_neighbour(identity, t_us, window_us)
    if rows.size == 0:
        return original
    runs = _Runs.of([_as_bits(column[rows]) for column in (identity, *content)], t_us[rows])
    runs = runs.within(window_us)
    is_original = runs.is_start.copy()
    window = (runs.t_us - runs.t_us[runs.first]) // window_us
    is_original[1:] |= window[1:] != window[:-1]
    source = np.maximum.accumulate(np.where(is_original, np.arange(rows.size), 0))
    original[rows[runs.order]] = rows[runs.order[source]]
    return original


class OpenRepeats:
    """The same for reports that come in batches of rising time.

    Carried are two reports of each run that may go on: the last, and one that stands where the
    window of the last began. From there on windows fall as they do from the first.
    """

    def __init__(self, window_us: int) -> None:
        self._window_us = window_us
        self.rows: Rows = {}

    def push(self, rows: Rows, frontier_us: int) -> Bools:
        """Return which reports repeat one of this batch or of those before.

        Parameters
        ----------
        rows : Rows
            `identity`, `t_us` and columns of content, by identity and time.
        frontier_us : int
            No report older than this is still to come [us].

        Returns
        -------
        is_repeat : (n,)
            False for originals.
        """
        window_us, n_carried = self._window_us, n_rows(self.rows)
        bits = {
            name: column if name == "t_us" else _as_bits(column) for name, column in rows.items()
        }
        both = joined(self.rows, bits)
        content = [column for name, column in both.items() if name != "t_us"]
        runs = _Runs.of(content, both["t_us"]).within(window_us)
        start = np.flatnonzero(runs.is_start)
        last = np.append(start[1:], runs.order.size)[: start.size] - 1
        window = (runs.t_us - runs.t_us[runs.first]) // window_us
        is_original = runs.is_start.copy()
        is_original[1:] |= window[1:] != window[:-1]
        is_repeat = np.empty(runs.order.size, dtype=np.bool_)
        is_repeat[runs.order] = ~is_original

        goes_on = runs.t_us[last] >= frontier_us - window_us
        start, last = start[goes_on], last[goes_on]
        begun_us = runs.t_us[start] + window[last] * window_us
        # As a rule the last began the window itself.
        is_later = runs.t_us[last] > begun_us
        n_later = np.count_nonzero(is_later)
        kept = take(both, np.concatenate((runs.order[start[is_later]], runs.order[last])))
        kept["t_us"][:n_later] = begun_us[is_later]
        self.rows = kept
        return is_repeat[n_carried:]


@dataclass(frozen=True)
class _Runs:
    """Reports of equal content in order of time, run after run."""

    order: Ints  # (n,) row numbers
    t_us: Ints  # (n,) in that order
    is_start: Bools  # (n,) a run begins

    @classmethod
    def of(cls, bits: Sequence[Column], t_us: Ints) -> "_Runs":
        """Return runs of equal content."""
        # Stable, so that equal content stays in time order.
        order = np.argsort(_mixed(bits), kind="stable")
        is_start = np.ones(order.size, dtype=np.bool_)
        is_start[1:] = np.logical_or.reduce(
            # Equal hashes of different content part here too.
            [column[order[1:]] != column[order[:-1]] for column in bits]
        )
        return cls(order, t_us[order], is_start)

    def within(self, window_us: int) -> "_Runs":
        """Return the same cut where two follow one another too late."""
        gap_us = np.diff(self.t_us, prepend=self.t_us[:1])
        return _Runs(self.order, self.t_us, self.is_start | (gap_us > window_us) | (gap_us < 0))

    @property
    def first(self) -> Ints:
        """Place of the first report of each one's run, shape (n,)."""
        place = np.arange(self.order.size)
        return np.asarray(np.maximum.accumulate(np.where(self.is_start, place, 0)))


def _with_close_neighbour(identity: Column, t_us: Ints, window_us: int) -> Ints:
    """Return the reports that have another of their sender within the window: few, as a rule."""
    is_close = (identity[1:] == identity[:-1]) & (np.diff(t_us) <= window_us)
    return np.flatnonzero(np.append(is_close, False) | np.insert(is_close, 0, False))


def _as_bits(column: Column) -> npt.NDArray[np.uint64]:
    if column.dtype == np.uint64:
        return column
    if np.issubdtype(column.dtype, np.floating):
        # Adding 0 makes one zero of the two; every NaN gets the same bits.
        plain = np.where(np.isnan(column), np.nan, column).astype(np.float64) + 0.0
        return plain.view(np.uint64)
    return column.astype(np.int64).view(np.uint64)


def _mixed(columns: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    mixed = np.zeros(columns[0].size, dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return mixed
