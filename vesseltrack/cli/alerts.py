"""Alerts on a terminal: one line when an event is new, and one when it has ended."""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from vesseltrack.cli.text import one_line

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_SEEN: Final = 10_000  # events that go on
_OPEN: Final = "open"


def _print(line: str) -> None:
    with suppress(BrokenPipeError):  # whoever looked on has gone; the feed has it all
        print(line, flush=True)


class AlertLines:
    """Prints what a live engine tells, but not every revision of it.

    Parameters
    ----------
    put : callable
        Is given each line.
    """

    def __init__(self, put: Callable[[str], None] = _print) -> None:
        self._put = put
        self._seen: OrderedDict[str, None] = OrderedDict()

    def show(self, events: "pa.Table", names: Mapping[int, str]) -> None:
        """Print the events that are new or have ended."""
        for event in events.to_pylist():
            event_id = event["event_id"]
            if event["status"] == _OPEN and event_id in self._seen:
                continue
            self._seen[event_id] = None
            if event["status"] != _OPEN:
                del self._seen[event_id]
            while len(self._seen) > _MAX_SEEN:
                self._seen.popitem(last=False)
            self._put(line_of(event, names))


def line_of(event: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Return an event as one line, safe for a terminal.

    Parameters
    ----------
    event : mapping
        A row of EVENTS.
    names : mapping
        Names of vessels by MMSI, as they were sent.
    """
    vessels = dict.fromkeys((event["mmsi"], event["other_mmsi"] or event["mmsi"]))
    who = [f"{mmsi} {names[mmsi]}" if mmsi in names else str(mmsi) for mmsi in vessels]
    holds = json.loads(event["innocent"])["holds"]
    parts = [
        f"{event['end']:%Y-%m-%d %H:%M:%S}",
        event["status"],
        event["kind"],
        " and ".join(who),
        event["explanation"] + (f" ({', '.join(holds)})" if holds else ""),
    ]
    return one_line("  ".join(parts))
