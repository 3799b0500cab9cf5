"""The hexagons of an icosahedral grid as points of a lattice on each face.

H3 lays its cells on the faces of an icosahedron: in the plane that touches a face at its centre
they are the hexagons about the points of a lattice, whose steps shrink by the square root of 7
from one resolution to the next and which turns forth and back. Which hexagon a point lies in
follows from a few products; which index H3 gives it does not, but it is the same for the whole
hexagon.

References
----------
.. [1] K. Sahr, D. White, A. J. Kimerling, "Geodesic Discrete Global Grid Systems", Cartography and
   Geographic Information Science 30 (2003).
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

N_VERTICES: Final = 12
_STEP_0: Final = (3 - 5**0.5) / 2  # between neighbours of resolution 0, on a plane at distance 1
_TURN_RAD: Final = float(np.arcsin(np.sqrt(3 / 28)))  # of odd resolutions against even ones
_MARGIN: Final = 1e-6  # of a step: a million times what rounding moves a point
_MAX_FACES: Final = 3  # looked at; archives are local, and each look goes over all points left
_BITS: Final = 25  # for a lattice coordinate: at resolution 15 they are below 2**22


@dataclass(frozen=True)
class Lattice:
    """The lattice of one resolution: a matrix a face.

    Attributes
    ----------
    faces : (20, 6, 3)
        By which a point (3,) gives its heights above the three edges, its height above the plane
        through the middle, and its two lattice coordinates times that height.
    """

    faces: Floats

    @classmethod
    def of(cls, vertices: Floats, resolution: int) -> "Lattice":
        """Return the lattice on the icosahedron with these vertices, shape (12, 3)."""
        nearness = vertices @ vertices.T
        is_edge = nearness > np.sort(nearness[0])[-6] - _MARGIN  # to itself and five neighbours
        corners = [
            vertices[[a, b, c]]
            for a, b, c in itertools.combinations(range(N_VERTICES), 3)
            if is_edge[a, b] and is_edge[b, c] and is_edge[a, c]
        ]
        return cls(np.array([_face(triangle, resolution) for triangle in corners]))

    def hexagons(self, lat: Floats, lon: Floats) -> tuple[Ints, Bools]:
        """Return a number for the hexagon that each point lies in, and whether that is certain.

        Parameters
        ----------
        lat, lon : (n,)
            Points [deg], n > 0; finite.

        Returns
        -------
        hexagon : (n,)
            Equal for points in one hexagon; of no meaning where it is not certain.
        is_sure : (n,)
            False close to an edge of a hexagon or a face, and off the faces that were looked at.
        """
        phi, theta = np.radians(lat), np.radians(lon)
        level = np.cos(phi)
        points = np.stack([level * np.cos(theta), level * np.sin(theta), np.sin(phi)])
        hexagon, is_sure = np.zeros(lat.size, np.int64), np.zeros(lat.size, np.bool_)
        left = np.arange(lat.size)
        for _ in range(_MAX_FACES):
            number = int(np.argmax(self.faces[:, 3] @ points[:, left[0]]))
            face = self.faces[number]
            here = points if left.size == lat.size else points[:, left]
            inside = np.minimum(
                np.minimum(_dot(face[0], here), _dot(face[1], here)), _dot(face[2], here)
            )
            depth = _dot(face[3], here)
            place, is_clear = _rounded(_dot(face[4], here) / depth, _dot(face[5], here) / depth)
            certain = (inside > _MARGIN) & is_clear
            hexagon[left[certain]] = (number << (2 * _BITS)) + place[certain]
            is_sure[left] = certain
            left = left[inside <= _MARGIN]
            if not left.size:
                break
        return hexagon, is_sure


def _face(corners: Floats, resolution: int) -> Floats:
    """Return the matrix of the face between three vertices."""
    middle = corners.sum(axis=0)
    middle /= np.linalg.norm(middle)
    # Both axes of the plane: to the first corner, and square to it.
    to_corner = corners[0] - middle * (middle @ corners[0])
    to_corner /= np.linalg.norm(to_corner)
    across = np.cross(middle, to_corner)
    step = _STEP_0 / 7 ** (resolution / 2)
    turn = _TURN_RAD if resolution % 2 else 0.0
    angles = np.array([turn, turn + np.pi / 3])
    steps = step * np.array([np.cos(angles), np.sin(angles)])
    coordinates = np.linalg.inv(steps) @ np.array([to_corner, across])
    edges = np.cross(corners, np.roll(corners, -1, axis=0))
    edges *= np.sign(edges @ middle)[:, None] / np.linalg.norm(edges, axis=1)[:, None]
    return np.vstack([edges, middle, coordinates])


def _dot(row: Floats, points: Floats) -> Floats:
    # Summed up by hand: a matrix product of this shape takes longer.
    return np.asarray(row[0] * points[0] + row[1] * points[1] + row[2] * points[2])


def _rounded(q: Floats, r: Floats) -> tuple[Ints, Bools]:
    """Return the lattice point nearest to each, as one number, and whether it clearly is."""
    s = -q - r
    near_q, near_r, near_s = np.rint(q), np.rint(r), np.rint(s)
    off_q, off_r, off_s = np.abs(near_q - q), np.abs(near_r - r), np.abs(near_s - s)
    # The three must add up to zero: the one that was rounded farthest gives way.
    is_q = (off_q > off_r) & (off_q > off_s)
    is_r = ~is_q & (off_r > off_s)
    near_q = np.where(is_q, -near_r - near_s, near_q)
    near_r = np.where(is_r, -near_q - near_s, near_r)
    off_q, off_r = q - near_q, r - near_r
    off_s = -off_q - off_r
    steps = np.abs(off_q - off_r), np.abs(off_r - off_s), np.abs(off_s - off_q)
    is_clear = np.maximum(np.maximum(steps[0], steps[1]), steps[2]) < 1 - _MARGIN
    half = 1 << (_BITS - 1)
    number = (near_q.astype(np.int64) + half << _BITS) + near_r.astype(np.int64) + half
    return number, is_clear
