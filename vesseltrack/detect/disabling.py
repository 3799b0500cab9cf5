"""Gaps as Global Fishing Watch tells suspected disabling: far out, and well heard until then.

A fix does not say which receiver heard it, so all positions count where theirs are of satellites.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from vesseltrack.config.detect.ais_gap import AisGapGfwDisabling
from vesseltrack.core.identity import mmsi_of_key
from vesseltrack.core.records import Merge, Row, Rows, is_change, joined, merged, take
from vesseltrack.core.runs import Ints
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.events import Measure
from vesseltrack.detect.gaps import LookBack
from vesseltrack.detect.words import limit, number
from vesseltrack.hexgrid import parents
from vesseltrack.units import US_PER_HOUR, h_to_us, m_to_nm

_HOURS_PER_DAY: Final = 24
_NAMES: Final = ("key", "hour", "cell")
_HOW: Final = {
    **dict.fromkeys(_NAMES, Merge.FIRST),
    "n": Merge.SUM,
    "present_us": Merge.SUM,
}


class Disabling:
    """What the preset `gfw_disabling` asks of the time before a gap."""

    def __init__(self, rule: AisGapGfwDisabling) -> None:
        self._rule = rule
        self.look_back = LookBack(h_to_us(rule.look_back_h))
        self.received = Received(rule.reception_resolution, round(rule.history_h))

    def hear(self, fixes: Rows, rows: Rows, step: Ints) -> None:
        """Take in the fixes of a batch, and with those before them the steps between them.

        Parameters
        ----------
        fixes : Rows
            The batch (`key`, `t_us`), by vessel and time.
        rows : Rows
            The same with the last fixes before it (`cell` as well).
        step : (n,)
            Rows of new fixes that follow another one of their vessel.
        """
        self.look_back.push(fixes)
        self.received.push(rows, step)

    def forget(self, now_us: int) -> None:
        """Drop what no gap that ends from now on will ask for."""
        self.look_back.forget()
        self.received.forget(now_us)

    def measures(self, off: Row, end_us: int) -> dict[str, Measure]:
        """Return what was measured of a long gap against each limit; nothing where one is not met.

        Parameters
        ----------
        off : Row
            The fix before it (`key`, `t_us`, `cell`, `shore_m`).
        end_us : int
            When it ended, or how far it is known [us].
        """
        rule = self._rule
        shore_nm = m_to_nm(off["shore_m"])
        if not shore_nm >= rule.min_shore_nm:
            return {}
        n_before = self.look_back.count(off)
        n, present_us = self.received.of_others(off, end_us)
        present_h = present_us / US_PER_HOUR
        if present_us == 0 or present_h < rule.min_present_h:
            return {}
        per_day = n / present_h * _HOURS_PER_DAY
        if n_before < rule.min_positions_before or per_day <= rule.min_positions_per_day:
            return {}
        return {
            "off_shore_nm": Measure(shore_nm, ">=", rule.min_shore_nm),
            "n_positions_before": Measure(n_before, ">=", rule.min_positions_before),
            "positions_per_day": Measure(per_day, ">", rule.min_positions_per_day),
            "others_present_h": Measure(present_h),
        }


def in_words(measures: Mapping[str, Measure], rule: AisGapGfwDisabling) -> str:
    """Return what `Disabling.measures` gave as part of a sentence."""
    before, a_day = measures["n_positions_before"], measures["positions_per_day"]
    return (
        f"{limit(before.value)} positions in the {limit(rule.look_back_h)} h before and "
        f"{number(a_day.value)} a day of other vessels there, held against "
        f"{limit(rule.min_positions_before)} and {limit(rule.min_positions_per_day)}, and its "
        f"place against {limit(rule.min_shore_nm)} nm from shore"
    )


class Received:
    """How many positions were received of each vessel, by area and hour, and over how long.

    A step from one fix of a vessel to the next is one position received in the time between them.
    It counts in the area of the first, in the hour of the second: before, nobody knew of it.
    """

    def __init__(self, resolution: int, history_h: int) -> None:
        self._resolution = resolution
        self._history_h = history_h
        none = np.zeros(0, dtype=np.int64)
        self.rows: Rows = dict.fromkeys(_HOW, none)

    def push(self, rows: Rows, step: Ints) -> None:
        """Take in steps; see `Disabling.hear`."""
        if not step.size:
            return
        new = {
            "key": rows["key"][step],
            "hour": rows["t_us"][step] // US_PER_HOUR,
            "cell": parents(rows["cell"][step - 1], self._resolution),
            "n": np.ones(step.size, dtype=np.int64),
            "present_us": rows["t_us"][step] - rows["t_us"][step - 1],
        }
        # Hours that are over get no more steps: only those under way are added up anew.
        is_over = self.rows["hour"] < new["hour"].min()
        under_way = joined(take(self.rows, ~is_over), new)
        under_way = take(under_way, np.lexsort([under_way[name] for name in _NAMES]))
        start = np.flatnonzero(is_change(*(under_way[name] for name in _NAMES)))
        self.rows = joined(take(self.rows, is_over), merged(under_way, start, _HOW))

    def forget(self, now_us: int) -> None:
        """Drop what no gap that ends from now on will ask for."""
        self.rows = take(self.rows, self.rows["hour"] >= now_us // US_PER_HOUR - self._history_h)

    def of_others(self, off: Row, end_us: int) -> tuple[int, int]:
        """Return how many positions of others were received about a fix, and over how long [us].

        In whole hours up to a time [us]; no transmitter on the vessel's own MMSI is another.
        """
        end_hour = end_us // US_PER_HOUR
        rows = self.rows
        cell = parents(np.array([off["cell"]]), self._resolution)[0]
        asked = np.flatnonzero(
            (rows["cell"] == cell)
            & (rows["hour"] >= end_hour - self._history_h)
            & (rows["hour"] < end_hour)
        )
        asked = asked[mmsis_of(rows["key"][asked]) != mmsi_of_key(off["key"])]
        return int(rows["n"][asked].sum()), int(rows["present_us"][asked].sum())
