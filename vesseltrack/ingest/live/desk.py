"""What all feeds share while they are received: the clock, the selector and the inbox."""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from vesseltrack.config.live import LiveConfig
from vesseltrack.ingest.live.inbox import Arrival, Inbox, SenderKey
from vesseltrack.units import US_PER_S

Handler = Callable[[], None]


@dataclass(frozen=True)
class Clocks:
    """The clocks: one that is never set, and the time of the world.

    Attributes
    ----------
    steady_s : callable
        Seconds from any beginning, for time-outs.
    world_us : callable
        Microseconds since 1970, UTC, for arrivals.
    """

    steady_s: Callable[[], float] = time.monotonic
    world_us: Callable[[], int] = lambda: round(time.time() * US_PER_S)


@dataclass(frozen=True)
class Desk:
    """Where sockets are watched and what they bring is put."""

    config: LiveConfig
    clocks: Clocks
    inbox: Inbox
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def watch(self, watched: socket.socket, handler: Handler) -> None:
        """Have a handler called whenever a socket can be read."""
        self.selector.register(watched, selectors.EVENT_READ, handler)

    def leave(self, watched: socket.socket) -> None:
        """Watch a socket no longer."""
        self.selector.unregister(watched)

    def put(self, sender: SenderKey, data: bytes, dropped: str | None = None) -> None:
        """Put into the inbox what has come now."""
        self.inbox.put(Arrival(sender, data, self.clocks.world_us(), dropped))

    def end(self, sender: SenderKey) -> None:
        """Put into the inbox that a sender has ended."""
        self.put(sender, b"")
