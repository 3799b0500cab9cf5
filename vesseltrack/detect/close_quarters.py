"""Two vessels close together, evaluated at the times of their own reports. Arrays only."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import angle_between_deg, great_circle_m, lon_difference_deg
from vesseltrack.core.neighbours import Near
from vesseltrack.core.records import Rows, is_change, n_rows, take
from vesseltrack.core.resample import on_grid
from vesseltrack.core.runs import Bools, Ints, ranges
from vesseltrack.core.vessel_keys import mmsis_of, pair_keys
from vesseltrack.units import EARTH_RADIUS_M, US_PER_S, mps_to_kn

Floats = npt.NDArray[np.float64]

# A vessel's number above, the time since the window began below: fits for windows of 25 days.
_TIME_BITS: Final = 41
_HALF_TURN: Final = 180.0
# At a time between two fixes what was nearer to land counts; the later speed and heading.
_PLACES: Final = ("port_m", "shore_m")
_OF_SIDE: Final = ("lat", "lon", "fix_from", "fix_to", "from_us", "to_us")
_DISTANCES: Final = ("distance_m", "heading_off_deg", "max_speed_kn", *_PLACES)
_INSTANT: Final = ("key", "t_us", *_DISTANCES, "key_1", "key_2")
_MEASURED: Final = {*_DISTANCES, "lat_1", "lon_1", "lat_2", "lon_2"}


@dataclass(frozen=True)
class Window:
    """The stretch of time to evaluate, half open and in whole check intervals [us], and how."""

    start_us: int
    stop_us: int
    interval_us: int
    max_interpolation_us: int
    max_leg_mps: float = np.inf
    leg_slack_m: float = np.inf

    def reach_m(self, passed_us: Ints) -> Floats:
        """Return how far two fixes may be apart and tell the way between [m], shape (n,)."""
        return self.max_leg_mps * (passed_us / US_PER_S) + self.leg_slack_m


class _Fleet:
    """Fixes by vessel and time, and the legs between those that follow on one another."""

    def __init__(self, fixes: Rows, window: Window) -> None:
        self.fixes = fixes
        key, t_us = fixes["key"], fixes["t_us"]
        self.t0_us = int(t_us.min()) if t_us.size else 0
        number = np.cumsum(is_change(key)) - 1
        self.keys = key[is_change(key)]
        self._sorted = (number << _TIME_BITS) | (t_us - self.t0_us)
        self.is_leg = np.zeros(t_us.size, dtype=np.bool_)  # to the fix from the one before
        passed_us = np.diff(t_us)
        self.is_leg[1:] = (
            (key[1:] == key[:-1])
            & (fixes["segment"][1:] == fixes["segment"][:-1])
            & (np.diff(fixes["nth"]) == 1)
            & (passed_us <= window.max_interpolation_us)
            & (passed_us > 0)
        )
        _deny_leaps(fixes, self.is_leg, window)

    def row_at_or_after(self, key: Ints, t_us: Ints) -> Ints:
        """Return the row of each vessel's first fix at or after a time, shape (n,)."""
        number = np.searchsorted(self.keys, key)
        asked = (number << _TIME_BITS) | np.maximum(t_us - self.t0_us, 0)
        return np.searchsorted(self._sorted, asked)

    def at(self, key: Ints, t_us: Ints) -> tuple[Rows, Bools]:
        """Return where vessels were at times, and whether their fixes tell."""
        fixes, n = self.fixes, n_rows(self.fixes)
        row = np.minimum(self.row_at_or_after(key, t_us), n - 1)
        on_fix = (fixes["key"][row] == key) & (fixes["t_us"][row] == t_us)
        # Behind the last fix of all nothing is known, though its row is the nearest.
        is_within = (fixes["key"][row] == key) & self.is_leg[row] & (fixes["t_us"][row] >= t_us)
        # A fix that no leg leads to is where its vessel was, at the speed of the leg after it.
        leg = np.where(on_fix & ~self.is_leg[row], np.minimum(row + 1, n - 1), row)
        leads_on = self.is_leg[leg] & (fixes["key"][leg] == key)
        before = np.where(leads_on, leg - 1, row)
        after = np.where(leads_on, leg, row)
        passed_us = np.maximum(fixes["t_us"][after] - fixes["t_us"][before], 1)
        along = (t_us - fixes["t_us"][before]) / passed_us
        lat0, lon0 = fixes["lat"][before], fixes["lon"][before]
        lat1, lon1 = fixes["lat"][after], fixes["lon"][after]
        made_good_m = great_circle_m(lat0, lon0, lat1, lon1)
        made_good_kn = np.where(leads_on, mps_to_kn(made_good_m / (passed_us / US_PER_S)), np.nan)
        sog_kn = fixes["sog_kn"][after]
        place = {
            "lat": lat0 + along * (lat1 - lat0),
            "lon": lon0 + along * lon_difference_deg(lon0, lon1),
            "speed_kn": np.where(np.isnan(sog_kn), made_good_kn, sog_kn),
            "heading_deg": fixes["heading_deg"][after],
            "fix_from": fixes["nth"][np.where(on_fix, row, before)],
            "fix_to": fixes["nth"][row],
            "from_us": fixes["t_us"][np.where(on_fix, row, before)],
            "to_us": fixes["t_us"][row],
        }
        for name in _PLACES:
            place[name] = np.minimum(fixes[name][before], fixes[name][after])
        return place, on_fix | is_within


