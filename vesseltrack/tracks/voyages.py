"""Voyages: from the end of one port call to the start of the next, or to where the data end."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.config.tracks import TracksConfig
from vesseltrack.core.geodesy import m_of_chord
from vesseltrack.core.identity import content_id, mmsi_of_key, vessel_id
from vesseltrack.tracks.calls import PortCall, first_fix
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.gaps import approached_port, hidden_call, long_gaps
from vesseltrack.tracks.knowledge import Knowledge
from vesseltrack.tracks.ports import Harbours
from vesseltrack.tracks.segments import instants
from vesseltrack.tracks.stops import Stays
from vesseltrack.tracks.ways import sail_ways, way_table
from vesseltrack.units import nm_to_m

CALL: Final = "call"
DECLARED: Final = "declared"
EDGE: Final = "edge"


@dataclass(frozen=True)
class End:
    """One end of a voyage: which port (row in the list, None unknown), and how it is known."""

    port: int | None
    by: str


_UNKNOWN: Final = End(None, EDGE)


@dataclass(frozen=True)
class Voyage:
    """One passage; rows are of the measured fixes, both included."""

    vessel: int
    start: int
    end: int
    origin: End
    destination: End
    is_open: bool


def find_voyages(
    course: Course,
    calls: Sequence[PortCall],
    stays: Stays,
    knowledge: Knowledge,
    config: TracksConfig,
) -> list[Voyage]:
    """Return the voyages of all vessels, in order of their fixes.

    A voyage runs from the last fix of one call to the first of the next. It ends earlier, at an
    edge, before an impossible step and before a silence that may hide a call. One with an edge
    (where data begin or end, or the voyage was cut) is told only when the vessel left its place:
    got `min_reach_nm` away from where it began. A vessel that never called has one from edge to
    edge under the same condition, so one that lies at anchor or in port all the time has none.
    """
    cuts = _cuts(course, stays, knowledge, config)
    rows = sorted(cuts)
    voyages = []
    for whole in _between_calls(course, calls):
        for voyage in _cut(whole, cuts, rows):
            at_edge = EDGE in (voyage.origin.by, voyage.destination.by)
            if at_edge and not _leaves_its_place(course, voyage, config):
                continue
            voyages.append(_with_declared_end(voyage, course, knowledge, config))
    return voyages


def _between_calls(course: Course, calls: Sequence[PortCall]) -> list[Voyage]:
    """Return what lies before, between and after the calls of each vessel."""
    calls_of = defaultdict(list)
    for call in calls:
        calls_of[call.vessel].append(call)
    voyages = []
    for vessel in range(course.keys.size):
        start, origin = int(course.offsets[vessel]), _UNKNOWN
        for call in calls_of[vessel]:
            here = End(call.port if call.has_port else None, CALL)
            voyages.append(Voyage(vessel, start, call.arrival, origin, here, is_open=False))
            start, origin = call.departure, here
        end = int(course.offsets[vessel + 1]) - 1
        voyages.append(Voyage(vessel, start, end, origin, _UNKNOWN, is_open=True))
    return [voyage for voyage in voyages if voyage.end > voyage.start]


def _cuts(
    course: Course,
    stays: Stays,
    knowledge: Knowledge,
    config: TracksConfig,
) -> dict[int, End]:
    """Return the fixes at which a new voyage begins, with the end of the one before."""
    cuts = {int(row): _UNKNOWN for row in np.flatnonzero(course.is_jump)}
    min_h = config.voyages.hidden_gap_h
    for row in long_gaps(course, stays.start, stays.stop, min_h).tolist():
        hidden = hidden_call(course, row, knowledge, config.voyages)
        if hidden is not None:
            cuts[row] = _UNKNOWN if hidden.port is None else End(hidden.port, DECLARED)
    return cuts


def _cut(whole: Voyage, cuts: dict[int, End], rows: Sequence[int]) -> list[Voyage]:
    """Return the parts of a voyage between the cuts, whose rows are given in order."""
    parts = []
    start, origin = whole.start, whole.origin
    inside = slice(bisect_right(rows, whole.start), bisect_right(rows, whole.end))
    for row in rows[inside]:
        parts.append(Voyage(whole.vessel, start, row - 1, origin, cuts[row], is_open=False))
        start, origin = row, _UNKNOWN
    parts.append(replace(whole, start=start, origin=origin))
    return [part for part in parts if part.end > part.start]


def _leaves_its_place(course: Course, voyage: Voyage, config: TracksConfig) -> bool:
    xyz = course.xyz[voyage.start : voyage.end + 1]
    farthest_m = float(m_of_chord(np.linalg.norm(xyz - xyz[0], axis=1).max()))
    return farthest_m >= nm_to_m(config.voyages.min_reach_nm)


def _with_declared_end(
    voyage: Voyage,
    course: Course,
    knowledge: Knowledge,
    config: TracksConfig,
) -> Voyage:
    """Return an open voyage with the port it declares to be bound for, if that is another one."""
    if not voyage.is_open:
        return voyage
    meant = knowledge.declared.at(voyage.vessel, int(course.t_us[voyage.end])).ports
    ports = [port for port in meant if port != voyage.origin.port]
    port = ports[0] if len(ports) == 1 else None
    if len(ports) > 1:
        port = approached_port(course, voyage.end, ports, knowledge, config.voyages)
    return voyage if port is None else replace(voyage, destination=End(port, DECLARED))


def voyage_tables(
    course: Course,
    voyages: Sequence[Voyage],
    knowledge: Knowledge,
    config: TracksConfig,
) -> tuple[pa.Table, pa.Table]:
    """Return the VOYAGES in key order, and their WAYS; what compares with a route is null."""
    start = np.array([voyage.start for voyage in voyages], dtype=np.int64)
    end = np.array([voyage.end for voyage in voyages], dtype=np.int64)
    ids = [vessel_id(int(course.keys[voyage.vessel])) for voyage in voyages]
    way = sail_ways(course, start, end, knowledge.sea_distance_nm, config)
    voyage_ids = [
        content_id("voyage", ids[i], *first_fix(course, voyage.start))
        for i, voyage in enumerate(voyages)
    ]
    table = schema.VOYAGES.of(
        {
            "voyage_id": voyage_ids,
            "vessel_id": ids,
            "mmsi": [mmsi_of_key(int(course.keys[voyage.vessel])) for voyage in voyages],
            **_ends("origin", [voyage.origin for voyage in voyages], knowledge.harbours),
            **_ends("destination", [voyage.destination for voyage in voyages], knowledge.harbours),
            "start": instants(course.t_us[start]),
            "end": instants(course.t_us[end]),
            "is_open": [voyage.is_open for voyage in voyages],
            "start_lat": course.lat[start],
            "start_lon": course.lon[start],
            "end_lat": course.lat[end],
            "end_lon": course.lon[end],
            "n_positions": end - start + 1,
            "travelled_nm": way.travelled_nm,
            "removed_nm": way.removed_nm,
            "by_sea_nm": way.by_sea_nm,
            "reckoned_nm": way.reckoned_nm,
            "passages": pa.array([[] for _ in voyages], pa.list_(pa.string())),
            "coverage_frac": way.coverage_frac,
        }
    )
    in_order = table.sort_by([(name, "ascending") for name in schema.VOYAGES.key])
    return in_order, way_table(way, course, voyage_ids, config)


def _ends(name: str, ends: Sequence[End], harbours: Harbours) -> dict[str, list[str | None]]:
    ports = [end.port for end in ends]
    return {
        name: [None if port is None else harbours.names[port] for port in ports],
        f"{name}_locode": [None if port is None else harbours.locodes[port] for port in ports],
        f"{name}_by": [end.by for end in ends],
    }
