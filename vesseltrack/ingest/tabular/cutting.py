"""Lines of a block cut in two: the head of a row, and the tail behind it with its comma."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.marks import nth_set
from vesseltrack.ingest.text import LineBlock

Ints = npt.NDArray[np.int64]

_COMMA: Final = 44
_QUOTE: Final = 34
_FIRST_NOT_ASCII: Final = 128
_EVERY_SECOND: Final = 0b01010101


def bounds(block: LineBlock) -> tuple[Ints, Ints]:
    """Return where each line of a block begins and ends, shape (n,) each."""
    return np.append(0, block.ends + 1), np.append(block.ends, len(block.data))


def tails(block: LineBlock, cuts: Ints, ends: Ints) -> pa.Array:
    """Return what lies between cuts and ends, null between one and the next, shape (2n - 1,).

    Nothing is copied: what lies in between is there, but nobody looks at it.
    """
    places = _alternating(cuts, ends)
    is_tail = np.full(-(-places.size // 8), _EVERY_SECOND, np.uint8)
    buffers = [pa.py_buffer(is_tail), pa.py_buffer(places), pa.py_buffer(block.data)]
    return pa.Array.from_buffers(pa.binary(), max(0, places.size - 1), buffers)


class HeadsAndTails:
    """The lines of a block, each cut behind so many fields."""

    def __init__(self, block: LineBlock, n_head: int) -> None:
        """Find the comma behind each head."""
        self._block = block
        self._chars = np.frombuffer(block.data, np.uint8)
        self._starts, self._ends = bounds(block)
        cuts = nth_set(self._chars == _COMMA, self._starts, n_head)
        self._has_tail = cuts < self._ends
        self._cuts = np.minimum(cuts, self._ends)

    def plain(self, max_row_bytes: int) -> tuple[Ints, pa.Buffer]:
        """Return the lines whose head is plain text, and those heads, each behind a line end.

        A head with a quote in it, or a byte that is not ASCII, is not.
        """
        is_plain = self._has_tail & (self._ends - self._starts <= max_row_bytes)
        rows = np.flatnonzero(is_plain)
        heads = self._heads(rows)
        text = np.frombuffer(heads, np.uint8)
        if text.max(initial=0) >= _FIRST_NOT_ASCII or (text == _QUOTE).any():
            odd = np.flatnonzero((self._chars == _QUOTE) | (self._chars >= _FIRST_NOT_ASCII))
            line = np.searchsorted(self._ends, odd)
            rows = np.setdiff1d(rows, line[odd < self._cuts[line]])
            heads = self._heads(rows)
        return rows, heads

    def _heads(self, rows: Ints) -> pa.Buffer:
        # A head begins with the line end before it: heads one after the other are lines.
        before = np.append(0, self._ends[:-1])
        places = np.append(_alternating(before, self._cuts), np.int32(self._ends[-1]))
        buffers = [None, pa.py_buffer(places), pa.py_buffer(self._block.data)]
        pieces = pa.Array.from_buffers(pa.binary(), places.size - 1, buffers)
        return pieces.take(pa.array(2 * rows)).buffers()[2]

    def tails(self, rows: Ints) -> pa.Array:
        """Return the tails of some lines, with nulls between them."""
        return tails(self._block, self._cuts[rows], self._ends[rows])


def _alternating(firsts: Ints, seconds: Ints) -> npt.NDArray[np.int32]:
    """Return places of two kinds by turns."""
    places = np.empty(2 * firsts.size, np.int32)
    places[0::2], places[1::2] = firsts, seconds
    return places
