"""Which static reports of a CSV archive are told on: those that a change can be read from.

Every row carries a report, nearly always the one before. What is told on must give the same
changes in time order as all rows would, also where rows come late or shuffled.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import offsets_of_sorted
from vesseltrack.ingest.saved import State, of_array, to_array
from vesseltrack.units import US_PER_S

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_NOTHING: Final = 0  # the content of no report
_LONG_AGO_US: Final = -(1 << 62)
_FAR_US: Final = 1 << 62


@dataclass(slots=True)
class _Latest:
    """The latest report of a vessel: what it says, since when, and its own time [us]."""

    content: int
    since_us: int
    at_us: int

    def take(self, t_us: Ints, content: Ints, is_same: Bools) -> None:
        """Take in some more reports in the order of time; `at_us` is already theirs."""
        if is_same.all():
            self.since_us = min(self.since_us, int(t_us[0]))
        elif t_us[-1] < self.at_us:
            self.content = _NOTHING  # late reports deny it, so the next one counts
        else:
            self.content = int(content[-1])
            others = np.flatnonzero(content != self.content)
            self.since_us = int(t_us[others[-1] + 1 if others.size else 0])


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
        self._latest: dict[int, _Latest] = {}
        self._unordered: set[int] = set()
        self._several: set[int] = set()  # vessels that have said several things

    def state(self) -> State:
        """Return what is remembered."""
        latest = self._latest.values()
        return {
            "newest_us": self._newest_us,
            "vessels": of_array(list(self._latest)),
            "latest": [
                of_array([getattr(one, name) for one in latest]) for name in _Latest.__slots__
            ],
            "unordered": sorted(self._unordered),
            "several": sorted(self._several),
        }

    def restore(self, state: State) -> None:
        """Go on from what `state` returned."""
        self._newest_us = state["newest_us"]
        columns = (to_array(text).tolist() for text in (state["vessels"], *state["latest"]))
        self._latest = {name: _Latest(*said) for name, *said in zip(*columns, strict=True)}
        self._unordered, self._several = set(state["unordered"]), set(state["several"])

    def select(self, mmsi: Ints, t_us: Ints, content: Ints) -> Bools:
        """Return which reports are told on, shape (n,).

        Parameters
        ----------
        mmsi, t_us : (n,)
            Vessel and time [us] of each report, in the order of the archive.
        content : (n,)
            A number for what each report says; equal for equal reports, never 0.
        """
        if len(self._latest) > self._max_vessels:
            for memory in (self._latest, self._unordered, self._several):
                memory.clear()
        self._note_disorder(mmsi, t_us)
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
        uncertain = self._unordered & self._several
        if uncertain:
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
        known = (self._latest.get(name) for name in vessel[edges[:-1]].tolist())
        at_us = np.array([latest.at_us if latest else _LONG_AGO_US for latest in known])
        so_far_us = np.maximum(_running_max(time, edges), np.repeat(at_us, np.diff(edges)))
        self._unordered.update(vessel[time < so_far_us - self._max_disorder_us].tolist())

    def _continue(self, vessel: Ints, time: Ints, said: Ints, told: Bools) -> None:
        """Hold the reports of each vessel against its latest before, and remember the last."""
        edges = offsets_of_sorted(vessel)
        names, starts = vessel[edges[:-1]].tolist(), edges[:-1]
        known = [
            self._latest.get(name) or _Latest(_NOTHING, _FAR_US, _LONG_AGO_US) for name in names
        ]
        content, since_us = (
            np.array([getattr(latest, name) for latest in known], np.int64)
            for name in ("content", "since_us")
        )
        is_same = said == np.repeat(content, np.diff(edges))
        all_same = np.logical_and.reduceat(is_same, starts) if starts.size else is_same
        told[starts] |= ~is_same[starts] | (time[starts] < since_us)
        for latest, ended_us in zip(known, time[edges[1:] - 1].tolist(), strict=True):
            latest.at_us = max(latest.at_us, ended_us)
        for i in np.flatnonzero(~all_same | (time[starts] < since_us)).tolist():
            rows = slice(edges[i], edges[i + 1])
            if known[i].content != _NOTHING and not all_same[i]:
                self._several.add(names[i])
            known[i].take(time[rows], said[rows], is_same[rows])
            self._latest[names[i]] = known[i]


def _running_max(values: Ints, edges: Ints) -> Ints:
    """Return the greatest value so far within each block of a column."""
    low, width = int(values.min()), int(np.ptp(values)) + 1
    if (edges.size - 1) * width >= _FAR_US:
        return np.maximum.accumulate(values)  # absurd times: blocks cannot be set apart by numbers
    shift = np.repeat(np.arange(edges.size - 1) * width, np.diff(edges))
    return np.asarray(np.maximum.accumulate(values - low + shift) - shift + low)
