"""Vessels gone silent, judged once by the reception around them and watched until they return."""

import numpy as np

from vesseltrack.config.detect.ais_gap import AisGapDefault, ReceptionConfig
from vesseltrack.core.records import Row, Rows, joined, n_rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.detect.reception import (
    CurrentHour,
    Floats,
    Ledger,
    Places,
    chance_of_silence,
)
from vesseltrack.hexgrid import parents
from vesseltrack.units import US_PER_HOUR


class Silences:
    """Every vessel that is silent for long, with what the others said in the meantime."""

    def __init__(self, rule: AisGapDefault, reception: ReceptionConfig) -> None:
        self._rule = rule
        self._reception = reception
        # A silence that began before this many whole hours is known to be one.
        self._known_after_h = int(np.ceil(rule.min_gap_h)) + 1
        self.heard = Ledger()
        self.begun = Ledger()
        self.current = CurrentHour()
        self.rows: Rows = {}

    def hear(self, fixes: Rows, now_us: int) -> None:
        """Take in the fixes of a batch (`key`, `t_us`, `cell`) by vessel and time."""
        heard = {
            "hour": fixes["t_us"] // US_PER_HOUR,
            "cell": self._coarse(fixes["cell"]),
            "key": fixes["key"],
        }
        self.heard.add(self.current.push(heard, now_us // US_PER_HOUR))

    def judge(self, silent: Rows) -> None:
        """Watch silences not watched yet.

        Parameters
        ----------
        silent : Rows
            Last fixes (`key`, `t_us`, `cell`) before silences that reached the gap's length, also
            those that ended meanwhile.
        """
        silent = take(silent, ~self._is_watched(silent["key"], silent["t_us"]))
        if not n_rows(silent):
            return
        off_hour = silent["t_us"] // US_PER_HOUR
        asked = Places(silent["key"], self._coarse(silent["cell"]))
        self.begun.add({"hour": off_hour, "cell": asked.cell, "key": asked.key})
        since = off_hour - round(self._reception.history_h)
        n_vessel_hours, _ = self.heard.count(asked, since, off_hour)
        n_silences, _ = self.begun.count(asked, since, off_hour)
        none = np.zeros(off_hour.size, dtype=np.int64)
        judged = {
            "key": asked.key,
            "off_us": silent["t_us"],
            "cell": asked.cell,
            "n_vessel_hours": n_vessel_hours,
            "n_silences": n_silences,
            "chance": chance_of_silence(n_silences, n_vessel_hours, self._reception),
            "heard_h": none,
            "n_others_silent": none,
            "counted_hour": off_hour + 1,
        }
        self.rows = joined(self.rows, judged)

    def _is_watched(self, key: Ints, off_us: Ints) -> Bools:
        if not self.rows:
            return np.zeros(key.size, dtype=np.bool_)
        # Between pushes a vessel has one silence at most.
        order = np.argsort(self.rows["key"])
        watched, since_us = self.rows["key"][order], self.rows["off_us"][order]
        if not watched.size:
            return np.zeros(key.size, dtype=np.bool_)
        place = np.minimum(np.searchsorted(watched, key), watched.size - 1)
        return np.asarray((watched[place] == key) & (since_us[place] == off_us))

    def count_until(self, rows: Rows, until_hour: Ints) -> Rows:
        """Return watched silences with the others heard, and gone silent, up to an hour.

        Silences that reception may well explain are left as they are.
        """
        improbable = np.flatnonzero(
            (rows["chance"] <= self._rule.max_chance) & (rows["counted_hour"] < until_hour)
        )
        rows = {name: column.copy() for name, column in rows.items()}
        if not improbable.size:
            return rows
        some, until = take(rows, improbable), until_hour[improbable]
        asked = Places(some["key"], some["cell"])
        _, heard_h = self.heard.count(asked, some["counted_hour"], until)
        rows["heard_h"][improbable] += heard_h
        # Only as long after as it takes to know that it is one is a silence known.
        n_begun, _ = self.begun.count(
            asked,
            np.maximum(some["counted_hour"] - self._known_after_h, some["off_us"] // US_PER_HOUR),
            until - self._known_after_h,
        )
        rows["n_others_silent"][improbable] += n_begun
        rows["counted_hour"][improbable] = until
        return rows

    def ended(self, key: Ints, off_us: Ints, on_us: Ints) -> Rows:
        """Return the watched silences that ended, in the order asked, and watch them no more."""
        asked = np.flatnonzero(np.isin(self.rows["key"], key))
        known = zip(self.rows["key"][asked], self.rows["off_us"][asked], strict=True)
        row_of = dict(zip(known, asked, strict=True))
        index = np.array([row_of[pair] for pair in zip(key, off_us, strict=True)], dtype=np.int64)
        rows = self.count_until(take(self.rows, index), on_us // US_PER_HOUR)
        self.rows = take(self.rows, np.delete(np.arange(n_rows(self.rows)), index))
        return rows

    def forget(self, now_us: int) -> None:
        """Bring what is watched up to date, and drop what no silence will ask for."""
        now_hour = now_us // US_PER_HOUR
        if self.rows:
            self.rows = self.count_until(self.rows, np.full(n_rows(self.rows), now_hour))
        oldest = now_hour - round(self._reception.history_h) - self._known_after_h - 1
        self.heard.forget(oldest)
        self.begun.forget(oldest)

    def still_heard(self, rows: Rows, now_us: int) -> Bools:
        """Return whether others were heard in the cell of each silence just before now, (n,)."""
        now_hour = np.full(n_rows(rows), now_us // US_PER_HOUR)
        since = now_hour - round(self._reception.still_heard_h)
        n_heard, _ = self.heard.count(Places(rows["key"], rows["cell"]), since, now_hour)
        return n_heard > 0

    def is_improbable(self, rows: Rows, end_us: Ints) -> Bools:
        """Return which silences reception does not explain, shape (n,)."""
        return (rows["chance"] <= self._rule.max_chance) & (
            self.heard_frac(rows, end_us) >= self._rule.min_heard_frac
        )

    def heard_frac(self, rows: Rows, end_us: Ints) -> Floats:
        """Return the share of each silence's whole hours in which others were heard, (n,)."""
        whole_h = end_us // US_PER_HOUR - rows["off_us"] // US_PER_HOUR - 1
        return np.asarray(rows["heard_h"] / np.maximum(whole_h, 1))

    def heard_frac_of(self, row: Row, end_us: int) -> float:
        """Return the same of one silence."""
        one = {name: np.array([row[name]]) for name in ("off_us", "heard_h")}
        return float(self.heard_frac(one, np.array([end_us]))[0])

    def _coarse(self, cell: Ints) -> Ints:
        return parents(cell, self._reception.cell_resolution)
