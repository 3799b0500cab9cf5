"""The lines of tracks and voyages, read from the fixes that make them up."""

import itertools
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.store import Filter, Store
from vesseltrack_api import geometry
from vesseltrack_api.parameters import Bounds

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fixes:
    """The fixes of one segment in time order: time [us], latitude and longitude [deg]."""

    time_us: Times
    lat: Floats
    lon: Floats

    def between(self, first_us: int, last_us: int) -> tuple[Floats, Floats]:
        """Return latitudes and longitudes from one instant to another, both included."""
        begin, end = np.searchsorted(self.time_us, [first_us, last_us + 1])
        return self.lat[begin:end], self.lon[begin:end]


def of_tracks(store: Store, rows: pa.Table) -> list[dict[str, Any] | None]:
    """Return the line of each row of `segments`; None for a segment of one fix."""
    ids = rows["segment_id"].to_pylist()
    fixes = fixes_by_segment(store, ids)
    return [geometry.line([(fixes[i].lat, fixes[i].lon)] if i in fixes else []) for i in ids]


def of_voyages(store: Store, rows: pa.Table) -> list[dict[str, Any] | None]:
    """Return the line of each row of `voyages`: a piece for each of its vessel's segments.

    The time between two segments stays empty: nothing is known of it.
    """
    if rows.num_rows == 0:
        return []
    segments = _segments_of(store, rows)
    fixes = fixes_by_segment(store, [i for ids in segments.values() for i in ids])
    return [
        geometry.line(
            fixes[i].between(first_us, last_us) for i in segments.get(vessel, ()) if i in fixes
        )
        for vessel, first_us, last_us in zip(
            rows["vessel_id"].to_pylist(), _us(rows["start"]), _us(rows["end"]), strict=True
        )
    ]


def fixes_by_segment(store: Store, ids: Iterable[str]) -> dict[str, Fixes]:
    """Return the fixes of segments by identifier; one that names nothing is left out."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = store.fixes_of(wanted).combine_chunks()
    names = rows["segment_id"].dictionary_encode().combine_chunks()
    codes = names.indices.to_numpy()
    time_us = rows["timestamp"].cast(pa.int64()).to_numpy()
    lat, lon = rows["lat"].to_numpy(), rows["lon"].to_numpy()
    edges = np.flatnonzero(np.diff(codes, prepend=-1, append=-1))
    return {
        names.dictionary[int(codes[a])].as_py(): Fixes(time_us[a:b], lat[a:b], lon[a:b])
        for a, b in itertools.pairwise(edges)
    }


def voyages_touching(store: Store, voyages: pa.Table, bbox: Bounds) -> pa.Table:
    """Return the voyages of which some segment reaches into a box.

    As tracks do, a segment counts by its extent: the answer may hold a voyage that passes the box
    by, never one too few.
    """
    columns = ["vessel_id", "start", "end"]
    touching = store.select("segments", Filter(bbox=bbox), columns=columns)
    spans: dict[str, tuple[list[int], list[int]]] = {}
    for vessel, first_us, last_us in _spans(touching):
        firsts, lasts = spans.setdefault(vessel, ([], []))
        firsts.append(first_us)
        lasts.append(last_us)
    mask = []
    for vessel, first_us, last_us in _spans(voyages):
        firsts, lasts = spans.get(vessel, ([], []))
        # Segments of one vessel follow each other: the last one begun by then ends last.
        place = bisect_right(firsts, last_us) - 1
        mask.append(place >= 0 and lasts[place] >= first_us)
    return voyages.filter(pa.array(mask, pa.bool_()))


def _segments_of(store: Store, voyages: pa.Table) -> dict[str, list[str]]:
    """Return the segments, by vessel, of the time that the voyages span together."""
    span = Filter(since=pc.min(voyages["start"]).as_py(), until=pc.max(voyages["end"]).as_py())
    rows = store.select("segments", span, columns=["segment_id", "vessel_id"])
    rows = rows.filter(
        pc.is_in(rows["vessel_id"], value_set=voyages["vessel_id"].combine_chunks())
    )
    segments: dict[str, list[str]] = {}
    for vessel, segment in zip(
        rows["vessel_id"].to_pylist(), rows["segment_id"].to_pylist(), strict=True
    ):
        segments.setdefault(vessel, []).append(segment)
    return segments


def _spans(rows: pa.Table) -> Iterable[tuple[str, int, int]]:
    return zip(rows["vessel_id"].to_pylist(), _us(rows["start"]), _us(rows["end"]), strict=True)


def _us(instants: pa.ChunkedArray) -> list[int]:
    return list(instants.cast(pa.int64()).to_pylist())
