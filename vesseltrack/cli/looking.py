"""The commands that show what a store holds: leads, show, export."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vesseltrack.cli.options import (
    DEFAULT_STORE,
    BBoxOption,
    KindsOption,
    MmsiOption,
    SinceOption,
    StoreOption,
    UntilOption,
    box,
    instant,
)


class LeadsFormat(StrEnum):
    """How `leads` writes the list."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    GEOJSON = "geojson"


def leads(
    store: StoreOption = DEFAULT_STORE,
    top: Annotated[int, typer.Option("--top", min=1, help="How many.")] = 20,
    format_: Annotated[
        LeadsFormat, typer.Option("--format", help="How to write them.")
    ] = LeadsFormat.TABLE,
) -> None:
    """Print which vessels to look at first, and why.

    Example: vesseltrack leads --top 5 --format json
    """
    from vesseltrack import exports
    from vesseltrack.cli import story
    from vesseltrack.schema.plain import plain_rows
    from vesseltrack.store import Filter, Store

    opened = Store.open(store)
    if format_ is LeadsFormat.TABLE:
        story.print_leads(opened, top=top)
        return
    rows = opened.select("leads", Filter(), limit=top)
    if format_ is LeadsFormat.JSON:
        print(json.dumps(plain_rows(rows), indent=2, ensure_ascii=False, allow_nan=False))
    elif format_ is LeadsFormat.CSV:
        print(exports.csv_text(rows), end="")
    else:
        print(exports.geojson_text(opened, "leads", rows))


def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Vessel, voyage, event, ...")],
    store: StoreOption = DEFAULT_STORE,
    raw: Annotated[bool, typer.Option("--raw", help="Print the original lines.")] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw it on a chart.", metavar="FILE.png")
    ] = None,
) -> None:
    """Show a vessel, voyage or event in full.

    With its measures, and its evidence down to the lines of the archive.

    Example: vesseltrack show 209515000 --plot polar.png
    """
    from vesseltrack.cli import detail, evidence
    from vesseltrack.store import Store

    opened = Store.open(store)
    table, row = detail.find(opened, identifier)
    detail.print_row(opened, table, row)
    if raw:
        evidence.print_raw(opened, table, row)
    if plot is not None:
        from vesseltrack.plots import plot_row

        plot_row(opened, table, row, plot)
        typer.echo(f"drawn: {plot}")


def export(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="events, tracks, voyages, leads, ...")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            help=".csv .jsonl .geojson .geojsonl .parquet .fgb .gpkg; tracks also .mfjson",
            metavar="FILE",
        ),
    ],
    store: StoreOption = DEFAULT_STORE,
    bbox: BBoxOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    mmsi: MmsiOption = None,
    kind: KindsOption = None,
) -> None:
    """Write a table to a file.

    The format is that of the file's ending.

    Example: vesseltrack export events --kind encounter --output encounters.gpkg
    """
    from vesseltrack import exports
    from vesseltrack.store import Filter, Store

    wanted = Filter(
        bbox=box(bbox),
        since=instant(since, "--since"),
        until=instant(until, "--until"),
        mmsi=mmsi,
        kinds=tuple(kind or ()),
    )
    n_rows = exports.export(Store.open(store), table, output, wanted)
    typer.echo(f"{output}: {n_rows:,} rows")
