"""Points by place: those near each of many others, without going through all of them."""

from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import Ints, ranges
from vesseltrack.units import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]

_M_PER_DEG: Final = EARTH_RADIUS_M * np.pi / 180
_TURN_DEG: Final = 360.0
_TURNS_DEG: Final = np.array([-_TURN_DEG, 0.0, _TURN_DEG])
_STEPS: Final = np.array([-1, 0, 1])  # from a band to those that touch what is near
_SLACK: Final = 1.01  # of a parallel's length about a place: its bounds are chords, not arcs
_NEAR_POLE_DEG: Final = 89.0  # beyond it all longitudes are near


class ByPlace:
    """Points in bands of latitude, by longitude in each.

    Parameters
    ----------
    lat, lon : (n,)
        Of the points [deg], finite; longitudes from -180 to 180.
    distance_m : float
        How far is near [m].
    """

    def __init__(self, lat: Floats, lon: Floats, distance_m: float) -> None:
        self._band_deg = distance_m / _M_PER_DEG * _SLACK
        band = np.floor(lat / self._band_deg)
        self._order = np.lexsort((lon, band))
        # Bands lie so far apart that no longitude asked for reaches into the next.
        self._at = (band * 4 * _TURN_DEG + lon)[self._order]

    def near(self, lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
        """Return the points near each of some places.

        Parameters
        ----------
        lat, lon : (n,)
            Of the places [deg].

        Returns
        -------
        place, point : (n_pairs,)
            Numbers, each pair once, in no order: all that are near, and others not much further
            off.
        """
        band = np.floor(lat / self._band_deg)
        most_deg = np.abs(lat) + self._band_deg
        wide_deg = np.where(
            most_deg < _NEAR_POLE_DEG,
            self._band_deg / np.cos(np.radians(np.minimum(most_deg, _NEAR_POLE_DEG))),
            _TURN_DEG / 2,
        )
        wide_deg = np.minimum(wide_deg, _TURN_DEG / 2)
        # Nine windows a place: three bands, and the same a turn to the west and to the east.
        asked_lon = lon[:, None] + _TURNS_DEG
        is_met = np.abs(asked_lon) - wide_deg[:, None] <= _TURN_DEG / 2
        asked = np.repeat(np.flatnonzero(is_met) // _TURNS_DEG.size, _STEPS.size)
        at = (band[asked].reshape(-1, _STEPS.size) + _STEPS) * 4 * _TURN_DEG
        at = (at + asked_lon[is_met][:, None]).ravel()
        # Half open: of a whole turn no meridian is met twice.
        first = np.searchsorted(self._at, at - wide_deg[asked])
        stop = np.searchsorted(self._at, at + wide_deg[asked])
        return np.repeat(asked, stop - first), self._order[ranges(first, stop)]
