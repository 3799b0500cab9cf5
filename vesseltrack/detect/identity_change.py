"""Identity changes: one transmitter gives another name, call sign, IMO number, size or MMSI.

A value replaces a known one when two reports agree on it, so a garbled report changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from vesseltrack.config.detect.identity_change import IdentityChangeDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.identity import mmsi_of_key
from vesseltrack.core.imo import is_imo_number
from vesseltrack.core.records import Row, Rows, is_change, joined, n_rows, row_at, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.text import printable
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries, Fold, Held
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.flag_changes import FlagBook, draft_of
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.said import SIZE, Identities, Saying, Settled, Slip, sayings
from vesseltrack.detect.stretches import ALWAYS_US, Stretches
from vesseltrack.detect.words import iso, limit, number, place
from vesseltrack.units import US_PER_HOUR, US_PER_S, h_to_us, kn_to_mps, mps_to_kn

_COLUMNS: Final = ("key", "t_us", "lat", "lon", "sog_kn", "port_m")
_M_PER_KM: Final = 1_000.0
_NEAR_M: Final = 500.0  # position noise and receivers' clocks
_ROUNDING_M: Final = 1.0
_MMSI: Final = "mmsi"
_WORDS: Final = {
    "name": "name",
    "imo": "IMO number",
    "callsign": "call sign",
    SIZE: "length and beam in metres",
    _MMSI: "MMSI",
}
_NO_OTHER: Final = 0


class _Doubts:
    """The last fix before what may become a new value was first said, by vessel and field."""

    def __init__(self) -> None:
        self._fixes: dict[tuple[int, str], Row] = {}

    @property
    def rows(self) -> Rows:
        """The whole state as columns; none without doubts."""
        rows = [{**fix, "field": field} for (_, field), fix in self._fixes.items()]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {}

    @rows.setter
    def rows(self, rows: Rows) -> None:
        each = (row_at(rows, row) for row in range(n_rows(rows)))
        self._fixes = {(row["key"], row.pop("field")): row for row in each}

    def note(self, saying: Saying, fix: Row | None) -> None:
        """Keep the fix in place of an earlier one; without a fix nothing is kept."""
        self._fixes.pop((saying.key, saying.field), None)
        if fix is not None:
            self._fixes[saying.key, saying.field] = fix

    def of(self, saying: Saying) -> Row | None:
        """Return the fix that was noted, or None."""
        return self._fixes.get((saying.key, saying.field))


class IdentityChange(Fold):
    """The `default` preset of `identity_change`."""

    kind = "identity_change"

    def __init__(self, rule: IdentityChangeDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._fixes = LastRows()
        self._identities = Identities(Slip(rule.size_change_frac, rule.size_change_m))
        self._flags = FlagBook()
        self._doubts = _Doubts()
        self._changes = Held()

    def _parts(self) -> Mapping[str, Carries]:
        return {
            "fixes": self._fixes,
            "identities": self._identities,
            "doubts": self._doubts,
            "flags": self._flags,
            "changes": self._changes,
        }

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        max_silence_us = h_to_us(self._rule.max_silence_h)
        stretches = Stretches(self._fixes, batch.columns.rows(_COLUMNS), max_silence_us)
        told = []
        for saying in sayings(batch.said):
            settled = self._identities.hear(saying)
            if self._identities.is_doubted_since(saying):
                self._doubts.note(saying, stretches.before(saying.key, saying.t_us))
            if settled is not None:
                change = self._change(settled, stretches)
                self._doubts.note(saying, None)
                if change:
                    self._changes.rows = joined(self._changes.rows, _columns(change))
                told += self._flown(settled, stretches)
        is_closed = self._is_closed()
        closed = take(self._changes.rows, is_closed)
        self._changes.rows = take(self._changes.rows, ~is_closed)
        return [*told, *self._drafts(closed, is_open=False)]

    def _if_ended(self) -> Sequence[Draft]:
        return self._drafts(self._changes.rows, is_open=True)

    def _is_closed(self) -> Bools:
        """Return which changes belong to events that no later change can join."""
        rows = self._changes.rows
        if not rows:
            return np.zeros(0, dtype=np.bool_)
        run = self._runs(rows)
        last_us = np.full(int(run.max(initial=-1)) + 1, ALWAYS_US)
        np.maximum.at(last_us, run, rows["end_us"])
        return np.asarray((self._frontier_us - last_us > h_to_us(self._rule.max_pause_h))[run])

    def _runs(self, rows: Rows) -> Ints:
        """Return the number of each change's event: one vessel's, none far from the next."""
        order = np.lexsort((rows["end_us"], rows["key"]))
        starts = is_change(rows["key"][order])
        pause_us = np.diff(rows["end_us"][order], prepend=0)
        starts |= pause_us > h_to_us(self._rule.max_pause_h)
        run = np.empty(order.size, dtype=np.int64)
        run[order] = np.cumsum(starts) - 1
        return run

    def _flown(self, settled: Settled, stretches: Stretches) -> list[Draft]:
        """Return the event of a vessel that settled on an IMO number under one flag too many."""
        flown = self._flags.hear(settled, stretches)
        if flown is None:
            return []
        is_shared = any(self._is_shared(key, flown.told_us) for key, _ in flown.senders)
        draft = draft_of(flown, self._rule, is_shared=is_shared)
        return [] if draft is None else [draft]

    def _change(self, settled: Settled, stretches: Stretches) -> Row | None:
        """Return the change that a settled value is, or None."""
        if settled.before:
            return self._under_way(settled)
        return self._of_mmsi(settled, stretches)

    def _under_way(self, settled: Settled) -> Row | None:
        rule, saying = self._rule, settled.saying
        fix = self._doubts.of(saying)
        if fix is None or not fix["sog_kn"] >= rule.min_speed_kn:
            return None
        track_h = (fix["t_us"] - fix["begun_us"]) / US_PER_HOUR
        silence_h = (settled.since_us - fix["t_us"]) / US_PER_HOUR
        if track_h < rule.min_track_h or silence_h > rule.max_silence_h:
            return None
        return {
            "key": saying.key,
            "other_key": _NO_OTHER,
            "field": saying.field,
            "before": settled.before,
            "after": saying.value,
            "start_us": settled.since_us,
            "end_us": saying.t_us,
            "lat": fix["lat"],
            "lon": fix["lon"],
            "speed_kn": fix["sog_kn"],
            "port_m": fix["port_m"],
            "silence_h": silence_h,
            "is_shared": self._is_shared(saying.key, saying.t_us),
            **_evidence("", fix),
            **_evidence("other_", fix),
        }

    def _is_shared(self, key: int, t_us: int) -> bool:
        """Return whether another transmitter was heard on the same MMSI before a time."""
        rows = self._fixes.shared
        is_other = (mmsis_of(rows["key"]) == mmsi_of_key(key)) & (rows["key"] != key)
        return bool(np.any(is_other & (rows["first_us"] < t_us)))

    def _of_mmsi(self, settled: Settled, stretches: Stretches) -> Row | None:
        """Return the change of MMSI by which a vessel heard for the first time began, or None."""
        rule, saying = self._rule, settled.saying
        if not self._identities.is_shared(saying.field, saying.value):  # as a rule
            return None
        fix = stretches.before(saying.key, saying.t_us)
        if fix is None or saying.t_us - fix["first_us"] > h_to_us(rule.max_settling_h):
            return None
        if self._is_told(saying.key):
            return None
        namesakes = self._identities.of_value(saying.field, saying.value)
        # Thousands may share a name: they are looked at together, and most send on meanwhile.
        silent_us = fix["first_us"] - h_to_us(rule.max_silence_h) - 1, fix["first_us"]
        silent = stretches.last_before(namesakes, saying.t_us, silent_us)
        old_fixes = self._within_reach(silent, fix)
        for row in range(n_rows(old_fixes)):
            old = row_at(old_fixes, row)
            key = old["key"]
            if not self._is_same_vessel(key, saying.key):  # many share a name alone
                continue
            speed_kn = _speed_between_kn(old, fix)
            silence_h = (fix["first_us"] - old["t_us"]) / US_PER_HOUR
            if 0 < silence_h <= rule.max_silence_h and speed_kn <= rule.max_reach_kn:
                return {
                    "key": saying.key,
                    "other_key": key,
                    "field": _MMSI,
                    "before": f"{mmsi_of_key(key):09d}",
                    "after": f"{mmsi_of_key(saying.key):09d}",
                    "start_us": fix["first_us"],
                    "end_us": saying.t_us,
                    "lat": fix["first_lat"],
                    "lon": fix["first_lon"],
                    "speed_kn": speed_kn,
                    "port_m": fix["port_m"],
                    "silence_h": silence_h,
                    "is_shared": any(
                        self._is_shared(one, saying.t_us) for one in (key, saying.key)
                    ),
                    **_evidence("", fix),
                    **_evidence("other_", old),
                }
        return None

    def _within_reach(self, old: Rows, fix: Row) -> Rows:
        """Return the last fixes from which a vessel could get to another's first, or nearly."""
        rule = self._rule
        reach_m = kn_to_mps(rule.max_reach_kn) * np.maximum(
            (fix["first_us"] - old["t_us"]) / US_PER_S, 1.0
        )
        apart_m = great_circle_m(old["lat"], old["lon"], fix["first_lat"], fix["first_lon"])
        return take(old, apart_m <= reach_m + _NEAR_M + _ROUNDING_M)

    def _is_told(self, key: int) -> bool:
        """Return whether the change to this MMSI is told of already, by another field."""
        rows = self._changes.rows
        return bool(rows) and bool(np.any((rows["key"] == key) & (rows["field"] == _MMSI)))

    def _is_same_vessel(self, old: int, new: int) -> bool:
        """Return whether two keys are one vessel: its IMO number, or its name and call sign."""
        if mmsi_of_key(old) == mmsi_of_key(new):
            return False
        one, other = self._identities.settled(old), self._identities.settled(new)
        if "imo" in one and "imo" in other:
            return one["imo"] == other["imo"]
        return all(
            field in one and field in other and one[field] == other[field]
            for field in ("name", "callsign")
        )

    def _drafts(self, rows: Rows, *, is_open: bool) -> list[Draft]:
        if not rows:
            return []
        run = self._runs(rows)
        return [
            self._draft(take(rows, run == one), is_open=is_open)
            for one in range(int(run.max(initial=-1)) + 1)
        ]

    def _draft(self, rows: Rows, *, is_open: bool) -> Draft:
        rule = self._rule
        order = np.lexsort((rows["field"], rows["end_us"]))
        each = [row_at(rows, row) for row in order]
        first, last = each[0], each[-1]
        start = Fix(first["start_us"], first["lat"], first["lon"])
        moves = [one for one in each if one["other_key"] == _NO_OTHER]
        innocent = {
            "in_port": bool(first["port_m"] <= rule.port_radius_km * _M_PER_KM),
            "shared_mmsi": any(one["is_shared"] for one in each),
        }
        measures = {
            "changes": Measure([_as_json(one) for one in each]),
            "n_changes": Measure(len(each)),
            "n_agreeing": Measure(2, ">=", 2, counts=False),
            "silence_h": Measure(first["silence_h"], "<=", rule.max_silence_h),
            **(
                {"speed_kn": Measure(first["speed_kn"], ">=", rule.min_speed_kn)}
                if moves and first is moves[0]
                else {"reach_kn": Measure(first["speed_kn"], "<=", rule.max_reach_kn)}
            ),
        }
        with_other = [one for one in each if one["other_key"] != _NO_OTHER][:1]
        return Draft(
            kind=self.kind,
            keys=(first["key"], *(one["other_key"] for one in with_other)),
            anchor=start,
            start=start,
            end=Fix(last["end_us"], last["lat"], last["lon"]),
            lat=start.lat,
            lon=start.lon,
            measures=measures,
            innocent=innocent,
            evidence=[
                *(
                    Evidence(
                        one["other_key"], one["other_from_us"], one["other_to_us"], one["other_n"]
                    )
                    for one in with_other
                ),
                Evidence(last["key"], last["from_us"], last["to_us"], last["n"]),
            ],
            explanation=self._sentence(each, start),
            is_open=is_open,
            anchor_parts=(first["field"],),
        )

    def _sentence(self, each: Sequence[Row], start: Fix) -> str:
        said = ", ".join(
            f"{_WORDS[one['field']]} {printable(one['before'])} to {printable(one['after'])}"
            f"{_doubt(one)}"
            for one in each
        )
        first = each[0]
        how = (
            f"under way at {number(first['speed_kn'])} kn, held against "
            f"{limit(self._rule.min_speed_kn)} kn"
            if first["other_key"] == _NO_OTHER
            else f"the new MMSI first heard {number(first['silence_h'])} h after the old one was "
            f"last, held against {limit(self._rule.max_silence_h)} h"
        )
        return (
            f"Apparent change of identity of MMSI {mmsi_of_key(first['key']):09d} at "
            f"{place(start.lat, start.lon)}: {said}; two reports agree on each, {how}."
        )


