"""What became of the archives that were given: shown, written as a report, and judged."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vesseltrack.cli.console import print_table
from vesseltrack.errors import SourceError

if TYPE_CHECKING:
    from vesseltrack.engine import IngestOutcome
    from vesseltrack.ingest import SourceReport


@contextmanager
def reporting(path: Path | None) -> Iterator["IngestOutcome"]:
    """Yield an outcome and write its report at the end, also when the work fails."""
    from vesseltrack.engine import IngestOutcome

    outcome = IngestOutcome()
    try:
        yield outcome
    finally:
        if path is not None:
            path.write_text(json.dumps(outcome.as_json(), indent=2) + "\n", encoding="utf-8")


@contextmanager
def noting_failure(path: str, outcome: "IngestOutcome") -> Iterator[None]:
    """Note a path that cannot be used with the outcome, and go on with the others."""
    try:
        yield
    except SourceError as error:
        outcome.add_failure(path, str(error))


def check_exist(paths: Sequence[str], outcome: "IngestOutcome") -> None:
    """Refuse the whole work before anything is stored when a path names no file.

    Raises
    ------
    SourceError
        Naming every path that is not there.
    """
    missing = [path for path in paths if path != "-" and not Path(path).is_file()]
    for path in missing:
        outcome.add_failure(path, _why_missing(path))
    if missing:
        msg = "; ".join(_why_missing(path) for path in missing) + "; nothing was read"
        raise SourceError(msg)


def _why_missing(path: str) -> str:
    return f"{path} is a folder, not a file" if Path(path).is_dir() else f"{path} does not exist"


def check_any_use(outcome: "IngestOutcome") -> None:
    """Refuse to go on when no source gave a row with a time.

    Raises
    ------
    SourceError
        With the reason of each source.
    """
    if outcome.reports and all(report.status == "failed" for report in outcome.reports):
        raise SourceError("; ".join(outcome.problems))
    if outcome.reports and all(report.first_time is None for report in outcome.reports):
        names = ", ".join(report.name for report in outcome.reports)
        msg = f"no time in {names}: its messages are counted but make no track; give the time "
        msg += "of the first line with --start TIME"
        raise SourceError(msg)


def fail_if_incomplete(outcome: "IngestOutcome") -> None:
    """End with an error when a source was cut short or could not be read.

    Raises
    ------
    SourceError
        Naming each such source and what is wrong with it.
    """
    if outcome.problems:
        raise SourceError("; ".join(outcome.problems))


def print_sources(outcome: "IngestOutcome") -> None:
    """Print one row a source: what its lines became."""
    columns = (
        ("Source", "text"),
        ("Lines", "right"),
        ("Used", "right"),
        ("Rejected", "text"),
        ("Ignored", "text"),
        ("Positions", "right"),
        ("Repeats", "right"),
        ("Vessels", "right"),
        ("From, to (UTC)", "text"),
        ("Rows/s", "right"),
        ("Status", "left"),
    )
    rows = [
        (
            report.name,
            f"{report.lines:,}",
            f"{report.used:,}",
            _by_reason(report.rejected),
            _by_reason(report.ignored),
            f"{report.positions:,}",
            f"{report.duplicates:,}",
            f"{report.vessels:,}",
            _span(report),
            "" if report.rows_per_s is None else f"{report.rows_per_s:,.0f}",
            _status(report, outcome),
        )
        for report in outcome.reports
    ]
    print_table("Sources", columns, rows)
    if outcome.reports and len(outcome.already_stored) == len(outcome.reports):
        print("Nothing new: all of it was stored before.")


def _status(report: "SourceReport", outcome: "IngestOutcome") -> str:
    if report.name in outcome.already_stored:
        return "stored before"
    first_line = outcome.read_from.get(report.name, 1)
    return report.status if first_line == 1 else f"{report.status}, from line {first_line:,}"


def _span(report: "SourceReport") -> str:
    if report.first_time is None or report.last_time is None:
        return "no times"
    first, last = f"{report.first_time:%Y-%m-%d %H:%M}", f"{report.last_time:%Y-%m-%d %H:%M}"
    return f"{first} to {last[11:] if first[:10] == last[:10] else last}"


def _by_reason(counts: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {reason}" for reason, n in sorted(counts.items())) or "0"
