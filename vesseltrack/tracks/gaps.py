"""Long silences: where a call at a port may be hidden in one."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from vesseltrack.config.tracks import VoyageConfig
from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.runs import Ints
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.knowledge import Knowledge, SeaDistance
from vesseltrack.tracks.ports import Harbours
from vesseltrack.units import US_PER_HOUR, US_PER_S, h_to_us, m_to_nm, mps_to_kn

# Rough distances are 0.8 to 5.4 % too far, those of two fixes of one vessel by nearly the same
# share: what was won is off by that share of it, and by what the two shares differ.
_ROUGH_FRAC: Final = 0.06
_UNLIKE_FRAC: Final = 0.03


class HiddenCall(NamedTuple):
    """A silence that leaves time for a call: the first fix after it, and the port if declared."""

    after: int
    port: int | None


def long_gaps(course: Course, stay_start: Ints, stay_stop: Ints, min_h: float) -> Ints:
    """Return the first fixes after gaps of at least `min_h`, outside every stay.

    Parameters
    ----------
    course : Course
        The measured fixes.
    stay_start, stay_stop : (n_stays,)
        Half-open ranges of fixes; a gap between two fixes of a stay is none.
    min_h : float
        [h].
    """
    gap_us = np.diff(course.t_us, prepend=course.t_us[:1])
    is_long = (gap_us >= h_to_us(min_h)) & ~course.is_first & ~course.is_jump
    after = np.flatnonzero(is_long)
    staying = np.searchsorted(stay_start, after) > np.searchsorted(stay_stop, after, side="right")
    return after[~staying]


def hidden_call(
    course: Course,
    after: int,
    knowledge: Knowledge,
    config: VoyageConfig,
) -> HiddenCall | None:
    """Return the call that may be hidden in the gap before a fix, or None where none can be.

    From the last fix a before the gap to the first b after it, a vessel can have called at a port
    P when the time suffices to sail S(a,P) + S(P,b) at its own speed and to stay a while.
    """
    before = after - 1
    harbours, declared = knowledge.harbours, knowledge.declared
    hours = float(course.t_us[after] - course.t_us[before]) / US_PER_HOUR
    reach_nm = _own_speed_kn(course, before, config) * (hours - config.hidden_call_h)
    around_m = great_circle_m(
        course.lat[before], course.lon[before], harbours.lat, harbours.lon
    ) + great_circle_m(harbours.lat, harbours.lon, course.lat[after], course.lon[after])
    # No way by sea is shorter than the great circle: most gaps need no sea distance at all.
    near = np.flatnonzero(m_to_nm(around_m) <= reach_nm)
    if near.size == 0:
        return None
    meant = declared.at(course.vessel_of(before), int(course.t_us[before])).ports
    asked = near[np.argsort(around_m[near], kind="stable")][: config.hidden_ports]
    port = _declared_call(course, after, np.intersect1d(near, meant), reach_nm, knowledge, config)
    if port is None and not _any_reachable(course, after, asked, reach_nm, knowledge):
        return None
    return HiddenCall(after, port)


def _declared_call(
    course: Course,
    after: int,
    meant: Ints,
    reach_nm: float,
    knowledge: Knowledge,
    config: VoyageConfig,
) -> int | None:
    """Return the port declared before a gap: approached, in reach, no longer declared after."""
    port = approached_port(course, after - 1, meant, knowledge, config)
    if port is None or not _any_reachable(course, after, np.array([port]), reach_nm, knowledge):
        return None
    vessel = course.vessel_of(after)
    next_meant = knowledge.declared.after(vessel, int(course.t_us[after])).ports
    return port if next_meant and port not in next_meant else None


def _any_reachable(
    course: Course, after: int, ports: Ints, reach_nm: float, knowledge: Knowledge
) -> bool:
    """Return whether the way by sea over any of the ports, asked one by one, is in reach."""
    asked = knowledge.harbours, knowledge.sea_distance_nm
    for port in ports:
        one = np.array([port])
        to_nm = _by_sea(course, after - 1, one, *asked)
        if to_nm <= reach_nm and to_nm + _by_sea(course, after, one, *asked) <= reach_nm:
            return True
    return False


def approached_port(
    course: Course,
    row: int,
    ports: Sequence[int] | Ints,
    knowledge: Knowledge,
    config: VoyageConfig,
) -> int | None:
    """Return the port that came nearest by sea over the last hours before a fix, or None."""
    candidates = np.asarray(ports, dtype=np.int64)
    if candidates.size == 0:
        return None
    begin = int(course.offsets[course.vessel_of(row)])
    since_us = course.t_us[row] - h_to_us(config.approach_h)
    earlier = max(begin, int(np.searchsorted(course.t_us[begin : row + 1], since_us)) + begin - 1)
    least_nm, most_nm = _won_between_nm(course, earlier, row, candidates, knowledge)
    is_open = np.isfinite(least_nm)  # between bounds that may leave a question
    ways = course, earlier, row
    least_nm[~is_open] = most_nm[~is_open] = _won_nm(*ways, candidates[~is_open], knowledge)
    rivals = (most_nm > 0) & (most_nm >= least_nm.max())
    if np.count_nonzero(rivals) > 1 or not (least_nm[rivals] > 0).all():
        least_nm[rivals & is_open] = _won_nm(*ways, candidates[rivals & is_open], knowledge)
    least_nm[~rivals] = -np.inf
    best = int(np.argmax(least_nm))
    return int(candidates[best]) if least_nm[best] > 0 else None


def _won_nm(course: Course, earlier: int, row: int, ports: Ints, knowledge: Knowledge) -> Floats:
    """Return how much nearer by sea ports came from one fix to another; lowest if no way leads."""
    distance_nm = knowledge.sea_distance_nm
    won_nm = _by_sea(course, earlier, ports, knowledge.harbours, distance_nm) - _by_sea(
        course, row, ports, knowledge.harbours, distance_nm
    )
    return np.where(np.isnan(won_nm), -np.inf, won_nm)


def _won_between_nm(
    course: Course, earlier: int, row: int, ports: Ints, knowledge: Knowledge
) -> tuple[Floats, Floats]:
    """Return bounds of `_won_nm` from rough distances; NaN where those are not known."""
    if knowledge.rough_distance_nm is None:
        return np.full(ports.size, np.nan), np.full(ports.size, np.nan)
    before_nm, after_nm = (
        _by_sea(course, at, ports, knowledge.harbours, knowledge.rough_distance_nm)
        for at in (earlier, row)
    )
    won_nm = before_nm - after_nm
    off_nm = _ROUGH_FRAC * np.abs(won_nm) + _UNLIKE_FRAC * np.maximum(before_nm, after_nm)
    return won_nm - off_nm, won_nm + off_nm


def _by_sea(
    course: Course, row: int, ports: Ints, harbours: Harbours, distance_nm: SeaDistance
) -> Floats:
    lat, lon = np.full(ports.size, course.lat[row]), np.full(ports.size, course.lon[row])
    return np.asarray(distance_nm(lat, lon, harbours.lat[ports], harbours.lon[ports]))


def _own_speed_kn(course: Course, row: int, config: VoyageConfig) -> float:
    """Return the median speed made good while under way over the day before a fix."""
    begin = int(course.offsets[course.vessel_of(row)])
    since_us = course.t_us[row] - h_to_us(config.speed_window_h)
    start = begin + int(np.searchsorted(course.t_us[begin : row + 1], since_us))
    rows = np.arange(start, row + 1)
    dt_s = np.diff(course.t_us[rows]) / US_PER_S
    made_m = great_circle_m(
        course.lat[rows[:-1]], course.lon[rows[:-1]], course.lat[rows[1:]], course.lon[rows[1:]]
    )
    speed_kn = mps_to_kn(made_m / dt_s)
    under_way = speed_kn[speed_kn > config.speed_min_kn]
    return float(np.median(under_way)) if under_way.size else config.speed_default_kn
