"""The commands that work through archives: demo, run, detect, replay."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from vesseltrack.cli import account
from vesseltrack.cli.console import progress_bar
from vesseltrack.cli.options import (
    DEFAULT_STORE,
    ConfigOption,
    CurrentsOption,
    FormatOption,
    KindsOption,
    PathsArgument,
    PresetsOption,
    ReportOption,
    StartOption,
    StoreOption,
    archives,
    chosen_presets,
    configured,
    instant,
)


def demo(
    store: Annotated[
        Path | None, typer.Option("--store", help="Keep the store here.", metavar="DIR")
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the lists.")] = False,
    host: Annotated[str, typer.Option("--host", help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8000,
) -> None:
    """Run the shipped archives, print the leads, serve the map.

    Example: vesseltrack demo --no-serve
    """
    if store is not None:
        _demo(store, no_serve=no_serve, host=host, port=port)
        return
    with tempfile.TemporaryDirectory(prefix="vesseltrack-demo-") as folder:
        _demo(Path(folder) / "store", no_serve=no_serve, host=host, port=port)


def _demo(path: Path, *, no_serve: bool, host: str, port: int) -> None:
    from importlib.resources import as_file, files

    from vesseltrack import engine
    from vesseltrack.cli import story
    from vesseltrack.cli.serving import serve_store
    from vesseltrack.store import Store

    store = Store.open(path, create=True)
    with as_file(files("vesseltrack") / "data" / "demo") as folder, progress_bar() as progress:
        archives = sorted(p for p in folder.iterdir() if p.suffix in {".gz", ".zst"})
        outcome, _ = engine.run(store, archives, progress=progress)
    account.print_sources(outcome)
    story.print_voyages(store)
    story.print_leads(store, top=story.DEMO_LEADS)
    account.fail_if_incomplete(outcome)
    if not no_serve:
        serve_store(path, host=host, port=port)


def run(
    paths: PathsArgument,
    store: StoreOption = DEFAULT_STORE,
    format_: FormatOption = "auto",
    start: StartOption = None,
    config: ConfigOption = None,
    currents: CurrentsOption = None,
    report: ReportOption = None,
) -> None:
    """Read archives and find voyages, events and leads.

    The main job. It can be run again with more archives; each is read once.

    Example: vesseltrack run ais-2021-01-08.csv.zip --store baltic
    """
    from vesseltrack import engine
    from vesseltrack.cli import story
    from vesseltrack.store import Store

    settings = configured(config, currents)
    since = instant(start, "--start")
    with account.reporting(report) as outcome:
        account.check_exist(paths, outcome)
        opened = Store.open(store, create=True)
        with progress_bar() as progress:
            engine.ingest_paths(
                opened,
                archives(paths),
                reading=engine.Reading(format_, since, settings.ingest),
                progress=progress,
                outcome=outcome,
            )
            account.check_any_use(outcome)
            engine.analyse(opened, config=settings, progress=progress)
    account.print_sources(outcome)
    story.print_leads(opened, top=story.DEMO_LEADS)
    account.fail_if_incomplete(outcome)


def detect(
    store: StoreOption = DEFAULT_STORE,
    kind: KindsOption = None,
    preset: PresetsOption = None,
    config: ConfigOption = None,
    currents: CurrentsOption = None,
) -> None:
    """Recompute events and leads from what is stored.

    Tracks and voyages as well, so that other settings take effect.

    Example: vesseltrack detect --preset loitering=gfw --preset loitering=default
    """
    from vesseltrack import engine
    from vesseltrack.cli import story
    from vesseltrack.store import Store

    presets = chosen_presets(preset)
    opened = Store.open(store)
    with progress_bar() as progress:
        summary = engine.analyse(
            opened,
            config=configured(config, currents),
            kinds=kind,
            presets=presets,
            progress=progress,
        )
    story.print_counts(summary)
