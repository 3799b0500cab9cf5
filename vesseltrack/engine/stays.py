"""Stays on the way of a voyage: at an anchorage or a port, seen to last for hours."""

import itertools
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config.detect.route_deviation import RouteDeviationDefault
from vesseltrack.core.geodesy import Floats, great_circle_m, unit_xyz
from vesseltrack.core.identity import vessel_id
from vesseltrack.core.runs import Ints, offsets_of_sorted
from vesseltrack.core.stays import find_stays
from vesseltrack.engine.passage import Points
from vesseltrack.schema import TIMESTAMP
from vesseltrack.schema.plain import iso_times
from vesseltrack.units import US_PER_HOUR, h_to_us, m_to_nm, nm_to_m

Row = dict[str, Any]
_COLUMNS: Final = ("port_m", "anchorage_m", "nav_status")
_M_PER_KM: Final = 1_000
_MOSTLY: Final = 0.5


class Around:
    """What lies around the fixes of each vessel, and what they say of themselves."""

    def __init__(self, fixes: pa.Table) -> None:
        key = fixes["vessel_key"].to_numpy()
        order = np.argsort(key, kind="stable")  # fixes come in time order, which this keeps
        self._order, self._fixes = order, fixes
        offsets = offsets_of_sorted(key[order])
        self._span_of = {
            vessel_id(int(key[order[a]])): slice(a, b) for a, b in itertools.pairwise(offsets)
        }

    def of(self, vessel: str) -> "Surroundings":
        """Return those of one vessel."""
        theirs = self._fixes.take(pa.array(self._order[self._span_of[vessel]]))
        columns = {name: theirs[name].fill_null(-1).to_numpy() for name in _COLUMNS}
        return Surroundings(theirs["timestamp"].cast(pa.int64()).to_numpy(), columns)


class Surroundings:
    """Columns of one vessel's fixes in time order."""

    def __init__(self, t_us: Ints, columns: dict[str, npt.NDArray[Any]]) -> None:
        self._t_us, self._columns = t_us, columns

    def between(self, start_us: int, end_us: int) -> dict[str, npt.NDArray[Any]]:
        """Return the columns from a time to another, both included."""
        rows = slice(*np.searchsorted(self._t_us, [start_us, end_us + 1]))
        return {name: column[rows] for name, column in self._columns.items()}


def stays_on(points: Points, surroundings: Surroundings, rule: RouteDeviationDefault) -> list[Row]:
    """Return the stays at ports and anchorages, in order; silence is none.

    Each with its kind (`port_stay` or `waiting_at_anchorage`), times, place and the miles sailed
    while it lasted but for those to the place and away from it.
    """
    xyz = unit_xyz(points.lat, points.lon)
    start, stop = find_stays(
        points.t_us,
        xyz,
        np.array([0, points.t_us.size]),
        radius_m=nm_to_m(rule.stay_radius_nm),
        min_us=h_to_us(rule.stay_min_h),
    )
    stays = []
    for first, last in zip(start.tolist(), (stop - 1).tolist(), strict=True):
        kind = _kind(surroundings.between(points.t_us[first], points.t_us[last]), rule)
        if kind is not None and _seen_h(points, first, last, rule) >= rule.stay_min_h:
            ends = pa.chunked_array([points.t_us[[first, last]]]).cast(TIMESTAMP)
            began, ended = iso_times(ends)
            place = _middle(points, first, last)
            stays.append(
                {
                    "kind": kind,
                    "start": began,
                    "end": ended,
                    "lat": round(float(points.lat[place]), 6),
                    "lon": round(float(points.lon[place]), 6),
                    "nm": round(_wandered_nm(points, first, place, last), 1),
                }
            )
    return stays


def _middle(points: Points, first: int, last: int) -> int:
    """Return the point where a stay was at the middle of its time: it comes in and goes out."""
    middle_us = (points.t_us[first] + points.t_us[last]) // 2
    return int(np.searchsorted(points.t_us, middle_us, side="right")) - 1


def _wandered_nm(points: Points, first: int, place: int, last: int) -> float:
    rows = np.array([first, place, last])
    lat, lon = points.lat[rows], points.lon[rows]
    through_m = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum()
    sailed_nm = points.sailed_nm[last] - points.sailed_nm[first]
    return float(max(sailed_nm - m_to_nm(through_m), 0.0))


def _kind(seen: dict[str, npt.NDArray[Any]], rule: RouteDeviationDefault) -> str | None:
    reach_m = rule.stay_place_km * _M_PER_KM
    if np.median(seen["port_m"]) <= reach_m:
        return "port_stay"
    at_anchor = np.isin(seen["nav_status"], rule.anchored_status).mean() > _MOSTLY
    if at_anchor or np.median(seen["anchorage_m"]) <= reach_m:
        return "waiting_at_anchorage"
    return None


def seen_frac(points: Points, gap_h: float) -> float:
    """Return the share of the time that is not in silences longer than some hours."""
    whole_h = (points.t_us[-1] - points.t_us[0]) / US_PER_HOUR
    return float(1.0 - _silent_h(points.max_gap_h[1:], gap_h) / whole_h)


def _seen_h(points: Points, first: int, last: int, rule: RouteDeviationDefault) -> float:
    """Return how long a stay lasted, less the silences in it that may hide another [h]."""
    whole_h = (points.t_us[last] - points.t_us[first]) / US_PER_HOUR
    return float(whole_h - _silent_h(points.max_gap_h[first + 1 : last + 1], rule.sparse_gap_h))


def _silent_h(gaps_h: Floats, longer_h: float) -> float:
    return float(gaps_h[gaps_h > longer_h].sum())
