"""Rows in the order of their own times, whatever the order in which they came.

A row waits until nothing older is expected: until the time that vessels agree on has passed it by
the allowed lateness. What comes later than that is counted and left out; stored it is all the
same.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import schema
from vesseltrack.config.live import LiveConfig
from vesseltrack.core.records import Rows, is_change, take
from vesseltrack.schema import OUTSIDE_TRACKS, Table
from vesseltrack.store import as_stored, with_cells
from vesseltrack.units import US_PER_S

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_BEFORE_ALL: Final = np.iinfo(np.int64).min // 2  # half: differences to it must not overflow


@dataclass(frozen=True)
class Released:
    """Rows that are due, as the store has them: POSITIONS and STATICS."""

    positions: pa.Table
    statics: pa.Table


class Reorder:
    """The rows that wait, and the time that has passed.

    The clock is the latest time that `min_heard` vessels have reached: one whose times are wrong
    moves nothing, and what it sends ahead of the others waits for them. While fewer are heard the
    caller's own clock moves it, `alone_s` behind.

    Parameters
    ----------
    config : LiveConfig
        Settings.
    """

    def __init__(self, config: LiveConfig) -> None:
        self._config = config
        self._positions = _Waiting(schema.RECEIVED)
        self._statics = _Waiting(schema.STATICS)
        none = np.zeros(0, dtype=np.int64)
        self._heard: Rows = {"mmsi": none, "t_us": none}  # those not behind the clock, by MMSI
        self._clock_us = _BEFORE_ALL
        self.watermark_us: int | None = None
        self.n_late = 0
        self.n_ahead = 0

    def push(
        self, received: pa.Table, statics: pa.Table, now_us: int | None = None
    ) -> Released | None:
        """Take rows as they came; return those that are due, None while no time has passed.

        Parameters
        ----------
        received, statics : pyarrow.Table
            RECEIVED and STATICS, in any order of rows. Those without a time, or with one that
            ingest put in quarantine, are part of no event and left out.
        now_us : int, optional
            The caller's clock [us].
        """
        received = received.select(schema.RECEIVED.names)
        quality = received["quality"].to_numpy()
        received = _timed(received.filter(pa.array((quality & int(OUTSIDE_TRACKS)) == 0)))
        self.n_late += self._positions.add(received, self.watermark_us)
        self.n_late += self._statics.add(_timed(statics), self.watermark_us)
        self._hear(received, now_us)
        if self.watermark_us is None:
            return None
        # Far ahead of all others are a few senders whose clocks are wrong: what they say waits,
        # but not without bound.
        self.n_ahead += self._positions.bound(self._clock_us, self._config.max_ahead_rows)
        self.n_ahead += self._statics.bound(self._clock_us, self._config.max_ahead_rows)
        return Released(
            _positions(self._positions.take(self.watermark_us)),
            as_stored(self._statics.take(self.watermark_us), schema.STATICS),
        )

    def rest(self) -> Released:
        """Return the rows that wait, changing nothing."""
        return Released(
            _positions(self._positions.all()), as_stored(self._statics.all(), schema.STATICS)
        )

    def resume(self, watermark_us: int | None) -> None:
        """Go on from a time up to which everything was released; nothing waits."""
        fresh = Reorder(self._config)
        fresh.watermark_us = watermark_us
        self.__dict__.update(vars(fresh))

    def _hear(self, received: pa.Table, now_us: int | None) -> None:
        """Move the clock by the times that vessels have reached."""
        mmsi = np.append(self._heard["mmsi"], received["mmsi"].to_numpy().astype(np.int64))
        t_us = np.append(self._heard["t_us"], _times(received))
        order = np.lexsort((t_us, mmsi))
        order = order[t_us[order] >= self._clock_us]
        is_last = np.append(is_change(mmsi[order])[1:], True)[: order.size]
        heard = {"mmsi": mmsi[order][is_last], "t_us": t_us[order][is_last]}
        reached_us, n = np.sort(heard["t_us"]), self._config.min_heard
        if reached_us.size >= n:
            self._clock_us = max(self._clock_us, int(reached_us[-n]))
        if now_us is not None and reached_us.size:
            alone_us = min(int(reached_us[-1]), now_us) - round(self._config.alone_s * US_PER_S)
            self._clock_us = max(self._clock_us, alone_us)
        self._heard = take(heard, heard["t_us"] >= self._clock_us)
        if self._clock_us > _BEFORE_ALL:
            passed_us = self._clock_us - round(self._config.lateness_s * US_PER_S) - 1
            self.watermark_us = max(passed_us, self.watermark_us or passed_us)


class _Waiting:
    """Rows that wait for their time."""

    def __init__(self, spec: Table) -> None:
        self._rows = spec.empty()

    def add(self, rows: pa.Table, watermark_us: int | None) -> int:
        """Take in rows with times; return how many came too late and were left out."""
        if watermark_us is not None and rows.num_rows:
            is_late = _times(rows) <= watermark_us
            n_late = int(np.count_nonzero(is_late))
            rows = rows.filter(pa.array(~is_late)) if n_late else rows
        else:
            n_late = 0
        if rows.num_rows:
            self._rows = pa.concat_tables([self._rows, rows])
        return n_late

    def bound(self, clock_us: int, max_ahead: int) -> int:
        """Leave out the rows farthest ahead of the clock beyond a number; return how many."""
        t_us = _times(self._rows)
        n_beyond = int(np.count_nonzero(t_us > clock_us)) - max_ahead
        if n_beyond <= 0:
            return 0
        kept = np.sort(np.argsort(t_us, kind="stable")[:-n_beyond])
        self._rows = self._rows.take(pa.array(kept))
        return n_beyond

    def take(self, watermark_us: int) -> pa.Table:
        """Return the rows up to a time, which wait no more."""
        is_due = _times(self._rows) <= watermark_us
        if is_due.all():
            due, self._rows = self._rows, self._rows.slice(0, 0)
            return due
        due = self._rows.filter(pa.array(is_due))
        # In one piece: what is left of each batch would hold all of its memory.
        self._rows = self._rows.filter(pa.array(~is_due)).combine_chunks()
        return due

    def all(self) -> pa.Table:
        """Return all rows."""
        return self._rows


def _timed(rows: pa.Table) -> pa.Table:
    return rows.filter(pc.is_valid(rows["timestamp"])) if rows["timestamp"].null_count else rows


def _times(rows: pa.Table) -> Ints:
    return np.asarray(rows["timestamp"].cast(pa.int64()).to_numpy())


def _positions(received: pa.Table) -> pa.Table:
    return as_stored(with_cells(received), schema.POSITIONS)
