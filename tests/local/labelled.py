"""Two archives whose events were labelled by the Danish Maritime Authority."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from figure import Figure

from vesseltrack import engine, tracks
from vesseltrack.config import Config
from vesseltrack.engine.voyages import sea_distance_nm
from vesseltrack.schema import Quality
from vesseltrack.store import Store

FRIO = "dma_538004030_drift_1.ais.gz"
LOTUS = "dma_219165000_ssc_1.ais"
NOTED = dt.datetime(2014, 9, 28, 16, 50, 4, tzinfo=dt.UTC)  # when their test notes the drift
FALSE_REPORT = dt.datetime(2014, 9, 28, 16, 50, 12, tzinfo=dt.UTC)
EARLIEST = dt.datetime(2014, 9, 28, 16, 37, tzinfo=dt.UTC)
LATEST = dt.datetime(2014, 9, 28, 16, 51, tzinfo=dt.UTC)
FALSE_KN = 102.0


def check(data: Path) -> Iterator[Figure]:
    """Yield a figure an archive."""
    with tempfile.TemporaryDirectory() as folder:
        yield drift_of_frio(_run(Path(folder) / "frio", data / "nmea" / FRIO))
        yield speed_of_lotus(_run(Path(folder) / "lotus", data / "nmea" / LOTUS))


def _run(folder: Path, archive: Path) -> Store:
    store = Store.open(folder, create=True)
    engine.run(store, [archive])
    return store


def drift_of_frio(store: Store) -> Figure:
    """Return whether the drift is one event that a false report does not cut."""
    drifts = [e for e in store.select("events").to_pylist() if e["kind"] == "drifting"]
    said = ", ".join(f"{e['start']:%H:%M:%S} to {e['end']:%H:%M:%S}" for e in drifts)
    is_right = len(drifts) == 1 and (
        EARLIEST <= drifts[0]["start"] <= min(NOTED, LATEST) and drifts[0]["end"] > FALSE_REPORT
    )
    return Figure("FRIO drifts from 16:37-16:51 past 16:50:12, once", said, is_right)


def speed_of_lotus(store: Store) -> Figure:
    """Return whether the false speed is bad data and nothing else."""
    built = tracks.build_tracks(
        store.select("positions"),
        store.select("statics"),
        config=Config().tracks,
        sea_distance_nm=sea_distance_nm,
    )
    sog_kn = built.fixes["sog_kn"].to_numpy()
    quality = built.fixes["quality"].to_numpy()
    is_false = np.nan_to_num(sog_kn) > FALSE_KN
    is_denied = is_false & ((quality & int(Quality.BAD_SPEED)) != 0)
    is_again = is_false & ((quality & int(Quality.NEAR_REPEAT)) != 0)
    kinds = store.select("events")["kind"].to_pylist()
    said = (
        f"{is_false.sum()} such reports, {is_denied.sum()} flagged bad speed, "
        f"{is_again.sum()} repeats of it; events: {', '.join(kinds) or 'none'}"
    )
    is_bad = (is_denied | is_again)[is_false].all()
    is_right = bool(is_denied.any() and is_bad and not kinds)
    return Figure("LOTUS's 102.2 kn at anchor is bad data and nothing else", said, is_right)
