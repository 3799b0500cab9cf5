"""The commands that look after a store: anchorages, verify."""

from typing import Annotated

import typer

from vesseltrack.cli.console import print_table
from vesseltrack.cli.options import DEFAULT_STORE, ConfigOption, StoreOption
from vesseltrack.errors import StoreDamagedError


def anchorages(store: StoreOption = DEFAULT_STORE, config: ConfigOption = None) -> None:
    """Find anchorages in the stored positions.

    Cells in which many vessels stayed for long, in closed days. The next run uses them for port
    calls, beside the shipped ones; it does not change them.

    Example: vesseltrack anchorages --store baltic
    """
    from vesseltrack import engine
    from vesseltrack.config import load_config
    from vesseltrack.store import Store

    found = engine.discover_anchorages(Store.open(store), config=load_config(config))
    rows = [
        (row["anchorage_id"], f"{row['lat']:.4f}", f"{row['lon']:.4f}", f"{row['n_vessels']:,}")
        for row in found.to_pylist()
    ]
    columns = (
        ("Cell", "left"),
        ("Latitude", "right"),
        ("Longitude", "right"),
        ("Vessels", "right"),
    )
    print_table("Anchorages", columns, rows)


def verify(
    store: StoreOption = DEFAULT_STORE,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended, and say what was done.")
    ] = False,
) -> None:
    """Check the files of a store.

    Every file against its recorded hash, counts and order.

    Example: vesseltrack verify --store baltic
    """
    from vesseltrack.store import Store

    opened = Store.open(store)
    findings = opened.verify(repair=repair)
    if not findings:
        tables = opened.tables()
        rows = sum(tables.values())
        typer.echo(f"{store}: {len(tables)} tables, {rows:,} rows, every file as recorded")
        return
    for finding in findings:
        typer.echo(f"{finding.file} ({finding.table}): {finding.problem}; {finding.remedy}")
    if not repair:
        msg = f"{len(findings)} findings in {store}; listed above"
        raise StoreDamagedError(msg)
