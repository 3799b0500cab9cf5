"""The commands, in the order a user meets them."""

from typing import Annotated

import typer

from vesseltrack.cli import (
    feeds,
    looking,
    planting,
    reading,
    replaying,
    routes,
    running,
    serving,
    steering,
    upkeep,
)

app = typer.Typer(
    help="Which vessels should be looked at first, and why: AIS archives to ranked leads.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    running.demo,
    running.run,
    reading.decode,
    reading.ingest,
    reading.rejects,
    running.detect,
    looking.leads,
    looking.show,
    looking.export,
    routes.route,
    replaying.replay,
    steering.steer,
    feeds.listen,
    serving.serve,
    upkeep.anchorages,
    planting.plant,
    planting.evaluate,
    upkeep.verify,
):
    app.command(name=command.__name__)(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        from vesseltrack import __version__

        typer.echo(f"vesseltrack {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show it.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Answer which vessels should be looked at first, and why, from AIS archives."""
