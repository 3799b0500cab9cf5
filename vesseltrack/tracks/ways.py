"""How far voyages went: the sleeve through their fixes, by sea across gaps that cross land."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vesseltrack import schema, sea
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.kinematics import reach_m, step_m
from vesseltrack.core.runs import Bools, Ints, ranges
from vesseltrack.core.sailed import MM_PER_M, MM_PER_NM
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.fleet import reach_of
from vesseltrack.tracks.knowledge import SeaDistance
from vesseltrack.tracks.segments import instants
from vesseltrack.tracks.turns import Ways, extra_of_turns_mm
from vesseltrack.units import METRES_PER_NM, US_PER_HOUR, US_PER_S, h_to_us, m_to_nm


@dataclass(frozen=True)
class Way:
    """What is known of the way of each of n voyages, and the way up to each of their fixes."""

    travelled_nm: Floats
    removed_nm: Floats  # plain sum of steps less that
    by_sea_nm: Floats  # of it, the shortest way by sea across gaps over land
    reckoned_nm: Floats  # of it, beyond the lines across gaps for turns between the fixes
    coverage_frac: Floats  # share of the time without a long gap
    voyage: Ints  # (n_fixes,) of each fix, in order of the fixes
    row: Ints  # its row among the measured fixes
    sailed_mm: Ints  # way up to it
    is_bridged: Bools  # the step to it is the shortest way by sea


def sail_ways(
    course: Course, start: Ints, end: Ints, sea_distance_nm: SeaDistance, config: TracksConfig
) -> Way:
    """Return how far each voyage went.

    Parameters
    ----------
    course : Course
        The measured fixes.
    start, end : (n,)
        First and last fix of each voyage, in order; no fix but an end lies in two.
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
    pieces = _Pieces.of(start, end, voyage[over_land], row[over_land], across_mm)
    sailed_mm = pieces.sailed_mm(course, config.sailed.tolerance_m)
    extra_mm = extra_of_turns_mm(course, Ways(start, end, row, voyage), config.sailed)
    extra_mm[over_land] = 0
    sailed_mm += _up_to_each_fix(extra_mm, end - start)
    last = np.cumsum(end - start + 1) - 1

    is_long = gap_us > h_to_us(config.voyages.coverage_gap_h)
    silent_us = np.bincount(voyage[is_long], gap_us[is_long], start.size)
    travelled_nm = sailed_mm[last] / MM_PER_NM
    return Way(
        travelled_nm,
        m_to_nm(plain_m) - travelled_nm,
        np.bincount(voyage[over_land], across_mm, start.size) / MM_PER_NM,
        np.bincount(voyage, extra_mm, start.size) / MM_PER_NM,
        1 - silent_us / (course.t_us[end] - course.t_us[start]),
        np.repeat(np.arange(start.size), end - start + 1),
        ranges(start, end + 1),
        sailed_mm,
        pieces.is_bridged,
    )


def way_table(
    way: Way,
    course: Course,
    voyage_ids: list[str],
    config: TracksConfig,
) -> pa.Table:
    """Return the WAYS table: the points of each voyage that its way is known by.

    The first and the last fix, one for every stretch of `way_step_m` sailed, and both sides of
    every long gap.
    """
    row, voyage = way.row, way.voyage
    stretch = way.sailed_mm // round(config.sailed.way_step_m * MM_PER_M)
    gap_us = np.diff(course.t_us[row], prepend=course.t_us[row[:1]])
    is_first = np.diff(voyage, prepend=-1) != 0
    gap_us[is_first] = 0
    after_gap = (gap_us > h_to_us(config.voyages.coverage_gap_h)) | way.is_bridged
    is_point = is_first | after_gap | (np.diff(stretch, prepend=-1) != 0)
    is_point[:-1] |= is_first[1:] | after_gap[1:]
    is_point[-1:] = True
    point = np.flatnonzero(is_point)
    # From the fix behind the point before up to the point itself.
    block_start = np.concatenate(([0], point[:-1] + 1))[: point.size]
    longest_us = np.maximum.reduceat(gap_us, block_start) if point.size else gap_us
    rows = row[point]
    return schema.WAYS.of(
        {
            "voyage_id": pa.array(voyage_ids, pa.string()).take(pa.array(voyage[point])),
            "timestamp": instants(course.t_us[rows]),
            "lat": course.lat[rows],
            "lon": course.lon[rows],
            "sailed_nm": way.sailed_mm[point] / MM_PER_NM,
            "max_gap_h": longest_us / US_PER_HOUR,
            "is_bridged": way.is_bridged[point],
        }
    )


