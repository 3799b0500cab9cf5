"""What the detectors are shown: fixes stretch by stretch, with what ended meanwhile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack import tracks
from vesseltrack.detect import Slice
from vesseltrack.engine.held import HeldVoyages
from vesseltrack.store import Stretch
from vesseltrack.units import US_PER_DAY

_ALL_TIME: Final = np.iinfo(np.int64)


@dataclass(frozen=True)
class Told:
    """What is told of vessels beside their fixes.

    Attributes
    ----------
    vessels, segments, said, strays : pyarrow.Table
        `VESSELS`, `SEGMENTS`, `SAID` and `STRAYS`.
    held : HeldVoyages
        Voyages and detours.
    last_us : int or None
        Time of the last fix of all [us]; None without any.
    bound : pyarrow.Table, optional
        `BOUND`; None: not looked into.
    """

    vessels: pa.Table
    segments: pa.Table
    said: pa.Table
    strays: pa.Table
    held: HeldVoyages
    last_us: int | None
    bound: pa.Table | None = None


def slices(built: tracks.Tracks, held: HeldVoyages) -> Iterator[tuple[Slice, int]]:
    """Yield the fixes day by day, with what ended by then, and each slice's watermark [us].

    The last watermark is the last fix: the end of an archive is not the passing of time.
    """
    t_us = built.fixes["timestamp"].cast(pa.int64()).to_numpy()
    last_us = int(t_us[-1]) if t_us.size else None
    told = Told(built.vessels, built.segments, built.said, built.strays, held, last_us)
    return slices_of(told, _days(built.fixes))


def slices_of(told: Told, stretches: Iterable[Stretch]) -> Iterator[tuple[Slice, int]]:
    """Yield stretches of fixes as `slices` does.

    Parameters
    ----------
    told : Told
        What goes with them.
    stretches : iterable of Stretch
        `FIXES` of all time, in order.
    """
    for stretch in stretches:
        span = stretch.start_us, stretch.stop_us
        voyages = _between(told.held.voyages, *span, "end")
        is_last = stretch.stop_us == _ALL_TIME.max
        watermark_us = told.last_us if is_last and told.last_us is not None else stretch.stop_us
        yield (
            Slice(
                fixes=stretch.rows,
                segments=_between(told.segments, *span, "end"),
                voyages=voyages,
                vessels=told.vessels,
                detours=told.held.detours.filter(
                    pc.is_in(told.held.detours["voyage_id"], value_set=voyages["voyage_id"])
                ),
                said=_between(told.said, *span, "timestamp"),
                strays=_between(told.strays, *span, "timestamp"),
                bound=None if told.bound is None else _between(told.bound, *span, "timestamp"),
            ),
            watermark_us,
        )


def _days(fixes: pa.Table) -> Iterator[Stretch]:
    t_us = fixes["timestamp"].cast(pa.int64()).to_numpy()
    days = np.unique(t_us // US_PER_DAY).tolist()  # years may lie between two of them
    start_us = int(_ALL_TIME.min)
    for nth, day in enumerate(days):
        stop_us = (day + 1) * US_PER_DAY if nth + 1 < len(days) else int(_ALL_TIME.max)
        first, stop = np.searchsorted(t_us, [start_us, stop_us])
        yield Stretch(nth, start_us, stop_us, fixes.slice(first, stop - first))
        start_us = stop_us


def _between(table: pa.Table, start_us: int, stop_us: int, column: str) -> pa.Table:
    t_us = table[column].cast(pa.int64())
    return table.filter(pc.and_(pc.greater_equal(t_us, start_us), pc.less(t_us, stop_us)))
