"""Identity conflicts: one MMSI heard by turns in places that one hull cannot reach.

A *change* is a fix of another transmitter than the fix before it on the same MMSI; an impossible
one is too far away to have been sailed. Transmitters that take turns so were sending at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from vesseltrack.config.detect.identity_conflict import IdentityConflictDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.identity import vessel_id
from vesseltrack.core.latest import Latest
from vesseltrack.core.records import (
    Merge,
    Row,
    Rows,
    is_change,
    joined,
    merged,
    n_rows,
    row_at,
    take,
)
from vesseltrack.core.runs import Ints
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.base import Carries, Fold
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure
from vesseltrack.detect.fold import LastRows, Slice
from vesseltrack.detect.open_runs import OpenRuns, RunRule
from vesseltrack.detect.words import iso, limit, listed, number, place, span
from vesseltrack.units import SECONDS_PER_HOUR, US_PER_S, h_to_us, m_to_nm, mps_to_kn

_COLUMNS: Final = ("key", "t_us", "lat", "lon")
_ALWAYS_US: Final = np.iinfo(np.int64).min
_NAMES_IN_SENTENCE: Final = 4
_TWO: Final = 2

_HOW: Final[Mapping[str, Merge]] = {
    "from_key": Merge.FIRST,
    "to_key": Merge.FIRST,
    "from_lat": Merge.FIRST,
    "from_lon": Merge.FIRST,
    "to_lat": Merge.FIRST,
    "to_lon": Merge.FIRST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
    "n_changes": Merge.SUM,
    "max_separation_m": Merge.MAX,
    "min_speed_kn": Merge.MIN,
}
_HULL: Final[Mapping[str, Merge]] = {
    "mmsi": Merge.FIRST,
    "run_us": Merge.FIRST,
    "key": Merge.FIRST,
    "start_us": Merge.FIRST,
    "end_us": Merge.LAST,
    "start_nth": Merge.FIRST,
    "end_nth": Merge.LAST,
    "end_lat": Merge.LAST,
    "end_lon": Merge.LAST,
}


def shared_only(rows: Rows, last_of_mmsi: Rows) -> Rows:
    """Return the rows of MMSIs that more than one transmitter uses, by MMSI and time.

    Parameters
    ----------
    rows : Rows
        Fixes of a batch by vessel and time.
    last_of_mmsi : Rows
        The last fix of each MMSI before it.
    """
    keys = np.append(rows["key"][is_change(rows["key"])], last_of_mmsi.get("key", rows["key"][:0]))
    mmsi, n_keys = np.unique(mmsis_of(np.unique(keys)), return_counts=True)
    shared = take(rows, np.isin(rows["mmsi"], mmsi[n_keys > 1]))
    return take(shared, np.lexsort((shared["t_us"], shared["mmsi"])))


def last_of_each(rows: Rows) -> Rows:
    """Return the last row of each MMSI, of rows by vessel and time."""
    order = np.lexsort((rows["key"], rows["t_us"], rows["mmsi"]))
    mmsi = rows["mmsi"][order]
    is_last = np.append(is_change(mmsi)[1:], True)[: mmsi.size]
    return take(rows, order[is_last])


def impossible_changes(rows: Rows, rule: IdentityConflictDefault) -> Rows:
    """Return impossible changes of transmitter as records of one.

    Parameters
    ----------
    rows : Rows
        Fixes by MMSI and time, of shared MMSIs, with `nth` (their number among the vessel's).
    rule : IdentityConflictDefault
        How fast and how far is impossible.
    """
    to = np.flatnonzero(~is_change(rows["mmsi"]) & is_change(rows["key"]))
    start = to - 1
    passed_s = (rows["t_us"][to] - rows["t_us"][start]) / US_PER_S
    apart_m = great_circle_m(
        rows["lat"][start], rows["lon"][start], rows["lat"][to], rows["lon"][to]
    )
    # Two places in one second are as impossible as any; no speed is infinite in a table.
    speed_kn = mps_to_kn(apart_m / np.maximum(passed_s, 1.0))
    kept = (
        (speed_kn > rule.min_speed_kn)
        & (m_to_nm(apart_m) >= rule.min_separation_nm)
        # After a longer pause there is no telling which of the two was silent.
        & (passed_s <= rule.max_pause_h * SECONDS_PER_HOUR)
    )
    to, start = to[kept], start[kept]
    return {
        "key": rows["mmsi"][to],
        "start_us": rows["t_us"][start],
        "end_us": rows["t_us"][to],
        "from_key": rows["key"][start],
        "to_key": rows["key"][to],
        "from_lat": rows["lat"][start],
        "from_lon": rows["lon"][start],
        "to_lat": rows["lat"][to],
        "to_lon": rows["lon"][to],
        "end_lat": rows["lat"][to],
        "end_lon": rows["lon"][to],
        "n_changes": np.ones(to.size, dtype=np.int64),
        "max_separation_m": apart_m[kept],
        "min_speed_kn": speed_kn[kept],
        "from_nth": rows["nth"][start],
        "to_nth": rows["nth"][to],
    }


class _Hulls:
    """The transmitters of each open run: when, where and how often each was heard in it."""

    def __init__(self) -> None:
        self.rows: Rows = {}

    def push(self, changes: Rows, run_us: Ints) -> None:
        """Add both ends of changes to the hulls of their runs."""
        for end in ("from", "to"):
            t_us = changes["start_us" if end == "from" else "end_us"]
            touched = {
                "mmsi": changes["key"],
                "run_us": run_us,
                "key": changes[f"{end}_key"],
                "start_us": t_us,
                "end_us": t_us,
                "start_nth": changes[f"{end}_nth"],
                "end_nth": changes[f"{end}_nth"],
                "end_lat": changes[f"{end}_lat"],
                "end_lon": changes[f"{end}_lon"],
            }
            self.rows = joined(self.rows, touched)
        by = ("end_nth", "key", "run_us", "mmsi")
        rows = take(self.rows, np.lexsort([self.rows[name] for name in by]))
        start = np.flatnonzero(is_change(rows["mmsi"], rows["run_us"], rows["key"]))
        self.rows = merged(rows, start, _HULL)

    def of(self, mmsi: int, run_us: int) -> Rows:
        """Return the transmitters of one run, in the order they were first heard."""
        rows = take(self.rows, (self.rows["mmsi"] == mmsi) & (self.rows["run_us"] == run_us))
        return take(rows, np.lexsort((rows["key"], rows["start_us"])))

    def drop(self, runs: Rows) -> None:
        """Forget the transmitters of runs that closed."""
        for mmsi, run_us in zip(runs["key"], runs["start_us"], strict=True):
            gone = (self.rows["mmsi"] == mmsi) & (self.rows["run_us"] == run_us)
            self.rows = take(self.rows, ~gone)


class IdentityConflict(Fold):
    """The `default` preset of `identity_conflict`."""

    kind = "identity_conflict"

    def __init__(self, rule: IdentityConflictDefault, confidence: ConfidenceConfig) -> None:
        super().__init__(confidence)
        self._rule = rule
        self._fixes = LastRows()
        self._last = Latest("mmsi")  # the last fix of each MMSI, whichever transmitter sent it
        self._hulls = _Hulls()
        self._pause_us = h_to_us(rule.max_pause_h)
        self._runs = OpenRuns(RunRule(self._pause_us), _HOW)

    def _parts(self) -> Mapping[str, Carries]:
        return {
            "fixes": self._fixes,
            "last": self._last,
            "hulls": self._hulls,
            "runs": self._runs,
        }

    def _advance(self, batch: Slice) -> Sequence[Draft]:
        rows, is_new = self._fixes.before(batch.columns.rows(_COLUMNS))
        self._fixes.keep(rows, _ALWAYS_US)
        rows = take({**rows, "mmsi": mmsis_of(rows["key"])}, is_new)
        known = self._last.of(rows["mmsi"][is_change(rows["mmsi"])])
        shared = shared_only(joined(known, rows), known)
        changes = impossible_changes(shared, self._rule)
        self._last.put(last_of_each(joined(known, _few(rows))))
        numbered = {**changes, "start_nth": changes["start_us"], "end_nth": changes["end_us"]}
        # A change that is still to come leads from a fix up to a pause before the one it leads to.
        pushed = self._runs.push(numbered, None, self._frontier_us - self._pause_us)
        self._hulls.push(changes, pushed.run_start_us)
        drafts = self._drafts(pushed.closed, is_open=False)
        self._hulls.drop(pushed.closed)
        return drafts

    def _if_ended(self) -> Sequence[Draft]:
        return self._drafts(self._runs.rows, is_open=True)

    def _drafts(self, runs: Rows, *, is_open: bool) -> list[Draft]:
        drafts = []
        for row in range(n_rows(runs)):
            run = row_at(runs, row)
            hulls = self._hulls.of(run["key"], run["start_us"])
            if self._is_conflict(run, hulls):
                drafts.append(self._draft(run, hulls, is_open=is_open))
        return drafts

    def _n_transmitters(self, hulls: Rows) -> int:
        n_positions = hulls["end_nth"] - hulls["start_nth"] + 1
        return int(np.count_nonzero(n_positions >= self._rule.min_positions))

    def _is_conflict(self, run: Row, hulls: Rows) -> bool:
        # As many changes as transmitters: at least one of them was heard again after another.
        return self._n_transmitters(hulls) >= self._rule.min_transmitters and int(
            run["n_changes"]
        ) >= max(self._rule.min_changes, n_rows(hulls))

    def _draft(self, run: Row, hulls: Rows, *, is_open: bool) -> Draft:
        rule = self._rule
        start = Fix(run["start_us"], run["from_lat"], run["from_lon"])
        end = Fix(run["end_us"], run["end_lat"], run["end_lon"])
        n_transmitters = self._n_transmitters(hulls)
        separation_nm = m_to_nm(run["max_separation_m"])
        each = [row_at(hulls, row) for row in range(n_rows(hulls))]
        names = self._fleet.names([hull["key"] for hull in each])
        measures = {
            "n_transmitters": Measure(n_transmitters, ">=", rule.min_transmitters, counts=False),
            "n_changes": Measure(run["n_changes"], ">=", rule.min_changes),
            "max_separation_nm": Measure(separation_nm, ">=", rule.min_separation_nm),
            "min_speed_kn": Measure(run["min_speed_kn"], ">", rule.min_speed_kn, counts=False),
            "names": Measure(names),
            "hulls": Measure([self._hull(hull) for hull in each]),
        }
        return Draft(
            kind=self.kind,
            # The pair of the first impossible change: later transmitters do not rename the event.
            keys=(run["from_key"], run["to_key"]),
            anchor=start,
            start=start,
            end=end,
            lat=start.lat,
            lon=start.lon,
            measures=measures,
            innocent={},
            evidence=[
                Evidence(
                    hull["key"],
                    hull["start_us"],
                    hull["end_us"],
                    hull["end_nth"] - hull["start_nth"] + 1,
                )
                for hull in each
            ],
            explanation=self._sentence(run, start, end, n_transmitters, names),
            is_open=is_open,
        )

    def _hull(self, hull: Row) -> dict[str, Any]:
        return {
            "vessel_id": vessel_id(hull["key"]),
            "names": self._fleet.names([hull["key"]]),
            "start": iso(hull["start_us"]),
            "end": iso(hull["end_us"]),
            "n_positions": hull["end_nth"] - hull["start_nth"] + 1,
            "lat": hull["end_lat"],
            "lon": hull["end_lon"],
        }

    def _sentence(
        self, run: Row, start: Fix, end: Fix, n_transmitters: int, names: Sequence[str]
    ) -> str:
        # With more than two it is not said that all of them were sending all the time.
        who = f"{n_transmitters} transmitters{'' if n_transmitters == _TWO else ', several'}"
        text = (
            f"Apparent identity conflict: MMSI {run['key']:09d} was sent by {who} at once "
            f"({span(start.t_us, end.t_us)}), up to "
            f"{number(m_to_nm(run['max_separation_m']))} nm apart, the first time at "
            f"{place(start.lat, start.lon)} and {place(run['to_lat'], run['to_lon'])}; "
            f"{run['n_changes']:,} changes from one to another would take more than "
            f"{limit(self._rule.min_speed_kn)} kn, held against {self._rule.min_changes}"
        )
        return f"{text}; names sent: {listed(names, _NAMES_IN_SENTENCE)}." if names else f"{text}."


def _few(rows: Rows) -> Rows:
    """Return the last fix of each vessel, of rows by vessel and time."""
    is_last = np.append(is_change(rows["key"])[1:], True)[: n_rows(rows)]
    return take(rows, is_last)
