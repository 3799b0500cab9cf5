"""Texts of six-bit characters, of many messages at once.

A row of codes is as wide as whole words need, with at least one end mark behind the text.

References
----------
.. [1] ITU-R M.1371-5, Annex 8, table 47.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from vesseltrack.ingest.nmea.arrays import WORD_BYTES, Bools, Bytes, Ints, inside

_MARK: Final = "@"  # ends a text; its code is 0
_BLANK: Final = 32
_CODE_BITS: Final = 63
_ONE_EACH: Final = np.uint64(0x0101010101010101)
_HIGH_EACH: Final = np.uint64(0x8080808080808080)


def width_of(n_characters: int) -> int:
    """Return how wide codes of texts of so many characters are."""
    return WORD_BYTES * (n_characters // WORD_BYTES + 1)


def codes_of(texts: Sequence[str | None], n_characters: int) -> Bytes:
    """Return the codes of texts of so many characters at most, shape (n, width)."""
    width = width_of(n_characters)
    padded = "".join((text or "")[:n_characters].ljust(width, _MARK) for text in texts)
    codes = np.frombuffer(padded.encode("latin-1"), np.uint8) & np.uint8(_CODE_BITS)
    return codes.reshape(len(texts), width)


@dataclass(frozen=True)
class Texts:
    """Where texts stand in their codes, (n,) each: up to the end mark, without blanks around.

    Of a text that says nothing `end` is 0.
    """

    codes: Bytes
    begin: Ints
    end: Ints

    @classmethod
    def of(cls, codes: Bytes) -> "Texts":
        """Find texts in codes, shape (n, width)."""
        n_texts, width = codes.shape
        end = _first_marks(codes)
        begin = np.zeros(n_texts, np.int64)
        # Only few have blanks to take away.
        last = codes.reshape(-1)[np.arange(n_texts) * width + np.maximum(end - 1, 0)]
        which = np.flatnonzero((end > 0) & ((codes[:, 0] == _BLANK) | (last == _BLANK)))
        if which.size:
            ink = inside(end[which], width) & (codes[which] != _BLANK)
            begin[which] = ink.argmax(axis=1)
            end[which] = np.where(ink.any(axis=1), width - ink[:, ::-1].argmax(axis=1), 0)
        return cls(codes, begin, end)

    def __getitem__(self, which: Ints) -> "Texts":
        """Return some of the texts."""
        return Texts(self.codes[which], self.begin[which], self.end[which])

    @property
    def are_said(self) -> Bools:
        """Which of them say something."""
        return self.end > 0

    def array(self) -> pa.Array:
        """Return them as an Arrow array, null for those that say nothing."""
        width = self.codes.shape[1]
        kept = inside(self.end, width)
        if self.begin.any():
            kept &= ~inside(self.begin, width)
        # Times 64, as bytes are shifted one by one.
        letters = self.codes + (self.codes < _BLANK).view(np.uint8) * np.uint8(64)
        ends = np.zeros(self.end.size + 1, np.int32)
        np.cumsum(self.end - self.begin, out=ends[1:])
        return pa.StringArray.from_buffers(
            self.end.size,
            pa.py_buffer(ends),
            pa.py_buffer(letters[kept]),
            pa.py_buffer(np.packbits(self.are_said, bitorder="little")),
        )


def _first_marks(codes: Bytes) -> Ints:
    """Return where the first end mark of each row stands."""
    words = codes.view("<u8").T.copy()
    zeros = (words - _ONE_EACH) & ~words & _HIGH_EACH  # the lowest bit set is of a byte of zero
    before = np.bitwise_count((zeros & -zeros) - np.uint64(1)) >> np.uint8(3)  # 8 if there is none
    first = before[-1].astype(np.int64)
    for n_bytes in before[-2::-1]:
        first = np.where(n_bytes < WORD_BYTES, n_bytes, WORD_BYTES + first)
    return np.asarray(first)
