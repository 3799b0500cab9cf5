"""Circles: hours of reports under way that all lie on one small circle.

Receivers that are jammed or fed a false signal make a vessel run in a circle. What drifts, fishes
or patrols keeps to a small place as well, but to no circle: the reports must lie on its line.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.config.detect.position_spoofing import PositionSpoofingDefault
from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.latest import Latest
from vesseltrack.core.records import Rows, is_change, joined, n_rows, take
from vesseltrack.core.runs import Bools, Ints, block_of_row, offsets_of_sorted, ranges
from vesseltrack.core.several import Several
from vesseltrack.core.shape import metres_from, point_at
from vesseltrack.units import US_PER_HOUR, h_to_us, nm_to_m

_TRIES: int = 5  # fits, each without the reports that the one before left aside
_LEAST: int = 3  # points give a circle
_COLUMNS: Final = ("key", "t_us", "lat", "lon", "sog_kn")
_SPAN: Final = ("start_us", "end_us")


@dataclass(frozen=True)
class Round:
    """A circle drawn through points on a plane."""

    east_m: float
    north_m: float
    radius_m: float
    off_m: float  # root mean square of the distances from its line
    hole_deg: float  # widest arc without a point


@dataclass(frozen=True)
class Circle:
    """One vessel's reports on one circle."""

    key: int
    reports: Rows  # from the first to the last on it, those off it left out
    lat: float
    lon: float
    shape: Round
    known_us: int  # when nothing could extend it any more, however the reports came


