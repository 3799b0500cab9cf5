"""Reports a little apart in time: speed between fixes of seconds apart is position noise."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Rows, is_change, n_rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.detect.base import Carries
from vesseltrack.detect.fold import LastRows
from vesseltrack.units import US_PER_S, mps_to_kn

Floats = npt.NDArray[np.float64]

_MM_PER_M: Final = 1000.0


def is_due(rows: Rows, is_new: Bools, interval_us: int) -> Bools:
    """Return which fixes open a new interval of the clock for their vessel, shape (n,).

    Parameters
    ----------
    rows : Rows
        `key` and `t_us`, by vessel and time; carried rows opened theirs already.
    is_new : (n,)
        Which rows are of this batch.
    interval_us : int
        Length of an interval, counted from 1970-01-01 UTC [us].
    """
    return is_new & is_change(rows["key"], rows["t_us"] // interval_us)


def is_apart(rows: Rows, is_new: Bools, interval_us: int) -> Bools:
    """Return which openings of intervals do not follow the one before too closely, shape (n,).

    A fix late in one interval and the next early in the following one are no interval apart; the
    second is left out. Since it stands early in its interval, the next opening never follows it
    too closely, so the rule looks back by one opening only, left out or not.
    """
    close = np.zeros(n_rows(rows), dtype=np.bool_)
    t_us, key = rows["t_us"], rows["key"]
    is_next = np.diff(t_us // interval_us) == 1
    close[1:] = (key[1:] == key[:-1]) & is_next & (np.diff(t_us) < interval_us // 2)
    return np.asarray(is_new & ~close)


class SpacedReports:
    """A fold from all fixes to those about an interval apart, each vessel's last one carried."""

    def __init__(self, interval_us: int) -> None:
        self._interval_us = interval_us
        self._fixes = LastRows()
        self._openings = LastRows()
        self.last = LastRows()

    def parts(self) -> Mapping[str, Carries]:
        """Return what carries rows from one push to the next, by name."""
        return {"fixes": self._fixes, "openings": self._openings, "reports": self.last}

    def push(self, rows: Rows, oldest_us: int) -> tuple[Rows, Bools]:
        """Return the reports among new fixes, each vessel's last before them, and which are new.

        Parameters
        ----------
        rows : Rows
            Fixes of a batch by vessel and time: `key`, `t_us` and any others.
        oldest_us : int
            Vessels without a fix since then are forgotten [us].

        Returns
        -------
        reports : Rows
            With `nth` among the reports of the vessel and `fix` among all its fixes.
        is_new : (n,)
            False where a report was returned before.
        """
        # Of the fixes themselves no more is carried than it takes to tell which open an interval.
        fixes, is_new = self._fixes.before({name: rows[name] for name in ("key", "t_us")})
        self._fixes.keep(fixes, oldest_us)
        opening = np.flatnonzero(is_due(fixes, is_new, self._interval_us))
        of_batch = np.cumsum(is_new)[opening] - 1
        openings = {**take(rows, of_batch), "fix": fixes["nth"][opening]}
        openings, is_new = self._openings.before(openings)
        self._openings.keep(openings, oldest_us)
        reports = take(openings, is_apart(openings, is_new, self._interval_us))
        reports, is_new = self.last.before(reports)
        self.last.keep(reports, oldest_us)
        return reports, is_new


def steps(rows: Rows, is_new: Bools, max_gap_us: int) -> tuple[Ints, Ints]:
    """Return from which report to which a vessel's new legs lead.

    Parameters
    ----------
    rows : Rows
        Reports by vessel and time, with `segment`.
    is_new : (n,)
        Legs that end in a carried report were made before.
    max_gap_us : int
        A longer silence makes no leg [us].

    Returns
    -------
    start, end : (n_legs,)
        Row numbers; both reports of a leg are of one segment.
    """
    end = np.flatnonzero(is_new)
    end = end[end > 0]
    start = end - 1
    passed_us = rows["t_us"][end] - rows["t_us"][start]
    is_leg = (
        (rows["key"][end] == rows["key"][start])
        & (rows["segment"][end] == rows["segment"][start])
        & (passed_us <= max_gap_us)
        & (passed_us > 0)
    )
    return start[is_leg], end[is_leg]


def leg_records(rows: Rows, start: Ints, end: Ints) -> Rows:
    """Return legs between reports as records of one, see `open_runs`.

    Parameters
    ----------
    rows : Rows
        Reports by vessel and time: `key`, `t_us`, `lat`, `lon`, and `nth` and `fix` as
        `SpacedReports` gives them.
    start, end : (n_legs,)
        Row numbers, see `steps`.

    Returns
    -------
    legs : Rows
        Whose, from when, where and which fix to which; `n_legs` (1), `path_mm`, `passed_us` and
        `speed_kn` made good.
    """
    path_m = great_circle_m(
        rows["lat"][start], rows["lon"][start], rows["lat"][end], rows["lon"][end]
    )
    passed_us = rows["t_us"][end] - rows["t_us"][start]
    return {
        "key": rows["key"][end],
        "start_us": rows["t_us"][start],
        "end_us": rows["t_us"][end],
        "start_nth": rows["nth"][end],
        "end_nth": rows["nth"][end],
        "start_lat": rows["lat"][start],
        "start_lon": rows["lon"][start],
        "end_lat": rows["lat"][end],
        "end_lon": rows["lon"][end],
        "start_fix": rows["fix"][start],
        "end_fix": rows["fix"][end],
        "n_legs": np.ones(end.size, dtype=np.int64),
        "path_mm": np.rint(path_m * _MM_PER_M).astype(np.int64),
        "passed_us": passed_us,
        "speed_kn": mps_to_kn(path_m / (passed_us / US_PER_S)),
    }


def agreed_kn(
    made_kn: Floats,
    start_sog_kn: Floats,
    end_sog_kn: Floats,
) -> Floats:
    """Return the speed of legs that positions and both reports agree on [kn]; 0 if unknown."""
    agreed = np.minimum(made_kn, np.minimum(start_sog_kn, end_sog_kn))
    return np.where(np.isnan(agreed), 0.0, agreed)
