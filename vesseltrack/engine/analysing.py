"""What is stored into tracks, voyages, events and leads."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import schema, tracks
from vesseltrack.config import Config
from vesseltrack.config.tracks import TrackPresets
from vesseltrack.detect import DETECTORS, Detector, Slice, make_detector, presets_of
from vesseltrack.engine.ingesting import (
    AS_FOUND,
    ArchivePath,
    IngestOutcome,
    Reading,
    ingest_paths,
)
from vesseltrack.engine.progress import Progress, silent
from vesseltrack.engine.voyages import HeldVoyages, hold_against_routes, sea_distance_nm
from vesseltrack.errors import ConfigError
from vesseltrack.leads import rank_leads
from vesseltrack.store import Filter, Store
from vesseltrack.units import US_PER_DAY

EVERYTHING: Final = Filter()
_DERIVED: Final = ("vessels", "segments", "port_calls", "voyages", "ports", "events", "leads")


@dataclass(frozen=True)
class RunSummary:
    """How many rows of each derived table a run left, and what it has to say of them."""

    counts: Mapping[str, int]
    discarded: Mapping[str, int]
    notes: Sequence[str] = ()


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
        Read for positions and statics, once what has landed is among them; every derived table is
        replaced, all in one step.
    config : Config, optional
        Settings; the defaults without it.
    kinds : sequence of str, optional
        Behaviours to look for; all that are known without it.
    presets : mapping, optional
        Presets by kind, and of `segments` and `port_calls`, which take one each; without it those
        that `config` names for the two, and the `default` preset of each kind.
    progress : Progress
        Told the stages, one after the other.

    Returns
    -------
    summary : RunSummary
        Row counts, and the positions that took no part, by reason.
    """
    presets = dict(presets or {})
    config = _with_track_presets(config or Config(), presets)
    for kind in presets:
        presets_of(kind)  # one that does not exist is said at once
    progress("tracks", 0, 4)
    with store.writing():
        store.fold_days()  # what a feed left behind that was ended in haste
    positions = store.select("positions", EVERYTHING)
    built = tracks.build_tracks(
        positions,
        store.select("statics", EVERYTHING),
        config=config.tracks,
        sea_distance_nm=sea_distance_nm,
        anchorages=store.select("anchorages", EVERYTHING),
    )
    progress("routes", 1, 4)
    held = hold_against_routes(built, rule=config.detect.route_deviation.default)
    progress("events", 2, 4)
    detectors = [
        make_detector(kind, config.detect, presets.get(kind)) for kind in kinds or DETECTORS
    ]
    events = find_events(detectors, slices(built, held))
    progress("leads", 3, 4)
    tables = {
        "vessels": built.vessels,
        "segments": built.segments,
        "port_calls": built.port_calls,
        "voyages": held.voyages,
        "ports": tracks.listed_ports(),
        "events": events,
        "leads": rank_leads(events, built.vessels, config=config.leads),
    }
    with store.writing():
        store.replace_all(tables)
    progress("leads", 4, 4)
    counts = {name: tables[name].num_rows for name in _DERIVED}
    return RunSummary(counts, built.discarded, built.notes)


def discover_anchorages(store: Store, *, config: Config | None = None) -> pa.Table:
    """Find the anchorages of the stored positions anew and store their table.

    Of closed days alone: the last day of the store may still grow. Runs from now on use the table
    as it is, until it is found anew.

    Returns
    -------
    anchorages : pyarrow.Table
        ANCHORAGES.
    """
    config = config or Config()
    positions = store.select("positions", EVERYTHING)
    day = positions["timestamp"].cast(pa.date32())
    last_day = pc.max(day)
    closed = positions.filter(pc.less(day, last_day)) if last_day.is_valid else positions
    found = tracks.find_anchorages(closed, config.tracks)
    with store.writing():
        store.replace("anchorages", found)
    return found


def _with_track_presets(config: Config, presets: dict[str, tuple[str, ...]]) -> Config:
    """Return the settings with the presets of tracks, which are taken out of those of kinds."""
    wanted = {
        field.name: presets.pop(field.name)
        for field in dataclasses.fields(TrackPresets)
        if field.name in presets
    }
    for name, chosen in wanted.items():
        if len(chosen) != 1:
            msg = f"{name} takes one preset; got {', '.join(chosen) or 'none'}"
            raise ConfigError(msg)
    if not wanted:
        return config
    named = {name: chosen[0] for name, chosen in wanted.items()}
    presets_of_tracks = dataclasses.replace(config.tracks.presets, **named)
    tracks_config = dataclasses.replace(config.tracks, presets=presets_of_tracks)
    return dataclasses.replace(config, tracks=tracks_config)


def run(
    store: Store,
    paths: Sequence[ArchivePath],
    *,
    reading: Reading = AS_FOUND,
    config: Config | None = None,
    progress: Progress = silent,
) -> tuple[IngestOutcome, RunSummary]:
    """Do the main job: read the archives, then recompute everything that follows from them."""
    outcome = ingest_paths(store, paths, reading=reading, progress=progress)
    return outcome, analyse(store, config=config, progress=progress)


def slices(built: tracks.Tracks, held: HeldVoyages) -> Iterator[tuple[Slice, int]]:
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
        voyages = _ended(held.voyages, low, high)
        watermark = int(t_us[-1]) if is_last else high
        yield (
            Slice(
                fixes=built.fixes.slice(first, stop - first),
                segments=_ended(built.segments, low, high),
                voyages=voyages,
                vessels=built.vessels,
                detours=held.detours.filter(
                    pc.is_in(held.detours["voyage_id"], value_set=voyages["voyage_id"])
                ),
                said=_between(built.said, low, high),
                strays=_between(built.strays, low, high),
            ),
            watermark,
        )
        low = high


def _ended(table: pa.Table, low_us: int, high_us: int) -> pa.Table:
    return _between(table, low_us, high_us, "end")


def _between(table: pa.Table, low_us: int, high_us: int, column: str = "timestamp") -> pa.Table:
    end_us = table[column].cast(pa.int64())
    return table.filter(pc.and_(pc.greater_equal(end_us, low_us), pc.less(end_us, high_us)))


def find_events(detectors: Sequence[Detector], pieces: Iterator[tuple[Slice, int]]) -> pa.Table:
    """Push every slice through every detector and return all events, in key order."""
    found = [schema.EVENTS.empty()]
    for piece, watermark_us in pieces:
        found += [detector.push(piece, watermark_us) for detector in detectors]
    found += [detector.flush() for detector in detectors]
    return pa.concat_tables(found).sort_by([(name, "ascending") for name in schema.EVENTS.key])
