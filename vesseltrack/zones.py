"""Areas of the user's own, from GeoJSON: which points lie within them, or close by."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from vesseltrack.core.runs import Bools
from vesseltrack.core.text import printable
from vesseltrack.errors import ConfigError
from vesseltrack.units import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]

_POLYGONS: Final = ("Polygon", "MultiPolygon")
_M_PER_DEG: Final = EARTH_RADIUS_M * np.pi / 180
_WIDEST_DEG: Final = 180.0


@dataclass(frozen=True)
class Zone:
    """One area.

    Attributes
    ----------
    name : str
        From the feature's `name` or `id`, else its number.
    area : shapely geometry
        In degrees, longitude first.
    """

    name: str
    area: Any

    def inside(self, lat: Floats, lon: Floats) -> Bools:
        """Return whether points lie in the zone or on its edge, shape (n,).

        Parameters
        ----------
        lat, lon : (n,)
            Points [deg]; longitudes in any range, NaN is nowhere.
        """
        within = np.zeros(np.shape(lat), dtype=np.bool_)
        for east in self._turns(lon):
            within |= shapely.intersects_xy(self.area, east, lat)
        return within

    def within_m(self, lat: Floats, lon: Floats, distance_m: float) -> Bools:
        """Return whether points lie in the zone or no farther from it, shape (n,).

        On the plane that touches the sphere at each point: within 1 % for tens of kilometres.
        """
        close = self.inside(lat, lon)
        west, south, east, north = self.area.bounds
        margin = distance_m / _M_PER_DEG
        wide = margin / np.maximum(np.cos(np.radians(lat)), 1e-3)
        for turned in self._turns(lon):
            asked = (
                ~close
                & (lat >= south - margin)
                & (lat <= north + margin)
                & (turned >= west - wide)
                & (turned <= east + wide)
            )
            rows = np.flatnonzero(asked)
            close[rows] = self._gap_m(lat[rows], turned[rows]) <= distance_m
        return close

    def _gap_m(self, lat: Floats, lon: Floats) -> Floats:
        points = shapely.points(lon, lat)
        ends = shapely.get_coordinates(shapely.shortest_line(points, self.area)).reshape(-1, 2, 2)
        step = ends[:, 1] - ends[:, 0]
        east = step[:, 0] * np.cos(np.radians(lat))
        return np.asarray(np.hypot(east, step[:, 1]) * _M_PER_DEG)

    def _turns(self, lon: Floats) -> Iterator[Floats]:
        """Yield longitudes on every turn on which the zone may lie: it may reach over 180."""
        plain = (np.asarray(lon, dtype=float) + 180.0) % 360.0 - 180.0
        west, _, east, _ = self.area.bounds
        for turn in (-360.0, 0.0, 360.0):
            if west <= _WIDEST_DEG + turn and east >= turn - _WIDEST_DEG:
                yield plain + turn


def read_zones(path: Path) -> tuple[Zone, ...]:
    """Return the polygons of a GeoJSON file as zones; other geometries are left out.

    A polygon over the date line may be split there, or go on beyond 180 degrees.

    Raises
    ------
    ConfigError
        If the file is missing, is no GeoJSON, holds no polygon, or one that crosses itself; the
        message names the feature.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        features = _features(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path}: no GeoJSON with polygons: {error}"
        raise ConfigError(msg) from error
    zones = [_zone(path, number, feature) for number, feature in enumerate(features, 1)]
    if not zones:
        msg = f"{path}: no polygon in it; zones are Polygon or MultiPolygon features"
        raise ConfigError(msg)
    return tuple(zones)


def _features(document: dict[str, Any]) -> list[dict[str, Any]]:
    if document["type"] == "FeatureCollection":
        features = document["features"]
    elif document["type"] == "Feature":
        features = [document]
    else:
        features = [{"geometry": document, "properties": {}}]
    return [one for one in features if (one["geometry"] or {}).get("type") in _POLYGONS]


def _zone(path: Path, number: int, feature: dict[str, Any]) -> Zone:
    told = feature.get("properties") or {}
    name = printable(str(told.get("name") or feature.get("id") or told.get("id") or number))
    try:
        area = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (shapely.errors.GEOSException, ValueError) as error:
        msg = f"{path}, zone {name}: {error}"
        raise ConfigError(msg) from error
    if area.is_empty or not area.is_valid:
        msg = f"{path}, zone {name}: {shapely.is_valid_reason(area)}"
        raise ConfigError(msg)
    shapely.prepare(area)
    return Zone(name, area)
