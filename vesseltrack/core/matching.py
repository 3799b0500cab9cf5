"""How well a fix follows on another: the published measure of gpsdio-segment, on columns.

The *discrepancy* of a pair is how far the two lie from where the speed and course of each say that
the other should be; the *score* falls with it and with the time between them, and is 0 where the
pair cannot be one vessel. Own arithmetic after GlobalFishingWatch/gpsdio-segment @ 66e00d0
(Apache-2.0), whose distances are on a plane through the mean latitude; so are these.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.core.geodesy import Floats
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.units import US_PER_HOUR

_NM_PER_DEG: Final = 60.0
_POLE: Final = 1e-3  # added to the cosine of the latitude, so that no meridian is divided by 0


@dataclass(frozen=True)
class MatchRule:
    """The published parameters."""

    max_gap_h: float  # a longer silence ends a segment
    penalty_h: float  # beyond about so long dead reckoning is trusted less and less
    penalty_exponent: float
    buffer_h: float  # times are padded by it
    lookback: int  # so many fixes at the end of a segment are tried
    lookback_factor: float  # how much better an earlier one of them has to be
    max_kn: float  # off the expected place, over the padded time
    penalty_kn: float  # strongly discouraged beyond
    shape: float  # weight of standing still, and of lying beside the way
    ambiguity: float  # a second segment that scores within this factor makes a fix ambiguous
    short_fixes: float  # segments shorter than this score less
    other_class: float  # factor where the class of transmitter differs
    long_range_h: float  # a long-range report so near another fix is set aside
    slow_kn: float  # below it a fix needs no course
    max_open: int  # segments that a fix may still join
    weigh_by_place: bool  # the n-th that fits by the length of the n-th open one, as published


@dataclass(frozen=True)
class Motion:
    """The fixes of one identity in time order; an unknown course is NaN."""

    t_us: Ints
    lat: Floats
    lon: Floats
    sog_kn: Floats
    cog_deg: Floats
    sets: Ints  # bits of the classes of transmitter that send such a report
    is_long_range: Bools

    def has_motion(self, slow_kn: float) -> Bools:
        """Return which fixes tell their speed, and their course unless they lie still."""
        has_course = np.isfinite(self.cog_deg)
        is_slow = self.sog_kn <= slow_kn
        return np.asarray(np.isfinite(self.sog_kn) & (has_course | is_slow))


def hours_between(motion: Motion, before: Ints, after: Ints) -> Floats:
    """Return the time between pairs of fixes [h]."""
    return np.asarray((motion.t_us[after] - motion.t_us[before]) / US_PER_HOUR)


def scores(motion: Motion, before: Ints, after: Ints, rule: MatchRule) -> Floats:
    """Return how well fixes follow on others: 0 not at all, larger is better.

    Parameters
    ----------
    motion : Motion
        The fixes, all of them with motion.
    before, after : (n,)
        The pairs, the earlier fix first.
    rule : MatchRule
        The published parameters.
    """
    hours = hours_between(motion, before, after)
    slowdown = 1 + (hours / rule.penalty_h) ** (1 - rule.penalty_exponent)
    off_nm = discrepancy_nm(motion, before, after, hours / slowdown, rule.shape)
    padded_h = np.hypot(hours, rule.buffer_h)
    share = off_nm / (padded_h * rule.max_kn)
    alpha = share * rule.max_kn / rule.penalty_kn
    score = np.exp(-(alpha**2)) / padded_h
    return np.where((share > 1) | (hours > rule.max_gap_h), 0.0, score)


def discrepancy_nm(
    motion: Motion, before: Ints, after: Ints, hours: Floats, shape: float
) -> Floats:
    """Return the least of three distances from what speed and course foretell [nm].

    As reckoned from both fixes; as if the vessel had stayed, `shape` times; beside the way along
    both courses, `shape` times, where the other fix lies no farther along it than the speed gives.
    """
    lat1, lat2 = motion.lat[before], motion.lat[after]
    north_nm = (lat2 - lat1) * _NM_PER_DEG
    across = np.cos(np.radians((lat1 + lat2) / 2))
    turn_deg = (motion.lon[after] - motion.lon[before] + 180) % 360 - 180
    east_nm = turn_deg * across * _NM_PER_DEG
    way_nm = np.hypot(north_nm, east_nm)

    ahead = _reckoned_nm(motion, before, hours, across)
    astern = _reckoned_nm(motion, after, hours, across)
    reckoned_nm = (
        np.hypot(ahead[0] - east_nm, ahead[1] - north_nm)
        + np.hypot(astern[0] - east_nm, astern[1] - north_nm)
    ) / 2
    bearing = np.arctan2(east_nm, north_nm)
    beside_nm = (
        _beside_nm(motion, before, bearing, way_nm, hours)
        + _beside_nm(motion, after, bearing, way_nm, hours)
    ) / 2
    return np.minimum(reckoned_nm, shape * np.minimum(way_nm, beside_nm))


def _reckoned_nm(
    motion: Motion, rows: Ints, hours: Floats, across: Floats
) -> tuple[Floats, Floats]:
    """Return how far east and north each fix's speed and course take it, in the pair's plane."""
    course = np.radians(np.nan_to_num(motion.cog_deg[rows]))
    run_nm = np.where(np.isfinite(motion.cog_deg[rows]), motion.sog_kn[rows] * hours, 0.0)
    # Degrees of longitude are run off at the fix's own latitude and measured at the mean one.
    own_across = np.cos(np.radians(motion.lat[rows])) + _POLE
    return run_nm * np.sin(course) * across / own_across, run_nm * np.cos(course)


def _beside_nm(
    motion: Motion, rows: Ints, bearing: Floats, way_nm: Floats, hours: Floats
) -> Floats:
    """Return how far the way between a pair leads off one fix's course; infinite: not along it."""
    off = np.radians(np.nan_to_num(motion.cog_deg[rows])) - bearing
    along_nm = np.cos(off) * way_nm
    is_along = (along_nm > 0) & (along_nm <= motion.sog_kn[rows] * hours)
    return np.where(is_along, np.abs(np.sin(off)) * way_nm, np.inf)
