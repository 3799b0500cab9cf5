"""A small planted store: one vessel that loiters, under a hostile name, and one on a voyage."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack.hexgrid import cells_of
from vesseltrack.schema import (
    EVENTS,
    LEADS,
    PORTS,
    RECEIVED,
    REJECTS,
    SEGMENTS,
    STATICS,
    VESSELS,
    VOYAGES,
)
from vesseltrack.store import Store

# A name as it may come over the air: 20 characters of the AIS alphabet that a browser would run.
HOSTILE_NAME: Final = "<SCRIPT SRC=//X.YZ>"
START: Final = datetime(2021, 1, 4, tzinfo=UTC)
STEP: Final = timedelta(minutes=10)
LOITERER, SAILOR = 219000001, 219000002
LOITER_AT: Final = (55.5, 5.0)
LAY: Final = "Moved at less than 2 kn for 12 hours, 75 nm from shore."
# Rotterdam's roads to Skagen, over open water.
WAY: Final = ((51.99, 3.9), (53.5, 4.2), (55.5, 6.5), (57.4, 7.8), (57.8, 10.7))


@dataclass(frozen=True)
class Sailed:
    """One planted vessel: its fixes, one every `STEP`."""

    mmsi: int
    name: str
    lat: np.ndarray[Any, np.dtype[np.float64]]
    lon: np.ndarray[Any, np.dtype[np.float64]]
    sog_kn: float

    @property
    def end(self) -> datetime:
        return START + STEP * (self.lat.size - 1)


def planted() -> tuple[Sailed, Sailed]:
    """One vessel that hangs about in a circle of half a mile, and one that sails its way."""
    turn = np.linspace(0, 4 * np.pi, 73)
    lat, lon = np.array(WAY).T
    along = np.linspace(0, len(WAY) - 1, 221)
    leg = np.arange(len(WAY))
    return (
        Sailed(
            LOITERER,
            HOSTILE_NAME,
            LOITER_AT[0] + 0.008 * np.sin(turn),
            LOITER_AT[1] + 0.014 * np.cos(turn),
            0.6,
        ),
        Sailed(SAILOR, "NORDLYS", np.interp(along, leg, lat), np.interp(along, leg, lon), 12.0),
    )


def _received(ship: Sailed) -> pa.Table:
    n = ship.lat.size
    return RECEIVED.of(
        {
            "mmsi": [ship.mmsi] * n,
            "timestamp": [START + STEP * i for i in range(n)],
            "lat_e6": (ship.lat * 1e6).round().astype(np.int32),
            "lon_e6": (ship.lon * 1e6).round().astype(np.int32),
            "sog_kn": [ship.sog_kn] * n,
            "msg_type": [1] * n,
            "quality": [0] * n,
            "source_id": [1] * n,
            "line": list(range(1, n + 1)),
        }
    )


def _vessels(ships: tuple[Sailed, ...]) -> pa.Table:
    return VESSELS.of(
        {
            "vessel_id": [str(ship.mmsi) for ship in ships],
            "mmsi": [ship.mmsi for ship in ships],
            "name": [ship.name for ship in ships],
            "identities": [json.dumps([{"name": ship.name}]) for ship in ships],
            "flag": ["DK"] * len(ships),
            "ship_type_name": ["cargo"] * len(ships),
            "length_m": [80.0] * len(ships),
            "beam_m": [14.0] * len(ships),
            "draught_m": [5.0] * len(ships),
            "first_seen": [START] * len(ships),
            "last_seen": [ship.end for ship in ships],
            "n_positions": [ship.lat.size for ship in ships],
            "lat": [ship.lat[-1] for ship in ships],
            "lon": [ship.lon[-1] for ship in ships],
        }
    )


def _segments(ships: tuple[Sailed, ...]) -> pa.Table:
    ends = {
        "start": [START] * len(ships),
        "end": [ship.end for ship in ships],
        "start_lat": [ship.lat[0] for ship in ships],
        "start_lon": [ship.lon[0] for ship in ships],
        "end_lat": [ship.lat[-1] for ship in ships],
        "end_lon": [ship.lon[-1] for ship in ships],
    }
    return SEGMENTS.of(
        {
            "segment_id": [f"segment-{ship.mmsi}" for ship in ships],
            "vessel_id": [str(ship.mmsi) for ship in ships],
            "mmsi": [ship.mmsi for ship in ships],
            **ends,
            "min_lat": [ship.lat.min() for ship in ships],
            "min_lon": [ship.lon.min() for ship in ships],
            "max_lat": [ship.lat.max() for ship in ships],
            "max_lon": [ship.lon.max() for ship in ships],
            "length_nm": [7.2, 437.0],
            "n_positions": [ship.lat.size for ship in ships],
            "max_gap_h": [1 / 6] * len(ships),
            "fix_ranges": [
                [{"start": START, "start_nth": 0, "end": ship.end, "end_nth": 0}] for ship in ships
            ],
        }
    )


def _event(ship: Sailed, event_id: str, kind: str, holds: list[str], explanation: str) -> pa.Table:
    lat, lon = float(ship.lat.mean()), float(ship.lon.mean())
    measures = {
        "duration_h": {"value": 12.0, "threshold": 1.0, "rule": ">=", "margin": 11.0},
        "mean_speed_kn": {"value": 0.6, "threshold": 2.0, "rule": "<", "margin": 1.4},
        "still_frac": {"value": 0.25},
    }
    evidence = {"mmsi": ship.mmsi, "vessel_id": str(ship.mmsi), "n": ship.lat.size}
    times = {"start": f"{START:%FT%TZ}", "end": f"{ship.end:%FT%TZ}"}
    return EVENTS.of(
        {
            "event_id": [event_id],
            "kind": [kind],
            "status": ["final"],
            "revision": [0],
            "vessel_id": [str(ship.mmsi)],
            "mmsi": [ship.mmsi],
            "start": [START],
            "end": [ship.end],
            "is_open": [False],
            "lat": [lat],
            "lon": [lon],
            "start_lat": [ship.lat[0]],
            "start_lon": [ship.lon[0]],
            "end_lat": [ship.lat[-1]],
            "end_lon": [ship.lon[-1]],
            "cell": cells_of(np.array([lat]), np.array([lon])),
            "duration_h": [12.0],
            "preset": ["default"],
            "confidence": [0.8],
            "measures": [json.dumps(measures)],
            "innocent": [json.dumps({"tested": ["at_anchor", "in_port"], "holds": holds})],
            "evidence": [json.dumps([{**evidence, **times}])],
            "explanation": [explanation],
        }
    )


def _leads(ship: Sailed) -> pa.Table:
    reason = {
        "event_id": "event-1",
        "kind": "loitering",
        "weight": 0.5,
        "confidence": 0.8,
        "share": 1.0,
        "explanation": LAY,
    }
    return LEADS.of(
        {
            "lead_id": ["lead-1"],
            "rank": [1],
            "vessel_id": [str(ship.mmsi)],
            "mmsi": [ship.mmsi],
            "name": [ship.name],
            "score": [0.4],
            "window_start": [START],
            "window_end": [ship.end],
            "reasons": [json.dumps([reason])],
            "sentence": [f"{ship.name} lay 12 hours in open water, 75 nm from shore."],
            "what_would_clear_it": ["Orders to wait there."],
            "watch_list": [[]],
            "lat": [LOITER_AT[0]],
            "lon": [LOITER_AT[1]],
        }
    )


def _voyages(ship: Sailed) -> pa.Table:
    return VOYAGES.of(
        {
            "voyage_id": ["voyage-1"],
            "vessel_id": [str(ship.mmsi)],
            "mmsi": [ship.mmsi],
            "origin": ["Rotterdam"],
            "origin_locode": ["NLRTM"],
            "origin_by": ["call"],
            "destination": ["Skagen"],
            "destination_locode": ["DKSKA"],
            "destination_by": ["call"],
            "start": [START],
            "end": [ship.end],
            "is_open": [False],
            "start_lat": [ship.lat[0]],
            "start_lon": [ship.lon[0]],
            "end_lat": [ship.lat[-1]],
            "end_lon": [ship.lon[-1]],
            "n_positions": [ship.lat.size],
            "travelled_nm": [437.0],
            "removed_nm": [0.2],
            "by_sea_nm": [0.0],
            "shortest_nm": [428.0],
            "excess_nm": [9.0],
            "detour_ratio": [437 / 428],
            "max_cross_track_nm": [18.0],
            "passages": [[]],
            "coverage_frac": [1.0],
        }
    )


def _ports() -> pa.Table:
    return PORTS.of(
        {
            "port_id": ["NLRTM", "DKSKA"],
            "name": ["Rotterdam", "Skagen"],
            "locode": ["NLRTM", "DKSKA"],
            "country": ["NL", "DK"],
            "is_large": [True, False],
            "lat": [51.95, 57.72],
            "lon": [4.05, 10.6],
            "source": ["test", "test"],
        }
    )


def plant(path: Path) -> None:
    """Make the store: two vessels, two events, one lead, one voyage, two ports."""
    store = Store.open(path, create=True)
    loiterer, sailor = ships = planted()
    received = pa.concat_tables([_received(ship) for ship in ships])
    store.land(1, 0, received, STATICS.empty(), REJECTS.empty())
    store.fold_days()
    store.replace_all(
        {
            "vessels": _vessels(ships),
            "segments": _segments(ships),
            "events": pa.concat_tables(
                [
                    _event(loiterer, "event-1", "loitering", [], LAY),
                    _event(sailor, "event-2", "drifting", ["in_port"], "Drifted on the way."),
                ]
            ),
            "leads": _leads(loiterer),
            "voyages": _voyages(sailor),
            "ports": _ports(),
        }
    )
