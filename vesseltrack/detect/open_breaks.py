"""Breaks of passages as the legs come: begun, ended, and settled when all is known."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, is_change, joined, n_rows, take
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.detect.base import Carries, Held
from vesseltrack.detect.drop_cues import US_PER_MINUTE, find_ends, find_starts, follows, speeds_kn
from vesseltrack.detect.recent_legs import RecentReports, legs_of

_BEFORE_ALL: Final = np.iinfo(np.int64).min
_KEPT: Final = ("key", "t_us", "lat", "lon", "fix", "port_m", "anchorage_m", "path_mm")


class OpenBreaks:
    """The reports that breaks may still be seen in, breaks begun, and those ended, not settled.

    Of a vessel that is slow, or was a moment ago, no more than that is kept: no passage leads
    through it. Of one on passage the passage is kept, and of one in a break all since it began.
    """

    def __init__(self, rule: DropPickupDefault) -> None:
        self._rule = rule
        self._passage_us = round((rule.passage_min + rule.max_gap_min) * US_PER_MINUTE)
        self._reports = RecentReports()
        self._needed = Latest()  # `since_us` by vessel: what its next legs are held against
        self._begun = Held()
        self._ended = Held()

    def parts(self) -> Mapping[str, Carries]:
        """Return what is carried from one push to the next, by name."""
        return {
            "legs": self._reports,
            "needed": self._needed,
            "begun": self._begun,
            "ended": self._ended,
        }

    def push(self, new: Rows) -> tuple[Rows, Bools]:
        """Take in reports and return the legs of their vessels, as far as needed; which are new.

        Parameters
        ----------
        new : Rows
            At least one, as for `legs_of`.
        """
        keys = new["key"][is_change(new["key"])]
        known = self._reports.of(keys)
        legs, is_new = legs_of(*_behind(known, new))
        self._reports.add({name: new[name] for name in _KEPT})
        if is_new.any():
            starts = find_starts(legs, is_new, self._rule)
            self._begun.rows = joined(self._begun.rows, starts)
            self._end(legs)
            self._note(legs)
        return legs, is_new

    def settle(self, until_us: int, ended_us: Mapping[int, int]) -> Rows:
        """Take out the breaks that began before a time, of which all legs are known.

        Parameters
        ----------
        until_us : int
            The time [us].
        ended_us : mapping
            When the last break of a vessel before ended [us]: none begins within another.
        """
        if not self._begun.rows:
            return {}
        self._begun.rows = take(self._begun.rows, self._begun.rows["start_us"] >= until_us)
        is_due = self._ended.rows["start_us"] < until_us
        breaks = _apart(take(self._ended.rows, is_due), ended_us)
        self._ended.rows = take(self._ended.rows, ~is_due)
        return breaks

    def ahead(self, ended_us: Mapping[int, int]) -> Rows:
        """Return the breaks that would be settled if the data ended here; see `settle`."""
        return _apart(self._ended.rows, ended_us) if self._ended.rows else {}

    @property
    def has_ended(self) -> bool:
        """Whether there are breaks to be settled."""
        return n_rows(self._ended.rows) > 0

    def forget(self, oldest_us: int) -> None:
        """Drop what no vessel needs any more, and all reports before a time [us]."""
        if self._reports.is_full:
            self._needed.keep(self._needed.column("since_us") >= oldest_us)
            self._reports.forget(lambda keys: np.maximum(self._needed_us(keys), oldest_us))

    def _end(self, legs: Rows) -> None:
        """Look at the breaks begun that legs may have ended."""
        begun = self._begun.rows
        last = offsets_of_sorted(legs["key"])[1:] - 1
        keys, last_us = legs["key"][last], legs["end_us"][last]
        row = np.minimum(np.searchsorted(keys, begun["key"]), keys.size - 1)
        is_due = (keys[row] == begun["key"]) & (begun["check_us"] <= last_us[row])
        ended, waiting = find_ends(legs, take(begun, is_due), self._rule)
        self._ended.rows = joined(self._ended.rows, ended)
        self._begun.rows = joined(take(begun, ~is_due), waiting)

    def _note(self, legs: Rows) -> None:
        """Note since when the reports of vessels are needed for their next legs."""
        ends_passage = (speeds_kn(legs) < self._rule.min_passage_kn) | ~follows(legs)
        offsets = offsets_of_sorted(legs["key"])
        first, last = offsets[:-1], offsets[1:] - 1
        row = np.maximum.accumulate(np.where(ends_passage, np.arange(ends_passage.size), 0))[last]
        # A leg that begins a track may be one of the passage.
        is_slow = speeds_kn(take(legs, row)) < self._rule.min_passage_kn
        since_us = np.where(is_slow, legs["end_us"][row], legs["start_us"][row])
        since_us = np.maximum(since_us, legs["end_us"][last] - self._passage_us)
        # A turn is seen between the last leg and the next.
        since_us = np.minimum(since_us, legs["start_us"][last])
        self._needed.put({"key": legs["key"][first], "since_us": since_us})

    def _needed_us(self, keys: Ints) -> Ints:
        """Return since when the reports of vessels are needed [us], shape (n,)."""
        begun = self._begun.rows
        if not begun:  # no vessel has made a leg
            return np.full(keys.size, _BEFORE_ALL)
        key = np.concatenate((self._needed.keys, begun["key"]))
        since_us = np.concatenate((self._needed.column("since_us"), begun["start_us"]))
        order = np.lexsort((since_us, key))
        first = order[is_change(key[order])]
        row = np.minimum(np.searchsorted(key[first], keys), first.size - 1)
        return np.where(key[first][row] == keys, since_us[first][row], _BEFORE_ALL)


def _behind(known: Rows, new: Rows) -> tuple[Rows, Bools]:
    """Return new reports behind those known, by vessel and time, and which are new."""
    if not n_rows(known):  # all of an archive may come at once: nothing need be moved
        return new, np.ones(n_rows(new), dtype=np.bool_)
    nothing = np.zeros(n_rows(known), dtype=np.int64)  # of what is told of new reports alone
    both = joined({name: known.get(name, nothing) for name in new}, new)
    order = np.argsort(both["key"], kind="stable")
    return take(both, order), order >= nothing.size


def _apart(breaks: Rows, ended_us: Mapping[int, int]) -> Rows:
    """Return the breaks that do not begin within another of their vessel, by vessel and time."""
    breaks = take(breaks, np.lexsort((breaks["start_us"], breaks["key"])))
    until_us, rows = dict(ended_us), []
    spans = zip(*(breaks[name].tolist() for name in ("key", "start_us", "end_us")), strict=True)
    for row, (key, start_us, end_us) in enumerate(spans):
        if until_us.get(key, start_us) <= start_us:
            until_us[key] = end_us
            rows.append(row)
    return take(breaks, np.array(rows, dtype=np.int64))
