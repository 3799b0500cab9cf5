"""Route deviation: a voyage much longer than the shortest sea route between its ends."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.text import printable
from vesseltrack.core.vessel_keys import keys_of
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure, event_table
from vesseltrack.detect.fleet import Fleet, class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.saved import State, named, packed, under, unpacked
from vesseltrack.detect.words import limit, number, place, span
from vesseltrack.schema import REROUTES, VOYAGES


def min_ratio(shortest_nm: float, rule: RouteDeviationDefault) -> float:
    """Return the detour ratio from which a voyage of some length is flagged.

    `min_ratio_short` up to `short_voyage_nm`, `min_ratio_long` from `long_voyage_nm` on, linear in
    between: the error of a reference route weighs more on a short voyage.
    """
    return float(
        np.interp(
            shortest_nm,
            [rule.short_voyage_nm, rule.long_voyage_nm],
            [rule.min_ratio_short, rule.min_ratio_long],
        )
    )


def is_deviation(travelled_nm: float, shortest_nm: float, rule: RouteDeviationDefault) -> bool:
    """Return whether a voyage is flagged; an unknown distance (NaN) never is.

    A ratio below 1 says that the reference is too long; it is far from any threshold.
    """
    return bool(
        shortest_nm >= rule.min_shortest_nm
        and travelled_nm / shortest_nm >= min_ratio(shortest_nm, rule)
        and travelled_nm - shortest_nm >= rule.min_excess_nm
    )


class RouteDeviation:
    """The `default` preset of `route_deviation`.

    A voyage under way is held back until it ends; `flush` judges it up to its last fix.
    """

    kind = "route_deviation"

    def __init__(self, rule: RouteDeviationDefault, confidence: ConfidenceConfig) -> None:
        self._rule = rule
        self._confidence = confidence
        self._roaming = class_codes(rule.roaming_classes)
        self._fleet = Fleet()
        self._open = VOYAGES.empty()
        self._reroutes: pa.Table | None = None

    def push(self, batch: Slice, watermark_us: int) -> pa.Table:  # noqa: ARG002 - the protocol's
        """Take the next slice and return the events of voyages that ended; see `Detector`."""
        self._fleet.learn(batch)
        known = pa.concat_tables([self._open, batch.voyages])
        reroutes = _joined(self._reroutes, batch.reroutes)
        self._open = _under_way(known)
        still_open = self._open["voyage_id"]
        if reroutes is not None:
            self._reroutes = reroutes.filter(pc.is_in(reroutes["voyage_id"], still_open))
        ended = batch.voyages.filter(pc.invert(batch.voyages["is_open"]))
        return event_table(self._drafts(ended, reroutes), self._confidence)

    def flush(self) -> pa.Table:
        """Return the events of voyages under way, as if they ended here; see `Detector`."""
        return event_table(self._drafts(self._open, self._reroutes), self._confidence)

    def state(self) -> State:
        """Return everything that is unfinished, as plain arrays by name."""
        state = {**named("fleet", self._fleet.rows), "open": packed(self._open)}
        if self._reroutes is not None:
            state["reroutes"] = packed(self._reroutes)
        return state

    def restore(self, state: State) -> None:
        """Take up a state that a detector of the same settings gave."""
        self._fleet.rows = under("fleet", state)
        self._open = unpacked(state["open"])
        self._reroutes = unpacked(state["reroutes"]) if "reroutes" in state else None

    def _drafts(self, voyages: pa.Table, reroutes: pa.Table | None) -> list[Draft]:
        reroute_of = (
            {row["voyage_id"]: row for row in reroutes.to_pylist()} if reroutes is not None else {}
        )
        drafts = []
        for voyage in voyages.to_pylist():
            if _is_round_trip(voyage) or voyage["shortest_nm"] is None:
                continue
            if is_deviation(voyage["travelled_nm"], voyage["shortest_nm"], self._rule):
                drafts.append(
                    self._draft(
                        voyage,
                        reroute_of.get(voyage["voyage_id"]),
                        is_rerouted=reroutes is not None,
                    )
                )
        return drafts

    def _draft(
        self, voyage: dict[str, Any], reroute: dict[str, Any] | None, *, is_rerouted: bool
    ) -> Draft:
        rule = self._rule
        key = int(keys_of([voyage["vessel_id"]])[0])
        start, end = _fix(voyage, "start"), _fix(voyage, "end")
        shortest_nm, travelled_nm = voyage["shortest_nm"], voyage["travelled_nm"]
        ratio, threshold = travelled_nm / shortest_nm, min_ratio(shortest_nm, rule)
        innocent = {
            "working_craft": self._fleet.any_of([key], self._roaming),
            "sparse_reception": voyage["coverage_frac"] < rule.min_coverage_frac,
        }
        measures = {
            "detour_ratio": Measure(ratio, ">=", threshold, zero=1.0),
            "excess_nm": Measure(travelled_nm - shortest_nm, ">=", rule.min_excess_nm),
            "travelled_nm": Measure(travelled_nm),
            "shortest_nm": Measure(shortest_nm),
            "max_cross_track_nm": Measure(voyage["max_cross_track_nm"]),
            "coverage_frac": Measure(voyage["coverage_frac"]),
            "passages": Measure(voyage["passages"]),
            "voyage_id": Measure(voyage["voyage_id"]),
            "vessel_class": Measure(self._fleet.class_of(key)),
        }
        if is_rerouted:
            without_nm = None if reroute is None else reroute["shortest_nm"]
            innocent["passage_not_taken"] = without_nm is not None and not is_deviation(
                travelled_nm, without_nm, rule
            )
            if reroute is not None:
                measures["passages_not_taken"] = Measure(reroute["passages"])
                measures["shortest_without_nm"] = Measure(without_nm)
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=end.lat,
            lon=end.lon,
            measures=measures,
            innocent=innocent,
            evidence=[Evidence(key, start.t_us, end.t_us, voyage["n_positions"])],
            explanation=" ".join(
                [self._sentence(voyage, start, end, ratio, threshold), *_not_taken(reroute)]
            ),
            is_open=voyage["is_open"],
            quality=voyage["coverage_frac"],
        )

    def _sentence(
        self, voyage: dict[str, Any], start: Fix, end: Fix, ratio: float, threshold: float
    ) -> str:
        ends = f"from {_end(voyage, 'origin', start)} to {_end(voyage, 'destination', end)}"
        excess_nm = voyage["travelled_nm"] - voyage["shortest_nm"]
        return (
            f"Apparent detour: sailed {number(voyage['travelled_nm'])} nm {ends} "
            f"({span(start.t_us, end.t_us)}) where the shortest route is "
            f"{number(voyage['shortest_nm'])} nm: {number(excess_nm)} nm more, "
            f"{ratio:.2f} times as far; held against {threshold:.2f} times and "
            f"{limit(self._rule.min_excess_nm)} nm."
        )


def _not_taken(reroute: dict[str, Any] | None) -> list[str]:
    """Return the sentence on the passages that the vessel did not take, if there are any."""
    if reroute is None:
        return []
    names = " and ".join(reroute["passages"])
    if reroute["shortest_nm"] is None:
        return [f"It did not take {names}, without which there is no way."]
    return [f"It did not take {names}, without which {number(reroute['shortest_nm'])} nm remain."]


def _under_way(voyages: pa.Table) -> pa.Table:
    """Return of each voyage the last word, where it says that the voyage is under way."""
    last = {voyage_id: row for row, voyage_id in enumerate(voyages["voyage_id"].to_pylist())}
    latest = voyages.take(pa.array(sorted(last.values()), pa.int64()))
    return latest.filter(latest["is_open"])


def _joined(first: pa.Table | None, second: pa.Table | None) -> pa.Table | None:
    tables = [
        table.select(REROUTES.names).cast(REROUTES.arrow)
        for table in (first, second)
        if table is not None
    ]
    return pa.concat_tables(tables) if tables else None


def _is_round_trip(voyage: dict[str, Any]) -> bool:
    """Return whether origin and destination are one place, by code or else by name."""
    for name in ("{}_locode", "{}"):
        origin, destination = voyage[name.format("origin")], voyage[name.format("destination")]
        if origin is not None and destination is not None:
            return bool(origin == destination)
    return False


def _fix(voyage: dict[str, Any], end: str) -> Fix:
    t_us = int(pa.scalar(voyage[end], VOYAGES.arrow.field(end).type).value)
    return Fix(t_us, voyage[f"{end}_lat"], voyage[f"{end}_lon"])


def _end(voyage: dict[str, Any], end: str, fix: Fix) -> str:
    name = voyage[end]
    if voyage[f"{end}_by"] == "call" and name:
        return printable(name)
    here = place(fix.lat, fix.lon)
    return f"{here} (declared {printable(name)})" if name else here
