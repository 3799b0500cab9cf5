"""Which static reports of a CSV archive are told on: changes, and what confirms them.

Every row carries a report, nearly always the one before. What is told on must give the same
changes in time order as all rows would, and for each the next report that says the same, also
where rows come late or shuffled.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import offsets_of_sorted, ranges
from vesseltrack.ingest.saved import State, of_array, to_array
from vesseltrack.units import US_PER_S

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_NOTHING: Final = 0  # the content of no report
_LONG_AGO_US: Final = -(1 << 62)
_FAR_US: Final = 1 << 62
_GUESSES: Final = 1 << 18
_COLUMNS: Final = ("mmsi", "content", "since_us", "again_us", "at_us")


@dataclass
class _Latest:
    """The latest report of each vessel: what it says, since when, and its own time [us]."""

    mmsi: Ints  # rising
    content: Ints
    since_us: Ints
    again_us: Ints  # when it was said the second time
    at_us: Ints

    @classmethod
    def of_nobody(cls) -> "_Latest":
        return cls(*(np.zeros(0, np.int64) for _ in _COLUMNS))

    def __post_init__(self) -> None:
        self._guess = np.zeros(_GUESSES, np.int32)
        self._guess[self.mmsi % _GUESSES] = np.arange(self.mmsi.size)

    def places_of(self, mmsi: Ints) -> Ints:
        """Return where vessels stand; one that is not known is added, with no report."""
        if not mmsi.size:
            return np.zeros(0, np.int64)
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
        self.again_us = np.insert(self.again_us, at, _FAR_US)
        self.at_us = np.insert(self.at_us, at, _LONG_AGO_US)
        self._guess[self.mmsi % _GUESSES] = np.arange(self.mmsi.size)
        return self.places_of(mmsi)

    def repeat(self, places: Ints, t_us: Ints, later_us: Ints) -> None:
        """Take in the first two times at which vessels say their latest report once more."""
        known = [self.since_us[places], self.again_us[places]]
        said_us = np.stack([t_us, later_us, *known])
        self.since_us[places] = first_us = said_us.min(axis=0)
        self.again_us[places] = np.where(said_us > first_us, said_us, _FAR_US).min(axis=0)

    def replace(self, places: Ints, content: Ints, since_us: Ints, again_us: Ints) -> None:
        """Take in another report of each vessel as its latest."""
        self.content[places] = content
        self.since_us[places] = since_us
        self.again_us[places] = again_us


class StaticChanges:
    """Remembers the latest report of each vessel from one block of rows to the next.

    Rows of a block are taken in time order. Some archives are not, from block to block: there a
    vessel that says one thing only is told on at the earliest two times, and one that says several
    things with every report from then, so that a change and a return are found where they are.
    """

    def __init__(self, *, max_disorder_s: float, max_vessels: int) -> None:
        """Start with no vessel known; beyond `max_vessels` all are forgotten."""
        self._max_disorder_us = int(max_disorder_s * US_PER_S)
        self._max_vessels = max_vessels
        self._newest_us = _LONG_AGO_US
        self._latest = _Latest.of_nobody()
        self._unordered: set[int] = set()
        self._several: set[int] = set()  # vessels that have said several things

    def state(self) -> State:
        """Return what is remembered."""
        return {
            "newest_us": self._newest_us,
            "latest": {name: of_array(getattr(self._latest, name)) for name in _COLUMNS},
            "unordered": sorted(self._unordered),
            "several": sorted(self._several),
        }

    def restore(self, state: State) -> None:
        """Go on from what `state` returned."""
        self._newest_us = state["newest_us"]
        self._latest = _Latest(*(to_array(state["latest"][name]) for name in _COLUMNS))
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
        is_same = (content == latest.content[places]) & (t_us >= latest.again_us[places])
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
        since_us, again_us = latest.since_us[places], latest.again_us[places]
        has_news = ~all_same | (time[starts] < again_us)
        told[starts] |= ~is_same[starts] | ((time[starts] < again_us) & (time[starts] != since_us))
        was_known = latest.content[places] != _NOTHING
        self._several.update(vessel[starts[was_known & ~all_same]].tolist())
        news = np.flatnonzero(has_news)
        rows = ranges(edges[news], edges[news + 1])
        of_row = np.repeat(news, edges[news + 1] - edges[news])
        run, start, confirms = _runs(vessel[rows], time[rows], said[rows])
        # Of what goes on with the latest report only the first two times of all are told on.
        goes_on = is_same[starts][of_row] & (run == 0)
        is_early = (time[rows] < again_us[of_row]) & (time[rows] != since_us[of_row])
        told[rows[confirms & (~goes_on | is_early)]] = True

        repeats = all_same[news]
        first = starts[news[repeats]]
        second = np.minimum(first + 1, edges[1:][news[repeats]] - 1)
        latest.repeat(places[news[repeats]], time[first], time[second])
        ends = np.cumsum(edges[news + 1] - edges[news])[~repeats] - 1
        others = places[news[~repeats]]
        is_late = time[rows[ends]] < latest.at_us[others]
        latest.content[others[is_late]] = _NOTHING  # they deny it, so the next one counts
        ends, others = ends[~is_late], others[~is_late]
        confirmed = np.maximum.accumulate(np.where(confirms, np.arange(rows.size), -1))[ends]
        begun = start[ends]
        again_us = np.where(confirmed >= begun, time[rows[confirmed]], _FAR_US)
        latest.replace(others, said[rows[ends]], time[rows[begun]], again_us)


def _runs(vessel: Ints, time: Ints, said: Ints) -> tuple[Ints, Ints, Bools]:
    """Return how often each vessel has said something else before, since which row, and repeats.

    Said again is the first report of a run that comes after the time of the run's first.
    """
    is_first = np.diff(vessel, prepend=-1) != 0
    starts_run = is_first | (np.diff(said, prepend=_NOTHING) != 0)
    place = np.arange(time.size)
    start = np.maximum.accumulate(np.where(starts_run, place, 0))
    is_later = time > time[start]
    was_later = np.append(False, is_later[:-1])[: time.size]
    n_runs = np.cumsum(starts_run)
    n_before = np.maximum.accumulate(np.where(is_first, n_runs, 0))
    return n_runs - n_before, start, np.asarray(is_later & ~(was_later & ~starts_run))


def _running_max(values: Ints, edges: Ints) -> Ints:
    """Return the greatest value so far within each block of a column."""
    low, width = int(values.min()), int(np.ptp(values)) + 1
    if (edges.size - 1) * width >= _FAR_US:
        return np.maximum.accumulate(values)  # absurd times: blocks cannot be set apart by numbers
    shift = np.repeat(np.arange(edges.size - 1) * width, np.diff(edges))
    return np.asarray(np.maximum.accumulate(values - low + shift) - shift + low)