class Circles:
    """The fold from reports to circles; its rows are the reports that may be part of one."""

    def __init__(self, rule: PositionSpoofingDefault) -> None:
        self._rule = rule
        self._gap_us = h_to_us(rule.circle_gap_h)
        self._look_us = h_to_us(rule.circle_look_h)
        self._reports = Several()
        # When each vessel's latest run ended, or it was heard last; found from the reports.
        self._until = Latest()
        self._under_way: list[Circle] | None = None

    @property
    def rows(self) -> Rows:
        """The reports that may be part of a circle, by vessel and time."""
        return self._reports.rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._reports.rows = rows
        self._until, self._under_way = Latest(), None
        if rows:
            since = _row_at(rows, rows["t_us"] - self._look_us)
            start, end, is_last = self._runs(rows, since)
            every = np.ones(n_rows(rows), dtype=np.bool_)
            self._note(np.unique(rows["key"]), rows, every, (start[is_last], end[is_last]))

    def push(self, reports: Rows, frontier_us: int) -> list[Circle]:
        """Take in reports by vessel and time; return the circles that nothing can extend."""
        is_due = frontier_us - self._until.column("end_us") > self._gap_us
        keys = np.union1d(reports["key"], self._until.keys[is_due])
        if not keys.size:
            return []
        self._under_way = None
        fresh = {name: reports[name] for name in _COLUMNS}
        fresh["is_judged"] = np.zeros(n_rows(reports), dtype=np.bool_)
        rows = joined(self._reports.of(keys), fresh)
        # What was carried is older, and a stable sort keeps it in front.
        rows = take(rows, np.argsort(rows["key"], kind="stable"))
        since = _row_at(rows, rows["t_us"] - self._look_us)
        start, end, is_last = self._runs(rows, since)
        is_closed = ~is_last | (frontier_us - rows["t_us"][end] > self._gap_us)
        found = [
            self._circle(rows, *run) for run in zip(start[is_closed], end[is_closed], strict=True)
        ]
        rows["is_judged"][ranges(start[is_closed], end[is_closed] + 1)] = True
        start, end = start[~is_closed], end[~is_closed]
        is_recent = frontier_us - rows["t_us"] <= self._gap_us
        kept = (self._is_needed(rows, since) & is_recent) | _is_from(rows, start)
        self._note(keys, rows, kept, (start, end))
        self._reports.put(keys, take(rows, kept))
        return [circle for circle in found if circle is not None]

    def under_way(self) -> list[Circle]:
        """Return the circles that there would be if the data ended here."""
        if self._under_way is None:
            until = self._until
            is_long = until.column("end_us") - until.column("start_us") >= h_to_us(
                self._rule.circle_h
            )
            rows = self._reports.of(until.keys[is_long])
            found = []
            if rows:
                start, end, _ = self._runs(rows, _row_at(rows, rows["t_us"] - self._look_us))
                found = [self._circle(rows, *run) for run in zip(start, end, strict=True)]
            self._under_way = [circle for circle in found if circle is not None]
        return self._under_way

    def _is_needed(self, rows: Rows, since: Ints) -> Bools:
        """Return which reports a later one may look back on, shape (n,).

        None looks back farther than the last one does, nor beyond a slow one.
        """
        offsets = offsets_of_sorted(rows["key"])
        place = np.arange(n_rows(rows))
        is_slow = ~(rows["sog_kn"] > self._rule.circle_kn)
        after_slow = np.maximum.accumulate(np.where(is_slow, place + 1, 0))
        last = offsets[1:] - 1
        first = np.maximum(since[last], after_slow[last])
        return np.asarray(place >= first[block_of_row(offsets)])

    def _note(self, keys: Ints, rows: Rows, kept: Bools, runs: tuple[Ints, Ints]) -> None:
        """Note when each vessel's open run began and ended, or when it was heard last."""
        start, end = runs
        left = take({name: rows[name] for name in ("key", "t_us")}, kept)
        last = take(left, offsets_of_sorted(left["key"])[1:] - 1)
        at = np.searchsorted(last["key"], rows["key"][end])
        noted = {"key": last["key"], **{name: last["t_us"].copy() for name in _SPAN}}
        noted["start_us"][at], noted["end_us"][at] = rows["t_us"][start], rows["t_us"][end]
        self._until.keep(~np.isin(self._until.keys, np.setdiff1d(keys, last["key"])))
        self._until.put(noted)

    def _runs(self, rows: Rows, since: Ints) -> tuple[Ints, Ints, Bools]:
        """Return first and last row of each stay in a small place, and whether it is the latest.

        A report stays when an hour before it, in the row `since`, the vessel was as near, and
        under way all the while; the times looked back over are joined where they overlap.
        """
        now = np.arange(n_rows(rows))
        slow = np.concatenate(([0], np.cumsum(~(rows["sog_kn"] > self._rule.circle_kn))))
        stays = (
            (since >= 0)
            & ~rows["is_judged"]
            & (rows["t_us"] - rows["t_us"][since] <= self._gap_us)
            & (slow[now + 1] == slow[since])
        )
        now, since = now[stays], since[stays]
        near_m = nm_to_m(self._rule.circle_spread_nm)
        lat, lon = rows["lat"], rows["lon"]
        is_near = great_circle_m(lat[since], lon[since], lat[now], lon[now]) < near_m
        now, since = now[is_near], since[is_near]
        begins = is_change(rows["key"][now])
        begins[1:] |= since[1:] > now[:-1]
        first = np.flatnonzero(begins)
        last = np.append(first[1:], now.size)[: first.size] - 1
        key = rows["key"][now[first]]
        is_last = np.append(is_change(key)[1:], True)[: key.size]
        return since[first], now[last], is_last

    def _circle(self, rows: Rows, first: int, last: int) -> Circle | None:
        rule = self._rule
        run = {name: column[first : last + 1] for name, column in rows.items()}
        if run["t_us"][-1] - run["t_us"][0] < h_to_us(rule.circle_h):
            return None
        lat0, lon0 = (np.full(n_rows(run), run[name][0]) for name in ("lat", "lon"))
        east_m, north_m = (
            way.astype(np.float64) for way in metres_from(lat0, lon0, run["lat"], run["lon"])
        )
        on, shape = _drawn(east_m, north_m, rule.circle_stray_frac)
        if on.size < rule.circle_points or not self._is_circle(shape):
            return None
        span_us = run["t_us"][on[-1]] - run["t_us"][on[0]]
        if span_us < h_to_us(rule.circle_h):
            return None
        if on.size < rule.circle_on_frac * (on[-1] - on[0] + 1):
            return None
        lat, lon = point_at(
            lat0[:1], lon0[:1], np.array([shape.east_m]), np.array([shape.north_m])
        )
        known_us = int(run["t_us"][-1]) + self._gap_us + 1
        middle = float(lat[0]), float(lon[0])
        return Circle(int(run["key"][0]), take(run, on), *middle, shape, known_us)

    def _is_circle(self, shape: Round) -> bool:
        rule = self._rule
        return (
            rule.circle_min_radius_m <= shape.radius_m
            and 2 * shape.radius_m < nm_to_m(rule.circle_spread_nm)
            and shape.off_m <= rule.circle_max_off_frac * shape.radius_m
            and shape.hole_deg <= rule.circle_max_hole_deg
        )


