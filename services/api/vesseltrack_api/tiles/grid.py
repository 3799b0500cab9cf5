"""The Web Mercator grid of tiles, in whole units that an int32 holds."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

MAX_ZOOM: Final = 14  # beyond it maps enlarge: a tile unit is then 0.6 m, finer than AIS
WORLD: Final = 1 << 29  # units around the world, 7.5 cm each at the equator; three worlds fit
EXTENT: Final = 4_096  # coordinates along the side of an encoded tile
BUFFER_UNITS: Final = (
    64 * WORLD // EXTENT
)  # margin of the tile of zoom 0, as maps expect it [units]
MAX_LAT: Final = 85.051_128_779_806_59  # where the square world of the projection ends [deg]


@dataclass(frozen=True)
class Tile:
    """One tile: zoom, column from the date line eastwards, row from the north."""

    z: int
    x: int
    y: int

    @property
    def size(self) -> int:
        """Width and height [units]."""
        return WORLD >> self.z


def project(lat: Floats, lon: Floats) -> tuple[Int32s, Int32s]:
    """Return where points lie in the grid.

    Parameters
    ----------
    lat, lon : (n,)
        Points [deg]; a longitude beyond 180 lies in the next world. Latitudes beyond `MAX_LAT`
        are put there.

    Returns
    -------
    x, y : (n,)
        East of longitude -180 and south of `MAX_LAT` [units].
    """
    phi = np.radians(np.clip(lat, -MAX_LAT, MAX_LAT))
    x = (np.asarray(lon) + 180.0) / 360.0
    y = 0.5 - np.arcsinh(np.tan(phi)) / (2 * np.pi)
    return (x * WORLD).round().astype(np.int32), (y * WORLD).round().astype(np.int32)
