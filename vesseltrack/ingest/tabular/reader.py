"""Lines of a CSV archive to positions and changed static reports, every line accounted for."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.core.identity import hash63
from vesseltrack.ingest import motion
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.available import available
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.saved import State
from vesseltrack.ingest.span import Span
from vesseltrack.ingest.tabular import rows as parsed
from vesseltrack.ingest.tabular.changes import StaticChanges
from vesseltrack.ingest.tabular.fields import row_fields, without_place
from vesseltrack.ingest.tabular.layouts import Header
from vesseltrack.ingest.tabular.records import Rows, read_strings, sorted_rows
from vesseltrack.ingest.tabular.rows import FAULTS, GOOD, Dynamic, Statics
from vesseltrack.ingest.text import BLANK, LineBlock
from vesseltrack.schema import STATICS, Quality

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_STATIC_TYPE: Final = {1: 5, 18: 24}  # message type that carries statics, by that of the position


class TabularReader:
    """Reads blocks of lines in order; the latest static report of each vessel is remembered."""

    def __init__(
        self, config: IngestConfig, tally: Tally, header: Header, span: Span, source_id: int
    ) -> None:
        """Start before the first line."""
        self._config = config
        self._tally = tally
        self._header = header
        self._span = span
        self._source_id = source_id
        self._changes = StaticChanges(
            max_disorder_s=config.max_disorder_s, max_vessels=config.max_remembered_vessels
        )

    def read(self, block: LineBlock) -> Batch:
        """Return the rows in the lines of a block."""
        rows, now, statics = self._parse(block)
        is_good = now.fault == GOOD
        received = self._received(rows.lines, now, is_good)
        self._count(received)
        return Batch(
            received,
            self._changed(rows.lines, now, statics, is_good),
            self._tally.take_rejects(self._source_id),
        )

    def state(self) -> State:
        """Return what is remembered of rows read, between two blocks."""
        return self._changes.state()

    def restore(self, state: State) -> None:
        """Go on from where another reader of the source was, before the first block."""
        self._changes.restore(state)

    def finish(self) -> Batch:
        """Return nothing: a row never waits for another line."""
        return self.read(LineBlock(1, b""))

    def decode(self, block: LineBlock, *, as_transmitted: bool) -> list[dict[str, Any]]:
        """Return the rows in the lines of a block, one dict each."""
        rows, now, statics = self._parse(block)
        is_good = now.fault == GOOD
        self._count(self._received(rows.lines, now, is_good))
        self._tally.take_rejects(self._source_id)
        fields = row_fields(rows.lines, now, statics)
        wanted = [row for row, good in zip(fields, is_good.tolist(), strict=True) if good]
        return wanted if as_transmitted else [without_place(available(row)) for row in wanted]

    def _count(self, received: pa.Table) -> None:
        self._tally.see_vessels(received["mmsi"].to_numpy())
        self._tally.positions += received.num_rows

    def _parse(self, block: LineBlock) -> tuple[Rows, Dynamic, Statics]:
        names = list(self._header.names)
        rows = sorted_rows(block, n_fields=len(names), max_row_bytes=self._config.max_row_bytes)
        text = read_strings(rows, names, self._header.wanted)
        now = parsed.dynamic(text, self._header.layout)
        statics = parsed.statics(text, self._header.layout)
        now.fault[(now.fault == GOOD) & ~statics.is_good[statics.report]] = FAULTS.index(
            "bad_number"
        )
        self._account(rows, now)
        return rows, now, statics

    def _account(self, rows: Rows, now: Dynamic) -> None:
        tally, is_good = self._tally, now.fault == GOOD
        n_good = int(is_good.sum())
        tally.lines += rows.lines.size + len(rows.faults)
        tally.used += n_good
        tally.messages += n_good
        trusted = is_good & self._span.holds(now.t_us)
        tally.see_times(now.t_us[trusted])
        faults = list(rows.faults)
        if n_good < is_good.size:
            raw = rows.data.split(b"\n")
            faults += [
                (int(rows.lines[i]), FAULTS[now.fault[i]], raw[i])
                for i in np.flatnonzero(~is_good)
            ]
        for line, reason, raw_line in sorted(faults):
            if raw_line.strip(BLANK) == self._header.line:
                tally.ignore("header")
            else:
                tally.reject(line, reason, raw_line)

    def _received(self, lines: Ints, now: Dynamic, is_good: Bools) -> pa.Table:
        measured = {name: now.measured[name][is_good] for name in now.measured}
        msg_type, t_us = now.msg_type[is_good], now.t_us[is_good]
        is_trusted = self._span.holds(t_us)
        return motion.received(
            {
                "mmsi": now.mmsi[is_good],
                "sog_kn": motion.sog_kn(measured["sog"], msg_type),
                "cog_deg": motion.direction_deg(measured["cog"]),
                "heading_deg": motion.direction_deg(measured["heading"]),
                "rot_deg_min": motion.rot_deg_min(measured["rot"]),
                "nav_status": motion.nav_status(now.nav_status[is_good]),
                "msg_type": msg_type,
                "quality": np.where(is_trusted, 0, int(Quality.TIME_QUARANTINED)).astype(np.int32),
                "line": lines[is_good].astype(np.int32),
            },
            lat=measured["lat"],
            lon=measured["lon"],
            t_us=t_us,
            has_time=np.ones(t_us.size, np.bool_),
            source_id=self._source_id,
        )

    def _changed(self, lines: Ints, now: Dynamic, statics: Statics, is_good: Bools) -> pa.Table:
        """Return the static reports that a change can be read from."""
        # Hashes stand for content: equal ones are the same report, in any process.
        content = np.array([hash63(repr(c)) if c else 0 for c in statics.content], np.int64)
        said = content[statics.report]
        is_trusted = is_good & self._span.holds(now.t_us)
        is_static = np.isin(now.msg_type, list(_STATIC_TYPE)) & (said != 0)
        rows = np.flatnonzero(is_trusted & is_static)
        rows = rows[
            self._changes.select(now.mmsi[rows].astype(np.int64), now.t_us[rows], said[rows])
        ]
        report = statics.report[rows]
        columns = {
            name: values.take(report) if isinstance(values, pa.Array) else values[report]
            for name, values in statics.columns.items()
        }
        types = [_STATIC_TYPE[t] for t in now.msg_type[rows].tolist()]
        return STATICS.of(
            {
                **columns,
                "mmsi": now.mmsi[rows],
                "timestamp": pa.array(now.t_us[rows], pa.int64()),
                "msg_type": np.array(types, np.int8),
                "line": lines[rows].astype(np.int32),
                "source_id": np.full(rows.size, self._source_id, np.int64),
            }
        )
