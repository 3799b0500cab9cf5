"""Which times of a source are trusted."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vesseltrack.units import US_PER_S

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_END_US: Final = 253_370_764_800 * US_PER_S  # the year 9999


def has_day(t_us: Ints) -> Bools:
    """Return which times have a calendar day that can be stored, 1970 to 9998, shape (n,)."""
    return np.asarray((t_us >= 0) & (t_us < _END_US))


@dataclass(frozen=True)
class Span:
    """The times that a source may hold [us since 1970], both ends included.

    Beyond them a clock was wrong: the row is kept, and its time is not trusted.
    """

    earliest_us: int
    latest_us: int

    def holds(self, t_us: Ints) -> Bools:
        """Return which times lie within, shape (n,)."""
        return np.asarray((t_us >= self.earliest_us) & (t_us <= self.latest_us))
