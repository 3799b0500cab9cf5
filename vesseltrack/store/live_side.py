"""What a store keeps beside its tables for a live engine: its alerts, its state, its board."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa

from vesseltrack.schema import LATEST, LEADS, LiveRequest, LiveStatus
from vesseltrack.store import engine_state
from vesseltrack.store.disk import as_store_error
from vesseltrack.store.engine_state import State
from vesseltrack.store.feed import AlertFeed
from vesseltrack.store.live_board import LiveBoard


class LiveSide:
    """The part of a store that the live engine writes, without the lock of its tables."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._feed = AlertFeed(path)
        self._board = LiveBoard(path)

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

    def show_live(
        self, status: LiveStatus, latest: pa.Table | None = None, leads: pa.Table | None = None
    ) -> None:
        """Show how far a feed or replay is, in place of what was shown before.

        By the one process that feeds the store.

        Parameters
        ----------
        status : LiveStatus
            How far it is.
        latest : pyarrow.Table, optional
            LATEST; without it the one before stays.
        leads : pyarrow.Table, optional
            LEADS, as the alerts rank them; without it the one before stays.

        Raises
        ------
        StoreFullError
            If the disk is full.
        """
        try:
            self._board.write(status, latest, leads)
        except OSError as error:
            raise as_store_error(error, self.path, 0) from error

    def live_status(self) -> LiveStatus | None:
        """Return how far the last feed or replay was; None if there was none."""
        return self._board.status()

    def live_stamp(self) -> int:
        """Return a number that is another when another status was shown; 0 for none."""
        return self._board.status_stamp()

    def ask_replay(
        self,
        begun: datetime,
        *,
        is_paused: bool | None = None,
        at: datetime | None = None,
        is_stopped: bool = False,
    ) -> None:
        """Ask the replay that feeds the store for something; it looks ten times a second.

        Parameters
        ----------
        begun : datetime
            Of its status: another replay does not hear it.
        is_paused, at, is_stopped : bool, datetime, bool
            What to do, as in `LiveRequest`.

        Raises
        ------
        StoreFullError
            If the disk is full.
        """
        try:
            self._board.ask(
                LiveRequest(0, begun, is_paused=is_paused, at=at, is_stopped=is_stopped)
            )
        except OSError as error:
            raise as_store_error(error, self.path, 0) from error

    def replay_requests(self) -> list[LiveRequest]:
        """Return what the last replay was asked for lately, in order."""
        return self._board.requests()

    def replay_requests_stamp(self) -> int:
        """Return a number that is another when a replay was asked for something; 0 if never."""
        return self._board.requests_stamp()

    def live_latest(self) -> pa.Table:
        """Return where vessels were last, LATEST; no rows if that was never shown."""
        return self._board.table(LATEST)

    def live_leads(self) -> pa.Table:
        """Return the leads of the alerts, LEADS by rank; no rows if they were never shown."""
        return self._board.table(LEADS)
