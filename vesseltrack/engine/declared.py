"""What each vessel declared as its destination, when, and the ports where it then lay."""

import functools
import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import tracks
from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.vessel_keys import keys_of


class Said(NamedTuple):
    """A destination as declared from a time on [us]; without a port it means none for sure."""

    since_us: int
    text: str
    port: int | None  # row of the list
    certainty: float
    namesakes: tuple[int, ...] = ()  # other ports of that name, all of them small


class Call(NamedTuple):
    """One stay in a port, from its first fix to its last [us, deg]."""

    arrival_us: int
    departure_us: int
    lat: float
    lon: float
    port: str | None
    is_open: bool


class Ports(NamedTuple):
    """The listed ports as columns, by the rows that destinations are read as."""

    names: Sequence[str]
    lat: Floats
    lon: Floats
    is_large: Sequence[bool]

    def place(self, port: int) -> tuple[float, float]:
        """Return where a port lies [deg]."""
        return float(self.lat[port]), float(self.lon[port])

    def apart_m(self, port: int, lat: float, lon: float) -> float:
        """Return how far a place lies from a port [m]."""
        return float(great_circle_m(*self.place(port), lat, lon))


@functools.lru_cache(maxsize=1)
def ports() -> Ports:
    """Return the listed ports."""
    table = tracks.listed_ports()
    names, is_large = (table[name].to_pylist() for name in ("name", "is_large"))
    return Ports(names, table["lat"].to_numpy(), table["lon"].to_numpy(), is_large)


def declarations(said: pa.Table, min_certainty: float) -> dict[int, list[Said]]:
    """Return what each vessel (by key) declared, one after the other, each port once in a row.

    Of ports with one name the large one is meant, if there is just one. A text that means no
    listed port, several, or one less surely than asked, stands as one without a port: nobody can
    tell whether the vessel keeps to it.
    """
    spoken = said.filter(pc.is_valid(said["destination"]))
    columns = (
        spoken["vessel_key"].to_pylist(),
        spoken["timestamp"].cast(pa.int64()).to_pylist(),
        spoken["destination"].to_pylist(),
    )
    found: dict[int, list[Said]] = defaultdict(list)
    for key, t_us, text in zip(*columns, strict=True):
        one = _read(t_us, text, min_certainty)
        if not found[key] or found[key][-1].port != one.port:
            found[key].append(one)
    return {key: told for key, told in found.items() if any(one.port is not None for one in told)}


def _read(t_us: int, text: str, min_certainty: float) -> Said:
    meant = tracks.resolve_destination(text)
    large = [port for port in meant.ports if ports().is_large[port]]
    one = meant.ports if len(meant.ports) == 1 else large
    if len(one) != 1 or meant.confidence < min_certainty:
        return Said(t_us, text, None, meant.confidence)
    namesakes = tuple(port for port in meant.ports if port != one[0])
    return Said(t_us, text, one[0], meant.confidence, namesakes)


class Calls:
    """The calls of each vessel (by key), in order of time."""

    def __init__(self, port_calls: pa.Table) -> None:
        self._of: dict[int, list[Call]] = defaultdict(list)
        keys = keys_of(port_calls["vessel_id"].to_pylist()).tolist()
        times = (
            port_calls[name].cast(pa.int64()).to_pylist() for name in ("arrival", "departure")
        )
        rest = (port_calls[name].to_pylist() for name in ("lat", "lon", "port", "is_open"))
        for key, *call in zip(keys, *times, *rest, strict=True):
            self._of[key].append(Call(*call))

    def at(self, key: int, arrival_us: int) -> Call | None:
        """Return the call that began at a time, or None."""
        return next(
            (call for call in self._of.get(key, ()) if call.arrival_us == arrival_us), None
        )

    def departures_us(self, key: int, port: int, reach_m: float) -> list[int]:
        """Return when a vessel left a port, in order [us]."""
        return [
            call.departure_us
            for call in self._of.get(key, ())
            if not call.is_open and ports().apart_m(port, call.lat, call.lon) <= reach_m
        ]


class Spell(NamedTuple):
    """A part of a voyage under one declaration: a half-open range of its samples."""

    said: Said
    first: int
    stop: int


def spells(said: Sequence[Said], t_us: Sequence[int], min_us: int) -> list[Spell]:
    """Return the parts of a way under each declaration of a port, once that has stood a while.

    Parameters
    ----------
    said : sequence of Said
        What the vessel declared, in order of time.
    t_us : sequence of int
        When it was sampled, rising [us].
    min_us : int
        How long a declaration has stood before it counts [us].
    """
    since = [one.since_us for one in said]
    nth = [bisect_right(since, at) - 1 for at in t_us]
    counts = [
        one >= 0 and said[one].port is not None and at - since[one] >= min_us
        for one, at in zip(nth, t_us, strict=True)
    ]
    found, first = [], 0
    for (which, is_told), group in itertools.groupby(zip(nth, counts, strict=True)):
        stop = first + len(list(group))
        if is_told:
            found.append(Spell(said[which], first, stop))
        first = stop
    return found


class Fixes:
    """How many good fixes a vessel has between two times."""

    def __init__(self, fixes: pa.Table, doubtful: int) -> None:
        good = (fixes["quality"].to_numpy() & doubtful) == 0
        key = fixes["vessel_key"].to_numpy()[good]
        order = np.argsort(key, kind="stable")  # fixes come in time order, which this keeps
        self._key = key[order]
        self._t_us = fixes["timestamp"].cast(pa.int64()).to_numpy()[good][order]

    def between(self, key: int, start_us: int, end_us: int) -> int:
        """Return the number from a time to another, both included."""
        first, stop = np.searchsorted(self._key, [key, key + 1])
        begin, end = np.searchsorted(self._t_us[first:stop], [start_us, end_us + 1])
        return int(end - begin)
