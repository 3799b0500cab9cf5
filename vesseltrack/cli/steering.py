"""The command that steers a replay from another terminal: steer."""

from typing import TYPE_CHECKING, Annotated

import typer

from vesseltrack.cli.options import DEFAULT_STORE, StoreOption, instant
from vesseltrack.errors import VesseltrackError

if TYPE_CHECKING:
    from datetime import datetime

    from vesseltrack.schema import LiveStatus
    from vesseltrack.store import Store


def steer(
    store: StoreOption = DEFAULT_STORE,
    hold: Annotated[
        bool | None, typer.Option("--hold/--go", help="Hold it, or let it go on.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", help="Go on from this time (UTC), ahead or back.", metavar="TIME"),
    ] = None,
    end: Annotated[
        bool, typer.Option("--end", help="End it; what was played is stored and analysed.")
    ] = False,
) -> None:
    """Hold, move or end the replay that feeds a store; without an option say how far it is.

    Example: vesseltrack steer --store live --at 2021-01-08T06:00
    """
    from vesseltrack.store import Store

    moment = instant(at, "--at")
    if end and (hold is not None or moment is not None):
        msg = "ends the replay: not with --hold, --go or --at"
        raise typer.BadParameter(msg, param_hint="--end")
    opened = Store.open(store)
    status = _playing(opened)
    _check_within(moment, status)
    if end or hold is not None or moment is not None:
        opened.ask_replay(status.begun, is_paused=hold, at=moment, is_stopped=end)
    typer.echo(_said(status))


def _playing(store: "Store") -> "LiveStatus":
    """Return what the replay says of itself; a `VesseltrackError` where none is under way."""
    from vesseltrack.schema import LiveState

    status = store.live_status()
    is_over = status is not None and status.state in {LiveState.ANALYSING, LiveState.ENDED}
    if status is None or status.source != "replay" or is_over:
        msg = f"no replay feeds {store.path}; `vesseltrack replay` starts one"
        raise VesseltrackError(msg)
    return status


def _check_within(moment: "datetime | None", status: "LiveStatus") -> None:
    if moment is None:
        return
    is_early = status.since is not None and moment < status.since
    is_late = status.until is not None and moment > status.until
    if is_early or is_late:
        msg = f"{_time(moment)} is outside of what is played, {_span(status)}"
        raise typer.BadParameter(msg, param_hint="--at")


def _said(status: "LiveStatus") -> str:
    """Return how far a replay was when it was asked."""
    pace = "as fast as it can" if status.speed is None else f"{status.speed:g} times real time"
    place = "before its first position" if status.at is None else f"at {_time(status.at)}"
    return f"replay {status.state}: {place}, {pace}, of {_span(status)}"


def _span(status: "LiveStatus") -> str:
    return f"{_time(status.since)} to {_time(status.until)}"


def _time(moment: "datetime | None") -> str:
    return "an unknown time" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
