"""Tables of fixes, vessels, voyages and slices for the tests of detect."""

import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from vesseltrack.core.records import Rows
from vesseltrack.core.vessel_keys import keys_of
from vesseltrack.detect import Slice
from vesseltrack.detect.together import MeetingRule, OpenSamples
from vesseltrack.hexgrid import cells_of
from vesseltrack.schema import BOUND, FIXES, SAID, SEGMENTS, STRAYS, VESSELS, VOYAGES

US = 1_000_000
HOUR = 3600 * US
DAY = 24 * HOUR
T0 = int(dt.datetime(2024, 3, 1, tzinfo=dt.UTC).timestamp()) * US
FAR_M = 1e6  # far from any shore, port and anchorage


def instant(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).timestamp() * US)


def key(vessel: str | int) -> int:
    return int(keys_of([str(vessel)])[0])


def track(vessel: str | int, t_us, lat, lon, **columns) -> dict[str, np.ndarray]:
    """Columns of one vessel's fixes; numbers are repeated, what is not given is unknown or far."""
    t_us = np.asarray(t_us, dtype=np.int64)
    given = {
        "vessel_key": key(vessel),
        "lat": lat,
        "lon": lon,
        "sog_kn": np.nan,
        "cog_deg": np.nan,
        "heading_deg": np.nan,
        "nav_status": -1,
        "quality": 0,
        "segment": key(vessel) % 1_000_003,
        "shore_m": FAR_M,
        "port_m": FAR_M,
        "anchorage_m": FAR_M,
        **columns,
    }
    return {"timestamp": t_us} | {
        name: np.broadcast_to(np.asarray(values), t_us.shape).copy()
        for name, values in given.items()
    }


def fixes(*tracks: Mapping[str, np.ndarray]) -> pa.Table:
    """A `FIXES` table of tracks, in its order."""
    if not tracks:
        return FIXES.empty()
    columns = {name: np.concatenate([one[name] for one in tracks]) for name in tracks[0]}
    order = np.lexsort((columns["vessel_key"], columns["timestamp"]))
    columns = {name: values[order] for name, values in columns.items()}
    status = columns.pop("nav_status")
    return FIXES.of(
        {
            **columns,
            "timestamp": pa.array(columns["timestamp"], pa.timestamp("us", tz="UTC")),
            "cell": cells_of(columns["lat"], columns["lon"]),
            "nav_status": pa.array(status, pa.int8(), mask=status < 0),
            "quality": columns["quality"].astype(np.int32),
        }
    )


def vessels(*rows: Mapping[str, Any]) -> pa.Table:
    """A `VESSELS` table; each row needs `vessel_id`."""
    plain = {
        "identities": "[]",
        "first_seen": T0,
        "last_seen": T0 + DAY,
        "n_positions": 1,
        "lat": 50.0,
        "lon": 10.0,
    }
    filled = [
        plain | {"mmsi": int(str(row["vessel_id"]).partition("-")[0])} | dict(row) for row in rows
    ]
    if not filled:
        return VESSELS.empty()
    return VESSELS.of({name: [row.get(name) for row in filled] for name in VESSELS.names})


def voyages(*rows: Mapping[str, Any]) -> pa.Table:
    """A `VOYAGES` table; what is not given is a plain direct voyage."""
    plain = {
        "voyage_id": "voyage-1",
        "vessel_id": "211000001",
        "mmsi": 211000001,
        "origin": "Rotterdam",
        "origin_locode": "NLRTM",
        "origin_by": "call",
        "destination": "Riga",
        "destination_locode": "LVRIX",
        "destination_by": "call",
        "start": T0,
        "end": T0 + 4 * DAY,
        "is_open": False,
        "start_lat": 51.9,
        "start_lon": 4.1,
        "end_lat": 57.0,
        "end_lon": 24.1,
        "n_positions": 1000,
        "travelled_nm": 1000.0,
        "removed_nm": 1.0,
        "by_sea_nm": 0.0,
        "reckoned_nm": 0.0,
        "shortest_nm": 1000.0,
        "max_cross_track_nm": 40.0,
        "passages": [],
        "coverage_frac": 1.0,
    }
    filled = [plain | dict(row) for row in rows]
    for row in filled:
        if row["shortest_nm"] is not None:
            row.setdefault("excess_nm", row["travelled_nm"] - row["shortest_nm"])
    return VOYAGES.of({name: [row.get(name) for row in filled] for name in VOYAGES.names})


