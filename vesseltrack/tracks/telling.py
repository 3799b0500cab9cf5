"""What vessels say of themselves, report by report as it comes."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.core.records import Rows
from vesseltrack.tracks.statics import Report, reports_in_order, said_table, telling
from vesseltrack.tracks.vessels import Word, vessels_by_word, word_of

_TEXTS: Final = ("name", "callsign", "destination")
_NUMBERS: Final = ("imo", "ship_type", "length_m", "beam_m", "draught_m", "mothership_mmsi")
_FLOATS: Final = ("length_m", "beam_m", "draught_m")
Senders = Callable[[int, int], tuple[int, bool]]


class Telling:
    """The latest static reports of each vessel, and who was not told of yet.

    What they add up to is told at whole multiples of a time, however batches fall: an event then
    knows the same of its vessels in any cut.

    Parameters
    ----------
    max_reports : int
        How many are kept of a vessel, and how many names of an MMSI with several.
    told_us : int
        How often what changed is told [us].
    max_silence_us : int
        After a longer one nothing that was said before counts [us].
    """

    def __init__(self, max_reports: int, told_us: int, max_silence_us: int) -> None:
        self._max_reports = max_reports
        self._told_us = told_us
        self._max_silence_us = max_silence_us
        self._reports: dict[int, list[Report]] = {}
        self._changed: dict[int, int] = {}  # time of the first report not told of, by vessel
        self._words: dict[int, Word] = {}  # what is to be told of these
        self._due_us: set[int] = set()  # and when [us]
        self._swept_us = 0
        self._votes: dict[int, dict[str, Counter[int]]] = {}  # by MMSI and name: who sent it
        self._voted_us: dict[int, int] = {}  # time of the last vote, by MMSI

    @property
    def due_us(self) -> list[int]:
        """When something is to be told [us]."""
        return sorted(self._due_us)

    def push(self, statics: pa.Table, senders: Senders, now_us: int) -> tuple[pa.Table, pa.Table]:
        """Take in static reports.

        Parameters
        ----------
        statics : pyarrow.Table
            STATICS of ships, of a stretch of time in which no multiple of `told_us` lies.
        senders : callable
            Gives the vessel heard last on an MMSI at a time, and whether it has several.
        now_us : int
            When the stretch ends, at most the next multiple [us].

        Returns
        -------
        said, vessels : pyarrow.Table
            SAID of these reports; of vessels of which something changed before the last multiple,
            what they are known as.
        """
        begun_us = (now_us - 1) // self._told_us * self._told_us
        told = self._told(begun_us)
        came: dict[int, list[Report]] = defaultdict(list)
        for mmsi, report in reports_in_order(statics):
            key, is_several = senders(mmsi, report.t_us)
            came[self._voted(mmsi, report, key) if is_several else key].append(report)
        for key, reports in came.items():
            self._reports[key] = self._kept(self._reports.get(key, []), reports)
            self._change(key, reports[0].t_us)
        keys = np.array(sorted(came), dtype=np.int64)
        said = said_table({row: came[int(key)] for row, key in enumerate(keys)}, keys)
        return said, told

    def _change(self, key: int, since_us: int) -> None:
        """Note that a vessel is to be told of.

        What of it is found out now: of all that come in a minute it would take too long at once.
        """
        self._changed.setdefault(key, since_us)
        self._words[key] = word_of(key, self._reports[key])
        self._due_us.add((since_us // self._told_us + 1) * self._told_us)

    def _told(self, begun_us: int) -> pa.Table:
        """Return what is told of vessels of which something changed before a time [us]."""
        if not any(due_us <= begun_us for due_us in self._due_us):
            return vessels_by_word(())
        due = [key for key, since_us in self._changed.items() if since_us < begun_us]
        self._due_us = {due_us for due_us in self._due_us if due_us > begun_us}
        for key in due:
            del self._changed[key]
        return vessels_by_word([self._words.pop(key) for key in due])

    def _kept(self, before: list[Report], came: list[Report]) -> list[Report]:
        """Return the last reports that tell something, those before a long silence left out."""
        reports = list(before)
        for report in came:
            if reports and report.t_us - reports[-1].t_us > self._max_silence_us:
                reports.clear()
            reports.append(report)
        return telling(reports)[-self._max_reports :]

    def _voted(self, mmsi: int, report: Report, heard: int) -> int:
        """Return the vessel heard along with a name most; of a report without one, the last."""
        if report.label is None:
            return heard
        votes = self._votes.setdefault(mmsi, {})
        is_old = report.t_us - self._voted_us.get(mmsi, report.t_us) > self._max_silence_us
        if is_old or (report.label not in votes and len(votes) >= self._max_reports):
            votes.clear()
        self._voted_us[mmsi] = report.t_us
        votes.setdefault(report.label, Counter())[heard] += 1
        return votes[report.label].most_common(1)[0][0]

    def forget(self, oldest_us: int) -> None:
        """Forget, now and then, vessels that said nothing since a time [us].

        Until then it changes nothing: what was said before a long silence does not count.
        """
        if oldest_us - self._swept_us < self._told_us:
            return
        self._swept_us = oldest_us
        old = [key for key, reports in self._reports.items() if reports[-1].t_us < oldest_us]
        for key in old:
            del self._reports[key]
            self._changed.pop(key, None)
            self._words.pop(key, None)
        for mmsi in [mmsi for mmsi, t_us in self._voted_us.items() if t_us < oldest_us]:
            del self._votes[mmsi], self._voted_us[mmsi]

    def parts(self) -> dict[str, Rows]:
        """Return everything as columns, by name."""
        reports = [(key, one) for key, of_key in self._reports.items() for one in of_key]
        votes = [
            (mmsi, label, key, n, self._voted_us[mmsi])
            for mmsi, by_label in self._votes.items()
            for label, by_key in by_label.items()
            for key, n in by_key.items()
        ]
        return {
            "reports": {
                "key": _ints([key for key, _ in reports]),
                "t_us": _ints([one.t_us for _, one in reports]),
                **{
                    name: _texts([getattr(one, name) or "" for _, one in reports])
                    for name in _TEXTS
                },
                **{
                    name: np.array(
                        [_known(getattr(one, name)) for _, one in reports], dtype=np.float64
                    )
                    for name in _NUMBERS
                },
            },
            "changed": {
                "key": _ints([*self._changed]),
                "since_us": _ints([*self._changed.values()]),
            },
            "votes": {
                "mmsi": _ints([one[0] for one in votes]),
                "label": _texts([one[1] for one in votes]),
                "key": _ints([one[2] for one in votes]),
                "n": _ints([one[3] for one in votes]),
                "voted_us": _ints([one[4] for one in votes]),
            },
        }

    def restore(self, parts: dict[str, Rows]) -> None:
        """Take up what `parts` gave."""
        reports, changed, votes = (
            {name: column.tolist() for name, column in parts[part].items()}
            for part in ("reports", "changed", "votes")
        )
        self._reports, self._votes, self._voted_us = {}, {}, {}
        for row, key in enumerate(reports["key"]):
            said: dict[str, Any] = {name: reports[name][row] or None for name in _TEXTS}
            for name in _NUMBERS:
                value = reports[name][row]
                whole = name not in _FLOATS
                said[name] = None if math.isnan(value) else int(value) if whole else value
            self._reports.setdefault(key, []).append(Report(reports["t_us"][row], **said))
        self._changed, self._words, self._due_us, self._swept_us = {}, {}, set(), 0
        for key, since_us in zip(changed["key"], changed["since_us"], strict=True):
            self._change(key, since_us)
        for mmsi, label, key, n, voted_us in zip(*votes.values(), strict=True):
            self._voted_us[mmsi] = voted_us
            self._votes.setdefault(mmsi, {}).setdefault(label, Counter())[key] = n


def _known(value: float | None) -> float:
    return np.nan if value is None else value


def _ints(values: list[int]) -> npt.NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _texts(values: list[str]) -> npt.NDArray[np.str_]:
    return np.array(values, dtype=np.str_)
