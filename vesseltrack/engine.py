"""The order of the stages: archives into the store, and what is stored into events and leads.

The only module that knows all stages. It hands one stage what another made: shortest sea
distances to tracks, routes to voyages, everything to detect in slices of event time.
"""

import contextlib
import datetime as dt
import itertools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import ingest, routing, schema, tracks
from vesseltrack.config import Config
from vesseltrack.core.identity import vessel_id
from vesseltrack.core.paths import max_cross_track_m
from vesseltrack.core.runs import offsets_of_sorted
from vesseltrack.detect import DETECTORS, Detector, Slice, make_detector
from vesseltrack.errors import RouteError, SourceError
from vesseltrack.leads import rank_leads
from vesseltrack.store import Filter, Store
from vesseltrack.units import US_PER_DAY, US_PER_S, m_to_nm

EVERYTHING: Final = Filter()
REPLAY_STEP_S: Final = 1.0  # how often a replay stores what has come due [s of the clock]
_DERIVED: Final = ("vessels", "segments", "port_calls", "voyages", "ports", "events", "leads")


class Progress(Protocol):
    """Is told how far a long piece of work has come."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Take `done` of `total` (None when that is not known) pieces of `what`."""


def silent(what: str, done: int, total: int | None) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Reading:
    """How archives are to be read.

    Attributes
    ----------
    format : str
        "auto" finds it by content; else one of the formats of `ingest`.
    start : datetime or None
        The time of the first line of archives without times.
    """

    format: str = "auto"
    start: dt.datetime | None = None


AS_FOUND: Final = Reading()
ArchivePath = Path | Literal["-"]


@dataclass
class IngestOutcome:
    """What became of the paths that were read."""

    reports: list[ingest.SourceReport] = field(default_factory=list)
    already_stored: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """One line for each source that is not complete."""
        return [f"{r.name}: {r.error}" for r in self.reports if r.status != "complete"]

    def extend(self, other: "IngestOutcome") -> None:
        """Take in what became of further paths."""
        self.reports += other.reports
        self.already_stored += other.already_stored

    def add_failure(self, path: Path | str, reason: str) -> None:
        """Note a path that gave no source."""
        self.reports.append(ingest.SourceReport.failed(Path(path).name, reason))

    def as_json(self) -> dict[str, object]:
        """Return the `--report` document: every source, and totals."""
        return ingest.report_document(self.reports)


def ingest_paths(
    store: Store,
    paths: Sequence[ArchivePath],
    *,
    reading: Reading = AS_FOUND,
    config: Config | None = None,
    progress: Progress = silent,
) -> IngestOutcome:
    """Read archives into the store.

    Each source is committed batch by batch and counted only once, however often it is given. A
    source that cannot be used is reported with the outcome and the others are read all the same.

    Parameters
    ----------
    store : Store
        Where the rows go.
    paths : sequence of Path or "-"
        Archives; "-" reads standard input.
    reading : Reading
        How the archives are to be read.
    config : Config, optional
        Settings; the defaults without it.
    progress : Progress
        Told the bytes read of each source.

    Returns
    -------
    outcome : IngestOutcome
        A report for each source, complete or not.

    Raises
    ------
    StoreError
        If the store is busy, full or damaged. What was committed before stays.
    """
    settings = (config or Config()).ingest
    outcome = IngestOutcome()
    with store.writing():
        for path in paths:
            try:
                for source in ingest.open_sources(
                    path, format=reading.format, start=reading.start, config=settings
                ):
                    _ingest_source(store, source, outcome, progress)
            except SourceError as error:
                outcome.add_failure(path, str(error))
        store.fold_days()
    return outcome


def _ingest_source(
    store: Store, source: ingest.Source, outcome: IngestOutcome, progress: Progress
) -> None:
    stored = store.source(source.source_id)
    if stored is not None:
        outcome.reports.append(ingest.SourceReport.of_row(stored))
        outcome.already_stored.append(source.name)
        return
    rows = 0
    for n, batch in enumerate(source.batches()):
        store.land(source.source_id, n, batch.received, batch.statics, batch.rejects)
        rows += batch.received.num_rows
        progress(f"reading {source.name}", rows, None)
    outcome.reports.append(source.report)
    if source.report.status != "failed":
        store.finish_source(source.report.as_row(source))