def said(*rows: tuple[str | int, int, Mapping[str, Any]]) -> pa.Table:
    """A `SAID` table of vessel, time [us] and what it said, in its order."""
    rows = tuple(sorted(rows, key=lambda row: (row[1], key(row[0]))))
    return SAID.of(
        {
            "vessel_key": [key(vessel) for vessel, _, _ in rows],
            "timestamp": pa.array([t_us for _, t_us, _ in rows], pa.int64()),
            **{
                name: [fields.get(name) for _, _, fields in rows]
                for name in ("imo", "name", "callsign", "length_m", "beam_m", "destination")
            },
        }
    )


def strays(*tracks: Mapping[str, np.ndarray]) -> pa.Table:
    """A `STRAYS` table of tracks, in its order."""
    table = fixes(*tracks)
    return STRAYS.of({name: table[name] for name in STRAYS.names})


def bound(*rows: Mapping[str, Any]) -> pa.Table:
    """A `BOUND` table in its order; what is not given is a plain way to Rotterdam."""
    plain = {
        "vessel_key": key(211000001),
        "lat": 55.0,
        "lon": 4.0,
        "voyage_id": "voyage-1",
        "text": "NLRTM",
        "port": "Rotterdam",
        "port_lat": 51.9,
        "port_lon": 4.1,
        "certainty": 1.0,
        "declared": T0 - DAY,
        "remaining_nm": None,
        "around_nm": None,
        "first_nm": None,
        "least_nm": None,
        "sailed_nm": 0.0,
        "n": 6,
        "is_open": False,
    }
    filled = sorted(
        (plain | dict(row) for row in rows), key=lambda row: (row["timestamp"], row["vessel_key"])
    )
    return BOUND.of({name: [row.get(name) for row in filled] for name in BOUND.names})


def pairs_of(samples: Rows, rule: MeetingRule) -> Rows:
    """Every two samples within the distance."""
    held = OpenSamples(rule)
    held.add(samples)
    return held.pairs(T0 + 10_000 * DAY)


def slice_of(  # noqa: PLR0913, PLR0917 - a slice has so many tables
    fixes_table: pa.Table | None = None,
    vessels_table: pa.Table | None = None,
    voyages_table: pa.Table | None = None,
    detours: pa.Table | None = None,
    said_table: pa.Table | None = None,
    strays_table: pa.Table | None = None,
    bound_table: pa.Table | None = None,
) -> Slice:
    return Slice(
        fixes=FIXES.empty() if fixes_table is None else fixes_table,
        segments=SEGMENTS.empty(),
        voyages=VOYAGES.empty() if voyages_table is None else voyages_table,
        vessels=VESSELS.empty() if vessels_table is None else vessels_table,
        detours=detours,
        said=said_table,
        strays=strays_table,
        bound=bound_table,
    )


def cut_at(fixes_table: pa.Table, rows: list[int]) -> list[tuple[pa.Table, int]]:
    """The fixes in pieces cut before some rows, each with its watermark: the next fix's time."""
    t_us = fixes_table["timestamp"].cast(pa.int64()).to_numpy()
    edges = [0, *sorted({row for row in rows if 0 < row < t_us.size}), t_us.size]
    pieces = []
    for start, stop in itertools.pairwise(edges):
        watermark = t_us[stop] if stop < t_us.size else (t_us[-1] if t_us.size else 0)
        pieces.append((fixes_table.slice(start, stop - start), int(watermark)))
    return pieces


def events_of(detector, pieces, vessels_table=None) -> tuple[list[dict], list[dict]]:
    """All final events of the pieces, and those open at the end, each sorted by identifier."""
    final = []
    for piece, watermark in pieces:
        final += detector.push(slice_of(piece, vessels_table), watermark).to_pylist()
    open_ = detector.flush().to_pylist()
    return tuple(sorted(rows, key=lambda row: row["event_id"]) for rows in (final, open_))