def _speed_between_kn(old: Row, new: Row) -> float:
    """Return the speed from the last fix of one MMSI to the first of another [kn]."""
    passed_s = (new["first_us"] - old["t_us"]) / US_PER_S
    apart_m = float(
        great_circle_m(old["lat"], old["lon"], new["first_lat"], new["first_lon"])  # one pair
    )
    return float(mps_to_kn(max(apart_m - _NEAR_M, 0.0) / max(passed_s, 1.0)))


def _columns(change: Row) -> Rows:
    return {name: np.array([value]) for name, value in change.items()}


def _evidence(prefix: str, fix: Row) -> Row:
    """Return the positions of a continuous track up to a fix."""
    return {
        f"{prefix}from_us": fix["begun_us"],
        f"{prefix}to_us": fix["t_us"],
        f"{prefix}n": fix["nth"] - fix["begun_nth"] + 1,
    }


def _doubt(change: Row) -> str:
    is_wrong = change["field"] == "imo" and not is_imo_number(change["after"])
    return " (whose check digit is wrong)" if is_wrong else ""


def _as_json(change: Row) -> dict[str, Any]:
    return {
        "field": change["field"],
        "before": printable(change["before"]),
        "after": printable(change["after"]),
        "first": iso(change["start_us"]),
        "agreed": iso(change["end_us"]),
        **({"is_valid": is_imo_number(change["after"])} if change["field"] == "imo" else {}),
    }
