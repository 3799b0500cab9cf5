"""The command that serves API and map: serve."""

import contextlib
import socket
from pathlib import Path
from typing import Annotated

import typer

from vesseltrack.cli.options import DEFAULT_STORE, StoreOption
from vesseltrack.errors import VesseltrackError


def serve(
    store: StoreOption = DEFAULT_STORE,
    host: Annotated[str, typer.Option("--host", help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8000,
) -> None:
    """Serve API and map over a store.

    Example: vesseltrack serve --store baltic --port 8080
    """
    from vesseltrack.store import Store

    Store.open(store)  # so that a missing store is told before the server starts
    serve_store(store, host=host, port=port)


def serve_store(path: Path, *, host: str, port: int) -> None:
    """Serve a store on an address that is free, and say where the map is."""
    import uvicorn

    from vesseltrack_api.app import create_app

    _check_free(host, port)
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"Map: http://{shown}:{port}/map   API: http://{shown}:{port}/   (Ctrl-C ends)")
    with contextlib.suppress(KeyboardInterrupt):  # the way it is meant to end
        uvicorn.run(create_app(path), host=host, port=port, log_level="warning", access_log=False)


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = f"cannot serve on {host} port {port}: {error.strerror}; try --port {port + 1}"
            raise VesseltrackError(msg) from error
