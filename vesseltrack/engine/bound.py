"""Where voyages went against what was declared: away from the port, or into another one."""

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack import routing, tracks
from vesseltrack.config.detect.destination_mismatch import DestinationMismatchDefault
from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.runs import offsets_of_sorted
from vesseltrack.core.vessel_keys import keys_of
from vesseltrack.engine.declared import (
    Call,
    Calls,
    Fixes,
    Said,
    Spell,
    declarations,
    ports,
    spells,
)
from vesseltrack.engine.passage import Points, Ship
from vesseltrack.errors import RouteError
from vesseltrack.schema import BOUND, DOUBTFUL
from vesseltrack.units import US_PER_HOUR, h_to_us, m_to_nm

Row = dict[str, Any]

_M_PER_KM: Final = 1_000.0
_THROUGH: Final = Ship(draught_m=0.1, length_m=1.0)  # keeps the limits of every passage
_WITH_A_WAY_AROUND: Final = ("canal", "shallow", "waterway")  # kinds of passages
_WAYS: Final = ("remaining_nm", "around_nm")


@dataclass(eq=False)
class Heading:
    """A part of a voyage under one declaration; columns are of its samples, shape (n,)."""

    key: int
    voyage_id: str
    said: Said
    points: Points
    departures_us: Sequence[int]  # when the vessel left the declared port
    changed_from: str | None  # the port declared before on the same way
    call: Call | None  # elsewhere, at the end of it
    ways: dict[str, Floats] = field(default_factory=dict)  # by the name of their column

    @property
    def port(self) -> int:
        """The row of the declared port in the list."""
        assert self.said.port is not None
        return self.said.port

    def needs_ways(self, rule: DestinationMismatchDefault) -> bool:
        """Return whether it leads to a call elsewhere, or may have led away for long enough.

        As the crow flies too: a field of distances takes a tenth of a second to make.
        """
        lasted_h = (self.points.t_us[-1] - self.points.t_us[0]) / US_PER_HOUR
        if self.call is not None or lasted_h < rule.min_away_h:
            return self.call is not None
        place = ports().place(self.port)
        straight_m = great_circle_m(self.points.lat, self.points.lon, *place)
        return _rise(m_to_nm(straight_m)) >= rule.min_straight_nm

    def rises_nm(self) -> float:
        """Return how much the remaining distance rose from its least before, at most [nm]."""
        known = self.ways["remaining_nm"]
        return _rise(known[np.isfinite(known)])

    def left_us(self, t_us: int) -> int | None:
        """Return when the vessel last left the declared port, up to a time [us]."""
        place = bisect_right(self.departures_us, t_us)
        return self.departures_us[place - 1] if place else None

    @property
    def is_left_over(self) -> bool:
        """Whether the vessel has been where it says it is bound for, and left."""
        left_us = self.left_us(int(self.points.t_us[0]))
        return left_us is not None and left_us > self.said.since_us

    def rows(self, fixes: Fixes, *, has_risen: bool) -> Iterator[Row]:
        """Yield its rows of `BOUND`."""
        n = self.points.t_us.size
        shown = range(n) if has_risen else range(int(self.changed_from is not None))
        for row in shown:
            since_us = self.points.t_us[row - 1] + 1 if row else self.points.t_us[0]
            t_us = int(self.points.t_us[row])
            yield self._row(row, t_us) | {
                "changed_from": None if row else self.changed_from,
                "n": fixes.between(self.key, int(since_us), t_us),
            }
        if self.call is not None:
            arrival_us, departure_us, lat, lon, port, is_open = self.call
            yield self._row(n - 1, departure_us) | {
                "lat": lat,
                "lon": lon,
                "n": fixes.between(self.key, arrival_us, departure_us),
                "arrival": arrival_us,
                "called_at": port,
                "is_open": is_open,
            }

    def _row(self, row: int, t_us: int) -> Row:
        port_lat, port_lon = ports().place(self.port)
        ways = {
            name: _or_none(self.ways[name][row]) if name in self.ways else None for name in _WAYS
        }
        remaining_nm = self.ways.get("remaining_nm", np.full(row + 1, np.nan))
        known = remaining_nm[: row + 1][np.isfinite(remaining_nm[: row + 1])]
        return {
            "vessel_key": self.key,
            "timestamp": t_us,
            "lat": float(self.points.lat[row]),
            "lon": float(self.points.lon[row]),
            "voyage_id": self.voyage_id,
            "text": self.said.text,
            "port": ports().names[self.port],
            "port_lat": port_lat,
            "port_lon": port_lon,
            "certainty": self.said.certainty,
            "declared": self.said.since_us,
            "left": self.left_us(t_us),
            "changed_from": None,
            **ways,
            "first_nm": _or_none(remaining_nm[0]),
            "least_nm": float(known.min()) if known.size else None,
            "sailed_nm": float(self.points.sailed_nm[row] - self.points.sailed_nm[0]),
            "n": 0,
            "arrival": None,
            "called_at": None,
            "is_open": False,
        }


