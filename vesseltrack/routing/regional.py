"""The water with regions in finer detail: each leg is walked on the grid of where it runs."""

from dataclasses import dataclass, replace

import numpy as np

from vesseltrack.core.geodesy import Floats, lat_lon_of_xyz, m_of_chord
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.routing.gates import gate_pixels
from vesseltrack.routing.passages import passages
from vesseltrack.routing.regions import Box, regions
from vesseltrack.routing.water import Water
from vesseltrack.units import EARTH_RADIUS_M

_LEAST_RAD = 1e-9  # six millimetres: a piece shorter than this is none


@dataclass(frozen=True, eq=False)
class RegionalWater(Water):
    """The globe's mask, but within some boxes another one.

    Parameters
    ----------
    regions : tuple of (Box, Water)
        Boxes that do not overlap, and the water in each.
    """

    regions: tuple[tuple[Box, Water], ...] = ()

    def is_water(self, lat: Floats, lon: Floats) -> Bools:
        """Return whether points lie in a pixel of water, of the finest grid there is."""
        wet = super().is_water(lat, lon)
        for box, water in self.regions:
            held = box.holds(lat, lon)
            wet[held] = water.is_water(lat[held], lon[held])
        return wet

    def nearest(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats, Bools]:
        """Return what `Water.nearest` does, for points in a box from its own mask."""
        place_lat, place_lon, found = super().nearest(lat, lon)
        for box, water in self.regions:
            held = np.flatnonzero(box.holds(lat, lon))
            near = water.nearest(lat[held], lon[held])
            place_lat[held], place_lon[held], found[held] = near
        return place_lat, place_lon, found

    def corners(self, xyz: Floats) -> tuple[Ints, Floats]:
        """Return what `Water.corners` does, near points in a box those of its own coast."""
        point, corner = super().corners(xyz)
        lat, lon = lat_lon_of_xyz(xyz)
        for box, water in self.regions:
            held = box.holds(lat, lon)
            if not held.any():
                continue
            nth, own = water.corners(xyz[held])
            beyond = ~held[point]
            point = np.concatenate([point[beyond], np.flatnonzero(held)[nth]])
            corner = np.concatenate([corner[beyond], own])
            order = np.argsort(point, kind="stable")
            point, corner = point[order], corner[order]
        return point, corner

    def sees(self, start: Floats, end: Floats) -> Bools:
        """Return whether great-circle legs stay on the water, in each box on that of the box."""
        touched = np.zeros(len(start), dtype=np.bool_)
        for box, _ in self.regions:
            touched |= may_touch(start, end, box)
        sees = np.empty(len(start), dtype=np.bool_)
        sees[~touched] = super().sees(start[~touched], end[~touched])
        leg = np.flatnonzero(touched)
        start, end = start[leg], end[leg]
        clear = np.ones(leg.size, dtype=np.bool_)
        nth = np.arange(leg.size)
        for box, water in self.regions:
            piece, start, end, held = pieces(start, end, box)
            nth = nth[piece]
            clear[nth[held][~water.sees(start[held], end[held])]] = False
            start, end, nth = start[~held], end[~held], nth[~held]
        clear[nth[~super().sees(start, end)]] = False
        sees[leg] = clear
        return sees


def with_regions(globe: Water, closed: frozenset[str]) -> Water:
    """Return the water with the user's regions, in which the gates of passages are land too.

    Parameters
    ----------
    globe : Water
        The water of the globe; returned as it is where there are no regions.
    closed : frozenset of str
        Ids of the passages.

    Raises
    ------
    RouteError
        As `regions.regions` does.
    """
    shut = [passage for passage in passages() if passage.id in closed]
    finer = []
    for region in regions():
        own = region.water
        wet = np.unpackbits(own.mask, axis=1)
        wet[gate_pixels(shut, own.grid)] = 0
        finer.append((region.box, replace(own, mask=np.packbits(wet, axis=1))))
    if not finer:
        return globe
    return RegionalWater(globe.mask, globe.coarse, globe.fine, regions=tuple(finer))


