"""Gaps: a vessel not heard for long, and whether reception explains it.

The fix before a gap is its *off* position, the one after it its *on* position; an open gap has no
*on* yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.config.detect.ais_gap import AisGapConfig
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.identity import mmsi_of_key
from vesseltrack.core.records import Row, Rows, joined, row_at, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.shape import point_at
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries, Fold
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.silences import Silences
from vesseltrack.detect.words import duration, limit, number, place, span
from vesseltrack.units import US_PER_HOUR, h_to_us, m_to_nm, nm_to_m

_COLUMNS: Final = (
    "key",
    "t_us",
    "lat",
    "lon",
    "sog_kn",
    "cog_deg",
    "nav_status",
    "cell",
    "shore_m",
    "port_m",
    "anchorage_m",
)
_ALWAYS_US: Final = np.iinfo(np.int64).min
_M_PER_KM: Final = 1000.0


@dataclass(frozen=True)
class Gap:
    """One gap: the fixes around it, and what was found out about it."""

    off: Row
    on: Row | None  # None while it is open
    end_us: int
    silence: Rows | None  # None when reception was not asked for
    n_before: int | None
    is_heard_elsewhere: bool  # another transmitter on the MMSI was heard meanwhile


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

    def count(self, key: int, off_us: int) -> int:
        """Return how many fixes a vessel had up to one, and not longer ago than the length."""
        first, stop = np.searchsorted(self.rows["key"], [key, key + 1])
        times = self.rows["t_us"][first:stop]
        found = np.searchsorted(times, off_us, side="right") - np.searchsorted(
            times, off_us - self._length_us
        )
        return int(found)

    def forget(self) -> None:
        """Keep what may still lie before a gap: the last stretch of each vessel."""
        key, t_us = self.rows["key"], self.rows["t_us"]
        last = np.searchsorted(key, key, side="right") - 1
        self.rows = take(self.rows, t_us >= t_us[last] - self._length_us)


class AisGap(Fold):
    """The presets `default` and `gfw` of `ais_gap`, alone or together."""

    kind = "ais_gap"

    def __init__(
        self, config: AisGapConfig, confidence: ConfidenceConfig, presets: tuple[str, ...]
    ) -> None:
        super().__init__(confidence)
        self._config = config
        self._has_default, self._has_gfw = "default" in presets, "gfw" in presets
        limits_h = [config.default.min_gap_h] * self._has_default
        limits_h += [config.gfw.min_gap_h] * self._has_gfw
        self._min_gap_us = h_to_us(min(limits_h))
        self._silences = Silences(config.default, config.reception)
        self._look_back = LookBack(h_to_us(config.gfw.look_back_h))
        self._last = LastRows()

    def _parts(self) -> Mapping[str, Carries]:
        silences = self._silences
        return {
            "last": self._last,
            "silences": silences,
            "heard": silences.heard,
            "begun": silences.begun,
            "current": silences.current,
            "look_back": self._look_back,
        }

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        fixes = batch.columns.rows(_COLUMNS)
        before = self._last.rows
        rows, is_new = self._last.before(fixes)
        self._last.keep(rows, _ALWAYS_US)
        on = np.flatnonzero(is_new)
        on = on[on > 0]
        passed_us = rows["t_us"][on] - rows["t_us"][on - 1]
        same = rows["key"][on] == rows["key"][on - 1]
        on = on[same & (passed_us >= self._min_gap_us)]
        silences = self._reception_of(fixes, rows, on)
        if self._has_gfw:
            self._look_back.push(fixes)
        elsewhere = self._heard_elsewhere(before, rows, on)
        gaps = [
            Gap(
                off=row_at(rows, row - 1),
                on=row_at(rows, row),
                end_us=int(rows["t_us"][row]),
                silence=silences.get(int(row)),
                n_before=self._n_before(row_at(rows, row - 1)),
                is_heard_elsewhere=row in elsewhere,
            )
            for row in on
        ]
        if self._has_gfw:
            self._look_back.forget()
        return self._drafts(gaps)

    def _reception_of(self, fixes: Rows, rows: Rows, on: Ints) -> dict[int, Rows]:
        """Return the judged silence of each row that ended one, and go on watching the others."""
        if not self._has_default:
            return {}
        silences, now_us = self._silences, self._frontier_us
        silences.hear(fixes, now_us)
        min_gap_us = h_to_us(self._config.default.min_gap_h)
        on = on[rows["t_us"][on] - rows["t_us"][on - 1] >= min_gap_us]
        off = take(rows, on - 1)
        last = self._last.rows
        silent = take(last, now_us - last["t_us"] >= min_gap_us)
        silences.judge(joined(off, silent))
        ended = silences.ended(off["key"], off["t_us"], rows["t_us"][on]) if on.size else {}
        silences.forget(now_us)
        return {int(row): take(ended, np.array([i])) for i, row in enumerate(on)}

    def _heard_elsewhere(self, before: Rows, rows: Rows, on: Ints) -> set[int]:
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
        mmsi, n_keys = np.unique(mmsis_of(self._last.rows["key"]), return_counts=True)
        shared = mmsi[n_keys > 1]
        on = on[np.isin(mmsis_of(rows["key"][on]), shared)]
        if not on.size:
            return set()
        heard = joined(before, rows)
        heard = take(heard, np.isin(mmsis_of(heard["key"]), shared))
        return {int(row) for row in on if _is_heard_between(heard, rows, row)}

    def _n_before(self, off: Row) -> int | None:
        if not self._has_gfw:
            return None
        return self._look_back.count(off["key"], off["t_us"])

    def _if_ended(self) -> Sequence[Draft]:
        last = self._last.rows
        if not last:
            return []
        gaps = []
        watched = self._silences.rows
        is_live = (
            self._silences.still_heard(watched, self._frontier_us)
            if watched
            else np.zeros(0, dtype=np.bool_)
        )
        row_of = {int(key): row for row, key in enumerate(watched.get("key", ()))}
        open_rows = np.flatnonzero(self._frontier_us - last["t_us"] >= self._min_gap_us)
        for row in open_rows:
            off = row_at(last, row)
            watched_row = row_of.get(off["key"])
            is_told = watched_row is not None and bool(is_live[watched_row])
            gaps.append(
                Gap(
                    off=off,
                    on=None,
                    end_us=self._frontier_us,
                    silence=take(watched, np.array([watched_row])) if is_told else None,
                    n_before=self._n_before(off),
                    is_heard_elsewhere=_last_on_mmsi(last, off["key"]) > off["t_us"],
                )
            )
        return self._drafts(gaps)

    def _drafts(self, gaps: Sequence[Gap]) -> list[Draft]:
        drafts = []
        for gap in gaps:
            presets = self._met(gap)
            if presets:
                drafts.append(self._draft(gap, presets))
        return drafts

    def _met(self, gap: Gap) -> tuple[str, ...]:
        passed_us = gap.end_us - gap.off["t_us"]
        met = []
        if gap.silence is not None and bool(
            self._silences.is_improbable(gap.silence, np.array([gap.end_us]))[0]
        ):
            met.append("default")
        if self._has_gfw and passed_us > h_to_us(self._config.gfw.min_gap_h):
            met.append("gfw")
        return tuple(met)

    def _draft(self, gap: Gap, presets: tuple[str, ...]) -> Draft:
        key = gap.off["key"]
        off = _fix(gap.off)
        # An open gap has no other end: its place is where it began.
        end = Fix(gap.end_us, off.lat, off.lon) if gap.on is None else _fix(gap.on)
        measures = self._measures(gap, off, end, presets)
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=off,
            start=off,
            end=end,
            lat=off.lat,
            lon=off.lon,
            measures=measures,
            innocent=self._innocent(gap),
            evidence=[Evidence(key, off.t_us, end.t_us, 1 if gap.on is None else 2)],
            explanation=self._sentence(gap, off, end, measures),
            is_open=gap.on is None,
            presets=presets,
        )

    def _measures(
        self, gap: Gap, off: Fix, end: Fix, presets: tuple[str, ...]
    ) -> dict[str, Measure]:
        rule, hours = self._config.default, (end.t_us - off.t_us) / US_PER_HOUR
        if "default" in presets:
            measures = {"duration_h": Measure(hours, ">=", rule.min_gap_h)}
        else:
            measures = {"duration_h": Measure(hours, ">", self._config.gfw.min_gap_h)}
        if gap.silence is not None and "default" in presets:
            heard = self._silences.heard_frac(gap.silence, np.array([end.t_us]))
            measures |= {
                "chance_frac": Measure(float(gap.silence["chance"][0]), "<=", rule.max_chance),
                "heard_frac": Measure(float(heard[0]), ">=", rule.min_heard_frac),
                "others_vessel_hours": Measure(int(gap.silence["n_vessel_hours"][0])),
                "others_silences_before": Measure(int(gap.silence["n_silences"][0])),
                "others_silent_meanwhile": Measure(int(gap.silence["n_others_silent"][0])),
            }
        if gap.on is not None:
            measures |= _way_measures(gap.off, off, end)
        if gap.n_before is not None:
            measures["n_positions_before"] = Measure(gap.n_before)
        measures["off_shore_nm"] = Measure(m_to_nm(gap.off["shore_m"]))
        measures["vessel_class"] = Measure(self._fleet.class_of(gap.off["key"]))
        return measures

    def _innocent(self, gap: Gap) -> dict[str, bool]:
        rule = self._config.default
        ends = [gap.off] if gap.on is None else [gap.off, gap.on]
        radius_m = rule.port_radius_km * _M_PER_KM
        is_still = gap.off["sog_kn"] <= rule.still_speed_kn
        if gap.on is not None:
            moved_m = great_circle_m(gap.off["lat"], gap.off["lon"], gap.on["lat"], gap.on["lon"])
            is_still = is_still and bool(moved_m <= nm_to_m(rule.same_place_nm))
        near_shore = gap.off["shore_m"] <= nm_to_m(rule.near_shore_nm)
        return {
            "in_port": all(min(row["port_m"], row["anchorage_m"]) <= radius_m for row in ends),
            "lay_near_shore": is_still and near_shore,
            "mmsi_heard_meanwhile": gap.is_heard_elsewhere,
        }

    def _sentence(self, gap: Gap, off: Fix, end: Fix, measures: Mapping[str, Measure]) -> str:
        passed_us = end.t_us - off.t_us
        shore_nm = m_to_nm(gap.off["shore_m"])
        text = (
            f"Apparent gap: not heard for {duration(passed_us)} "
            f"({span(off.t_us, end.t_us)}) after {place(off.lat, off.lon)}, "
            f"{number(shore_nm)} nm from shore"
        )
        if gap.on is None:
            text += ", and not heard again yet"
        else:
            moved_nm = float(measures["distance_nm"].value)
            text += f", heard again {number(moved_nm)} nm away at {place(end.lat, end.lon)}"
        held = f"{limit(float(measures['duration_h'].threshold or 0.0))} h"
        if "chance_frac" not in measures:
            return f"{text}; held against {held} (GFW)."
        return (
            f"{text}, while others were heard there in "
            f"{float(measures['heard_frac'].value):.0%} of the hours; held against {held} and a "
            f"chance of {limit(self._config.default.max_chance)}, here "
            f"{float(measures['chance_frac'].value):.2g}."
        )


def _fix(row: Row) -> Fix:
    return Fix(row["t_us"], row["lat"], row["lon"])


def _way_measures(off_row: Row, off: Fix, on: Fix) -> dict[str, Measure]:
    """Return how far the vessel got, and how far it could have."""
    hours = (on.t_us - off.t_us) / US_PER_HOUR
    distance_nm = float(m_to_nm(great_circle_m(off.lat, off.lon, on.lat, on.lon)))
    sog_kn = off_row["sog_kn"]
    # All places from which both ends can be reached in time at the speed before: an ellipse.
    half_long_nm = sog_kn * hours / 2
    half_short_nm = np.sqrt(max(half_long_nm**2 - (distance_nm / 2) ** 2, 0.0))
    reckoned_m, course = nm_to_m(sog_kn * hours), np.radians(off_row["cog_deg"])
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


def _is_heard_between(heard: Rows, rows: Rows, row: int) -> bool:
    """Return whether another transmitter on the MMSI was heard in the gap that a row ended."""
    others = _is_other(heard["key"], int(rows["key"][row]))
    t_us = heard["t_us"][others]
    return bool(np.any((t_us > rows["t_us"][row - 1]) & (t_us < rows["t_us"][row])))


def _is_other(keys: Ints, key: int) -> Bools:
    """Return which keys are other transmitters on the MMSI of a vessel, shape (n,)."""
    return np.asarray((mmsis_of(keys) == mmsi_of_key(key)) & (keys != key))


def _last_on_mmsi(last: Rows, key: int) -> int:
    """Return when another transmitter on the MMSI was last heard [us]; the lowest for never."""
    return int(np.max(last["t_us"][_is_other(last["key"], key)], initial=_ALWAYS_US))
