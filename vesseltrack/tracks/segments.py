"""Continuous stretches: a vessel's fixes cut at long gaps and at impossible steps."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config.tracks import SegmentConfig
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.identity import content_id, hash63, mmsi_of_key, vessel_id
from vesseltrack.core.runs import Ints, block_of_row, offsets_of_sorted
from vesseltrack.core.sailed import MM_PER_NM, sailed_by_track_mm
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.fleet import Fleet
from vesseltrack.tracks.received import Received
from vesseltrack.units import E6, US_PER_HOUR, h_to_us

_FULL_CIRCLE_E6 = 360 * E6
_HALF_CIRCLE_E6 = 180 * E6


@dataclass(frozen=True)
class Segments:
    """Where segments begin, among the measured fixes and for every fix of the fleet."""

    offsets: Ints  # (n_segments + 1,) among the measured fixes, in `order`
    of_fix: Ints  # (n_fleet_fixes,) number of each fix's segment; a repeat's is its original's
    order: Ints | None = None  # measured fixes segment after segment; None: they are

    def of(self, course: Course) -> Course:
        """Return the measured fixes segment after segment."""
        return course if self.order is None else course.in_order(self.order)


def cut_segments(fleet: Fleet, course: Course, config: SegmentConfig) -> Segments:
    """Cut the courses of all vessels into segments.

    A segment ends before a gap longer than the limit and before a step that no vessel can make.
    """
    gap_us = np.diff(course.t_us, prepend=course.t_us[:1])
    is_cut = course.is_first | course.is_jump | (gap_us > h_to_us(config.max_gap_h))
    offsets = np.append(np.flatnonzero(is_cut), course.n).astype(np.int64)
    of_measured = np.cumsum(is_cut) - 1
    return Segments(offsets, _of_every_fix(fleet, of_measured))


def segments_as_told(fleet: Fleet, course: Course) -> Segments:
    """Return the segments that a fleet was given fix by fix; they may lie within one another."""
    chain = fleet.chain[course.place]
    number = course.vessel * (int(chain.max(initial=0)) + 1) + chain
    order = np.argsort(number, kind="stable")
    offsets = offsets_of_sorted(number[order])
    of_measured = np.empty(course.n, dtype=np.int64)
    of_measured[order] = block_of_row(offsets)
    return Segments(offsets, _of_every_fix(fleet, of_measured), order)


def _of_every_fix(fleet: Fleet, of_measured: Ints) -> Ints:
    measured_before = np.cumsum(~fleet.is_repeat) - 1
    return np.asarray(of_measured[measured_before])


def segment_numbers(course: Course, segments: Segments) -> Ints:
    """Return the content number of each segment, from its vessel and first fix."""
    identities = _identities(segments.of(course), segments.offsets)
    return np.array([hash63(*parts) for parts in identities], dtype=np.int64)


def segment_table(
    all_received: Received, fleet: Fleet, course: Course, segments: Segments, tolerance_m: float
) -> pa.Table:
    """Return the SEGMENTS table, in key order."""
    course = segments.of(course)
    first, last = segments.offsets[:-1], segments.offsets[1:] - 1
    keys = course.keys[course.vessel[first]]
    tolerance = np.maximum(course.cell_m, tolerance_m)
    length_mm = sailed_by_track_mm(course.xyz, tolerance, segments.offsets)
    table = schema.SEGMENTS.of(
        {
            "segment_id": [
                content_id("segment", *parts) for parts in _identities(course, segments.offsets)
            ],
            "vessel_id": [vessel_id(int(key)) for key in keys],
            "mmsi": [mmsi_of_key(int(key)) for key in keys],
            "start": instants(course.t_us[first]),
            "end": instants(course.t_us[last]),
            "start_lat": course.lat[first],
            "start_lon": course.lon[first],
            "end_lat": course.lat[last],
            "end_lon": course.lon[last],
            **_bounds(course, segments.offsets),
            "length_nm": length_mm / MM_PER_NM,
            "n_positions": np.bincount(segments.of_fix, minlength=first.size),
            "max_gap_h": _longest_gap_h(course, segments.offsets),
            "fix_ranges": _fix_ranges(all_received, fleet, segments),
        }
    )
    return table.sort_by([(name, "ascending") for name in schema.SEGMENTS.key])


def instants(t_us: Ints) -> pa.Array:
    """Return microseconds as Arrow times."""
    return pa.array(t_us, pa.int64()).cast(schema.TIMESTAMP)


def _identities(course: Course, offsets: Ints) -> list[tuple[str, int, int, int]]:
    first = offsets[:-1]
    vessel = course.vessel[first]
    return [
        (vessel_id(int(key)), int(t_us), int(lat_e6), int(lon_e6))
        for key, t_us, lat_e6, lon_e6 in zip(
            course.keys[vessel],
            course.t_us[first],
            course.lat_e6[first],
            course.lon_e6[first],
            strict=True,
        )
    ]


def _bounds(course: Course, offsets: Ints) -> dict[str, Floats]:
    """Return the box of each segment; across the date line its west lies above its east."""
    if course.n == 0:
        return {name: np.zeros(0) for name in ("min_lat", "min_lon", "max_lat", "max_lon")}
    first = offsets[:-1]
    step_e6 = np.diff(course.lon_e6, prepend=course.lon_e6[:1])
    step_e6 = (step_e6 + _HALF_CIRCLE_E6) % _FULL_CIRCLE_E6 - _HALF_CIRCLE_E6
    # Way to the east since the segment began, in whole numbers: exact, and no seam anywhere.
    eastward_e6 = np.cumsum(step_e6)
    eastward_e6 -= np.repeat(eastward_e6[first], np.diff(offsets))
    west_e6 = course.lon_e6[first] + np.minimum.reduceat(eastward_e6, first)
    east_e6 = course.lon_e6[first] + np.maximum.reduceat(eastward_e6, first)
    goes_round = east_e6 - west_e6 >= _FULL_CIRCLE_E6
    return {
        "min_lat": np.minimum.reduceat(course.lat, first),
        "min_lon": np.where(goes_round, -180.0, _wrapped(west_e6)),
        "max_lat": np.maximum.reduceat(course.lat, first),
        "max_lon": np.where(goes_round, 180.0, _wrapped(east_e6)),
    }


def _wrapped(lon_e6: Ints) -> Floats:
    return ((lon_e6 + _HALF_CIRCLE_E6) % _FULL_CIRCLE_E6 - _HALF_CIRCLE_E6) / E6


def _longest_gap_h(course: Course, offsets: Ints) -> Floats:
    if course.n == 0:
        return np.zeros(0)
    gap_us = np.diff(course.t_us, prepend=course.t_us[:1])
    gap_us[offsets[:-1]] = 0
    return np.maximum.reduceat(gap_us, offsets[:-1]) / US_PER_HOUR


def _fix_ranges(all_received: Received, fleet: Fleet, segments: Segments) -> pa.Array:
    """Return the positions of each segment as ranges of its MMSI's stored order."""
    segment = np.full(all_received.n, -1, dtype=np.int64)
    segment[fleet.rows] = segments.of_fix
    is_edge = np.ones(all_received.n + 1, dtype=np.bool_)
    is_edge[1:-1] = segment[1:] != segment[:-1]
    edges = np.flatnonzero(is_edge)
    start, end = edges[:-1], edges[1:] - 1
    is_track = segment[start] >= 0
    start, end = start[is_track], end[is_track]
    order = np.argsort(segment[start], kind="stable")
    start, end = start[order], end[order]
    columns = [
        instants(all_received.t_us[start]),
        pa.array(all_received.nth[start], pa.int16()),
        instants(all_received.t_us[end]),
        pa.array(all_received.nth[end], pa.int16()),
    ]
    n_segments = segments.offsets.size - 1
    counts = np.bincount(segment[start], minlength=n_segments)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    values = pa.StructArray.from_arrays(columns, fields=list(schema.FIX_RANGES.value_type))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values, type=schema.FIX_RANGES)
