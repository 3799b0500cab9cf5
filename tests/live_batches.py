"""Archives as a live feed brings them: in batches, out of order, with restarts."""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from track_tables import tracks_of
from vesseltrack import schema
from vesseltrack.config import Config
from vesseltrack.detect import DETECTORS, make_detector
from vesseltrack.engine import NOT_LIVE, HeldVoyages, LiveEngine, find_events, slices

KINDS = tuple(kind for kind in DETECTORS if kind not in NOT_LIVE)
Event = dict[str, Any]


def times(rows: pa.Table) -> np.ndarray:
    return rows["timestamp"].cast(pa.int64()).fill_null(0).to_numpy()


def batches(
    positions: pa.Table, statics: pa.Table, n: int, rng: np.random.Generator, lateness_us: int
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield both tables in n batches, each row up to the lateness after its time."""
    tables, came_us = [], []
    for rows in (positions, statics):
        at_us = times(rows) + rng.integers(0, max(lateness_us, 1), rows.num_rows)
        order = np.argsort(at_us, kind="stable")
        tables.append(rows.take(pa.array(order)))
        came_us.append(at_us[order])
    every = np.sort(np.concatenate(came_us))
    edges = every[np.sort(rng.integers(0, every.size, n - 1))]
    start = [0, 0]
    for edge in [*edges, every[-1] + 1]:
        stop = [int(np.searchsorted(at_us, edge)) for at_us in came_us]
        pieces = [rows.slice(a, b - a) for rows, a, b in zip(tables, start, stop, strict=True)]
        yield pieces[0], pieces[1]
        start = stop


def told_live(
    positions: pa.Table,
    statics: pa.Table,
    config: Config,
    *,
    n: int = 1,
    seed: int = 0,
    restart_frac: float = 0.0,
) -> dict[str, Event]:
    """Return the last word on each event, those withdrawn left out.

    On the way identifiers, revisions and states are checked for what they promise.
    """
    rng = np.random.default_rng(seed)
    engine, told = LiveEngine(config), {}
    sent: list[tuple[pa.Table, pa.Table]] = []
    lateness_us = round(config.live.lateness_s * 1e6)
    for batch in batches(positions, statics, n, rng, lateness_us if n > 1 else 0):
        _take(told, engine.push(*batch))
        sent.append(batch)
        if rng.random() < restart_frac:
            engine = restarted(engine, config, sent, told)
    assert engine.n_late == 0
    before = pickle.dumps(engine.state())
    _take(told, engine.finish())
    assert pickle.dumps(engine.state()) == before
    return {name: event for name, event in told.items() if event["status"] != "withdrawn"}


def restarted(
    engine: LiveEngine,
    config: Config,
    sent: list[tuple[pa.Table, pa.Table]],
    told: dict[str, Event],
) -> LiveEngine:
    """Return an engine that takes up the state of another, given what was later than that."""
    saved, watermark_us = pickle.dumps(engine.state()), engine.watermark_us
    engine = LiveEngine(config)
    engine.restore(pickle.loads(saved))  # noqa: S301 - our own
    for batch in sent[-4:] if watermark_us is not None else sent:
        later = [rows.filter(pa.array(times(rows) > (watermark_us or 0))) for rows in batch]
        _take(told, engine.push(later[0], later[1]))
    return engine


def _take(told: dict[str, Event], changed: pa.Table) -> None:
    rows = changed.to_pylist()
    assert len({row["event_id"] for row in rows}) == len(rows)
    for row in rows:
        before = told.get(row["event_id"])
        if before is not None:
            assert before["status"] != "final"
            assert row["revision"] > before["revision"]
        told[row["event_id"]] = row


def in_archive(positions: pa.Table, statics: pa.Table, config: Config) -> dict[str, Event]:
    """Return the events of the same rows as an archive, of the kinds that are told live."""
    held = HeldVoyages(schema.VOYAGES.empty(), schema.DETOURS.empty())
    built = tracks_of(positions, said=statics)
    detectors = [make_detector(kind, config.detect) for kind in KINDS]
    events = find_events(detectors, slices(built, held)).to_pylist()
    return {event["event_id"]: event for event in events}


def differences(live: dict[str, Event], archive: dict[str, Event]) -> set[tuple[str, str, str]]:
    """Return kind, vessel and what differs: `live` or `archive` alone, or the columns."""
    found = set()
    for event_id in live.keys() | archive.keys():
        one, other = live.get(event_id), archive.get(event_id)
        if one is None or other is None:
            alone = one or other
            assert alone is not None
            what = "archive" if one is None else "live"
            found.add((alone["kind"], alone["vessel_id"], what))
            continue
        columns = [name for name in one if name != "revision" and one[name] != other[name]]
        if columns:
            found.add((one["kind"], one["vessel_id"], ",".join(sorted(columns))))
    return found


def without_revision(events: dict[str, Event]) -> dict[str, Event]:
    return {name: event | {"revision": 0} for name, event in events.items()}
