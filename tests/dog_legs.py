"""Dog-legs planted into real voyages: out over open water, and back to where the ship left."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from archives import DMA_ARCHIVE, GFW_ARCHIVE
from track_tables import read_archive
from vesseltrack import engine
from vesseltrack.config import Config
from vesseltrack.core.geodesy import bearing_deg
from vesseltrack.detect import make_detector
from vesseltrack.hexgrid import cells_of
from vesseltrack.schema import POSITIONS, STATICS, TIMESTAMP
from vesseltrack.sea import crosses_land, shore_distance_m
from vesseltrack.tracks import build_tracks
from vesseltrack.units import METRES_PER_NM

Floats = npt.NDArray[np.float64]
EARTH_NM = 6_371_008.8 / METRES_PER_NM
US_PER_H = 3_600_000_000

# MMSI, which of its voyages, archive: all that are long, well received and direct.
VOYAGES = {
    "Rotterdam to St Petersburg": (209515000, 0, GFW_ARCHIVE),
    "St Petersburg to Riga": (209515000, 1, GFW_ARCHIVE),
    "Riga to Teesport, under way": (209515000, 2, GFW_ARCHIVE),
    "Skagerrak to Baltic": (257136000, 0, DMA_ARCHIVE),
    "round the Cape to Abidjan, under way": (636019687, 0, GFW_ARCHIVE),
}


@dataclass(frozen=True)
class Track:
    """The fixes of one ship in time order, and what it said of itself."""

    mmsi: int
    t_us: npt.NDArray[np.int64]
    lat: Floats
    lon: Floats
    sog_kn: Floats
    cog_deg: Floats
    said: pa.Table

    def keeping(self, rows: npt.NDArray[np.int64]) -> "Track":
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})


COLUMNS = ("t_us", "lat", "lon", "sog_kn", "cog_deg")


@dataclass(frozen=True)
class Plant:
    """What was planted: how much, and when."""

    nm: float
    start_us: int
    end_us: int


@dataclass(frozen=True)
class Found:
    """The voyages and deviations of a track."""

    voyages: list[dict]
    events: list[dict]


def real_track(mmsi, archive) -> Track:
    table, said = read_archive(archive)
    own = table.filter(table["mmsi"].to_numpy() == mmsi)
    t_us = own["timestamp"].cast(pa.int64()).to_numpy()
    order = np.argsort(t_us, kind="stable")
    lat, lon = (own[name].to_numpy()[order] / 1e6 for name in ("lat_e6", "lon_e6"))
    sog_kn, cog_deg = (own[name].to_numpy()[order] for name in ("sog_kn", "cog_deg"))
    return Track(
        mmsi, t_us[order], lat, lon, sog_kn, cog_deg, said.filter(said["mmsi"].to_numpy() == mmsi)
    )


def positions_of(track: Track) -> pa.Table:
    n = track.t_us.size
    return POSITIONS.of(
        {
            "mmsi": np.full(n, track.mmsi, dtype=np.int32),
            "timestamp": pa.array(track.t_us).cast(TIMESTAMP),
            "lat_e6": np.rint(track.lat * 1e6).astype(np.int32),
            "lon_e6": np.rint(track.lon * 1e6).astype(np.int32),
            "sog_kn": track.sog_kn,
            "cog_deg": track.cog_deg,
            "msg_type": np.ones(n, dtype=np.int8),
            "cell": cells_of(track.lat, track.lon),
            "quality": np.zeros(n, dtype=np.int32),
            "source_id": np.ones(n, dtype=np.int64),
            "line": np.arange(1, n + 1, dtype=np.int32),
        }
    )


def found_in(track: Track) -> Found:
    """Put a track through the whole pipeline."""
    config = Config()
    built = build_tracks(
        positions_of(track),
        track.said.cast(STATICS.arrow),
        config=config.tracks,
        sea_distance_nm=engine.sea_distance_nm,
    )
    held = engine.hold_against_routes(built)
    detector = make_detector("route_deviation", config.detect)
    events = engine.find_events([detector], engine.slices(built, held))
    return Found(held.voyages.to_pylist(), events.to_pylist())


def with_dog_leg(track: Track, voyage: dict, nm: float) -> tuple[Track, Plant]:
    """Return a track that on a voyage goes off the route and comes back, later fixes delayed.

    Where and whereto: the place in the middle part of the voyage, and the direction most nearly
    square to the course, from which half of the miles lead over open water.
    """
    start_us, end_us = (round(voyage[name].timestamp() * 1e6) for name in ("start", "end"))
    row, course = _where(track, start_us, end_us, nm / 2)
    span_h = (end_us - start_us) / US_PER_H
    speed_kn = max(voyage["travelled_nm"] / span_h, 8.0)
    step_nm = speed_kn * span_h / voyage["n_positions"]  # as often as she was heard
    out = np.append(np.arange(step_nm, nm / 2, step_nm), nm / 2)
    off = np.concatenate([out, out[-2::-1], [0.0]])
    way = np.concatenate([out, nm - out[-2::-1], [nm]])
    lat, lon = _ahead(track.lat[row], track.lon[row], course, off)
    t_us = track.t_us[row] + np.rint(way / speed_kn * US_PER_H).astype(np.int64)
    # As her log and compass would have said, on the leg that each fix ends.
    before_lat, before_lon = (
        np.append(track.lat[row], lat[:-1]),
        np.append(track.lon[row], lon[:-1]),
    )
    leg = {
        "t_us": t_us,
        "lat": lat,
        "lon": lon,
        "sog_kn": np.full(t_us.size, speed_kn),
        "cog_deg": bearing_deg(before_lat, before_lon, lat, lon),
    }
    later = replace(track, t_us=track.t_us + int(t_us[-1] - track.t_us[row]))
    columns = {
        name: np.concatenate(
            [getattr(track, name)[: row + 1], leg[name], getattr(later, name)[row + 1 :]]
        )
        for name in COLUMNS
    }
    return replace(track, **columns), Plant(nm, int(track.t_us[row]), int(t_us[-1]))


def _where(track: Track, start_us: int, end_us: int, out_nm: float) -> tuple[int, float]:
    inside = np.flatnonzero((track.t_us >= start_us) & (track.t_us <= end_us))
    best = (-1.0, 0, 0.0)
    for part in np.linspace(0.15, 0.85, 29):
        row = int(inside[int(part * (inside.size - 1))])
        ahead = int(np.searchsorted(track.t_us, track.t_us[row] + US_PER_H))
        here = (track.lat[row], track.lon[row])
        course = float(bearing_deg(*here, track.lat[ahead], track.lon[ahead]))
        for direction in np.arange(0.0, 360.0, 15.0):
            squareness = abs(np.sin(np.radians(direction - course)))
            if squareness > best[0] and _is_open_water(*here, direction, out_nm):
                best = (squareness, row, float(direction))
    assert best[0] >= 0, "no open water for the dog-leg"
    return best[1], best[2]


def _is_open_water(lat: float, lon: float, course: float, out_nm: float) -> bool:
    lats, lons = _ahead(lat, lon, course, np.linspace(0.0, out_nm, 60))
    if abs(lats[-1]) > 75 or crosses_land(lats[:-1], lons[:-1], lats[1:], lons[1:]).any():
        return False
    return bool(shore_distance_m(lats[1:], lons[1:]).min() > 2 * METRES_PER_NM)


def _ahead(lat: float, lon: float, course: float, nm: Floats) -> tuple[Floats, Floats]:
    """Return the places at some distances along the great circle of a course."""
    phi, angle, way = np.radians(lat), np.radians(course), nm / EARTH_NM
    sin_there = np.sin(phi) * np.cos(way) + np.cos(phi) * np.sin(way) * np.cos(angle)
    east = np.arctan2(
        np.sin(angle) * np.sin(way) * np.cos(phi), np.cos(way) - np.sin(phi) * sin_there
    )
    return np.degrees(np.arcsin(sin_there)), (lon + np.degrees(east) + 180.0) % 360.0 - 180.0


def thinned(track: Track) -> Track:
    """One position in ten."""
    return track.keeping(np.arange(0, track.t_us.size, 10))


def without_motion(track: Track) -> Track:
    """Speed and course unknown, as in archives that hold places alone."""
    unknown = np.full(track.t_us.size, np.nan)
    return replace(track, sog_kn=unknown, cog_deg=unknown)


def rounded(track: Track) -> Track:
    """To 0.01 degree and whole minutes."""
    minute_us = 60_000_000
    t_us = track.t_us // minute_us * minute_us
    return replace(track, t_us=t_us, lat=track.lat.round(2), lon=track.lon.round(2))


def jittered(track: Track) -> Track:
    """One position in ten off by 100 m, any way."""
    rng = np.random.default_rng(5)
    moved = rng.random(track.t_us.size) < 0.1
    lat, lon = _ahead(
        track.lat[moved], track.lon[moved], rng.uniform(0, 360, moved.sum()), 100 / METRES_PER_NM
    )
    new = replace(track, lat=track.lat.copy(), lon=track.lon.copy())
    new.lat[moved], new.lon[moved] = lat, lon
    return new


def turned(track: Track, turn_deg: float) -> Track:
    """Longitudes off by a whole turn."""
    return replace(track, lon=track.lon + turn_deg)
