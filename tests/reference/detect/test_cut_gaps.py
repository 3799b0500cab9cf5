"""Gaps cut into real vessels of the shipped archives, one at a time with nothing added."""

import datetime as dt
import functools
import json

import numpy as np
import pyarrow as pa
import pytest

from archives import DMA_ARCHIVE, GFW_ARCHIVE
from detect_tables import HOUR, cut_at, events_of, fixes, track
from track_tables import read_archive
from vesseltrack.config.detect import DetectConfig
from vesseltrack.detect import make_detector
from vesseltrack.sea import shore_distance_m

# Heard every hour before and after, at sea; when each falls silent, and who tells that it did.
CASES = {
    "Skagerrak, 7 h": (DMA_ARCHIVE, 257136000, "2021-01-08T10:00", 7, "an area of 370 km"),
    "Skagerrak, 12 h": (DMA_ARCHIVE, 257136000, "2021-01-08T10:00", 12, "an area of 140 km"),
    "Gulf of Finland": (GFW_ARCHIVE, 209515000, "2021-01-07T06:00", 12, "an area of 2,600 km"),
    "off Kamchatka": (GFW_ARCHIVE, 273444660, "2021-01-04T07:00", 12, "the whole archive"),
    "off Senegal": (GFW_ARCHIVE, 663092000, "2021-01-07T12:00", 7, "the whole archive"),
    "Indian Ocean": (GFW_ARCHIVE, 636019687, "2021-01-05T12:00", 12, "the whole archive"),
}


@functools.cache
def columns_of(archive) -> dict[str, np.ndarray]:
    table, _ = read_archive(archive)
    t_us = table["timestamp"].cast(pa.int64()).to_numpy()
    mmsi = table["mmsi"].to_numpy().astype(np.int64)
    # A fix a minute is plenty.
    order = np.lexsort((t_us, mmsi))
    first = np.append(True, np.diff(t_us[order] // 60_000_000) != 0)
    rows = order[first | np.append(True, np.diff(mmsi[order]) != 0)]
    lat, lon = (table[name].to_numpy()[rows] / 1e6 for name in ("lat_e6", "lon_e6"))
    return {
        "mmsi": mmsi[rows],
        "t_us": t_us[rows],
        "lat": lat,
        "lon": lon,
        "sog_kn": table["sog_kn"].to_numpy()[rows],
        "shore_m": shore_distance_m(lat, lon),
    }


def gaps_in(columns, kept):
    tracks = []
    for mmsi in np.unique(columns["mmsi"]):
        own = np.flatnonzero(kept & (columns["mmsi"] == mmsi))
        places = {name: columns[name][own] for name in ("t_us", "lat", "lon", "sog_kn", "shore_m")}
        tracks.append(track(int(mmsi), **places))
    return events_of(make_detector("ais_gap", DetectConfig()), cut_at(fixes(*tracks), []))


@pytest.mark.parametrize("name", CASES)
def test_a_silence_cut_into_a_real_vessel_is_found(name):
    archive, mmsi, start, hours, who = CASES[name]
    columns = columns_of(archive)
    start_us = round(dt.datetime.fromisoformat(start + "+00:00").timestamp() * 1e6)
    is_own = columns["mmsi"] == mmsi
    t_us = columns["t_us"]
    gone = is_own & (t_us > start_us) & (t_us < start_us + hours * HOUR)
    last = np.flatnonzero(is_own & (t_us <= start_us))[-1]
    assert columns["shore_m"][last] > 6 * 1852
    final, _ = gaps_in(columns, ~gone)
    own = [e for e in final if e["mmsi"] == mmsi]
    (event,) = (e for e in own if e["start"].timestamp() * 1e6 == t_us[last])
    measures = json.loads(event["measures"])
    assert measures["others_within"]["value"] == who
    assert json.loads(event["innocent"])["holds"] == []


def test_few_are_found_where_none_was_cut():
    columns = columns_of(GFW_ARCHIVE)
    final, open_ = gaps_in(columns, np.ones(columns["mmsi"].size, dtype=bool))
    flagged = [e for e in (*final, *open_) if not json.loads(e["innocent"])["holds"]]
    # Ports are left out here: who did not move lay in one.
    moved = [e for e in flagged if (e["lat"], e["lon"]) != (e["end_lat"], e["end_lon"])]
    assert {e["mmsi"] for e in moved} == {538071200, 663092000}
