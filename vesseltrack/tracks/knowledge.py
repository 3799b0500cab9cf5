"""What calls and voyages are judged by beside the fixes: ports, destinations, ways by sea."""

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vesseltrack.core.geodesy import Floats
from vesseltrack.tracks.destinations import NOWHERE, Destination, resolve_destination
from vesseltrack.tracks.ports import Harbours
from vesseltrack.tracks.statics import Report


class SeaDistance(Protocol):
    """Gives shortest distances by sea."""

    def __call__(self, lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
        """Return the distance between each pair of points [nm]; NaN where there is none."""


class Declared:
    """What each vessel declared as its destination, at any time."""

    def __init__(self, reports: Mapping[int, Sequence[Report]]) -> None:
        self._times: dict[int, list[int]] = {}
        self._texts: dict[int, list[str]] = {}
        for vessel, said in reports.items():
            spoken = [(one.t_us, one.destination) for one in said if one.destination]
            self._times[vessel] = [t_us for t_us, _ in spoken]
            self._texts[vessel] = [text for _, text in spoken]

    def at(self, vessel: int, t_us: int) -> Destination:
        """Return the destination declared last, at or before a time."""
        place = bisect.bisect_right(self._times.get(vessel, []), t_us)
        return resolve_destination(self._texts[vessel][place - 1]) if place else NOWHERE

    def after(self, vessel: int, t_us: int) -> Destination:
        """Return the destination declared next, at or after a time."""
        place = bisect.bisect_left(self._times.get(vessel, []), t_us)
        texts = self._texts.get(vessel, [])
        return resolve_destination(texts[place]) if place < len(texts) else NOWHERE


@dataclass(frozen=True)
class Knowledge:
    """All of it, as one."""

    harbours: Harbours
    declared: Declared
    sea_distance_nm: SeaDistance
    rough_distance_nm: SeaDistance | None = None  # told soon, some per cent too far, or NaN