def replay_paths(
    store: Store,
    paths: Sequence[Path],
    *,
    speed: float,
    reading: Reading = AS_FOUND,
    config: Config | None = None,
    progress: Progress = silent,
) -> IngestOutcome:
    """Store positions as their time comes, then account for every line as `ingest_paths` does.

    Parameters
    ----------
    speed : float
        Seconds of event time in a second of the clock; infinity does not wait.

    Other parameters, the result and the errors are those of `ingest_paths`, and so is the store in
    the end: what was stored on the way is the same rows.
    """
    if math.isfinite(speed):
        settings = (config or Config()).ingest
        received = [schema.RECEIVED.empty()]
        for path in paths:
            with contextlib.suppress(SourceError):  # told by `ingest_paths` below, with the rest
                for source in ingest.open_sources(
                    path, format=reading.format, start=reading.start, config=settings
                ):
                    received += [batch.received for batch in source.batches()]
        _pace(store, pa.concat_tables(received), speed, progress)
    return ingest_paths(store, paths, reading=reading, config=config, progress=progress)


def _pace(store: Store, received: pa.Table, speed: float, progress: Progress) -> None:
    """Land rows when their event time has come, a clock's second at a time."""
    timed = received.filter(received["timestamp"].is_valid()).sort_by("timestamp")
    t_us = timed["timestamp"].cast(pa.int64()).to_numpy()
    begun, done = time.monotonic(), 0
    while done < t_us.size:
        event_us = t_us[0] + (time.monotonic() - begun) * speed * US_PER_S
        due = int(np.searchsorted(t_us, event_us, side="right"))
        if due > done:
            with store.writing():
                store.land_live(timed.slice(done, due - done))
                store.fold_days()
            done = due
            progress("replaying", done, t_us.size)
        time.sleep(REPLAY_STEP_S)


@dataclass(frozen=True)
class RunSummary:
    """How many rows of each derived table a run left."""

    counts: Mapping[str, int]
    discarded: Mapping[str, int]


def analyse(
    store: Store,
    *,
    config: Config | None = None,
    kinds: Sequence[str] | None = None,
    presets: Mapping[str, tuple[str, ...]] | None = None,
    progress: Progress = silent,
) -> RunSummary:
    """Recompute tracks, voyages, events and leads from the stored positions.

    Parameters
    ----------
    store : Store
        Read for positions and statics; every derived table is replaced, all in one step.
    config : Config, optional
        Settings; the defaults without it.
    kinds : sequence of str, optional
        Behaviours to look for; all that are known without it.
    presets : mapping, optional
        Presets by kind; the `default` preset without it.
    progress : Progress
        Told the stages, one after the other.

    Returns
    -------
    summary : RunSummary
        Row counts, and the positions that took no part, by reason.
    """
    config = config or Config()
    progress("tracks", 0, 4)
    positions = store.select("positions", EVERYTHING)
    built = tracks.build_tracks(
        positions,
        store.select("statics", EVERYTHING),
        config=config.tracks,
        sea_distance_nm=sea_distance_nm,
    )
    progress("routes", 1, 4)
    voyages = with_routes(built.voyages, built.fixes, built.vessels)
    progress("events", 2, 4)
    detectors = [
        make_detector(kind, config.detect, (presets or {}).get(kind))
        for kind in kinds or DETECTORS
    ]
    events = find_events(detectors, slices(built, voyages))
    progress("leads", 3, 4)
    tables = {
        "vessels": built.vessels,
        "segments": built.segments,
        "port_calls": built.port_calls,
        "voyages": voyages,
        "ports": tracks.listed_ports(),
        "events": events,
        "leads": rank_leads(events, built.vessels, config=config.leads),
    }
    with store.writing():
        store.replace_all(tables)
    progress("leads", 4, 4)
    return RunSummary({name: tables[name].num_rows for name in _DERIVED}, built.discarded)


def run(
    store: Store,
    paths: Sequence[ArchivePath],
    *,
    reading: Reading = AS_FOUND,
    config: Config | None = None,
    progress: Progress = silent,
) -> tuple[IngestOutcome, RunSummary]:
    """Do the main job: read the archives, then recompute everything that follows from them."""
    outcome = ingest_paths(store, paths, reading=reading, config=config, progress=progress)
    return outcome, analyse(store, config=config, progress=progress)


