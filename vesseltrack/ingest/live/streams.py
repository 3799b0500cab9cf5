"""The TCP connections of one feed: read in turn, paused, and let go when they say nothing."""

import itertools
import socket
from collections.abc import Callable
from functools import partial

from vesseltrack.ingest.live.connection import Connection, prepared
from vesseltrack.ingest.live.desk import Desk
from vesseltrack.ingest.live.inbox import SenderKey


class Streams:
    """Connections; each is a sender of its own."""

    def __init__(
        self, feed: int, desk: Desk, ended: Callable[[Connection], None] = lambda _: None
    ) -> None:
        """Start with none; `ended` hears of every connection that has ended."""
        self._feed = feed
        self._desk = desk
        self._ended = ended
        self._numbers = itertools.count(1)
        self._connections: list[Connection] = []

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._connections)

    def add(self, made: socket.socket) -> None:
        """Take up a connection that was made."""
        sender = (self._feed, str(next(self._numbers)))
        try:
            made = prepared(made)
        except OSError:  # gone before it began
            made.close()
            return
        connection = Connection(made, sender, self._desk.clocks.steady_s())
        self._connections.append(connection)
        self._desk.watch(made, partial(self._read, connection))

    def let_silent_go(self) -> bool:
        """End the longest connection that never gave a line; return whether there was one."""
        silent = [connection for connection in self._connections if not connection.has_lines]
        if silent:
            self._end(min(silent, key=lambda connection: connection.heard_s))
        return bool(silent)

    def dismiss(self, sender: SenderKey) -> None:
        """End a connection that is of no use, if it has not ended by itself."""
        for connection in list(self._connections):
            if connection.sender == sender:
                connection.has_lines = False
                self._end(connection)

    def tend(self) -> None:
        """Go on with connections that have room again, and let idle ones go."""
        oldest_s = self._desk.clocks.steady_s() - self._desk.config.idle_s
        for connection in list(self._connections):
            if connection.is_paused:
                self._resume(connection)
            elif connection.heard_s < oldest_s:
                self._end(connection)

    def close(self) -> None:
        """End all."""
        for connection in list(self._connections):
            self._end(connection)

    def _read(self, connection: Connection) -> None:
        if not self._has_room(connection):
            connection.is_paused = True
            self._desk.leave(connection.socket)
            return
        data = connection.read(self._desk.clocks.steady_s())
        if data:
            self._desk.put(connection.sender, data)
        elif data is not None:
            self._end(connection)

    def _resume(self, connection: Connection) -> None:
        if self._has_room(connection):
            connection.is_paused = False
            # It was we who did not listen.
            connection.heard_s = self._desk.clocks.steady_s()
            self._desk.watch(connection.socket, partial(self._read, connection))

    def _has_room(self, connection: Connection) -> bool:
        max_bytes = self._desk.config.max_sender_bytes
        return self._desk.inbox.has_room(connection.sender, max_bytes)

    def _end(self, connection: Connection) -> None:
        self._connections.remove(connection)
        if not connection.is_paused:
            self._desk.leave(connection.socket)
        connection.socket.close()
        self._desk.end(connection.sender)
        self._ended(connection)
