"""Answers without an end: server-sent events, each client at its own pace."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from vesseltrack_api.middleware import IS_HEAD

EVENT_STREAM: Final = "text/event-stream"
_ENDED: Final = (OSError, TimeoutError)  # of a client that is gone, or takes nothing

More = Callable[[asyncio.Event], AsyncIterator[bytes]]


class Streams:
    """The streams of one application: how many there are, and their common end."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._is_closed = False

    def enter(self, ended: asyncio.Event) -> bool:
        """Count a stream that begins; False where there are too many, or the server ends."""
        with self._lock:
            if self._is_closed or len(self._open) >= self._most:
                return False
            self._open.add((asyncio.get_running_loop(), ended))
            return True

    def leave(self, ended: asyncio.Event) -> None:
        """Count a stream no longer."""
        with self._lock:
            self._open = {pair for pair in self._open if pair[1] is not ended}

    @property
    def n_open(self) -> int:
        """How many there are."""
        return len(self._open)

    @property
    def is_full(self) -> bool:
        """Whether no other stream may begin."""
        return self._is_closed or self.n_open >= self._most

    def close(self) -> None:
        """End all streams, and begin none any more."""
        with self._lock:
            self._is_closed = True
            for loop, ended in self._open:
                loop.call_soon_threadsafe(ended.set)


class EventStream(Response):
    """A response that goes on until its client leaves, takes nothing, or the server ends."""

    media_type = EVENT_STREAM

    def __init__(self, streams: Streams, more: More, max_stall_s: float) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._streams = streams
        self._more = more
        self._max_stall_s = max_stall_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is, as there is more."""
        ended = asyncio.Event()
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if IS_HEAD not in scope and self._streams.enter(ended):
            leaving = asyncio.create_task(_wait_for_end(receive, ended))
            try:
                with suppress(*_ENDED):
                    await self._send_all(send, ended)
            finally:
                leaving.cancel()
                self._streams.leave(ended)
        with suppress(*_ENDED):
            await asyncio.wait_for(
                send({"type": "http.response.body", "body": b"", "more_body": False}),
                self._max_stall_s,
            )

    async def _send_all(self, send: Send, ended: asyncio.Event) -> None:
        async for text in self._more(ended):
            # This waits while the client does not read: nothing is kept for it meanwhile.
            await asyncio.wait_for(
                send({"type": "http.response.body", "body": text, "more_body": True}),
                self._max_stall_s,
            )


async def _wait_for_end(receive: Receive, ended: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    ended.set()
