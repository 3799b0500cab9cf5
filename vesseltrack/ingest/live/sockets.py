"""Sockets that listen: for connections, for datagrams, and in multicast groups."""

import contextlib
import ipaddress
import socket
import struct
from typing import Any, Final

from vesseltrack.errors import SourceError
from vesseltrack.ingest.live.address import TCP_LISTEN, Address

_BACKLOG: Final = 128
# A commit or a fold must not lose datagrams: the system's default holds a tenth of a second of a
# national feed. The system grants what it allows.
_DATAGRAM_BUFFER_BYTES: Final = 8 << 20


def listening(address: Address) -> socket.socket:
    """Return a socket that listens at an address and does not block.

    Raises
    ------
    SourceError
        If that is not possible: the port is taken, or the host is not ours.
    """
    kind = socket.SOCK_STREAM if address.scheme == TCP_LISTEN else socket.SOCK_DGRAM
    try:
        (family, _, _, _, where), *_ = socket.getaddrinfo(
            address.host, address.port, type=kind, flags=socket.AI_PASSIVE
        )
        made = socket.socket(family, kind)
        with contextlib.ExitStack() as undo:
            undo.callback(made.close)
            _listen(made, address, where)
            undo.pop_all()
    except (OSError, UnicodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        msg = f"cannot listen on {address.name}: {why}"
        raise SourceError(msg) from error
    return made


def _listen(made: socket.socket, address: Address, where: Any) -> None:  # noqa: ANN401 - as the system says it
    made.settimeout(0)
    if address.scheme == TCP_LISTEN:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(where)
        made.listen(_BACKLOG)
        return
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _DATAGRAM_BUFFER_BYTES)
    if address.group is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # several may hear a group
    made.bind(where)
    if address.group is not None:
        _join(made, address.group, address.interface)


def _join(
    made: socket.socket,
    group: ipaddress.IPv4Address | ipaddress.IPv6Address,
    interface: str | None,
) -> None:
    if group.version == 4:  # noqa: PLR2004 - the version of the protocol
        ours = socket.inet_aton(interface or "0.0.0.0")  # noqa: S104 - the system's choice
        made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group.packed + ours)
    else:
        index = socket.if_nametoindex(interface) if interface else 0
        joined = struct.pack("@16sI", group.packed, index)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, joined)
