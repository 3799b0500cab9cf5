"""Which positions a segment is made of: its ranges, followed back into the stored days."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vesseltrack.core import runs
from vesseltrack.schema import TIMESTAMP

Ints = npt.NDArray[np.int64]

_RANGE_COLUMNS: Final = ("start", "start_nth", "end", "end_nth")


def flat_ranges(segments: pa.Table) -> pa.Table:
    """Return one row a range: `place` (of its segment among the rows), `mmsi` and its ends."""
    ranges = segments["fix_ranges"].combine_chunks()
    place = pc.list_parent_indices(ranges)
    flat = ranges.flatten()
    columns = {name: flat.field(name) for name in _RANGE_COLUMNS}
    return pa.table({"place": place, "mmsi": segments["mmsi"].take(place), **columns})


def rows_of_ranges(ranges: pa.Table, positions: pa.Table) -> tuple[Ints, Ints]:
    """Return the positions of each range, one range after the other.

    Parameters
    ----------
    ranges : pyarrow.Table
        As `flat_ranges` gives them.
    positions : pyarrow.Table
        `mmsi` and `timestamp` of at least the positions meant, in stored order.

    Returns
    -------
    range_number, position_row : (n,)
        What belongs to what.
    """
    start = np.zeros(ranges.num_rows, dtype=np.int64)
    stop = np.zeros(ranges.num_rows, dtype=np.int64)
    mmsi = positions["mmsi"].to_numpy()
    time_us = _time_us(positions["timestamp"])
    wanted_mmsi = ranges["mmsi"].to_numpy()
    wanted_start, wanted_end = (_time_us(ranges[name]) for name in ("start", "end"))
    start_nth, end_nth = (ranges[n].to_numpy().astype(np.int64) for n in ("start_nth", "end_nth"))
    for vessel in np.unique(wanted_mmsi):
        here = np.flatnonzero(wanted_mmsi == vessel)
        first, last = np.searchsorted(mmsi, [vessel, vessel + 1])
        times_us = time_us[first:last]
        start[here] = first + np.searchsorted(times_us, wanted_start[here]) + start_nth[here]
        stop[here] = first + np.searchsorted(times_us, wanted_end[here]) + end_nth[here] + 1
        stop[here] = np.minimum(stop[here], last)
    stop = np.maximum(start, stop)
    number = np.repeat(np.arange(ranges.num_rows), stop - start)
    return number, runs.ranges(start, stop)


def _time_us(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.cast(TIMESTAMP).cast(pa.int64()).to_numpy())
