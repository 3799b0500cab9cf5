"""Which static reports of a CSV archive are told on: those that a change can be read from.

Every row carries a report, nearly always the one before. What is told on must give the same
changes in time order as all rows would, also where rows come late or shuffled.
"""

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.units import US_PER_S

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_NOTHING: Final = 0  # the content of no report
_LONG_AGO_US: Final = -(1 << 62)


class StaticChanges:
    """Remembers the latest report of each vessel from one block of rows to the next.

    Rows of a block are taken in time order. A vessel whose rows lie farther out of order than a
    while, so that they may cross blocks, has every report told on from then.
    """

    def __init__(self, *, max_disorder_s: float, max_vessels: int) -> None:
        """Start with no vessel known; beyond `max_vessels` all are forgotten."""
        self._max_disorder_us = int(max_disorder_s * US_PER_S)
        self._max_vessels = max_vessels
        self._latest: dict[int, tuple[int, int]] = {}  # MMSI: content and time [us]
        self._unordered: set[int] = set()
        self._newest_us = _LONG_AGO_US

    def select(self, mmsi: Ints, t_us: Ints, content: Ints) -> Bools:
        """Return which reports are told on, shape (n,).

        Parameters
        ----------
        mmsi, t_us : (n,)
            Vessel and time [us] of each report, in the order of the archive.
        content : (n,)
            A number for what each report says; equal for equal reports, never 0.
        """
        self._note_disorder(mmsi, t_us)
        order = np.lexsort((t_us, mmsi))
        vessel, time, said = mmsi[order], t_us[order], content[order]
        is_first = np.diff(vessel, prepend=-1) != 0
        differs = np.diff(said, prepend=_NOTHING) != 0
        told = is_first | differs
        self._continue(vessel, time, said, told)
        # Of different reports of one instant none is the later: all are told on.
        is_tied = ~is_first & differs & (np.diff(time, prepend=0) == 0)
        told |= is_tied
        told[:-1] |= is_tied[1:]
        if self._unordered:
            told |= np.isin(vessel, list(self._unordered))
        selected = np.zeros(mmsi.size, np.bool_)
        selected[order] = told
        return selected

    def _note_disorder(self, mmsi: Ints, t_us: Ints) -> None:
        """Note the vessels with a row that lies too far before an earlier one."""
        earliest_us = np.maximum.accumulate(t_us) - self._max_disorder_us
        if (t_us >= earliest_us).all() and (t_us >= self._newest_us - self._max_disorder_us).all():
            self._newest_us = max(self._newest_us, int(t_us.max(initial=self._newest_us)))
            return  # archives in the order of time, nearly all
        self._newest_us = max(self._newest_us, int(t_us.max()))
        order = np.argsort(mmsi, kind="stable")
        vessel, time = mmsi[order], t_us[order]
        for start, stop in _blocks(vessel):
            times = time[start:stop]
            _, latest_us = self._latest.get(int(vessel[start]), (_NOTHING, int(times[0])))
            so_far = np.maximum(np.maximum.accumulate(times), latest_us)
            if (times < so_far - self._max_disorder_us).any():
                self._unordered.add(int(vessel[start]))

    def _continue(self, vessel: Ints, time: Ints, said: Ints, told: Bools) -> None:
        """Hold the first report of each vessel against the latest before; remember the last."""
        if len(self._latest) > self._max_vessels:
            self._latest.clear()
            self._unordered.clear()
        for start, stop in _blocks(vessel):
            name, begun_us, ended_us = int(vessel[start]), int(time[start]), int(time[stop - 1])
            content, latest_us = self._latest.get(name, (_NOTHING, begun_us))
            if begun_us >= latest_us:
                told[start] = said[start] != content
            elif (said[start:stop] != content)[time[start:stop] < latest_us].any():
                content = _NOTHING  # a late report denies it, so the next one counts
            if ended_us >= latest_us:
                content, latest_us = int(said[stop - 1]), ended_us
            self._latest[name] = content, latest_us


def _blocks(vessel: Ints) -> Iterator[tuple[int, int]]:
    """Yield the half-open ranges of equal values in a grouped column."""
    edges = [*np.flatnonzero(np.diff(vessel, prepend=-1)).tolist(), vessel.size]
    return itertools.pairwise(edges)
