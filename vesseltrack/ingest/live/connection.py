"""One TCP connection that sends sentences to us."""

import socket
from dataclasses import dataclass, field

from vesseltrack.ingest.live.inbox import SenderKey

READ_BYTES = 1 << 16  # at a time, so that nobody waits long for his turn


@dataclass
class Connection:
    """A connection and what is known of it.

    Attributes
    ----------
    socket : socket
        Does not block.
    sender : (int, str)
        Whose bytes these are.
    heard_s : float
        When the last whole line came, or else when it was made [s of the steady clock].
    has_lines : bool
        Whether a whole line ever came.
    is_paused : bool
        Whether it waits for room.
    """

    socket: socket.socket
    sender: SenderKey
    heard_s: float
    has_lines: bool = field(default=False)
    is_paused: bool = field(default=False)

    def read(self, now_s: float) -> bytes | None:
        """Return what has come; empty when the other side has ended; None if nothing has."""
        try:
            data = self.socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:  # reset, or no longer reached
            return b""
        if b"\n" in data or b"\r" in data:
            self.heard_s, self.has_lines = now_s, True
        return data


def prepared(made: socket.socket) -> socket.socket:
    """Return a connection that never blocks and notices in the end that nobody is there."""
    made.settimeout(0)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return made
