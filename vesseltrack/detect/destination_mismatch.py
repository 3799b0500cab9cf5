"""Bound for one port by word, for another by deed: away from it, in another, or ever a new one."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from vesseltrack.config.detect.destination_mismatch import DestinationMismatchDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, joined, n_rows, row_at, take
from vesseltrack.core.runs import Bools
from vesseltrack.core.shape import halfway
from vesseltrack.core.text import printable
from vesseltrack.detect.base import Carries, Fold, Held
from vesseltrack.detect.bound_rows import (
    NEVER_US,
    away_runs,
    blocks_of,
    bound_rows,
    change_runs,
)
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fleet import class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.words import duration, iso, limit, listed, number, place, span
from vesseltrack.units import METRES_PER_NM, US_PER_DAY, US_PER_HOUR, h_to_us, m_to_nm

_M_PER_KM: Final = 1_000.0
_FOR_ORDERS: Final = re.compile(r"\b(?:ORDERS?|FO|F\.O)\b", re.IGNORECASE)
_VIA: Final = re.compile(r"\bVIA\b", re.IGNORECASE)
_SHOWN: Final = 5  # declared ports named in a sentence


class _Mismatch(NamedTuple):
    """What the three ways of it differ in."""

    told: Row  # the last row of `BOUND` that it rests on
    how: str
    start: Fix
    end: Fix
    at: tuple[float, float]
    measures: Mapping[str, Measure]
    innocent: Mapping[str, bool]
    sentence: str
    evidence: Sequence[Evidence]


class DestinationMismatch(Fold):
    """The `default` preset of `destination_mismatch`."""

    kind = "destination_mismatch"

    def __init__(self, rule: DestinationMismatchDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._working = class_codes(rule.working_classes)
        self._max_leg_us = h_to_us(rule.max_leg_h)
        self._changes_us = round(rule.changes_days * US_PER_DAY)
        self._ways, self._changes, self._calls = Held(), Held(), Held()

    def _parts(self) -> Mapping[str, Carries]:
        return {"ways": self._ways, "changes": self._changes, "calls": self._calls}

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        rows = bound_rows(batch.bound)
        if rows:
            is_call = rows["arrival_us"] != NEVER_US
            ways, calls = take(rows, ~is_call), take(rows, is_call)
            self._ways.rows = _in_order(joined(self._ways.rows, ways))
            changes = take(ways, ways["changed_from"] != "")
            self._changes.rows = _in_order(joined(self._changes.rows, changes))
            # A vessel lies at one place: what is told of it now replaces what was still open.
            is_over = np.isin(self._calls.rows.get("key", calls["key"][:0]), calls["key"])
            carried = take(self._calls.rows, ~is_over) if self._calls.rows else {}
            self._calls.rows = joined(carried, take(calls, calls["is_open"]))
            ended = self._elsewhere(take(calls, ~calls["is_open"]))
        else:
            ended = []
        away = self._away(self._closed_ways())
        return [*ended, *away, *self._changing(self._closed_changes())]

    def _if_ended(self) -> Sequence[Draft]:
        return [
            *self._elsewhere(self._calls.rows),
            *self._away(self._ways.rows, is_open=True),
            *self._changing(self._changes.rows, is_open=True),
        ]

    def _closed_ways(self) -> Rows:
        """Return the rows of blocks that nothing can join any more, and carry the others."""
        rows = self._ways.rows
        if not n_rows(rows):
            return {}
        block = blocks_of(rows, self._max_leg_us)
        last_us = np.full(int(block[-1]) + 1, NEVER_US)
        np.maximum.at(last_us, block, rows["t_us"])
        is_closed = (self._frontier_us - last_us > self._max_leg_us)[block]
        self._ways.rows = take(rows, ~is_closed)
        return take(rows, is_closed)

    def _closed_changes(self) -> Rows:
        """Return the changes too long ago for another to join them, and carry the others."""
        rows = self._changes.rows
        if not n_rows(rows):
            return {}
        is_closed: Bools = np.asarray(self._frontier_us - rows["t_us"] > self._changes_us)
        for first, last in zip(*self._change_runs(rows), strict=True):
            is_closed[first : last + 1] = is_closed[last]
        self._changes.rows = take(rows, ~is_closed)
        return take(rows, is_closed)

    def _away(self, rows: Rows, *, is_open: bool = False) -> list[Draft]:
        if not n_rows(rows):
            return []
        block = blocks_of(rows, self._max_leg_us)
        runs = away_runs(block, rows["t_us"], rows["remaining_nm"], self._rule)
        found = []
        for first, last in zip(*runs, strict=True):
            is_at_end = last + 1 == block.size or block[last + 1] != block[last]
            told = row_at(rows, last)
            orders = self._orders_after(told) if is_at_end else None
            n = 1 + int(rows["n"][first + 1 : last + 1].sum())
            found.append(self._away_draft(row_at(rows, first), told, orders, n, is_open=is_open))
        return found

    def _orders_after(self, last: Row) -> Row | None:
        """Return the first fix under another declaration, soon after the last under this one."""
        rows = self._changes.rows
        if not n_rows(rows):
            return None
        later_us = rows["t_us"] - last["t_us"]
        is_next = (rows["key"] == last["key"]) & (rows["voyage_id"] == last["voyage_id"])
        found = np.flatnonzero(is_next & (later_us > 0) & (later_us <= self._max_leg_us))
        return row_at(rows, found[0]) if found.size else None

    def _away_draft(
        self, first: Row, last: Row, orders: Row | None, n: int, *, is_open: bool
    ) -> Draft:
        rule, start = self._rule, _fix(first)
        away_us = last["t_us"] - first["t_us"]
        grown_nm = last["remaining_nm"] - first["remaining_nm"]
        around_nm = last["around_nm"] - first["around_nm"]
        mismatch = _Mismatch(
            told=last,
            how="away",
            start=start,
            end=_fix(orders or last),
            at=halfway(start.lat, start.lon, last["lat"], last["lon"]),
            measures={
                "away_h": Measure(away_us / US_PER_HOUR, ">=", rule.min_away_h),
                "grown_nm": Measure(grown_nm, ">=", rule.min_grown_nm),
                "remaining_start_nm": Measure(first["remaining_nm"]),
                "remaining_end_nm": Measure(last["remaining_nm"]),
                "around_grown_nm": Measure(around_nm),
            },
            innocent={
                **self._of_declaration(last),
                "new_orders": orders is not None,
                "another_passage": around_nm < rule.min_grown_nm,
            },
            sentence=(
                f"went away from it for {duration(away_us)} ({span(start.t_us, last['t_us'])}) "
                f"from {place(start.lat, start.lon)}: from {number(first['remaining_nm'])} to "
                f"{number(last['remaining_nm'])} nm off by sea; held against "
                f"{limit(rule.min_away_h)} h and {limit(rule.min_grown_nm)} nm."
            ),
            evidence=[Evidence(last["key"], start.t_us, last["t_us"], n)],
        )
        return self._draft(mismatch, is_open=is_open)

    def _elsewhere(self, calls: Rows) -> list[Draft]:
        return [self._call_draft(row_at(calls, row)) for row in range(n_rows(calls))]

    def _call_draft(self, call: Row) -> Draft:
        rule = self._rule
        reach_nm = rule.port_reach_km * _M_PER_KM / METRES_PER_NM
        places = (call["lat"], call["lon"], call["port_lat"], call["port_lon"])
        apart_nm = float(m_to_nm(great_circle_m(*places)))
        start = Fix(call["arrival_us"], call["lat"], call["lon"])
        made_good_nm = call["first_nm"] - call["remaining_nm"]
        stay_us = call["t_us"] - start.t_us
        here = printable(call["called_at"]) or place(start.lat, start.lon)
        mismatch = _Mismatch(
            told=call,
            how="elsewhere",
            start=start,
            end=_fix(call),
            at=(start.lat, start.lon),
            measures={
                "apart_nm": Measure(apart_nm, ">", reach_nm),
                "stay_h": Measure(stay_us / US_PER_HOUR),
                "called_at": Measure(printable(call["called_at"]) or None),
                "remaining_end_nm": Measure(call["remaining_nm"]),
                "made_good_nm": Measure(made_good_nm),
                "sailed_nm": Measure(call["sailed_nm"]),
            },
            innocent={
                **self._of_declaration(call),
                "on_the_way": made_good_nm >= rule.on_the_way_frac * call["sailed_nm"],
            },
            sentence=(
                f"lay at {here} for {duration(stay_us)} ({span(start.t_us, call['t_us'])}), "
                f"{number(apart_nm)} nm from it; held against more than {number(reach_nm)} nm."
            ),
            evidence=[Evidence(call["key"], start.t_us, call["t_us"], call["n"])],
        )
        return self._draft(mismatch, is_open=call["is_open"])

    def _changing(self, rows: Rows, *, is_open: bool = False) -> list[Draft]:
        if not n_rows(rows):
            return []
        return [
            self._change_draft(take(rows, np.arange(first, last + 1)), is_open=is_open)
            for first, last in zip(*self._change_runs(rows), strict=True)
        ]

    def _change_runs(self, rows: Rows) -> tuple[Sequence[int], Sequence[int]]:
        runs = change_runs(rows["key"], rows["t_us"], self._rule.max_changes, self._changes_us)
        return runs[0].tolist(), runs[1].tolist()

    def _change_draft(self, rows: Rows, *, is_open: bool) -> Draft:
        rule, each = self._rule, [row_at(rows, row) for row in range(n_rows(rows))]
        start, last = _fix(each[0]), each[-1]
        declared = [each[0]["changed_from"], *(row["port"] for row in each)]
        mismatch = _Mismatch(
            told=last,
            how="changing",
            start=start,
            end=_fix(last),
            at=(start.lat, start.lon),
            measures={
                "n_changes": Measure(len(each), ">", rule.max_changes),
                "within_days": Measure((last["t_us"] - start.t_us) / US_PER_DAY),
                "declared_ports": Measure(declared),
            },
            innocent={},
            sentence=(
                f"changed it {len(each)} times under way ({span(start.t_us, last['t_us'])}): "
                f"{listed(declared, _SHOWN)}; held against more than {rule.max_changes} times in "
                f"{limit(rule.changes_days)} days."
            ),
            evidence=[Evidence(last["key"], row["t_us"], row["t_us"], 1) for row in each],
        )
        return self._draft(mismatch, is_open=is_open)

    def _of_declaration(self, told: Row) -> dict[str, bool]:
        """Return what may explain a way that does not lead to the declared port."""
        return {
            "left_over": told["left_us"] > told["declared_us"],
            "for_orders": bool(_FOR_ORDERS.search(told["text"])),
            "by_way_of": bool(_VIA.search(told["text"])),
            "passed_by": told["least_nm"] <= self._rule.passed_nm,
        }

    def _draft(self, found: _Mismatch, *, is_open: bool) -> Draft:
        rule, told = self._rule, found.told
        key, text = told["key"], printable(told["text"])
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=found.start,
            start=found.start,
            end=found.end,
            lat=found.at[0],
            lon=found.at[1],
            measures={
                **found.measures,
                "certainty": Measure(told["certainty"], ">=", rule.min_certainty, counts=False),
                "how": Measure(found.how),
                "declared": Measure(text),
                "declared_port": Measure(told["port"]),
                "declared_since": Measure(iso(told["declared_us"])),
                "vessel_class": Measure(self._fleet.class_of(key)),
            },
            innocent={
                "working_craft": self._fleet.any_of([key], self._working),
                **found.innocent,
            },
            evidence=found.evidence,
            explanation=(
                f'Apparent mismatch with the destination: declared "{text}" ({told["port"]}) and '
                f"{found.sentence}"
            ),
            is_open=is_open,
            quality=told["certainty"],
            anchor_parts=(found.how,),
        )


def _in_order(rows: Rows) -> Rows:
    return take(rows, np.lexsort((rows["t_us"], rows["key"])))


def _fix(row: Row) -> Fix:
    return Fix(row["t_us"], row["lat"], row["lon"])
