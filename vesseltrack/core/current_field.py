"""A field of current that was given: its velocity anywhere, and where it carries what floats.

Bilinear between the points of a grid, linear within the triangles of scattered ones (Delaunay),
linear in time; unknown outside. Kilometres and hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from scipy.interpolate import LinearNDInterpolator

from vesseltrack.core.runs import Ints
from vesseltrack.units import EARTH_RADIUS_M, US_PER_HOUR

Floats = npt.NDArray[np.float64]

_TURN_DEG: Final = 360.0
_KM_PER_DEG: Final = EARTH_RADIUS_M / 1000 * np.pi / 180
_EDGE: Final = 1e-9  # of a step: a point on the edge is in
_WRAPS: Final = 1.5  # steps that the gap of a grid round the globe may be wide


class _Points(Protocol):
    """Values at points, that are known between them."""

    def at(self, lat: Floats, east: Floats, nth: int) -> Floats:
        """Return the values of one time at places, shape (n, 3); NaN outside."""


@dataclass(frozen=True)
class _Grid:
    """Values at the crossings of parallels and meridians; NaN where there is land."""

    lat: Floats  # (n_lat,) rising
    east: Floats  # (n_lon,) from the western edge [deg], rising
    values: Floats  # (n_times, n_lat, n_lon, 3)

    def at(self, lat: Floats, east: Floats, nth: int) -> Floats:
        row, up = _between(self.lat, lat)
        column, along = _between(self.east, east)
        total = np.zeros((lat.size, self.values.shape[-1]))
        for above, beside in ((0, 0), (0, 1), (1, 0), (1, 1)):
            weight = (up if above else 1 - up) * (along if beside else 1 - along)
            corner = self.values[nth, row + above, column + beside]
            # A corner that counts for nothing need not be known.
            total += np.where(weight[:, None] == 0, 0.0, weight[:, None] * corner)
        return total


@dataclass(frozen=True)
class _Scattered:
    """Values at points of each time's own."""

    squeeze: float  # of longitudes, so that triangles are of their true shape
    between: Sequence[LinearNDInterpolator]  # of each time

    def at(self, lat: Floats, east: Floats, nth: int) -> Floats:
        asked = np.stack((lat, east * self.squeeze), axis=-1)
        return np.asarray(self.between[nth](asked))


@dataclass(frozen=True)
class CurrentField:
    """Velocity of the water by place and time.

    Attributes
    ----------
    times_us : (n,)
        Of the field, rising [us].
    west : float
        The meridian from which its longitudes are counted [deg].
    points : object
        The values of each time: velocity east, north and its standard error [km/h].
    most_km_h : float
        The greatest speed in it.
    """

    times_us: Ints
    west: float
    points: _Points
    most_km_h: float

    def at(self, lat: npt.ArrayLike, lon: npt.ArrayLike, t_us: Ints) -> Floats:
        """Return velocity east, north and its standard error [km/h] at places and times, (n, 3).

        Parameters
        ----------
        lat, lon : (n,)
            Degrees.
        t_us : (n,)
            Times [us].

        Returns
        -------
        values : (n, 3)
            NaN outside the field, before its first and after its last time.
        """
        lat, lon = np.asarray(lat, dtype=float), np.asarray(lon, dtype=float)
        east = (lon - self.west) % _TURN_DEG
        east = np.where(east > _TURN_DEG - _EDGE, 0.0, east)
        values = np.full((lat.size, 3), np.nan)
        is_in = np.flatnonzero((t_us >= self.times_us[0]) & (t_us <= self.times_us[-1]))
        later = np.clip(np.searchsorted(self.times_us, t_us), 1, self.times_us.size - 1)
        for nth in np.unique(later[is_in]):
            rows = is_in[later[is_in] == nth]
            before_us, after_us = self.times_us[nth - 1 : nth + 1]
            part = ((t_us[rows] - before_us) / (after_us - before_us))[:, None]
            first, second = (self.points.at(lat[rows], east[rows], nth + k) for k in (-1, 0))
            values[rows] = first * (1 - part) + second * part
        return values


@dataclass(frozen=True)
class Carried:
    """Where a field carries something, step by step.

    Attributes
    ----------
    step_us : int
        Between its places [us].
    offset_km : (n + 1, 2)
        From where it floated off, east and north; NaN from where the field is unknown.
    error_km_h : (n + 1,)
        Root mean square of the field's standard error so far on the way.
    """

    step_us: int
    offset_km: Floats
    error_km_h: Floats

    def until(self, delay_h: float) -> tuple[Floats, float]:
        """Return offset and error after a delay, at most that of the last step."""
        steps = delay_h * US_PER_HOUR / self.step_us
        numbers = np.arange(self.error_km_h.size)
        offset = np.array([np.interp(steps, numbers, column) for column in self.offset_km.T])
        return offset, float(np.interp(steps, numbers, self.error_km_h))


