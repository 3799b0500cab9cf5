"""The commands that read archives: decode, ingest, rejects."""

from pathlib import Path
from typing import Annotated

import typer

from vesseltrack.cli import account
from vesseltrack.cli.console import progress_bar
from vesseltrack.cli.options import (
    DEFAULT_STORE,
    ConfigOption,
    FormatOption,
    PathsArgument,
    ReportOption,
    StartOption,
    StoreOption,
    archives,
    instant,
)


def decode(
    paths: PathsArgument,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Write here instead.", metavar="FILE.{jsonl,csv,parquet}"),
    ] = None,
    format_: FormatOption = "auto",
    start: StartOption = None,
    report: ReportOption = None,
    as_transmitted: Annotated[
        bool, typer.Option("--as-transmitted", help="Keep the codes for 'not available'.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Add the lines that each message came in.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Write AIS messages as rows.

    One JSON object a message on standard output, or a file of rows.

    Example: vesseltrack decode archive.nmea.gz --output messages.parquet
    """
    from vesseltrack.cli.messages import message_writer
    from vesseltrack.config import load_config
    from vesseltrack.ingest import decode as decode_messages

    settings = load_config(config).ingest
    since = instant(start, "--start")
    with account.reporting(report) as outcome:
        account.check_exist(paths, outcome)
        with message_writer(output, with_raw=raw) as write:
            for path in archives(paths):
                with account.noting_failure(str(path), outcome):
                    messages = decode_messages(
                        path,
                        format=format_,
                        start=since,
                        as_transmitted=as_transmitted,
                        with_raw=raw,
                        config=settings,
                    )
                    for message in messages:
                        write(message)
                    outcome.reports += messages.reports
    account.fail_if_incomplete(outcome)


def ingest(
    paths: PathsArgument,
    store: StoreOption = DEFAULT_STORE,
    format_: FormatOption = "auto",
    start: StartOption = None,
    config: ConfigOption = None,
    report: ReportOption = None,
) -> None:
    """Read archives into the store, and no more.

    Example: vesseltrack ingest day1.csv.gz day2.csv.gz --report account.json
    """
    from vesseltrack import engine
    from vesseltrack.config import load_config
    from vesseltrack.store import Store

    settings = load_config(config).ingest
    since = instant(start, "--start")
    with account.reporting(report) as outcome:
        account.check_exist(paths, outcome)
        opened = Store.open(store, create=True)
        with progress_bar() as progress:
            engine.ingest_paths(
                opened,
                archives(paths),
                reading=engine.Reading(format_, since, settings),
                progress=progress,
                outcome=outcome,
            )
    account.print_sources(outcome)
    account.fail_if_incomplete(outcome)


def rejects(
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help="Name or number of a source.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    retry: Annotated[bool, typer.Option("--retry", help="Read the rejected lines again.")] = False,
    format_: FormatOption = "auto",
    start: StartOption = None,
    config: ConfigOption = None,
) -> None:
    """List rejected lines, or read them again.

    Lines are escaped for a terminal; read again, they may be used under other settings.

    Example: vesseltrack rejects archive.nmea.gz --retry --config lenient.toml
    """
    from vesseltrack import engine, rejected
    from vesseltrack.cli.console import print_table
    from vesseltrack.config import load_config
    from vesseltrack.store import Store

    opened = Store.open(store)
    rows = rejected.lines(opened, source)
    if not retry:
        columns = (("Source", "left"), ("Line", "right"), ("Reason", "left"), ("Raw", "text"))
        listed = [(row["name"], row["line"], row["reason"], row["raw"]) for row in rows]
        print_table(f"Rejected lines: {len(rows):,}", columns, listed)
        return
    settings = load_config(config).ingest
    reading = engine.Reading(format_, instant(start, "--start"), settings)
    outcome = rejected.retry(opened, rows, reading=reading)
    account.print_sources(outcome)
    account.fail_if_incomplete(outcome)
