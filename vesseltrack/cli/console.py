"""What the command line shows while it works, and its tables."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from vesseltrack.cli.text import terminal_safe

MIN_TEXT_WIDTH = 12  # narrower than that, text is no longer read
MIN_WIDTH = 180  # the tables' width where the output is not a terminal


def standard_output() -> Console:
    """Return the console for results; wide enough for the tables when it is not a terminal."""
    width = None if sys.stdout.isatty() else MIN_WIDTH
    return Console(width=width, highlight=False, markup=False, soft_wrap=False)


@contextmanager
def progress_bar() -> Iterator[Any]:
    """Yield a `Progress` of the engine that draws on stderr; silent when that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what, done, total: None  # noqa: ARG005 - the engine's signature
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                for task in tasks.values():
                    bars.update(task, visible=False)
                tasks[what] = bars.add_task(terminal_safe(what), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield show


def print_table(
    title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]
) -> None:
    """Print a table of foreign values.

    Parameters
    ----------
    title : str
        Above the table.
    columns : sequence of (name, "left", "right" or "text")
        Heads and how they are set; only "text" is broken into lines.
    rows : sequence of sequences
        One value a column; None is shown as an empty cell.
    """
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name, kind in columns:
        table.add_column(
            name,
            justify="right" if kind == "right" else "left",
            overflow="fold",
            no_wrap=kind != "text",
            min_width=MIN_TEXT_WIDTH if kind == "text" else None,
        )
    for row in rows:
        table.add_row(*(Text("" if cell is None else terminal_safe(str(cell))) for cell in row))
    standard_output().print(table)
