"""Port visits by the published rule of anchorages_pipeline: states, events, visits.

Own arithmetic after GlobalFishingWatch/anchorages_pipeline @ 099169e (Apache-2.0): a vessel is in
port from a fix within the entry distance of an anchorage point until one beyond the exit distance,
and stopped there from the lower speed until the higher. Events are the changes of state, and
silences in port.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vesseltrack.core.geodesy import Floats, great_circle_m
from vesseltrack.core.runs import Bools, Ints, offsets_of_sorted
from vesseltrack.units import m_to_nm


class PortEvent(enum.IntEnum):
    """What happens in a port; at one instant in this order."""

    ENTRY = 0
    GAP_BEGIN = 1
    GAP_END = 2
    STOP_BEGIN = 3
    STOP_END = 4
    EXIT = 5


_STOP_OR_GAP = frozenset(set(PortEvent) - {PortEvent.ENTRY, PortEvent.EXIT})


@dataclass(frozen=True)
class PortRule:
    """The published thresholds."""

    enter_m: float  # at most
    exit_m: float  # at least
    stop_begin_kn: float  # at most
    stop_end_kn: float  # at least
    gap_us: int  # at least
    max_apart_nm: float  # of two events of different segments: more is another visit


@dataclass(frozen=True)
class PortEvents:
    """Events of one vessel in their order; arrays of (n,)."""

    kind: Ints  # of `PortEvent`
    t_us: Ints  # a gap begins at the last fix and the least gap after it
    row: Ints  # the fix; of a gap's begin the last one before
    anchorage: Ints  # the point that the vessel is in port at
    segment: Ints

    def take(self, rows: Ints) -> "PortEvents":
        """Return some of them, in the order given."""
        return PortEvents(
            self.kind[rows],
            self.t_us[rows],
            self.row[rows],
            self.anchorage[rows],
            self.segment[rows],
        )


def port_events(
    t_us: Ints,
    sog_kn: Floats,
    nearest: tuple[Floats, Ints],
    segment: Ints,
    known_until_us: int,
    rule: PortRule,
) -> PortEvents:
    """Return the port events of one vessel, in order.

    Parameters
    ----------
    t_us, sog_kn : (n,)
        Time [us] and speed over ground (NaN: as before) of each fix, segment after segment.
    nearest : (n,), (n,)
        Distance [m] to the nearest anchorage point, and which one it is.
    segment : (n,)
        Number of each fix's segment: states end with it.
    known_until_us : int
        Until when nothing more was heard: a silence in port up to here may be a gap.
    rule : PortRule
        The published thresholds.
    """
    anchorage_m, anchorage = nearest
    offsets = offsets_of_sorted(segment)
    is_first = np.zeros(t_us.size, dtype=np.bool_)
    is_first[offsets[:-1]] = True
    is_in = _held(anchorage_m <= rule.enter_m, anchorage_m >= rule.exit_m, is_first)
    was_in = np.append(False, is_in[:-1])[: t_us.size] & ~is_first
    is_slow = sog_kn <= rule.stop_begin_kn
    # Out of port no stop is remembered: a vessel comes in moving unless it is slow.
    is_still = _held(is_slow, (sog_kn >= rule.stop_end_kn) | (~was_in & ~is_slow), is_first)
    is_stopped = is_in & is_still
    was_stopped = np.append(False, is_stopped[:-1])[: t_us.size] & ~is_first
    at = _carried(anchorage, is_in)
    gap_before = was_in & (np.diff(t_us, prepend=t_us[:1]) >= rule.gap_us)
    last = offsets[1:] - 1
    ends_silent = last[is_in[last] & (known_until_us - t_us[last] >= rule.gap_us)]

    silent = np.flatnonzero(gap_before)
    found = [
        (PortEvent.ENTRY, np.flatnonzero(is_in & ~was_in & ~is_first), 0),
        (PortEvent.GAP_BEGIN, np.append(silent - 1, ends_silent), rule.gap_us),
        (PortEvent.GAP_END, silent, 0),
        (PortEvent.STOP_BEGIN, np.flatnonzero(is_stopped & ~was_stopped & ~is_first), 0),
        (PortEvent.STOP_END, np.flatnonzero(~is_stopped & was_stopped), 0),
        (PortEvent.EXIT, np.flatnonzero(~is_in & was_in), 0),
    ]
    row = np.concatenate([rows for _, rows, _ in found]).astype(np.int64)
    kind = np.repeat([kind for kind, _, _ in found], [rows.size for _, rows, _ in found])
    shift_us = np.repeat([shift for *_, shift in found], [rows.size for _, rows, _ in found])
    time_us = t_us[row] + shift_us
    events = PortEvents(kind.astype(np.int64), time_us, row, at[row], segment[row])
    return in_order(events)


def in_order(events: PortEvents) -> PortEvents:
    """Return events by time, those of one instant as they follow on each other."""
    return events.take(np.lexsort((events.kind, events.t_us)))


def _held(is_on: Bools, is_off: Bools, is_first: Bools) -> Bools:
    """Return a state that neither condition changes between them; at first it is off."""
    place = np.arange(is_on.size)
    decided = np.maximum.accumulate(np.where(is_on | is_off | is_first, place, 0))
    return np.asarray(is_on[decided]) if is_on.size else is_on


def _carried(anchorage: Ints, is_in: Bools) -> Ints:
    """Return the point of the last fix in port, at each fix."""
    place = np.arange(anchorage.size)
    return anchorage[np.maximum.accumulate(np.where(is_in, place, 0))]


def visits_of(events: PortEvents, lat: Floats, lon: Floats, max_apart_nm: float) -> list[Ints]:
    """Return the visits as groups of events (their rows).

    A visit ends with its exit, before the next entry, and between two events of different segments
    whose anchorage points lie too far apart.

    Parameters
    ----------
    events : PortEvents
        In order.
    lat, lon : (n,)
        Place of each event's anchorage point [deg].
    max_apart_nm : float
        [nm].
    """
    if events.kind.size == 0:
        return []
    apart_nm = m_to_nm(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]))
    begins = np.ones(events.kind.size, dtype=np.bool_)
    begins[1:] = (
        (events.kind[1:] == PortEvent.ENTRY)
        | (events.kind[:-1] == PortEvent.EXIT)
        | ((events.segment[1:] != events.segment[:-1]) & (apart_nm > max_apart_nm))
    )
    return np.split(np.arange(events.kind.size), np.flatnonzero(begins)[1:])


def visit_confidence(kinds: Iterable[int] | Sequence[int]) -> int:
    """Return 4 for a stop or gap with entry and exit, 3 with one of them, 2 with none; else 1."""
    seen = {PortEvent(kind) for kind in kinds}
    if not seen & _STOP_OR_GAP:
        return 1
    return 2 + (PortEvent.ENTRY in seen) + (PortEvent.EXIT in seen)
