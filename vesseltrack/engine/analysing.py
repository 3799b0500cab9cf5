"""What is stored into tracks, voyages, events and leads."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import routing, schema, tracks
from vesseltrack.config import Config
from vesseltrack.config.tracks import TrackPresets
from vesseltrack.core.identity import hash63
from vesseltrack.currents import currents_id
from vesseltrack.detect import DETECTORS, Detector, Slice, make_detector, presets_of
from vesseltrack.engine.ingesting import (
    AS_FOUND,
    ArchivePath,
    IngestOutcome,
    Reading,
    ingest_paths,
)
from vesseltrack.engine.memory import give_back_memory
from vesseltrack.engine.progress import Progress, silent
from vesseltrack.engine.sharding import build_in_shards
from vesseltrack.engine.slicing import slices_of
from vesseltrack.errors import ConfigError
from vesseltrack.leads import rank_leads
from vesseltrack.store import Filter, Scratch, Store, Stretch

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
        Told how many vessels are built, and how many days the detectors have seen.

    Returns
    -------
    summary : RunSummary
        Row counts, and the positions that took no part, by reason.
    """
    presets = dict(presets or {})
    config = _with_track_presets(config or Config(), presets)
    for kind in presets:
        presets_of(kind)  # one that does not exist is said at once
    detectors = [
        make_detector(kind, config.detect, presets.get(kind)) for kind in kinds or DETECTORS
    ]
    with store.writing():
        store.fold_days()  # what a feed left behind that was ended in haste
    give_back_memory()  # what the archives took
    with store.scratch(schema.FIXES) as fixes:
        built = build_in_shards(store, fixes, config, progress)
        routing.forget()  # detectors ask for none: they have its room
        give_back_memory()
        stretches = _counted(fixes, config.run.slice_rows, progress)
        events = find_events(detectors, slices_of(built.told, stretches))
    progress("leads", 0, 1)
    tables = {
        "vessels": built.told.vessels,
        "segments": built.told.segments,
        "port_calls": built.port_calls,
        "voyages": built.told.held.voyages,
        "ports": tracks.listed_ports(),
        "events": events,
        "leads": rank_leads(events, built.told.vessels, config=config.leads),
    }
    with store.writing():
        store.replace_all(tables, made_with=settings_number(config, kinds, presets))
    progress("leads", 1, 1)
    counts = {name: tables[name].num_rows for name in _DERIVED}
    return RunSummary(counts, built.discarded, built.notes)


def settings_number(
    config: Config,
    kinds: Sequence[str] | None = None,
    presets: Mapping[str, tuple[str, ...]] | None = None,
) -> int:
    """Return a number that is another whenever an analysis is made with something else.

    Of the settings, kinds and presets, and of what the file of currents holds;
    `Store.made_with("events")` gives that of a store.
    """
    given = currents_id(config.detect.drop_pickup.default.currents)
    wanted = tuple(kinds or DETECTORS), sorted((presets or {}).items())
    return hash63("analysis", repr(config), repr(wanted), given)


def _counted(fixes: Scratch, max_rows: int, progress: Progress) -> Iterator[Stretch]:
    """Yield the fixes stretch by stretch, and tell how many days are done."""
    for stretch in fixes.stretches(max_rows):
        progress("days", stretch.nth_day, fixes.n_days)
        yield stretch
    progress("days", fixes.n_days, fixes.n_days)


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


def find_events(detectors: Sequence[Detector], pieces: Iterator[tuple[Slice, int]]) -> pa.Table:
    """Push every slice through every detector and return all events, in key order."""
    found = [schema.EVENTS.empty()]
    for piece, watermark_us in pieces:
        found += [detector.push(piece, watermark_us) for detector in detectors]
    found += [detector.flush() for detector in detectors]
    return pa.concat_tables(found).sort_by([(name, "ascending") for name in schema.EVENTS.key])
