"""Where points take to the water: their own place at sea, or the nearest that ships reach."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats, m_of_chord, unit_xyz
from vesseltrack.core.runs import Ints
from vesseltrack.routing.graph import OpenSea

N_NEAR: Final = 12  # nodes around a place, of which it sees some


@dataclass(frozen=True, eq=False)
class Places:
    """Where points join the water, one row a point.

    Parameters
    ----------
    xyz : (n, 3)
        Unit vectors of the places on the water.
    snap_m : (n,)
        How far each is from the point given [m]; 0 at sea.
    node : (n, k)
        The nearest nodes, nearest first.
    node_m : (n, k)
        How far they are from the place [m].
    """

    xyz: Floats
    snap_m: Floats
    node: Ints
    node_m: Floats


def places_of(sea: OpenSea, lat: Floats, lon: Floats, n_near: int = N_NEAR) -> Places:
    """Return where points join the water, however far that is.

    Parameters
    ----------
    sea : OpenSea
        What they join.
    lat, lon : (n,)
        Points without NaN [deg].
    n_near : int
        How many nodes to look for around each.
    """
    xyz = unit_xyz(lat, lon)
    dry = np.flatnonzero(~sea.water.is_water(lat, lon))
    given = xyz[dry]
    if dry.size:
        wet_lat, wet_lon, found = sea.water.nearest(lat[dry], lon[dry])
        xyz[dry[found]] = unit_xyz(wet_lat[found], wet_lon[found])
        far = dry[~found]
        _, nearest = sea.tree.query(xyz[far])
        xyz[far] = sea.points[nearest]
    snap_m = np.zeros(lat.size)
    snap_m[dry] = m_of_chord(np.linalg.norm(xyz[dry] - given, axis=1))
    chord, node = sea.tree.query(xyz, k=n_near)
    return Places(
        xyz, snap_m, node.reshape(lat.size, n_near), m_of_chord(chord.reshape(node.shape))
    )


def nodes_in_sight(sea: OpenSea, places: Places, row: int) -> tuple[Ints, Floats]:
    """Return the nodes that a place leads to, and how far they are [m].

    Those in sight; where there are none (a pool in the mask), the nearest node alone, whatever
    lies between.
    """
    node, node_m = places.node[row], places.node_m[row]
    seen = sea.water.sees(np.broadcast_to(places.xyz[row], (node.size, 3)), sea.points[node])
    return (node[seen], node_m[seen]) if seen.any() else (node[:1], node_m[:1])
