"""How far voyages went: the sleeve through their fixes, by sea across gaps that cross land."""

from dataclasses import dataclass

import numpy as np

from vesseltrack import sea
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.kinematics import reach_m, step_m
from vesseltrack.core.runs import Ints, ranges
from vesseltrack.core.sailed import MM_PER_M, MM_PER_NM
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.fleet import reach_of
from vesseltrack.tracks.knowledge import SeaDistance
from vesseltrack.units import METRES_PER_NM, US_PER_S, h_to_us, m_to_nm


@dataclass(frozen=True)
class Way:
    """What is known of the way of each of n voyages."""

    travelled_nm: Floats
    removed_nm: Floats  # plain sum of steps less that
    coverage_frac: Floats  # share of the time without a long gap


def sail_ways(
    course: Course, start: Ints, end: Ints, sea_distance_nm: SeaDistance, config: TracksConfig
) -> Way:
    """Return how far each voyage went.

    Parameters
    ----------
    course : Course
        The measured fixes.
    start, end : (n,)
        First and last fix of each voyage.
    sea_distance_nm : SeaDistance
        Asked for the gaps whose line crosses land. Where it knows no way, or one that no vessel
        can have sailed in the time, the line counts.
    config : TracksConfig
        Settings of the stage.
    """
    row = ranges(start + 1, end + 1)
    voyage = np.repeat(np.arange(start.size), end - start)
    gap_us = course.t_us[row] - course.t_us[row - 1]
    plain_m = np.zeros(start.size)
    np.add.at(plain_m, voyage, step_m(course.xyz)[row])

    over_land, across_mm = _legs_over_land(course, row, gap_us, sea_distance_nm, config)
    # A voyage is sailed in pieces, from its start or the far side of a gap over land on.
    piece_start = np.sort(np.concatenate((start, row[over_land])))
    piece_stop = np.sort(np.concatenate((row[over_land], end + 1)))
    sailed_mm = course.sailed_mm(piece_start, piece_stop, config.sailed.tolerance_m)
    order = np.argsort(start, kind="stable")
    owner = order[np.searchsorted(start[order], piece_start, side="right") - 1]
    total_mm = np.zeros(start.size, dtype=np.int64)
    np.add.at(total_mm, owner, sailed_mm)
    np.add.at(total_mm, voyage[over_land], across_mm)

    is_long = gap_us > h_to_us(config.voyages.coverage_gap_h)
    silent_us = np.zeros(start.size, dtype=np.int64)
    np.add.at(silent_us, voyage[is_long], gap_us[is_long])
    travelled_nm = total_mm / MM_PER_NM
    return Way(
        travelled_nm,
        m_to_nm(plain_m) - travelled_nm,
        1 - silent_us / (course.t_us[end] - course.t_us[start]),
    )


def _legs_over_land(
    course: Course,
    row: Ints,
    gap_us: Ints,
    sea_distance_nm: SeaDistance,
    config: TracksConfig,
) -> tuple[Ints, Ints]:
    """Return which steps lead over land in a long gap, and their way by sea [mm]."""
    place = np.flatnonzero(gap_us > h_to_us(config.sailed.land_gap_h))
    a, b = row[place] - 1, row[place]
    crosses = sea.crosses_land(course.lat[a], course.lon[a], course.lat[b], course.lon[b])
    place, a, b = place[crosses], a[crosses], b[crosses]
    by_sea_m = METRES_PER_NM * np.asarray(
        sea_distance_nm(course.lat[a], course.lon[a], course.lat[b], course.lon[b])
    )
    limit_m = reach_m(
        gap_us[place] / US_PER_S,
        course.cell_m[a] + course.cell_m[b],
        reach_of(config.transmitters),
    )
    believed = by_sea_m <= limit_m  # also drops NaN
    return place[believed], np.rint(by_sea_m[believed] * MM_PER_M).astype(np.int64)
