"""What we add to the package's network: ways into harbours, and legs between nodes in sight.

Both are worked out beforehand by `fixtures/make/sea_ways.py` and shipped in `data/sea_ways.npz`.
Legs in sight straighten a network that was drawn by hand; without them half of all routes are
more than 5 % too long.
"""

import functools
import io
import zlib
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.runs import Ints
from vesseltrack.routing.network import NO_NODE, Network
from vesseltrack.routing.passages import passages
from vesseltrack.routing.sight import in_sight

_FILE: Final = "sea_ways.npz"
_N_EDGES: Final = 48  # edges near a node whose ends are tried


def approaches() -> list[tuple[Floats, Floats]]:
    """Return lines from sheltered harbours to where a node of the network is in sight [deg]."""
    lat, lon, offsets = (_shipped()[f"approach_{name}"] for name in ("lat", "lon", "offsets"))
    return [(lat[a:b], lon[a:b]) for a, b in pairwise(offsets)]


def sights(network: Network) -> Ints:
    """Return the pairs of nodes to join because they see each other, shape (2, n).

    Shipped for the network that they were worked out for; for any other (a newer package, a
    changed passage) they are worked out now, in some seconds.
    """
    shipped = _shipped()
    if int(shipped["nodes_crc"]) == nodes_crc(network):
        return np.stack([shipped["sight_start"], shipped["sight_end"]]).astype(np.int64)
    return find_sights(network)


def nodes_crc(network: Network) -> int:
    """Return a checksum of the nodes, by which their numbering is known again."""
    e5 = np.round(np.stack([network.lat, network.lon]) * 1e5).astype("<i4")
    return zlib.crc32(e5.tobytes())


def find_sights(network: Network) -> Ints:
    """Return the pairs of near nodes that see each other through no passage, shape (2, n)."""
    near = network.nodes_around(network.lat, network.lon, _N_EDGES)
    node = np.repeat(np.arange(network.lat.size), near.shape[1])
    pairs = np.stack([node, near.ravel()])
    pairs = np.sort(pairs[:, (pairs[1] != NO_NODE) & (pairs[0] != pairs[1])], axis=0)
    joined = np.sort(np.stack([network.start, network.end]), axis=0)
    n = network.lat.size
    codes = np.setdiff1d(pairs[0] * n + pairs[1], joined[0] * n + joined[1])
    start, end = np.divmod(codes, n)
    lat, lon = network.lat, network.lon
    seen = in_sight(lat[start], lon[start], lat[end], lon[end], [p.id for p in passages()])
    return np.stack([start[seen], end[seen]])


@functools.lru_cache(maxsize=1)
def _shipped() -> dict[str, npt.NDArray[Any]]:
    data = (files("vesseltrack") / "data" / _FILE).read_bytes()
    with np.load(io.BytesIO(data)) as arrays:
        return dict(arrays)
