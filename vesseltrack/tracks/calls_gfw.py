"""The `gfw` preset of port calls: visits to anchorage points, with confidences 1 to 4."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vesseltrack.config.tracks import TracksConfig
from vesseltrack.config.tracks_gfw import PortCallsGfw
from vesseltrack.core.geodesy import Floats
from vesseltrack.core.port_visits import (
    PortEvent,
    PortEvents,
    PortRule,
    port_events,
    visit_confidence,
    visits_of,
)
from vesseltrack.core.runs import Ints, offsets_of_sorted
from vesseltrack.tracks.calls import PortCall, held, named_port
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.knowledge import Knowledge
from vesseltrack.tracks.ports import Harbours
from vesseltrack.units import US_PER_HOUR, h_to_us

_M_PER_KM = 1_000.0
_MIN_PER_H = 60.0


def port_rule(config: PortCallsGfw) -> PortRule:
    """Return the published rule with the settings' numbers."""
    return PortRule(
        enter_m=config.enter_km * _M_PER_KM,
        exit_m=config.exit_km * _M_PER_KM,
        stop_begin_kn=config.stop_begin_kn,
        stop_end_kn=config.stop_end_kn,
        gap_us=h_to_us(config.gap_min / _MIN_PER_H),
        max_apart_nm=config.max_apart_nm,
    )


@dataclass(frozen=True)
class Heard:
    """What the rule asks of the measured fixes beside where they are.

    Parameters
    ----------
    sog_kn, segment : (n,)
        Speed over ground of each (NaN where unknown), and the number of its segment.
    until_us : int
        When the last fix of all vessels was heard [us].
    """

    sog_kn: Floats
    segment: Ints
    until_us: int


def find_port_calls_as_gfw(
    course: Course, heard: Heard, knowledge: Knowledge, config: TracksConfig
) -> list[PortCall]:
    """Return the port calls of all vessels in order: visits as long as those GFW publishes.

    Parameters
    ----------
    course : Course
        The measured fixes.
    heard : Heard
        What else is known of them.
    knowledge : Knowledge
        Anchorage points, ports and what vessels declared.
    config : TracksConfig
        Settings of the stage.
    """
    if course.n == 0:
        return []
    rule, harbours = config.port_calls_gfw, knowledge.harbours
    nearest_m, nearest = harbours.nearest_anchorage(course.xyz)
    order = np.argsort(heard.segment, kind="stable")
    events = port_events(
        course.t_us[order],
        heard.sog_kn[order],
        (nearest_m[order], nearest[order]),
        heard.segment[order],
        heard.until_us,
        port_rule(rule),
    )
    events = dataclasses.replace(events, row=order[events.row])
    vessel = course.vessel[events.row]
    by_vessel = np.lexsort((events.kind, events.t_us, vessel))
    events, offsets = events.take(by_vessel), offsets_of_sorted(vessel[by_vessel])
    calls = []
    for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        own = events.take(np.arange(start, stop))
        lat, lon = harbours.anchorage_lat[own.anchorage], harbours.anchorage_lon[own.anchorage]
        for visit in visits_of(own, lat, lon, rule.max_apart_nm):
            is_last = visit[-1] == own.kind.size - 1
            calls.append(_call(course, own.take(visit), knowledge, config, is_last=bool(is_last)))
    return [call for call in calls if call is not None]


def _call(
    course: Course,
    visit: PortEvents,
    knowledge: Knowledge,
    config: TracksConfig,
    *,
    is_last: bool,
) -> PortCall | None:
    """Return a visit as a call, or None when it is shorter or weaker than those published.

    The vessel's last visit without an exit is open, and lasts as long as it was heard.
    """
    rule = config.port_calls_gfw
    is_open = is_last and visit.kind[-1] != PortEvent.EXIT
    arrival, departure = int(visit.row[0]), int(visit.row[-1])
    vessel = course.vessel_of(arrival)
    end_us = visit.t_us[-1]
    if is_open:
        departure = int(course.offsets[vessel + 1]) - 1
        end_us = max(end_us, course.t_us[departure])
    hours = float(end_us - visit.t_us[0]) / US_PER_HOUR
    confidence = visit_confidence(visit.kind)
    if hours < rule.min_visit_h or confidence < rule.min_confidence:
        return None
    return PortCall(
        vessel,
        arrival,
        departure,
        port=named_port(course, arrival, knowledge, config.port_calls),
        is_open=is_open,
        confidence=confidence,
        measures=_measures(visit, hours, knowledge.harbours, rule),
    )


def _measures(
    visit: PortEvents, hours: float, harbours: Harbours, rule: PortCallsGfw
) -> dict[str, Any]:
    return {
        "rule": {"value": "gfw"},
        "duration_h": held(hours, ">=", rule.min_visit_h),
        "events": {"value": [PortEvent(kind).name.lower() for kind in visit.kind]},
        "anchorage": {"value": harbours.anchorage_names[visit.anchorage[0]]},
    }


def without_anchorage(
    calls: Sequence[PortCall], course: Course, harbours: Harbours, area_km: float
) -> tuple[str, ...]:
    """Return the names of the ports called at (`default`) that have no anchorage point near."""
    rows = np.array([call.arrival for call in calls], dtype=np.int64)
    is_bare = harbours.anchorage_m(course.xyz[rows]) > area_km * _M_PER_KM
    named = zip(calls, is_bare.tolist(), strict=True)
    return tuple(
        sorted({harbours.names[call.port] for call, bare in named if bare and call.has_port})
    )