def _deny_leaps(rows: Rows, is_leg: Bools, window: Window) -> None:
    """Take back legs that are farther than vessels come."""
    lat, lon = rows["lat"], rows["lon"]
    # Nearly all are shorter than the slack alone by their degrees.
    short_deg = np.degrees(window.leg_slack_m / EARTH_RADIUS_M) / 2
    is_far = (np.abs(np.diff(lat)) > short_deg) | (np.abs(np.diff(lon)) > short_deg)
    end = np.flatnonzero(is_far & is_leg[1:]) + 1
    far_m = great_circle_m(lat[end - 1], lon[end - 1], lat[end], lon[end])
    is_leg[end] = far_m <= window.reach_m(rows["t_us"][end] - rows["t_us"][end - 1])


def checks_of(rows: Rows, is_new: Bools, least_port_m: float, window: Window) -> Rows:
    """Return where vessels were at whole check intervals, as far as new fixes tell.

    Parameters
    ----------
    rows : Rows
        `key`, `t_us`, `lat`, `lon`, `segment` and `port_m` of all fixes by vessel and time, each
        vessel's last before them in front.
    is_new : (n,)
        What ends in a carried row was told before.
    least_port_m : float
        A leg with an end this near a port tells nothing [m].
    window : Window
        How often to look, and across how long a silence to interpolate.

    Returns
    -------
    checks : Rows
        `key`, `t_us`, `lat` and `lon`, in no particular order.
    """
    key, t_us, segment = rows["key"], rows["t_us"], rows["segment"]
    is_away = rows["port_m"] > least_port_m
    is_leg = is_new & is_away
    is_leg[:1] = False
    is_leg[1:] &= (
        is_away[:-1]
        & (key[1:] == key[:-1])
        & (segment[1:] == segment[:-1])
        & (np.diff(t_us) <= window.max_interpolation_us)
    )
    _deny_leaps(rows, is_leg, window)
    found = on_grid(t_us, rows["lat"], rows["lon"], is_leg, window.interval_us)
    return {"key": key[found.end], "t_us": found.t_us, "lat": found.lat, "lon": found.lon}


@dataclass(frozen=True)
class Pairs:
    """Two vessels close together at a check time, the smaller key first, shape (n,).

    From `start_us` up to `stop_us` is asked of each, of all rows of one pair alike.
    """

    key_1: Ints
    key_2: Ints
    check_us: Ints
    start_us: Ints
    stop_us: Ints

    @classmethod
    def of(cls, near: Near, window: Window) -> "Pairs":
        """Return pairs of rows of `checks_of`, of which a window is asked."""
        nobody = np.zeros(0, dtype=np.int64)
        if not near.n:
            return cls(nobody, nobody, nobody, nobody, nobody)
        one, other = near.first["key"], near.second["key"]
        # Two transmitters on one MMSI are no pair: telling them apart may have been the mistake.
        apart = mmsis_of(one) != mmsis_of(other)
        one, other, check_us = one[apart], other[apart], near.first["t_us"][apart]
        start_us = np.full_like(check_us, window.start_us)
        stop_us = np.full_like(check_us, window.stop_us)
        return cls(np.minimum(one, other), np.maximum(one, other), check_us, start_us, stop_us)

    def between(self, start_us: Ints, stop_us: Ints, interval_us: int) -> "Pairs":
        """Return those that tell of a stretch of time, and ask them of that; shape (n,) [us]."""
        asked = (self.check_us + interval_us >= start_us) & (start_us < stop_us)
        asked &= self.check_us - interval_us < stop_us
        columns = (self.key_1, self.key_2, self.check_us, start_us, stop_us)
        return Pairs(*(column[asked] for column in columns))

    @property
    def n(self) -> int:
        """The number of rows."""
        return self.key_1.size

    @property
    def keys(self) -> Ints:
        """The vessels among them, rising."""
        return np.union1d(self.key_1, self.key_2)


