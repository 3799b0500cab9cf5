"""Port calls: which port a stay was at, how sure that is, and what the rule saw."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config.tracks import PortCallConfig, TracksConfig
from vesseltrack.core.identity import content_id, mmsi_of_key, vessel_id
from vesseltrack.core.runs import Bools, Ints
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.destinations import Destination
from vesseltrack.tracks.knowledge import Knowledge
from vesseltrack.tracks.ports import Harbours
from vesseltrack.tracks.segments import instants
from vesseltrack.tracks.stops import STOP, TURN_ROUND, Stays, find_stops, merged_calls
from vesseltrack.units import US_PER_HOUR, h_to_us

_STAY_ONLY, _ENTRY_OR_EXIT, _ENTRY_AND_EXIT = 2, 3, 4  # after GFW's port visit confidence
_NO_PORT = -1


@dataclass(frozen=True)
class PortCall:
    """One stay in a port; rows are of the measured fixes."""

    vessel: int
    arrival: int
    departure: int
    port: int  # row in the list, -1 without a name
    is_open: bool
    confidence: int
    measures: Mapping[str, Any]

    @property
    def has_port(self) -> bool:
        """Whether it has a name."""
        return self.port != _NO_PORT


def find_port_calls(
    course: Course, is_fishing: Bools, knowledge: Knowledge, config: TracksConfig
) -> tuple[list[PortCall], Stays]:
    """Return the port calls (`default`) of all vessels in order, and every stay, at sea too."""
    stays = find_stops(course, is_fishing, knowledge.harbours, config)
    calls = []
    for group in merged_calls(course, stays, config.port_calls.same_call_m):
        first = int(group[0])
        arrival, departure = int(stays.start[first]), int(stays.stop[group[-1]]) - 1
        vessel = int(course.vessel_of(arrival))
        calls.append(
            PortCall(
                vessel,
                arrival,
                departure,
                port=named_port(course, arrival, knowledge, config.port_calls),
                is_open=departure == int(course.offsets[vessel + 1]) - 1,
                confidence=_confidence(course, vessel, arrival, departure, config.port_calls),
                measures=_measures(course, stays, group, knowledge.harbours, config.port_calls),
            )
        )
    return calls, stays


def named_port(course: Course, arrival: int, knowledge: Knowledge, config: PortCallConfig) -> int:
    """Return the port that a call is named by (its row in the list), or -1.

    The port declared on arrival where it is near; else the nearest large one, else the nearest,
    neither farther off than the limit.
    """
    meant = knowledge.declared.at(course.vessel_of(arrival), int(course.t_us[arrival]))
    declared = _declared_port(course, arrival, meant, knowledge.harbours, config)
    if declared is not None:
        return declared
    here = course.xyz[arrival : arrival + 1]
    for distance_m, port in (
        knowledge.harbours.nearest_large_port(here),
        knowledge.harbours.nearest_port(here),
    ):
        if distance_m[0] <= config.naming_m:
            return int(port[0])
    return _NO_PORT


def _declared_port(
    course: Course,
    arrival: int,
    meant: Destination,
    harbours: Harbours,
    config: PortCallConfig,
) -> int | None:
    """Return the nearest port of those declared that has the arrival in its area, or None."""
    distances = [(harbours.distance_m(port, course.xyz[arrival]), port) for port in meant.ports]
    distance_m, port = min(distances, default=(np.inf, _NO_PORT))
    return port if distance_m <= config.port_area_m else None


def _confidence(
    course: Course, vessel: int, arrival: int, departure: int, config: PortCallConfig
) -> int:
    """Return 4 when both entry and exit were seen, 3 with one of them, 2 with neither."""
    begin, end = int(course.offsets[vessel]), int(course.offsets[vessel + 1])
    seen_us = h_to_us(config.seen_h)
    entry = arrival > begin and _is_step(course, arrival, seen_us)
    exit_ = departure + 1 < end and _is_step(course, departure + 1, seen_us)
    return (_STAY_ONLY, _ENTRY_OR_EXIT, _ENTRY_AND_EXIT)[entry + exit_]


def _is_step(course: Course, row: int, seen_us: int) -> bool:
    dt_us = int(course.t_us[row] - course.t_us[row - 1])
    return dt_us <= seen_us and not bool(course.is_jump[row])


def _measures(
    course: Course, stays: Stays, group: Ints, harbours: Harbours, config: PortCallConfig
) -> dict[str, Any]:
    first = int(group[0])
    is_turn = bool(stays.is_turn[first])
    last_fix = stays.stop[group[-1]] - 1
    hours = float(course.t_us[last_fix] - course.t_us[stays.start[first]]) / US_PER_HOUR
    longest_h = max(
        float(course.t_us[stays.stop[stay] - 1] - course.t_us[stays.start[stay]]) / US_PER_HOUR
        for stay in group
    )
    min_h = config.turn_min_min / 60 if is_turn else config.stop_min_h
    measures: dict[str, Any] = {
        "rule": {"value": TURN_ROUND if is_turn else STOP},
        "duration_h": {"value": round(hours, 3)},
        "n_stays": {"value": len(group)},
        "longest_stay_h": held(longest_h, ">=", min_h),
        "nearest_port": {"value": harbours.names[stays.port[first]]},
        "port_km": {"value": round(float(stays.port_m[first]) / 1_000, 3)},
    }
    if not is_turn:
        measures["speed_kn"] = held(float(stays.speed_kn[first]), "<=", config.stop_max_kn)
    return measures


def held(value: float, rule: str, threshold: float) -> dict[str, Any]:
    """Return a measure with what it was held against, and the margin."""
    margin = value - threshold if rule == ">=" else threshold - value
    return {
        "value": round(value, 3),
        "threshold": threshold,
        "rule": rule,
        "margin": round(margin, 3),
    }


def port_call_table(course: Course, calls: Sequence[PortCall], harbours: Harbours) -> pa.Table:
    """Return the PORT_CALLS table, in key order."""
    arrival = np.array([call.arrival for call in calls], dtype=np.int64)
    departure = np.array([call.departure for call in calls], dtype=np.int64)
    ids = [vessel_id(int(course.keys[call.vessel])) for call in calls]
    table = schema.PORT_CALLS.of(
        {
            "port_call_id": [
                content_id("call", ids[i], *first_fix(course, call.arrival))
                for i, call in enumerate(calls)
            ],
            "vessel_id": ids,
            "mmsi": [mmsi_of_key(int(course.keys[call.vessel])) for call in calls],
            "port": [harbours.names[call.port] if call.has_port else None for call in calls],
            "locode": [harbours.locodes[call.port] if call.has_port else None for call in calls],
            "arrival": instants(course.t_us[arrival]),
            "departure": instants(course.t_us[departure]),
            "is_open": [call.is_open for call in calls],
            "confidence": [call.confidence for call in calls],
            "lat": course.lat[arrival],
            "lon": course.lon[arrival],
            "measures": [json.dumps(call.measures, separators=(",", ":")) for call in calls],
        }
    )
    return table.sort_by([(name, "ascending") for name in schema.PORT_CALLS.key])


def first_fix(course: Course, row: int) -> tuple[int, int, int]:
    """Return time and place of a fix as the whole numbers that identifiers are made of."""
    return int(course.t_us[row]), int(course.lat_e6[row]), int(course.lon_e6[row])
