"""The address of a feed: which way its bytes come, and from where."""

import ipaddress
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from vesseltrack.errors import SourceError

TCP: Final = "tcp"  # we connect
TCP_LISTEN: Final = "tcp-listen"  # others connect to us
UDP: Final = "udp"  # datagrams, to us or to a group
SCHEMES: Final = (TCP, TCP_LISTEN, UDP)
_INTERFACE: Final = "interface"


@dataclass(frozen=True)
class Address:
    """Where a feed comes from, or where one is sent to.

    Attributes
    ----------
    scheme : str
        "tcp", "tcp-listen" or "udp".
    host : str
        Name or number; of what listens, that of our own interface, or a multicast group.
    port : int
        0 for a free one, where we listen.
    interface : str or None
        Number of the interface on which a multicast group is joined; the system's choice without.
    """

    scheme: str
    host: str
    port: int
    interface: str | None = None

    @property
    def name(self) -> str:
        """The URL, without what may be secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def group(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The multicast group, if the host is one."""
        try:
            number = ipaddress.ip_address(self.host)
        except ValueError:
            return None
        return number if number.is_multicast else None

    def at(self, port: int) -> "Address":
        """Return the address with another port."""
        return replace(self, port=port)


def address_of(url: str, *, schemes: tuple[str, ...] = SCHEMES) -> Address:
    """Return the address in a URL; a user and password in it are left out.

    Parameters
    ----------
    url : str
        For example ``tcp://feed.example:4001``, ``tcp-listen://0.0.0.0:4001`` or
        ``udp://239.192.0.4:60004?interface=192.0.2.1``.
    schemes : tuple of str
        Which are allowed.

    Raises
    ------
    SourceError
        If it is no such URL; the text does not repeat a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SourceError(_refusal(url, str(error), schemes)) from error
    if parts.scheme not in schemes:
        raise SourceError(
            _refusal(url, f"the scheme must be one of {', '.join(schemes)}", schemes)
        )
    if not parts.hostname:
        raise SourceError(_refusal(url, "there is no host", schemes))
    if port is None or (port == 0 and parts.scheme == TCP):
        raise SourceError(_refusal(url, "there is no port", schemes))
    if parts.path not in {"", "/"}:
        raise SourceError(_refusal(url, "nothing may follow the port", schemes))
    options = dict(parse_qsl(parts.query))
    interface = options.pop(_INTERFACE, None)
    if options:
        raise SourceError(_refusal(url, f"the only option is {_INTERFACE}", schemes))
    return Address(parts.scheme, parts.hostname, port, interface)


def _refusal(url: str, why: str, schemes: tuple[str, ...]) -> str:
    shown = url.rpartition("@")[2] if "@" in url else url
    *others, last = (f"{scheme}://HOST:PORT" for scheme in schemes)
    expected = f"{', '.join(others)} or {last}" if others else last
    return f"{shown!r} is no feed: {why}; expected {expected}"
