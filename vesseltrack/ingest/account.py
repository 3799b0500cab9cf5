"""What became of every line of a source: counted while reading, reported when it is read."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.arrow import as_array, as_texts
from vesseltrack.ingest.saved import State, of_array, to_array
from vesseltrack.schema import REJECTS, SOURCES
from vesseltrack.units import US_PER_S

_MAX_RAW_BYTES = 512
_COUNTED = (*("lines", "used", "messages", "positions", "duplicates", "first_us", "last_us"),)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def escaped(raw: bytes) -> str:
    r"""Return bytes as printable ASCII, at most 512 of them: others as ``\xNN``, ``\`` doubled."""
    text = raw[:_MAX_RAW_BYTES].decode("latin-1")
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text  # three looks at it are quicker than to escape nothing
    return text.encode("unicode_escape").decode("ascii")


def all_escaped(raw: Sequence[bytes]) -> list[str]:
    """Return what `escaped` gives for each, at once where backslashes are all to be escaped."""
    text = b"\n".join(raw).decode("latin-1")
    pieces = text.replace("\\", "\\\\").split("\n")
    is_plain = text.isascii() and "".join(pieces).isprintable() and len(pieces) == len(raw)
    if is_plain and max(map(len, raw)) <= _MAX_RAW_BYTES:
        return pieces
    return list(map(escaped, raw))


def unescaped(text: str) -> bytes:
    """Return the bytes that `escaped` was given."""
    return text.encode("ascii").decode("unicode_escape").encode("latin-1")


class Tally:
    """Counts over one reading of a source; rejected lines are kept until they are taken.

    A feed may say more MMSI than there are: above `max_vessels` they are counted no further.
    """

    def __init__(self, *, max_vessels: int | None = None) -> None:
        """Start with nothing read."""
        self._max_vessels = max_vessels
        self.lines = 0
        self.used = 0
        self.rejected: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        self.messages = 0
        self.positions = 0
        self.duplicates = 0
        self.first_us: int | None = None
        self.last_us: int | None = None
        self._mmsi: npt.NDArray[np.int32] = np.zeros(0, np.int32)
        self._rejects: list[tuple[int, str, str]] = []

    def reject(self, line: int, reason: str, raw: bytes) -> None:
        """Count a line as rejected and keep it."""
        self.rejected[reason] += 1
        self._rejects.append((line, reason, escaped(raw)))

    def reject_escaped(self, lines: Sequence[int], reason: str, texts: Sequence[str]) -> None:
        """Count lines as rejected for one reason and keep their texts, which `escaped` gave."""
        self.rejected[reason] += len(lines)
        self._rejects.extend(zip(lines, repeat(reason, len(lines)), texts, strict=True))

    def ignore(self, reason: str, n: int = 1) -> None:
        """Count lines as ignored."""
        self.ignored[reason] += n

    def see_times(self, t_us: npt.NDArray[np.int64]) -> None:
        """Widen the time span by the times of some messages [us]."""
        if t_us.size:
            first, last = int(t_us.min()), int(t_us.max())
            self.first_us = first if self.first_us is None else min(first, self.first_us)
            self.last_us = last if self.last_us is None else max(last, self.last_us)

    def see_vessels(self, mmsi: npt.NDArray[np.int32]) -> None:
        """Note the MMSI of some positions."""
        if self._max_vessels is not None and self._mmsi.size >= self._max_vessels:
            return
        both = np.sort(np.concatenate([self._mmsi, mmsi]))
        is_new = np.ones(both.size, np.bool_)
        is_new[1:] = both[1:] != both[:-1]
        self._mmsi = both[is_new]

    @property
    def vessels(self) -> int:
        """How many different MMSI have a position."""
        return int(self._mmsi.size)

    def state(self) -> State:
        """Return the counts; rejected lines have been taken."""
        assert not self._rejects, "rejected lines belong to the batch before"
        return {
            "rejected": dict(self.rejected),
            "ignored": dict(self.ignored),
            "mmsi": of_array(self._mmsi.astype(np.int64)),
            **{name: getattr(self, name) for name in _COUNTED},
        }

    def restore(self, state: State) -> None:
        """Go on from the counts that `state` returned."""
        self.rejected, self.ignored = Counter(state["rejected"]), Counter(state["ignored"])
        self._mmsi = to_array(state["mmsi"]).astype(np.int32)
        for name in _COUNTED:
            setattr(self, name, state[name])

    def take_rejects(self, source_id: int) -> pa.Table:
        """Return the rejected lines since the last call as a table of `REJECTS`."""
        lines, reasons, raw = zip(*self._rejects, strict=True) if self._rejects else ((), (), ())
        self._rejects = []
        return REJECTS.of(
            {
                "source_id": as_array(np.full(len(lines), source_id, np.int64), pa.int64()),
                "line": as_array(np.array(lines, np.int32), pa.int32()),
                "reason": as_texts(reasons),
                "raw": as_texts(raw),
            }
        )


class Identified(Protocol):
    """Whatever names a source by its content."""

    @property
    def source_id(self) -> int:
        """63 bits of the content hash."""

    @property
    def content_hash(self) -> str:
        """SHA-256 of the stored bytes, hexadecimal."""

    @property
    def size_bytes(self) -> int:
        """Size as stored [bytes]."""

    @property
    def path(self) -> str | None:
        """Where it was read: the file, of a member the archive; None if it came live."""


@dataclass
class SourceReport:
    """What became of a source: every non-empty line is used, rejected or ignored.

    `rows_per_s` is messages by the time from opening to the end, with what was done with them.
    """

    name: str
    format: str
    status: str = "partial"
    error: str | None = "not read to its end"
    lines: int = 0
    used: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    ignored: dict[str, int] = field(default_factory=dict)
    messages: int = 0
    positions: int = 0
    duplicates: int = 0
    vessels: int = 0
    first_time: dt.datetime | None = None
    last_time: dt.datetime | None = None
    rows_per_s: float | None = None

    @classmethod
    def failed(cls, name: str, error: str) -> "SourceReport":
        """Return the report of a source that gave nothing."""
        return cls(name, "unknown", "failed", error)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "SourceReport":
        """Return the report that a row of `SOURCES` records; its speed is not recorded."""
        counts = ("lines", "used", "messages", "positions", "duplicates", "vessels")
        return cls(
            name=row["name"],
            format=row["format"],
            status=row["status"],
            error=row["error"],
            rejected=json.loads(row["rejected"]),
            ignored=json.loads(row["ignored"]),
            first_time=row["first_time"],
            last_time=row["last_time"],
            **{name: int(row[name]) for name in counts},
        )

    def count(self, tally: Tally, elapsed_s: float, *, n_before: int = 0) -> None:
        """Take over what a reading counted so far, `n_before` messages of them before it."""
        self.lines, self.used = tally.lines, tally.used
        self.rejected, self.ignored = dict(tally.rejected), dict(tally.ignored)
        self.messages, self.positions = tally.messages, tally.positions
        self.duplicates, self.vessels = tally.duplicates, tally.vessels
        self.first_time, self.last_time = _instant(tally.first_us), _instant(tally.last_us)
        n_read = tally.messages - n_before
        self.rows_per_s = round(n_read / elapsed_s, 1) if elapsed_s > 0 else None

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values, times in ISO 8601 with Z."""
        values = dict(vars(self))
        for name in ("first_time", "last_time"):
            values[name] = iso(values[name])
        return values

    def as_row(self, source: Identified) -> pa.Table:
        """Return the report as the row of `SOURCES` for the source it is of."""
        values = dict(vars(self))
        for name in ("rejected", "ignored"):
            values[name] = json.dumps(values[name], sort_keys=True)
        for name in ("source_id", "content_hash", "size_bytes", "path"):
            values[name] = getattr(source, name)
        return SOURCES.of({name: [values[name]] for name in SOURCES.names})


