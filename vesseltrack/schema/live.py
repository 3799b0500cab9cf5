"""What a live engine shows of itself while it works: how far it is, and where vessels are."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vesseltrack.schema.table import Table
from vesseltrack.schema.tables import FIXES, STATICS

_OF_REPORT: Final = ("mmsi", "name")
_OF_FIX: Final = ("timestamp", "lat", "lon", "sog_kn", "cog_deg", "heading_deg", "nav_status")

# In a file of its own, written anew again and again, and no table of the store.
LATEST: Final = Table(
    "latest",
    "one transmitter at its latest position, and its name if one was heard",
    (
        *(column for column in STATICS.columns if column.name in _OF_REPORT),
        *(column for column in FIXES.columns if column.name in _OF_FIX),
    ),
    key=("mmsi",),
)


class LiveState(enum.StrEnum):
    """What a process that feeds a store is doing."""

    READING = "reading"  # archives, before they are played
    PLAYING = "playing"
    PAUSED = "paused"
    LISTENING = "listening"
    ANALYSING = "analysing"  # what was played: the record
    ENDED = "ended"


@dataclass(frozen=True)
class LiveStatus:
    """How far a feed or a replay is.

    Attributes
    ----------
    source : str
        ``replay`` or ``listen``.
    state : LiveState
        What it is doing.
    begun : datetime
        When it began, by the clock of the machine: what it is known by.
    written : datetime
        When it said so, by the clock of the machine; a process that was killed says no more.
    at : datetime or None
        Event time; None before the first position.
    since, until : datetime or None
        What a replay plays.
    speed : float or None
        Of a replay [seconds of event time in one of the clock]; None for as fast as it can.
    behind_s : float or None
        How far it is behind what it was to show by now [s of the clock].
    n_vessels : int
        With a latest position.
    n_latest, n_leads : int
        How often latest positions and leads were written: another number, another content.
    process : int
        Its number with the operating system.
    """

    source: str
    state: LiveState
    begun: datetime
    written: datetime
    at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    speed: float | None = None
    behind_s: float | None = None
    n_vessels: int = 0
    n_latest: int = 0
    n_leads: int = 0
    process: int = 0


@dataclass(frozen=True)
class LiveRequest:
    """What a replay is asked to do.

    Attributes
    ----------
    number : int
        Rises by one with every request to one replay, from 1.
    begun : datetime
        Of the replay that is meant.
    is_paused : bool or None
        Whether it is to hold; None leaves it as it is.
    at : datetime or None
        From when it is to go on.
    is_stopped : bool
        Whether it is to end.
    """

    number: int
    begun: datetime
    is_paused: bool | None = None
    at: datetime | None = None
    is_stopped: bool = False
