"""Where a vessel stopped or turned round, and which of that is a call at a port."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack import sea
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.geodesy import (
    Floats,
    angle_between_deg,
    bearing_deg,
    great_circle_m,
    m_of_chord,
)
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.core.sailed import MM_PER_NM
from vesseltrack.core.stays import find_stays
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.ports import Harbours
from vesseltrack.units import US_PER_HOUR, h_to_us, nm_to_m

STOP: Final = "stop"
TURN_ROUND: Final = "turn_round"
_MIN_PER_H: Final = 60


@dataclass(frozen=True)
class Stays:
    """Stays of all vessels in order of their fixes; arrays of (n,)."""

    start: Ints  # half-open ranges of measured fixes
    stop: Ints
    is_turn: Bools  # a turn-round, else a stop
    speed_kn: Floats  # sailed distance over duration
    port_m: Floats  # to the nearest listed port, from the first fix
    port: Ints  # its row in the list
    is_call: Bools

    @property
    def n(self) -> int:
        """How many there are."""
        return self.start.size

    def take(self, rows: Ints) -> "Stays":
        """Return some of them, in the order given."""
        return Stays(
            self.start[rows],
            self.stop[rows],
            self.is_turn[rows],
            self.speed_kn[rows],
            self.port_m[rows],
            self.port[rows],
            self.is_call[rows],
        )


def find_stops(
    course: Course, is_fishing: Bools, harbours: Harbours, config: TracksConfig
) -> Stays:
    """Return all stops, at sea too, and the turn-rounds, in order of their fixes.

    Parameters
    ----------
    course : Course
        The measured fixes.
    is_fishing : (n_vessels,)
        Vessels whose turns near a port are work.
    harbours : Harbours
        The shipped ports and anchorages.
    config : TracksConfig
        Settings of the stage.
    """
    stops = _stops(course, harbours, config)
    turns = _turn_rounds(course, stops, is_fishing, harbours, config)
    both = Stays(
        *(
            np.concatenate((getattr(stops, name), getattr(turns, name)))
            for name in ("start", "stop", "is_turn", "speed_kn", "port_m", "port", "is_call")
        )
    )
    return both.take(np.argsort(both.start, kind="stable"))


def _stops(course: Course, harbours: Harbours, config: TracksConfig) -> Stays:
    rule = config.port_calls
    min_us = h_to_us(rule.stop_min_h)
    found = find_stays(
        course.t_us, course.xyz, course.offsets, radius_m=rule.stop_radius_m, min_us=min_us
    )
    stays = _described(course, *found, harbours, config, is_turn=False)
    stays = stays.take(np.flatnonzero(stays.speed_kn <= rule.stop_max_kn))
    first = stays.start
    in_area = stays.port_m <= rule.port_area_m
    # Only the stays that are not beside a port already need the shore, which is dearer to find.
    near_shore = np.zeros(stays.n, dtype=np.bool_)
    asked = np.flatnonzero(in_area & (stays.port_m > rule.near_port_m))
    shore_m = sea.shore_distance_m(course.lat[first[asked]], course.lon[first[asked]])
    near_shore[asked] = shore_m <= rule.near_shore_m
    near_anchorage = harbours.call_anchorage_m(course.xyz[first]) <= rule.near_anchorage_m
    stays.is_call[:] = (stays.port_m <= rule.near_port_m) | near_anchorage | near_shore
    return stays


def _turn_rounds(
    course: Course, stops: Stays, is_fishing: Bools, harbours: Harbours, config: TracksConfig
) -> Stays:
    rule = config.port_calls
    found = find_stays(
        course.t_us,
        course.xyz,
        course.offsets,
        radius_m=rule.turn_radius_m,
        min_us=h_to_us(rule.turn_min_min / _MIN_PER_H),
    )
    turns = _described(course, *found, harbours, config, is_turn=True)
    within_stop = np.searchsorted(stops.start, turns.stop) > np.searchsorted(
        stops.stop, turns.start, side="right"
    )
    vessel = course.vessel[turns.start]
    near = (turns.port_m <= rule.near_port_m) & ~is_fishing[vessel] & ~within_stop
    turns = turns.take(np.flatnonzero(near))
    # The way in begins where the vessel last lay, the way out ends where it lies next.
    edges = np.sort(np.concatenate((course.offsets, stops.start, turns.start)))
    ends = np.sort(np.concatenate((course.offsets, stops.stop, turns.stop)))
    began = ends[np.searchsorted(ends, turns.start, side="right") - 1]
    goes_on = edges[np.searchsorted(edges, turns.stop)]
    turned = [
        _turn_deg(course, int(a), int(b), int(c), int(d), config) >= rule.turn_min_deg
        for a, b, c, d in zip(began, turns.start, turns.stop, goes_on, strict=True)
    ]
    turns = turns.take(np.flatnonzero(turned))
    turns.is_call[:] = True
    return turns


def _turn_deg(
    course: Course, began: int, start: int, stop: int, goes_on: int, config: TracksConfig
) -> float:
    """Return how far the course turned at fixes `start:stop`; NaN where a side is too short."""
    before = _course_leg(course, np.arange(start - 1, began - 1, -1), start, config)
    after = _course_leg(course, np.arange(stop, goes_on), stop - 1, config)
    if before is None or after is None:
        return float("nan")
    inward = bearing_deg(
        course.lat[before], course.lon[before], course.lat[start], course.lon[start]
    )
    outward = bearing_deg(
        course.lat[stop - 1], course.lon[stop - 1], course.lat[after], course.lon[after]
    )
    return float(angle_between_deg(inward, outward))


def _course_leg(course: Course, rows: Ints, place: int, config: TracksConfig) -> int | None:
    """Return the row at the far end of the leg over which a course is taken, or None.

    The first row as far off as the rule says; where the vessel lay down before, the farthest.
    """
    rule = config.port_calls
    if rows.size == 0:
        return None
    distance_m = great_circle_m(
        course.lat[place], course.lon[place], course.lat[rows], course.lon[rows]
    )
    far = np.flatnonzero(distance_m >= nm_to_m(rule.turn_course_nm))
    row = int(far[0]) if far.size else int(np.argmax(distance_m))
    return int(rows[row]) if distance_m[row] >= nm_to_m(rule.turn_min_course_nm) else None


def _described(
    course: Course,
    start: Ints,
    stop: Ints,
    harbours: Harbours,
    config: TracksConfig,
    *,
    is_turn: bool,
) -> Stays:
    sailed_mm = course.sailed_mm(start, stop, config.sailed.stay_tolerance_m)
    hours = (course.t_us[stop - 1] - course.t_us[start]) / US_PER_HOUR
    port_m, port = harbours.nearest_port(course.xyz[start])
    return Stays(
        start,
        stop,
        np.full(start.size, is_turn),
        sailed_mm / MM_PER_NM / hours,
        port_m,
        port,
        np.zeros(start.size, dtype=np.bool_),
    )


def merged_calls(course: Course, stays: Stays, same_call_m: float) -> list[Ints]:
    """Return the calls as groups of stays (their rows): a shift of berth is one call.

    A stay goes on with the call before it when the vessel stayed near the call's first fix in
    between.
    """
    rows = np.flatnonzero(stays.is_call)
    groups: list[list[int]] = []
    vessel = course.vessel[stays.start[rows]]
    for row, number in zip(rows.tolist(), vessel.tolist(), strict=True):
        if groups and course.vessel[stays.start[groups[-1][0]]] == number:
            first = stays.start[groups[-1][0]]
            between = slice(stays.stop[groups[-1][-1]], stays.start[row] + 1)
            chord = np.linalg.norm(course.xyz[between] - course.xyz[first], axis=1)
            if not course.is_jump[between].any() and m_of_chord(chord.max()) <= same_call_m:
                groups[-1].append(row)
                continue
        groups.append([row])
    return [np.array(group, dtype=np.int64) for group in groups]
