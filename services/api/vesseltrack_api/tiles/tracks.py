"""The tracks layer: every track of a store, ready to be drawn at any zoom."""

import itertools
import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.store import Store
from vesseltrack_api.tiles import mvt
from vesseltrack_api.tiles.grid import Floats, Int32s, Ints, Tile, project
from vesseltrack_api.tiles.stretches import Fixes, Stretches, stretches

FIELDS: Final = {
    "segment_id": "String",
    "vessel_id": "String",
    "mmsi": "Number",
    "name": "String",
    "sog_kn": "Number",
}
_CHUNK_FIXES: Final = 500_000  # worked on at a time: about 100 MB
_COLUMNS: Final = ("segment_id", "vessel_id", "mmsi", "start", "n_positions")


class Tracks:
    """All tracks of one version of a store, held small: four numbers a fix.

    Parameters
    ----------
    store : Store
        Read once, when this is made.
    max_fixes : int
        When there are more, the oldest tracks are left out.
    """

    def __init__(self, store: Store, max_fixes: int) -> None:
        rows = store.select("segments", columns=list(_COLUMNS)).sort_by([("start", "descending")])
        self.n_tracks = rows.num_rows
        rows = rows.filter(pa.array(np.cumsum(rows["n_positions"].to_numpy()) <= max_fixes))
        self.n_drawn = rows.num_rows
        vessels = store.select("vessels", columns=["vessel_id", "name"]).to_pylist()
        names = {vessel["vessel_id"]: vessel["name"] for vessel in vessels}
        self._segment_id: list[str] = rows["segment_id"].to_pylist()
        self._vessel_id: list[str] = rows["vessel_id"].to_pylist()
        self._mmsi: list[int] = rows["mmsi"].to_pylist()
        self._name = [names.get(vessel) for vessel in self._vessel_id]
        self._chunks = list(_read(store, self._segment_id, rows["n_positions"].to_numpy()))

    def level(self, z: int) -> Stretches:
        """Return all tracks as tiles of one zoom show them."""
        return Stretches.joined([stretches(chunk, z) for chunk in self._chunks])

    def encode(self, level: Stretches, tile: Tile, max_features: int) -> bytes:
        """Return a tile of the layer; the longest stretches when there are too many."""
        xy, offsets, line = level.lines.in_tile(tile, max_features)
        segments = level.segment[line].tolist()
        speeds = level.sog_kn[line].astype(np.float64).round(1).tolist()
        properties: dict[str, list[Any]] = {
            "segment_id": [self._segment_id[i] for i in segments],
            "vessel_id": [self._vessel_id[i] for i in segments],
            "mmsi": [self._mmsi[i] for i in segments],
            "name": [self._name[i] for i in segments],
            "sog_kn": [None if math.isnan(speed) else speed for speed in speeds],
        }
        return mvt.layer("tracks", mvt.Kind.LINE, xy, offsets, properties)


def _read(store: Store, segment_ids: list[str], n_fixes: Ints) -> Iterator[Fixes]:
    """Yield the fixes of segments, numbered as they stand in the list, some at a time."""
    chunk = np.cumsum(n_fixes) // _CHUNK_FIXES
    edges = np.flatnonzero(np.diff(chunk, prepend=-1, append=-1)).tolist()
    for begin, end in itertools.pairwise(edges):
        rows = store.fixes_of(segment_ids[begin:end])
        if rows.num_rows:
            yield _projected(rows, {segment_ids[i]: i for i in range(begin, end)})


def _projected(rows: pa.Table, number_of: dict[str, int]) -> Fixes:
    names = rows["segment_id"].combine_chunks().dictionary_encode()
    numbers = np.array([number_of[n] for n in names.dictionary.to_pylist()], dtype=np.int32)
    segment = numbers[names.indices.to_numpy()]
    x, y = project(rows["lat"].to_numpy(), _continuous(rows["lon"].to_numpy(), segment))
    return Fixes(x, y, rows["sog_kn"].to_numpy(), segment)


def _continuous(lon: Floats, segment: Int32s) -> Floats:
    """Return longitudes without the jump at the date line; each segment's first fix stays."""
    edge = segment[1:] != segment[:-1]
    turns = np.where(edge, 0.0, -np.round(np.diff(lon) / 360.0))
    worlds = np.concatenate(([0.0], np.cumsum(turns)))
    opens = np.flatnonzero(np.concatenate(([True], edge)))
    n_fixes = np.diff(np.append(opens, lon.size))
    return np.asarray(lon + 360.0 * (worlds - np.repeat(worlds[opens], n_fixes)))
