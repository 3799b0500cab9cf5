"""Archives into the store."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from vesseltrack import ingest
from vesseltrack.config.ingest import IngestConfig
from vesseltrack.config.settings import section
from vesseltrack.engine.known import KnownSources
from vesseltrack.engine.progress import Progress, silent
from vesseltrack.errors import SourceError
from vesseltrack.store import Store

ArchivePath: TypeAlias = Path | Literal["-"]


@dataclass(frozen=True)
class Reading:
    """How archives are to be read.

    Attributes
    ----------
    format : str
        "auto" finds it by content; else one of the formats of `ingest`.
    start : datetime or None
        The time of the first line of archives without times.
    settings : IngestConfig
        Limits and settings.
    """

    format: str = "auto"
    start: dt.datetime | None = None
    settings: IngestConfig = section(IngestConfig)

    def sources(self, path: ArchivePath) -> Iterator[ingest.Source]:
        """Yield the sources of an archive; see `ingest.open_sources` for the errors."""
        return ingest.open_sources(
            path, format=self.format, start=self.start, config=self.settings
        )


AS_FOUND: Final = Reading()


@dataclass
class IngestOutcome:
    """What became of the paths that were read."""

    reports: list[ingest.SourceReport] = field(default_factory=list)
    already_stored: list[str] = field(default_factory=list)
    read_from: dict[str, int] = field(default_factory=dict)  # by name, the first line if not 1

    @property
    def problems(self) -> list[str]:
        """One line for each source that is not complete."""
        return [_named(r) for r in self.reports if r.status != "complete"]

    def add_failure(self, path: Path | str, reason: str) -> None:
        """Note a path that gave no source."""
        self.reports.append(ingest.SourceReport.failed(Path(path).name, reason))

    def as_json(self) -> dict[str, object]:
        """Return the `--report` document: every source, and totals."""
        return ingest.report_document(self.reports)


def _named(report: ingest.SourceReport) -> str:
    """Return what is wrong with a source, by its name."""
    error = report.error or report.status
    return error if report.name in error else f"{report.name}: {error}"


def ingest_paths(
    store: Store,
    paths: Sequence[ArchivePath],
    *,
    reading: Reading = AS_FOUND,
    progress: Progress = silent,
    outcome: IngestOutcome | None = None,
) -> IngestOutcome:
    """Read archives into the store.

    Each source is committed batch by batch, each with a checkpoint, and counted only once however
    often it is given: killed and run again it goes on where it was, and of a file that has grown
    the new part is read. A source that cannot be used is reported with the outcome and the others
    are read all the same.

    Parameters
    ----------
    store : Store
        Where the rows go.
    paths : sequence of Path or "-"
        Archives; "-" reads standard input.
    reading : Reading
        How the archives are to be read.
    progress : Progress
        Told the rows read of each source.
    outcome : IngestOutcome, optional
        Filled while it is read, so that it says how far that went when it fails.

    Returns
    -------
    outcome : IngestOutcome
        A report for each source, complete or not; the one given, if one was.

    Raises
    ------
    StoreError
        If the store is busy, full or damaged. What was committed before stays.
    """
    outcome = IngestOutcome() if outcome is None else outcome
    with store.writing():
        known = KnownSources(store)
        for path in paths:
            try:
                for source in reading.sources(path):
                    _ingest_source(store, known, source, outcome, progress)
            except SourceError as error:
                outcome.add_failure(path, str(error))
        store.fold_days()
    return outcome


def _ingest_source(
    store: Store,
    known: KnownSources,
    source: ingest.Source,
    outcome: IngestOutcome,
    progress: Progress,
) -> None:
    if source.report.status == "failed":  # a member of an archive that cannot be used
        outcome.reports.append(source.report)
        return
    number, checkpoint = known.find(source)
    if known.is_stored(source, number, checkpoint):
        stored = store.source(number)
        assert stored is not None, "what is stored has its row"
        outcome.reports.append(ingest.SourceReport.of_row({**stored, "name": source.name}))
        outcome.already_stored.append(source.name)
        return
    if checkpoint is not None:
        known.take_back_end(number, checkpoint)
        outcome.read_from[source.name] = source.read_on(number, checkpoint)
    rows = 0
    for n_rows in known.land(source, number):
        rows += n_rows
        progress(f"reading {source.name}", rows, None)
    outcome.reports.append(source.report)
    if source.report.status != "failed":
        store.finish_source(source.report.as_row(source))