def bound_table(built: tracks.Tracks, rule: DestinationMismatchDefault) -> pa.Table:
    """Return `BOUND` of some vessels, in the order of its key.

    Of vessels that declared a listed port: where the way there by sea grew, the first fix under
    another declaration, and calls elsewhere. What stands in a row was known by its time, and does
    not depend on the other vessels.

    Parameters
    ----------
    built : Tracks
        What tracks made of them.
    rule : DestinationMismatchDefault
        How often to look, and from when on a declaration counts.
    """
    headings = list(_headings(built, rule))
    far = [heading for heading in headings if heading.needs_ways(rule)]
    _measure(far, "remaining_nm", _THROUGH)
    risen = {one: None for one in far if one.rises_nm() >= rule.min_grown_nm}  # in order
    around = tuple(one.id for one in routing.passages() if one.kind in _WITH_A_WAY_AROUND)
    _measure(risen, "around_nm", Ship(avoid=around))
    shown = [one for one in headings if one in risen or one.call or one.changed_from]
    if not shown:
        return BOUND.empty()
    fixes = Fixes(built.fixes, int(DOUBTFUL))
    rows = [row for one in shown for row in one.rows(fixes, has_risen=one in risen)]
    rows.sort(key=lambda row: (row["timestamp"], row["vessel_key"]))
    return BOUND.of({name: [row[name] for row in rows] for name in BOUND.names})


def _headings(built: tracks.Tracks, rule: DestinationMismatchDefault) -> Iterator[Heading]:
    """Yield the parts of all voyages under each declaration."""
    said = declarations(built.said, rule.min_certainty)
    calls = Calls(built.port_calls)
    points_of = _Samples(built.ways, h_to_us(rule.sample_h))
    min_us, reach_m = h_to_us(rule.min_declared_h), rule.port_reach_km * _M_PER_KM
    names = ("voyage_id", "vessel_id", "destination_by", "is_open")
    voyages = built.voyages.select(names).to_pylist()
    keys = keys_of(voyage["vessel_id"] for voyage in voyages).tolist()
    for key, voyage in zip(keys, voyages, strict=True):
        if key not in said:
            continue
        points = points_of.of(voyage["voyage_id"])
        call = calls.at(key, int(points.t_us[-1])) if voyage["destination_by"] == "call" else None
        before: Heading | None = None
        for spell in spells(said[key], points.t_us.tolist(), min_us):
            port = spell.said.port
            assert port is not None
            sampled = points.part(spell.first, spell.stop)
            if _may_mean_another(spell.said, sampled):
                continue
            heading = Heading(
                key,
                voyage["voyage_id"],
                spell.said,
                sampled,
                calls.departures_us(key, port, reach_m),
                _changed(before, spell),
                _elsewhere(call, spell, points, reach_m),
            )
            before = heading
            yield heading


def _may_mean_another(said: Said, points: Points) -> bool:
    """Return whether another port of the name declared lies nearer when that begins to count."""
    assert said.port is not None
    apart_m = [ports().apart_m(port, *points.start) for port in (said.port, *said.namesakes)]
    return min(apart_m) < apart_m[0]


def _changed(before: Heading | None, spell: Spell) -> str | None:
    """Return the port that was declared before; None where that was left over, or the same."""
    if before is None or before.is_left_over or before.port == spell.said.port:
        return None
    return ports().names[before.port]


def _elsewhere(call: Call | None, spell: Spell, points: Points, reach_m: float) -> Call | None:
    """Return the call that ends a way under a declaration, if it is not at the declared port."""
    is_last = spell.stop == points.t_us.size and spell.stop - spell.first > 1
    if call is None or not is_last or spell.said.port is None:
        return None
    return call if ports().apart_m(spell.said.port, call.lat, call.lon) > reach_m else None


class _Samples:
    """The ways of voyages, a point an hour or so, with the last."""

    def __init__(self, ways: pa.Table, every_us: int) -> None:
        names = ways["voyage_id"].to_numpy()
        self._points, self._every_us = Points.of(ways), every_us
        pairs = itertools.pairwise(offsets_of_sorted(names).tolist())
        self._span_of = {names[first]: (first, stop) for first, stop in pairs}

    def of(self, voyage_id: str) -> Points:
        """Return those of one voyage."""
        whole = self._points.part(*self._span_of[voyage_id])
        is_first = np.diff(whole.t_us // self._every_us, prepend=-1) != 0
        is_first[-1] = True
        rows = np.flatnonzero(is_first)
        return Points(
            whole.t_us[rows],
            whole.lat[rows],
            whole.lon[rows],
            whole.sailed_nm[rows],
            whole.max_gap_h[rows],
        )


def _measure(headings: Iterable[Heading], name: str, ship: Ship) -> None:
    """Fill how far remains at each sample; what leads to one port is looked up together."""
    groups: dict[int, list[Heading]] = defaultdict(list)
    for heading in headings:
        groups[heading.port].append(heading)
    for port, those in sorted(groups.items()):
        lat, lon = (
            np.concatenate([getattr(one.points, axis) for one in those]) for axis in ("lat", "lon")
        )
        remaining_nm = _remaining_nm(port, ship, lat, lon)
        stops = np.cumsum([one.points.t_us.size for one in those])[:-1]
        for one, part in zip(those, np.split(remaining_nm, stops), strict=True):
            one.ways[name] = part


def _remaining_nm(port: int, ship: Ship, lat: Floats, lon: Floats) -> Floats:
    try:
        towards = routing.distance_field(
            ports().place(port), avoid=ship.avoid, draught_m=ship.draught_m, length_m=ship.length_m
        )
    except RouteError:  # it lies too far inland, or behind what is closed
        return np.full(lat.size, np.nan)
    return towards.roughly_nm(lat, lon)


def _rise(distance: Floats) -> float:
    """Return how much a distance rose from its least before, at most; 0 without any."""
    return float((distance - np.minimum.accumulate(distance)).max(initial=0.0))


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
