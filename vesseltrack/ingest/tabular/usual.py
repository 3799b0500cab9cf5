"""Heads of rows as the archives write them, read many at a time straight from the characters.

Plain decimals, words that were seen before, times of the layout's one form: nearly all rows. A
head with anything else in it is left to slower readings, and nothing is said of it here.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.tabular.cursor import DATE_BYTES, TIME_BYTES, WINDOW_BYTES, Cursor
from vesseltrack.ingest.tabular.cutting import bounds
from vesseltrack.ingest.tabular.heads import Heads
from vesseltrack.ingest.tabular.layouts import Layout
from vesseltrack.ingest.tabular.rows import JUDGED, MEASURED, times
from vesseltrack.ingest.tabular.wordtree import WordTree
from vesseltrack.ingest.text import LineBlock
from vesseltrack.units import US_PER_S

Ints = npt.NDArray[np.int64]

_LONG: Final = ("lat", "lon")  # may have more than eight characters
_MIDNIGHT: Final = np.frombuffer(b"00:00:00", np.uint8)


class UsualHeads:
    """Reads the heads of blocks under one header; remembers the words of its columns."""

    def __init__(self, names: tuple[str, ...], layout: Layout) -> None:
        """Name the columns of a head, in their order."""
        self._names = names
        self._layout = layout
        self._words = {name: WordTree(judged) for name, judged in JUDGED.items() if name in names}
        self._can_read = set(names) <= {"time", "mmsi", *MEASURED, *JUDGED}

    def can_read(self, block: LineBlock) -> bool:
        """Return whether all columns are known, and the block is long enough."""
        return self._can_read and len(block.data) >= WINDOW_BYTES

    def read(self, block: LineBlock) -> tuple[Heads, Ints]:
        """Return what the heads of lines say, and where the comma behind each lies."""
        cursor = Cursor(np.frombuffer(block.data, np.uint8), bounds(block)[0])
        read: dict[str, npt.NDArray[Any]] = {}
        for name in self._names:
            if name in self._words:
                read[name] = self._words[name].read(cursor)
            elif name == "time":
                read[name] = self._times(cursor)
            elif name == "mmsi":
                read[name] = cursor.mmsi()
            elif name in _LONG:
                read[name] = cursor.long_numbers()
            else:
                read[name] = cursor.short_numbers()
        cuts, is_usual = cursor.cuts()
        measured = {name: read[name] for name in MEASURED if name in read}
        return Heads(
            mmsi=read["mmsi"],
            t_us=read["time"],
            measured={name: np.full(cursor.at.size, np.nan) for name in MEASURED} | measured,
            coded={name: read[name] for name in self._words},
            is_good=is_usual,
        ), cuts

    def _times(self, cursor: Cursor) -> Ints:
        """Read a field as a time [us since 1970, UTC]; each date is judged once."""
        seconds, day, dates = cursor.times()
        texts = np.empty((len(dates), TIME_BYTES), np.uint8)
        texts[:, :DATE_BYTES], texts[:, DATE_BYTES:] = dates, _MIDNIGHT
        ends = np.arange(len(dates) + 1, dtype=np.int32) * np.int32(TIME_BYTES)
        column = pa.StringArray.from_buffers(len(dates), pa.py_buffer(ends), pa.py_buffer(texts))
        midnight_us, is_date = times(column, self._layout)
        cursor.is_usual &= is_date[day]
        t_us = seconds * US_PER_S
        t_us += midnight_us[day]
        return t_us
