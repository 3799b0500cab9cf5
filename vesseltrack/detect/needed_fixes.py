"""Which fixes may still be asked for: those of vessels that one gone silent may turn out near to.

Two vessels are a pair at a check time once it is known where both were then, and their reports
around it are looked at. Where a vessel was is told by its next report. So of a vessel that goes on
reporting fixes are needed only where it came within reach of one that has not been heard since.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.spatial import cKDTree

from vesseltrack.core.geodesy import Floats, chord_of_m, unit_xyz
from vesseltrack.core.records import Rows, n_rows, take
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.detect.close_quarters import Window

_POLAR_DEG: Final = 80.0
_DETOUR: Final = 1.1
_POLAR_DETOUR: Final = 2.0  # half a circle about the pole against the way across


@dataclass(frozen=True)
class Silent:
    """Vessels not heard since a time: their last fixes, and the time [us]."""

    rows: Rows
    until_us: int

    @classmethod
    def of(cls, last: Rows, until_us: int) -> "Silent":
        """Return those of last fixes of vessels that were before a time."""
        return cls(take(last, last["t_us"] < until_us) if last else {}, until_us)

    @property
    def keys(self) -> Ints:
        """The vessels, rising."""
        return self.rows.get("key", np.zeros(0, dtype=np.int64))

    def near(self, checks: Rows, least_port_m: float, distance_m: float, window: Window) -> Bools:
        """Return which places one of them may be close to by then, shape (n,).

        Parameters
        ----------
        checks : Rows
            `lat` and `lon` of other vessels up to the time [deg].
        least_port_m : float
            One this near a port comes close to nobody [m].
        distance_m : float
            What is close [m].
        window : Window
            How fast vessels go.
        """
        found = np.zeros(n_rows(checks), dtype=np.bool_)
        if not n_rows(self.rows):
            return found
        at_sea = np.minimum(self.rows["port_m"], self.rows["anchorage_m"]) > least_port_m
        silent = take(self.rows, at_sea)
        # Straight on the chart is not the shortest way: hardly longer, but near a pole.
        detour = np.where(np.abs(silent["lat"]) < _POLAR_DEG, _DETOUR, _POLAR_DETOUR)
        reach_m = detour * window.reach_m(self.until_us - silent["t_us"]) + distance_m
        places = unit_xyz(checks["lat"], checks["lon"])
        while reach_m.size:
            farthest_m = float(reach_m.max())
            is_far = reach_m > farthest_m / 2
            found |= _within(places, take(silent, is_far), farthest_m)
            silent, reach_m = take(silent, ~is_far), reach_m[~is_far]
        return found


def _within(places: Floats, rows: Rows, reach_m: float) -> Bools:
    """Return which places lie within reach of any row, shape (n,)."""
    tree: Any = cKDTree(unit_xyz(rows["lat"], rows["lon"]))
    distance, _ = tree.query(places, distance_upper_bound=float(chord_of_m(reach_m)))
    return np.asarray(np.isfinite(distance))
