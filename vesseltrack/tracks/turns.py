"""Turns that nobody heard: by how much a way is longer than the line across a gap."""

from dataclasses import dataclass

import numpy as np

from vesseltrack import sea
from vesseltrack.config.tracks import SailedConfig
from vesseltrack.core.geodesy import Floats, bearing_deg
from vesseltrack.core.kinematics import step_m
from vesseltrack.core.reckoning import Steps, reckoned_turns
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.sailed import MM_PER_M
from vesseltrack.tracks.course import Course
from vesseltrack.units import US_PER_S, h_to_us, kn_to_mps, m_to_nm


@dataclass(frozen=True)
class Ways:
    """Voyages from a first fix to a last one, and their steps: the fix that each leads to."""

    start: Ints  # (n_voyages,)
    end: Ints
    row: Ints  # (n_steps,)
    voyage: Ints


def extra_of_turns_mm(course: Course, ways: Ways, rule: SailedConfig) -> Ints:
    """Return by how much the way is longer than the line, for a turn between two fixes [mm].

    Parameters
    ----------
    course : Course
        The measured fixes.
    ways : Ways
        Voyages and their steps; nothing before or after a voyage is looked at.
    rule : SailedConfig
        Which gaps turns are reckoned in, and how well they must fit.

    Returns
    -------
    extra_mm : (n_steps,)
        0 where no turn fits the speeds and courses at both fixes, or it lies behind land. Speed
        and course are those reported, else made good over the step before the gap and after it.
    """
    extra_mm = np.zeros(ways.row.size, dtype=np.int64)
    gap_us = course.t_us[ways.row] - course.t_us[ways.row - 1]
    gaps = np.flatnonzero((gap_us > h_to_us(rule.turn_gap_h)) & _hides_no_call(gap_us, rule))
    row, voyage = ways.row[gaps], ways.voyage[gaps]
    before = _motion(course, row - 1, row - 1, row - 1 > ways.start[voyage], rule)
    after = _motion(course, row, row + 1, row < ways.end[voyage], rule)
    a, b, lat, lon = row - 1, row, course.lat, course.lon
    logged_m = kn_to_mps((before[0] + after[0]) / 2) * gap_us[gaps] / US_PER_S
    steps = Steps(lat[a], lon[a], lat[b], lon[b], before[1], after[1], logged_m)
    turns = reckoned_turns(steps, rule.turn_miss_frac, rule.turn_log_frac)
    extra_m = turns.way_m - step_m(course.xyz)[b]
    fits = np.flatnonzero(extra_m > 0)
    a, b, by_lat, by_lon = a[fits], b[fits], turns.lat[fits], turns.lon[fits]
    is_behind_land = sea.crosses_land(lat[a], lon[a], by_lat, by_lon)
    is_behind_land |= sea.crosses_land(by_lat, by_lon, lat[b], lon[b])
    extra_mm[gaps[fits]] = np.where(is_behind_land, 0, np.rint(extra_m[fits] * MM_PER_M))
    return extra_mm


def _hides_no_call(gap_us: Ints, rule: SailedConfig) -> Bools:
    return gap_us <= h_to_us(rule.turn_max_gap_h)


def _motion(
    course: Course, row: Ints, step: Ints, has_step: Bools, rule: SailedConfig
) -> tuple[Floats, Floats]:
    """Return speed [kn] and course [deg] at fixes: as reported, else over a step.

    Parameters
    ----------
    course : Course
        The measured fixes.
    row : (n,)
        The fixes.
    step : (n,)
        The fixes that their steps lead to.
    has_step : (n,)
        Whether there is one in the voyage.
    rule : SailedConfig
        A step over a gap that may hide a call says nothing.
    """
    step = np.where(has_step, step, row)
    passed_us = course.t_us[step] - course.t_us[step - 1]
    is_known = has_step & _hides_no_call(passed_us, rule)
    hours = np.where(is_known, passed_us / h_to_us(1.0), np.nan)
    made_kn = m_to_nm(step_m(course.xyz)[step]) / hours
    lat, lon = course.lat, course.lon
    made_deg = bearing_deg(lat[step - 1], lon[step - 1], lat[step], lon[step])
    sog_kn, cog_deg = course.sog_kn[row], course.cog_deg[row]
    return (
        np.where(np.isnan(sog_kn), made_kn, sog_kn),
        np.where(np.isnan(cog_deg), np.where(is_known, made_deg, np.nan), cog_deg),
    )
