"""The events that are scored: of a store, or exported."""

import csv
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.config.detect.shared import WORKING_CLASSES
from vesseltrack.core.ship_class import codes_of
from vesseltrack.errors import FormatError
from vesseltrack.planting.alerting import Watched
from vesseltrack.store import Filter, Store
from vesseltrack.units import US_PER_DAY, US_PER_S

_NEEDED: Final = (
    "kind",
    "status",
    "mmsi",
    "other_mmsi",
    "start",
    "end",
    "confidence",
    "innocent",
)
_WHO: Final = ("vessel_id", "other_vessel_id")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def events_at(path: Path) -> tuple[list[dict[str, Any]], float]:
    """Return events as `score` takes them, and the vessel-days they were found in.

    Parameters
    ----------
    path : Path
        A store, or events exported as CSV or JSON lines; these do not tell vessel-days: NaN.

    Raises
    ------
    StoreError
        If the store cannot be read.
    FormatError
        If the file is missing, or holds no exported events.
    """
    if path.is_dir():
        store = Store.open(path)
        rows = store.select("events", Filter(), columns=(*_NEEDED, *_WHO)).to_pylist()
        working = _working_craft(store)
        found = [
            _event(row) | {"is_working": not working.isdisjoint(row[name] for name in _WHO)}
            for row in rows
            if row["status"] != "withdrawn"
        ]
        return found, watched_at(path).vessel_days
    try:
        text = path.read_text(encoding="utf-8")
        rows = list(_rows(path, text))
        return [_event(row) for row in rows], float("nan")
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        msg = f"{path}: neither a store nor exported events: {error}"
        raise FormatError(msg) from error


def watched_at(path: Path) -> Watched:
    """Return how long the vessels of a store were watched.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    columns = ("vessel_id", "start", "end")
    segments = Store.open(path).select("segments", Filter(), columns=columns)
    start_us, end_us = (segments[name].cast(pa.int64()).to_numpy() for name in ("start", "end"))
    return Watched(
        float(len(set(_vessel_days(segments)))), float((end_us - start_us).sum()) / US_PER_DAY
    )


def _working_craft(store: Store) -> set[str]:
    """Return the vessels whose class works at sea."""
    codes = codes_of(WORKING_CLASSES)
    vessels = store.select("vessels", Filter(), columns=("vessel_id", "ship_type"))
    types = vessels["ship_type"].fill_null(-1).to_numpy()
    return set(vessels["vessel_id"].filter(pa.array(np.isin(types, codes))).to_pylist())


def _rows(path: Path, text: str) -> Iterable[Mapping[str, Any]]:
    if path.suffix == ".csv":
        return csv.DictReader(text.splitlines())
    return (json.loads(line) for line in text.splitlines() if line.strip())


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    innocent = row["innocent"]
    told = json.loads(innocent) if isinstance(innocent, str) else innocent
    return {
        "kind": row["kind"],
        "mmsi": int(row["mmsi"]),
        "other_mmsi": int(row["other_mmsi"]) if row["other_mmsi"] else None,
        "start_us": _us(row["start"]),
        "end_us": _us(row["end"]),
        "confidence": float(row["confidence"]),
        "holds": bool(told["holds"]),
    }


def _us(instant: str | dt.datetime) -> int:
    when = dt.datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return round((when - _EPOCH).total_seconds() * US_PER_S)


def _vessel_days(segments: pa.Table) -> Iterator[tuple[str, int]]:
    spans = (segments[name].cast(pa.int64()).to_pylist() for name in ("start", "end"))
    for vessel, start_us, end_us in zip(segments["vessel_id"].to_pylist(), *spans, strict=True):
        for day in range(start_us // US_PER_DAY, end_us // US_PER_DAY + 1):
            yield vessel, day
