"""The alerts of a feed as they stand: of each event what was told last."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from vesseltrack.schema.plain import plain_rows
from vesseltrack.store import Store

_MAX_EVENTS: Final = 5_000  # some 4 kB each; those told longest ago go first
_AT_ONCE: Final = 1_000  # read of the feed at a time
_WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True)
class Told:
    """An event as it was told last."""

    start: datetime
    end: datetime
    row: dict[str, Any]  # of ALERTS, as JSON values


class AlertBook:
    """Follows the feed of one store when it is asked; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sequence = 0
        self._told: OrderedDict[str, Told] = OrderedDict()

    def standing(
        self, store: Store, at: datetime | None, window_h: float
    ) -> tuple[int, list[dict[str, Any]]]:
        """Return the events that stand, the one told last first.

        Parameters
        ----------
        store : Store
            Its feed is read on from where it was.
        at : datetime or None
            The time that is shown: what begins later is left out, as is what ended long before.
        window_h : float
            How long before [h].

        Returns
        -------
        sequence : int
            Number of the last alert that was taken into account.
        rows : list of dict
            ALERTS as JSON values, none of them withdrawn.
        """
        with self._lock:
            self._read_on(store)
            told = list(self._told.values())
            sequence = self._sequence
        if at is not None:
            since = at - timedelta(hours=window_h)
            told = [one for one in told if one.start <= at and one.end >= since]
        rows = [one.row for one in reversed(told)]
        return sequence, [row for row in rows if row["status"] != _WITHDRAWN]

    def _read_on(self, store: Store) -> None:
        if store.last_alert() < self._sequence:  # a store that was made anew
            self._sequence = 0
            self._told.clear()
        while (alerts := store.alerts(self._sequence, _AT_ONCE)).num_rows:
            self._take(alerts)
            self._sequence = alerts["sequence"][-1].as_py()

    def _take(self, alerts: pa.Table) -> None:
        times = zip(alerts["start"].to_pylist(), alerts["end"].to_pylist(), strict=True)
        for (start, end), row in zip(times, plain_rows(alerts), strict=True):
            self._told[row["event_id"]] = Told(start, end, row)
            self._told.move_to_end(row["event_id"])
        while len(self._told) > _MAX_EVENTS:
            self._told.popitem(last=False)
