"""Route deviation: a voyage much longer than the shortest sea route between its ends."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.text import printable
from vesseltrack.core.vessel_keys import keys_of
from vesseltrack.detect.deviation import Judgement, judge, min_ratio, seen_frac
from vesseltrack.detect.events import Draft, Evidence, Fix, Measure, event_table
from vesseltrack.detect.fleet import Fleet, class_codes
from vesseltrack.detect.fold import Slice
from vesseltrack.detect.saved import State, named, under
from vesseltrack.detect.words import limit, number, place, share, span
from vesseltrack.schema import DETOURS, VOYAGES, packed, unpacked

Row = dict[str, Any]


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
        self._detours: pa.Table | None = None

    def push(self, batch: Slice, watermark_us: int) -> pa.Table:  # noqa: ARG002 - the protocol's
        """Take the next slice and return the events of voyages that ended; see `Detector`."""
        self._fleet.learn(batch)
        known = pa.concat_tables([self._open, batch.voyages])
        detours = _joined(self._detours, batch.detours)
        self._open = _under_way(known)
        still_open = self._open["voyage_id"]
        if detours is not None:
            self._detours = detours.filter(pc.is_in(detours["voyage_id"], still_open))
        ended = batch.voyages.filter(pc.invert(batch.voyages["is_open"]))
        return event_table(self._drafts(ended, detours), self._confidence)

    def flush(self) -> pa.Table:
        """Return the events of voyages under way, as if they ended here; see `Detector`."""
        return event_table(self._drafts(self._open, self._detours), self._confidence)

    def state(self) -> State:
        """Return everything that is unfinished, as plain arrays by name."""
        state = {**named("fleet", self._fleet.rows), "open": packed(self._open)}
        if self._detours is not None:
            state["detours"] = packed(self._detours)
        return state

    def restore(self, state: State) -> None:
        """Take up a state that a detector of the same settings gave."""
        self._fleet.rows = under("fleet", state)
        self._open = unpacked(state["open"])
        self._detours = unpacked(state["detours"]) if "detours" in state else None

    def _drafts(self, voyages: pa.Table, detours: pa.Table | None) -> list[Draft]:
        detour_of = {} if detours is None else {row["voyage_id"]: row for row in plain(detours)}
        drafts = []
        for voyage in voyages.to_pylist():
            detour = detour_of.get(voyage["voyage_id"])
            key = int(keys_of([voyage["vessel_id"]])[0])
            is_roaming = self._fleet.any_of([key], self._roaming)
            judged = judge(voyage, detour, self._rule, is_roaming=is_roaming)
            if judged.is_flagged:
                drafts.append(self._draft(key, voyage, detour, judged))
        return drafts

    def _draft(self, key: int, voyage: Row, detour: Row | None, judged: Judgement) -> Draft:
        start, end = _fix(voyage, "start"), _fix(voyage, "end")
        return Draft(
            kind=self.kind,
            keys=(key,),
            anchor=start,
            start=start,
            end=end,
            lat=end.lat if detour is None else detour["lat"],
            lon=end.lon if detour is None else detour["lon"],
            measures={
                **self._measures(voyage, judged),
                **({} if detour is None else self._told_by(detour, voyage, judged)),
                "vessel_class": Measure(self._fleet.class_of(key)),
            },
            innocent=judged.innocent or {},
            evidence=[Evidence(key, start.t_us, end.t_us, voyage["n_positions"])],
            explanation=self._explanation(voyage, detour, judged),
            is_open=voyage["is_open"],
            quality=seen_frac(voyage, detour),
        )

    def _measures(self, voyage: Row, judged: Judgement) -> dict[str, Measure]:
        rule, shortest_nm = self._rule, voyage["shortest_nm"]
        return {
            "detour_ratio": Measure(
                _ratio(voyage),
                ">=",
                min_ratio(shortest_nm, rule),
                zero=1.0,
                counts=not judged.is_by_peers,
            ),
            "excess_nm": Measure(voyage["excess_nm"], ">=", rule.min_excess_nm),
            "travelled_nm": Measure(voyage["travelled_nm"]),
            "by_sea_nm": Measure(voyage["by_sea_nm"]),
            "reckoned_nm": Measure(voyage["reckoned_nm"]),
            "shortest_nm": Measure(shortest_nm),
            "max_cross_track_nm": Measure(
                voyage["max_cross_track_nm"], ">", rule.lane_nm, counts=False
            ),
            "coverage_frac": Measure(voyage["coverage_frac"]),
            "passages": Measure(voyage["passages"]),
            "voyage_id": Measure(voyage["voyage_id"]),
            "origin_by": Measure(voyage["origin_by"]),
            "destination_by": Measure(voyage["destination_by"]),
        }

    def _told_by(self, detour: Row, voyage: Row, judged: Judgement) -> dict[str, Measure]:
        """Return the measures of what was found along the way."""
        rule = self._rule
        told = {
            "legs": Measure(detour["legs"]),
            "frechet_nm": Measure(detour["frechet_nm"]),
            "seen_frac": Measure(detour["seen_frac"], ">=", rule.min_seen_frac, counts=False),
            "n_peers": Measure(detour["n_peers"], ">=", rule.min_peers, counts=False),
        }
        if detour["n_peers"] >= rule.min_peers:
            told["percentile_frac"] = Measure(
                detour["percentile_frac"],
                ">",
                rule.min_percentile_frac,
                counts=judged.is_by_peers,
            )
        if detour["passages_not_taken"]:
            told["passages_not_taken"] = Measure(detour["passages_not_taken"])
            told |= _against(detour, "without", rule)
        if detour["stays"]:
            told["stays"] = Measure(detour["stays"])
            told |= _against(detour, "via", rule)
        if voyage["is_open"]:
            told |= _against(detour, "so_far", rule)
        return told

    def _explanation(self, voyage: Row, detour: Row | None, judged: Judgement) -> str:
        sentences = [self._sentence(voyage), *_over_land(voyage)]
        if detour is not None:
            if judged.is_by_peers:
                sentences.append(
                    f"Of {detour['n_peers']} earlier voyages between these ports "
                    f"{share(detour['percentile_frac'])} were more direct."
                )
            sentences += [*_most_miles(detour), *_not_taken(detour)]
        for name, holds in (judged.innocent or {}).items():
            if holds and name != "passage_not_taken":
                sentences.append(f"Innocent explanation: {name.replace('_', ' ')}.")
        return " ".join(sentences)

    def _sentence(self, voyage: Row) -> str:
        start, end = _fix(voyage, "start"), _fix(voyage, "end")
        ends = f"from {_end(voyage, 'origin', start)} to {_end(voyage, 'destination', end)}"
        threshold = min_ratio(voyage["shortest_nm"], self._rule)
        return (
            f"Apparent detour: sailed {number(voyage['travelled_nm'])} nm {ends} "
            f"({span(start.t_us, end.t_us)}) where the shortest route is "
            f"{number(voyage['shortest_nm'])} nm: {number(voyage['excess_nm'])} nm more, "
            f"{_ratio(voyage):.2f} times as far; held against {threshold:.2f} times and "
            f"{limit(self._rule.min_excess_nm)} nm."
        )


def plain(detours: pa.Table) -> list[Row]:
    """Return rows of DETOURS with what stands in them as JSON."""
    return [
        row | {name: json.loads(row[name]) for name in ("legs", "stays")}
        for row in detours.to_pylist()
    ]


def _ratio(voyage: Row) -> float:
    return float((voyage["shortest_nm"] + voyage["excess_nm"]) / voyage["shortest_nm"])


def _against(detour: Row, other: str, rule: RouteDeviationDefault) -> dict[str, Measure]:
    """Return what is left against another route, and what it would have to stay under."""
    shortest_nm, excess_nm = detour[f"shortest_{other}_nm"], detour[f"excess_{other}_nm"]
    told = {f"shortest_{other}_nm": Measure(shortest_nm)}
    if shortest_nm is not None:
        told[f"excess_{other}_nm"] = Measure(excess_nm, ">=", rule.min_excess_nm, counts=False)
    return told


def _most_miles(detour: Row) -> list[str]:
    """Return the sentence on where most extra miles arose, if they did in one stretch."""
    if not detour["legs"]:
        return []
    leg = detour["legs"][0]
    start, end = (leg[name][:16].replace("T", " ") for name in ("start", "end"))
    here = place(leg["start_lat"], leg["start_lon"])
    return [f"{number(leg['nm'])} nm of them arose from {here} on ({start} to {end} UTC)."]


def _over_land(voyage: Row) -> list[str]:
    """Return the sentence on miles that nobody saw sailed, if there are any."""
    if not voyage["by_sea_nm"]:
        return []
    by_sea_nm = number(voyage["by_sea_nm"])
    return [f"{by_sea_nm} nm of these are the shortest way by sea over gaps across land."]


def _not_taken(detour: Row) -> list[str]:
    """Return the sentence on the passages that the vessel did not take, if there are any."""
    if not detour["passages_not_taken"]:
        return []
    names = " and ".join(detour["passages_not_taken"])
    if detour["shortest_without_nm"] is None:
        return [f"It did not take {names}, without which there is no way."]
    without_nm = number(detour["shortest_without_nm"])
    return [f"It did not take {names}, without which {without_nm} nm remain."]


def _under_way(voyages: pa.Table) -> pa.Table:
    """Return of each voyage the last word, where it says that the voyage is under way."""
    last = {voyage_id: row for row, voyage_id in enumerate(voyages["voyage_id"].to_pylist())}
    latest = voyages.take(pa.array(sorted(last.values()), pa.int64()))
    return latest.filter(latest["is_open"])


def _joined(first: pa.Table | None, second: pa.Table | None) -> pa.Table | None:
    tables = [
        table.select(DETOURS.names).cast(DETOURS.arrow)
        for table in (first, second)
        if table is not None
    ]
    return pa.concat_tables(tables) if tables else None


def _fix(voyage: Row, end: str) -> Fix:
    t_us = int(pa.scalar(voyage[end], VOYAGES.arrow.field(end).type).value)
    return Fix(t_us, voyage[f"{end}_lat"], voyage[f"{end}_lon"])


def _end(voyage: Row, end: str, fix: Fix) -> str:
    name = voyage[end]
    if voyage[f"{end}_by"] == "call" and name:
        return printable(name)
    here = place(fix.lat, fix.lon)
    return f"{here} (declared {printable(name)})" if name else here
