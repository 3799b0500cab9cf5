"""The n-th mark behind each of many places, without a list of all marks.

Of the commas of a block only those are wanted at which heads end. To list all of them takes
eight bytes each, and more time than to read the fields.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_WORD_BITS: Final = 64
_N_WORDS: Final = 8  # a head has some 80 characters; the longest words of an archive make it 160
_ONE: Final = np.uint64(1)
_ALL: Final = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def nth_set(marks: Bools, starts: Ints, n: int) -> Ints:
    """Return where the n-th mark from each start lies.

    Parameters
    ----------
    marks : (m,)
        Whether a place has a mark.
    starts : (k,)
        From where to count, in [0, m].
    n : int
        Which mark, from 1.

    Returns
    -------
    places : (k,)
        Far behind all marks, 2**63 - 1, where it is not found; it is looked for within some
        hundred places.
    """
    words = np.zeros(marks.size // _WORD_BITS + _N_WORDS + 1, np.uint64)
    words.view(np.uint8)[: (marks.size + 7) // 8] = np.packbits(marks, bitorder="little")
    places = np.full(starts.size, np.iinfo(np.int64).max)
    rows, at, left = np.arange(starts.size), starts // _WORD_BITS, np.full(starts.size, n)
    word = words[at] & (_ALL << (starts % _WORD_BITS).astype(np.uint64))
    for _ in range(_N_WORDS):
        n_here = np.bitwise_count(word)
        is_here = n_here >= left
        places[rows[is_here]] = at[is_here] * _WORD_BITS + _nth_bit(word[is_here], left[is_here])
        is_left = ~is_here
        rows, left, at = rows[is_left], left[is_left] - n_here[is_left], at[is_left] + 1
        word = words[at]
    return places


def _nth_bit(words: Words, n: Ints) -> Ints:
    """Return where the n-th set bit of each word lies, from the lowest; each has that many."""
    for i in range(1, int(n.max(initial=0))):
        words = np.where(n > i, words & (words - _ONE), words)
    lowest = words & (~words + _ONE)
    return np.bitwise_count(lowest - _ONE).astype(np.int64)
