"""Codes of a column of words, of which an archive has few: each is judged once.

Words are followed eight characters at a time through a tree: what was read so far and the next
eight characters lead on to one place. A word is read with its comma, so that no two are the same.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vesseltrack.ingest.arrow import as_texts
from vesseltrack.ingest.nmea.arrays import WORD_BYTES
from vesseltrack.ingest.tabular.cursor import (
    Bools,
    Bytes,
    Cursor,
    Ints,
    Words,
    first_comma,
    n_before,
)

_MAX_BYTES: Final = 64  # of a word with its comma
_MAX_WORDS: Final = 64  # a column that has more is no column of words
_LOOKED_AT: Final = 16  # unknown words, which are mostly one, before all are followed again
_ROOT: Final = 0
_LOST: Final = 1  # a place that nothing leads on from
_NO_PLACE: Final = -1
_SLOT_BITS: Final = 14  # a hundred places seldom share one of so many
_SLOT_AT: Final = np.uint64(64 - _SLOT_BITS)
_SPREAD_PLACE: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: spreads bits
_U1: Final = np.uint64(1)


class WordTree:
    """The words of a column seen so far, and the code of each."""

    def __init__(self, judged: Callable[[pa.Array], npt.NDArray[Any]]) -> None:
        """Begin without a word; `judged` gives the codes of an array of words."""
        self._judged = judged
        self._seen: set[bytes] = set()
        n_slots = 1 << _SLOT_BITS
        self._said = np.zeros(n_slots, np.uint64)
        self._from = np.full(n_slots, _NO_PLACE)
        self._to = np.full(n_slots, _LOST)
        self._is_word = np.zeros(_LOST + 1, np.bool_)  # by place
        self._code = judged(as_texts([""] * (_LOST + 1)))  # by place

    def read(self, cursor: Cursor) -> npt.NDArray[Any]:
        """Read a field as the code of its word; one that is not learnt is not usual."""
        begins = cursor.at
        place, ends = self._follow(cursor, begins)
        while self._learn(cursor.chars, begins[cursor.is_usual & ~self._is_word[place]]):
            place, ends = self._follow(cursor, begins)
        cursor.move(ends, self._is_word[place])
        return np.asarray(self._code[place])

    def _follow(self, cursor: Cursor, begins: Ints) -> tuple[Ints, Ints]:
        """Return the place to which each word leads, and where it ends."""
        start = np.full(begins.size, _ROOT)
        place, ends, is_over = self._step(cursor.words(), begins, start)
        going = np.flatnonzero(~is_over)
        for n_read in range(WORD_BYTES, _MAX_BYTES, WORD_BYTES):
            if not going.size:
                break
            at = begins[going] + n_read
            place[going], ends[going], is_over = self._step(cursor.words_at(at), at, place[going])
            going = going[~is_over]
        place[going] = _LOST
        return place, ends

    def _step(self, words: Words, at: Ints, place: Ints) -> tuple[Ints, Ints, Bools]:
        """Return where eight characters lead, where the word ends, and whether it is over."""
        comma = first_comma(words)
        words &= (comma << _U1) - _U1
        slot = _slots(words, place)
        is_on = (self._said[slot] == words) & (self._from[slot] == place)
        to = np.where(is_on, self._to[slot], _LOST)
        return to, at + n_before(comma), (comma != 0) | ~is_on

    def _learn(self, chars: Bytes, begins: Ints) -> bool:
        """Take in the words at the first of the places; return whether there was a new one."""
        learnt = False
        for begin in begins[:_LOOKED_AT].tolist():
            word, comma, _ = chars[begin : begin + _MAX_BYTES].tobytes().partition(b",")
            is_plain = comma and word.isascii() and not set(b'"\n') & set(word)
            if is_plain and word not in self._seen and len(self._seen) < _MAX_WORDS:
                self._seen.add(word)
                learnt |= self._enter(word)
        return learnt

    def _enter(self, word: bytes) -> bool:
        """Add a word; return False if its way would cross that of another one."""
        padded = word + b"," + bytes(-(len(word) + 1) % WORD_BYTES)
        place = _ROOT
        for said in np.frombuffer(padded, "<u8"):
            slot = int(_slots(said[None], np.array([place]))[0])
            if self._from[slot] == _NO_PLACE:
                self._said[slot], self._from[slot], self._to[slot] = said, place, self._code.size
                self._code = np.append(self._code, self._code[_LOST])
                self._is_word = np.append(self._is_word, False)
            elif (self._said[slot], self._from[slot]) != (said, place):
                return False
            place = int(self._to[slot])
        self._code[place] = self._judged(as_texts([word.decode("ascii")]))[0]
        self._is_word[place] = True
        return True


def _slots(words: Words, place: Ints) -> Ints:
    mixed = (words ^ place.view(np.uint64) * _SPREAD_PLACE) * _SPREAD
    return (mixed >> _SLOT_AT).view(np.int64)
