"""The command that serves API and map: serve."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vesseltrack.cli.options import DEFAULT_STORE, StoreOption
from vesseltrack.errors import VesseltrackError

if TYPE_CHECKING:
    from vesseltrack_api.server import Server

_THIS_MACHINE: Final = ("127.0.0.1", "::1", "localhost")
_LOOK_S: Final = 0.5  # a thread that is joined without a limit hears no Ctrl-C


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
    server = _server(path, host, port)
    typer.echo(f"{_where(host, port)}   (Ctrl-C ends)")
    with contextlib.suppress(KeyboardInterrupt):  # the way it is meant to end
        server.run()


@contextlib.contextmanager
def served_beside(path: Path, *, host: str, port: int) -> Iterator[Callable[[], None]]:
    """Serve a store in a thread while other work goes on.

    Yields
    ------
    hold : callable
        Goes on serving until Ctrl-C.
    """
    # Who is at this machine may hold and move the replay; who comes over a network may not.
    server = _server(path, host, port, may_steer=host in _THIS_MACHINE)
    thread = threading.Thread(target=server.run, name="serve", daemon=True)
    thread.start()
    typer.echo(_where(host, port))

    def hold() -> None:
        with contextlib.suppress(KeyboardInterrupt):
            while thread.is_alive():
                thread.join(_LOOK_S)

    try:
        yield hold
    finally:
        server.should_exit = True
        thread.join()


def _server(path: Path, host: str, port: int, *, may_steer: bool = False) -> "Server":
    from vesseltrack_api.app import create_app
    from vesseltrack_api.server import Server

    _check_free(host, port)
    return Server.of(create_app(path, may_steer=may_steer), host=host, port=port)


def _where(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"Map: http://{shown}:{port}/map   API: http://{shown}:{port}/"


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = f"cannot serve on {host} port {port}: {error.strerror}; try --port {port + 1}"
            raise VesseltrackError(msg) from error