def report_document(reports: Sequence[SourceReport]) -> dict[str, Any]:
    """Return the `--report` document: every source, and totals over them.

    `vessels` of the totals adds up the sources: a vessel in two of them counts twice.
    """
    counts = ("lines", "used", "messages", "positions", "duplicates", "vessels")
    totals: dict[str, Any] = {name: sum(getattr(r, name) for r in reports) for name in counts}
    for name in ("rejected", "ignored"):
        added: Counter[str] = Counter()
        for report in reports:
            added.update(getattr(report, name))
        totals[name] = dict(added)
    firsts = [r.first_time for r in reports if r.first_time is not None]
    lasts = [r.last_time for r in reports if r.last_time is not None]
    totals["first_time"] = iso(min(firsts, default=None))
    totals["last_time"] = iso(max(lasts, default=None))
    return {"sources": [report.as_json() for report in reports], "totals": totals}


def iso(instant: dt.datetime | None) -> str | None:
    """Return a time as ISO 8601 with Z, with a fraction only if it has one."""
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")


def iso_us(t_us: int | None) -> str | None:
    """Return microseconds since 1970 as ISO 8601 with Z."""
    return iso(_instant(t_us))


def _instant(t_us: int | None) -> dt.datetime | None:
    if t_us is None:
        return None
    seconds, micros = divmod(t_us, US_PER_S)
    return _EPOCH + dt.timedelta(seconds=seconds, microseconds=micros)
