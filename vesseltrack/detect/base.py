"""What all folds share: the fleet, the frontier of time, and saving what is unfinished."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
import pyarrow as pa

from vesseltrack.config.detect.shared import ConfidenceConfig
from vesseltrack.core.records import Rows
from vesseltrack.detect.events import Draft, event_table
from vesseltrack.detect.fleet import Fleet
from vesseltrack.detect.fold import Slice, frontier_us
from vesseltrack.detect.saved import State, named, under

_BEFORE_ALL: Final = np.iinfo(np.int64).min // 2  # half: differences to it must not overflow


class Carries(Protocol):
    """Anything whose whole state is its rows."""

    rows: Rows


class Held:
    """Rows kept as they are."""

    def __init__(self) -> None:
        self.rows: Rows = {}


class Fold(ABC):
    """A detector whose unfinished business is a few parts with rows."""

    kind: str

    def __init__(self, confidence: ConfidenceConfig) -> None:
        self._confidence = confidence
        self._fleet = Fleet()
        self._frontier_us: int = _BEFORE_ALL

    def push(self, batch: Slice, watermark_us: int) -> pa.Table:
        """Take the next slice and return the events that are final now; see `Detector`."""
        self._fleet.learn(batch)
        self._frontier_us = max(self._frontier_us, frontier_us(batch, watermark_us))
        return event_table(self._advance(batch), self._confidence)

    def flush(self) -> pa.Table:
        """Return the events that would close if the data ended here; see `Detector`."""
        return event_table(self._if_ended(), self._confidence)

    def state(self) -> State:
        """Return everything that is unfinished, as plain arrays by name."""
        state = {"frontier_us": np.array([self._frontier_us])}
        for name, part in self._all_parts().items():
            state |= named(name, part.rows)
        return state

    def restore(self, state: State) -> None:
        """Take up a state that a detector of the same settings gave."""
        self._frontier_us = int(state["frontier_us"][0])
        for name, part in self._all_parts().items():
            part.rows = under(name, state)

    def _all_parts(self) -> Mapping[str, Carries]:
        return {"fleet": self._fleet, **self._parts()}

    @abstractmethod
    def _parts(self) -> Mapping[str, Carries]:
        """Return what carries rows from one push to the next, by name."""

    @abstractmethod
    def _advance(self, batch: Slice) -> Sequence[Draft]:
        """Take the fixes of a slice and return the events that nothing can change any more."""

    @abstractmethod
    def _if_ended(self) -> Sequence[Draft]:
        """Return the events that are under way, changing nothing."""
