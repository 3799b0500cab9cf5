"""Since when vessels are out of port, and since when they are heard without a break."""

from typing import Final

import numpy as np

from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, is_change, take
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted

NEVER: Final = np.iinfo(np.int64).min // 2  # half: differences to it must not overflow
_CARRIED: Final = ("port_us", "port_lat", "port_lon", "track_us")


class Outings:
    """Each vessel's last time in port and the start of its unbroken track, carried on."""

    def __init__(self, max_gap_us: int, port_radius_m: float) -> None:
        self._max_gap_us = max_gap_us
        self._port_radius_m = port_radius_m
        self._last = Latest()

    @property
    def rows(self) -> Rows:
        """The last report of each vessel, as far as it is carried."""
        return self._last.rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._last.rows = rows

    def push(self, reports: Rows, is_new: Bools, oldest_us: int) -> Rows:
        """Return reports with `port_us` and `track_us`.

        Parameters
        ----------
        reports : Rows
            By vessel and time, each vessel's last one before (not new) in front of its new ones:
            `key`, `t_us`, `lat`, `lon` and `port_m`.
        is_new : (n,)
            Which reports were not given before.
        oldest_us : int
            Vessels last heard before this are forgotten [us].

        Returns
        -------
        reports : Rows
            The same and `port_us`, when the vessel was last within the radius of a port (`NEVER`
            where that is not known), `port_lat` and `port_lon`, where it was then (its first
            place where that is not known), and `track_us`, since when no silence exceeded the
            limit.
        """
        key, t_us = reports["key"], reports["t_us"]
        is_first = is_change(key)
        known, carried = self._carried(key)
        breaks = is_first.copy()
        breaks[1:] |= np.diff(t_us) > self._max_gap_us
        track_row = _last_true(breaks)
        goes_on = is_first & ~is_new & known
        track_us = np.where(goes_on[track_row], carried["track_us"][track_row], t_us[track_row])
        in_port = reports["port_m"] <= self._port_radius_m
        here = {
            "port_us": np.where(in_port, t_us, NEVER),
            "port_lat": reports["lat"],
            "port_lon": reports["lon"],
        }
        port_row = _last_true(in_port | is_first)
        from_carried = (known & ~in_port)[port_row]
        at_port = {
            name: np.where(from_carried, carried[name][port_row], column[port_row])
            for name, column in here.items()
        }
        reports = {**reports, **at_port, "track_us": track_us}
        self._keep(reports, oldest_us)
        return reports

    def _carried(self, key: Ints) -> tuple[Bools, Rows]:
        """Return which vessels are known, shape (n,), and what is carried of them, a row each."""
        place, known = self._last.find(key)
        if not self._last.keys.size:
            return known, dict.fromkeys(_CARRIED, np.full(key.size, NEVER))
        return known, {name: self._last.column(name)[place] for name in _CARRIED}

    def _keep(self, reports: Rows, oldest_us: int) -> None:
        last = take(reports, offsets_of_sorted(reports["key"])[1:] - 1)
        self._last.put({name: last[name] for name in ("key", "t_us", *_CARRIED)})
        self._last.keep(self._last.column("t_us") >= oldest_us)


def _last_true(flags: Bools) -> Ints:
    """Return for each row the last one up to it whose flag is set; the first row's is."""
    return np.maximum.accumulate(np.where(flags, np.arange(flags.size), 0))