def may_touch(start: Floats, end: Floats, box: Box) -> Bools:
    """Return which legs may pass through a box: all that do, and some that pass near.

    Parameters
    ----------
    start, end : (n, 3)
        Unit vectors of the ends of great-circle legs.
    box : Box
        The box.
    """
    centre, reach = box.cap
    middle = start + end
    half = m_of_chord(np.linalg.norm(start - end, axis=1)) / EARTH_RADIUS_M / 2
    near = np.flatnonzero(
        middle @ centre >= np.linalg.norm(middle, axis=1) * np.cos(np.minimum(half + reach, np.pi))
    )
    normal = np.cross(start[near], end[near])
    beside = np.abs(normal @ centre) <= np.sin(reach) * np.linalg.norm(normal, axis=1) + _LEAST_RAD
    touches = np.zeros(len(start), dtype=np.bool_)
    touches[near[beside]] = True
    return touches


def pieces(start: Floats, end: Floats, box: Box) -> tuple[Ints, Floats, Floats, Bools]:
    """Cut legs at the border of a box.

    Parameters
    ----------
    start, end : (n, 3)
        Unit vectors of the ends of great-circle legs, below half the globe.
    box : Box
        The box.

    Returns
    -------
    leg : (m,)
        The row that each piece is of.
    start, end : (m, 3)
        The ends of the pieces.
    held : (m,)
        Which lie in the box.
    """
    angle = m_of_chord(np.linalg.norm(start - end, axis=1)) / EARTH_RADIUS_M
    cuts = [_crossings(start, end, angle, *plane) for plane in _planes(box)]
    at = np.concatenate([np.zeros((1, len(start))), *cuts, angle[None]])
    at = np.sort(np.clip(np.nan_to_num(at), 0.0, angle), axis=0)
    is_piece = np.diff(at, axis=0) > _LEAST_RAD
    is_piece[0] |= ~is_piece.any(axis=0)  # a leg of no length is one piece all the same
    nth, leg = np.nonzero(is_piece)
    begin, stop = at[nth, leg], at[nth + 1, leg]
    start, end, angle = start[leg], end[leg], angle[leg]
    lat, lon = lat_lon_of_xyz(_along(start, end, angle, (begin + stop) / 2))
    held = box.holds(lat, lon)
    return leg, _along(start, end, angle, begin), _along(start, end, angle, stop), held


def _planes(box: Box) -> list[tuple[Floats, float]]:
    """Return the planes that hold the sides of a box: normals and offsets."""
    meridians = [
        (np.array([-np.sin(lon), np.cos(lon), 0.0]), 0.0)
        for lon in np.radians([box.west, box.east])
    ]
    parallels = [
        (np.array([0.0, 0.0, 1.0]), float(np.sin(lat)))
        for lat in np.radians([box.south, box.north])
    ]
    return meridians + parallels


def _crossings(start: Floats, end: Floats, angle: Floats, normal: Floats, offset: float) -> Floats:
    """Return how far along legs a plane is crossed [rad], shape (2, n); NaN where it is not."""
    # A place x along a leg has sin(angle - x) n.start + sin(x) n.end = offset sin(angle), which
    # is one cosine of x about where the great circle is farthest from the plane.
    from_start, from_end = start @ normal, end @ normal
    cosine = from_start * np.sin(angle)
    sine = from_end - from_start * np.cos(angle)
    size = np.hypot(cosine, sine)
    farthest = np.arctan2(sine, cosine)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.arccos(offset * np.sin(angle) / size)
    return np.stack([farthest - half, farthest + half])


def _along(start: Floats, end: Floats, angle: Floats, at: Floats) -> Floats:
    """Return the places so far along legs [rad] as unit vectors."""
    scale = np.maximum(np.sin(angle), _LEAST_RAD)
    from_start, from_end = np.sin(angle - at) / scale, np.sin(at) / scale
    from_start[angle <= _LEAST_RAD] = 1.0
    return from_start[:, None] * start + from_end[:, None] * end
