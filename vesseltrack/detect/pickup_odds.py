"""How much better a visit is explained by something left there than by the place's own traffic.

All distances in kilometres and times in hours here: densities are per square kilometre and hour.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.core.e_values import normal_density_2d
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.records import Rows
from vesseltrack.core.runs import Bools
from vesseltrack.core.vessel_keys import mmsis_of
from vesseltrack.units import METRES_PER_NM, US_PER_DAY, US_PER_HOUR

Floats = npt.NDArray[np.float64]

_M_PER_KM: Final = 1000.0
_KM_PER_NM: Final = METRES_PER_NM / _M_PER_KM
_HOURS: Final = 24
_HOUR_PRIOR: Final = 2.0  # visits added to each hour of the day: a few visits tell no profile
_MARK_PRIOR: Final = 20.0  # visits added whose share with marks makes the factors even
_KM2_PER_100: Final = 100.0
_LEAST_KM_PER_DEG: Final = 111.0  # of latitude: less than on the sphere


def pickup_density(
    distance_km: Floats,
    delay_h: Floats,
    rule: DropPickupDefault,
    carried: Floats | float | None = None,
) -> Floats:
    """Return the density of pick-ups of one packet by place and delay.

    Parameters
    ----------
    distance_km, delay_h : (n,)
        From where and when it was left.
    rule : DropPickupDefault
        Spreads, drift and mean delay.
    carried : (n,) or float, optional
        Density per square kilometre of where the water carried it, as far as ships showed that;
        None: no ship did.

    Returns
    -------
    density : (n,)
        Per square kilometre and hour: `g(dt) (a N2(d; s_a) + (1 - a) N2(d; s(dt)))`, a buoyed and
        a drifting packet, `s(dt)**2 = s_0**2 + (v dt)**2 / 2`; 0 outside the delays allowed. With
        `carried` the second normal distribution keeps a share `free_frac`, so that a current that
        was misjudged costs no more than that factor.
    """
    drift_km = rule.drift_kn * _KM_PER_NM * delay_h
    spread_km = np.sqrt(rule.drift_spread_km**2 + drift_km**2 / 2)
    place = rule.buoyed_frac * normal_density_2d(distance_km, rule.buoyed_spread_km)
    drifted = normal_density_2d(distance_km, spread_km)
    if carried is not None:
        drifted = rule.free_frac * drifted + (1 - rule.free_frac) * carried
    place += (1 - rule.buoyed_frac) * drifted
    is_allowed = (delay_h >= rule.min_delay_min / 60) & (delay_h <= rule.max_delay_h)
    delay = np.exp(-delay_h / rule.mean_delay_h) / rule.mean_delay_h
    return np.where(is_allowed, delay * place, 0.0)


@dataclass(frozen=True)
class Place:
    """Where and when a visit began, and the two vessels whose own visits tell nothing."""

    lat: float
    lon: float
    t_us: int
    keys: tuple[int, int]


@dataclass(frozen=True)
class Surroundings:
    """The traffic about a place in the days before.

    Attributes
    ----------
    intensity : float
        Visits per square kilometre and hour, never 0.
    history_days : float
        How long it was observed.
    factors : tuple of float
        What a visit without and with the marks of a pick-up is worth; at most 1 on average over
        the visits of others.
    """

    intensity: float
    history_days: float
    factors: tuple[float, float]


def surroundings(
    visits: Rows, place: Place, first_us: int, rule: DropPickupDefault
) -> Surroundings:
    """Return the traffic about a place, as far as it was known when the visit there began.

    Parameters
    ----------
    visits : Rows
        `key`, `end_us`, `lat`, `lon`, `start_us` and `is_marked` of all visits known, any order.
    place : Place
        The visit asked about.
    first_us : int
        Since when anything was received [us].
    rule : DropPickupDefault
        Kernel, prior and how long to look back.

    Returns
    -------
    around : Surroundings
        The intensity is that of visits ended in the last `history_days`: a kernel of `kernel_km`
        shrunk to the prior where there is little, times the hour's share in the region, mixed with
        the regional mean.
    """
    since_us = max(first_us, place.t_us - round(rule.history_days * US_PER_DAY))
    # A parallel as far off bounds the region: most of the visits known lie beyond it.
    around = np.abs(visits["lat"] - place.lat) <= rule.region_km / _LEAST_KM_PER_DEG
    mmsi, (one, other) = mmsis_of(visits["key"]), mmsis_of(np.array(place.keys))
    around &= (mmsi != one) & (mmsi != other)
    around &= (visits["end_us"] <= place.t_us) & (visits["end_us"] >= since_us)
    known = np.flatnonzero(around)
    km = great_circle_m(place.lat, place.lon, visits["lat"][known], visits["lon"][known])
    km /= _M_PER_KM
    near = km <= rule.region_km
    observed_h = max((place.t_us - since_us) / US_PER_HOUR, 0.0)
    prior_h = rule.prior_days * _HOURS
    prior = rule.prior_visits / _KM2_PER_100 / _HOURS
    weight = float(np.sum(normal_density_2d(km[near], rule.kernel_km)))
    local = (weight + prior * prior_h) / (observed_h + prior_h)
    per_km2 = near.sum() / (np.pi * rule.region_km**2)
    regional = (per_km2 + prior * prior_h) / (observed_h + prior_h)
    profile = _hour_factor(visits["start_us"][known][near], place.t_us)
    return Surroundings(
        (1 - rule.region_frac) * local * profile + rule.region_frac * regional,
        observed_h / _HOURS,
        _factors(visits["is_marked"][known][near], rule),
    )


def _hour_factor(start_us: npt.NDArray[np.int64], t_us: int) -> float:
    """Return how much more common visits are at this hour of the day than on average."""
    hours = start_us // US_PER_HOUR % _HOURS
    n_now = np.count_nonzero(hours == t_us // US_PER_HOUR % _HOURS)
    return float(_HOURS * (n_now + _HOUR_PRIOR) / (hours.size + _HOURS * _HOUR_PRIOR))


def _factors(is_marked: Bools, rule: DropPickupDefault) -> tuple[float, float]:
    """Return what visits without and with marks are worth, at most 1 on average."""
    without, with_marks = rule.unmarked_factor, rule.marked_factor
    even = (1 - without) / (with_marks - without)
    share = (np.count_nonzero(is_marked) + even * _MARK_PRIOR) / (is_marked.size + _MARK_PRIOR)
    mean = max(1.0, float(share * with_marks + (1 - share) * without))
    return without / mean, with_marks / mean


def chance_of_a_visit(intensity: float, delay_h: float) -> tuple[float, float, float]:
    """Return the plain expectation that the ratio replaces: a disc that grows with the delay.

    Returns
    -------
    radius_km, expected, chance : float
        1 km and 0.5 kn of drift, the visits expected within it, and the Poisson chance of any.
    """
    radius_km = 1.0 + 0.5 * _KM_PER_NM * delay_h
    expected = intensity * np.pi * radius_km**2 * delay_h
    return radius_km, float(expected), float(-np.expm1(-expected))
