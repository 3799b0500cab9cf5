"""One gap and the fixes around it: how far the vessel got, and who else was heard."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.identity import mmsi_of_key
from vesseltrack.core.records import Row, Rows, joined, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.shape import point_at
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.events import Fix, Measure
from vesseltrack.units import US_PER_HOUR, m_to_nm, nm_to_m


@dataclass(frozen=True)
class Gap:
    """One gap: the fixes around it, and what was found out about it."""

    off: Row
    on: Row | None  # None while it is open
    end_us: int
    presets: tuple[str, ...]  # the definitions that it meets
    silence: Row | None  # what reception said of it; None when it was not asked
    n_before: int | None  # positions before it; None when they were not counted
    disabling: Mapping[str, Measure]  # what makes it one of disabling; empty when it is none
    is_heard_elsewhere: bool  # another transmitter on the MMSI was heard meanwhile

    @property
    def start(self) -> Fix:
        """The off position."""
        return _fix(self.off)

    @property
    def end(self) -> Fix:
        """The on position; of an open gap the off position, at the time reached."""
        if self.on is None:
            return Fix(self.end_us, self.off["lat"], self.off["lon"])
        return _fix(self.on)


def _fix(row: Row) -> Fix:
    return Fix(row["t_us"], row["lat"], row["lon"])


def way_measures(gap: Gap) -> dict[str, Measure]:
    """Return how far the vessel got in a closed gap, and how far it could have."""
    off, on = gap.start, gap.end
    hours = (on.t_us - off.t_us) / US_PER_HOUR
    distance_nm = float(m_to_nm(great_circle_m(off.lat, off.lon, on.lat, on.lon)))
    sog_kn, course = gap.off["sog_kn"], np.radians(gap.off["cog_deg"])
    # All places from which both ends can be reached in time at the speed before: an ellipse.
    half_long_nm = sog_kn * hours / 2
    half_short_nm = np.sqrt(max(half_long_nm**2 - (distance_nm / 2) ** 2, 0.0))
    reckoned_m = nm_to_m(sog_kn * hours)
    reckoned = point_at(
        np.array([off.lat]),
        np.array([off.lon]),
        reckoned_m * np.sin(course),
        reckoned_m * np.cos(course),
    )
    missed_nm = m_to_nm(great_circle_m(on.lat, on.lon, *reckoned))
    return {
        "distance_nm": Measure(distance_nm),
        "implied_speed_kn": Measure(distance_nm / hours),
        "speed_before_kn": Measure(sog_kn),
        "off_dead_reckoning_nm": Measure(float(missed_nm[0])),
        "reachable_area_nm2": Measure(float(np.pi * half_long_nm * half_short_nm)),
    }


def heard_elsewhere(before: Rows, rows: Rows, on: Ints) -> set[int]:
    """Return the rows whose gap saw another transmitter on the MMSI.

    Parameters
    ----------
    before : Rows
        The last fixes before the batch, of all vessels.
    rows : Rows
        Fixes by vessel and time in which `on` counts.
    on : (n,)
        Rows that ended a gap.
    """
    heard = joined(before, rows)
    mmsi, n_keys = np.unique(mmsis_of(np.unique(heard["key"])), return_counts=True)
    shared = mmsi[n_keys > 1]
    on = on[np.isin(mmsis_of(rows["key"][on]), shared)]
    if not on.size:
        return set()
    heard = take(heard, np.isin(mmsis_of(heard["key"]), shared))
    return {int(row) for row in on if _is_heard_between(heard, rows, row)}


def _is_heard_between(heard: Rows, rows: Rows, row: int) -> bool:
    t_us = heard["t_us"][_is_other(heard["key"], int(rows["key"][row]))]
    return bool(np.any((t_us > rows["t_us"][row - 1]) & (t_us < rows["t_us"][row])))


def is_heard_since(last: Rows, off: Row) -> bool:
    """Return whether another transmitter on the MMSI was heard after an off position."""
    others = _is_other(last["key"], off["key"])
    return bool(np.any(last["t_us"][others] > off["t_us"]))


def _is_other(keys: Ints, key: int) -> Bools:
    """Return which keys are other transmitters on the MMSI of a vessel, shape (n,)."""
    return np.asarray((mmsis_of(keys) == mmsi_of_key(key)) & (keys != key))


class LookBack:
    """The times of each vessel's fixes that a later gap may count."""

    def __init__(self, length_us: int) -> None:
        self._length_us = length_us
        self.rows: Rows = {}

    def push(self, fixes: Rows) -> None:
        """Take in new fixes (`key`, `t_us`) by vessel and time."""
        both = joined(self.rows, {"key": fixes["key"], "t_us": fixes["t_us"]})
        # What was carried is older, and a stable sort keeps it in front.
        self.rows = take(both, np.argsort(both["key"], kind="stable"))

    def count(self, off: Row) -> int:
        """Return how many fixes a vessel had up to one, and not longer ago than the length."""
        first, stop = np.searchsorted(self.rows["key"], [off["key"], off["key"] + 1])
        times = self.rows["t_us"][first:stop]
        since, until = off["t_us"] - self._length_us, off["t_us"]
        found = np.searchsorted(times, until, side="right") - np.searchsorted(times, since)
        return int(found)

    def forget(self) -> None:
        """Keep what may still lie before a gap: the last stretch of each vessel."""
        key, t_us = self.rows["key"], self.rows["t_us"]
        last = np.searchsorted(key, key, side="right") - 1
        self.rows = take(self.rows, t_us >= t_us[last] - self._length_us)
