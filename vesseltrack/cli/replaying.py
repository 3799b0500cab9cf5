"""The command that replays archives: into a store as if live, or to another program."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vesseltrack.cli import account, feeds
from vesseltrack.cli.alerts import AlertLines
from vesseltrack.cli.console import progress_bar
from vesseltrack.cli.options import (
    DEFAULT_STORE,
    ConfigOption,
    CurrentsOption,
    FormatOption,
    KindsOption,
    PathsArgument,
    PresetsOption,
    StartOption,
    StoreOption,
    chosen_presets,
    configured,
    instant,
)

if TYPE_CHECKING:
    from vesseltrack.engine import Replay


def replay(
    paths: PathsArgument,
    speed: Annotated[
        str | None,
        typer.Option(
            "--speed",
            help="Times real time, or 'max'; without it max, but 1 with --to.",
            metavar="X|max",
        ),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    since: Annotated[
        str | None, typer.Option("--from", help="Begin at this time (UTC).", metavar="TIME")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="End at this time (UTC).", metavar="TIME")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve API and map meanwhile, until Ctrl-C.")
    ] = False,
    host: Annotated[str, typer.Option("--host", help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8000,
    kind: KindsOption = None,
    preset: PresetsOption = None,
    format_: FormatOption = "auto",
    start: StartOption = None,
    config: ConfigOption = None,
    currents: CurrentsOption = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="Send raw sentences there instead: tcp://HOST:PORT, udp://HOST:PORT or '-'.",
            metavar="URL",
        ),
    ] = None,
) -> None:
    """Replay archives in event time.

    Into the store, as if it were live: alerts are told as they arise. When the archives end, or
    with Ctrl-C, the store is analysed; after a whole replay it is that of `run`. Or, with --to,
    raw sentences to another program at the times at which they were received.

    Example: vesseltrack replay solent.nmea.zst --speed 60 --store live --serve
    """
    from vesseltrack import engine
    from vesseltrack.cli import story
    from vesseltrack.schema import LiveState
    from vesseltrack.store import Store

    factor = _speed(speed or ("max" if to is None else "1"))
    settings = configured(config, currents)
    reading = engine.Reading(format_, instant(start, "--start"), settings.ingest)
    begin, end = instant(since, "--from"), instant(until, "--until")
    if to is not None:
        _refuse_with_to(begin, end, serve=serve)
        feeds.play(paths, to, factor, reading, settings)
        return
    presets = chosen_presets(preset)
    outcome = engine.IngestOutcome()
    account.check_exist(paths, outcome)
    opened = Store.open(store, create=True)
    with ExitStack() as stack:
        hold = stack.enter_context(_served(store, host, port)) if serve else None
        progress = stack.enter_context(progress_bar())
        play = engine.Play(factor, begin, end, settings, progress, AlertLines().show)
        player = engine.Replay(
            opened,
            [Path(path) for path in paths],
            lambda: engine.LiveEngine(settings, kinds=kind, presets=presets),
            play=play,
            reading=reading,
        )
        with _stopped_by_signals(player):
            player.run(outcome)
        account.check_any_use(outcome)
        player.say(LiveState.ANALYSING)
        engine.analyse(opened, config=settings, kinds=kind, presets=presets, progress=progress)
        player.say(LiveState.ENDED)
        story.print_leads(opened, top=story.DEMO_LEADS)
        if hold is not None and not player.is_stopped:
            typer.echo("The archives have ended; Ctrl-C ends the service.")
            hold()
    account.fail_if_incomplete(outcome)


def _served(store: Path, host: str, port: int) -> Any:  # noqa: ANN401 - a context manager
    from vesseltrack.cli.serving import served_beside

    return served_beside(store, host=host, port=port)


def _refuse_with_to(begin: object, end: object, *, serve: bool) -> None:
    given = {"--from": begin is not None, "--until": end is not None, "--serve": serve}
    for name, is_given in given.items():
        if is_given:
            msg = "is for a replay into the store, not with --to"
            raise typer.BadParameter(msg, param_hint=name)


@contextmanager
def _stopped_by_signals(player: "Replay") -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is played; before it has begun they end all."""

    def stop(_number: int, _frame: Any) -> None:  # noqa: ANN401 - a frame of the interpreter
        if player.at is None:
            raise KeyboardInterrupt
        player.stop()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _speed(text: str) -> float:
    try:
        factor = float("inf") if text == "max" else float(text)
    except ValueError:
        factor = 0.0
    if not factor > 0:
        msg = f"{text!r} must be a number above 0, or 'max'"
        raise typer.BadParameter(msg, param_hint="--speed")
    return factor
