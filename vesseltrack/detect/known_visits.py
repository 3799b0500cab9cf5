"""Visits as far as they are known, of which those about a place and before a time are asked."""

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.by_place import ByPlace
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Row, Rows, take
from vesseltrack.core.runs import Ints
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.detect.drop_cues import M_PER_KM
from vesseltrack.units import EARTH_RADIUS_M, US_PER_DAY, US_PER_HOUR

Floats = npt.NDArray[np.float64]

_IN_REGION: Final = 0.65  # half a side of a square well within a circle, of its radius
_BANDS: Final = 12  # of the square, by latitude
_BAND_APART_DEG: Final = 1440.0  # no longitude asked for reaches into the next
_NEAR_POLE_DEG: Final = 80.0
_KM_PER_DEG: Final = EARTH_RADIUS_M * np.pi / 180 / M_PER_KM
_HOURS: Final = 24
_KM2_PER_100: Final = 100.0


class KnownVisits:
    """Visits by their end, of which those about a place are asked."""

    def __init__(self, rows: Rows, rule: DropPickupDefault) -> None:
        self.rows = rows
        self._rule = rule
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

    def least_intensity(self, visits: Rows, first_us: int) -> Floats:
        """Return what the traffic about visits is at least, shape (n,).

        Parameters
        ----------
        visits : Rows
            At least one, with `lat`, `lon` and `start_us`.
        first_us : int
            Since when anything was received [us].

        Returns
        -------
        intensity : (n,)
            Per square kilometre and hour: of the regional mean, which takes a part in it, with as
            many visits as lie in a box within the region, less what two vessels may have made.
        """
        rule, start_us = self._rule, visits["start_us"]
        history_us = round(rule.history_days * US_PER_DAY)
        observed_h = np.clip(start_us - first_us, 0, history_us) / US_PER_HOUR
        prior_h = rule.prior_days * _HOURS
        prior = rule.prior_visits / _KM2_PER_100 / _HOURS
        per_km2 = self._n_about(visits) / (np.pi * rule.region_km**2)
        regional = (per_km2 + prior * prior_h) / (observed_h + prior_h)
        return np.asarray(rule.region_frac * regional)

    def _n_about(self, visits: Rows) -> Ints:
        """Return how many visits of others each of some knows in its region at least, (n,)."""
        rows, start_us = self.rows, visits["start_us"]
        history_us = round(self._rule.history_days * US_PER_DAY)
        if not rows or not start_us.size:
            return np.zeros(start_us.size, dtype=np.int64)
        # Those that all of them know.
        known = (rows["end_us"] <= start_us.min()) & (
            rows["end_us"] >= start_us.max() - history_us
        )
        if not known.any():
            return np.zeros(start_us.size, dtype=np.int64)
        rows = take(rows, known)
        _, n_of_vessel = np.unique(mmsis_of(rows["key"]), return_counts=True)
        half_deg = _IN_REGION * self._rule.region_km / _KM_PER_DEG
        band_deg = 2 * half_deg / _BANDS
        at = np.sort(np.floor(rows["lat"] / band_deg) * _BAND_APART_DEG + rows["lon"])
        # The bands wholly within the box; a parallel is longest where it is nearest the equator.
        first_band = np.ceil((visits["lat"] - half_deg) / band_deg)
        least_deg = np.maximum(np.abs(visits["lat"]) - half_deg, 0)
        wide_deg = half_deg / np.cos(np.radians(np.minimum(least_deg, _NEAR_POLE_DEG)))
        wide_deg = np.where(least_deg < _NEAR_POLE_DEG, wide_deg, 0.0)
        middle = (first_band[:, None] + np.arange(_BANDS - 1)) * _BAND_APART_DEG
        middle += visits["lon"][:, None]
        n = np.searchsorted(at, middle + wide_deg[:, None]) - np.searchsorted(
            at, middle - wide_deg[:, None]
        )
        return np.asarray(np.maximum(n.sum(axis=1) - 2 * int(n_of_vessel.max()), 0))
