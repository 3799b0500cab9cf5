"""Visits as far as they are known, of which those about a place and before a time are asked."""

import functools

import numpy as np

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.by_place import ByPlace
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, take
from vesseltrack.detect.drop_cues import M_PER_KM


class KnownVisits:
    """Visits by their end, of which those about a place are asked."""

    def __init__(self, rows: Rows, rule: DropPickupDefault) -> None:
        self.rows = rows
        self._region_m = (rule.region_km + 1) * M_PER_KM

    @functools.cached_property
    def _places(self) -> ByPlace:
        return ByPlace(self.rows["lat"], self.rows["lon"], self._region_m)

    def near(self, visit: Row) -> Rows:
        """Return the visits in the region of one that were known when it began."""
        if not self.rows:
            return {}
        _, rows = self._places.near(np.array([visit["lat"]]), np.array([visit["lon"]]))
        rows = np.sort(rows)
        known = take(self.rows, rows[self.rows["end_us"][rows] <= visit["start_us"]])
        m = great_circle_m(known["lat"], known["lon"], visit["lat"], visit["lon"])
        return take(known, m <= self._region_m)
