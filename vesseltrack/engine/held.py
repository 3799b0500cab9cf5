"""Voyages of any number of shards, judged when all of them are known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from vesseltrack import schema, tracks
from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.core.ship_class import codes_of
from vesseltrack.detect import judge
from vesseltrack.engine.peers import standings
from vesseltrack.engine.voyages import Row, measured_voyages

DEFAULT_RULE: Final = RouteDeviationDefault()
_JSON: Final = ("legs", "stays")
_OF_PEERS: Final = (
    "voyage_id",
    "vessel_id",
    "origin_locode",
    "destination_locode",
    "detour_ratio",
    "is_open",
    "end",
)


@dataclass(frozen=True)
class HeldVoyages:
    """Voyages with their route columns, and what was found along those that may be detours.

    Attributes
    ----------
    voyages : pyarrow.Table
        `VOYAGES`.
    detours : pyarrow.Table
        `DETOURS`.
    """

    voyages: pa.Table
    detours: pa.Table


class VoyageBook:
    """Voyages held against the shortest route, shard after shard.

    Parameters
    ----------
    rule : RouteDeviationDefault
        The thresholds.
    """

    def __init__(self, rule: RouteDeviationDefault) -> None:
        self._rule = rule
        self._voyages = [schema.VOYAGES.empty()]
        self._detours: dict[str, Row] = {}
        self._type_of: dict[str, int | None] = {}

    def add(self, built: tracks.Tracks) -> None:
        """Hold the voyages of a shard against their routes; no vessel may come twice."""
        rows, detours = measured_voyages(built, self._rule)
        self._voyages.append(_table(schema.VOYAGES, rows))
        self._detours |= detours
        for row in built.vessels.select(["vessel_id", "ship_type"]).to_pylist():
            self._type_of[row["vessel_id"]] = row["ship_type"]

    def judged(self) -> HeldVoyages:
        """Return all of them, each held against its peers and judged."""
        peers = pa.concat_tables(table.select(_OF_PEERS) for table in self._voyages).to_pylist()
        for voyage_id, standing in standings(peers, self._type_of, set(self._detours)).items():
            self._detours[voyage_id] |= dict(
                zip(("n_peers", "percentile_frac"), standing, strict=True)
            )
        place = schema.VOYAGES.names.index("verdict")
        field = schema.VOYAGES.arrow.field(place)
        voyages = pa.concat_tables(
            table.set_column(place, field, pa.array(self._verdicts(table), field.type))
            for table in self._voyages
        )
        told = [
            detour | {name: json.dumps(detour[name], ensure_ascii=False) for name in _JSON}
            for _, detour in sorted(self._detours.items())
        ]
        return HeldVoyages(
            voyages.sort_by([(name, "ascending") for name in schema.VOYAGES.key]),
            _table(schema.DETOURS, told),
        )

    def _verdicts(self, voyages: pa.Table) -> list[str]:
        roaming = set(codes_of(self._rule.roaming_classes).tolist())
        return [
            judge(
                row,
                self._detours.get(row["voyage_id"]),
                self._rule,
                is_roaming=self._type_of[row["vessel_id"]] in roaming,
            ).verdict.value
            for row in voyages.to_pylist()
        ]


def hold_against_routes(
    built: tracks.Tracks, *, rule: RouteDeviationDefault = DEFAULT_RULE
) -> HeldVoyages:
    """Return voyages with the columns that hold them against the shortest route.

    Every voyage is held against a single route. One that may be flagged is measured again along
    the distance field of its destination, which says where its extra miles arose. One under way
    to a declared port is held against the route there: its slack so far. A voyage whose ends have
    no route between them keeps nulls: an unknown is never a detour.

    Parameters
    ----------
    built : Tracks
        What tracks made of the positions.
    rule : RouteDeviationDefault
        The thresholds.
    """
    book = VoyageBook(rule)
    book.add(built)
    return book.judged()


def _table(spec: schema.Table, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    return spec.of({name: [row[name] for row in rows] for name in spec.names})
