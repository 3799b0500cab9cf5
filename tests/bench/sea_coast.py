"""Routes over land by a coast that no side was made from: that of OpenStreetMap.

It comes with the package roaring-landmask, fetched into the cache folder when first asked for and
never shipped: its data are under the ODbL.
"""

import importlib
import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from sea_accuracy import Pair, carved_lines
from vesseltrack.core.geodesy import chord_of_m, great_circle_m, unit_xyz, wrap_lon_deg
from vesseltrack.core.paths import densify
from vesseltrack.routing.cache import folder
from vesseltrack.units import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]

PACKAGE = "roaring-landmask==0.11.0"
STEP_M = 500.0
CARVED_STEP_M = 1_000.0
CROSSING_M = 3_000.0
CANAL_M = 3_000.0  # beside canals and channels, which the coast does not have
ENDS_M = 20_000.0  # around the ports, where every method leaves its network


class IndependentCoast:
    """The land of OpenStreetMap."""

    def __init__(self) -> None:
        self._land = _landmask()
        lines = [unit_xyz(*densify(*line, CARVED_STEP_M)) for line in carved_lines()]
        self._carved = cKDTree(np.concatenate(lines))

    def crossed(self, pair: Pair, lat: Floats, lon: Floats) -> tuple[bool, bool]:
        """Return whether a line is ever 3 km inside land, and whether on land for 3 km on end.

        Ports and their surroundings are left out, and so are canals and channels to ports, for
        every method alike.
        """
        lat, lon = densify(lat, lon, STEP_M)
        on_land = self._is_land(lat, lon)
        rows = np.flatnonzero(on_land)
        near_end = great_circle_m(lat[rows], lon[rows], *pair.start) < ENDS_M
        near_end |= great_circle_m(lat[rows], lon[rows], *pair.end) < ENDS_M
        beside, _ = self._carved.query(unit_xyz(lat[rows], lon[rows]))
        on_land[rows[near_end | (beside < chord_of_m(CANAL_M))]] = False
        leg_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
        way_m = np.concatenate([[0.0], np.cumsum(leg_m)])
        edges = np.flatnonzero(np.diff(np.concatenate([[0], on_land, [0]])))
        first, last = edges[::2], edges[1::2] - 1
        rows = np.flatnonzero(on_land)
        return (
            bool(self._is_inland(lat[rows], lon[rows]).any()),
            bool((way_m[last] - way_m[first] > CROSSING_M).any()),
        )

    def _is_inland(self, lat: Floats, lon: Floats) -> npt.NDArray[np.bool_]:
        """Return which points have land 3 km away in every one of eight directions."""
        inland = np.ones(lat.size, dtype=np.bool_)
        north_deg = np.degrees(CROSSING_M / EARTH_RADIUS_M)
        for bearing in np.radians(np.arange(0, 360, 45)):
            east_deg = north_deg * np.sin(bearing) / np.cos(np.radians(lat))
            inland &= self._is_land(
                lat + north_deg * np.cos(bearing), wrap_lon_deg(lon + east_deg)
            )
        return inland

    def _is_land(self, lat: Floats, lon: Floats) -> npt.NDArray[np.bool_]:
        flat = np.ascontiguousarray(lon), np.ascontiguousarray(lat)
        return np.array(self._land.contains_many(*flat), dtype=np.bool_)


def _landmask() -> Any:
    place = folder() / "bench"
    if not place.exists():
        fetch = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", place]
        subprocess.run([*fetch, PACKAGE], check=True)
    sys.path.append(str(place))
    module = importlib.import_module("roaring_landmask")
    return module.RoaringLandmask.new_with_provider(module.LandmaskProvider.Osm)
