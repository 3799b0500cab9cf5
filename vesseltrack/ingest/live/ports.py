"""Where the bytes of a feed come in: one port a feed, of three kinds."""

from collections.abc import Callable
from typing import Final, Protocol

from vesseltrack.ingest.live.address import TCP, TCP_LISTEN, Address
from vesseltrack.ingest.live.connection import READ_BYTES, Connection
from vesseltrack.ingest.live.desk import Desk
from vesseltrack.ingest.live.dialling import Dialler
from vesseltrack.ingest.live.inbox import ITEM_BYTES, SenderKey
from vesseltrack.ingest.live.sockets import listening
from vesseltrack.ingest.live.streams import Streams

_MAX_AT_ONCE: Final = 64  # connections taken before others have their turn
_MAX_DATAGRAM_BYTES: Final = 1 << 16
_REST_S: Final = 1.0  # after a failure to accept: there are no descriptors left
OVERRUN: Final = "overrun"  # datagrams that came faster than they could be read
TOO_MANY_SENDERS: Final = "too_many_senders"


class Port(Protocol):
    """What brings in a feed."""

    @property
    def address(self) -> Address:
        """Where it is; with the port that was found free, if one was to be found."""

    @property
    def n_senders(self) -> int:
        """How many are heard."""

    @property
    def problem(self) -> str | None:
        """Why nothing can come in, if so."""

    def tend(self) -> None:
        """Do what time brings: try again, go on, let go."""

    def dismiss(self, sender: SenderKey) -> None:
        """Have nothing more to do with a sender."""

    def close(self) -> None:
        """End it; every sender has ended."""


class DialledPort:
    """A feed that we connect to."""

    def __init__(self, address: Address, feed: int, desk: Desk, dialler: Dialler) -> None:
        """Begin with the next `tend`."""
        self.address = address
        self._desk = desk
        self._dialler = dialler
        self._streams = Streams(feed, desk, self._lost)

    @property
    def n_senders(self) -> int:
        """One while it is connected."""
        return len(self._streams)

    @property
    def problem(self) -> str | None:
        """Why there is no connection."""
        return self._dialler.problem

    def tend(self) -> None:
        """Connect, or try again when it is time."""
        now_s = self._desk.clocks.steady_s()
        self._streams.tend()
        self._dialler.dial(now_s)
        made = self._dialler.take(now_s)
        if made is not None:
            self._streams.add(made)

    def dismiss(self, sender: SenderKey) -> None:
        """End the connection; the next try is made late."""
        self._streams.dismiss(sender)

    def close(self) -> None:
        """End the connection."""
        self._streams.close()

    def _lost(self, connection: Connection) -> None:
        now_s = self._desk.clocks.steady_s()
        self._dialler.lose(now_s, was_useful=connection.has_lines)


class AcceptingPort:
    """A feed that others connect to."""

    problem: None = None

    def __init__(self, address: Address, feed: int, desk: Desk) -> None:
        """Listen from now on; see `listening` for the errors."""
        self._socket = listening(address)
        self.address = address.at(self._socket.getsockname()[1])
        self._desk = desk
        self._streams = Streams(feed, desk)
        self._resting_until_s: float | None = None
        desk.watch(self._socket, self._accept)

    @property
    def n_senders(self) -> int:
        """How many are connected."""
        return len(self._streams)

    def tend(self) -> None:
        """Accept again, after a rest; let idle connections go."""
        self._streams.tend()
        rest_s = self._resting_until_s
        if rest_s is not None and rest_s <= self._desk.clocks.steady_s():
            self._resting_until_s = None
            self._desk.watch(self._socket, self._accept)

    def dismiss(self, sender: SenderKey) -> None:
        """End a connection."""
        self._streams.dismiss(sender)

    def close(self) -> None:
        """Listen no longer and end the connections."""
        if self._resting_until_s is None:
            self._desk.leave(self._socket)
        self._socket.close()
        self._streams.close()

    def _accept(self) -> None:
        for _ in range(_MAX_AT_ONCE):
            try:
                made, _ = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError:
                self._resting_until_s = self._desk.clocks.steady_s() + _REST_S
                self._desk.leave(self._socket)
                return
            is_full = len(self._streams) >= self._desk.config.max_senders
            if is_full and not self._streams.let_silent_go():
                made.close()
            else:
                self._streams.add(made)


class DatagramPort:
    """A feed of datagrams, each of whole lines; every address that sends is a sender."""

    problem: None = None

    def __init__(self, address: Address, feed: int, desk: Desk) -> None:
        """Listen from now on; see `listening` for the errors."""
        self._socket = listening(address)
        self.address = address.at(self._socket.getsockname()[1])
        self._feed = feed
        self._desk = desk
        self._heard_s: dict[str, float] = {}
        desk.watch(self._socket, self._read)

    @property
    def n_senders(self) -> int:
        """How many addresses have sent something lately."""
        return len(self._heard_s)

    def tend(self) -> None:
        """Forget senders that have said nothing for long."""
        oldest_s = self._desk.clocks.steady_s() - self._desk.config.idle_s
        for name in [name for name, heard_s in self._heard_s.items() if heard_s < oldest_s]:
            del self._heard_s[name]
            self._desk.end((self._feed, name))

    def dismiss(self, sender: SenderKey) -> None:
        """Leave it at that: who reads the feed drops what still comes."""

    def close(self) -> None:
        """Listen no longer."""
        self._desk.leave(self._socket)
        self._socket.close()
        for name in self._heard_s:
            self._desk.end((self._feed, name))
        self._heard_s.clear()

    def _read(self) -> None:
        received: dict[str, list[bytes]] = {}
        n_bytes = 0
        while n_bytes < READ_BYTES:
            try:
                data, where = self._socket.recvfrom(_MAX_DATAGRAM_BYTES)
            except OSError:  # nothing more, or an answer to nothing we sent
                break
            n_bytes += len(data) + ITEM_BYTES
            received.setdefault(f"{where[0]} {where[1]}", []).append(data)
        for name, datagrams in received.items():
            # No line goes on in the next datagram.
            self._put(name, b"\n".join(datagrams) + b"\n")

    def _put(self, name: str, data: bytes) -> None:
        sender = (self._feed, name)
        is_known = name in self._heard_s
        dropped = None
        if not is_known and len(self._heard_s) >= self._desk.config.max_senders:
            # All that are refused are one to the inbox, or each would have its own room in it.
            sender, dropped = (self._feed, ""), TOO_MANY_SENDERS
        elif not self._desk.inbox.has_room(sender, self._desk.config.max_datagram_bytes):
            dropped = OVERRUN
        else:
            self._heard_s[name] = self._desk.clocks.steady_s()
        self._desk.put(sender, data, dropped)


def opened(address: Address, feed: int, desk: Desk, dialler: Callable[[Address], Dialler]) -> Port:
    """Return the port that an address asks for.

    Raises
    ------
    SourceError
        If we cannot listen there.
    """
    if address.scheme == TCP:
        return DialledPort(address, feed, desk, dialler(address))
    kind = AcceptingPort if address.scheme == TCP_LISTEN else DatagramPort
    return kind(address, feed, desk)
