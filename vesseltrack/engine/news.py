"""Which of the events that an engine finds have not been told yet."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vesseltrack.engine.alerts import FINAL, OPEN, WITHDRAWN
from vesseltrack.schema import EVENTS

Row = dict[str, Any]  # of EVENTS

_MAX_KNOWN: Final = 100_000  # more than the feed keeps
_CONTENT: Final = tuple(name for name in EVENTS.names if name != "revision")
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True)
class Told:
    """What was last said of an event.

    Attributes
    ----------
    revision : int
        How often it was told.
    status : str
        Open, final or withdrawn.
    end : datetime
        How far it had gone.
    digest : bytes
        Of all that was said.
    is_past : bool
        Whether by an earlier process: this one may still be on its way there.
    """

    revision: int
    status: str
    end: datetime
    digest: bytes
    is_past: bool


class News:
    """What has been told of each event, as far as that is kept."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, Told] = OrderedDict()

    def learn(self, rows: Iterable[Row], *, is_past: bool = False) -> None:
        """Note what was told, in the order in which it was."""
        for row in rows:
            self._told[row["event_id"]] = Told(
                row["revision"], row["status"], row["end"], _digest(row), is_past
            )
            self._told.move_to_end(row["event_id"])
        while len(self._told) > _MAX_KNOWN:
            self._told.popitem(last=False)

    def of(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that say something new, each as the next revision of its event."""
        found = []
        for row in rows:
            told = self._told.get(row["event_id"])
            if told is None:
                found.append(row)
            elif not _is_known(row, told):
                found.append({**row, "revision": max(row["revision"], told.revision + 1)})
        return found

    def withdrawn(self, row: Row) -> Row:
        """Return an event that was told as one that is not to be believed any more."""
        gone = {name: row[name] for name in EVENTS.names}
        return {**gone, "status": WITHDRAWN, "is_open": False, "revision": row["revision"] + 1}


def _is_known(row: Row, told: Told) -> bool:
    if _digest(row) == told.digest:
        return True
    if row["status"] != OPEN:
        return False
    # Who begins again comes by what was told before.
    return told.status == FINAL or (
        told.is_past and told.status == OPEN and told.end >= row["end"]
    )


def _digest(row: Row) -> bytes:
    said = repr([row[name] for name in _CONTENT]).encode()
    return hashlib.blake2b(said, digest_size=_DIGEST_BYTES).digest()
