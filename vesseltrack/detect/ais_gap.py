"""Gaps: a vessel not heard for long, and whether reception explains it.

The fix before a gap is its *off* position, the one after it its *on* position; an open gap has no
*on* yet.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from vesseltrack.config.detect.ais_gap import AisGapConfig
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, row_at, take
from vesseltrack.core.runs import Ints
from vesseltrack.detect.base import Carries, Fold
from vesseltrack.detect.disabling import Disabling, in_words
from vesseltrack.detect.events import Draft, Evidence, Measure
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.gaps import Gap, LookBack, heard_elsewhere, is_heard_since, way_measures
from vesseltrack.detect.reception import area_in_words
from vesseltrack.detect.silences import Silences
from vesseltrack.detect.words import duration, limit, number, place, share, span
from vesseltrack.units import US_PER_HOUR, h_to_us, m_to_nm, nm_to_m

_COLUMNS: Final = (
    "key",
    "t_us",
    "lat",
    "lon",
    "sog_kn",
    "cog_deg",
    "cell",
    "shore_m",
    "port_m",
    "anchorage_m",
)
_ALWAYS_US: Final = np.iinfo(np.int64).min
_NEVER_US: Final = np.iinfo(np.int64).max
_WHOSE: Final = {
    "gfw_disabling": "GFW, as suspected disabling",
    "gfw": "GFW",
    "starboard": "Starboard",
}
_M_PER_KM: Final = 1000.0


class AisGap(Fold):
    """The presets of `ais_gap`, alone or together.

    `gfw` and `starboard` ask for the length alone.
    """

    kind = "ais_gap"

    def __init__(
        self, config: AisGapConfig, confidence: ConfidenceConfig, presets: tuple[str, ...]
    ) -> None:
        super().__init__(confidence)
        self._config = config
        self._has_default, self._has_gfw = "default" in presets, "gfw" in presets
        self._default_us = h_to_us(config.default.min_gap_h)
        # The strictest first: an event is told by the first that it meets.
        lengths_h = {name: getattr(config, name).min_gap_h for name in _WHOSE}
        self._plain_h = {name: hours for name, hours in lengths_h.items() if name in presets}
        self._plain_us = min(map(h_to_us, self._plain_h.values()), default=_NEVER_US)
        self._silences = Silences(config.default, config.reception)
        self._look_back = LookBack(h_to_us(config.gfw.look_back_h))
        self._disabling = Disabling(config.gfw_disabling) if "gfw_disabling" in presets else None
        self._last = LastRows()

    def _parts(self) -> Mapping[str, Carries]:
        silences = self._silences
        parts: dict[str, Carries] = {
            "last": self._last,
            "heard": silences.heard,
            "begun": silences.begun,
            "returned": silences.returned,
            "current": silences.current,
            "standing": silences.standing,
            "look_back": self._look_back,
        }
        if self._disabling is not None:
            parts |= {
                "disabling_before": self._disabling.look_back,
                "received": self._disabling.received,
            }
        return parts

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        fixes = batch.columns.rows(_COLUMNS)
        rows, is_new = self._last.before(fixes)
        on = np.flatnonzero(is_new)
        on = on[on > 0]
        on = on[rows["key"][on] == rows["key"][on - 1]]
        if self._disabling is not None:
            self._disabling.hear(fixes, rows, on)
        passed_us = rows["t_us"][on] - rows["t_us"][on - 1]

        silences = self._silences_of(fixes, rows, on[passed_us >= self._default_us])
        on = on[(passed_us > self._plain_us) | np.isin(on, list(silences))]
        elsewhere = heard_elsewhere(self._last.shared, rows, on) if on.size else set()
        self._last.keep(rows, _ALWAYS_US)
        if self._has_gfw:
            self._look_back.push(fixes)
        gaps = []
        for row in on:
            off, on_row = row_at(rows, row - 1), row_at(rows, row)
            silence = silences.get(int(row))
            is_elsewhere = row in elsewhere
            gaps.append(self._gap(off, on_row, on_row["t_us"], silence, is_elsewhere=is_elsewhere))
        if self._has_gfw:
            self._look_back.forget()
        if self._disabling is not None:
            self._disabling.forget(self._frontier_us)
        return [self._draft(gap) for gap in gaps if gap.presets]

    def _silences_of(self, fixes: Rows, rows: Rows, on: Ints) -> dict[int, Row]:
        """Return by row what was improbable of the silences that ended."""
        if not self._has_default:
            return {}
        self._silences.hear(fixes, self._frontier_us)
        improbable: dict[int, Row] = {}
        if on.size:
            judged = self._silences.judged(take(rows, on - 1), take(rows, on), rows["t_us"][on])
            met = np.flatnonzero(judged["is_improbable"])
            improbable = {int(on[i]): row_at(judged, i) for i in met}
        self._silences.forget(self._frontier_us)
        return improbable

    def _if_ended(self) -> Sequence[Draft]:
        last, now_us = self._last.shared, self._frontier_us
        if not last:
            return []
        passed_us = now_us - last["t_us"]
        improbable = self._open_silences(last, np.flatnonzero(passed_us >= self._default_us))
        is_default = np.isin(last["key"], list(improbable))
        gaps = []
        for row in np.flatnonzero((passed_us > self._plain_us) | is_default):
            off = row_at(last, row)
            silence = improbable.get(off["key"])
            is_elsewhere = is_heard_since(last, off)
            gaps.append(self._gap(off, None, now_us, silence, is_elsewhere=is_elsewhere))
        return [self._draft(gap) for gap in gaps if gap.presets]

    def _open_silences(self, last: Rows, silent: Ints) -> dict[int, Row]:
        """Return by vessel the silences under way that reception there does not explain."""
        if not self._has_default:
            return {}
        off = take(last, silent)
        judged = self._silences.judged(off, off, np.full(silent.size, self._frontier_us))
        met = np.flatnonzero(judged["is_improbable"] & judged["is_still_heard"])
        return {int(off["key"][row]): row_at(judged, row) for row in met}

    def _gap(
        self, off: Row, on: Row | None, end_us: int, silence: Row | None, *, is_elsewhere: bool
    ) -> Gap:
        passed_h = (end_us - off["t_us"]) / US_PER_HOUR
        plain = [name for name, hours in self._plain_h.items() if passed_h > hours]
        disabling: dict[str, Measure] = {}
        if self._disabling is not None and "gfw_disabling" in plain:
            disabling = self._disabling.measures(off, end_us)
        met = (name for name in plain if disabling or name != "gfw_disabling")
        presets = (*("default",) * (silence is not None), *met)
        n_before = self._look_back.count(off) if self._has_gfw else None
        return Gap(off, on, end_us, presets, silence, n_before, disabling, is_elsewhere)

    def _draft(self, gap: Gap) -> Draft:
        key, off, end = gap.off["key"], gap.start, gap.end
        measures = self._measures(gap)
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
            explanation=self._sentence(gap, measures),
            is_open=gap.on is None,
            presets=gap.presets,
            quality=self._quality(gap),
        )

    def _quality(self, gap: Gap) -> float:
        return self._config.reception.far_quality if self._is_told_from_far(gap) else 1.0

    def _is_told_from_far(self, gap: Gap) -> bool:
        near = self._config.reception.near_resolution
        return gap.silence is not None and gap.silence["resolution"] < near

    def _measures(self, gap: Gap) -> dict[str, Measure]:
        rule = self._config.default
        hours = (gap.end_us - gap.off["t_us"]) / US_PER_HOUR
        if gap.silence is None:
            measures = {"duration_h": Measure(hours, ">", self._plain_h[gap.presets[0]])}
        else:
            measures = {
                "duration_h": Measure(hours, ">=", rule.min_gap_h),
                "chance_frac": Measure(gap.silence["chance"], "<=", rule.max_chance),
                "heard_frac": Measure(gap.silence["heard_frac"], ">=", rule.min_heard_frac),
                "others_vessel_hours": Measure(gap.silence["n_vessel_hours"]),
                "others_silences": Measure(gap.silence["n_silences"]),
                "others_silent_meanwhile": Measure(gap.silence["n_others_silent"]),
                "others_within": Measure(area_in_words(gap.silence["resolution"])),
                "heard_before_h": Measure(gap.silence["run_h"]),
            }
        if gap.on is not None:
            measures |= way_measures(gap)
        if gap.n_before is not None:
            measures["n_positions_before"] = Measure(gap.n_before)
        measures["off_shore_nm"] = Measure(m_to_nm(gap.off["shore_m"]))
        measures |= gap.disabling
        measures["vessel_class"] = Measure(self._fleet.class_of(gap.off["key"]))
        return measures

    def _innocent(self, gap: Gap) -> dict[str, bool]:
        rule = self._config.default
        ends = [gap.off] if gap.on is None else [gap.off, gap.on]
        radius_m = rule.port_radius_km * _M_PER_KM
        moved_m = great_circle_m(gap.start.lat, gap.start.lon, gap.end.lat, gap.end.lon)
        is_still = gap.off["sog_kn"] <= rule.still_speed_kn and bool(
            moved_m <= nm_to_m(rule.same_place_nm)
        )
        near_shore_m = nm_to_m(rule.near_shore_nm)
        return {
            "in_port": all(min(row["port_m"], row["anchorage_m"]) <= radius_m for row in ends),
            "lay_near_shore": is_still and gap.off["shore_m"] <= near_shore_m,
            # Vessels far off cannot say whether a coast stood between her and the receivers.
            "in_lee_of_land": self._is_told_from_far(gap)
            and all(row["shore_m"] <= near_shore_m for row in ends),
            "mmsi_heard_meanwhile": gap.is_heard_elsewhere,
        }

    def _sentence(self, gap: Gap, measures: Mapping[str, Measure]) -> str:
        off, end = gap.start, gap.end
        text = (
            f"Apparent gap: not heard for {duration(end.t_us - off.t_us)} "
            f"({span(off.t_us, end.t_us)}) after {place(off.lat, off.lon)}, "
            f"{number(m_to_nm(gap.off['shore_m']))} nm from shore"
        )
        if gap.on is None:
            text += ", and not heard again yet"
        else:
            moved_nm = number(measures["distance_nm"].value)
            text += f", heard again {moved_nm} nm away at {place(end.lat, end.lon)}"
        if gap.silence is None:
            name = gap.presets[0]
            text += f"; held against {limit(self._plain_h[name])} h ({_WHOSE[name]})"
            if gap.disabling:
                text += f"; {in_words(gap.disabling, self._config.gfw_disabling)}"
            return f"{text}."
        rule = self._config.default
        return (
            f"{text}, while others were heard in {share(measures['heard_frac'].value)} of the "
            f"hours in {measures['others_within'].value}; held against "
            f"{limit(rule.min_gap_h)} h, the chance of such a silence, "
            f"{measures['chance_frac'].value:.2g}, against {limit(rule.max_chance)}."
        )
