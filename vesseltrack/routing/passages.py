"""The canals, narrows and sounds that a route may take, and which of them a vessel finds open."""

import functools
import json
from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from vesseltrack.core.geodesy import Floats, unit_xyz
from vesseltrack.core.paths import arcs_cross
from vesseltrack.errors import RouteError

Point = tuple[float, float]
Line = tuple[Point, ...]

_N_SHIPS = 4_096  # sizes of vessels kept: each voyage asks several times
_ON_BOTH_SIDES: Final = 1e-12  # more than the rounding of a product that is negative


@dataclass(frozen=True)
class Passage:
    """One passage of `data/passages.json`.

    Parameters
    ----------
    id, name : str
        Short lower-case identifier, and the name for people.
    kind : str
        canal, narrow (natural, deep enough for ships), shallow (a sound big ships do not use),
        waterway (inland, far into the land) or ice.
    opening : str
        open: to all but those known to exceed a limit. within_limits: only to vessels known to
        keep them, since most do not. closed: only when asked for by `via`.
    max_draught_m, max_length_m : float or None
        Greatest vessel admitted [m]; None where no limit is set.
    source : str
        Where the limits come from.
    line : tuple of (lat, lon)
        The way through, from open water to open water [deg].
    gates : tuple of lines
        What passes through crosses one of these [deg].
    """

    id: str
    name: str
    kind: Literal["canal", "narrow", "shallow", "waterway", "ice"]
    opening: Literal["open", "within_limits", "closed"]
    max_draught_m: float | None
    max_length_m: float | None
    source: str
    line: Line
    gates: tuple[Line, ...]

    def keeps_limits(self, draught_m: float | None, length_m: float | None) -> bool:
        """Return whether nothing known of a vessel exceeds a limit."""
        return not (
            _exceeds(draught_m, self.max_draught_m) or _exceeds(length_m, self.max_length_m)
        )

    def is_open_to(self, draught_m: float | None, length_m: float | None) -> bool:
        """Return whether a vessel that asks for nothing special may be sent through."""
        if self.opening == "closed" or not self.keeps_limits(draught_m, length_m):
            return False
        # Draught changes with the load and is often unknown; length tells a coaster from a ship.
        return self.opening == "open" or _is_known(length_m)


@functools.lru_cache(maxsize=1)
def passages() -> tuple[Passage, ...]:
    """Return every passage of the shipped table, in its order."""
    text = (files("vesseltrack") / "data" / "passages.json").read_text(encoding="utf-8")
    return tuple(
        Passage(
            **{
                **row,
                "line": _as_line(row["line"]),
                "gates": tuple(_as_line(gate) for gate in row["gates"]),
            }
        )
        for row in json.loads(text)
    )


def passage(identifier: str) -> Passage:
    """Return the passage with an id.

    Raises
    ------
    RouteError
        If there is none; the text lists those that there are.
    """
    for known in passages():
        if known.id == identifier:
            return known
    msg = f"no passage {identifier!r}; known are {', '.join(p.id for p in passages())}"
    raise RouteError(msg)


def closed_to(
    *,
    draught_m: float | None = None,
    length_m: float | None = None,
    avoid: Collection[str] = (),
    via: Collection[str] = (),
) -> frozenset[str]:
    """Return the ids of the passages that a vessel cannot take.

    Parameters
    ----------
    draught_m, length_m : float or None
        The vessel's [m]; None or NaN where unknown.
    avoid : collection of str
        Closed besides.
    via : collection of str
        Opened though closed by default, but not against a limit.

    Raises
    ------
    RouteError
        If an id is unknown, or a passage is asked for that is avoided or too small.
    """
    return _closed_to(draught_m, length_m, tuple(avoid), tuple(via))


@functools.lru_cache(maxsize=_N_SHIPS)
def _closed_to(
    draught_m: float | None, length_m: float | None, avoid: tuple[str, ...], via: tuple[str, ...]
) -> frozenset[str]:
    for identifier in avoid:
        passage(identifier)
    for identifier in via:
        _check_asked_for(passage(identifier), avoid, draught_m, length_m)
    return frozenset(
        p.id
        for p in passages()
        if p.id in avoid or not (p.id in via or p.is_open_to(draught_m, length_m))
    )


def passages_crossed(lat: npt.ArrayLike, lon: npt.ArrayLike) -> tuple[str, ...]:
    """Return the ids of the passages that a line of great-circle arcs takes, in its order."""
    points = unit_xyz(lat, lon)
    gate_start, gate_end, planes, of_gate = _gates()
    # An arc that stays on one side of a gate's plane does not cross it, and nearly all do.
    side = points @ planes.T
    arc, gate = (side[:-1] * side[1:] < _ON_BOTH_SIDES).nonzero()
    crosses = arcs_cross(points[arc], points[arc + 1], gate_start[gate], gate_end[gate])
    found = zip(arc[crosses].tolist(), gate[crosses].tolist(), strict=True)
    crossings = sorted((nth, of_gate[one]) for nth, one in found)
    return tuple(dict.fromkeys(identifier for _, identifier in crossings))


def _check_asked_for(
    asked: Passage, avoid: Collection[str], draught_m: float | None, length_m: float | None
) -> None:
    if asked.id in avoid:
        msg = f"passage {asked.id} is both asked for and avoided"
        raise RouteError(msg)
    if not asked.keeps_limits(draught_m, length_m):
        msg = (
            f"passage {asked.id} admits a draught of {_limit(asked.max_draught_m)} and a length "
            f"of {_limit(asked.max_length_m)}; the vessel has {_limit(draught_m)} and "
            f"{_limit(length_m)}"
        )
        raise RouteError(msg)


def _limit(value_m: float | None) -> str:
    return f"{value_m:g} m" if _is_known(value_m) else "any size"


def _is_known(value: float | None) -> bool:
    return value is not None and not np.isnan(value)


def _exceeds(value_m: float | None, limit_m: float | None) -> bool:
    return value_m is not None and limit_m is not None and value_m > limit_m


def _as_line(points: list[list[float]]) -> Line:
    return tuple((lat, lon) for lat, lon in points)


@functools.lru_cache(maxsize=1)
def _gates() -> tuple[Floats, Floats, Floats, tuple[str, ...]]:
    """Return the arcs of all gates as unit vectors (n, 3), their planes, and their passages."""
    arcs = [(p.id, arc) for p in passages() for gate in p.gates for arc in pairwise(gate)]
    ends = np.array([arc for _, arc in arcs], dtype=float)
    start, end = unit_xyz(*ends[:, 0].T), unit_xyz(*ends[:, 1].T)
    return start, end, np.cross(start, end), tuple(identifier for identifier, _ in arcs)