def sea_distance_nm(
    lat1: npt.NDArray[np.float64],
    lon1: npt.NDArray[np.float64],
    lat2: npt.NDArray[np.float64],
    lon2: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return shortest distances by sea between pairs of points [nm]; NaN where there is none."""
    found = routing.shortest_routes(lat1, lon1, lat2, lon2)
    return np.array(
        [np.nan if isinstance(route, RouteError) else route.distance_nm for route in found],
        dtype=np.float64,
    )


def with_routes(voyages: pa.Table, fixes: pa.Table, vessels: pa.Table) -> pa.Table:
    """Return voyages with the columns that hold them against the shortest route.

    A voyage whose ends have no route between them keeps nulls: an unknown is never a detour.
    """
    size_of = {
        row["vessel_id"]: (row["draught_m"], row["length_m"])
        for row in vessels.select(["vessel_id", "draught_m", "length_m"]).to_pylist()
    }
    track_of = _tracks_by_vessel(fixes)
    rows = voyages.to_pylist()
    for row in rows:
        draught_m, length_m = size_of[row["vessel_id"]]
        try:
            route = routing.shortest_route(
                (row["start_lat"], row["start_lon"]),
                (row["end_lat"], row["end_lon"]),
                draught_m=draught_m,
                length_m=length_m,
            )
        except RouteError:
            continue
        row.update(_held_against(route, row, track_of[row["vessel_id"]]))
    return schema.VOYAGES.of({name: [row[name] for row in rows] for name in schema.VOYAGES.names})


Track = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def _tracks_by_vessel(fixes: pa.Table) -> dict[str, Track]:
    """Return time [us], latitude and longitude of every vessel's fixes, in time order."""
    key = fixes["vessel_key"].to_numpy()
    order = np.argsort(key, kind="stable")  # fixes come in time order, which a stable sort keeps
    t_us = fixes["timestamp"].cast(pa.int64()).to_numpy()[order]
    lat, lon = fixes["lat"].to_numpy()[order], fixes["lon"].to_numpy()[order]
    offsets = offsets_of_sorted(key[order])
    return {
        vessel_id(int(key[order[a]])): (t_us[a:b], lat[a:b], lon[a:b])
        for a, b in itertools.pairwise(offsets)
    }


def _held_against(
    route: routing.Route, voyage: Mapping[str, object], track: Track
) -> dict[str, object]:
    t_us, lat, lon = track
    first, last = (_us(voyage[name]) for name in ("start", "end"))
    on_voyage = slice(*np.searchsorted(t_us, [first, last + 1]))
    travelled_nm = float(voyage["travelled_nm"])  # type: ignore[arg-type]  # a column of VOYAGES
    cross_track_m = max_cross_track_m(lat[on_voyage], lon[on_voyage], route.lat, route.lon)
    return {
        "shortest_nm": route.distance_nm,
        "excess_nm": travelled_nm - route.distance_nm,
        "detour_ratio": travelled_nm / route.distance_nm if route.distance_nm > 0 else None,
        "max_cross_track_nm": m_to_nm(cross_track_m),
        "passages": list(route.passages),
    }


def _us(instant: object) -> int:
    assert isinstance(instant, dt.datetime)
    return int(pa.scalar(instant, schema.TIMESTAMP).value)


def slices(built: tracks.Tracks, voyages: pa.Table) -> Iterator[tuple[Slice, int]]:
    """Yield the fixes day by day, with what ended by then, and each slice's watermark [us].

    The last watermark is the last fix: the end of an archive is not the passing of time.
    """
    t_us = built.fixes["timestamp"].cast(pa.int64()).to_numpy()
    if t_us.size == 0:
        return
    days = np.arange(t_us[0] // US_PER_DAY, t_us[-1] // US_PER_DAY + 1)
    days = days[np.isin(days, t_us // US_PER_DAY)]  # archives years apart are not a walk of days
    low = np.iinfo(np.int64).min
    for day in days:
        is_last = day == days[-1]
        high = np.iinfo(np.int64).max if is_last else int((day + 1) * US_PER_DAY)
        first, stop = np.searchsorted(t_us, [low, high])
        watermark = int(t_us[-1]) if is_last else high
        yield (
            Slice(
                fixes=built.fixes.slice(first, stop - first),
                segments=_ended(built.segments, low, high),
                voyages=_ended(voyages, low, high),
                vessels=built.vessels,
            ),
            watermark,
        )
        low = high


def _ended(table: pa.Table, low_us: int, high_us: int) -> pa.Table:
    end_us = table["end"].cast(pa.int64())
    return table.filter(pc.and_(pc.greater_equal(end_us, low_us), pc.less(end_us, high_us)))


def find_events(detectors: Sequence[Detector], pieces: Iterator[tuple[Slice, int]]) -> pa.Table:
    """Push every slice through every detector and return all events, in key order."""
    found = [schema.EVENTS.empty()]
    for piece, watermark_us in pieces:
        found += [detector.push(piece, watermark_us) for detector in detectors]
    found += [detector.flush() for detector in detectors]
    return pa.concat_tables(found).sort_by([(name, "ascending") for name in schema.EVENTS.key])
