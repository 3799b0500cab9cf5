"""The command that looks after a store: verify."""

from typing import Annotated

import typer

from vesseltrack.cli.options import DEFAULT_STORE, StoreOption
from vesseltrack.errors import StoreDamagedError


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
