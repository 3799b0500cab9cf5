"""The peers that sea routes are held against, each a line between the ends of a pair."""

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import searoute

from sea_accuracy import Pair
from vesseltrack.core.paths import path_length_m
from vesseltrack.units import m_to_nm

Floats = npt.NDArray[np.float64]
Lines = Callable[[Pair], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Peer:
    """A library that gives routes; `line` is None where it cannot be used, `reason` says why."""

    name: str
    line: Lines | None
    reason: str = ""

    def distance_nm(self, pair: Pair) -> float:
        """Return the length of its line between the ends, on our sphere."""
        assert self.line is not None
        return float(m_to_nm(path_length_m(*self.line(pair))))


def peers() -> list[Peer]:
    """Return searoute and scgraph, whose network of the sea lies in its packages before 3."""
    known = [Peer("searoute", searoute_line)]
    try:
        scgraph_network()
        known.append(Peer("scgraph", scgraph_line))
    except ImportError:
        known.append(Peer("scgraph", None, "not installed"))
    return known


def searoute_line(pair: Pair) -> tuple[Floats, Floats]:
    """Return the line of searoute, with the ways from the ends to its network."""
    found = searoute.searoute(pair.start[::-1], pair.end[::-1], units="m")
    lon, lat = np.array(found.geometry["coordinates"]).T
    return _with_ends(pair, lat, lon)


@functools.cache
def scgraph_network() -> Any:
    """Return the network that scgraph takes from Eurostat's, as searoute does."""
    return importlib.import_module("scgraph.geographs.marnet").marnet_geograph


def scgraph_line(pair: Pair) -> tuple[Floats, Floats]:
    """Return the line of scgraph."""
    found = scgraph_network().get_shortest_path(
        origin_node={"latitude": pair.start[0], "longitude": pair.start[1]},
        destination_node={"latitude": pair.end[0], "longitude": pair.end[1]},
    )
    lat, lon = np.array(found["coordinate_path"]).T
    return _with_ends(pair, lat, lon)


def _with_ends(pair: Pair, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    return (
        np.concatenate([[pair.start[0]], lat, [pair.end[0]]]),
        np.concatenate([[pair.start[1]], lon, [pair.end[1]]]),
    )
