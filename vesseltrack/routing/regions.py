"""Regions in finer detail: files that the user has made, used within their boxes.

`make sea REGION=W,S,E,N SOURCE=land.geojson` writes one. Every such file in the folder
`$VESSELTRACK_REGIONS` is used.
"""

import functools
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from vesseltrack import hexgrid
from vesseltrack.core.geodesy import (
    Floats,
    m_of_chord,
    unit_xyz,
)
from vesseltrack.core.runs import Bools
from vesseltrack.errors import RouteError
from vesseltrack.routing.gates import table_crc
from vesseltrack.routing.grid import Grid
from vesseltrack.routing.passages import passages
from vesseltrack.routing.water import Water
from vesseltrack.units import EARTH_RADIUS_M

SUFFIX: Final = ".region.npz"
COARSEST: Final = 7
FINEST: Final = 10
_BORDER_POINTS: Final = 50  # along each side, to know how far a box reaches
_POLE_DEG: Final = 89.0
_WIDEST_DEG: Final = 90.0


@dataclass(frozen=True)
class Box:
    """A box of latitudes and longitudes [deg]; east may lie beyond the date line from west."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        """Refuse what is no box.

        Raises
        ------
        RouteError
            Saying what is wrong.
        """
        if not np.isfinite([self.west, self.south, self.east, self.north]).all():
            msg = f"a box must be west, south, east, north [deg]; got {self}"
            raise RouteError(msg)
        if not -_POLE_DEG <= self.south < self.north <= _POLE_DEG:
            msg = f"a box must lie within {_POLE_DEG:g} degrees, south below north; got {self}"
            raise RouteError(msg)
        if not 0 < self.width <= _WIDEST_DEG:
            msg = f"a box must be up to {_WIDEST_DEG:g} degrees wide; got {self}"
            raise RouteError(msg)

    def __str__(self) -> str:
        """Return the box as the user gives it."""
        return f"{self.west:g},{self.south:g},{self.east:g},{self.north:g}"

    @property
    def width(self) -> float:
        """How far east is from west [deg]."""
        return (self.east - self.west) % 360.0

    def holds(self, lat: Floats, lon: Floats) -> Bools:
        """Return which points lie in the box; longitudes in any range."""
        east = (np.asarray(lon) - self.west) % 360.0
        return np.asarray((lat >= self.south) & (lat <= self.north) & (east <= self.width))

    def overlaps(self, other: "Box") -> bool:
        """Return whether two boxes share more than an edge."""
        apart = other.south >= self.north or other.north <= self.south
        begins_within = (other.west - self.west) % 360.0 < self.width
        holds_begin = (self.west - other.west) % 360.0 < other.width
        return not apart and (begins_within or holds_begin)

    @functools.cached_property
    def cap(self) -> tuple[Floats, float]:
        """A unit vector (3,) and the angle around it within which the box lies [rad]."""
        along = np.linspace(0, 1, _BORDER_POINTS)
        east, north = (
            self.west + self.width * along,
            self.south + (self.north - self.south) * along,
        )
        lat = np.concatenate([np.full_like(east, self.south), np.full_like(east, self.north)])
        lat = np.concatenate([lat, north, north])
        lon = np.concatenate([east, east, np.full_like(north, self.west)])
        lon = np.concatenate([lon, np.full_like(north, self.west + self.width)])
        border = unit_xyz(lat, lon)
        middle = unit_xyz((self.south + self.north) / 2, self.west + self.width / 2)
        reach_m = m_of_chord(np.linalg.norm(border - middle, axis=1)).max()
        return middle, float(1.01 * reach_m / EARTH_RADIUS_M)


@dataclass(frozen=True, eq=False)
class Region:
    """A box in finer detail.

    Parameters
    ----------
    name : str
        Of its file.
    box : Box
        Where it is used.
    water : Water
        Its mask and clearances, on a grid that reaches a little beyond the box.
    cells : (n,)
        H3 cells of resolution 7 to 10, whose centres are nodes.
    chain : (k, 3)
        Unit vectors of further nodes, along the passages in the box.
    """

    name: str
    box: Box
    water: Water
    cells: hexgrid.Cells
    chain: Floats


def folder() -> Path | None:
    """Return where regions are looked for; None where the user has named no folder."""
    own = os.environ.get("VESSELTRACK_REGIONS")
    return Path(own) if own else None


def fingerprint() -> str:
    """Return what tells these regions from any others; empty without any."""
    content = b"".join(path.read_bytes() for path in _files())
    return f"{zlib.crc32(content):08x}" if content else ""


def regions() -> tuple[Region, ...]:
    """Return every region of the folder, by name.

    Raises
    ------
    RouteError
        If a file is no region, rests on other passages than the shipped ones, or overlaps
        another.
    """
    found = tuple(_read(path) for path in _files())
    for nth, region in enumerate(found):
        for other in found[:nth]:
            if region.box.overlaps(other.box):
                msg = (
                    f"regions {other.name} ({other.box}) and {region.name} ({region.box}) overlap"
                )
                raise RouteError(msg)
    return found


def write(path: Path, region: Region) -> None:
    """Write a region as a file that `regions` reads; its name ends in `SUFFIX`."""
    box, water, grid = region.box, region.water, region.water.grid
    np.savez_compressed(
        path,
        box=np.array([box.west, box.south, box.east, box.north]),
        grid=np.array([grid.per_deg, grid.north, grid.west, grid.n_rows, grid.n_columns]),
        mask=water.mask,
        coarse=water.coarse,
        fine=water.fine,
        cells=region.cells,
        chain=region.chain,
        passages_crc=np.array([table_crc(passages())]),
    )


def _files() -> list[Path]:
    place = folder()
    if place is None:
        return []
    if not place.is_dir():
        msg = f"VESSELTRACK_REGIONS names {place}, which is no folder"
        raise RouteError(msg)
    return sorted(place.glob(f"*{SUFFIX}"))


def _read(path: Path) -> Region:
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            box = Box(*(float(edge) for edge in arrays["box"]))
            per_deg, north, west, n_rows, n_columns = arrays["grid"].tolist()
            grid = Grid(int(per_deg), north, west, int(n_rows), int(n_columns))
            water = Water(arrays["mask"], arrays["coarse"], arrays["fine"], grid)
            cells, chain = arrays["cells"], arrays["chain"]
            crc = int(arrays["passages_crc"][0])
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        msg = f"{path.name} is no region that `make sea REGION=...` has written: {error}"
        raise RouteError(msg) from error
    if crc != table_crc(passages()):
        msg = f"{path.name} was made for other passages than those shipped; make it anew"
        raise RouteError(msg)
    return Region(path.name.removesuffix(SUFFIX), box, water, cells, chain)