def no_instants() -> Rows:
    """Return what `instants_of` returns where there are none."""
    return {
        name: np.zeros(0, dtype=np.float64 if name in _MEASURED else np.int64)
        for name in (*_INSTANT, *(f"{name}_{suffix}" for suffix in "12" for name in _OF_SIDE))
    }


def instants_of(fixes: Rows, pairs: Pairs, window: Window) -> Rows:
    """Return every time asked about at which two vessels that are close can be judged.

    Of a pair close at a check time every report time of either vessel up to a check interval
    before and after is an instant, and the check times themselves, those too at which they are
    not close any more. So a stretch of being close that is longer than a check interval is never
    missed, and its end is always seen.

    Parameters
    ----------
    fixes : Rows
        `key`, `t_us`, `lat`, `lon`, `segment`, `nth`, `sog_kn`, `heading_deg`, `port_m` and
        `shore_m` of the vessels of the pairs by vessel and time, complete from the last one before
        the first time asked about to an interpolation after the last.
    pairs : Pairs
        Those close at check times from an interval before to one after what is asked of them.
    window : Window
        How often to look, and across how long a silence to interpolate.

    Returns
    -------
    instants : Rows
        By pair and time: `key` (of the pair), `t_us`, `distance_m`, `heading_off_deg` (from
        parallel or opposite), `max_speed_kn` of both, `port_m`, `shore_m` (the nearer), `key_1`
        and `key_2` (the smaller first), `lat_1`, `lon_1`, `lat_2`, `lon_2`, and of the fixes
        around it the numbers and times, `fix_from_1`, `fix_to_1`, `from_us_1`, `to_us_1` and the
        same of the other.
    """
    fleet = _Fleet(fixes, window)
    all_rows, check_us = np.arange(pairs.n), pairs.check_us
    shifts = (-window.interval_us, 0, window.interval_us)
    rows, times = [all_rows] * len(shifts), [check_us + shift for shift in shifts]
    for own in (pairs.key_1, pairs.key_2):
        first = fleet.row_at_or_after(own, np.maximum(check_us + shifts[0], pairs.start_us))
        stop = fleet.row_at_or_after(own, np.minimum(check_us + shifts[-1], pairs.stop_us))
        rows.append(np.repeat(all_rows, stop - first))
        times.append(fixes["t_us"][ranges(first, stop)])
    row, t_us = np.concatenate(rows), np.concatenate(times)
    asked = np.flatnonzero((t_us >= pairs.start_us[row]) & (t_us < pairs.stop_us[row]))
    row, t_us = row[asked], t_us[asked]
    key_1, key_2 = pairs.key_1[row], pairs.key_2[row]
    pair = pair_keys(key_1, key_2)
    order = np.lexsort((t_us, pair))
    order = order[is_change(pair[order], t_us[order])]
    return _judged(fleet, pair[order], key_1[order], key_2[order], t_us[order])


def _judged(fleet: _Fleet, pair: Ints, key_1: Ints, key_2: Ints, t_us: Ints) -> Rows:
    one, knows_one = fleet.at(key_1, t_us)
    other, knows_other = fleet.at(key_2, t_us)
    off_deg = angle_between_deg(one["heading_deg"], other["heading_deg"])
    rows = {
        "key": pair,
        "t_us": t_us,
        "distance_m": great_circle_m(one["lat"], one["lon"], other["lat"], other["lon"]),
        "heading_off_deg": np.minimum(off_deg, _HALF_TURN - off_deg),
        "max_speed_kn": np.maximum(one["speed_kn"], other["speed_kn"]),
        **{name: np.minimum(one[name], other[name]) for name in _PLACES},
        "key_1": key_1,
        "key_2": key_2,
    }
    for suffix, side in (("1", one), ("2", other)):
        for name in _OF_SIDE:
            rows[f"{name}_{suffix}"] = side[name]
    return take(rows, knows_one & knows_other)
