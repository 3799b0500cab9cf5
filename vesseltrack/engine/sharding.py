"""Tracks of a store, made of some vessels at a time: memory holds those, and small tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from vesseltrack import schema, tracks
from vesseltrack.config import Config
from vesseltrack.config.tracks import GFW
from vesseltrack.engine.bound import bound_table
from vesseltrack.engine.held import VoyageBook
from vesseltrack.engine.memory import give_back_memory
from vesseltrack.engine.progress import Progress
from vesseltrack.engine.slicing import Told
from vesseltrack.engine.voyages import rough_distance_nm, sea_distance_nm
from vesseltrack.store import Filter, Scratch, Shard, Store

_SMALL: Final = (
    schema.VESSELS,
    schema.SEGMENTS,
    schema.PORT_CALLS,
    schema.SAID,
    schema.STRAYS,
)


@dataclass(frozen=True)
class Built:
    """What `Tracks` holds but the fixes, of all vessels, with their voyages judged."""

    told: Told
    port_calls: pa.Table
    discarded: dict[str, int]
    notes: tuple[str, ...]


def build_in_shards(store: Store, fixes: Scratch, config: Config, progress: Progress) -> Built:
    """Build the tracks of a store, and put their fixes aside.

    A vessel depends on no other, so the result is the same whatever the shards are.

    Parameters
    ----------
    store : Store
        Read for positions, statics and anchorages.
    fixes : Scratch
        Takes `FIXES`.
    config : Config
        Settings.
    progress : Progress
        Told how many vessels are done.
    """
    gathered, book = _Gathered(), VoyageBook(config.detect.route_deviation.default)
    bound = [schema.BOUND.empty()]
    shards = store.shards(config.run.shard_rows)
    known_until_us = None
    if config.tracks.presets.port_calls == GFW:
        known_until_us = max(
            (
                tracks.last_measured_us(_of(store, "positions", shard), config.tracks)
                for shard in shards
            ),
            default=0,
        )
    anchorages = store.select("anchorages")
    n_done, n_vessels = 0, sum(shard.n_vessels for shard in shards)
    for shard in shards:
        progress("vessels", n_done, n_vessels)
        positions, statics = _of(store, "positions", shard), _of(store, "statics", shard)
        give_back_memory()  # what reading from many files took
        built = tracks.build_tracks(
            positions,
            statics,
            config=config.tracks,
            sea_distance_nm=sea_distance_nm,
            anchorages=anchorages,
            known_until_us=known_until_us,
            rough_distance_nm=rough_distance_nm,
        )
        fixes.append(built.fixes)
        gathered.add(built)
        book.add(built)
        bound.append(bound_table(built, config.detect.destination_mismatch.default))
        del built, positions, statics
        give_back_memory()
        n_done += shard.n_vessels
    progress("vessels", n_vessels, n_vessels)
    return Built(
        Told(
            vessels=gathered.table(schema.VESSELS),
            segments=gathered.table(schema.SEGMENTS),
            said=gathered.table(schema.SAID),
            strays=gathered.table(schema.STRAYS),
            held=book.judged(),
            bound=_in_key_order(schema.BOUND, bound),
            last_us=fixes.last_us,
        ),
        port_calls=gathered.table(schema.PORT_CALLS),
        discarded=dict(gathered.discarded),
        notes=tracks.notes_on(gathered.bare_ports, config.tracks),
    )


class _Gathered:
    """The small tables of all shards so far."""

    def __init__(self) -> None:
        self._tables: dict[str, list[pa.Table]] = {}
        self.discarded: Counter[str] = Counter()
        self.bare_ports: set[str] = set()

    def add(self, built: tracks.Tracks) -> None:
        """Take in those of a shard."""
        for spec in _SMALL:
            self._tables.setdefault(spec.name, []).append(getattr(built, spec.name))
        self.discarded.update(built.discarded)
        self.bare_ports.update(built.bare_ports)

    def table(self, spec: schema.Table) -> pa.Table:
        """Return the rows of all shards in key order, those of one key as they came."""
        return _in_key_order(spec, [spec.empty(), *self._tables.get(spec.name, ())])


def _in_key_order(spec: schema.Table, tables: Sequence[pa.Table]) -> pa.Table:
    whole = pa.concat_tables(tables)
    return whole.sort_by([(name, "ascending") for name in spec.key])


def _of(store: Store, name: str, shard: Shard) -> pa.Table:
    spec = schema.TABLES[name]
    return store.select(name, Filter(mmsi_range=(shard.first, shard.last)), columns=spec.names)
