"""Where points take to the water: their own place at sea, or the nearest that ships reach."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats, lat_lon_of_xyz, lengths, m_of_chord, unit_xyz
from vesseltrack.core.runs import Ints
from vesseltrack.routing.graph import OpenSea
from vesseltrack.routing.grid import centre_of, pixel_of

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
    snap_m[dry] = m_of_chord(lengths(xyz[dry] - given))
    chord, node = sea.tree.query(xyz, k=n_near)
    return Places(
        xyz, snap_m, node.reshape(lat.size, n_near), m_of_chord(chord.reshape(node.shape))
    )


def inland_m(sea: OpenSea, point: tuple[float, float], more_than_m: float) -> float:
    """Return how far a point far inland lies from water that ships reach [m]; 0 for any other.

    What `seated` would say of it, in a third of the time.

    Parameters
    ----------
    sea : OpenSea
        What it would join.
    point : (lat, lon)
        Without NaN [deg].
    more_than_m : float
        What counts as far [m].
    """
    lat, lon = np.array([point], dtype=float).T
    xyz = unit_xyz(lat, lon)
    _, node = sea.tree.query(xyz)
    off_m = float(m_of_chord(lengths(sea.points[node] - xyz))[0])
    if off_m <= more_than_m or sea.water.is_water(lat, lon)[0]:
        return 0.0
    return 0.0 if sea.water.nearest(lat, lon)[2][0] else off_m


def together(places: Sequence[Places]) -> Places:
    """Return places one after the other; each was found whatever the others are."""
    names = [column.name for column in fields(Places)]
    return Places(*(np.concatenate([getattr(one, name) for one in places]) for name in names))


def seated(
    sea: OpenSea, places: Places, lat: Floats, lon: Floats
) -> tuple[Places, list[tuple[Ints, Floats]]]:
    """Return places, and the nodes that each leads to.

    Parameters
    ----------
    sea : OpenSea
        What they join.
    places : Places
        As `places_of` gives them.
    lat, lon : (n,)
        The points that they were made for [deg].

    Returns
    -------
    places : Places
        Those that see no node, as behind a closed gate, lie on the nearest instead, so that
        `snap_m` tells of whatever is between.
    nodes : list of (node, node_m)
        One a place: the nodes in sight, and how far they are [m].
    """
    nodes = [_nodes_in_sight(sea, places, row) for row in range(len(places.xyz))]
    unseen = np.array([node.size == 0 for node, _ in nodes])
    if not unseen.any():
        return places, nodes
    xyz, snap_m = places.xyz.copy(), places.snap_m.copy()
    xyz[unseen] = sea.points[places.node[unseen, 0]]
    given = unit_xyz(lat[unseen], lon[unseen])
    snap_m[unseen] = m_of_chord(lengths(xyz[unseen] - given))
    for row in np.flatnonzero(unseen):
        nodes[row] = (places.node[row, :1], np.zeros(1))
    return Places(xyz, snap_m, places.node, places.node_m), nodes


def _nodes_in_sight(sea: OpenSea, places: Places, row: int) -> tuple[Ints, Floats]:
    """Return the nodes in sight of a place, or else of the middle of its pixel."""
    node, node_m = places.node[row], places.node_m[row]
    place = places.xyz[row]
    seen = sea.water.sees(np.broadcast_to(place, (node.size, 3)), sea.points[node])
    if not seen.any():
        middle = unit_xyz(*centre_of(*pixel_of(*lat_lon_of_xyz(place))))
        seen = sea.water.sees(np.broadcast_to(middle, (node.size, 3)), sea.points[node])
    return node[seen], node_m[seen]
