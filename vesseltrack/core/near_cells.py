"""A sphere in bands of latitude, numbered so that near points of a band have near numbers."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.runs import Ints
from vesseltrack.units import EARTH_RADIUS_M

_LEAST_M: Final = 100.0  # below it numbers would need more bits, and nothing would be gained
_SLACK: Final = 1 + 1e-6  # a million times what rounding moves a point, as seen from its window
_BAND: Final = 8  # distances in a band: so one point in eight has an image beyond its border
_WINDOW: Final = 16  # steps of longitude in a distance
_ALONG_BITS: Final = 24
_WIDEST_RAD: Final = np.pi / 3  # a wider window is the whole band
_HALF_TURN: Final = 180.0
_TURN: Final = 360.0
_ACROSS_BAND: Final = 1  # an image in the next band
_ACROSS_LINE: Final = 2  # an image a turn further east


@dataclass(frozen=True)
class Cells:
    """Bands of latitude, and in each steps of longitude of the length that it has there.

    Two points within the distance, each taken as itself or as an image beyond the border of its
    band or beyond the date line, have numbers at most a window apart; and exactly one such choice
    of images, not both beyond the same border, has them so.

    Attributes
    ----------
    band_deg, near_deg : float
        Height of a band, and the distance.
    per_deg, near_lon_deg : (n_bands,)
        Steps of longitude in a degree, and the distance in degrees of longitude; both 0 in bands
        at a pole, where longitude does not matter.
    """

    band_deg: float
    near_deg: float
    per_deg: Floats
    near_lon_deg: Floats

    @classmethod
    def of(cls, distance_m: float) -> "Cells":
        """Return the bands for pairs within a distance [m]."""
        near_rad = min(max(distance_m, _LEAST_M) * _SLACK / EARTH_RADIUS_M, np.pi)
        near_deg = float(np.degrees(near_rad))
        band_deg = _BAND * near_deg
        south = -_HALF_TURN / 2 + band_deg * np.arange(int(_HALF_TURN / band_deg) + 2)
        # Of either end, with the images from below; behind a pole there is nothing.
        farthest = np.maximum(np.abs(south - near_deg), np.abs(south + band_deg))
        level = np.cos(np.radians(np.minimum(farthest, _HALF_TURN / 2)))
        ratio = np.sin(min(near_rad, np.pi) / 2) / np.maximum(level, 1e-12)
        window_rad = 2 * np.arcsin(np.minimum(ratio, 1.0))
        near_lon_deg = np.where(window_rad <= _WIDEST_RAD, np.degrees(window_rad), 0.0)
        per_deg = np.divide(
            _WINDOW, near_lon_deg, out=np.zeros_like(near_lon_deg), where=near_lon_deg > 0
        )
        return cls(band_deg, near_deg, per_deg, near_lon_deg)

    @property
    def bits(self) -> int:
        """How many bits a number takes."""
        return _ALONG_BITS + int(self.per_deg.size).bit_length()

    @property
    def window(self) -> int:
        """By how much the numbers of two points within the distance differ at most."""
        return _WINDOW + 1

    def of_points(self, lat: Floats, lon: Floats) -> tuple[Ints, Ints, Ints]:
        """Return the numbers of points, and after them of their images.

        Parameters
        ----------
        lat, lon : (n,)
            Points [deg]; finite.

        Returns
        -------
        number : (n + n_images,)
            Band and step of longitude of each.
        row : (n + n_images,)
            The point of each.
        image : (n + n_images,)
            0 for the points, else a sum of 1 (beyond the border of its band) and 2 (beyond the
            date line).
        """
        above = (lat + _HALF_TURN / 2) / self.band_deg
        band = above.astype(np.int64)
        east_deg = lon + _HALF_TURN
        off = np.flatnonzero((east_deg < 0) | (east_deg >= _TURN))
        east_deg[off] %= _TURN
        east_deg[off[east_deg[off] >= _TURN]] = 0.0  # a negative trifle rounds up to it
        row = np.arange(lat.size)
        high = np.flatnonzero(above - band >= 1 - self.near_deg * _SLACK / self.band_deg)
        high = high[band[high] + 1 < self.per_deg.size]
        if high.size:
            row = np.concatenate((row, high))
            band = np.concatenate((band, band[high] + 1))
            east_deg = np.concatenate((east_deg, east_deg[high]))
        image = np.zeros(row.size, dtype=np.int64)
        image[lat.size :] = _ACROSS_BAND
        number = self._numbers(band, east_deg)
        west = np.flatnonzero(east_deg <= self.near_lon_deg[band])
        west = west[self.per_deg[band[west]] > 0]
        if west.size:
            number = np.append(number, self._numbers(band[west], east_deg[west] + _TURN))
            row = np.append(row, row[west])
            image = np.append(image, image[west] | _ACROSS_LINE)
        return number, row, image

    def _numbers(self, band: Ints, east_deg: Floats) -> Ints:
        along = (east_deg * self.per_deg[band]).astype(np.int64)
        return np.asarray((band << _ALONG_BITS) + along)
