"""Live feeds of NMEA sentences over TCP and UDP: from the line on they are read as files are."""

from vesseltrack.ingest.live.address import SCHEMES, TCP, TCP_LISTEN, UDP, Address, address_of
from vesseltrack.ingest.live.desk import Clocks
from vesseltrack.ingest.live.feed import Feed, by_feed
from vesseltrack.ingest.live.inbox import Arrival
from vesseltrack.ingest.live.receiver import Receiver
from vesseltrack.ingest.live.sending import Outlet, StreamOutlet, outlet

__all__ = [
    "SCHEMES",
    "TCP",
    "TCP_LISTEN",
    "UDP",
    "Address",
    "Arrival",
    "Clocks",
    "Feed",
    "Outlet",
    "Receiver",
    "StreamOutlet",
    "address_of",
    "by_feed",
    "outlet",
]
