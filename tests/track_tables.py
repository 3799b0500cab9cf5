"""Positions and static reports written down plainly, and tracks built from them."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config import Config
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.hexgrid import cells_of
from vesseltrack.ingest import open_sources
from vesseltrack.schema import POSITIONS, STATICS, TIMESTAMP
from vesseltrack.tracks import Tracks, build_tracks, listed_ports
from vesseltrack.units import METRES_PER_NM

BEGIN_US = 1_609_459_200_000_000  # 2021-01-01T00:00:00Z
HOUR_S = 3_600


def times(t_s: npt.ArrayLike) -> pa.Array:
    """Return seconds after 2021-01-01 as Arrow times."""
    t_us = BEGIN_US + np.rint(np.asarray(t_s, dtype=float) * 1e6).astype(np.int64)
    return pa.array(t_us).cast(TIMESTAMP)


def positions(
    mmsi: npt.ArrayLike,
    t_s: npt.ArrayLike,
    lat: npt.ArrayLike,
    lon: npt.ArrayLike,
    **columns: Any,
) -> pa.Table:
    """Return POSITIONS; whatever is not given is unknown, of message type 1 and good quality."""
    lat, lon, t_s = np.broadcast_arrays(
        *(np.asarray(value, dtype=float) for value in (lat, lon, t_s))
    )
    n = t_s.size
    return POSITIONS.of(
        {
            "mmsi": np.broadcast_to(np.asarray(mmsi, dtype=np.int32), n),
            "timestamp": times(t_s),
            "lat_e6": np.rint(lat * 1e6).astype(np.int32),
            "lon_e6": np.rint(lon * 1e6).astype(np.int32),
            "msg_type": np.ones(n, dtype=np.int8),
            "cell": cells_of(lat, lon),
            "quality": np.zeros(n, dtype=np.int32),
            "source_id": np.ones(n, dtype=np.int64),
            "line": np.arange(1, n + 1, dtype=np.int32),
            **columns,
        }
    )


def statics(mmsi: int, t_s: Sequence[float], **columns: Any) -> pa.Table:
    """Return STATICS; whatever is not given is unknown, of message type 5."""
    n = len(t_s)
    return STATICS.of(
        {
            "mmsi": np.full(n, mmsi, dtype=np.int32),
            "timestamp": times(t_s),
            "msg_type": np.full(n, 5, dtype=np.int8),
            "source_id": np.ones(n, dtype=np.int64),
            "line": np.arange(1_000_001, 1_000_001 + n, dtype=np.int32),
            **columns,
        }
    )


def great_circle_nm(
    lat1: npt.ArrayLike, lon1: npt.ArrayLike, lat2: npt.ArrayLike, lon2: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Stand in for the distance by sea."""
    return great_circle_m(lat1, lon1, lat2, lon2) / METRES_PER_NM


def tracks_of(
    *tables: pa.Table, said: pa.Table | None = None, config: TracksConfig | None = None
) -> Tracks:
    """Build tracks from tables of positions, with distances by sea along great circles."""
    return build_tracks(
        pa.concat_tables(tables),
        STATICS.empty() if said is None else said,
        config=config or TracksConfig(),
        sea_distance_nm=great_circle_nm,
    )


def read_archive(path: Path) -> tuple[pa.Table, pa.Table]:
    """Return an archive's positions, with cells, and static reports, as ingest reads them."""
    batches = [
        batch
        for source in open_sources(path, config=Config().ingest)
        for batch in source.batches()
    ]
    received = pa.concat_tables([batch.received for batch in batches])
    lat, lon = received["lat_e6"].to_numpy() / 1e6, received["lon_e6"].to_numpy() / 1e6
    columns = {name: received[name] for name in received.column_names}
    return (
        POSITIONS.of({**columns, "cell": cells_of(lat, lon)}),
        pa.concat_tables([batch.statics for batch in batches]),
    )


def port_place(locode: str) -> tuple[float, float]:
    """Return latitude and longitude of a listed port [deg]."""
    ports = listed_ports()
    row = ports["locode"].to_pylist().index(locode)
    return ports["lat"][row].as_py(), ports["lon"][row].as_py()


def steam(
    *stops: tuple[float, float, float], speed_kn: float = 12.0, step_s: float = 600.0
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the fixes of a vessel that goes from place to place and lies at each for a while.

    Parameters
    ----------
    stops : (lat, lon, hours)
        Places [deg] and how long the vessel lies there [h].
    speed_kn, step_s : float
        Speed between them [kn], along straight lines in degrees, and time between fixes [s].

    Returns
    -------
    t_s, lat, lon : (n,)
        Seconds after 2021-01-01, and places [deg].
    """
    knots_t, knots_lat, knots_lon = [0.0], [stops[0][0]], [stops[0][1]]
    for (lat1, lon1, hours), (lat2, lon2, _) in itertools.pairwise(stops):
        under_way_h = float(great_circle_nm(lat1, lon1, lat2, lon2)) / speed_kn
        knots_t += [knots_t[-1] + hours * HOUR_S, knots_t[-1] + (hours + under_way_h) * HOUR_S]
        knots_lat += [lat1, lat2]
        knots_lon += [lon1, lon2]
    knots_t.append(knots_t[-1] + stops[-1][2] * HOUR_S)
    knots_lat.append(stops[-1][0])
    knots_lon.append(stops[-1][1])
    t_s = np.arange(0, knots_t[-1] + 1, step_s)
    return t_s, np.interp(t_s, knots_t, knots_lat), np.interp(t_s, knots_t, knots_lon)
