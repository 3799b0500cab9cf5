"""Rows put aside on disk while a run lasts, and read back by time."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc

from vesseltrack.schema import Table
from vesseltrack.store.disk import as_store_error
from vesseltrack.store.order import taken
from vesseltrack.units import US_PER_DAY

_BLOCK_ROWS: Final = 65_536  # [rows] read and unpacked at a time: some 3 MB on disk
_PACKED: Final = pa.ipc.IpcWriteOptions(compression="lz4")
_NEVER: Final = np.iinfo(np.int64)


@dataclass(frozen=True)
class _Block:
    """Where rows of one day lie, and their first and last time [us]."""

    offset: int
    size: int
    first_us: int
    last_us: int


@dataclass(frozen=True)
class Stretch:
    """The rows of a half-open range of time [us].

    The first one begins, and the last one ends, where time does.
    """

    nth_day: int  # of the days that have rows, from 0
    start_us: int
    stop_us: int
    rows: pa.Table


class Scratch:
    """Rows of one table with a `timestamp`, in a file that has no name.

    The kernel frees it with the process, however that ends: nothing is left to clean up.

    Parameters
    ----------
    folder : Path
        On the disk that has room for it.
    spec : Table
        Their schema.
    """

    def __init__(self, folder: Path, spec: Table) -> None:
        self._folder, self._spec = folder, spec
        self._blocks: dict[int, list[_Block]] = {}  # by day since 1970
        self._n_rows: dict[int, int] = {}
        self._size = 0
        self._file = tempfile.TemporaryFile(dir=folder, prefix=".scratch-")  # noqa: SIM115 - lives as long as this does

    def close(self) -> None:
        """Give back the disk."""
        self._file.close()

    def append(self, rows: pa.Table) -> None:
        """Put rows aside.

        Parameters
        ----------
        rows : pyarrow.Table
            In order of time; rows of one instant come after those of earlier calls.

        Raises
        ------
        StoreFullError
            If the disk is full.
        """
        t_us = _times_us(rows)
        day = t_us // US_PER_DAY
        borders = [0, *(np.flatnonzero(np.diff(day)) + 1).tolist(), t_us.size]
        for start, stop in itertools.pairwise(borders):
            if start == stop:
                continue
            number = int(day[start])
            self._n_rows[number] = self._n_rows.get(number, 0) + stop - start
            blocks = self._blocks.setdefault(number, [])
            for first in range(start, stop, _BLOCK_ROWS):
                last = min(first + _BLOCK_ROWS, stop) - 1
                place = self._write(rows.slice(first, last + 1 - first))
                blocks.append(_Block(*place, int(t_us[first]), int(t_us[last])))

    @property
    def last_us(self) -> int | None:
        """Time of the last row [us]; None without any."""
        if not self._blocks:
            return None
        return max(block.last_us for block in self._blocks[max(self._blocks)])

    @property
    def n_days(self) -> int:
        """How many days have rows."""
        return len(self._blocks)

    def stretches(self, max_rows: int) -> Iterator[Stretch]:
        """Yield all rows, day after day; a day of many is cut into equal times.

        Parameters
        ----------
        max_rows : int
            A day is cut into as many parts as it holds times this; 1 or more.
        """
        days = sorted(self._blocks)
        start_us = int(_NEVER.min)
        for nth_day, day in enumerate(days):
            n_parts = -(-self._n_rows[day] // max_rows)
            for part in range(1, n_parts + 1):
                stop_us = day * US_PER_DAY + US_PER_DAY * part // n_parts
                if day == days[-1] and part == n_parts:
                    stop_us = int(_NEVER.max)
                rows = self._between(day, start_us, stop_us)
                yield Stretch(nth_day, start_us, stop_us, rows)
                start_us = stop_us

    def _between(self, day: int, start_us: int, stop_us: int) -> pa.Table:
        """Return the rows of a day within a range, by time and in the order they were put in."""
        parts = [self._spec.empty()]
        for block in self._blocks[day]:
            if block.first_us < stop_us and block.last_us >= start_us:
                rows = self._read(block)
                first, stop = np.searchsorted(_times_us(rows), [start_us, stop_us])
                parts.append(rows.slice(first, stop - first))
        rows = pa.concat_tables(parts)
        return taken(rows, pa.array(np.argsort(_times_us(rows), kind="stable")))

    def _write(self, rows: pa.Table) -> tuple[int, int]:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self._spec.arrow, options=_PACKED) as writer:
            writer.write_table(rows.combine_chunks())
        packed = sink.getvalue()
        try:
            self._file.write(packed)
            self._file.flush()
        except OSError as error:
            raise as_store_error(error, self._folder, 0) from error
        offset = self._size
        self._size += packed.size
        return offset, packed.size

    def _read(self, block: _Block) -> pa.Table:
        packed = os.pread(self._file.fileno(), block.size, block.offset)
        return pa.ipc.open_stream(packed).read_all()


def _times_us(rows: pa.Table) -> npt.NDArray[np.int64]:
    return np.asarray(rows["timestamp"].cast(pa.int64()).to_numpy())