def duration_h(circle: Circle) -> float:
    """Return how long a circle was run [h]."""
    t_us = circle.reports["t_us"]
    return float(t_us[-1] - t_us[0]) / US_PER_HOUR


def drawn_through(east_m: Floats, north_m: Floats) -> Round:
    """Return the circle that fits points best, by least squares of its equation (Kasa 1976).

    Parameters
    ----------
    east_m, north_m : (n,)
        Points on a plane, at least three [m].

    Returns
    -------
    round : Round
        Of points on one line, a circle of any size that passes them; never NaN.
    """
    equations = np.column_stack((2 * east_m, 2 * north_m, np.ones(east_m.size)))
    squares = east_m**2 + north_m**2
    (east0_m, north0_m, rest), *_ = np.linalg.lstsq(equations, squares, rcond=None)
    radius_m = float(np.sqrt(max(rest + east0_m**2 + north0_m**2, 0.0)))
    off_m = np.hypot(east_m - east0_m, north_m - north0_m) - radius_m
    bearing = np.sort(np.degrees(np.arctan2(east_m - east0_m, north_m - north0_m)))
    hole_deg = float(np.max(np.diff(bearing, append=bearing[0] + 360.0)))
    return Round(
        float(east0_m), float(north0_m), radius_m, float(np.sqrt(np.mean(off_m**2))), hole_deg
    )


def _drawn(east_m: Floats, north_m: Floats, stray_frac: float) -> tuple[Ints, Round]:
    """Return the points on the best circle, and that circle."""
    on = np.arange(east_m.size)
    shape = drawn_through(east_m, north_m)
    for _ in range(_TRIES):
        away_m = np.hypot(east_m - shape.east_m, north_m - shape.north_m)
        fits = np.flatnonzero(np.abs(away_m - shape.radius_m) <= stray_frac * shape.radius_m)
        if fits.size < _LEAST or np.array_equal(fits, on):
            break
        on, shape = fits, drawn_through(east_m[fits], north_m[fits])
    return on, shape


def _is_from(rows: Rows, start: Ints) -> Bools:
    """Return which rows stand at or behind some rows of their vessels, one each; shape (n,)."""
    is_from = np.zeros(n_rows(rows), dtype=np.bool_)
    stop = np.searchsorted(rows["key"], rows["key"][start], side="right")
    is_from[ranges(start, stop)] = True
    return is_from


def _row_at(rows: Rows, t_us: Ints) -> Ints:
    """Return the last row of each row's vessel at or before a time; -1 where there is none."""
    n = n_rows(rows)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    is_first = is_change(rows["key"])
    first = np.flatnonzero(is_first)
    number = np.cumsum(is_first) - 1
    # One rising column: vessel after vessel, each with a time of its own span and the look back.
    since_us = int(min(rows["t_us"].min(), t_us.min()))
    span_us = int(rows["t_us"].max()) - since_us + 1
    rising = number * span_us + (rows["t_us"] - since_us)
    row = np.searchsorted(rising, number * span_us + (t_us - since_us), side="right") - 1
    return np.where(row >= first[number], row, -1)
