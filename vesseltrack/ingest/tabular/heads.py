"""What the heads of rows say of their moment, as any of the quick readings returns it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesseltrack.ingest.tabular.values import Bools, Floats, Ints


@dataclass(frozen=True)
class Heads:
    """Heads of rows, (n,) each; what one says is of no meaning where it is not good."""

    mmsi: npt.NDArray[np.int32]
    t_us: Ints
    measured: dict[str, Floats]  # of each name in MEASURED, NaN where unknown
    coded: dict[str, npt.NDArray[Any]]  # message types and status: `mobile`, `nav_status`
    is_good: Bools  # whether every field is what it should be, as far as this reading knows

    def where(self, rows: Ints) -> "Heads":
        """Return some of the rows, rising; these themselves if they are all."""
        if rows.size == self.mmsi.size:
            return self
        return Heads(
            mmsi=self.mmsi[rows],
            t_us=self.t_us[rows],
            measured={name: numbers[rows] for name, numbers in self.measured.items()},
            coded={name: codes[rows] for name, codes in self.coded.items()},
            is_good=self.is_good[rows],
        )
