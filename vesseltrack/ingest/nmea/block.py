"""A block of lines, and where each of them begins and ends."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import PADDING, PADDING_BEFORE, Bytes, Ints
from vesseltrack.ingest.text import BLANK, LineBlock

_SPACE: Final = 32  # every blank is below or equal


@dataclass(frozen=True)
class Lines:
    """The lines of a block that are not blank, (n,) each: places in `raw`, and their numbers.

    `mark` is the first byte of each; `arrived_us` says when they arrived [us], None for what did
    not come live.
    """

    data: bytes
    raw: Bytes
    start: Ints
    end: Ints
    number: Ints
    mark: Bytes
    arrived_us: Ints | None = None

    @classmethod
    def of(cls, block: LineBlock) -> "Lines":
        """Find the lines of a block."""
        data = b"".join((PADDING_BEFORE, block.data, PADDING))
        raw = np.frombuffer(data, np.uint8)
        begin = len(PADDING_BEFORE)
        end = np.append(block.ends, len(block.data))
        end += begin
        start = np.empty_like(end)
        start[0] = begin
        np.add(end[:-1], 1, out=start[1:])
        number = np.arange(block.first_line, block.first_line + end.size)
        mark = raw[start]
        doubtful = np.flatnonzero(mark <= _SPACE)
        if doubtful.size:
            kept = np.ones(start.size, np.bool_)
            kept[doubtful] = [
                bool(data[start[i] : end[i]].strip(BLANK)) for i in doubtful.tolist()
            ]
            start, end, number, mark = start[kept], end[kept], number[kept], mark[kept]
        arrived_us = block.arrived_us
        if arrived_us is not None:
            arrived_us = arrived_us[number - block.first_line]
        return cls(data, raw, start, end, number, mark, arrived_us)

    def texts(self, which: Ints) -> list[bytes]:
        """Return some lines without blanks around them."""
        places = zip(self.start[which].tolist(), self.end[which].tolist(), strict=True)
        return [self.data[start:end].strip(BLANK) for start, end in places]

    def line(self, which: int) -> bytes:
        """Return one line as it came."""
        return self.data[self.start[which] : self.end[which]]
