"""Area-wide: what happened to others near by at the same time is done to all, not by one."""

from collections.abc import Mapping

import numpy as np

from vesseltrack.config.detect.position_spoofing import PositionSpoofingDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Rows, joined, take
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries, Held
from vesseltrack.detect.events import Fix
from vesseltrack.units import h_to_us, nm_to_m


class Area:
    """Who jumped or circled lately, and where."""

    def __init__(self, rule: PositionSpoofingDefault) -> None:
        self._rule = rule
        self._apart_us = h_to_us(rule.area_h)
        self._longest_us = h_to_us(rule.max_away_h)
        # An event is judged hours after its end, and looks a day back.
        self._kept_us = h_to_us(
            2 * rule.max_away_h + rule.area_h + rule.circle_gap_h + 4 * rule.jump_pause_h
        )
        # `key`, when it began and when that was seen, `lat` and `lon` where the vessel was.
        self._oddities = Held()

    def parts(self) -> Mapping[str, Carries]:
        """Return what carries rows from one push to the next, by name."""
        return {"area": self._oddities}

    def add(self, oddities: Rows) -> None:
        """Take in jumps and circles."""
        self._oddities.rows = joined(self._oddities.rows, oddities)

    def forget(self, frontier_us: int) -> None:
        """Drop what no event will look back on."""
        rows = self._oddities.rows
        if rows:
            self._oddities.rows = take(rows, rows["onset_us"] >= frontier_us - self._kept_us)

    def n_others(self, key: int, where: Fix, end_us: int) -> int:
        """Return how many other vessels jumped or circled near a place [deg] and time.

        What began within an hour of it, and was seen by `end_us`; of events longer than a day,
        within an hour of a day before their end.
        """
        rows = self._oddities.rows
        if not rows:
            return 0
        onset_us = max(where.t_us, end_us - self._longest_us)
        at_once = np.abs(rows["onset_us"] - onset_us) <= self._apart_us
        rows = take(rows, at_once & (rows["seen_us"] <= end_us))
        away_m = great_circle_m(where.lat, where.lon, rows["lat"], rows["lon"])
        mmsis = mmsis_of(rows["key"][away_m <= nm_to_m(self._rule.area_nm)])
        return int(np.count_nonzero(np.unique(mmsis) != mmsis_of(np.array([key]))[0]))
