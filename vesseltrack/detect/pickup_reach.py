"""How far from a break a visit may still count for anything."""

import functools
from typing import Final

import numpy as np

from vesseltrack.config.detect.drop_pickup import DropPickupDefault
from vesseltrack.detect.pickup_odds import pickup_density

LEAST_TERM: Final = 0.01  # visits that add less to a ratio count for nothing
_TRIED: Final = 256  # distances, and delays, that are tried
_TRIED_KM: Final = 0.25  # between the distances, or a multiple
_HOURS: Final = 24
_KM2_PER_100: Final = 100.0


def least_intensity(rule: DropPickupDefault) -> float:
    """Return the visits per square kilometre and hour that there are anywhere, by the prior."""
    share = rule.prior_days / (rule.prior_days + rule.history_days)
    return rule.region_frac * rule.prior_visits / _KM2_PER_100 / _HOURS * share


@functools.cache
def reach_km(rule: DropPickupDefault) -> float:
    """Return beyond what distance no visit can count for anything [km]."""
    delay_h = np.linspace(0.0, rule.max_delay_h, _TRIED)
    most = rule.prior_pickup * rule.marked_factor / least_intensity(rule)
    step_km = _TRIED_KM
    while True:
        km = np.arange(_TRIED) * step_km
        density = pickup_density(np.tile(km, _TRIED), np.repeat(delay_h, _TRIED), rule)
        # Half of what counts, so that no delay in between reaches farther.
        counts = ((most * density).reshape(_TRIED, _TRIED) >= LEAST_TERM / 2).any(axis=0)
        last = int(np.flatnonzero(counts).max(initial=0))
        if last + 1 < _TRIED:
            return float(km[last + 1])
        step_km *= 2
