"""Sudden speed change: from way on to a standstill within seconds, and kept (Danish authority)."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.config.detect.sudden_speed_change import SuddenSpeedChangeDefault
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.runs import Ints
from vesseltrack.detect.base import Carries, Fold, Held
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.recent_fixes import RecentFixes
from vesseltrack.detect.words import limit, moment, number, place
from vesseltrack.units import US_PER_S, mps_to_kn

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "sog_kn", "port_m")
_M_PER_KM: Final = 1000.0


class SuddenSpeedChange(Fold):
    """The `default` preset of `sudden_speed_change`.

    Of all reports the last minute and a half is carried, which is the way on before a stop; a stop
    is then followed by itself until it has been kept or not.
    """

    kind = "sudden_speed_change"

    def __init__(self, rule: SuddenSpeedChangeDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._way_on_us = _us(rule.within_s + rule.made_good_s)
        self._last = LastRows()
        self._reports = RecentFixes()
        self._stops = Held()  # that are neither kept yet nor over

    def _parts(self) -> Mapping[str, Carries]:
        return {"last": self._last, "reports": self._reports, "stops": self._stops}

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        rows = batch.columns.rows(_COLUMNS)
        rows = take(rows, ~np.isnan(rows["sog_kn"]))
        self._reports.add(rows)
        both, is_new = self._last.before(rows)
        self._last.keep(both, self._frontier_us - _us(self._rule.within_s))
        stops = _stops(both, self._rule)
        stops = stops[is_new[stops]]
        begun = self._begun(both["key"][stops], both["t_us"][stops])
        drafts = self._follow(joined(self._stops.rows, begun), rows)
        past_us = self._frontier_us - self._way_on_us
        self._reports.forget(past_us, past_us - _us(self._rule.max_silence_s))
        return drafts

    def _if_ended(self) -> Sequence[Draft]:
        return []  # a stop is told the moment it has been kept, or never

    def _begun(self, keys: Ints, t_us: Ints) -> Rows:
        """Return the stops that begin with some reports, where the way before them was made."""
        if not keys.size:
            return {}
        asked = set(zip(keys.tolist(), t_us.tolist(), strict=True))
        reports = self._reports.of(np.unique(keys))
        found = []
        for row in _stops(reports, self._rule):
            if (int(reports["key"][row]), int(reports["t_us"][row])) in asked:
                stop = _begun_at(reports, int(row), self._rule)
                found += [stop] if stop is not None else []
        return {name: np.array([one[name] for one in found]) for name in found[0]} if found else {}

    def _follow(self, stops: Rows, rows: Rows) -> list[Draft]:
        """Follow stops through new reports by vessel and time; return those that were kept."""
        if not n_rows(stops):
            return []
        last_us, n_slow = stops["last_us"].copy(), stops["n_slow"].copy()
        is_on = self._frontier_us - last_us <= _us(self._rule.max_silence_s)
        first = np.searchsorted(rows["key"], stops["key"])
        behind = np.searchsorted(rows["key"], stops["key"], side="right")
        drafts = []
        for one in np.flatnonzero(behind > first):
            own = {name: column[first[one] : behind[one]] for name, column in rows.items()}
            stop, kept = _followed(row_at(stops, one), own, self._rule)
            is_on[one] = stop is not None and kept is None
            if stop is not None:
                last_us[one], n_slow[one] = stop["last_us"], stop["n_slow"]
                drafts += self._drafts(stop, kept)
        self._stops.rows = take({**stops, "last_us": last_us, "n_slow": n_slow}, is_on)
        return drafts

    def _drafts(self, stop: Row, end: Fix | None) -> list[Draft]:
        """Return the event of a stop that was kept until a fix, if the ship is long enough."""
        rule, key = self._rule, stop["key"]
        length_m = float(self._fleet.length_m(np.array([key]))[0])
        if end is None or not length_m >= rule.min_length_m:
            return []
        start = Fix(stop["before_us"], stop["before_lat"], stop["before_lon"])
        before_kn, after_kn, made_good_kn = (
            stop[name] for name in ("before_kn", "after_kn", "made_good_kn")
        )
        stopped_s = (stop["t_us"] - start.t_us) / US_PER_S
        kept_s = (end.t_us - stop["t_us"]) / US_PER_S
        return [
            Draft(
                kind=self.kind,
                keys=(key,),
                anchor=start,
                start=start,
                end=end,
                lat=end.lat,
                lon=end.lon,
                measures={
                    "before_kn": Measure(before_kn, ">", rule.min_before_kn),
                    "after_kn": Measure(after_kn, "<", rule.max_after_kn, counts=False),
                    "within_s": Measure(stopped_s, "<=", rule.within_s),
                    "kept_s": Measure(kept_s, ">=", rule.kept_s, counts=False),
                    "made_good_kn": Measure(
                        made_good_kn, ">=", rule.min_made_good_frac * before_kn, counts=False
                    ),
                    "length_m": Measure(length_m, ">=", rule.min_length_m, counts=False),
                    "vessel_class": Measure(self._fleet.class_of(key)),
                },
                innocent={"in_port": stop["port_m"] <= rule.port_radius_km * _M_PER_KM},
                evidence=[
                    Evidence(key, stop["fast_us"], end.t_us, stop["n_fast"] + stop["n_slow"])
                ],
                explanation=(
                    f"Apparent sudden stop: from {number(before_kn)} to {number(after_kn)} kn "
                    f"within {number(stopped_s)} s at {moment(start.t_us)}, "
                    f"{place(end.lat, end.lon)}, kept for {number(kept_s)} s and more; held "
                    f"against more than {limit(rule.min_before_kn)} to less than "
                    f"{limit(rule.max_after_kn)} kn within {limit(rule.within_s)} s, kept for "
                    f"{limit(rule.kept_s)} s."
                ),
                is_open=False,
            )
        ]


def _stops(reports: Rows, rule: SuddenSpeedChangeDefault) -> Ints:
    """Return the rows of reports, by vessel and time, that are the first of a standstill."""
    sog_kn, t_us = reports["sog_kn"], reports["t_us"]
    is_stop = ~is_change(reports["key"]) & (sog_kn < rule.max_after_kn)
    is_stop[1:] &= (sog_kn[:-1] > rule.min_before_kn) & (np.diff(t_us) <= _us(rule.within_s))
    return np.flatnonzero(is_stop)


def _begun_at(reports: Rows, row: int, rule: SuddenSpeedChangeDefault) -> Row | None:
    """Return the stop that begins with a report; None if positions deny the way on before it."""
    fast = _way_on_before(reports, row, rule)
    if fast is None:
        return None
    made_good_kn = _made_good_kn(reports, fast, row - 1)
    before, first = row_at(reports, row - 1), row_at(reports, row)
    if not made_good_kn >= rule.min_made_good_frac * before["sog_kn"]:
        return None
    return {
        "key": first["key"],
        "t_us": first["t_us"],
        "last_us": first["t_us"],  # up to which it has been followed
        "n_slow": 0,  # reports so far, from the first
        "before_us": before["t_us"],
        "before_lat": before["lat"],
        "before_lon": before["lon"],
        "before_kn": before["sog_kn"],
        "after_kn": first["sog_kn"],
        "made_good_kn": made_good_kn,
        "fast_us": int(reports["t_us"][fast]),
        "n_fast": row - fast,
        "port_m": first["port_m"],
    }


def _followed(
    stop: Row, own: Rows, rule: SuddenSpeedChangeDefault
) -> tuple[Row | None, Fix | None]:
    """Follow a stop through new reports of its vessel in time order.

    Returns
    -------
    stop : Row or None
        As they leave it; None once a report or a silence ended it before it had been kept.
    kept : Fix or None
        The report that shows it kept for long enough.
    """
    # The first slow report of all is its own.
    first = np.searchsorted(own["t_us"], stop["last_us"], "right" if stop["n_slow"] else "left")
    t_us = own["t_us"][first:]
    is_slow = own["sog_kn"][first:] < rule.max_after_kn
    is_heard = np.diff(t_us, prepend=stop["last_us"]) <= _us(rule.max_silence_s)
    goes_on = np.logical_and.accumulate(is_slow & is_heard)
    kept = np.flatnonzero(goes_on & (t_us >= stop["t_us"] + _us(rule.kept_s)))
    if kept.size:
        n_slow = stop["n_slow"] + int(kept[0]) + 1
        return {**stop, "n_slow": n_slow}, _fix(own, int(first + kept[0]))
    if not goes_on.all():
        return None, None
    last_us = int(t_us[-1]) if t_us.size else stop["last_us"]
    return {**stop, "n_slow": stop["n_slow"] + t_us.size, "last_us": last_us}, None


def _way_on_before(reports: Rows, row: int, rule: SuddenSpeedChangeDefault) -> int | None:
    """Return the first report of the way on before a standstill; None without enough of them."""
    since_us = int(reports["t_us"][row - 1]) - _us(rule.made_good_s)
    first = row - 1
    while (
        first > 0
        and reports["key"][first - 1] == reports["key"][row]
        and reports["sog_kn"][first - 1] > rule.min_before_kn
        and reports["t_us"][first] - reports["t_us"][first - 1] <= _us(rule.max_silence_s)
        and reports["t_us"][first] > since_us
    ):
        first -= 1
    return first if row - first >= rule.min_fast_reports else None


def _made_good_kn(reports: Rows, first: int, last: int) -> float:
    lat, lon, t_us = reports["lat"], reports["lon"], reports["t_us"]
    moved_m = float(great_circle_m(lat[first], lon[first], lat[last], lon[last]))
    return mps_to_kn(moved_m / max((int(t_us[last]) - int(t_us[first])) / US_PER_S, 1.0))


def _fix(reports: Rows, row: int) -> Fix:
    return Fix(int(reports["t_us"][row]), float(reports["lat"][row]), float(reports["lon"][row]))


def _us(seconds: float) -> int:
    return round(seconds * US_PER_S)
