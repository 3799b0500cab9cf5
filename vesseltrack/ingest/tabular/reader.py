"""Lines of a CSV archive to positions and changed static reports, every line accounted for."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.config.ingest import IngestConfig
from vesseltrack.core.memory import keep_freed_memory
from vesseltrack.ingest import motion
from vesseltrack.ingest.account import Tally
from vesseltrack.ingest.available import available
from vesseltrack.ingest.batch import Batch
from vesseltrack.ingest.saved import State
from vesseltrack.ingest.span import Span
from vesseltrack.ingest.tabular import rows as parsed
from vesseltrack.ingest.tabular.changes import StaticChanges
from vesseltrack.ingest.tabular.fields import row_fields, without_place
from vesseltrack.ingest.tabular.plain import GoodRows, PlainRows, Rest
from vesseltrack.ingest.tabular.records import Rows, read_strings, sorted_rows
from vesseltrack.ingest.tabular.rows import BAD_NUMBER, FAULTS, GOOD, Dynamic, Statics
from vesseltrack.ingest.text import BLANK, LineBlock
from vesseltrack.schema import RECEIVED, REJECTS, STATICS, Quality

Ints = npt.NDArray[np.int64]

# Message type that carries statics, by that of the position; 0 for what has none.
_STATIC_TYPE: Final = np.zeros(128, np.int8)
_STATIC_TYPE[[1, 18]] = 5, 24


class TabularReader:
    """Reads blocks of lines in order; the latest static report of each vessel is remembered."""

    def __init__(
        self, config: IngestConfig, tally: Tally, plain: PlainRows, span: Span, source_id: int
    ) -> None:
        """Start before the first line; what `plain` has seen before is read the quicker."""
        keep_freed_memory()
        self._config = config
        self._tally = tally
        self._header = plain.header
        self._span = span
        self._source_id = source_id
        self._plain = plain
        self._changes = StaticChanges(
            max_disorder_s=config.max_disorder_s, max_vessels=config.max_remembered_vessels
        )

    def read(self, block: LineBlock) -> Batch:
        """Return the rows in the lines of a block."""
        plain, rest = self._plain.read(block)
        rows = self._counted(plain).followed_by(self._carefully(rest))
        received = self._received(rows.lines, rows.now)
        self._count(received)
        return Batch(received, self._changed(rows), self._tally.take_rejects(self._source_id))

    def state(self) -> State:
        """Return what is remembered of rows read, between two blocks."""
        return self._changes.state()

    def restore(self, state: State) -> None:
        """Go on from where another reader of the source was, before the first block."""
        self._changes.restore(state)

    def finish(self) -> Batch:
        """Return nothing: a row never waits for another line."""
        return Batch(RECEIVED.empty(), STATICS.empty(), REJECTS.empty())

    def decode(self, block: LineBlock, *, as_transmitted: bool) -> list[dict[str, Any]]:
        """Return the rows in the lines of a block, one dict each."""
        rows, now, statics = self._parse(block)
        is_good = now.fault == GOOD
        self._count(self._received(rows.lines[is_good], now.where(is_good)))
        self._tally.take_rejects(self._source_id)
        fields = row_fields(rows.lines, now, statics)
        wanted = [row for row, good in zip(fields, is_good.tolist(), strict=True) if good]
        return wanted if as_transmitted else [without_place(available(row)) for row in wanted]

    def _count(self, received: pa.Table) -> None:
        self._tally.see_vessels(received["mmsi"].to_numpy())
        self._tally.positions += received.num_rows

    def _counted(self, plain: GoodRows) -> GoodRows:
        """Return plain rows, all of them good, once they are accounted for."""
        n_rows = plain.lines.size
        self._tally.lines += n_rows
        self._account_good(plain.now.t_us)
        return plain

    def _carefully(self, rest: Rest) -> GoodRows:
        """Return the good rows among other lines, which are accounted for one by one."""
        if not rest.lines.size:
            return self._plain.none
        rows, now, statics = self._parse(rest.block, rest.lines)
        is_good = now.fault == GOOD
        report = self._plain.reports.add(statics)
        return GoodRows(rows.lines[is_good], now.where(is_good), report[is_good])

    def _parse(self, block: LineBlock, lines: Ints | None = None) -> tuple[Rows, Dynamic, Statics]:
        """Return what the lines of a block say; `lines` are their numbers if others than its."""
        names = list(self._header.names)
        rows = sorted_rows(block, n_fields=len(names), max_row_bytes=self._config.max_row_bytes)
        if lines is not None:
            rows = rows.numbered(lines)
        text = read_strings(rows, names, self._header.wanted)
        now = parsed.dynamic(text, self._header.layout)
        statics = parsed.statics(text, self._header.layout)
        now.fault[(now.fault == GOOD) & ~statics.is_good[statics.report]] = BAD_NUMBER
        self._account(rows, now)
        return rows, now, statics

    def _account(self, rows: Rows, now: Dynamic) -> None:
        tally, is_good = self._tally, now.fault == GOOD
        tally.lines += rows.lines.size + len(rows.faults)
        self._account_good(now.t_us[is_good])
        faults = list(rows.faults)
        if not is_good.all():
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

    def _account_good(self, t_us: Ints) -> None:
        self._tally.used += t_us.size
        self._tally.messages += t_us.size
        self._tally.see_times(t_us[self._span.holds(t_us)])

    def _received(self, lines: Ints, now: Dynamic) -> pa.Table:
        is_trusted = self._span.holds(now.t_us)
        return motion.received(
            {
                "mmsi": now.mmsi,
                "sog_kn": motion.sog_kn(now.measured["sog"], now.msg_type),
                "cog_deg": motion.direction_deg(now.measured["cog"]),
                "heading_deg": motion.direction_deg(now.measured["heading"]),
                "rot_deg_min": motion.rot_deg_min(now.measured["rot"]),
                "nav_status": motion.nav_status(now.nav_status),
                "msg_type": now.msg_type,
                "quality": np.where(is_trusted, 0, int(Quality.TIME_QUARANTINED)).astype(np.int32),
                "line": lines.astype(np.int32),
            },
            lat=now.measured["lat"],
            lon=now.measured["lon"],
            t_us=now.t_us,
            has_time=np.ones(now.t_us.size, np.bool_),
            source_id=self._source_id,
        )

    def _changed(self, good: GoodRows) -> pa.Table:
        """Return the static reports that a change can be read from."""
        now, reports = good.now, self._plain.reports
        said = reports.content[good.report]
        is_static = (_STATIC_TYPE[now.msg_type] > 0) & (said != 0)
        rows = np.flatnonzero(is_static & self._span.holds(now.t_us))
        rows = rows[
            self._changes.select(now.mmsi[rows].astype(np.int64), now.t_us[rows], said[rows])
        ]
        if not rows.size:
            return STATICS.empty()
        table = reports.rows(good.report[rows])
        return STATICS.of(
            {
                **{name: table[name] for name in table.column_names},
                "mmsi": now.mmsi[rows],
                "timestamp": pa.array(now.t_us[rows], pa.int64()),
                "msg_type": _STATIC_TYPE[now.msg_type[rows]],
                "line": good.lines[rows].astype(np.int32),
                "source_id": np.full(rows.size, self._source_id, np.int64),
            }
        )
