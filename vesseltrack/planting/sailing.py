"""Tracks of vessels that were never there: legs sailed, heard as a receiver would hear them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from vesseltrack.core.geodesy import bearing_deg, great_circle_m, unit_xyz, wrap_lon_deg
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.units import EARTH_RADIUS_M, US_PER_S, kn_to_mps, mps_to_kn

Floats = npt.NDArray[np.float64]

STEP_S: Final = 10  # of the way itself, before it is heard
_NOISE_M: Final = 5.0  # of a receiver's position, one sigma along each axis
NOISE_S: Final = 240.0  # errors of satellite navigation come and go over minutes
_SPEED_NOISE_KN: Final = 0.05


@dataclass(frozen=True)
class Leg:
    """So long at one speed and course."""

    minutes: float
    speed_kn: float
    course_deg: float


@dataclass(frozen=True)
class Way:
    """Where a vessel is, every `STEP_S` from a first time on, shape (n,)."""

    start_us: int
    lat: Floats
    lon: Floats

    @property
    def t_us(self) -> Ints:
        """The times [us], shape (n,)."""
        return self.start_us + np.arange(self.lat.size, dtype=np.int64) * STEP_S * US_PER_S

    @property
    def end_us(self) -> int:
        """The last time [us]."""
        return int(self.t_us[-1])

    def at(self, t_us: int) -> tuple[float, float]:
        """Return the place at a time [deg], or that nearest to it in time."""
        row = int(
            np.clip(round((t_us - self.start_us) / (STEP_S * US_PER_S)), 0, self.lat.size - 1)
        )
        return float(self.lat[row]), float(self.lon[row])


@dataclass(frozen=True)
class Ship:
    """Who is heard: what her static report says."""

    mmsi: int
    name: str
    ship_type: int
    length_m: int
    beam_m: int
    is_class_a: bool = True
    every_s: int = 20  # between her reports
    destination: str = ""
    noise_s: float = NOISE_S  # over which her receiver's errors change; 0: from report to report


@dataclass(frozen=True)
class Heard:
    """The reports of one vessel, in time order, shape (n,)."""

    ship: Ship
    t_us: Ints
    lat: Floats
    lon: Floats
    sog_kn: Floats
    cog_deg: Floats
    heading_deg: Floats  # NaN: not sent

    def heading(self, heading_deg: Floats) -> "Heard":
        """Return the reports with other headings [deg]."""
        return replace(self, heading_deg=heading_deg)

    def without(self, gone: Bools) -> "Heard":
        """Return the reports that are left."""
        columns = ("t_us", "lat", "lon", "sog_kn", "cog_deg", "heading_deg")
        return replace(self, **{name: getattr(self, name)[~gone] for name in columns})


def sail(lat: float, lon: float, t_us: int, legs: Sequence[Leg], n_before: int = 0) -> Way:
    """Return the way along legs that is at a place when the leg `n_before` begins.

    Rhumb lines on the sphere, stepped every `STEP_S`; not for the poles.
    """
    speeds = np.concatenate([np.full(_steps(leg), leg.speed_kn) for leg in legs])
    courses = np.concatenate([np.full(_steps(leg), leg.course_deg) for leg in legs])
    moved_m = kn_to_mps(speeds) * STEP_S
    north = np.concatenate(([0.0], np.cumsum(moved_m * np.cos(np.radians(courses)))))
    anchor = sum(_steps(leg) for leg in legs[:n_before])
    lats = lat + np.degrees((north - north[anchor]) / EARTH_RADIUS_M)
    middle = np.radians((lats[1:] + lats[:-1]) / 2)
    east = moved_m * np.sin(np.radians(courses)) / (EARTH_RADIUS_M * np.cos(middle))
    east = np.concatenate(([0.0], np.cumsum(np.degrees(east))))
    return Way(t_us - anchor * STEP_S * US_PER_S, lats, wrap_lon_deg(lon + east - east[anchor]))


def along(lat: Floats, lon: Floats, t_us: int, speed_kn: float) -> Way:
    """Return the way along a line of places at one speed, from a time on."""
    leg_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    way_m = np.concatenate(([0.0], np.cumsum(leg_m)))
    places_m = np.arange(0.0, way_m[-1], float(kn_to_mps(speed_kn)) * STEP_S)
    xyz = unit_xyz(lat, lon)
    on = np.stack([np.interp(places_m, way_m, xyz[:, axis]) for axis in range(3)], axis=1)
    lats = np.degrees(np.arctan2(on[:, 2], np.hypot(on[:, 0], on[:, 1])))
    return Way(t_us, lats, np.degrees(np.arctan2(on[:, 1], on[:, 0])))


def beside(way: Way, distance_m: Floats, course_deg: float) -> Way:
    """Return the way of a vessel off another's: so many metres across its course, shape (n,)."""
    across = np.radians(course_deg + 90.0)
    lat = way.lat + np.degrees(distance_m * np.cos(across) / EARTH_RADIUS_M)
    narrowing = EARTH_RADIUS_M * np.cos(np.radians(way.lat))
    lon = way.lon + np.degrees(distance_m * np.sin(across) / narrowing)
    return Way(way.start_us, lat, wrap_lon_deg(lon))


def joined(ways: Sequence[Way]) -> Way:
    """Return ways one after the other; each begins a step after the one before ended."""
    lat = np.concatenate([way.lat for way in ways])
    return Way(ways[0].start_us, lat, np.concatenate([way.lon for way in ways]))


def heard(ship: Ship, way: Way, rng: np.random.Generator) -> Heard:
    """Return what a receiver hears of a vessel on a way: reports at her rate, with its noise.

    Her bow points where she goes, as in still water.
    """
    every = max(1, ship.every_s // STEP_S)
    rows = np.arange(int(rng.integers(every)), way.lat.size - 1, every)
    lat, lon = way.lat, way.lon
    step_m = great_circle_m(lat[rows], lon[rows], lat[rows + 1], lon[rows + 1])
    cog_deg = bearing_deg(lat[rows], lon[rows], lat[rows + 1], lon[rows + 1])
    north, east = _noise_m(rng, rows.size, every * STEP_S, ship.noise_s) / EARTH_RADIUS_M
    sog_kn = mps_to_kn(step_m / STEP_S) + rng.normal(0.0, _SPEED_NOISE_KN, rows.size)
    sog_kn = np.round(np.maximum(sog_kn, 0.0), 1).astype(np.float64)
    return Heard(
        ship,
        # Whole seconds, as archives have them.
        way.t_us[rows] // US_PER_S * US_PER_S,
        np.round(lat[rows] + np.degrees(north), 6),
        np.round(lon[rows] + np.degrees(east / np.cos(np.radians(lat[rows]))), 6),
        sog_kn,
        np.round(cog_deg, 1) % 360.0,
        np.round(cog_deg) % 360.0,
    )


def _noise_m(rng: np.random.Generator, n: int, step_s: float, noise_s: float) -> Floats:
    """Return errors north and east, a Gauss-Markov process of first order each, shape (2, n)."""
    kept = np.exp(-step_s / noise_s) if noise_s else 0.0
    fresh_m = rng.normal(0.0, _NOISE_M, (2, n))
    fresh_m[:, 1:] *= np.sqrt(1 - kept**2)
    noise_m: Floats = lfilter([1.0], [1.0, -kept], fresh_m)
    return noise_m


def _steps(leg: Leg) -> int:
    return max(1, round(leg.minutes * 60 / STEP_S))
