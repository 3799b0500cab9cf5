"""Static reports given to the vessels that sent them, and what each vessel is known as."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import schema
from vesseltrack.core.identity import mmsi_of_key
from vesseltrack.core.names import is_one_name
from vesseltrack.core.runs import Ints
from vesseltrack.tracks.fleet import CLASS_NAMES, Fleet, ais_class
from vesseltrack.tracks.received import Received
from vesseltrack.units import SECONDS_PER_HOUR, US_PER_S

Value = TypeVar("Value")

_SAME_MESSAGE: Final = 20.0  # a message that carries name and position outweighs any doubt
_OTHER_CLASS: Final = -20.0
_HEARD_S: Final = 600.0  # a vessel heard this far off in time speaks half as well for a report
_LEAST_VOTE: Final = -math.log1p(12 * SECONDS_PER_HOUR / _HEARD_S)  # two satellite passes a day
_CLASS_A_TYPE: Final = 5
_FIELDS: Final = (
    "imo",
    "name",
    "callsign",
    "ship_type",
    "length_m",
    "beam_m",
    "draught_m",
    "destination",
    "mothership_mmsi",
)


@dataclass(frozen=True, slots=True)
class Report:
    """One static report; unknown is None."""

    t_us: int
    imo: int | None
    name: str | None
    callsign: str | None
    ship_type: int | None
    length_m: float | None
    beam_m: float | None
    draught_m: float | None
    destination: str | None
    mothership_mmsi: int | None = None

    @property
    def label(self) -> str | None:
        """What tells its sender from others on the MMSI: the name, else the call sign."""
        return self.name or self.callsign


def reports_by_vessel(
    statics: pa.Table, all_received: Received, fleet: Fleet
) -> dict[int, list[Report]]:
    """Return the static reports of each vessel (by its number), in time order.

    Of an MMSI with one vessel all belong to it. Where there are several, everything said under
    one name goes to the vessel whose fixes were heard along with it most, so that no two vessels
    take turns under it, and no vessel under two names: the name said more often has the choice.
    Reports without name and call sign go to the vessel heard nearest in time. Reports without a
    time, of an MMSI without positions, or of a transmitter that was not heard otherwise (a name
    left over, or a garbled one) belong to none.
    """
    statics = _in_order(statics)
    every = _reports(statics)
    rows_of_mmsi = defaultdict(list)
    for row, mmsi in enumerate(statics["mmsi"].to_pylist()):
        rows_of_mmsi[mmsi].append(row)
    vessels_of_mmsi = defaultdict(list)
    for number, key in enumerate(fleet.keys):
        vessels_of_mmsi[mmsi_of_key(int(key))].append(number)

    result: dict[int, list[Report]] = defaultdict(list)
    for mmsi, vessels in vessels_of_mmsi.items():
        rows = rows_of_mmsi.get(mmsi, [])
        reports = [every[row] for row in rows]
        senders: list[int | None] = [vessels[0]] * len(rows)
        if len(vessels) > 1 and rows:
            senders = _senders(reports, statics.take(rows), vessels, all_received, fleet)
        for report, sender in zip(reports, senders, strict=True):
            if sender is not None:
                result[sender].append(report)
    return result


def reports_in_order(statics: pa.Table) -> list[tuple[int, Report]]:
    """Return MMSI and report of each of STATICS that has a time, by MMSI and time."""
    statics = _in_order(statics)
    return list(zip(statics["mmsi"].to_pylist(), _reports(statics), strict=True))


def _reports(statics: pa.Table) -> list[Report]:
    t_us = statics["timestamp"].cast(pa.int64()).to_pylist()
    columns = [statics[name].to_pylist() for name in _FIELDS]
    return [Report(*values) for values in zip(t_us, *columns, strict=True)]


def _in_order(statics: pa.Table) -> pa.Table:
    timed = statics.filter(pc.is_valid(statics["timestamp"]))
    content = [name for name in schema.STATICS.names if name not in {"source_id", "line"}]
    keys = list(dict.fromkeys((*schema.STATICS.key, *content)))
    return timed.take(pc.sort_indices(timed, sort_keys=[(name, "ascending") for name in keys]))


def _senders(
    reports: Sequence[Report],
    statics: pa.Table,
    vessels: Sequence[int],
    all_received: Received,
    fleet: Fleet,
) -> list[int | None]:
    votes = _votes(reports, statics, vessels, all_received, fleet)
    rows_of_label = defaultdict(list)
    for row, report in enumerate(reports):
        rows_of_label[report.label].append(row)
    senders: list[int | None] = [None] * len(reports)
    for row in rows_of_label.pop(None, []):
        senders[row] = vessels[int(np.argmax(votes[row]))]
    held: dict[int, list[_Named]] = defaultdict(list)
    for rows in sorted(rows_of_label.values(), key=lambda rows: (-len(rows), rows[0])):
        said = [reports[row] for row in rows]
        named = _Named(said[0].name, said[0].t_us, said[-1].t_us)
        place = _free_vessel(named, votes[rows], held)
        if place is not None:
            held[place].append(named)
            for row in rows:
                senders[row] = vessels[place]
    return senders


@dataclass(frozen=True)
class _Named:
    """A name, if it is one and no call sign alone, and from when to when it was sent [us]."""

    name: str | None
    first_us: int
    last_us: int

    def takes_turns_with(self, other: "_Named") -> bool:
        """Return whether another name was sent in between."""
        if self.name is None or other.name is None or is_one_name(self.name, other.name):
            return False
        return self.first_us <= other.last_us and other.first_us <= self.last_us


def _free_vessel(
    named: _Named,
    votes: npt.NDArray[np.float64],
    held: Mapping[int, Sequence[_Named]],
) -> int | None:
    """Return the vessel that most speaks for as the sender of a name, or None."""
    spoken = votes.mean(axis=0)
    wanted = np.argsort(-spoken, kind="stable").tolist()
    if len(votes) == 1:
        del wanted[1:]  # one report alone may be garbled: it names no vessel of second choice
    for place in wanted:
        is_free = not any(named.takes_turns_with(other) for other in held.get(place, ()))
        if is_free and spoken[place] >= _LEAST_VOTE:
            return int(place)
    return None


def _votes(
    reports: Sequence[Report],
    statics: pa.Table,
    vessels: Sequence[int],
    all_received: Received,
    fleet: Fleet,
) -> npt.NDArray[np.float64]:
    """Return how much speaks for each vessel as the sender of each report, (reports, vessels).

    Log-likelihoods, so that they add up over all reports of one name: a single one far outside
    the time of a vessel speaks against it, however often that vessel was heard otherwise.
    """
    votes = np.zeros((len(reports), len(vessels)))
    t_us = np.array([report.t_us for report in reports])
    messages = list(
        zip(statics["source_id"].to_pylist(), statics["line"].to_pylist(), strict=True)
    )
    is_a = np.array([kind == _CLASS_A_TYPE for kind in statics["msg_type"].to_pylist()])
    for column, vessel in enumerate(vessels):
        rows = fleet.rows[fleet.offsets[vessel] : fleet.offsets[vessel + 1]]
        seconds = _nearest_us(t_us, all_received.t_us[rows]) / US_PER_S
        votes[:, column] = -np.log1p(seconds / _HEARD_S)
        classes = {CLASS_NAMES[number] for number in ais_class(all_received.msg_type[rows])}
        if classes & {"A", "B"}:
            # A class A set sends no message of class B, nor the other way about.
            votes[is_a & ("A" not in classes), column] += _OTHER_CLASS
            votes[~is_a & ("B" not in classes), column] += _OTHER_CLASS
        own = set(
            zip(
                all_received.source_id[rows].tolist(),
                all_received.line[rows].tolist(),
                strict=True,
            )
        )
        votes[[message in own for message in messages], column] = _SAME_MESSAGE
    return votes


def _nearest_us(wanted_us: Ints, t_us: Ints) -> Ints:
    after = np.searchsorted(t_us, wanted_us)
    before = np.maximum(after - 1, 0)
    after = np.minimum(after, t_us.size - 1)
    return np.asarray(
        np.minimum(np.abs(t_us[after] - wanted_us), np.abs(t_us[before] - wanted_us))
    )


def said_table(reports: Mapping[int, Sequence[Report]], keys: Ints) -> pa.Table:
    """Return what each vessel said of itself as a SAID table, in key order.

    Parameters
    ----------
    reports : mapping
        Static reports of each vessel by its number.
    keys : (n_vessels,)
        See `core.identity`.
    """
    said = sorted(
        (report.t_us, int(keys[number]), place, report)
        for number, own in reports.items()
        for place, report in enumerate(own)
        if any((report.label, report.imo, report.length_m, report.destination))
    )
    return schema.SAID.of(
        {
            "vessel_key": [key for _, key, _, _ in said],
            "timestamp": pa.array([t_us for t_us, _, _, _ in said], pa.int64()),
            "imo": [report.imo for *_, report in said],
            "name": [report.name for *_, report in said],
            "callsign": [report.callsign for *_, report in said],
            "length_m": [report.length_m for *_, report in said],
            "beam_m": [report.beam_m for *_, report in said],
            "destination": [report.destination for *_, report in said],
        }
    )


def settled(values: Iterable[Value | None]) -> Value | None:
    """Return what a value is known to be: the first one sent, until two in a row say another.

    A single garbled report changes nothing.
    """
    known: Value | None = None
    doubted: Value | None = None
    for value in values:
        if value is None:
            continue
        if known is None or value == doubted:
            known, doubted = value, None
        else:
            doubted = None if value == known else value
    return known


def telling(reports: Sequence[Report]) -> list[Report]:
    """Return the reports that tell something, and the last, which says until when it was told.

    The others repeat what was sent before and is settled: what is known of a vessel, now or after
    any further reports, is the same without them, but for how often it was said.
    """
    known: dict[str, Any] = {}
    doubted: dict[str, Any] = {}
    seen: set[tuple[Any, ...]] = set()
    told = []
    for place, report in enumerate(reports):
        values = [getattr(report, name) for name in _FIELDS]
        sent = {name: v for name, v in zip(_FIELDS, values, strict=True) if v is not None}
        is_settled = all(known.get(name) == v and name not in doubted for name, v in sent.items())
        if is_settled and tuple(values) in seen and place < len(reports) - 1:
            continue
        told.append(report)
        seen.add(tuple(values))
        for name, value in sent.items():
            if name not in known or doubted.get(name) == value:
                known[name] = value
                doubted.pop(name, None)
            elif value == known[name]:
                doubted.pop(name, None)
            else:
                doubted[name] = value
    return told


def identities(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """Return every identity sent, oldest first, as objects for the JSON column.

    A report belongs to the latest identity that it does not contradict, and completes it: the two
    halves of message 24 name one vessel.
    """
    found: list[dict[str, Any]] = []
    for report in reports:
        said = {"name": report.name, "imo": report.imo, "callsign": report.callsign}
        if all(value is None for value in said.values()):
            continue
        identity = next((one for one in reversed(found) if _agree(one, said)), None)
        if identity is None:
            identity = {**said, "first_seen": _iso(report.t_us), "last_seen": "", "n_reports": 0}
            found.append(identity)
        identity.update({name: value for name, value in said.items() if value is not None})
        identity["last_seen"] = _iso(report.t_us)
        identity["n_reports"] += 1
    return found


def _agree(identity: dict[str, Any], said: dict[str, Any]) -> bool:
    return all(
        value is None or identity[name] is None or identity[name] == value
        for name, value in said.items()
    )


def _iso(t_us: int) -> str:
    moment = dt.datetime.fromtimestamp(t_us // US_PER_S, dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