@dataclass(frozen=True)
class _Pieces:
    """What is sailed in one: a voyage, or the parts of it between gaps over land; in order."""

    start: Ints  # half-open ranges of fixes
    stop: Ints
    voyage: Ints
    lead_mm: Ints  # way by sea across the gap before it

    @classmethod
    def of(
        cls, start: Ints, end: Ints, gap_voyage: Ints, gap_row: Ints, across_mm: Ints
    ) -> "_Pieces":
        voyage = np.concatenate((np.arange(start.size), gap_voyage))
        piece_start = np.concatenate((start, gap_row))
        lead_mm = np.concatenate((np.zeros(start.size, dtype=np.int64), across_mm))
        order = np.lexsort((piece_start, voyage))
        voyage, piece_start = voyage[order], piece_start[order]
        stop = end[voyage] + 1
        goes_on = voyage[:-1] == voyage[1:]
        stop[:-1][goes_on] = piece_start[1:][goes_on]
        return cls(piece_start, stop, voyage, lead_mm[order])

    @property
    def is_bridged(self) -> Bools:
        """Whether the step to each fix is a gap over land, shape (n_fixes,)."""
        bridged = np.zeros((self.stop - self.start).sum(), dtype=np.bool_)
        bridged[self._first[self.lead_mm > 0]] = True
        return bridged

    @property
    def _first(self) -> Ints:
        return np.concatenate(([0], np.cumsum(self.stop - self.start)))[:-1].astype(np.int64)

    def sailed_mm(self, course: Course, tolerance_m: float) -> Ints:
        """Return the way up to each fix from the start of its voyage [mm]."""
        length = self.stop - self.start
        within_mm = course.sailed_along_mm(self.start, self.stop, tolerance_m)
        if not length.size:
            return within_mm
        whole_mm = within_mm[self._first + length - 1]
        before_mm = np.cumsum(self.lead_mm) + np.cumsum(whole_mm) - whole_mm
        is_voyage_start = np.diff(self.voyage, prepend=-1) != 0
        base_mm = before_mm[is_voyage_start][self.voyage]
        return np.asarray(within_mm + np.repeat(before_mm - base_mm, length))


def _up_to_each_fix(step_mm: Ints, n_steps: Ints) -> Ints:
    """Return sums from the first fix of each voyage up to each fix, voyage after voyage."""
    is_first = np.zeros(step_mm.size + n_steps.size, dtype=np.bool_)
    first = np.cumsum(n_steps + 1) - n_steps - 1
    is_first[first] = True
    to_fix_mm = np.zeros(is_first.size, dtype=np.int64)
    to_fix_mm[~is_first] = step_mm
    so_far_mm = np.cumsum(to_fix_mm)
    return np.asarray(so_far_mm - np.repeat(so_far_mm[first], n_steps + 1))


def _one_by_one(sea_distance_nm: SeaDistance, course: Course, a: Ints, b: Ints) -> Floats:
    """Return distances by sea between pairs of fixes, each whatever the others are [nm].

    Asked together, pairs with a common end change each other's distance a little: a voyage would
    depend on what else is in the store.
    """
    pairs = np.stack([course.lat[a], course.lon[a], course.lat[b], course.lon[b]], axis=1)
    return np.array([sea_distance_nm(*pair[:, None])[0] for pair in pairs], dtype=np.float64)


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
    by_sea_m = METRES_PER_NM * _one_by_one(sea_distance_nm, course, a, b)
    limit_m = reach_m(
        gap_us[place] / US_PER_S,
        course.cell_m[a] + course.cell_m[b],
        reach_of(config.transmitters),
    )
    believed = by_sea_m <= limit_m  # also drops NaN
    return place[believed], np.rint(by_sea_m[believed] * MM_PER_M).astype(np.int64)
