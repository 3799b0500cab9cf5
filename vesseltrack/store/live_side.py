"""What a store keeps beside its tables for a live engine: the alerts it told, and its state."""

from pathlib import Path

import pyarrow as pa

from vesseltrack.store import engine_state
from vesseltrack.store.disk import as_store_error
from vesseltrack.store.engine_state import State
from vesseltrack.store.feed import AlertFeed


class LiveSide:
    """The part of a store that the live engine writes, without the lock of its tables."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._feed = AlertFeed(path)

    def append_alerts(self, events: pa.Table, *, max_bytes: int) -> int:
        """Append events to the alert feed, on disk when this returns.

        Also while another thread writes tables: the feed has a lock of its own.

        Parameters
        ----------
        events : pyarrow.Table
            EVENTS, as they are now; one row an event.
        max_bytes : int
            What the feed may take up: beyond it the oldest eighth goes.

        Returns
        -------
        number : int
            Of the last alert of the feed; 0 while there is none.

        Raises
        ------
        StoreBusyError
            If another process appends.
        SchemaError
            If the table is not of its schema.
        StoreFullError
            If the disk is full; the first of the events may be in.
        """
        try:
            return self._feed.append(events, max_bytes)
        except OSError as error:
            raise as_store_error(error, self.path, 0) from error

    def alerts(self, after: int = 0, limit: int | None = None) -> pa.Table:
        """Return alerts in the order in which they were told; reading never waits.

        Parameters
        ----------
        after : int
            Only those with a higher number.
        limit : int or None
            At most so many, the first of them.

        Returns
        -------
        alerts : pyarrow.Table
            ALERTS. Numbers that are missing at the beginning are no longer kept.
        """
        return self._feed.read(after, limit)

    def last_alert(self) -> int:
        """Return the number of the newest alert, 0 without any."""
        return self._feed.last()

    def save_engine_state(self, state: State) -> None:
        """Put the live engine's state on disk, in place of the one before.

        By the holder of the writer's lock.

        Parameters
        ----------
        state : mapping
            Arrays by name, of numbers and text.

        Raises
        ------
        StoreFullError
            If the disk is full; the state before stays.
        """
        try:
            engine_state.save(self.path, state)
        except OSError as error:
            raise as_store_error(error, self.path, 0) from error

    def engine_state(self) -> State | None:
        """Return the state that was saved last; None without one, or if it is damaged."""
        return engine_state.saved(self.path)
