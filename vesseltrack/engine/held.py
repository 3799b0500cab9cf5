"""Voyages of any number of shards, judged when all of them are known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import schema, tracks
from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.core.ship_class import codes_of
from vesseltrack.detect import judge
from vesseltrack.engine.peers import NO_PEERS, Standing, standings
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
        # Tables alone: rows as objects, few among the many that come and go, hold their pages.
        self._shards: list[HeldVoyages] = []
        self._types: list[pa.Table] = []

    def add(self, built: tracks.Tracks) -> None:
        """Hold the voyages of a shard against their routes; no vessel may come twice."""
        rows, detours = measured_voyages(built, self._rule)
        told = [
            detour | {name: json.dumps(detour[name], ensure_ascii=False) for name in _JSON}
            for detour in detours.values()
        ]
        self._shards.append(
            HeldVoyages(_table(schema.VOYAGES, rows), _table(schema.DETOURS, told))
        )
        self._types.append(built.vessels.select(["vessel_id", "ship_type"]))

    def judged(self) -> HeldVoyages:
        """Return all of them, each held against its peers and judged."""
        type_of = {
            row["vessel_id"]: row["ship_type"]
            for table in self._types
            for row in table.to_pylist()
        }
        wanted = {
            name for shard in self._shards for name in shard.detours["voyage_id"].to_pylist()
        }
        peers = [row for shard in self._shards for row in _with_ports(shard.voyages)]
        standing_of = standings(peers, type_of, wanted)
        judged = [self._judged(shard, standing_of, type_of) for shard in self._shards]
        return HeldVoyages(
            _in_key_order(schema.VOYAGES, [shard.voyages for shard in judged]),
            _in_key_order(schema.DETOURS, [shard.detours for shard in judged]),
        )

    def _judged(
        self,
        shard: HeldVoyages,
        standing_of: Mapping[str, Standing],
        type_of: Mapping[str, int | None],
    ) -> HeldVoyages:
        """Return those of a shard with how they stand among all, and their verdicts."""
        standing = [
            standing_of.get(name, NO_PEERS) for name in shard.detours["voyage_id"].to_pylist()
        ]
        detours = shard.detours
        for place, name in enumerate(("n_peers", "percentile_frac")):
            detours = _with(schema.DETOURS, detours, name, [each[place] for each in standing])
        detour_of = {
            row["voyage_id"]: row | {name: json.loads(row[name]) for name in _JSON}
            for row in detours.to_pylist()
        }
        roaming = set(codes_of(self._rule.roaming_classes).tolist())
        verdicts = [
            judge(
                row,
                detour_of.get(row["voyage_id"]),
                self._rule,
                is_roaming=type_of[row["vessel_id"]] in roaming,
            ).verdict.value
            for row in shard.voyages.to_pylist()
        ]
        return HeldVoyages(_with(schema.VOYAGES, shard.voyages, "verdict", verdicts), detours)


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


def _with_ports(voyages: pa.Table) -> list[Row]:
    """Return what peers are told by of the voyages that may be one: others have no peers."""
    known = [pc.is_valid(voyages[name]) for name in ("origin_locode", "destination_locode")]
    return voyages.filter(pc.and_(*known)).select(_OF_PEERS).to_pylist()  # type: ignore[no-any-return]  # pyarrow ships no types


def _with(spec: schema.Table, table: pa.Table, name: str, values: Sequence[object]) -> pa.Table:
    """Return a table with other values in a column."""
    place = spec.names.index(name)
    field = spec.arrow.field(place)
    return table.set_column(place, field, pa.array(values, field.type))


def _in_key_order(spec: schema.Table, tables: Sequence[pa.Table]) -> pa.Table:
    whole = pa.concat_tables([spec.empty(), *tables])
    return whole.sort_by([(name, "ascending") for name in spec.key])


def _table(spec: schema.Table, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    return spec.of({name: [row[name] for row in rows] for name in spec.names})
