"""The network that is loaded: searoute's, bettered by our passages and by what is in sight.

Lengths are computed anew on the sphere of `vesseltrack.units`: the package's are of another
radius, rounded, and partly of another path.
"""

import functools
import threading
from collections.abc import Sequence

import numpy as np
import searoute
from scipy.spatial import cKDTree

from vesseltrack.core.geodesy import Floats, chord_of_m, unit_xyz, wrap_lon_deg
from vesseltrack.core.paths import densify
from vesseltrack.core.runs import Ints
from vesseltrack.routing.additions import approaches, sights
from vesseltrack.routing.network import Network
from vesseltrack.routing.passages import any_crossed, passages
from vesseltrack.routing.sight import in_sight

Edges = tuple[Floats, Floats, Ints, Ints]  # node lat, node lon, edge start, edge end

# Where our line is truer; through ice and far inland the package's edges serve.
_OWN_LINE = ("canal", "narrow", "shallow")
_CHAIN_STEP_M = 1_000.0  # a vessel in a canal is never farther than half of this from a node
_STITCH_M = 3_000.0  # the package's nodes this near a chain lie in the same water
_JOIN_EDGES = 24  # edges that the end of a chain may be joined to

_LOADING = threading.Lock()


def network() -> Network:
    """Return the network: built at the first call, about a second, then shared by all threads."""
    with _LOADING:  # lru_cache alone would let two threads build at once
        return _built()


@functools.lru_cache(maxsize=1)
def _built() -> Network:
    drawn = drawn_network(approaches())
    return drawn.with_edges(*sights(drawn))


def drawn_network(harbour_lines: Sequence[tuple[Floats, Floats]]) -> Network:
    """Return the network of lines: the package's, our passages, and ways into harbours.

    Parameters
    ----------
    harbour_lines : sequence of (lat, lon)
        Ways out of sheltered harbours [deg]; the last point of each sees nodes.
    """
    lat, lon, start, end = _package_edges()
    points = unit_xyz(lat, lon)
    own = [p for p in passages() if p.kind in _OWN_LINE]
    replaced = any_crossed(points[start], points[end], [p.id for p in own])
    base = Network.of_edges(lat, lon, start[~replaced], end[~replaced])
    edges = (base.lat, base.lon, base.start, base.end)
    for passage in own:
        line_lat, line_lon = np.array(passage.line).T
        line = densify(line_lat, line_lon, _CHAIN_STEP_M)
        edges = _with_chain(edges, base, line, tips=(0, -1))
    for line in harbour_lines:
        edges = _with_chain(edges, base, line, tips=(-1,))
    return Network.of_edges(*edges)


def _package_edges() -> Edges:
    """Return searoute's network; nodes written at both 180 and -180 degrees become one."""
    number: dict[tuple[float, float], int] = {}
    ends = []
    for pair in searoute.setup_M().edges:
        places = [(round(lat, 6), round(float(wrap_lon_deg(lon)), 6)) for lon, lat in pair]
        ends.append([number.setdefault(place, len(number)) for place in places])
    lat, lon = np.array(list(number), dtype=float).T
    start, end = np.array(ends, dtype=np.int64).T
    is_way = start != end
    return lat, lon, start[is_way], end[is_way]


def _with_chain(
    edges: Edges, base: Network, line: tuple[Floats, Floats], *, tips: Sequence[int]
) -> Edges:
    """Return the edges with a line among them, joined to the water at the tips named."""
    lat, lon, start, end = edges
    chain_lat, chain_lon = line
    chain = lat.size + np.arange(chain_lat.size)
    pairs = [np.stack([chain[:-1], chain[1:]])]
    for tip in tips:
        nodes = _nodes_in_sight(base, chain_lat[tip], chain_lon[tip])
        pairs.append(np.stack([np.full(nodes.size, chain[tip]), nodes]))
    pairs.append(_stitches(base, chain, unit_xyz(chain_lat, chain_lon)))
    more_start, more_end = np.concatenate(pairs, axis=1)
    return (
        np.concatenate([lat, chain_lat]),
        np.concatenate([lon, chain_lon]),
        np.concatenate([start, more_start]),
        np.concatenate([end, more_end]),
    )


def _nodes_in_sight(base: Network, lat: float, lon: float) -> Ints:
    """Return the nodes that the tip of a chain sees; the nearest one if it sees none."""
    near = base.near_nodes(np.array([lat]), np.array([lon]), _JOIN_EDGES)[0]
    nodes = np.array(list(dict.fromkeys(near.tolist())))
    seen = in_sight(lat, lon, base.lat[nodes], base.lon[nodes])
    return nodes[seen] if seen.any() else nodes[:1]


def _stitches(base: Network, chain: Ints, chain_points: Floats) -> Ints:
    """Return edges from the package's nodes beside a chain to its nearest node, shape (2, n)."""
    distance, nearest = cKDTree(chain_points).query(
        unit_xyz(base.lat, base.lon), distance_upper_bound=float(chord_of_m(_STITCH_M))
    )
    beside = np.flatnonzero(np.isfinite(distance))
    return np.stack([chain[nearest[beside]], beside])
