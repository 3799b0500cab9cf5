"""The HTTP server of the application: it ends streams when it is told to end."""

import socket
from typing import Final, Self

import uvicorn
from fastapi import FastAPI

from vesseltrack_api.context import context_of

_GRACE_S: Final = 5  # for what is being answered when the server ends


class Server(uvicorn.Server):
    """A server that does not wait for clients of `/live`, which would never end."""

    @classmethod
    def of(cls, app: FastAPI, *, host: str, port: int) -> Self:
        """Return the server of an application, not yet started."""
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        return cls(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then whatever else is open."""
        assert isinstance(self.config.app, FastAPI)
        context = context_of(self.config.app)
        context.streams.close()
        context.replays.close()
        await super().shutdown(sockets)
