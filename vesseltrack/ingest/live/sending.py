"""Lines sent to other programs: over TCP, as datagrams, or to a stream."""

import socket
from collections.abc import Sequence
from typing import Any, BinaryIO, Final, Protocol

from vesseltrack.errors import SourceError
from vesseltrack.ingest.live.address import TCP, Address
from vesseltrack.ingest.live.dialling import connect

_LINE_END: Final = b"\r\n"  # as the standard has it
_MAX_DATAGRAM_BYTES: Final = 1400  # what fits into one packet of Ethernet


class Outlet(Protocol):
    """Where lines go."""

    def send(self, units: Sequence[Sequence[bytes]]) -> None:
        """Send lines; those of a unit belong together."""

    def close(self) -> None:
        """End it."""


class StreamOutlet:
    """A stream, such as standard output."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to a stream, which stays open."""
        self._stream = stream

    def send(self, units: Sequence[Sequence[bytes]]) -> None:
        """Write lines, at once."""
        self._stream.write(b"".join(map(_text, units)))
        self._stream.flush()

    def close(self) -> None:
        """Leave the stream as it is."""


class TcpOutlet:
    """A connection to a program that listens."""

    def __init__(self, address: Address, timeout_s: float) -> None:
        """Connect.

        Raises
        ------
        SourceError
            If nobody listens there.
        """
        self._name = address.name
        try:
            self._socket = connect(address, timeout_s)
            self._socket.settimeout(None)  # who reads slowly is waited for
        except OSError as error:
            raise SourceError(self._why("cannot connect to", error)) from error

    def send(self, units: Sequence[Sequence[bytes]]) -> None:
        """Send lines.

        Raises
        ------
        SourceError
            If the other side has gone.
        """
        try:
            self._socket.sendall(b"".join(map(_text, units)))
        except OSError as error:
            raise SourceError(self._why("no more can be sent to", error)) from error

    def close(self) -> None:
        """End the connection once all has been sent."""
        self._socket.close()

    def _why(self, what: str, error: OSError) -> str:
        return f"{what} {self._name}: {error.strerror or error}"


class UdpOutlet:
    """Datagrams to a program or a group: one a unit, more if it would not fit."""

    def __init__(self, address: Address) -> None:
        """Find the address.

        Raises
        ------
        SourceError
            If there is no such host.
        """
        self._name = address.name
        try:
            (family, _, _, _, where), *_ = socket.getaddrinfo(
                address.host, address.port, type=socket.SOCK_DGRAM
            )
            self._where: Any = where
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            if address.interface is not None and family == socket.AF_INET:
                ours = socket.inet_aton(address.interface)
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ours)
        except OSError as error:
            msg = f"cannot send to {self._name}: {error.strerror or error}"
            raise SourceError(msg) from error

    def send(self, units: Sequence[Sequence[bytes]]) -> None:
        """Send lines; nobody need listen.

        Raises
        ------
        SourceError
            If they cannot be sent at all.
        """
        for unit in units:
            for datagram in _datagrams(unit):
                try:
                    self._socket.sendto(datagram, self._where)
                except ConnectionRefusedError:
                    continue  # the answer to an earlier one: nobody listens yet
                except OSError as error:
                    msg = f"cannot send to {self._name}: {error.strerror or error}"
                    raise SourceError(msg) from error

    def close(self) -> None:
        """End it."""
        self._socket.close()


def outlet(address: Address, timeout_s: float) -> Outlet:
    """Return the outlet of an address; see its kinds for the errors."""
    return TcpOutlet(address, timeout_s) if address.scheme == TCP else UdpOutlet(address)


def _text(unit: Sequence[bytes]) -> bytes:
    return b"".join(line + _LINE_END for line in unit)


def _datagrams(unit: Sequence[bytes]) -> list[bytes]:
    """Return a unit in as few datagrams as it fits into."""
    found: list[bytes] = []
    for line in unit:
        text = line + _LINE_END
        if found and len(found[-1]) + len(text) <= _MAX_DATAGRAM_BYTES:
            found[-1] += text
        else:
            found.append(text)
    return found
