"""Sentences of other kinds than AIS, which logs are full of, seen many at a time."""

from typing import Final

import numpy as np

from vesseltrack.ingest.nmea.arrays import Bools, Ints, any_of, inside, rows
from vesseltrack.ingest.nmea.block import Lines

_WIDTH: Final = 128
_DOLLAR, _BANG, _COMMA, _STAR, _V, _D = b"$!,*VD"
_ADDRESS: Final = np.zeros(256, np.bool_)
_ADDRESS[np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=-", np.uint8)] = True
_MIN_ADDRESS: Final = 2


def are_not_ais(lines: Lines, which: Ints, max_line_bytes: int) -> Bools:
    """Return whether lines are sentences of another kind, shape (n,).

    Those of the usual shape alone: an address behind a dollar sign, and nothing in the line that
    might begin another sentence or tell a time.
    """
    raw, start = lines.raw, lines.start[which]
    n_bytes = lines.end[which] - start
    result = np.asarray((lines.mark[which] == _DOLLAR) & (n_bytes < min(_WIDTH, max_line_bytes)))
    some = np.flatnonzero(result)
    if not some.size:
        return result
    window = rows(raw, start[some] + 1, _WIDTH)
    within = inside(n_bytes[some] - 1, _WIDTH)
    end = (~_ADDRESS[window]).argmax(axis=1)
    behind = window[np.arange(some.size), end]
    usual = (end >= _MIN_ADDRESS) & (end < n_bytes[some] - 1)
    usual &= (behind == _COMMA) | (behind == _STAR)
    usual &= ~(rows(raw, start[some], 5) == np.frombuffer(b"$PGHP", np.uint8)).all(axis=1)
    strange = (window == _BANG) | (window == _DOLLAR)
    strange[:, :-1] |= (window[:, :-1] == _V) & (window[:, 1:] == _D)
    usual &= ~any_of(strange & within)
    result[some] = usual
    return result
