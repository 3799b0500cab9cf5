"""A block of lines, and where each of them begins and ends."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import PADDING, Bytes, Ints
from vesseltrack.ingest.text import BLANK, LineBlock

_LF: Final = 10
_SPACE: Final = 32  # every blank is below or equal


@dataclass(frozen=True)
class Lines:
    """The lines of a block that are not blank, (n,) each: places in `raw`, and their numbers.

    `arrived_us` says when they arrived [us]; None for what did not come live.
    """

    data: bytes
    raw: Bytes
    start: Ints
    end: Ints
    number: Ints
    arrived_us: Ints | None = None

    @classmethod
    def of(cls, block: LineBlock) -> "Lines":
        """Find the lines of a block."""
        data = block.data + PADDING
        raw = np.frombuffer(data, np.uint8)
        end = np.flatnonzero(raw[: len(block.data) + 1] == _LF)
        start = np.concatenate([[0], end[:-1] + 1])
        number = np.arange(block.first_line, block.first_line + end.size)
        doubtful = np.flatnonzero(raw[start] <= _SPACE)
        if doubtful.size:
            kept = np.ones(start.size, np.bool_)
            kept[doubtful] = [
                bool(data[start[i] : end[i]].strip(BLANK)) for i in doubtful.tolist()
            ]
            start, end, number = start[kept], end[kept], number[kept]
        arrived_us = block.arrived_us
        if arrived_us is not None:
            arrived_us = arrived_us[number - block.first_line]
        return cls(data, raw, start, end, number, arrived_us)

    def line(self, which: int) -> bytes:
        """Return one line as it came."""
        return self.data[self.start[which] : self.end[which]]
