"""Which static reports of a CSV archive are told on: those that a change can be read from.

Every row carries a report, nearly always the one before. What is told on must give the same
changes in time order as all rows would, also where rows come late or shuffled.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import offsets_of_sorted
from vesseltrack.units import US_PER_S

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_NOTHING: Final = 0  # the content of no report
_LONG_AGO_US: Final = -(1 << 62)
_FAR_US: Final = 1 << 62
_GUESSES: Final = 1 << 18


@dataclass
class _Latest:
    """The latest report of each vessel: what it says, since when, and its own time [us]."""

    mmsi: Ints  # rising
    content: Ints
    since_us: Ints
    at_us: Ints

    @classmethod
    def of_nobody(cls) -> "_Latest":
        return cls(*(np.zeros(0, np.int64) for _ in range(4)))

    def __post_init__(self) -> None:
        self._guess = np.zeros(_GUESSES, np.int32)

    def places_of(self, mmsi: Ints) -> Ints:
        """Return where vessels stand; one that is not known is added, with no report."""
        if self.mmsi.size:
            # Where the vessel stood that came last with these digits: nearly always the same one,
            # and found in a tenth of the time of a search.
            places = self._guess[mmsi % _GUESSES].astype(np.int64)
            is_known = self.mmsi[places] == mmsi
            if is_known.all():
                return places
            searched = np.searchsorted(self.mmsi, mmsi[~is_known])
            places[~is_known] = np.minimum(searched, self.mmsi.size - 1)
            is_known = self.mmsi[places] == mmsi
            if is_known.all():
                return places
            new = np.unique(mmsi[~is_known])
        else:
            new = np.unique(mmsi)
        at = np.searchsorted(self.mmsi, new)
        self.mmsi = np.insert(self.mmsi, at, new)
        self.content = np.insert(self.content, at, _NOTHING)
        self.since_us = np.insert(self.since_us, at, _FAR_US)
        self.at_us = np.insert(self.at_us, at, _LONG_AGO_US)
        self._guess[self.mmsi % _GUESSES] = np.arange(self.mmsi.size)
        return np.searchsorted(self.mmsi, mmsi)

    def take(self, place: int, t_us: Ints, content: Ints, is_same: Bools) -> None:
        """Take in some more reports of a vessel in the order of time; `at_us` is theirs."""
        if is_same.all():
            self.since_us[place] = min(self.since_us[place], t_us[0])
        elif t_us[-1] < self.at_us[place]:
            self.content[place] = _NOTHING  # late reports deny it, so the next one counts
        else:
            self.content[place] = content[-1]
            others = np.flatnonzero(content != content[-1])
            self.since_us[place] = t_us[others[-1] + 1 if others.size else 0]


class StaticChanges:
    """Remembers the latest report of each vessel from one block of rows to the next.

    Rows of a block are taken in time order. Some archives are not, from block to block: there a
    vessel that says one thing only is told on at the earliest, and one that says several things
    with every report from then, so that a change and a return are found where they are.
    """

    def __init__(self, *, max_disorder_s: float, max_vessels: int) -> None:
        """Start with no vessel known; beyond `max_vessels` all are forgotten."""
        self._max_disorder_us = int(max_disorder_s * US_PER_S)
        self._max_vessels = max_vessels
        self._newest_us = _LONG_AGO_US
        self._latest = _Latest.of_nobody()
        self._unordered: set[int] = set()
        self._several: set[int] = set()  # vessels that have said several things

    def select(self, mmsi: Ints, t_us: Ints, content: Ints) -> Bools:
        """Return which reports are told on, shape (n,).

        Parameters
        ----------
        mmsi, t_us : (n,)
            Vessel and time [us] of each report, in the order of the archive.
        content : (n,)
            A number for what each report says; equal for equal reports, never 0.
        """
        if self._latest.mmsi.size > self._max_vessels:
            self._latest = _Latest.of_nobody()
            self._unordered.clear()
            self._several.clear()
        self._note_disorder(mmsi, t_us)
        places = self._latest.places_of(mmsi)
        np.maximum.at(self._latest.at_us, places, t_us)
        rows = np.flatnonzero(self._may_differ(places, t_us, content)[places])
        selected = np.zeros(mmsi.size, np.bool_)
        if rows.size:
            selected[rows] = self._select(mmsi[rows], t_us[rows], content[rows])
        return selected

    def _may_differ(self, places: Ints, t_us: Ints, content: Ints) -> Bools:
        """Return which vessels have a report that is not simply their latest once more."""
        latest = self._latest
        is_same = (content == latest.content[places]) & (t_us >= latest.since_us[places])
        may_differ = np.zeros(latest.mmsi.size, np.bool_)
        may_differ[places[~is_same]] = True
        if uncertain := self._unordered & self._several:
            may_differ |= np.isin(latest.mmsi, list(uncertain))
        return may_differ

    def _select(self, mmsi: Ints, t_us: Ints, content: Ints) -> Bools:
        order = np.lexsort((t_us, mmsi))
        vessel, time, said = mmsi[order], t_us[order], content[order]
        is_first = np.diff(vessel, prepend=-1) != 0
        differs = ~is_first & (np.diff(said, prepend=_NOTHING) != 0)
        # Of different reports of one instant none is the later: all are told on, and what follows.
        is_instant = ~is_first & (np.diff(time, prepend=0) == 0)
        instant = np.cumsum(~is_instant) - 1
        is_mixed = np.bincount(instant, weights=is_instant & differs) > 0
        is_tied = is_mixed[instant]
        follows_tie = ~is_first & np.append(False, is_tied[:-1])
        told = differs | is_tied | follows_tie
        self._several.update(vessel[differs].tolist())
        self._continue(vessel, time, np.where(is_tied, _NOTHING, said), told)
        if uncertain := self._unordered & self._several:
            told |= np.isin(vessel, list(uncertain))
        selected = np.zeros(mmsi.size, np.bool_)
        selected[order] = told
        return selected

    def _note_disorder(self, mmsi: Ints, t_us: Ints) -> None:
        """Note the vessels with a row that lies too far before an earlier one."""
        so_far_us = np.maximum(np.maximum.accumulate(t_us), self._newest_us)
        self._newest_us = int(t_us.max(initial=self._newest_us))
        if (t_us >= so_far_us - self._max_disorder_us).all():
            return  # in the order of time, nearly
        order = np.argsort(mmsi, kind="stable")
        vessel, time = mmsi[order], t_us[order]
        edges = offsets_of_sorted(vessel)
        places = self._latest.places_of(vessel[edges[:-1]])
        at_us = self._latest.at_us[places]
        so_far_us = np.maximum(_running_max(time, edges), np.repeat(at_us, np.diff(edges)))
        self._unordered.update(vessel[time < so_far_us - self._max_disorder_us].tolist())

    def _continue(self, vessel: Ints, time: Ints, said: Ints, told: Bools) -> None:
        """Hold the reports of each vessel against its latest before, and remember the last."""
        latest = self._latest
        edges = offsets_of_sorted(vessel)
        starts = edges[:-1]
        places = latest.places_of(vessel[starts])
        is_same = said == np.repeat(latest.content[places], np.diff(edges))
        all_same = np.logical_and.reduceat(is_same, starts)
        is_before = time[starts] < latest.since_us[places]
        told[starts] |= ~is_same[starts] | is_before
        was_known = latest.content[places] != _NOTHING
        self._several.update(vessel[starts[was_known & ~all_same]].tolist())
        for i in np.flatnonzero(~all_same | is_before).tolist():
            rows = slice(edges[i], edges[i + 1])
            latest.take(places[i], time[rows], said[rows], is_same[rows])


def _running_max(values: Ints, edges: Ints) -> Ints:
    """Return the greatest value so far within each block of a column."""
    low, width = int(values.min()), int(np.ptp(values)) + 1
    if (edges.size - 1) * width >= _FAR_US:
        return np.maximum.accumulate(values)  # absurd times: blocks cannot be set apart by numbers
    shift = np.repeat(np.arange(edges.size - 1) * width, np.diff(edges))
    return np.asarray(np.maximum.accumulate(values - low + shift) - shift + low)
