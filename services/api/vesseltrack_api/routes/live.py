"""The alerts of the live engine as they are told, and how far it is (server-sent events)."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, Final

import pyarrow as pa
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from vesseltrack.schema.plain import plain_rows
from vesseltrack.store import Store
from vesseltrack_api import openapi
from vesseltrack_api.context import Parts
from vesseltrack_api.errors import TooManyStreamsError
from vesseltrack_api.features import encode
from vesseltrack_api.live_clock import said
from vesseltrack_api.parameters import given, integer
from vesseltrack_api.streams import EVENT_STREAM, EventStream

_POLL_S: Final = 0.25  # how often the feed is looked at
_MAX_AT_ONCE: Final = 100  # alerts read for a client: what one that does not read can hold
_RETRY_MS: Final = 2_000  # when a client that lost us tries again
_MAX_NUMBER: Final = 2**53 - 1  # of an alert; larger ones JSON cannot count
_MAX_RECENT: Final = 1_000
_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_LINE_ENDS: Final = "\u0085\u2028\u2029"  # to some readers; JSON leaves them as they are
router: Final = APIRouter(tags=["live"])


@router.get("/live", openapi_extra=openapi.described(*openapi.LIVE_QUERY, media_type=EVENT_STREAM))
def live(request: Request, parts: Parts) -> Response:
    """Follow the alerts: each an event `alert` with its number as the id, and a row as JSON.

    While a feed or a replay goes on, an event `clock` without an id says how far it is.
    A client that comes again with `Last-Event-ID` is told what it missed, as far as it is kept.
    """
    values = given(request, openapi.LIVE_NAMES, formats=("sse",))
    after, recent = (
        integer(name, values[name], 0, most) if name in values else None
        for name, most in (("after", _MAX_NUMBER), ("recent", _MAX_RECENT))
    )
    store = parts.catalogue.store
    if parts.streams.is_full:
        msg = f"all {parts.settings.max_live_clients} places at /live are taken; try again later"
        raise TooManyStreamsError(msg)
    seen = request.headers.get("last-event-id", "")
    if _NUMBER.fullmatch(seen):
        after = int(seen)
    last = store.last_alert()
    if after is None or after > last:  # one of a store that was made anew
        after = max(0, last - (recent or 0)) if after is None else 0

    def more(ended: asyncio.Event) -> AsyncIterator[bytes]:
        return _told(store, after, ended, parts.settings.heartbeat_s)

    return EventStream(parts.streams, more, parts.settings.max_stall_s)


async def _told(
    store: Store, after: int, ended: asyncio.Event, heartbeat_s: float
) -> AsyncIterator[bytes]:
    """Follow the feed behind a number.

    Yields
    ------
    text : bytes
        Alerts and the clock as events of the stream, and heartbeats between.
    """
    yield b"retry: %d\n\n" % _RETRY_MS
    clock = asyncio.get_running_loop()
    said_s = clock.time()
    stamp = 0
    while not ended.is_set():
        alerts = await run_in_threadpool(store.alerts, after, _MAX_AT_ONCE)
        shown = await run_in_threadpool(store.live_stamp)
        if alerts.num_rows:
            after = alerts["sequence"][-1].as_py()
            yield await run_in_threadpool(_events, alerts)
            said_s = clock.time()
        if shown != stamp:
            stamp = shown
            yield await run_in_threadpool(_clock, store)
            said_s = clock.time()
        elif clock.time() - said_s >= heartbeat_s:
            yield b": \n\n"
            said_s = clock.time()
        if alerts.num_rows < _MAX_AT_ONCE:
            await _wait(ended)


def _events(alerts: pa.Table) -> bytes:
    return b"".join(_event(row) for row in plain_rows(alerts))


def _event(row: dict[str, Any]) -> bytes:
    # JSON has no line end inside: nothing that a vessel sent can become a field of the stream.
    data = encode(row)
    for mark in _LINE_ENDS:
        data = data.replace(mark.encode(), b"\\u%04x" % ord(mark))
    return b"id: %d\nevent: alert\ndata: %s\n\n" % (row["sequence"], data)


def _clock(store: Store) -> bytes:
    # Without an id: where a client was in the feed is not changed by it.
    status = store.live_status()
    return b"" if status is None else b"event: clock\ndata: %s\n\n" % encode(said(status))


async def _wait(ended: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(ended.wait(), _POLL_S)
    except TimeoutError:
        return
