"""Water that moves under what is planted: waves of current, tides, and a wind.

Made otherwise than the detector thinks of it: a few waves of random length, period and direction,
a tidal ellipse that runs on like a wave, inertial circles, all of random shares.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import lon_difference_deg, wrap_lon_deg
from vesseltrack.core.runs import Ints
from vesseltrack.planting.sailing import STEP_S, Floats, Heard, Way
from vesseltrack.units import EARTH_RADIUS_M, US_PER_S, kn_to_mps

RMS_KN: Final = 0.45  # of what drifts, as the definition of the kind has it
PACKET_LEEWAY: Final = 0.005  # of the wind, low in the water (Allen and Plourde 1999)
# Of small craft that lie adrift, and of ships under way; of the wind.
BOAT_LEEWAY: Final = (0.02, 0.05)
SHIP_LEEWAY: Final = (0.003, 0.01)
_COMPASS_DEG: Final = 1.5  # error that a ship keeps: with her leeway what real ships show
_YAW_DEG: Final = 0.6  # from report to report
_WAVES: Final = 6
_DAY_S: Final = 86_400.0
_M2_S: Final = 12.4206 * 3600
_S2_S: Final = 12.0 * 3600
_EARTH_TURN: Final = 7.2921e-5  # [rad/s]
_DRIFT_STEP_S: Final = 300
_M_PER_DEG: Final = EARTH_RADIUS_M * np.pi / 180


@dataclass(frozen=True)
class Water:
    """Waves of velocity about a place, and the wind over it.

    Attributes
    ----------
    lat, lon, t_us
        Where and when phases are counted from.
    wavenumber : (n, 2)
        East and north [rad/m].
    frequency : (n,)
        Rising with time [rad/s].
    cosine, sine : (n, 2)
        Amplitudes east and north [m/s].
    wind_frequency, wind_cosine, wind_sine
        The same of the wind; one of frequency 0 is its mean.
    """

    lat: float
    lon: float
    t_us: int
    wavenumber: Floats
    frequency: Floats
    cosine: Floats
    sine: Floats
    wind_frequency: Floats
    wind_cosine: Floats
    wind_sine: Floats

    def velocity_mps(self, lat: npt.ArrayLike, lon: npt.ArrayLike, t_us: Ints) -> Floats:
        """Return the velocity east and north [m/s], shape (n, 2)."""
        east = lon_difference_deg(self.lon, lon) * np.cos(np.radians(self.lat)) * _M_PER_DEG
        north = (np.asarray(lat, dtype=float) - self.lat) * _M_PER_DEG
        phase = np.stack((east, north), axis=-1) @ self.wavenumber.T
        phase = phase + np.multiply.outer((t_us - self.t_us) / US_PER_S, self.frequency)
        return np.asarray(np.cos(phase) @ self.cosine + np.sin(phase) @ self.sine)

    def wind_mps(self, t_us: Ints) -> Floats:
        """Return where the wind blows to, east and north [m/s], shape (n, 2)."""
        phase = np.multiply.outer((t_us - self.t_us) / US_PER_S, self.wind_frequency)
        return np.asarray(np.cos(phase) @ self.wind_cosine + np.sin(phase) @ self.wind_sine)

    def afloat(
        self, lat: float, lon: float, t_us: int, until_us: int, leeway: float
    ) -> tuple[float, float]:
        """Return where something is that floats from a place and time on [deg]."""
        while t_us < until_us:
            step_us = min(_DRIFT_STEP_S * US_PER_S, until_us - t_us)
            now_us = np.array([t_us + step_us // 2])
            moved = self._moved_mps(np.array([lat]), np.array([lon]), now_us, leeway)[0]
            moved = moved * (step_us / US_PER_S)
            lon = float(wrap_lon_deg(lon + moved[0] / _M_PER_DEG / np.cos(np.radians(lat))))
            lat += float(moved[1] / _M_PER_DEG)
            t_us += step_us
        return lat, lon

    def carries(self, way: Way, start_us: int, end_us: int, leeway: float) -> Way:
        """Return a way on which a vessel is carried along for a while, and goes on from there."""
        is_carried = (way.t_us >= start_us) & (way.t_us < end_us)
        moved = self._moved_mps(way.lat, way.lon, way.t_us, leeway) * is_carried[:, None] * STEP_S
        # The place of a row is moved by the steps before it.
        sum_m = np.concatenate((np.zeros((1, 2)), np.cumsum(moved, axis=0)[:-1]))
        lon = way.lon + sum_m[:, 0] / _M_PER_DEG / np.cos(np.radians(way.lat))
        return Way(way.start_us, way.lat + sum_m[:, 1] / _M_PER_DEG, wrap_lon_deg(lon))

    def headed(self, reports: Heard, rng: np.random.Generator) -> Heard:
        """Return reports with the heading that holds the course against current and wind.

        Less what the water gives, and with the errors of a compass. Class B has none.
        """
        n = reports.t_us.size
        if not reports.ship.is_class_a:
            return reports.heading(np.full(n, np.nan))
        course = np.radians(reports.cog_deg)
        over_ground = np.stack((np.sin(course), np.cos(course)), axis=-1)
        over_ground *= kn_to_mps(reports.sog_kn)[:, None]
        leeway = rng.uniform(*SHIP_LEEWAY)
        through = over_ground - self._moved_mps(reports.lat, reports.lon, reports.t_us, leeway)
        error_deg = rng.normal(0.0, _COMPASS_DEG) + rng.normal(0.0, _YAW_DEG, n)
        heading = np.degrees(np.arctan2(through[:, 0], through[:, 1])) + error_deg
        return reports.heading(np.round(heading) % 360.0)

    def _moved_mps(self, lat: Floats, lon: Floats, t_us: Ints, leeway: float) -> Floats:
        return self.velocity_mps(lat, lon, t_us) + leeway * self.wind_mps(t_us)


def some_water(lat: float, lon: float, t_us: int, rng: np.random.Generator) -> Water:
    """Return water about a place, whose root mean square speed over all such is `RMS_KN`."""
    speed_mps = float(kn_to_mps(RMS_KN)) * rng.lognormal(-0.09, 0.3)  # mean square 1
    tide = rng.uniform(0.2, 0.8)
    circles = (1 - tide) * rng.uniform(0.0, 0.2)
    waves = rng.dirichlet(np.full(_WAVES, 2.0)) * (1 - tide - circles)
    share = np.concatenate((waves, tide * np.array([0.85, 0.15]), [circles]))
    length_m = np.concatenate(
        (
            np.exp(rng.uniform(np.log(80e3), np.log(400e3), _WAVES)),
            np.full(2, rng.uniform(400e3, 1500e3)),
            [rng.uniform(100e3, 300e3)],
        )
    )
    inertial = 2 * _EARTH_TURN * np.sin(np.radians(lat))
    period_s = np.exp(rng.uniform(np.log(0.75 * _DAY_S), np.log(10 * _DAY_S), _WAVES))
    frequency = np.concatenate((2 * np.pi / period_s, [2 * np.pi / _M2_S, 2 * np.pi / _S2_S]))
    frequency = np.append(frequency, -inertial)  # clockwise in the north
    n = share.size
    way = rng.uniform(0, 2 * np.pi, n)
    way[_WAVES + 1] = way[_WAVES]  # both tides run alike
    wavenumber = (2 * np.pi / length_m)[:, None] * np.stack((np.cos(way), np.sin(way)), axis=-1)
    axis, flat = rng.uniform(0, 2 * np.pi, n), rng.uniform(-0.7, 0.7, n)
    flat[-1] = 1.0  # a circle
    axis[_WAVES + 1], flat[_WAVES + 1] = axis[_WAVES], flat[_WAVES]
    long = np.stack((np.cos(axis), np.sin(axis)), axis=-1)
    short = np.stack((-np.sin(axis), np.cos(axis)), axis=-1) * flat[:, None]
    size = np.sqrt(2 * share / (1 + flat**2))[:, None] * speed_mps
    turn = rng.uniform(0, 2 * np.pi, n)[:, None]  # the phase
    cosine = size * (long * np.cos(turn) + short * np.sin(turn))
    sine = size * (short * np.cos(turn) - long * np.sin(turn))
    # A wind of 6.5 m/s in the mean, that turns within a day or two.
    wind = rng.normal(0.0, [[3.5, 3.5], [2.5, 2.5], [2.5, 2.5]], (3, 2))
    wind_frequency = np.array([0.0, *(2 * np.pi / rng.uniform(0.5, 3, 2) / _DAY_S)])
    wind_sine = np.concatenate((np.zeros((1, 2)), rng.normal(0.0, 2.5, (2, 2))))
    return Water(
        lat, lon, t_us, wavenumber, frequency, cosine, sine, wind_frequency, wind, wind_sine
    )
