"""The `gfw` preset of segments: which fixes take part, and which vessel and segment is whose."""

from typing import Final

import numpy as np

from vesseltrack.config.tracks_gfw import SegmentsGfw
from vesseltrack.core.geodesy import great_circle_m
from vesseltrack.core.kinematics import Reach, reach_m
from vesseltrack.core.matching import MatchRule, Motion
from vesseltrack.core.open_segments import ALONE, segmented
from vesseltrack.core.repeats import originals
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.tracks.fleet import Fleet, ais_class, assembled
from vesseltrack.tracks.received import Admitted, Received, left_out
from vesseltrack.units import E6, US_PER_S

_SEEN_PER_DEG: Final = 60_000  # places nearer than 1/1000 minute are one to GFW
_EVER_US: Final = 1 << 62
_BOTH_CLASSES: Final = 3  # bits: 1 class A, 2 class B


def match_rule(config: SegmentsGfw) -> MatchRule:
    """Return the published rule with the settings' numbers."""
    return MatchRule(
        max_gap_h=config.max_gap_h,
        penalty_h=config.penalty_h,
        penalty_exponent=config.penalty_exponent,
        buffer_h=config.buffer_h,
        lookback=config.lookback,
        lookback_factor=config.lookback_factor,
        max_kn=config.max_kn,
        penalty_kn=config.penalty_kn,
        shape=config.shape,
        ambiguity=config.ambiguity,
        short_fixes=config.short_fixes,
        other_class=config.other_class,
        long_range_h=config.long_range_h,
        slow_kn=config.slow_kn,
        max_open=config.max_open,
        weigh_by_place=config.weigh_by_place,
    )


def admit_as_gfw(all_received: Received, config: SegmentsGfw) -> Admitted:
    """Return the positions that take part in the `gfw` segments.

    Every MMSI does. Left out, beside those without a time and exact repeats: a report under way
    whose place, speed, course and heading the MMSI sent before at any time (`seen_before`).
    """
    motion = motion_of(all_received, np.arange(all_received.n))
    may_repeat = motion.has_motion(config.slow_kn) & all_received.has_time
    rows = np.flatnonzero(may_repeat)
    content = [
        np.round(all_received.lat_e6[rows] * (_SEEN_PER_DEG / E6)),
        np.round(all_received.lon_e6[rows] * (_SEEN_PER_DEG / E6)),
        np.round(all_received.sog_kn[rows] * 10),
        np.round(all_received.cog_deg[rows] * 10),
        np.round(all_received.heading_deg[rows]),
    ]
    original = originals(all_received.mmsi[rows], content, all_received.t_us[rows], _EVER_US)
    is_seen = np.zeros(all_received.n, dtype=np.bool_)
    is_seen[rows] = (original != np.arange(rows.size)) & (motion.sog_kn[rows] > 0)
    kept, discarded = left_out(all_received, {"seen_before": is_seen})
    return Admitted(kept, np.arange(kept.size), discarded)


def motion_of(all_received: Received, rows: Ints) -> Motion:
    """Return some positions as what the published measure is taken of."""
    sent_by = ais_class(all_received.msg_type[rows])
    return Motion(
        t_us=all_received.t_us[rows],
        lat=all_received.lat[rows],
        lon=all_received.lon[rows],
        sog_kn=all_received.sog_kn[rows].astype(np.float64),
        cog_deg=all_received.cog_deg[rows].astype(np.float64),
        sets=np.where(sent_by == 0, _BOTH_CLASSES, sent_by),
        is_long_range=sent_by == 0,
    )


def fleet_as_gfw(
    all_received: Received, admitted: Admitted, config: SegmentsGfw, reach: Reach
) -> Fleet:
    """Return the fixes of every vessel, its `chain` being the `gfw` segment.

    Segments that overlap in time are two transmitters'; one that does not goes on with the vessel
    that ended nearest to it among those that can have come from there.
    """
    rule = match_rule(config)
    rows = admitted.rows
    chain = np.zeros(rows.size, dtype=np.int64)
    vessel = np.zeros(rows.size, dtype=np.int64)
    is_aside = np.zeros(rows.size, dtype=np.bool_)
    offsets = offsets_of_sorted(all_received.mmsi[rows])
    for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        own = rows[start:stop]
        found = segmented(motion_of(all_received, own), rule)
        home = np.where(found.beside == ALONE, found.segment, found.beside)
        chain[start:stop] = found.segment
        is_aside[start:stop] = found.is_aside
        vessel[start:stop] = _vessel_of_segment(all_received, own, home, reach)[home]
    return assembled(
        all_received,
        rows,
        vessel=vessel,
        chain=chain,
        is_repeat=np.zeros(rows.size, dtype=np.bool_),
        is_aside=is_aside,
    )


def _vessel_of_segment(all_received: Received, rows: Ints, home: Ints, reach: Reach) -> Ints:
    """Return the vessel of each segment of one MMSI, numbered in order of their first fixes."""
    numbers, first = np.unique(home, return_index=True)
    last = home.size - 1 - np.unique(home[::-1], return_index=True)[1]
    vessel = np.zeros(int(numbers[-1]) + 1, dtype=np.int64)
    ends: list[int] = []  # the last fix of each vessel so far
    for place in np.argsort(first, kind="stable"):
        begun = int(rows[first[place]])
        chosen = _reachable(all_received, np.array(ends, dtype=np.int64), begun, reach)
        if chosen is None:
            chosen = len(ends)
            ends.append(begun)
        ends[chosen] = int(rows[last[place]])
        vessel[numbers[place]] = chosen
    return vessel


def _reachable(all_received: Received, ends: Ints, begun: int, reach: Reach) -> int | None:
    """Return which of the vessels that have ended can have got to a fix, the nearest, or None."""
    dt_s = (all_received.t_us[begun] - all_received.t_us[ends]) / US_PER_S
    way_m = great_circle_m(
        all_received.lat[ends],
        all_received.lon[ends],
        all_received.lat[begun],
        all_received.lon[begun],
    )
    cell_m = all_received.cell_m[ends] + all_received.cell_m[begun]
    can: Bools = (dt_s > 0) & (way_m <= reach_m(np.maximum(dt_s, 0.0), cell_m, reach))
    return int(np.flatnonzero(can)[np.argmin(way_m[can])]) if can.any() else None