def carried(
    field: CurrentField, place: tuple[float, float], t_us: int, step_us: int, n_steps: int
) -> Carried:
    """Return where a field carries what floats off at a place and time.

    By Runge and Kutta's rule of the fourth order.

    Parameters
    ----------
    field : CurrentField
        What carries it.
    place : (float, float)
        Latitude and longitude [deg].
    t_us : int
        When it floats off [us].
    step_us, n_steps : int
        Length [us] and number of the steps.
    """
    lat, lon = place
    step_h = step_us / US_PER_HOUR
    offset_km, squared = np.full((n_steps + 1, 2), np.nan), np.full(n_steps + 1, np.nan)
    offset_km[0], squared[0] = 0.0, _flow(field, lat, lon, t_us)[2] ** 2
    east_km = north_km = 0.0
    for nth in range(n_steps):
        now_us = t_us + nth * step_us
        k = np.zeros(3)
        total = np.zeros(3)
        for part, weight in ((0.0, 1), (0.5, 2), (0.5, 2), (1.0, 1)):
            at = _moved(lat, lon, k[:2] * step_h * part)
            k = _flow(field, *at, now_us + round(part * step_us))
            total += weight * k / 6
        if np.isnan(total).any():
            break
        lat, lon = _moved(lat, lon, total[:2] * step_h)
        east_km, north_km = np.array([east_km, north_km]) + total[:2] * step_h
        offset_km[nth + 1] = east_km, north_km
        squared[nth + 1] = (squared[nth] * nth + total[2] ** 2) / (nth + 1)
    return Carried(step_us, offset_km, np.sqrt(squared))


def on_a_grid(
    times_us: Ints, lat: Floats, lon: Floats, values: Floats, *, west: float
) -> CurrentField:
    """Return the field of a grid.

    Parameters
    ----------
    times_us : (n_times,)
        Rising [us].
    lat, lon : (n_lat,), (n_lon,)
        Of its parallels, rising, and its meridians in degrees east of `west`, rising.
    values : (n_times, n_lat, n_lon, 3)
        Velocity east, north, standard error [km/h]; NaN where unknown.
    west : float
        The meridian from which longitudes are counted [deg].
    """
    steps = np.diff(lon)
    if lon.size > 1 and lon[0] + _TURN_DEG - lon[-1] <= _WRAPS * np.median(steps):
        # Round the globe: the first meridian once more behind the last.
        lon = np.append(lon, lon[0] + _TURN_DEG)
        values = np.concatenate((values, values[:, :, :1]), axis=2)
    return CurrentField(times_us, west, _Grid(lat, lon, values), _most(values))


def of_scattered(
    times_us: Ints, places: Sequence[Floats], values: Sequence[Floats], *, west: float
) -> CurrentField:
    """Return the field of points that each time has of its own.

    Parameters
    ----------
    times_us : (n_times,)
        Rising [us].
    places : sequence of (n, 2)
        Of each time latitude, and degrees east of `west`.
    values : sequence of (n, 3)
        Velocity east, north, standard error [km/h].
    west : float
        The meridian from which longitudes are counted [deg].

    Raises
    ------
    scipy.spatial.QhullError
        If the places of a time are fewer than three, or in one line.
    """
    squeeze = float(np.cos(np.radians(np.mean(np.concatenate(places)[:, 0]))))
    between = [
        LinearNDInterpolator(at * [1.0, squeeze], of_time)
        for at, of_time in zip(places, values, strict=True)
    ]
    points = _Scattered(squeeze, between)
    return CurrentField(times_us, west, points, _most(np.concatenate(values)))


def _between(axis: Floats, asked: Floats) -> tuple[Ints, Floats]:
    """Return the step of an axis in which each value lies, and where in it; NaN if in none."""
    nth = np.clip(np.searchsorted(axis, asked, side="right") - 1, 0, axis.size - 2)
    part = (asked - axis[nth]) / (axis[nth + 1] - axis[nth])
    is_in = (part >= -_EDGE) & (part <= 1 + _EDGE)
    return nth, np.where(is_in, np.clip(part, 0.0, 1.0), np.nan)


def _flow(field: CurrentField, lat: float, lon: float, t_us: int) -> Floats:
    return np.asarray(field.at([lat], [lon], np.array([t_us]))[0])


def _moved(lat: float, lon: float, km: Floats) -> tuple[float, float]:
    east = km[0] / _KM_PER_DEG / np.cos(np.radians(lat))
    return float(lat + km[1] / _KM_PER_DEG), float(lon + east)


def _most(values: Floats) -> float:
    speeds = np.hypot(values[..., 0], values[..., 1])
    return float(np.nanmax(speeds, initial=0.0))
