"""Where water carries what floats, as far as ships that crossed it showed its set.

The velocity of the water is a Gaussian process: east and north alike and independent, a residual
that is forgotten in time and a tide of the lunar period, both alike over a range of distances.
Kilometres and hours.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.core.runs import Bools, Ints

Floats = npt.NDArray[np.float64]

_M2_H: Final = 12.4206012  # period of the principal lunar tide
_OMEGA: Final = 2 * np.pi / _M2_H


@dataclass(frozen=True)
class Water:
    """What is known of the water before anything was seen of it.

    Attributes
    ----------
    variance : float
        Of each component of the velocity [km2/h2].
    tide_frac : float
        How much of it is tide.
    memory_h : float
        After which time the residual is known by a factor e less.
    range_km : float
        Of a Matern covariance of order 3/2 in distance: smooth over short ones, 0.48 at the range.
    """

    variance: float
    tide_frac: float
    memory_h: float
    range_km: float


@dataclass(frozen=True)
class Sets:
    """How fast the water set ships to starboard, seen from where something floats off; (n,).

    Attributes
    ----------
    ship : (n,)
        A number for each ship.
    t_h : (n,)
        Since it floated off; before that below 0.
    east_km, north_km : (n,)
        From where it floated off.
    heading_deg : (n,)
        Of the ship.
    across_km_h : (n,)
        Velocity to starboard.
    """

    ship: Ints
    t_h: Floats
    east_km: Floats
    north_km: Floats
    heading_deg: Floats
    across_km_h: Floats

    def only(self, kept: Bools | Ints) -> "Sets":
        """Return some of them."""
        return Sets(
            self.ship[kept],
            self.t_h[kept],
            self.east_km[kept],
            self.north_km[kept],
            self.heading_deg[kept],
            self.across_km_h[kept],
        )


@dataclass(frozen=True)
class Errors:
    """Errors of a ship's set [km/h]: one that she keeps (compass, leeway), one of each time."""

    kept: float
    fresh: float


@dataclass(frozen=True)
class Drift:
    """A displacement, by its mean (2,) [km east and north] and covariance (2, 2) [km2]."""

    mean_km: Floats
    covariance_km2: Floats
    n_ships: int


def known_drift(sets: Sets, delay_h: float, water: Water, errors: Errors, most: float) -> Drift:
    """Return how far the water carried something, given the set of ships.

    Parameters
    ----------
    sets : Sets
        None: what is known beforehand is returned.
    delay_h : float
        How long it floated.
    water, errors : Water, Errors
        What is known beforehand.
    most : float
        A ship whose set lies so many standard deviations off what all others show is left out.

    Returns
    -------
    drift : Drift
        The mean and covariance of the integral of the velocity at the place where it floated off,
        given the sets (kriging; Rasmussen and Williams 2006, chapter 2).
    """
    sets = sets.only(_agree(sets, water, errors, most))
    covariance = np.eye(2) * _path_variance(delay_h, water)
    if not sets.ship.size:
        return Drift(np.zeros(2), covariance, 0)
    near = _likeness(np.hypot(sets.east_km, sets.north_km), water)
    with_path = _starboard(sets) * (near * _path_covariance(sets.t_h, delay_h, water))
    weights = np.linalg.solve(_covariance(sets, water, errors), with_path.T)
    return Drift(
        weights.T @ sets.across_km_h,
        covariance - with_path @ weights,
        np.unique(sets.ship).size,
    )


def _agree(sets: Sets, water: Water, errors: Errors, most: float) -> Bools:
    """Return which sets are of ships that agree with the others, shape (n,).

    A heading may be wrong by any angle, and all day. Each ship is held with her first set against
    the first sets of the others: what is left of it, by its own deviation (leave one out).
    """
    _, first = np.unique(sets.ship, return_index=True)
    firsts = sets.only(first)
    inverse = np.linalg.inv(_covariance(firsts, water, errors))
    off = np.abs(inverse @ firsts.across_km_h) / np.sqrt(np.diag(inverse))
    return np.isin(sets.ship, firsts.ship[off <= most])


def _starboard(sets: Sets) -> Floats:
    """Return the unit vectors to starboard, shape (2, n)."""
    heading = np.radians(sets.heading_deg)
    return np.stack((np.cos(heading), -np.sin(heading)))


def _covariance(sets: Sets, water: Water, errors: Errors) -> Floats:
    """Return the covariance of sets with one another, shape (n, n)."""
    east, north = sets.east_km, sets.north_km
    apart_km = np.hypot(east[:, None] - east, north[:, None] - north)
    starboard = _starboard(sets)
    of_water = _velocity_covariance(sets.t_h[:, None] - sets.t_h, water)
    of_water = of_water * _likeness(apart_km, water) * (starboard.T @ starboard)
    is_same = sets.ship[:, None] == sets.ship
    return np.asarray(
        of_water + errors.kept**2 * is_same + errors.fresh**2 * np.eye(sets.ship.size)
    )


def _likeness(apart_km: Floats, water: Water) -> Floats:
    scaled = np.sqrt(3) * apart_km / water.range_km
    return np.asarray((1 + scaled) * np.exp(-scaled))


def _velocity_covariance(lag_h: Floats, water: Water) -> Floats:
    residual, tide = _shares(water)
    return residual * np.exp(-np.abs(lag_h) / water.memory_h) + tide * np.cos(_OMEGA * lag_h)


def _path_covariance(t_h: Floats, delay_h: float, water: Water) -> Floats:
    """Return the covariance of velocities with the displacement from 0 on; shape (n,)."""
    residual, tide = _shares(water)
    since = np.exp(-np.abs(t_h) / water.memory_h)
    until = np.exp(-np.abs(t_h - delay_h) / water.memory_h)
    within = np.where(
        t_h < 0, since - until, np.where(t_h > delay_h, until - since, 2 - since - until)
    )
    turned = (np.sin(_OMEGA * (delay_h - t_h)) + np.sin(_OMEGA * t_h)) / _OMEGA
    return np.asarray(residual * water.memory_h * within + tide * turned)


def _path_variance(delay_h: float, water: Water) -> float:
    """Return the variance of the displacement along each axis, nothing seen [km2]."""
    residual, tide = _shares(water)
    memories = delay_h / water.memory_h
    kept = 2 * water.memory_h**2 * (memories + np.expm1(-memories))
    return float(residual * kept + tide * 2 * (1 - np.cos(_OMEGA * delay_h)) / _OMEGA**2)


def _shares(water: Water) -> tuple[float, float]:
    """Return the variances of residual and tide."""
    return water.variance * (1 - water.tide_frac), water.variance * water.tide_frac
