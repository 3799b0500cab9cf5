"""The vessels table: one row for each physical vessel as far as can be told."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vesseltrack import schema
from vesseltrack.core.flags import flag_of
from vesseltrack.core.identity import mmsi_of_key, vessel_id
from vesseltrack.core.ship_types import ship_type_name
from vesseltrack.tracks.course import Course
from vesseltrack.tracks.fleet import CLASS_NAMES, Fleet, ais_class
from vesseltrack.tracks.received import Received
from vesseltrack.tracks.segments import instants
from vesseltrack.tracks.statics import Report, identities, settled

Word = dict[str, Any]


def vessel_table(
    all_received: Received,
    fleet: Fleet,
    course: Course,
    reports: Mapping[int, Sequence[Report]],
) -> pa.Table:
    """Return the VESSELS table, in key order.

    Parameters
    ----------
    all_received : Received
        The stored positions.
    fleet, course : Fleet, Course
        The fixes of all vessels, and those measured.
    reports : mapping
        Static reports of each vessel by its number; vessels without any may be missing.
    """
    said = [reports.get(number, ()) for number in range(fleet.keys.size)]
    keys = [int(key) for key in fleet.keys]
    first, last = course.offsets[:-1], course.offsets[1:] - 1
    table = schema.VESSELS.of(
        {
            "vessel_id": [vessel_id(key) for key in keys],
            "mmsi": [mmsi_of_key(key) for key in keys],
            **_known_as(said),
            "flag": [flag_of(mmsi_of_key(key)) for key in keys],
            "ais_class": _classes(all_received, fleet),
            "first_seen": instants(course.t_us[first]),
            "last_seen": instants(course.t_us[last]),
            "n_positions": np.diff(fleet.offsets),
            "lat": course.lat[last],
            "lon": course.lon[last],
        }
    )
    return table.sort_by([(name, "ascending") for name in schema.VESSELS.key])


def word_of(key: int, reports: Sequence[Report]) -> Word:
    """Return the columns of VESSELS that reports alone tell, of one vessel."""
    mmsi = mmsi_of_key(key)
    known = {name: values[0] for name, values in _known_as([reports]).items()}
    return {"vessel_id": vessel_id(key), "mmsi": mmsi, **known, "flag": flag_of(mmsi)}


def vessels_by_word(words: Iterable[Word]) -> pa.Table:
    """Return what is told of vessels, see `word_of`, as columns of VESSELS in key order."""
    rows = sorted(words, key=lambda word: str(word["vessel_id"]))
    fields = [field for field in schema.VESSELS.arrow if field.name in _BY_WORD]
    arrays = [pa.array([row[field.name] for row in rows], field.type) for field in fields]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _known_as(said: Sequence[Sequence[Report]]) -> dict[str, list[Any]]:
    """Return the columns that vessels are known by from their reports."""
    ship_types = _settled(said, lambda report: report.ship_type)
    return {
        "name": _settled(said, lambda report: report.name),
        "imo": _settled(said, lambda report: report.imo),
        "callsign": _settled(said, lambda report: report.callsign),
        "identities": [
            json.dumps(identities(one), ensure_ascii=True, separators=(",", ":")) for one in said
        ],
        "ship_type": ship_types,
        "ship_type_name": [ship_type_name(code) for code in ship_types],
        "length_m": _settled(said, lambda report: report.length_m),
        "beam_m": _settled(said, lambda report: report.beam_m),
        "draught_m": [_greatest(report.draught_m for report in one) for one in said],
        "mothership_mmsi": _settled(said, lambda report: report.mothership_mmsi),
    }


def _settled(said: Sequence[Sequence[Report]], field: Callable[[Report], Any]) -> list[Any]:
    return [settled(field(report) for report in reports) for reports in said]


def _greatest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _classes(all_received: Received, fleet: Fleet) -> list[str | None]:
    """Return the class of most of each vessel's reports; None when they do not tell."""
    sent = ais_class(all_received.msg_type[fleet.rows])
    vessel = fleet.vessel
    n_vessels = fleet.keys.size
    n_a = np.bincount(vessel[sent == 1], minlength=n_vessels)
    n_b = np.bincount(vessel[sent == 2], minlength=n_vessels)  # noqa: PLR2004 - see `ais_class`
    number = np.where(n_a + n_b == 0, 0, np.where(n_a >= n_b, 1, 2))
    return [CLASS_NAMES[one] for one in number]


_BY_WORD: Final = frozenset(word_of(0, ()))  # of no vessel: the names alone
